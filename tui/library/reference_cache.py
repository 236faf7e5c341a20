"""Where prepared references lie: in the cache folder, bounded, else in a temporary folder of this run."""

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tui.library import files

FOLDER: Final = "references"
"""The folder's name in the program's cache."""
MOST_BYTES: Final = 256 * 1024 * 1024
"""What all prepared references may take together; those that were used longest ago go first."""
_EXTENSIONS: Final = (".jpg", ".png")


def find(folder: Path, stem: str) -> Path | None:
    """The copy kept as ``stem``, which then counts as just used; None where there is none."""
    for each in (folder, *_temporary_folders()):
        for extension in _EXTENSIONS:
            path = each / f"{stem}{extension}"
            try:
                os.utime(path)
            except OSError:
                continue
            return path
    return None


def keep(folder: Path, name: str, data: bytes) -> Path:
    """Put ``data`` in ``folder`` as ``name``, whole or not at all, and let the oldest go where it gets too full.

    What cannot be written there goes to the temporary folder; DiskError where that cannot be written either.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = _write(folder, name, data)
    except OSError:
        with files.disk_errors("The prepared reference cannot be written"):
            return _write(_temporary_folder(), name, data)
    _bound(folder, spared=path)
    return path


def _write(folder: Path, name: str, data: bytes) -> Path:
    hidden = files.write_hidden(folder, data)
    try:
        return hidden.replace(folder / name)
    except OSError:
        files.remove(hidden)
        raise


def _bound(folder: Path, *, spared: Path) -> None:
    """Remove the files that were used longest ago while all together are too large."""
    aged = sorted(_facts(folder))
    total = sum(size for _, size, _ in aged)
    for _, size, path in aged:
        if total <= MOST_BYTES:
            return
        if path != spared:
            files.remove(path)
            total -= size


def _facts(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Time of last use, bytes and path of each file that is still there."""
    for path in folder.iterdir():
        try:
            facts = path.lstat()
        except OSError:
            continue
        yield facts.st_mtime_ns, facts.st_size, path


@functools.cache
def _temporary_folder() -> Path:
    """A folder that only this user can read and that goes with the program."""
    folder = tempfile.mkdtemp(prefix="image-gen-references-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _temporary_folders() -> tuple[Path, ...]:
    return (_temporary_folder(),) if _temporary_folder.cache_info().currsize else ()
