"""Names of generations: a local time stamp, a suffix where its second is taken, claimed before use."""

import itertools
import os
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from tui.domain.picture import EXTENSIONS
from tui.library.files import INCOMING, NO_LINKS, machine_tag, owner_mark, remove

CLAIM: Final = ".claim-"
DAY: Final = 86_400.0
_SECONDS_REMEMBERED: Final = 64
_STEM: Final = re.compile(r"(?P<stamp>\d{8}_\d{6})(?:-(?P<suffix>[1-9]\d{0,8}))?", re.ASCII)
_OWNER: Final = re.compile(r"(?P<pid>[1-9]\d{0,9})-(?P<machine>[0-9a-f]{8})", re.ASCII)
_INCOMING_MARK: Final = re.compile(r"\d{1,10}-[0-9a-f]{24}", re.ASCII)
_counter = itertools.count(secrets.randbelow(4096))


def picture_name(stem: str, number: int, mime: str) -> str:
    """``image_STEM_N.EXT``."""
    return f"image_{stem}_{number}.{EXTENSIONS.get(mime, 'bin')}"


def metadata_name(stem: str) -> str:
    """``metadata_STEM.json``."""
    return f"metadata_{stem}.json"


def stamp_of(moment: datetime) -> str:
    """``YYYYMMDD_HHMMSS`` of a time as it stands, without looking at its zone."""
    return f"{moment.year:04}{moment:%m%d_%H%M%S}"


@lru_cache(maxsize=256)
def split_stem(stem: str) -> tuple[str, int] | None:
    """Stamp and suffix (1 where there is none) of a stem of ours, None for any other text."""
    found = _STEM.fullmatch(stem)
    return (found["stamp"], int(found["suffix"] or 1)) if found else None


def moment_of(stamp: str) -> datetime | None:
    """The local time a stamp means, None where its digits are no date."""
    try:
        return datetime.strptime(stamp, "%Y%m%d_%H%M%S").astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def new_id(created: datetime) -> str:
    """A unique text that sorts by time: the layout of a UUID version 7 (RFC 9562, section 5.7).

    48 bits of milliseconds, then a counter that keeps one process's ids in order within a millisecond.
    """
    milliseconds = int(created.timestamp() * 1000) & ((1 << 48) - 1)
    sequence = next(_counter) & 0xFFF
    digits = f"{milliseconds:012x}7{sequence:03x}{0x8000 | secrets.randbits(14):04x}{secrets.randbits(48):012x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@dataclass(frozen=True, slots=True)
class Claim:
    """A stem that is ours until it is released."""

    stem: str
    path: Path

    def release(self) -> None:
        """Give the stem back; what was published under it keeps it taken."""
        remove(self.path)


class Claims:
    """Hands out free stems of one folder, also against other processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._next: OrderedDict[str, int] = OrderedDict()

    def claim(self, created: datetime) -> Claim:
        """A stem nobody has, for a generation of that local time; OSError where the folder refuses."""
        stamp = stamp_of(created)
        while True:
            suffix = self._candidate(stamp)
            stem = stamp if suffix == 1 else f"{stamp}-{suffix}"
            claim = self.claim_stem(stem)
            if claim is not None:
                return claim

    def _candidate(self, stamp: str) -> int:
        """The next suffix not tried in that second yet, so that a busy second costs no search."""
        with self._lock:
            suffix = self._next.get(stamp, 1)
            self._next[stamp] = suffix + 1
            self._next.move_to_end(stamp)
            if len(self._next) > _SECONDS_REMEMBERED:
                self._next.popitem(last=False)
            return suffix

    def claim_stem(self, stem: str, own: Collection[str] = ()) -> Claim | None:
        """That stem, or None if it is taken by other files than those named in ``own``."""
        if is_taken(self._folder, stem, own):
            return None
        claim = Claim(stem, self._folder / f"{CLAIM}{stem}")
        try:
            _mark_as_ours(claim.path)
        except FileExistsError:
            return None
        # Whoever had the stem may have published between the look and the claim.
        if is_taken(self._folder, stem, own):
            claim.release()
            return None
        return claim


def _mark_as_ours(path: Path) -> None:
    """Create the claim's file with its owner in it, in one step; FileExistsError if another was first.

    A symbolic link to the owner's mark is there with its text or not at all, and needs no room on the disk.
    Where there are none, a kill between the two steps leaves an empty file, which is swept after a day.
    """
    try:
        path.symlink_to(owner_mark())
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o666)
        try:
            os.write(descriptor, owner_mark().encode())
        except OSError:
            remove(path)
            raise
        finally:
            os.close(descriptor)


def is_taken(folder: Path, stem: str, own: Collection[str] = ()) -> bool:
    """Whether a generation of that stem has a visible file not in ``own``: its metadata or first picture."""
    names = [metadata_name(stem)]
    names += [f"image_{stem}_0.{extension}" for extension in (*EXTENSIONS.values(), "jpeg", "bin")]
    return any(os.path.lexists(folder / name) for name in names if name not in own)


def sweep(folder: Path) -> None:
    """Remove hidden files that dead processes left behind, and any of ours that are older than a day.

    Files of living processes, and of other machines that share the folder, stay. Raises OSError if the
    folder cannot be listed; a file that cannot be removed is left to a later start.
    """
    for path in abandoned(folder):
        with suppress(OSError):
            path.unlink()


def abandoned(folder: Path) -> list[Path]:
    """The hidden files that ``sweep`` would remove. Raises OSError if the folder cannot be listed."""
    with os.scandir(folder) as entries:
        hidden = [entry for entry in entries if entry.name.startswith((INCOMING, CLAIM))]
    found = []
    for entry in hidden:
        with suppress(OSError):
            if not entry.is_dir(follow_symlinks=False) and _is_abandoned(entry):
                found.append(Path(entry.path))
    return found


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(INCOMING):
        mark = entry.name.removeprefix(INCOMING)
        if _INCOMING_MARK.fullmatch(mark) is None:
            return False
    else:
        if split_stem(entry.name.removeprefix(CLAIM)) is None:
            return False
        path = Path(entry.path)
        mark = str(path.readlink()) if entry.is_symlink() else path.read_text(errors="replace")
    if time.time() - entry.stat(follow_symlinks=False).st_mtime > DAY:
        return True
    owner = _OWNER.match(mark)
    return owner is not None and owner["machine"] == machine_tag() and _is_dead(int(owner["pid"]))


def _is_dead(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
