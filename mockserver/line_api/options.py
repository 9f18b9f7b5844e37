"""The options of `broadcast-mock line`, and the settings that they make."""

import argparse
from pathlib import Path

from mockserver.errors import BadOption
from mockserver.line_api.config import DEFAULT_TOKEN, Limits, LineConfig
from mockserver.line_api.faults import FAULTS, Faults
from schemas import __version__

__all__ = ["add_options", "config_of", "line_parser"]

_DEFAULT_PORT = 8809
_EPILOG = """\
faults, each with its probability, such as --fault answer_lost=0.05:
  answer_lost, reset_after, half_answer, hang_after, error_after
      the message is delivered, but the client gets no confirmation
  request_lost, reset_before, hang_before, error_before
      nothing is delivered
  rate_limited, concurrent
      429
  slow
      the correct response, late
docs/line-stand-in.md has the details, and the control API that changes all this at run time.
"""


def line_parser() -> argparse.ArgumentParser:
    """The parser of the command."""
    parser = argparse.ArgumentParser(
        prog="broadcast-mock line",
        description="A stand-in for LINE's Messaging API, and a sink for webhooks. It follows the "
        "rules that LINE documents, counts what each user received, and fails on demand.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options to a parser."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_DEFAULT_PORT,
        help=f"port to listen on (default: {_DEFAULT_PORT}; 0: any free port)",
    )
    parser.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="keep retry keys and deliveries in this file over a restart",
    )
    parser.add_argument(
        "--no-texts", action="store_true", help="keep only counts and hashes, for large tests"
    )
    parser.add_argument("--version", action="version", version=f"broadcast-mock line {__version__}")
    _add_channel(parser)
    _add_limits(parser)
    _add_webhook(parser)
    _add_faults(parser)


def _add_channel(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("channel")
    group.add_argument(
        "--token", default=DEFAULT_TOKEN, help=f"channel access token (default {DEFAULT_TOKEN})"
    )
    group.add_argument(
        "--unknown",
        action="append",
        default=[],
        metavar="ID",
        help="an id that no user has; ID* is a prefix; repeatable",
    )
    group.add_argument(
        "--blocked",
        action="append",
        default=[],
        metavar="ID",
        help="an id whose user blocked the account (accepted, not delivered); repeatable",
    )
    group.add_argument("--any-ids", action="store_true", help="accept any text as a user's id")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group, usual = parser.add_argument_group("limits"), Limits()
    group.add_argument(
        "--rate",
        type=float,
        default=usual.rate,
        metavar="N",
        help=f"pushes a second before 429 (default {usual.rate:g}; 0: no limit)",
    )
    group.add_argument(
        "--multicast-rate",
        type=float,
        default=usual.multicast_rate,
        metavar="N",
        help=f"multicasts a second (default {usual.multicast_rate:g}; 0: no limit)",
    )
    group.add_argument(
        "--concurrency",
        type=int,
        default=0,
        metavar="N",
        help="requests at the same time (default: no limit)",
    )
    group.add_argument(
        "--monthly-limit", type=int, metavar="N", help="messages a month (default: no limit)"
    )
    group.add_argument(
        "--retry-after",
        type=int,
        metavar="SECONDS",
        help="send Retry-After with 429 (LINE documents no such header)",
    )


def _add_webhook(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("webhooks, at /webhook")
    group.add_argument(
        "--webhook-secret",
        default="",
        metavar="SECRET",
        help="require a valid Standard Webhooks signature; SECRET is whsec_…",
    )
    group.add_argument(
        "--ignore-idempotency-key", action="store_true", help="treat every request as a new one"
    )


def _add_faults(parser: argparse.ArgumentParser) -> None:
    group, usual = parser.add_argument_group("faults"), Faults()
    group.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=P",
        help="play this fault with this probability, 0 to 1 (see below); repeatable",
    )
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="seed that decides which requests fail (default: 0)",
    )
    group.add_argument(
        "--fault-times",
        type=int,
        metavar="N",
        help="stop after this many faults (default: no limit)",
    )
    group.add_argument(
        "--burst",
        type=int,
        default=1,
        metavar="N",
        help="number of requests that one rate_limited refuses (default: 1)",
    )
    group.add_argument(
        "--slow",
        type=float,
        default=usual.slow_seconds,
        metavar="SECONDS",
        help=f"delay of a slow response (default {usual.slow_seconds:g})",
    )
    group.add_argument("--unauthorized", action="store_true", help="refuse every token with 401")
    group.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="duration of every response (default: 0)",
    )


def config_of(options: argparse.Namespace) -> LineConfig:
    """The settings that the options ask for; raises BadOption when one is wrong."""
    return LineConfig(
        token=options.token,
        unknown=tuple(options.unknown),
        blocked=tuple(options.blocked),
        any_ids=options.any_ids,
        limits=Limits(
            rate=options.rate,
            multicast_rate=options.multicast_rate,
            concurrency=options.concurrency,
            monthly=options.monthly_limit,
            retry_after_seconds=options.retry_after,
        ),
        faults=_faults_of(options),
        webhook_secret=options.webhook_secret,
        honour_idempotency_key=not options.ignore_idempotency_key,
        keep_texts=not options.no_texts,
        state=options.state,
    )


def _faults_of(options: argparse.Namespace) -> Faults:
    settings = {
        "seed": options.seed,
        "times": options.fault_times,
        "burst": options.burst,
        "slow_seconds": options.slow,
        "latency_seconds": options.latency,
        "unauthorized": options.unauthorized,
    }
    return Faults.of({**settings, **dict(map(_fault, options.fault))})


def _fault(text: str) -> tuple[str, float]:
    name, _, probability = text.partition("=")
    if name not in FAULTS:
        raise BadOption(f"unknown fault {name!r}; known are {', '.join(FAULTS)}")
    try:
        return name, float(probability)
    except ValueError:
        raise BadOption(f"--fault must be NAME=PROBABILITY, such as {name}=0.05") from None
