"""Files of generations that a person threw away, kept in ``.trash`` until they are wanted back."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from tui.library import files, metadata, names
from tui.library.marks import alone_in
from tui.library.metadata import Document
from tui.library.names import metadata_name, new_id
from tui.library.reading import read_document
from tui.library.scan import Row

TRASH: Final = ".trash"
_RECORD: Final = "trashed_"
_DOOMED: Final = ".emptied_"
"""How the records begin that tell what goes for good; such a generation is neither listed nor brought back."""


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """The name a file had in the library and the one it has in the trash.

    ``size`` and ``changed`` (modification time in nanoseconds) stay through any move: by them a half done
    move knows its own files from others that took their names. ``back_as`` is the name it is to have in the
    library again, empty where that is ``name``.
    """

    name: str
    kept_as: str
    size: int
    changed: int
    back_as: str = ""

    @property
    def wanted(self) -> str:
        """The name it is to have in the library again."""
        return self.back_as or self.name

    def is_at(self, path: Path) -> bool:
        """Whether ``path`` is this very file."""
        try:
            facts = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (facts.st_size, facts.st_mtime_ns) == (self.size, self.changed)

    def is_back(self, folder: Path) -> bool:
        """Whether it is in the library, under the name it had or the one it is to have."""
        return any(self.is_at(folder / name) for name in {self.name, self.wanted})


@dataclass(frozen=True, slots=True)
class TrashedGeneration:
    """One generation's files, metadata first. ``back_stem`` is the stem it is to have again, if not ``stem``."""

    stem: str
    files: tuple[TrashedFile, ...]
    back_stem: str = ""

    @property
    def wanted_stem(self) -> str:
        """The stem it is to have in the library again."""
        return self.back_stem or self.stem

    @property
    def metadata(self) -> TrashedFile | None:
        """Its metadata file, if it has one."""
        return next((each for each in self.files if each.name == metadata_name(self.stem)), None)

    @property
    def pictures(self) -> tuple[TrashedFile, ...]:
        """All its files but the metadata."""
        return tuple(each for each in self.files if each is not self.metadata)

    def called(self, fresh: str) -> "TrashedGeneration":
        """The same, to come back as ``fresh``."""
        chosen = tuple(replace(each, back_as=renamed(each.name, self.stem, fresh)) for each in self.files)
        return replace(self, files=chosen, back_stem=fresh)


@dataclass(frozen=True, slots=True)
class Trashed:
    """What one press of the key threw away; ``record`` is the file that tells the same to a later start."""

    record: Path
    generations: tuple[TrashedGeneration, ...]


def renamed(name: str, stem: str, fresh: str) -> str:
    """The name that a file of generation ``stem`` has when that is called ``fresh``."""
    for before, after in (("image_", "_"), ("metadata_", ".json")):
        if name.startswith(f"{before}{stem}{after}"):
            return f"{before}{fresh}{name.removeprefix(f'{before}{stem}')}"
    return fresh if name == stem else name


def trash(folder: Path, rows: Sequence[Row]) -> Trashed:
    """Move the files of ``rows`` to the trash; all or, where the disk refuses, none (OSError)."""
    bin_folder = folder / TRASH
    bin_folder.mkdir(exist_ok=True)
    mark = new_id(datetime.now())
    with alone_in(folder):
        chosen = tuple(TrashedGeneration(row.stem, _planned(folder, mark, _files_of(row))) for row in rows)
        trashed = Trashed(bin_folder / f"{_RECORD}{mark}.json", chosen)
        write_record(trashed.record, chosen)
        moves = [(folder / each.name, bin_folder / each.kept_as) for generation in chosen for each in generation.files]
        try:
            files.move_all(moves)
        except OSError:
            # What would not go back either is found again by its record.
            if not any(os.path.lexists(target) for _, target in moves):
                files.remove(trashed.record)
            raise
    files.sync_folder(folder)
    files.sync_folder(bin_folder)
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


def _document(generations: Iterable[TrashedGeneration]) -> Document:
    return {
        "schema": metadata.SCHEMA,
        "trashed_at": datetime.now().astimezone().isoformat(timespec="milliseconds"),
        "generations": [_entry(each) for each in generations],
    }


def _entry(generation: TrashedGeneration) -> Document:
    """What a record says of one generation; a plan for its way back only where there is one."""
    told = []
    for each in generation.files:
        facts = {"file": each.name, "kept_as": each.kept_as, "size": each.size, "changed": each.changed}
        told.append(facts | ({"back_as": each.back_as} if each.back_as else {}))
    back = {"back_stem": generation.back_stem} if generation.back_stem else {}
    return {"stem": generation.stem, **back, "files": told}


def rewrite_record(record: Path, generations: Iterable[TrashedGeneration]) -> None:
    """Let a record tell of ``generations``; what else is in it stays. OSError."""
    told = tuple(generations)
    try:
        document = read_document(record)
    except (FileNotFoundError, ValueError):
        document = _document(told)
    document["generations"] = [_entry(each) for each in told]
    files.rewrite(record, metadata.to_bytes(document))
    files.sync_folder(record.parent)


def recorded(trashed: Trashed) -> tuple[TrashedGeneration, ...]:
    """What the record tells by now, plans of interrupted attempts included; ``trashed`` itself without one."""
    try:
        told = _generations(read_document(trashed.record))
    except (FileNotFoundError, ValueError):
        told = trashed.generations
    return _without_doomed(trashed.record, told)


def told_by(record: Path) -> tuple[TrashedGeneration, ...]:
    """What a record tells, whether it is in the trash or not; nothing where it is damaged. OSError."""
    try:
        return _generations(read_document(record))
    except (FileNotFoundError, ValueError):
        return ()


def write_record(record: Path, generations: Iterable[TrashedGeneration]) -> None:
    """Write a record that was not there before. OSError."""
    files.write_new(record, metadata.to_bytes(_document(generations)))


def doomed_beside(record: Path) -> Path:
    """The hidden record that tells which generations of ``record`` go for good."""
    return record.with_name(f"{_DOOMED}{record.name.removeprefix(_RECORD)}")


def doomed(record: Path) -> tuple[TrashedGeneration, ...]:
    """The generations of ``record`` that go for good. OSError."""
    return told_by(doomed_beside(record))


def with_doomed(folder: Path) -> tuple[Path, ...]:
    """The records, there or not, of which something goes for good. OSError."""
    hidden = sorted((folder / TRASH).glob(f"{_DOOMED}*.json"))
    return tuple(path.with_name(f"{_RECORD}{path.name.removeprefix(_DOOMED)}") for path in hidden)


def _without_doomed(record: Path, told: tuple[TrashedGeneration, ...]) -> tuple[TrashedGeneration, ...]:
    gone = {each.stem for each in doomed(record)}
    return tuple(each for each in told if each.stem not in gone)


def still_kept(folder: Path, generation: TrashedGeneration) -> tuple[TrashedFile, ...]:
    """The files of ``generation`` that are in the trash.

    A name in the trash may have gone to another generation, once the file that had it was back in the library.
    Sizes and times tell; where the library came here as a copy without its times, the name has to do.
    """
    bin_folder = folder / TRASH
    kept = []
    for each in generation.files:
        path = bin_folder / each.kept_as
        told_by = generation.pictures if each is generation.metadata else (each,)
        if os.path.lexists(path) and (
            each.is_at(path) or not told_by or not all(other.is_back(folder) for other in told_by)
        ):
            kept.append(each)
    return tuple(kept)


def records(folder: Path) -> tuple[Trashed, ...]:
    """What lies in the trash, the last thrown away first; damaged records are passed over. OSError."""
    bin_folder = folder / TRASH
    if not bin_folder.is_dir():
        return ()
    found = []
    for path in sorted(bin_folder.glob(f"{_RECORD}*.json"), reverse=True):
        try:
            told = _without_doomed(path, _generations(read_document(path)))
        except (FileNotFoundError, ValueError):
            continue
        there = tuple(generation for generation in told if still_kept(folder, generation))
        if there:
            found.append(Trashed(path, there))
    return tuple(found)


def is_record(name: str) -> bool:
    """Whether a file in the trash is a record, whole or damaged."""
    return name.startswith(_RECORD) and name.endswith(".json")


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written in the trash. OSError."""
    if (folder / TRASH).is_dir():
        names.sweep(folder / TRASH)


def _generations(document: Document) -> tuple[TrashedGeneration, ...]:
    """The record's generations; ValueError where it is not of our shape or names files elsewhere."""
    try:
        return tuple(
            TrashedGeneration(_bare(each["stem"]), tuple(map(_file, each["files"])), _bare_or_none(each, "back_stem"))
            for each in document["generations"]
        )
    except (KeyError, TypeError, OverflowError) as problem:
        raise ValueError("not a record of the trash") from problem


def _file(told: Document) -> TrashedFile:
    return TrashedFile(
        _bare(told["file"]),
        _bare(told["kept_as"]),
        int(told["size"]),
        int(told["changed"]),
        _bare_or_none(told, "back_as"),
    )


def _bare_or_none(told: Document, name: str) -> str:
    """A member that records have only while there is a plan; empty where it is not there."""
    return _bare(told[name]) if name in told else ""


def _bare(name: object) -> str:
    if not isinstance(name, str) or not name or name.startswith(".") or "/" in name or "\0" in name:
        raise ValueError("not a bare file name")
    return name
