"""Files of generations that a person threw away, kept in ``.trash`` until they are wanted back."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tui.library import files, metadata, names
from tui.library.metadata import Document
from tui.library.names import Claims, metadata_name, moment_of, new_id, split_stem
from tui.library.reading import read_document
from tui.library.scan import Row

TRASH: Final = ".trash"
_RECORD: Final = "trashed_"


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """The name a file had in the library and the one it has in the trash.

    ``size`` and ``changed`` (modification time in nanoseconds) stay through any move: by them a half done
    move knows its own files from others that took their names.
    """

    name: str
    kept_as: str
    size: int
    changed: int

    def is_at(self, path: Path) -> bool:
        """Whether ``path`` is this very file."""
        try:
            facts = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (facts.st_size, facts.st_mtime_ns) == (self.size, self.changed)


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
    chosen = tuple(TrashedGeneration(row.stem, _planned(folder, mark, _files_of(row))) for row in rows)
    trashed = Trashed(bin_folder / f"{_RECORD}{mark}.json", chosen)
    files.write_new(trashed.record, metadata.to_bytes(_document(trashed)))
    moves = [(folder / each.name, bin_folder / each.kept_as) for generation in chosen for each in generation.files]
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


def _planned(folder: Path, mark: str, wanted: Iterable[str]) -> tuple[TrashedFile, ...]:
    planned = []
    for name in wanted:
        try:
            facts = (folder / name).stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        kept_as = f"{mark}_{name}" if os.path.lexists(folder / TRASH / name) else name
        planned.append(TrashedFile(name, kept_as, facts.st_size, facts.st_mtime_ns))
    return tuple(planned)


def _document(trashed: Trashed) -> Document:
    return {
        "schema": metadata.SCHEMA,
        "trashed_at": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "generations": [
            {
                "stem": generation.stem,
                "files": [
                    {
                        "file": each.name,
                        "kept_as": each.kept_as,
                        "size": each.size,
                        "changed": each.changed,
                    }
                    for each in generation.files
                ],
            }
            for generation in trashed.generations
        ],
    }


def _move_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Move files to free names; one that is gone is passed over; after a failure all are back (OSError)."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            if not os.path.lexists(source):
                continue
            if os.path.lexists(target) and os.path.samestat(source.lstat(), target.lstat()):
                # A move that was killed between giving the new name and taking away the old.
                source.unlink()
            else:
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

    What is no longer in the trash is passed over. Pictures come first and metadata last, as in a save. What
    an interrupted move left on either side comes together again.
    """
    bin_folder = trashed.record.parent
    stems = []
    for generation in trashed.generations:
        there = [each for each in generation.files if os.path.lexists(bin_folder / each.kept_as)]
        if there:
            stems.append(_restore_one(folder, bin_folder, claims, generation, there))
    files.remove(trashed.record)
    if stems:
        _sync(bin_folder, folder)
    return tuple(stems)


def _restore_one(
    folder: Path,
    bin_folder: Path,
    claims: Claims,
    generation: TrashedGeneration,
    there: Sequence[TrashedFile],
) -> str:
    stem = generation.stem
    back = {each.name for each in generation.files if each.is_at(folder / each.name)}
    with _free_stem(folder, claims, stem, there, back) as fresh:
        if fresh != stem:
            _rename_inside(bin_folder, stem, fresh, there)
        pictures_first = sorted(there, key=lambda each: each.name == metadata_name(stem))
        _move_all([(bin_folder / each.kept_as, folder / renamed(each.name, stem, fresh)) for each in pictures_first])
    return fresh


@contextmanager
def _free_stem(
    folder: Path, claims: Claims, stem: str, there: Sequence[TrashedFile], back: Collection[str]
) -> Iterator[str]:
    """``stem`` if nobody else's files (``back`` are its own) have its names, else a fresh one; claimed meanwhile."""
    parts = split_stem(stem)
    if parts is None:
        yield _free_name(folder, stem, there, back)
        return
    free = all(each.name in back or not os.path.lexists(folder / each.name) for each in there)
    claim = claims.claim_stem(stem, back) if free else None
    claim = claim or claims.claim(moment_of(parts[0]) or datetime.now())
    try:
        yield claim.stem
    finally:
        claim.release()


def _free_name(folder: Path, name: str, there: Sequence[TrashedFile], back: Collection[str]) -> str:
    """``name``, or ``name-2`` and so on before its extension, so that no file of it is there yet."""
    base, dot, extension = name.rpartition(".")
    fresh, number, own = name, 1, back
    while any(
        other not in own and os.path.lexists(folder / other)
        for other in (renamed(each.name, name, fresh) for each in there)
    ):
        number, own = number + 1, ()
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
            told = _generations(read_document(path))
        except ValueError:
            continue
        there = tuple(
            generation
            for generation in told
            if any(os.path.lexists(bin_folder / each.kept_as) for each in generation.files)
        )
        if there:
            found.append(Trashed(path, there))
    return tuple(found)


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written in the trash. OSError."""
    if (folder / TRASH).is_dir():
        names.sweep(folder / TRASH)


def _generations(document: Document) -> tuple[TrashedGeneration, ...]:
    """The record's generations; ValueError where it is not of our shape or names files elsewhere."""
    try:
        return tuple(
            TrashedGeneration(
                _bare(each["stem"]),
                tuple(
                    TrashedFile(_bare(file["file"]), _bare(file["kept_as"]), int(file["size"]), int(file["changed"]))
                    for file in each["files"]
                ),
            )
            for each in document["generations"]
        )
    except (KeyError, TypeError, OverflowError) as problem:
        raise ValueError("not a record of the trash") from problem


def _bare(name: object) -> str:
    if not isinstance(name, str) or not name or name.startswith(".") or "/" in name or "\0" in name:
        raise ValueError("not a bare file name")
    return name
