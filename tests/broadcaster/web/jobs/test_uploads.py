"""Where uploads are kept, and what is said where they cannot be."""

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import NotNow
from broadcaster.web.jobs.uploads import Uploads, sweep


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_is_used_stays_and_what_is_left_behind_goes(temporary: Path) -> None:
    left = temporary / "broadcast-window-left"
    (left / "upload").mkdir(parents=True)
    stranger = temporary / "stranger"
    (stranger / "file").mkdir(parents=True)
    (temporary / "broadcast-window-link").symlink_to(stranger)
    uploads = Uploads()
    used = Path(uploads.folder())
    sweep()
    assert not left.exists()
    assert used.is_dir()
    assert (stranger / "file").is_dir()
    assert Path(uploads.folder()).parent == used.parent
    uploads.close()
    assert not used.parent.exists()


def test_a_folder_that_somebody_removed_is_made_anew(temporary: Path) -> None:
    uploads = Uploads()
    first = Path(uploads.folder())
    first.rmdir()
    first.parent.rmdir()
    assert Path(uploads.folder()).is_dir()
    uploads.close()
    assert list(temporary.iterdir()) == []


def test_where_nothing_can_be_kept_that_is_said(
    visitor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no-folder"))
    with pytest.raises(NotNow, match=r"The file could not be stored \(Not a directory\)\."):
        visitor.queues.uploads.folder()
    via = visitor.queues.sends.channels[0]
    for path, field, form in [
        ("/files", "files", {"kind": "pages"}),
        ("/broadcasts", "file", {"source": "file", "via": via}),
    ]:
        data = {**form, field: (io.BytesIO(b"uid,msg\n"), "contacts.csv")}
        answer = visitor.post(path, data, content_type="multipart/form-data")
        assert answer.status_code in (409, 503)
        assert "The file could not be stored (Not a directory)." in answer.text
