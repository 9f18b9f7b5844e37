"""The settings of the window. They are validated: a WindowConfig that exists is a safe one."""

import ipaddress
from dataclasses import dataclass, field

from broadcaster.errors import WrongCommand

__all__ = ["FORM_BYTES", "CheckBudget", "WindowConfig"]

_SHORTEST_PASSWORD = 8
_SHORTEST_TOKEN = 16
FORM_BYTES = 256 * 1024
"""The maximum size of a request without files."""

_LOOPBACK_NAMES = ("localhost",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckBudget:
    """The limits of one check, and how long its report is kept. A time of None means no limit."""

    max_pages: int = 100_000
    max_load: int = 64
    timeout_seconds: float = 300.0
    seconds: float | None = None
    body_limit_bytes: int = 16 * 1024 * 1024
    kept_seconds: float | None = None


_PUBLIC_BUDGET = CheckBudget(
    max_pages=200,
    max_load=0,
    timeout_seconds=15.0,
    seconds=120.0,
    body_limit_bytes=2 * 1024 * 1024,
    kept_seconds=7 * 24 * 3600.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowConfig:
    """Sizes in bytes, times in seconds. Raises WrongCommand for what would not be safe.

    `names` are further host names under which the window is reached, behind a proxy for instance.
    `via` are the channels by which broadcasts may be sent, the default first; where there are none,
    those that the environment configures.
    `token` is part of the printed address where there is no password; None lets everybody in who
    reaches the window. `metrics_token` opens the figures at `/metrics`, and nothing else.
    `channel_ca_bundle` is a file of further authorities that channels over https trust.
    `allow_private` lets checks and loads reach addresses that are not public.
    """

    host: str = "127.0.0.1"
    port: int = 8322
    names: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    public_checker: bool = False
    allow_private: bool = False
    behind_proxy: bool = False
    via: tuple[str, ...] = ()
    channel_ca_bundle: str | None = None
    checks_at_once: int = 8
    checks_waiting: int = 100
    streams: int = 32
    upload_limit_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise WrongCommand("The port (--port) must be from 0 to 65535.")
        if self.checks_at_once < 1:
            raise WrongCommand("The number of checks at once (--checks-at-once) must be 1 or more.")
        if self.password is not None and len(self.password) < _SHORTEST_PASSWORD:
            raise WrongCommand(
                f"The password is too short: give {_SHORTEST_PASSWORD} characters or more."
            )
        if self.hosted and not self.public_checker and self.password is None:
            raise WrongCommand(
                "Others could reach this window, so it needs a password: set BROADCAST_PASSWORD, "
                "or name a file with --password-file; or serve the checker alone with "
                "--public-checker."
            )
        if self.public_checker and self.password is not None:
            raise WrongCommand(
                "--public-checker asks nobody for a password; leave one of them out."
            )

        self._check_token()

    def _check_token(self) -> None:
        token = self.metrics_token
        if token is None:
            return
        if self.public_checker:
            raise WrongCommand(
                "--public-checker serves no metrics; leave BROADCAST_METRICS_TOKEN out."
            )
        if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
            raise WrongCommand(
                f"BROADCAST_METRICS_TOKEN is {_SHORTEST_TOKEN} or more characters of ASCII."
            )

    @property
    def hosted(self) -> bool:
        """Whether others than the users of this machine may reach it."""
        return (
            not _is_loopback(self.host)
            or bool(self.names)
            or self.public_checker
            or self.behind_proxy
        )

    @property
    def reaches_private(self) -> bool:
        """Whether checks may go to addresses that are not public."""
        return self.allow_private or not self.hosted

    @property
    def request_limit_bytes(self) -> int:
        """The maximum size of a request."""
        return FORM_BYTES if self.public_checker else self.upload_limit_bytes

    @property
    def budget(self) -> CheckBudget:
        """The limits of a check in this window."""
        return _PUBLIC_BUDGET if self.public_checker else CheckBudget()

    @property
    def known_names(self) -> frozenset[str]:
        """The names that a Host header may hold, without ports."""
        own = {self.host} if self.host not in ("0.0.0.0", "::") else set()  # noqa: S104  named only
        if _is_loopback(self.host) or not own:
            own |= {"localhost", "127.0.0.1", "::1"}
        return frozenset(name.lower().strip("[]") for name in (*own, *self.names))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES
