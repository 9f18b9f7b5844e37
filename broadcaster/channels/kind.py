"""What a module in `kinds/` declares about its channels, and what a channel is made from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from broadcaster.channels.base import Channel

__all__ = ["ChannelKind", "ChannelSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """What a channel is made from, beside its address.

    `headers` go with each request; `success` says which answers count as accepted; `multicast`
    sends rows with the same text in one request; `timeout_seconds` bounds one request. `output` is
    where the console prints (None: standard output). A channel that is `query_only` answers
    questions, sends nothing and makes no file.
    """

    environ: Mapping[str, str] = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    success: str = ""
    multicast: bool = False
    timeout_seconds: float = 30.0
    ca_bundle: str | None = None
    output: TextIO | None = None
    query_only: bool = False


def _unchanged(address: str) -> str:
    return address


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """One kind of channel, as `--via NAME` or `--via NAME:ADDRESS` names it.

    `address` is the placeholder for the address in help texts; empty for a kind without one.
    `delivers` is False for a kind that reaches no people. `make` builds the channel without opening
    it, and raises WrongCommand. `absolute` makes an address independent of the current folder.
    `configured_by` names the environment variables any of which says that this kind is ready to
    use. `hint` tells whether a mistyped `--via` (the part before the first colon, the part after
    it) looks like an address of this kind; `hint_words` says what for.
    """

    name: str
    summary: str
    make: Callable[[str, ChannelSettings], Channel]
    address: str = ""
    delivers: bool = True
    takes_headers: bool = False
    takes_multicast: bool = False
    absolute: Callable[[str], str] = _unchanged
    configured_by: tuple[str, ...] = ()
    hint: Callable[[str, str], bool] = field(default=lambda _kind, _rest: False)
    hint_words: str = ""

    @property
    def usage(self) -> str:
        """What to type after `--via`."""
        return f"{self.name}:{self.address}" if self.address else self.name
