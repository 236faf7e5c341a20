"""One generation of another folder placed in the library: pictures first, metadata last, nothing overwritten."""

import errno
import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tui.library import files, metadata
from tui.library.names import Claims, metadata_name
from tui.library.reading import read_document
from tui.library.restoring import free_stem, told_anew
from tui.library.scan import Row, place_of, scan
from tui.library.trash import TrashedFile, TrashedGeneration, renamed

_CLONE: Final = 0x40049409
"""FICLONE (linux/fs.h): a file shares the bytes of another until one of them is written."""


class Known:
    """Which pictures a library has, by their bytes: sizes are compared first, digests only where those are equal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_size: dict[int, list[str]] = {}
        self._digests: dict[str, str] = {}
        for row in scan(folder).rows:
            self.add(row.pictures)

    def add(self, names: Sequence[str]) -> None:
        """Pictures that are in the library; one that is gone by now is none."""
        for name in names:
            try:
                size = (self._folder / name).stat().st_size
            except FileNotFoundError:
                continue
            self._by_size.setdefault(size, []).append(name)

    def names_of(self, path: Path) -> list[str]:
        """The library's names of the picture with the bytes of ``path``. OSError."""
        names = self._by_size.get(path.stat().st_size, ())
        digest = files.digest(path) if names else ""
        return [name for name in names if self._digest(name) == digest]

    def _digest(self, name: str) -> str:
        if name not in self._digests:
            try:
                self._digests[name] = files.digest(self._folder / name)
            except OSError:
                return ""
        return self._digests[name]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A generation in ``source`` that is to come into the library.

    ``half`` is the stem under which an attempt before, that was killed, left the pictures named in ``own``.
    """

    source: Path
    row: Row
    half: str = ""
    own: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """Its files, the metadata first."""
        return (*([self.row.metadata] if self.row.metadata else []), *self.row.pictures)


def arrival(folder: Path, source: Path, row: Row, known: Known) -> Arrival | None:
    """What is to be done for ``row``; None where all of it is in the library. OSError."""
    there = {name: others[0] for name in row.pictures if (others := known.names_of(source / name))}
    half = _half_done(folder, row, there)
    if half is not None:
        return Arrival(source, row, half, frozenset(there.values()))
    is_known = len(there) == len(row.pictures) and not _is_another(folder, source, row, known)
    return None if is_known else Arrival(source, row)


def _is_another(folder: Path, source: Path, row: Row, known: Known) -> bool:
    """Whether it has an id of ours that no generation with the same picture has: equal bytes, asked for apart."""
    own = _id_in(source / row.metadata) if row.metadata else ""
    if not own:
        return False
    places = [place for name in known.names_of(source / row.pictures[0]) if (place := place_of(name))]
    return all(_id_in(folder / metadata_name(place.stem)) != own for place in places)


def _id_in(path: Path) -> str:
    """The id in a metadata file; empty where there is none to be read."""
    try:
        told = read_document(path).get("id")
    except (OSError, ValueError):
        return ""
    return told if isinstance(told, str) else ""


def _half_done(folder: Path, row: Row, there: dict[str, str]) -> str | None:
    """The stem of pictures that came without the metadata which ``row`` has for them."""
    if row.metadata is None or not there:
        return None
    places = [place for name in there.values() if (place := place_of(name))]
    for stem in dict.fromkeys(place.stem for place in places):
        fits = all(renamed(name, row.stem, stem) == other for name, other in there.items())
        if fits and not os.path.lexists(folder / metadata_name(stem)):
            return stem
    return None


def place(folder: Path, claims: Claims, arriving: Arrival, *, link: bool) -> tuple[str, int]:
    """Bring its files in; the stem it has, and how many share their bytes with the source.

    OSError: the library is as it was.
    """
    hidden: dict[str, Path] = {}
    shared = 0
    try:
        for name in arriving.row.pictures:
            if renamed(name, arriving.row.stem, arriving.half) not in arriving.own:
                hidden[name] = folder / files.hidden_name()
                shared += _bring(arriving.source / name, hidden[name], link=link)
        wanted = TrashedGeneration(arriving.row.stem, tuple(TrashedFile(name, name, 0, 0) for name in arriving.names))
        wanted = wanted.called(arriving.half) if arriving.half else wanted
        while True:
            with free_stem(folder, claims, wanted, wanted.files, arriving.own) as stem:
                if arriving.half not in ("", stem):
                    raise OSError(errno.EBUSY, "Another process brings it in", str(arriving.source))
                try:
                    _publish(folder, arriving, wanted.called(stem), hidden)
                except FileExistsError:
                    # A stranger took one of the names meanwhile.
                    continue
                return stem, shared
    finally:
        for path in hidden.values():
            files.remove(path)


def _publish(folder: Path, arriving: Arrival, called: TrashedGeneration, hidden: dict[str, Path]) -> None:
    """Give every file its name, the metadata last; after an OSError none of them is there."""
    made: list[Path] = []
    try:
        for each in called.pictures:
            if each.name in hidden:
                files.add_name(hidden[each.name], folder / each.wanted)
                made.append(folder / each.wanted)
        files.sync_folder(folder)
        if called.metadata is not None:
            path = arriving.source / called.metadata.name
            files.write_new(folder / called.metadata.wanted, told_anew(path, called) or _as_it_is(path))
            files.sync_folder(folder)
    except OSError:
        for path in made:
            files.remove(path)
        raise


def _as_it_is(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(metadata.SIZE_LIMIT + 1)
    if len(data) > metadata.SIZE_LIMIT:
        raise OSError(errno.EFBIG, "The metadata file is larger than any of ours", str(path))
    return data


def _bring(source: Path, hidden: Path, *, link: bool) -> bool:
    """Put the bytes of ``source`` at ``hidden``, with the time they had; whether they are shared. OSError."""
    if _cloned(source, hidden):
        shared = True
    elif link and _linked(source, hidden):
        return True
    else:
        files.copy_to(source, hidden)
        shared = False
    facts = source.stat()
    os.utime(hidden, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    files.sync_file(hidden)
    return shared


def _cloned(source: Path, hidden: Path) -> bool:
    """Whether the file system could let ``hidden`` share the bytes of ``source``; nothing is left where not."""
    with source.open("rb") as reading, hidden.open("xb") as writing:
        try:
            fcntl.ioctl(writing, _CLONE, reading.fileno())
        except OSError:
            hidden.unlink()
            return False
    return True


def _linked(source: Path, hidden: Path) -> bool:
    """Whether ``hidden`` could become another name of the file ``source``."""
    try:
        os.link(source, hidden, follow_symlinks=False)
    except OSError as problem:
        if problem.errno not in files.NO_LINKS | {errno.EXDEV}:
            raise
        return False
    return True
