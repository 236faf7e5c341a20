"""What lies in the trash as a person sees it: generations, when they were thrown away, and how much they hold."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tui.domain.thrown import InTrash
from tui.library.names import split_stem
from tui.library.reading import read_row
from tui.library.scan import Row
from tui.library.trash import TRASH, Trashed, TrashedFile, TrashedGeneration, records, still_kept

_TIME_DIGITS: Final = 12
_FIRST: Final = datetime.fromtimestamp(0, UTC)


def contents(folder: Path) -> tuple[InTrash, ...]:
    """Every generation in the trash, the last thrown away first. OSError."""
    return tuple(
        found
        for trashed in records(folder)
        for generation in trashed.generations
        if (found := _read(folder, trashed, generation)) is not None
    )


def records_of(folder: Path, items: Iterable[InTrash]) -> list[Trashed]:
    """The throws that these belong to, each with those of its generations that are meant."""
    asked: dict[str, set[str]] = {}
    for each in items:
        asked.setdefault(each.record, set()).add(each.generation.stem)
    found = []
    for trashed in records(folder):
        stems = asked.get(trashed.record.name, set())
        meant = tuple(each for each in trashed.generations if each.stem in stems)
        if meant:
            found.append(Trashed(trashed.record, meant))
    return found


def _read(folder: Path, trashed: Trashed, generation: TrashedGeneration) -> InTrash | None:
    kept = still_kept(folder, generation)
    read = read_row(folder / TRASH, _row(generation, kept), {each.name: each.kept_as for each in kept})
    if read is None:
        return None
    return InTrash(read, _moment(trashed.record), sum(each.size for each in kept), trashed.record.name)


def _row(generation: TrashedGeneration, kept: Iterable[TrashedFile]) -> Row:
    parts = split_stem(generation.stem)
    told = generation.metadata
    names = [each.name for each in kept]
    pictures = tuple(name for name in names if told is None or name != told.name)
    key = (*parts, generation.stem) if parts else ("", 0, generation.stem)
    present = told.name if told is not None and told.name in names else None
    return Row(generation.stem, key, pictures, present, foreign=parts is None)


def _moment(record: Path) -> datetime:
    """When it was thrown away, by the record's name, which begins with milliseconds as an id of ours does."""
    digits = record.stem.rpartition("_")[2].replace("-", "")[:_TIME_DIGITS]
    try:
        return datetime.fromtimestamp(int(digits, 16) / 1000).astimezone()
    except (ValueError, OverflowError, OSError):
        return _changed(record)


def _changed(record: Path) -> datetime:
    try:
        return datetime.fromtimestamp(record.stat().st_mtime).astimezone()
    except (OverflowError, ValueError, OSError):
        return _FIRST
