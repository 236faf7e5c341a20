"""Which generations a folder holds, told from its file names alone."""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple

from tui.domain.generation import Generation
from tui.domain.picture import EXTENSIONS
from tui.library.names import metadata_name, split_stem, stamp_of

FOREIGN_EXTENSIONS: Final = frozenset({"png", "jpg", "jpeg", "webp", "gif", "avif"})
_OUR_EXTENSIONS: Final = frozenset({*EXTENSIONS.values(), "jpeg", "bin"})
_PICTURE: Final = re.compile(r"image_(.+)_(\d{1,9})\.([A-Za-z0-9]{1,5})", re.ASCII | re.DOTALL)

Key = tuple[str, int, str]
Kind = Literal["metadata", "picture", "copy", "stranger"]


class Place(NamedTuple):
    """What a file name says: the generation's stem, and what the file is to it.

    ``copy`` is a picture ``image_NAME_N.EXT`` where NAME is no stem of ours: a copy of the picture NAME where that is
    there, else a stranger itself. The stem of a ``stranger`` is its whole name.
    """

    stem: str
    kind: Kind
    number: int = 0


def place_of(name: str) -> Place | None:
    """What the file ``name`` is in a library, None for what has no place there."""
    if name.startswith("."):
        return None
    if name.startswith("metadata_") and name.endswith(".json"):
        return Place(name[9:-5], "metadata")
    found = _PICTURE.fullmatch(name)
    if found and found[3].lower() in _OUR_EXTENSIONS:
        return Place(found[1], "picture" if split_stem(found[1]) else "copy", int(found[2]))
    return Place(name, "stranger") if is_foreign_name(name) else None


def is_foreign_name(name: str) -> bool:
    """Whether a file of that name can be a picture of another program."""
    return "." in name and name.rpartition(".")[2].lower() in FOREIGN_EXTENSIONS


@dataclass(frozen=True, slots=True)
class Row:
    """One generation's files. ``key`` sorts by age: stamp, suffix, stem. ``pictures`` are in the order of N.

    The stem of a picture with a foreign name is that whole name.
    """

    stem: str
    key: Key
    pictures: tuple[str, ...]
    metadata: str | None
    foreign: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows newest first, and by stem."""

    rows: tuple[Row, ...]
    by_stem: dict[str, Row]

    def older_than(self, cursor: str | None) -> int:
        """The index of the first row after ``cursor``, whose generation may be gone by now."""
        if cursor is None:
            return 0
        limit = self._key_of(cursor)
        return next((index for index, row in enumerate(self.rows) if row.key < limit), len(self.rows))

    def _key_of(self, cursor: str) -> Key:
        row = self.by_stem.get(cursor)
        if row is not None:
            return row.key
        stamp, _, rest = cursor.partition("/")
        suffix, slash, stem = rest.partition("/")
        if slash and suffix.isdecimal():
            return stamp, int(suffix), stem
        parts = split_stem(cursor)
        return (*parts, cursor) if parts else ("", 0, "")


def cursor_after(row: Row) -> str:
    """A text that finds the place after ``row`` again."""
    stamp, suffix, stem = row.key
    return f"{stamp}/{suffix}/{stem}"


def scan(folder: Path, stems: Collection[str] | None = None) -> Listing:
    """List ``folder``, or of it only these few ``stems``, if they are there; OSError where it cannot be read.

    Of a large folder a few cost a hundredth of all: names that cannot be theirs are passed over unread.
    """
    ours: dict[str, list[tuple[int, str]]] = {}
    copies: dict[str, list[tuple[int, str]]] = {}
    metadata: set[str] = set()
    strangers: dict[str, os.DirEntry[str]] = {}
    # What they may be copies of tells what they are.
    wanted = stems and {*stems, *(place.stem for stem in stems if (place := place_of(stem)))}
    with os.scandir(folder) as entries:
        for entry in entries:
            if wanted is not None and entry.name not in wanted and _stem_in(entry.name) not in wanted:
                continue
            place = place_of(entry.name)
            if place is None or not entry.is_file():
                continue
            if place.kind == "metadata":
                metadata.add(place.stem)
            elif place.kind == "stranger":
                strangers[entry.name] = entry
            else:
                kind = ours if place.kind == "picture" else copies
                kind.setdefault(place.stem, []).append((place.number, entry.name))
    rows = _our_rows(ours, metadata)
    rows += _foreign_rows(strangers, copies, metadata, folder)
    if stems is not None:
        rows = [row for row in rows if row.stem in stems]
    rows.sort(key=lambda row: row.key, reverse=True)
    return Listing(tuple(rows), {row.stem: row for row in rows})


def row_of(folder: Path, generation: Generation) -> Row:
    """The row of a generation that was read before: its own files, as far as they are there by now."""
    stem, parts = generation.stem, split_stem(generation.stem)
    named = [image.path.name for image in generation.images]
    own = [name for name in named if (place := place_of(name)) and stem in (place.stem, name)]
    pictures = tuple(name for name in own if (folder / name).is_file())
    told = metadata_name(stem)
    key = (*parts, stem) if parts else ("", 0, stem)
    return Row(stem, key, pictures, told if (folder / told).is_file() else None, foreign=parts is None)


def _stem_in(name: str) -> str:
    """The stem in a file name, if it is in one, told in a fraction of the time that ``place_of`` takes."""
    if name.startswith("image_"):
        return name[6 : name.rfind("_")]
    return name[9:-5] if name.startswith("metadata_") else ""


def _our_rows(ours: dict[str, list[tuple[int, str]]], metadata: set[str]) -> list[Row]:
    rows = []
    for stem in ours.keys() | metadata:
        parts = split_stem(stem)
        if parts is not None:
            pictures = tuple(name for _, name in sorted(ours.get(stem, ())))
            told = metadata_name(stem) if stem in metadata else None
            rows.append(Row(stem, (*parts, stem), pictures, told, foreign=False))
    return rows


def _foreign_rows(
    strangers: dict[str, os.DirEntry[str]],
    copies: dict[str, list[tuple[int, str]]],
    metadata: set[str],
    folder: Path,
) -> list[Row]:
    """Pictures of other programs; ``image_NAME_N.EXT`` is a copy of the picture NAME if that is there."""
    changed = {name: _changed(entry) for name, entry in strangers.items()}
    for stem, files in copies.items():
        if stem not in strangers:
            changed |= {name: _changed(folder / name) for name in _foreign_names(files)}
    rows = []
    for name, stamp in changed.items():
        own = tuple(copy for _, copy in sorted(copies.get(name, ()))) if name in strangers else ()
        told = metadata_name(name) if name in metadata else None
        rows.append(Row(name, (stamp, 0, name), (name, *own), told, foreign=True))
    return rows


def _foreign_names(files: Iterable[tuple[int, str]]) -> list[str]:
    return [name for _, name in files if is_foreign_name(name)]


def _changed(entry: os.DirEntry[str] | Path) -> str:
    try:
        return _stamp(entry.stat().st_mtime)
    except OSError:
        return ""


def _stamp(seconds: float) -> str:
    try:
        return stamp_of(datetime.fromtimestamp(seconds))
    except (ValueError, OverflowError, OSError):
        return ""
