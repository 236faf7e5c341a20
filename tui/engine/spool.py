"""Hidden files that pictures arrive in, hashed on the way; the ones nobody keeps are removed."""

import errno
import hashlib
import io
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tui.domain.errors import DiskError

_COPY_STEP: Final = 256 * 1024
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


class SpoolFile:
    """One file that grows piece by piece; ``size`` and ``sha256`` are of what was written.

    Where the disk refuses more, what is there moves to the system's temporary folder and the rest follows,
    so that a picture that was paid for is not lost. Raises DiskError when that fails too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._moved = False
        try:
            self._file = _opened(path, "x")
        except OSError as error:
            raise DiskError(f"{path.parent}: {error.strerror}") from error

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """Append ``piece``, whole."""
        rest = memoryview(piece)
        while rest:
            try:
                done = self._file.write(rest)
            except OSError as error:
                self._move_away(error)
                continue
            rest = rest[done:]
        self._hash.update(piece)
        self.size += len(piece)

    def close(self) -> None:
        """Let go of the file; it stays where it is. Some file systems say only now that there was no room."""
        try:
            self._file.close()
        except OSError as error:
            raise DiskError(f"{self.path.parent}: {error.strerror}") from error

    def _move_away(self, error: OSError) -> None:
        if self._moved or error.errno not in _NO_ROOM:
            raise DiskError(f"{self.path.parent}: {error.strerror}") from error
        self._moved = True
        full, self.path = self.path, Path(tempfile.gettempdir()) / f".incoming-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            written = self._file.tell()
            self._file.close()
            self._file = _opened(self.path, "x")
            _copy(full, self._file.write, written)
        except OSError as second:
            raise DiskError(f"{full.parent}: {error.strerror}") from second
        finally:
            _remove(full)


def _opened(path: Path, mode: str) -> io.FileIO:
    return io.FileIO(path, mode)


def _remove(path: Path) -> None:
    # What cannot be removed is hidden, and swept when the library opens next.
    with suppress(OSError):
        path.unlink()


def _copy(source: Path, write: Callable[[bytes], int | None], size: int) -> None:
    with source.open("rb") as stream:
        while size > 0 and (piece := stream.read(min(size, _COPY_STEP))):
            write(piece)
            size -= len(piece)


class Spool:
    """The files of one reply: made by ``create``, removed at the end unless ``keep`` names them."""

    def __init__(self, fresh: Callable[[], Path]) -> None:
        self._fresh = fresh
        self._files: list[SpoolFile] = []

    def create(self) -> SpoolFile:
        """A new empty file. Raises DiskError."""
        file = SpoolFile(self._fresh())
        self._files.append(file)
        return file

    def clear(self, *, keep: Iterable[Path] = ()) -> None:
        """Close every file and remove all but those of ``keep``."""
        kept = set(keep)
        for file in self._files:
            file.close()
            if file.path not in kept:
                _remove(file.path)
        self._files.clear()
