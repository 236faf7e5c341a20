"""Files that pictures arrive in: whole and hashed, gone when nobody keeps them, saved when the disk is full."""

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.errors import DiskError
from tui.engine import spool as spool_module
from tui.engine.spool import Spool

Fresh = Callable[[], Path]
PIECES = [bytes([letter]) * 50_000 for letter in b"abcdef"]
WHOLE = b"".join(PIECES)


class FullDisk(io.FileIO):
    """A file on a disk that takes ``room`` bytes and then answers as the system does."""

    room = 120_000
    answer = errno.ENOSPC

    def write(self, data: bytes) -> int:
        left = max(0, self.room - self.tell())
        if not left:
            raise OSError(self.answer, os.strerror(self.answer))
        return super().write(memoryview(data)[:left])


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, for this test alone."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def fill_up(monkeypatch: pytest.MonkeyPatch, *full: Path) -> None:
    def opened(path: Path, mode: str) -> io.FileIO:
        return FullDisk(path, mode) if path.parent in full else io.FileIO(path, mode)

    monkeypatch.setattr(spool_module, "_opened", opened)


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_what_is_written_is_counted_and_hashed(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(lambda: Path(folder) / "file")
        file = spool.create()
        for piece in pieces:
            file.write(piece)
        file.close()
        data = file.path.read_bytes()
        assert data == b"".join(pieces)
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_only_what_is_kept_stays(fresh: Fresh, folder: Path) -> None:
    spool = Spool(fresh)
    first, second = spool.create(), spool.create()
    spool.clear(keep=[second.path])
    assert set(folder.iterdir()) == {second.path}
    assert first.path != second.path


def test_a_name_that_is_taken_is_never_written_over(folder: Path) -> None:
    taken = folder / "taken"
    taken.write_bytes(b"mine")
    with pytest.raises(DiskError):
        Spool(lambda: taken).create()
    assert taken.read_bytes() == b"mine"


def test_a_picture_goes_on_elsewhere_when_the_disk_is_full(
    fresh: Fresh, folder: Path, temp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_up(monkeypatch, folder)
    spool = Spool(fresh)
    file = spool.create()
    for piece in PIECES:
        file.write(piece)
    file.close()
    assert file.path.parent == temp
    assert file.path.read_bytes() == WHOLE
    assert (file.size, file.sha256) == (len(WHOLE), hashlib.sha256(WHOLE).hexdigest())
    assert not list(folder.iterdir())
    spool.clear()
    assert not list(temp.iterdir())


def test_two_full_disks_are_a_disk_error_and_leave_nothing(
    fresh: Fresh, folder: Path, temp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_up(monkeypatch, folder, temp)
    spool = Spool(fresh)
    file = spool.create()
    with pytest.raises(DiskError, match="No space left"):
        file.write(WHOLE)
    spool.clear()
    assert not [*folder.iterdir(), *temp.iterdir()]


def test_another_trouble_is_not_taken_for_a_full_disk(
    fresh: Fresh, folder: Path, temp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_up(monkeypatch, folder)
    monkeypatch.setattr(FullDisk, "answer", errno.EBADF)
    file = Spool(fresh).create()
    with pytest.raises(DiskError, match="Bad file descriptor"):
        file.write(WHOLE)
    assert not list(temp.iterdir())


def test_a_folder_that_went_away_does_no_harm_at_the_end(fresh: Fresh, folder: Path) -> None:
    spool = Spool(fresh)
    spool.create().write(b"x")
    folder.rename(folder.with_name("away"))
    folder.write_bytes(b"a file now")
    spool.clear()
