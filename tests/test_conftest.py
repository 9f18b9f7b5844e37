"""What conftest.py offers does work."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

RequireProgram = Callable[[str, str], Path]


def test_the_private_postgresql_answers(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


def test_a_program_that_is_there_is_found(require_program: RequireProgram) -> None:
    assert require_program("sh", "").name == "sh"


def test_a_missing_program_is_told_with_the_way_to_get_it(require_program: RequireProgram) -> None:
    with pytest.raises(
        (pytest.skip.Exception, pytest.fail.Exception), match="To get it: look in the cellar"
    ):
        require_program("no-such-program", "look in the cellar")
