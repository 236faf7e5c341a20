"""The trash emptied: the only place where files of a person are deleted.

A hidden record beside the visible one tells which generations go for good, before the first file does. From then on
they are neither listed nor brought back, and whoever comes next, after a kill, deletes what is left of them. For a
whole throw the visible record is renamed to it, which needs no room on a full disk.
"""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from tui.domain.thrown import Emptied
from tui.library import files
from tui.library.marks import alone_in
from tui.library.trash import (
    TRASH,
    Trashed,
    TrashedGeneration,
    doomed,
    doomed_beside,
    is_record,
    recorded,
    records,
    rewrite_record,
    still_kept,
    told_by,
    with_doomed,
    write_record,
)

_BATCH: Final = 50
"""Generations that are deleted in one go: others who wait for the folder get their turn in between."""


def empty(folder: Path, chosen: Collection[Trashed] | None) -> Emptied:
    """Delete these, or all, for good; what is no longer there is passed over.

    OSError where the disk refuses: what was not said to go is in the trash as before, the rest goes with the next
    attempt or start.
    """
    count = size = 0
    for trashed in records(folder) if chosen is None else chosen:
        gone = None
        while gone is None:
            _finish(folder, trashed.record)
            with alone_in(folder):
                gone = _doom(folder, trashed)
        count += len(gone)
        size += sum(each.size for generation in gone for each in generation.files)
    sweep(folder)
    if chosen is None:
        _tidy(folder)
    return Emptied(count, size)


def sweep(folder: Path) -> None:
    """Delete what was said to go, also by processes that were killed since. OSError."""
    for record in with_doomed(folder):
        _finish(folder, record)


def _tidy(folder: Path) -> None:
    """Remove records of which nothing is in the trash: a kill before the first file was moved leaves one. OSError."""
    bin_folder = folder / TRASH
    if not bin_folder.is_dir():
        return
    with alone_in(folder):
        telling = {each.record.name for each in records(folder)}
        for path in bin_folder.iterdir():
            if is_record(path.name) and path.name not in telling and told_by(path):
                path.unlink(missing_ok=True)


def _doom(folder: Path, trashed: Trashed) -> tuple[TrashedGeneration, ...] | None:
    """Say for good which generations go, and with which files; None where another process has just said so of some."""
    hidden = doomed_beside(trashed.record)
    if os.path.lexists(hidden):
        return None
    asked = {each.stem for each in trashed.generations}
    there = [(each, kept) for each in recorded(trashed) if (kept := still_kept(folder, each))]
    gone = tuple(TrashedGeneration(each.stem, kept) for each, kept in there if each.stem in asked)
    if not gone:
        return ()
    if len(gone) == len(there) and trashed.record.exists():
        trashed.record.rename(hidden)
    else:
        write_record(hidden, gone)
    files.sync_folder(folder / TRASH)
    return gone


def _finish(folder: Path, record: Path) -> None:
    """Delete the files of what goes for good, then what tells of it."""
    gone = doomed(record)
    for start in range(0, len(gone), _BATCH):
        with alone_in(folder):
            _delete(folder, record, gone[start : start + _BATCH])
    hidden = doomed_beside(record)
    if os.path.lexists(hidden):
        with alone_in(folder):
            files.sync_folder(folder / TRASH)
            if record.exists():
                # Files thrown away later may have the names of those that went.
                rewrite_record(record, recorded(Trashed(record, ())))
            hidden.unlink(missing_ok=True)


def _delete(folder: Path, record: Path, gone: Sequence[TrashedGeneration]) -> None:
    bin_folder = folder / TRASH
    others: set[str] | None = None
    for generation in gone:
        for each in still_kept(folder, generation):
            path = bin_folder / each.kept_as
            if not each.is_at(path):
                # Its times are not those told: another may have got its name.
                others = _names_of_others(folder, record) if others is None else others
            if each.is_at(path) or each.kept_as not in (others or ()):
                path.unlink(missing_ok=True)


def _names_of_others(folder: Path, record: Path) -> set[str]:
    """The names in the trash that other records tell of."""
    told = (each for trashed in records(folder) if trashed.record != record for each in trashed.generations)
    return {each.kept_as for generation in told for each in generation.files}
