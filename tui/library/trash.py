"""Files of generations that a person threw away, kept in ``.trash`` until they are wanted back."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tui.library import files, metadata
from tui.library.metadata import Document
from tui.library.names import Claims, metadata_name, moment_of, new_id, split_stem
from tui.library.reading import read_document
from tui.library.scan import Row

TRASH: Final = ".trash"
_RECORD: Final = "trashed_"


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """The name a file had in the library, and the one it has in the trash."""

    name: str
    kept_as: str


@dataclass(frozen=True, slots=True)
class TrashedGeneration:
    """One generation's files, metadata first."""

    stem: str
    files: tuple[TrashedFile, ...]


@dataclass(frozen=True, slots=True)
class Trashed:
    """What one press of the key threw away; ``record`` is the file that tells the same to a later start."""

    record: Path
    generations: tuple[TrashedGeneration, ...]


def trash(folder: Path, rows: Sequence[Row]) -> Trashed:
    """Move the files of ``rows`` to the trash; all or, where the disk refuses, none (OSError)."""
    bin_folder = folder / TRASH
    bin_folder.mkdir(exist_ok=True)
    mark = new_id(datetime.now())
    chosen = tuple(TrashedGeneration(row.stem, _planned(bin_folder, mark, _files_of(row))) for row in rows)
    trashed = Trashed(bin_folder / f"{_RECORD}{mark}.json", chosen)
    files.write_new(trashed.record, metadata.to_bytes(_document(trashed)))
    moves = [
        (folder / each.name, bin_folder / each.kept_as) for generation in chosen for each in generation.files
    ]
    try:
        _move_all(moves)
    except OSError:
        files.remove(trashed.record)
        raise
    _sync(folder, bin_folder)
    return trashed


def _files_of(row: Row) -> list[str]:
    """The row's own files. A picture that its metadata names under another stem is not its to move."""
    return [*([row.metadata] if row.metadata else []), *row.pictures]


def _planned(bin_folder: Path, mark: str, names: Iterable[str]) -> tuple[TrashedFile, ...]:
    return tuple(
        TrashedFile(name, f"{mark}_{name}" if os.path.lexists(bin_folder / name) else name) for name in names
    )


def _document(trashed: Trashed) -> Document:
    return {
        "schema": metadata.SCHEMA,
        "trashed_at": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "generations": [
            {
                "stem": generation.stem,
                "files": [{"file": each.name, "kept_as": each.kept_as} for each in generation.files],
            }
            for generation in trashed.generations
        ],
    }


def _move_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Move files to free names; one that is gone is passed over; after a failure all are back (OSError)."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            if os.path.lexists(source):
                files.move_new(source, target)
                done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            with suppress(OSError):
                files.move_new(target, source)
        raise


def _sync(*folders: Path) -> None:
    for folder in folders:
        files.sync_folder(folder)


def restore(folder: Path, claims: Claims, trashed: Trashed) -> tuple[str, ...]:
    """Bring files back, under fresh names where theirs are taken; the stems they have now. OSError.

    What is no longer in the trash is passed over. Pictures come first and metadata last, as in a save.
    """
    bin_folder = trashed.record.parent
    stems = []
    for generation in trashed.generations:
        there = [each for each in generation.files if os.path.lexists(bin_folder / each.kept_as)]
        if there:
            stems.append(_restore_one(folder, bin_folder, claims, generation.stem, there))
    files.remove(trashed.record)
    _sync(bin_folder, folder)
    return tuple(stems)


def _restore_one(
    folder: Path, bin_folder: Path, claims: Claims, stem: str, there: Sequence[TrashedFile]
) -> str:
    own = split_stem(stem) is not None
    claim = claims.claim_stem(stem) if own else None
    try:
        if (own and claim is None) or any(os.path.lexists(folder / each.name) for each in there):
            if claim is not None:
                claim.release()
            claim = claims.claim(_moment(stem)) if own else None
        fresh = claim.stem if claim else _free_name(folder, stem, there)
        if fresh != stem:
            _rename_inside(bin_folder, stem, fresh, there)
        pictures_first = sorted(there, key=lambda each: each.name == metadata_name(stem))
        _move_all(
            [(bin_folder / each.kept_as, folder / renamed(each.name, stem, fresh)) for each in pictures_first]
        )
    finally:
        if claim is not None:
            claim.release()
    return fresh


def _moment(stem: str) -> datetime:
    parts = split_stem(stem)
    return (moment_of(parts[0]) if parts else None) or datetime.now()


def _free_name(folder: Path, name: str, there: Sequence[TrashedFile]) -> str:
    """``name``, or ``name-2`` and so on before its extension, so that no file of it is there yet."""
    base, dot, extension = name.rpartition(".")
    fresh, number = name, 1
    while any(os.path.lexists(folder / renamed(each.name, name, fresh)) for each in there):
        number += 1
        fresh = f"{base}-{number}{dot}{extension}"
    return fresh


def renamed(name: str, stem: str, fresh: str) -> str:
    """The name that a file of generation ``stem`` has when that is called ``fresh``."""
    for before, after in (("image_", "_"), ("metadata_", ".json")):
        if name.startswith(f"{before}{stem}{after}"):
            return f"{before}{fresh}{name.removeprefix(f'{before}{stem}')}"
    return fresh if name == stem else name


def _rename_inside(bin_folder: Path, stem: str, fresh: str, there: Sequence[TrashedFile]) -> None:
    """Let the metadata name its pictures as they will be called; damaged metadata is left as it is."""
    told = next((each for each in there if each.name == metadata_name(stem)), None)
    if told is None:
        return
    path = bin_folder / told.kept_as
    try:
        document = read_document(path)
    except ValueError:
        return
    for entry in metadata.entries(document):
        if isinstance(entry, dict) and isinstance(entry.get("file"), str):
            entry["file"] = renamed(entry["file"], stem, fresh)
    files.rewrite(path, metadata.to_bytes(document))


def records(folder: Path) -> tuple[Trashed, ...]:
    """What lies in the trash, the last thrown away first; damaged records are passed over. OSError."""
    bin_folder = folder / TRASH
    if not bin_folder.is_dir():
        return ()
    found = []
    for path in sorted(bin_folder.glob(f"{_RECORD}*.json"), reverse=True):
        try:
            found.append(Trashed(path, _generations(read_document(path))))
        except ValueError:
            continue
    return tuple(found)


def _generations(document: Document) -> tuple[TrashedGeneration, ...]:
    """The record's generations; ValueError where it is not of our shape or names files elsewhere."""
    try:
        return tuple(
            TrashedGeneration(
                _bare(each["stem"]),
                tuple(TrashedFile(_bare(file["file"]), _bare(file["kept_as"])) for file in each["files"]),
            )
            for each in document["generations"]
        )
    except (KeyError, TypeError) as problem:
        raise ValueError("not a record of the trash") from problem


def _bare(name: object) -> str:
    if not isinstance(name, str) or not name or name.startswith(".") or "/" in name or "\0" in name:
        raise ValueError("not a bare file name")
    return name
