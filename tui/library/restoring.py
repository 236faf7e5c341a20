"""Back from the trash: whole generations, also after attempts that were killed or refused half way.

Nothing in the trash is rewritten. Where a generation cannot have its names back, the record first tells the
names it will have, so that every later attempt goes on with the same plan; then its pictures move, and its
metadata, which names them, comes last.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tui.library import files, metadata
from tui.library.marks import alone_in
from tui.library.names import Claim, Claims, moment_of, split_stem
from tui.library.reading import read_document
from tui.library.trash import (
    TRASH,
    Trashed,
    TrashedFile,
    TrashedGeneration,
    recorded,
    renamed,
    rewrite_record,
    still_kept,
)

Kept = tuple[TrashedFile, ...]


def restore(folder: Path, claims: Claims, trashed: Trashed) -> tuple[str, ...]:
    """Bring files back, under fresh names where theirs are taken; the stems they have now. OSError.

    What is no longer in the trash is passed over. What an interrupted move left on either side comes together
    again.
    """
    asked = {each.stem for each in trashed.generations}
    stems = []
    with alone_in(folder):
        told = list(recorded(trashed))
        for index, generation in enumerate(told):
            kept = still_kept(folder, generation) if generation.stem in asked else ()
            if not kept:
                continue
            with free_stem(folder, claims, generation, kept, _own(folder, generation, kept)) as fresh:
                if fresh != generation.wanted_stem:
                    told[index] = generation.called(fresh)
                    rewrite_record(trashed.record, told)
                    names = {each.name for each in kept}
                    kept = tuple(each for each in told[index].files if each.name in names)
                _bring_back(folder, told[index], kept)
            stems.append(fresh)
        if stems:
            files.sync_folder(folder)
            files.sync_folder(folder / TRASH)
        others = [each for each in told if each.stem not in asked and still_kept(folder, each)]
        if others:
            rewrite_record(trashed.record, others)
        else:
            files.remove(trashed.record)
    return tuple(stems)


@contextmanager
def free_stem(
    folder: Path, claims: Claims, generation: TrashedGeneration, kept: Kept, own: Collection[str]
) -> Iterator[str]:
    """The stem it is to have if nobody else's files have its names, else a fresh one; claimed meanwhile.

    ``kept`` are the files that are to come; those named in ``own`` are there already, by an attempt before.
    """
    parts = split_stem(generation.wanted_stem)
    if parts is None:
        yield _free_name(folder, generation, kept, own)
        return
    free = all(each.wanted in own or not os.path.lexists(folder / each.wanted) for each in kept)
    claim = claims.claim_stem(generation.wanted_stem, own) if free else None
    claim = claim or _fresh(folder, claims, generation, parts[0])
    try:
        yield claim.stem
    finally:
        claim.release()


def _own(folder: Path, generation: TrashedGeneration, kept: Kept) -> set[str]:
    """The names in the library that this generation has already there, by an attempt before."""
    own = set()
    for each in generation.files:
        path, source = folder / each.wanted, folder / TRASH / each.kept_as
        if each not in kept:
            is_own = each.is_at(path)
        elif each is generation.metadata and (told := told_anew(source, generation)) is not None:
            is_own = path.is_file() and path.read_bytes() == told
        else:
            is_own = files.same(source, path)
        if is_own:
            own.add(each.wanted)
    return own


def _fresh(folder: Path, claims: Claims, generation: TrashedGeneration, stamp: str) -> Claim:
    """A stem of the same second that no file of the generation finds a namesake under."""
    while True:
        claim = claims.claim(moment_of(stamp) or datetime.now())
        wanted = [each.wanted for each in generation.called(claim.stem).files]
        if not any(os.path.lexists(folder / name) for name in wanted):
            return claim
        claim.release()


def _free_name(folder: Path, generation: TrashedGeneration, kept: Kept, own: Collection[str]) -> str:
    """For a picture with a foreign name: ``NAME-2`` and so on before its extension, where its name is taken."""
    base, dot, extension = generation.stem.rpartition(".")
    fresh, number, mine = generation.wanted_stem, 1, own
    while any(
        other not in mine and os.path.lexists(folder / other)
        for other in (renamed(each.name, generation.stem, fresh) for each in kept)
    ):
        number, mine = number + 1, ()
        fresh = f"{base}-{number}{dot}{extension}"
    return fresh


def _bring_back(folder: Path, generation: TrashedGeneration, kept: Kept) -> None:
    """Move what is ``kept`` in the trash to the wanted names, metadata last; after a failure all are back."""
    bin_folder, told = folder / TRASH, generation.metadata
    moves = [(bin_folder / each.kept_as, folder / each.wanted) for each in kept if each is not told]
    made: list[Path] = []
    anew: Path | None = None
    try:
        for source, target in _strays(folder, generation, kept):
            files.add_name(source, target)
            made.append(target)
        if told is not None and told in kept:
            text = told_anew(bin_folder / told.kept_as, generation)
            if text is not None:
                anew = files.write_hidden(folder, text)
            moves.append((anew or bin_folder / told.kept_as, folder / told.wanted))
        files.move_all(moves)
    except OSError:
        for path in (*made, *([anew] if anew else [])):
            files.remove(path)
        raise
    if told is not None and anew is not None:
        # The other copy may go only when this one is on the disk.
        files.sync_folder(folder)
        (bin_folder / told.kept_as).unlink()


def told_anew(path: Path, generation: TrashedGeneration) -> bytes | None:
    """The metadata at ``path`` with its pictures named as they will be; None where it stays as it is.

    Damaged metadata stays as it is.
    """
    try:
        document = read_document(path)
        changed = False
        for index, entry in enumerate(metadata.entries(document)):
            name = metadata.file_name(entry)
            fresh = renamed(name, generation.stem, generation.wanted_stem)
            if fresh == name:
                continue
            changed = True
            if isinstance(entry, dict):
                entry["file"] = f"{entry['file'].removesuffix(name)}{fresh}"
            else:
                document["images"][index] = f"{str(entry).removesuffix(name)}{fresh}"
        return metadata.to_bytes(document) if changed else None
    except (ValueError, RecursionError):
        return None


def _strays(folder: Path, generation: TrashedGeneration, kept: Kept) -> list[tuple[Path, Path]]:
    """Pictures that lie under other names by now, and the names wanted for them.

    A half thrown away generation leaves pictures in the library; they may be there under names that are
    another's by now, or have been thrown away once more.
    """
    missing = [each for each in generation.pictures if each not in kept and not os.path.lexists(folder / each.wanted)]
    if not missing:
        return []
    visible = [path for place in (folder, folder / TRASH) for path in place.iterdir() if path.name[0] != "."]
    strays = []
    for each in missing:
        suffix = Path(each.name).suffix
        found = next((path for path in visible if path.suffix == suffix and each.is_at(path)), None)
        if found is not None:
            strays.append((found, folder / each.wanted))
    return strays
