"""Building blocks of faults about paging: other spellings of tokens, other ways to end.

No faults stand here; see `mockserver.faults.next`, `page` and `healthy`.
"""

from collections.abc import Callable
from dataclasses import replace

from mockserver.exchange import Ask, Handler, Reply, Wrap
from mockserver.memory import Memory

__all__ = ["affixed", "ending_by", "numbered_tokens", "spelling_tokens"]

_NEVER_ISSUED = "!"

Spelling = str | int


def spelling_tokens(spell: Callable[[str], Spelling], read: Callable[[str], str | None]) -> Wrap:
    """Issue tokens in another spelling, which `read` takes back; None for one never issued."""

    def wrap(handler: Handler) -> Handler:
        def answer(ask: Ask) -> Reply:
            if ask.token:
                ask = replace(ask, token=read(ask.token) or _NEVER_ISSUED)
            reply = handler(ask)
            if not reply.is_page or not reply.document["next"]:
                return reply
            spelt = spell(reply.document["next"])
            return replace(reply, document={**reply.document, "next": spelt})

        return answer

    return wrap


def affixed(suffix: str) -> Wrap:
    """Issue tokens that end in the suffix, and refuse those that don't."""

    def read(token: str) -> str | None:
        return token.removesuffix(suffix) if token.endswith(suffix) else None

    return spelling_tokens(lambda token: token + suffix, read)


def numbered_tokens(spell: Callable[[int], Spelling]) -> Wrap:
    """Issue a number for each token; the server remembers which it was."""

    def wrap(handler: Handler) -> Handler:
        tokens: Memory[str] = Memory()
        numbers: Memory[int] = Memory()
        count = iter(range(2, 1_000_000_000))

        def number(token: str) -> Spelling:
            given = numbers.change(token, lambda known: known or next(count))
            tokens.change(str(given), lambda _: token)
            return spell(given)

        return spelling_tokens(number, tokens.get)(handler)

    return wrap


def ending_by(ending: Reply | None) -> Wrap:
    """Give even the last page a token; answer that by the ending, or by an empty list."""

    def wrap(handler: Handler) -> Handler:
        def answer(ask: Ask) -> Reply:
            reply = handler(ask)
            if not reply.is_page or reply.document["next"]:
                return reply
            if not reply.document["list"]:
                return ending or reply
            return replace(reply, document={**reply.document, "next": reply.onward})

        return answer

    return wrap
