"""Where the index of a library lies, and how it comes to be there: in the cache, one a library, whole or anew."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tui.domain.errors import DiskError
from tui.library import files
from tui.library.index.schema import Outdated, migrate

_BUSY_SECONDS: Final = 5.0
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_ROOM: Final = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
)
_SETTINGS: Final = (
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 16777216",
)


class NoRoom(Exception):
    """The index cannot be written there."""


def is_damaged(problem: sqlite3.Error) -> bool:
    """Whether SQLite says that the file is not what it should be."""
    return isinstance(problem, sqlite3.DatabaseError) and _code(problem) in _DAMAGED


def has_no_room(problem: sqlite3.Error) -> bool:
    """Whether SQLite says that the place cannot be written: full, read-only, gone."""
    return _code(problem) in _NO_ROOM


def _code(problem: sqlite3.Error) -> int:
    # The low byte is the primary code (sqlite.org/rescode.html).
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF


class Place:
    """The file of one library's index, by the library's real path.

    ``said`` has one sentence where an index had to be made anew. Where the cache cannot be written the file is
    in a temp folder, which ``close`` removes.
    """

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self.said = ""
        self._temp: Path | None = None
        digest = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
        self.path = cache_dir / "libraries" / digest / "index.db"
        try:
            self.ensure()
        except NoRoom:
            self._go_elsewhere()

    def ensure(self) -> None:
        """See that a whole index of today's form is there; NoRoom where it cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(self.path.with_name("lock")):
                self._ensure()
        except OSError as problem:
            raise NoRoom(problem.strerror) from problem

    def _ensure(self) -> None:
        try:
            self._migrated()
        except Outdated as problem:
            self.said = f"The index of the library was {problem}; it is made anew."
        except sqlite3.Error as problem:
            if has_no_room(problem):
                raise NoRoom(str(problem)) from problem
            if not is_damaged(problem) and _code(problem) != sqlite3.SQLITE_ERROR:
                raise
            self.said = "The index of the library was damaged; it is made anew."
        else:
            return
        self._remove()
        try:
            self._migrated()
        except sqlite3.Error as problem:
            raise NoRoom(str(problem)) from problem

    def _migrated(self) -> None:
        connection = _connected(self.path)
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise NoRoom("no write-ahead log there")
            migrate(connection)
        finally:
            connection.close()

    def rebuild(self, why: str) -> None:
        """Remove the index and begin a new one; NoRoom where that cannot be."""
        try:
            with _alone(self.path.with_name("lock")):
                self._remove()
                self._ensure()
        except OSError as problem:
            raise NoRoom(problem.strerror) from problem
        self.said = why

    def connect(self) -> sqlite3.Connection:
        """A connection for any one thread at a time."""
        connection = _connected(self.path)
        for setting in _SETTINGS:
            connection.execute(setting)
        return connection

    def inode(self) -> tuple[int, int]:
        """Tells one index file from another that took its place; zeros where none is there."""
        try:
            facts = self.path.stat()
        except OSError:
            return 0, 0
        return facts.st_dev, facts.st_ino

    def close(self) -> None:
        """Remove the temp folder, if there is one."""
        if self._temp is not None:
            shutil.rmtree(self._temp, ignore_errors=True)

    def _go_elsewhere(self) -> None:
        try:
            self._temp = Path(tempfile.mkdtemp(prefix="image-gen-index-"))
            self.path = self._temp / "index.db"
            self.ensure()
        except OSError as problem:
            raise files.disk_error(problem, title="There is no room for an index of the library") from problem
        except NoRoom as problem:
            self.close()
            raise DiskError(str(problem), title="There is no room for an index of the library") from problem

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self.path}{ending}").unlink()


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep other processes from making or removing the index meanwhile, where locks are to be had."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as problem:
            if problem.errno not in files.NO_LOCKS:
                raise
        yield
    finally:
        os.close(descriptor)
