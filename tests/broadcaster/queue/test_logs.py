"""Logs are lines of JSON with our own fields, and nothing that a customer said."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from broadcaster.queue.logs import log_as_json

SECRET = "Dear Ana, your code is 1234"


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """What is logged; the loggers are put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = io.StringIO()
    log_as_json(found)
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_an_event_has_its_fields(output: io.StringIO) -> None:
    told = {"broadcast": "3f2ab1c2", "chunk": 500}
    logging.getLogger("broadcaster.queue").info("chunk_ended", extra=told)
    (line,) = lines(output)
    assert (line["event"], line["broadcast"], line["chunk"]) == ("chunk_ended", "3f2ab1c2", 500)
    assert line["level"] == "info"
    assert line["at"].endswith("+00:00")


def test_an_exception_is_told_by_its_type_and_place_alone(output: io.StringIO) -> None:
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("broadcaster.queue").exception("chunk_failed")
    (line,) = lines(output)
    assert line["exception"] == "ValueError"
    assert line["places"][0].startswith(__file__)
    assert SECRET not in output.getvalue()


def test_a_librarys_words_are_left_out(output: io.StringIO) -> None:
    logging.getLogger("psycopg.pool").warning("error with %s", SECRET)
    logging.getLogger("procrastinate").info("Starting job")
    (line,) = lines(output)
    assert (line["event"], line["logger"]) == ("library", "psycopg.pool")
    assert SECRET not in output.getvalue()
