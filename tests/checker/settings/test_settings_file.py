"""The settings file: where it is found, and how a wrong one is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.core.errors import UsageError
from checker.settings.file import read_file, settings_file
from checker.settings.file_search import find_file
from checker.settings.toml_lines import line_of
from checker.settings.variables import SETTINGS
from schemas import CHANNELS, read


def write(folder: Path, text: str, name: str = "broadcast-check.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    return tmp_path / "repo"


def test_the_file_is_found_upwards(repository: Path) -> None:
    path = write(repository, "timeout = 1")
    deep = repository / "a" / "b"
    deep.mkdir(parents=True)
    assert find_file(deep) == path


def test_the_nearest_file_counts(repository: Path) -> None:
    write(repository, "timeout = 1")
    near = write(repository / "a", "timeout = 2")
    assert find_file(repository / "a") == near


def test_pyproject_counts_only_with_our_table(repository: Path) -> None:
    outer = write(repository, "[tool.broadcast-check]\ntimeout = 3", "pyproject.toml")
    write(repository / "a", "[tool.other]\nx = 1", "pyproject.toml")
    assert find_file(repository / "a") == outer
    assert read_file(outer).defaults == {"timeout": 3}


def test_a_broken_pyproject_of_others_is_not_our_concern(repository: Path) -> None:
    write(repository, "this is = = not TOML", "pyproject.toml")
    assert find_file(repository) is None


def test_our_own_file_goes_before_pyproject(repository: Path) -> None:
    write(repository, "[tool.broadcast-check]", "pyproject.toml")
    own = write(repository, "")
    assert find_file(repository) == own


def test_nothing_above_the_repository_is_read(repository: Path) -> None:
    write(repository.parent, "timeout = 1")
    assert find_file(repository) is None


def test_outside_of_a_repository_only_the_folder_is_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path, "timeout = 1")
    (tmp_path / "a").mkdir()
    assert find_file(tmp_path) == path
    assert find_file(tmp_path / "a") is None


def test_no_config_reads_none(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, "timeot = 1")
    monkeypatch.chdir(repository)
    assert settings_file(None, wanted=False).document == {}
    with pytest.raises(UsageError, match="cannot be combined with --no-config"):
        settings_file("x.toml", wanted=False)


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "broadcast-check.toml"
    path.write_bytes(b"\xef\xbb\xbftimeout = 4\r\nretries = 1\r\n")
    assert read_file(path).defaults == {"timeout": 4, "retries": 1}


WRONG = [
    ("timeot = 1", 1, "'timeot' is not known; did you mean 'timeout'?"),
    ("max_pages = 1", 1, "'max_pages' is not known; did you mean 'max-pages'?"),
    ("xyzzy = 1", 1, "'xyzzy' is not known."),
    ("\ntimeout = 'soon'", 2, "'timeout' must be a number, not a string."),
    ("timeout = true", 1, "'timeout' must be a number, not true or false."),
    ("timeout = 0", 1, "'timeout' must be more than 0."),
    ("timeout = nan", 1, "'timeout' must be a number, not infinity or NaN."),
    ("timeout = 2020-01-01", 1, "'timeout' must be a number, not a date or time."),
    ("retries = 1.5", 1, "'retries' must be a whole number, not a fraction."),
    ("retries = 11", 1, "'retries' must be 10 or less."),
    ("retries = -1", 1, "'retries' must be 0 or more."),
    ("load = 65", 1, "'load' must be 64 or less."),
    ("body-limit = 3", 1, "'body-limit' must be 1024 or more."),
    ("channel = 'pigeon'", 1, "'channel' must be 'line'."),
    ("strict = 1", 1, "'strict' must be true or false, not a whole number."),
    ("select = 'PAGE'", 1, "'select' must be a list, not a string."),
    ("select = ['PAGE', 3]", 1, "'select[1]' must be a string, not a whole number."),
    ("select = ['']", 1, "'select[0]' must not be empty."),
    ("ca-bundle = ''", 1, "'ca-bundle' must not be empty."),
    ('ca-bundle = "a\\u0000b"', 1, "'ca-bundle' must match ^[^"),
    ("probe-methods = ['P UT']", 1, "'probe-methods[0]' must match ^[A-Za-z]{3,20}$."),
    ('[endpoints."a\\n"]\nurl = 1', 1, "'endpoints.a\\n' is not a name for an endpoint"),
    ("token-param = ''", 1, "'token-param' must not be empty."),
    ("ignore = [3]", 1, "'ignore[0]' must be a string or a table, not a whole number."),
    ("ignore = [{rule = 'PERF004'}]", 1, "'ignore[0]' lacks 'reason'."),
    ("ignore = [{rule = 'PERF004', reason = ''}]", 1, "'ignore[0].reason' must not be empty."),
    ("endpoints = 3", 1, "'endpoints' must be a table, not a whole number."),
    ("timeout = 1\n\n[endpoints.orders]\ntimeout = 2", 3, "'endpoints.orders' lacks 'url'."),
    (
        "[endpoints.a]\nurl = 'u'\nheader = 'x'",
        3,
        "'endpoints.a.header' is not known; did you mean",
    ),
    (
        "[endpoints.a]\nurl = 'u'\n[endpoints.a.headers]\nX = 3",
        4,
        "'endpoints.a.headers.X' must be",
    ),
    ("[endpoints.a]\nurl = 'u'\nheaders = {X = 3}", 3, "'endpoints.a.headers.X' must be a string"),
    ("[endpoints.diff]\nurl = 'u'", 1, "'endpoints.diff' is not a name for an endpoint"),
    ("[endpoints.'a b']\nurl = 'u'", 1, "'endpoints.a b' is not a name for an endpoint"),
    ("show-data = true", 1, "'show-data' is not known"),
    ("timeout = 1\ntimeout = 2", 2, "this is not TOML ("),
    ("timeout = [\n", 1, "this is not TOML ("),
    ("\n\ntimeout 3", 3, "this is not TOML ("),
]


@pytest.mark.parametrize(("text", "line", "sentence"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_one_sentence_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: int, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_file(path)
    assert str(caught.value).startswith(f"broadcast-check.toml, line {line}: {sentence}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["timeout = 's3cr3t'", "[endpoints.a]\nurl=1\nheaders={X='s3cr3t'}"]
)
def test_a_wrong_file_is_refused_without_its_values(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_file(write(tmp_path, text))
    assert "s3cr3t" not in str(caught.value)


def test_the_line_is_that_of_pyproject(tmp_path: Path) -> None:
    text = "[project]\ntimeot = 1\n\n[tool.broadcast-check]\ntimeot = 1\n"
    with pytest.raises(UsageError, match=r"pyproject\.toml, line 5: 'timeot'"):
        read_file(write(tmp_path, text, "pyproject.toml"))


def test_a_named_pyproject_must_have_our_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no table \[tool\.broadcast-check\]"):
        read_file(write(tmp_path, "[project]", "pyproject.toml"))


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_file(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_file(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"timeout = 1\n# caf\xe9\n")
    with pytest.raises(UsageError, match=r"latin\.toml, line 2: TOML is UTF-8"):
        read_file(latin)
    large = write(tmp_path, "#" * (1024 * 1024 + 1), "large.toml")
    with pytest.raises(UsageError, match="over 1 MiB"):
        read_file(large)
    deep = write(tmp_path, "timeout = " + "[" * 5000, "deep.toml")
    with pytest.raises(UsageError, match=r"deep\.toml"):
        read_file(deep)


@given(st.text(alphabet="abt=[]{}.'\"\n #1-", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert line_of(text, ("a", "b")) in range(1, max(2, len(text.splitlines()) + 1))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("[t]\na = 1\n[u]\na = 2", ("u", "a"), 4),
        ("[t]\na.b = 1", ("t", "a", "b"), 2),
        ("[ t . u ] # x\n'a b' = 1", ("t", "u", "a b"), 2),
        ('[t]\n"x=y" = 1', ("t", "x=y"), 2),
        ("[t]\na = 1\n[[t.list]]\nb = 1", ("t", "list", 0), 3),
        ("a = 1", ("none",), 1),
        ("[t]\na = {b = 1}", ("t", "a", "b"), 2),
    ],
)
def test_lines_are_found(text: str, path: tuple[str | int, ...], line: int) -> None:
    assert line_of(text, path) == line


def test_the_schema_names_each_setting_at_both_places() -> None:
    schema = read("config")
    endpoint = set(schema["$defs"]["endpoint"]["properties"]) - {"url", "headers"}
    assert endpoint == set(SETTINGS) == set(schema["$defs"]) - {"endpoint"}
    assert set(schema["properties"]) - {"endpoints"} == endpoint
    assert schema["$defs"]["channel"]["enum"] == list(CHANNELS)
