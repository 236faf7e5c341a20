"""Files that appear whole or not at all, and never over another."""

import errno
import hashlib
import os
import secrets
import shutil
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tui.domain.errors import DiskError

INCOMING: Final = ".incoming-"
"""How the names of files on their way begin; the process id and the machine's tag follow."""

NO_LINKS: Final = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EMLINK,
}
NO_LOCKS: Final = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EINVAL, errno.ENOSYS}
_CANNOT_SYNC: Final = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


def machine_tag() -> str:
    """Eight hexadecimal digits that tell machines and containers sharing a folder apart."""
    return f"{zlib.crc32(os.uname().nodename.encode(errors='replace')):08x}"


def owner_mark() -> str:
    """Which process of which machine owns a hidden file: ``<pid>-<machine tag>``."""
    return f"{os.getpid()}-{machine_tag()}"


def hidden_name() -> str:
    """A fresh name that no other process will choose."""
    return f"{INCOMING}{owner_mark()}{secrets.token_hex(8)}"


def sync_file(path: Path) -> None:
    """Put the bytes of ``path`` on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Put the names in ``folder`` on the disk, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)


def publish(hidden: Path, visible: Path) -> None:
    """Give the whole file ``hidden`` its lasting name in one step; FileExistsError if the name is taken.

    A hard link refuses a taken name, which a rename does not; where there are no hard links the name is
    looked at first, and the caller's claim keeps our own processes apart.
    """
    try:
        os.link(hidden, visible, follow_symlinks=False)
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        if os.path.lexists(visible):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(visible)) from problem
        hidden.rename(visible)
    else:
        hidden.unlink()


def write_hidden(folder: Path, data: bytes) -> Path:
    """Write ``data`` to a fresh hidden file in ``folder``, synced; half a file never stays."""
    path = folder / hidden_name()
    try:
        with path.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        remove(path)
        raise
    return path


def write_new(path: Path, data: bytes) -> None:
    """Write a file that was not there before; FileExistsError if it was."""
    hidden = write_hidden(path.parent, data)
    try:
        publish(hidden, path)
    except OSError:
        remove(hidden)
        raise


def rewrite(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of ``path``'s bytes: a reader sees the old or the new, never a part.

    The caller syncs the folder, when others who wait for it need not wait for that.
    """
    hidden = write_hidden(path.parent, data)
    try:
        hidden.replace(path)
    except OSError:
        remove(hidden)
        raise


def copy_hidden(source: Path, folder: Path) -> Path:
    """Copy ``source`` to a fresh hidden file in ``folder``, on the disk when this returns."""
    path = folder / hidden_name()
    copy_to(source, path)
    return path


def copy_to(source: Path, path: Path) -> None:
    """Copy ``source`` to ``path``, on the disk when this returns; half a copy never stays."""
    try:
        shutil.copyfile(source, path)
        sync_file(path)
    except OSError as problem:
        remove(path)
        if problem.errno in _NO_ROOM:
            # What copies names the source as the full one, or nobody.
            problem.filename = str(path.parent)
        raise


def move_new(source: Path, target: Path) -> None:
    """Move a file to a name that is free, also to another file system; FileExistsError if it is taken."""
    try:
        publish(source, target)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        hidden = copy_hidden(source, target.parent)
        try:
            publish(hidden, target)
        except OSError:
            remove(hidden)
            raise
        source.unlink()


def move_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Move files to free names; one that is gone is passed over; after a failure all are back (OSError)."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            if not os.path.lexists(source):
                continue
            if same(source, target):
                # A move that was killed between giving the new name and taking away the old.
                source.unlink()
            else:
                move_new(source, target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            with suppress(OSError):
                move_new(target, source)
        raise


def add_name(source: Path, target: Path) -> None:
    """Let ``source`` have a second name that is free; FileExistsError if it is taken.

    Where there are no hard links ``target`` is a copy, with the time of ``source``.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as problem:
        if problem.errno not in NO_LINKS | {errno.EXDEV}:
            raise
        hidden = copy_hidden(source, target.parent)
        try:
            facts = source.stat()
            os.utime(hidden, ns=(facts.st_atime_ns, facts.st_mtime_ns))
            publish(hidden, target)
        except OSError:
            remove(hidden)
            raise


def same(one: Path, other: Path) -> bool:
    """Whether these are two names of one file, or two regular files with the same bytes; both may be absent."""
    try:
        facts = one.lstat(), other.lstat()
    except FileNotFoundError:
        return False
    if os.path.samestat(*facts):
        return True
    regular = all(stat.S_ISREG(each.st_mode) for each in facts)
    return regular and facts[0].st_size == facts[1].st_size and digest(one) == digest(other)


def remove(path: Path) -> None:
    """Remove a file that nobody needs; one that will not go is swept by a later start."""
    with suppress(OSError):
        path.unlink()


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def disk_error(problem: OSError, *, title: str | None = None, kept: Iterable[Path] = ()) -> DiskError:
    """``problem`` in the system's own words, with what to do next."""
    hint = None
    if problem.errno in _NOT_ALLOWED:
        hint = "Choose a folder that you may write to with --output-dir."
    elif problem.errno not in _NO_ROOM:
        hint = "Look at the folder, or choose another with --output-dir."
    words = problem.strerror or str(problem) or type(problem).__name__
    place = f": {problem.filename}" if problem.filename else ""
    return DiskError(f"{words}{place}", title=title, hint=hint, kept=kept)


@contextmanager
def disk_errors(title: str, *, no_room: str | None = None) -> Iterator[None]:
    """Tell any OSError of the block as a DiskError called ``title``; ``no_room`` is what helps on a full disk."""
    try:
        yield
    except OSError as problem:
        error = disk_error(problem, title=title)
        if no_room and problem.errno in _NO_ROOM:
            error.hint = no_room
        raise error from problem
