"""Building blocks of faults about paging: other spellings of tokens, other ways to end.

No faults are here; see `mockserver.recipients.faults.next`, `page` and `healthy`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from mockserver.recipients.exchange import EndpointRequest, EndpointResponse, Handler, Wrap
from mockserver.recipients.memory import Memory

__all__ = ["affixed", "ending_by", "growing_keys", "numbered_tokens", "spelling_tokens"]

_NEVER_ISSUED = "!"

Spelling = str | int


def spelling_tokens(spell: Callable[[str], Spelling], read: Callable[[str], str | None]) -> Wrap:
    """Issue tokens in another spelling, which `read` takes back; None for one never issued."""

    def wrap(handler: Handler) -> Handler:
        def answer(request: EndpointRequest) -> EndpointResponse:
            if request.token:
                request = replace(request, token=read(request.token) or _NEVER_ISSUED)
            response = handler(request)
            if not response.is_page or not response.document["next"]:
                return response
            spelt = spell(response.document["next"])
            return replace(response, document={**response.document, "next": spelt})

        return answer

    return wrap


def affixed(suffix: str) -> Wrap:
    """Issue tokens that end in the suffix, and refuse those that don't."""

    def read(token: str) -> str | None:
        return token.removesuffix(suffix) if token.endswith(suffix) else None

    return spelling_tokens(lambda token: token + suffix, read)


def growing_keys() -> Iterator[int]:
    """Numbers that grow as the keys of a table do, with gaps of any size."""
    return (481_207 + 37 * number + 11 * (number * number % 13) for number in count())


def numbered_tokens(
    spell: Callable[[int], Spelling], count_up: Callable[[], Iterator[int]]
) -> Wrap:
    """Issue the next of the numbers for each token; the server remembers which it was."""

    def wrap(handler: Handler) -> Handler:
        tokens: Memory[str] = Memory()
        given: Memory[int] = Memory()
        numbers = count_up()

        def spelt(token: str) -> Spelling:
            number = given.change(token, lambda known: known or next(numbers))
            tokens.change(str(number), lambda _: token)
            return spell(number)

        return spelling_tokens(spelt, tokens.get)(handler)

    return wrap


def ending_by(ending: EndpointResponse | None) -> Wrap:
    """Give even the last page a token; answer that by the ending, or by an empty list."""

    def wrap(handler: Handler) -> Handler:
        def answer(request: EndpointRequest) -> EndpointResponse:
            response = handler(request)
            if not response.is_page or response.document["next"]:
                return response
            if not response.document["list"]:
                return ending or response
            return replace(response, document={**response.document, "next": response.onward})

        return answer

    return wrap
