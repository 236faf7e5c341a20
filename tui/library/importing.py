"""Pictures of another folder brought into the library, with all that belongs to them; the other folder stays as it is.

Our own generations, and the first script's, stay pairs of picture and metadata, under their own stem or, where that
is taken, another of the same second. Pictures of other programs keep their names, their bytes, in which their texts
are, and their time. What the library has already, by its bytes, is passed over: an import that was killed goes on
where it was.
"""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tui.domain import picture
from tui.domain.errors import InvalidRequest
from tui.library import files
from tui.library.bulk import Stopped
from tui.library.names import Claims
from tui.library.placing import Known, arrival, place
from tui.library.scan import Row, scan
from tui.library.trash import renamed

Counted = Callable[[int, int, int], None]
"""Hears how many generations of the other folder are done, of how many, and the bytes brought in."""

_FATAL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_TITLE: Final = "The folder cannot be imported"
_AGAIN: Final = "Then import again: what is there already is passed over."


@dataclass(frozen=True, slots=True)
class NotImported:
    """A file, or a folder, that was not brought in, and why."""

    path: Path
    words: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came into the library: the stems it has there, newest first in each folder, and the bytes of its pictures.

    ``known`` are the pictures that the library had already; ``shared`` is how many new ones share their bytes with
    the other folder (links and clones). ``stopped`` where it was not all.
    """

    stems: tuple[str, ...] = ()
    known: tuple[Path, ...] = ()
    failures: tuple[NotImported, ...] = ()
    bytes: int = 0
    shared: int = 0
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """From where, whether by hard links where nothing better can be, and whether from folders in it too."""

    source: Path
    link: bool = False
    recursive: bool = True


@dataclass(slots=True)
class _Tally:
    stems: list[str] = field(default_factory=list)
    known: list[Path] = field(default_factory=list)
    failures: list[NotImported] = field(default_factory=list)
    bytes: int = 0
    shared: int = 0

    def failed(self, path: Path, words: str) -> None:
        self.failures.append(NotImported(path, words))

    def told(self, *, stopped: bool) -> Imported:
        lists = tuple(self.stems), tuple(self.known), tuple(self.failures)
        return Imported(*lists, self.bytes, self.shared, stopped)


def import_folder(folder: Path, claims: Claims, wish: Wish, told: Counted, stopped: Stopped) -> Imported:
    """Bring the generations of another folder into ``folder``.

    A file that cannot be read is told and passed over. Raises InvalidRequest for a folder that is none, or that
    holds the library or lies in it, and DiskError where the library cannot take more.
    """
    source = _checked(folder, wish.source)
    tally = _Tally()
    with files.disk_errors(_TITLE):
        folder.mkdir(parents=True, exist_ok=True)
        known = Known(folder)
    places = list(_folders(source, wish, tally))
    done, of = 0, sum(count for _, count in places)
    for here, _ in places:
        for row in _rows(here):
            if stopped():
                return tally.told(stopped=True)
            _import(folder, claims, here, row, known, tally, link=wish.link)
            done += 1
            told(done, max(done, of), tally.bytes)
    return tally.told(stopped=False)


def _checked(folder: Path, source: Path) -> Path:
    """The real folder ``source``; InvalidRequest where it is none that can be imported."""
    place = Path(os.path.realpath(source.expanduser()))
    if not place.is_dir():
        what = "is not a folder" if place.exists() else "is not there"
        raise InvalidRequest(f"{source} {what}.", title=_TITLE, hint="Name a folder with pictures in it.")
    library = Path(os.path.realpath(folder))
    if library.is_relative_to(place):
        raise InvalidRequest(
            f"The library {folder} is {source} itself." if library == place else f"The library {folder} lies in it.",
            title=_TITLE,
            hint="Name another folder, or another library with --output-dir.",
        )
    if place.is_relative_to(library):
        raise InvalidRequest(
            f"{source} lies in the library {folder}.", title=_TITLE, hint="Move it out of the library first."
        )
    return place


def _folders(source: Path, wish: Wish, tally: _Tally) -> Iterator[tuple[Path, int]]:
    """The folders to look into, and how many generations each has; hidden ones and links lead nowhere."""

    def failed(problem: OSError) -> None:
        tally.failed(Path(problem.filename or source), f"It cannot be listed: {problem.strerror}.")

    for name, inside, names in os.walk(source, onerror=failed):
        here = Path(name)
        for each in sorted((*inside, *names)):
            if not each.startswith(".") and (here / each).is_symlink():
                tally.failed(here / each, "It is a link; what it leads to is not looked at.")
        inside[:] = sorted(each for each in inside if not each.startswith(".")) if wish.recursive else []
        yield here, len(_rows(here))


def _rows(here: Path) -> list[Row]:
    """The generations of a folder, without links; none where it cannot be listed."""
    try:
        rows = scan(here).rows
    except OSError:
        return []
    found = (_without_links(here, row) for row in rows)
    return [row for row in found if row.pictures or row.metadata]


def _without_links(here: Path, row: Row) -> Row:
    pictures = tuple(name for name in row.pictures if not (here / name).is_symlink())
    told = row.metadata if row.metadata and not (here / row.metadata).is_symlink() else None
    return row if pictures == row.pictures and told == row.metadata else replace(row, pictures=pictures, metadata=told)


def _import(folder: Path, claims: Claims, here: Path, row: Row, known: Known, tally: _Tally, *, link: bool) -> None:
    """Bring one generation in. DiskError where the library cannot take it."""
    try:
        words = _refusal(here, row)
        if words:
            tally.failed(here / (*row.pictures, row.metadata or "")[0], words)
            return
        arriving = arrival(folder, here, row, known)
        if arriving is None:
            tally.known += [here / name for name in row.pictures]
            return
        stem, shared = place(folder, claims, arriving, link=link)
    except OSError as problem:
        if problem.errno in _FATAL or str(problem.filename).startswith(f"{folder}{os.sep}"):
            error = files.disk_error(problem, title=_TITLE)
            error.hint = f"{error.hint} {_AGAIN}"
            raise error from problem
        tally.failed(Path(problem.filename or here), f"It cannot be read: {problem.strerror}.")
        return
    names = [renamed(name, row.stem, stem) for name in row.pictures]
    known.add(names)
    tally.stems.append(stem)
    tally.shared += shared
    tally.bytes += sum((folder / name).stat().st_size for name in names)


def _refusal(here: Path, row: Row) -> str:
    """Why a generation cannot come, in words; empty where it can. OSError."""
    if not row.pictures:
        return "None of its pictures is here."
    for name in row.pictures:
        with (here / name).open("rb") as stream:
            if picture.identify(stream) is None:
                return "It is no picture that can be read."
    return ""
