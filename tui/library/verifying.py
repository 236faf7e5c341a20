"""Every file of a library checked against what its metadata promises; nothing is changed, nothing is repaired."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from tui.domain import picture
from tui.domain.picture import EXTENSIONS, MAX_PIXELS, PictureFacts
from tui.library import files, leftovers, metadata
from tui.library.bulk import Stopped, never
from tui.library.metadata import Document
from tui.library.reading import carried_document, read_document
from tui.library.scan import Row, scan

Kind = Literal[
    "missing picture",
    "changed picture",
    "broken picture",
    "wrong size",
    "damaged metadata",
    "no picture",
    "unreadable",
    "no metadata",
    "wrong extension",
    "leftover",
]
NOTES: Final[frozenset[Kind]] = frozenset({"no metadata", "wrong extension", "leftover"})
"""What is worth a word, but no damage."""

Counted = Callable[[int, int, int], None]
"""Hears how many generations are done, of how many, and the bytes of pictures read."""

_SAME: Final = {"jpeg": "jpg", "tif": "tiff", "heif": "heic"}
_DECODED_WHOLE: Final = 50_000_000
"""Pixels of a picture, other than PNG and JPEG, that is decoded to see whether it can be."""

_FROM_BACKUP: Final = "Bring the file back from a backup"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a file: what, in words, and what to do. ``stem`` is that of its generation, or empty."""

    kind: Kind
    name: str
    stem: str
    words: str
    hint: str

    @property
    def is_note(self) -> bool:
        """Whether nothing is damaged by it."""
        return self.kind in NOTES


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was found; ``stopped`` where it was not all."""

    generations: int
    pictures: int
    bytes: int
    troubles: tuple[Trouble, ...]
    stopped: bool

    @property
    def is_sound(self) -> bool:
        """Whether nothing is damaged."""
        return all(each.is_note for each in self.troubles)


def uncounted(done: int, of: int, size: int) -> None:
    """For whom progress is of no interest."""


def verify(folder: Path, told: Counted = uncounted, stopped: Stopped = never) -> Verified:
    """Check every generation of ``folder``, one file open at a time. OSError where it cannot be listed."""
    rows = scan(folder).rows
    look = _Look(folder)
    done = 0
    for row in rows:
        if stopped():
            break
        look.at(row)
        done += 1
        told(done, len(rows), look.bytes)
    if done == len(rows):
        look.troubles += (_leftover(name) for name in leftovers.of(folder))
    return Verified(done, look.pictures, look.bytes, tuple(look.troubles), done < len(rows))


@dataclass(slots=True)
class _Look:
    """What was found so far."""

    folder: Path
    pictures: int = 0
    bytes: int = 0
    troubles: list[Trouble] = field(default_factory=list)

    def at(self, row: Row) -> None:
        """Check one generation's files against each other."""
        document = self._document(row)
        entries = {name: each for each in metadata.entries(document or {}) if (name := metadata.file_name(each))}
        if row.metadata is None:
            self._say("no metadata", row.pictures[0], row, "It has no metadata file.", "A star or a tag gives it one.")
        found = [name for name in dict.fromkeys((*row.pictures, *entries)) if os.path.lexists(self.folder / name)]
        for name in found:
            self._check_picture(row, name, entries.get(name))
        if row.metadata is None or not (self.folder / row.metadata).exists():
            # Without metadata nothing is promised; or another process took all of it away meanwhile.
            return
        gone = [name for name in entries if name not in found]
        if not found:
            self._say(
                *(
                    "no picture",
                    row.metadata,
                    row,
                    f"None of its pictures is there ({', '.join(gone) or 'none named'}).",
                ),
                f"{_FROM_BACKUP}, or throw the generation away: image-gen history trash {row.stem}",
            )
            return
        for name in gone:
            self._say("missing picture", name, row, "The metadata names it, but it is not there.", f"{_FROM_BACKUP}.")

    def _say(self, kind: Kind, name: str, row: Row, words: str, hint: str) -> None:
        self.troubles.append(Trouble(kind, name, row.stem, words, hint))

    def _document(self, row: Row) -> Document | None:
        """What the metadata says; None where it says nothing."""
        if row.metadata is None:
            return None
        try:
            return read_document(self.folder / row.metadata)
        except FileNotFoundError:
            return None
        except OSError as problem:
            self._say("unreadable", row.metadata, row, f"It cannot be read: {problem.strerror}.", _may_read(problem))
        except ValueError as problem:
            carried = carried_document(self.folder / name for name in row.pictures)
            repair = f"{_FROM_BACKUP}, or repair it by hand: it is JSON text."
            again = "Its picture carries a copy: move the file away, and a star or a tag writes it anew."
            self._say("damaged metadata", row.metadata, row, f"It is {problem}.", again if carried else repair)
        return None

    def _check_picture(self, row: Row, name: str, entry: object) -> None:
        path = self.folder / name
        told: dict[str, Any] = entry if isinstance(entry, dict) else {}
        try:
            with path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                facts = picture.identify(stream)
                whole = facts is not None and picture.is_whole(stream, facts.mime)
            promised = told.get("sha256")
            same = files.digest(path) == promised.lower() if isinstance(promised, str) and promised else None
        except FileNotFoundError:
            return
        except OSError as problem:
            self._say("unreadable", name, row, f"It cannot be read: {problem.strerror}.", _may_read(problem))
            return
        self.pictures += 1
        self.bytes += size
        wrong = _wrong_bytes(path, facts, whole, same) or _wrong_numbers(told, size, facts)
        if wrong is not None:
            self._say(wrong[0], name, row, wrong[1], wrong[2])
        elif facts is not None and not _fits(path.suffix, facts.mime):
            right = EXTENSIONS[facts.mime]
            words = f"Its bytes are those of a {right.upper()} picture."
            self._say("wrong extension", name, row, words, "Nothing need be done: image-gen goes by the bytes.")


def _wrong_bytes(
    path: Path, facts: PictureFacts | None, whole: bool, same: bool | None
) -> tuple[Kind, str, str] | None:
    """What is wrong with the bytes of a picture; ``same`` is None where no digest tells."""
    if same:
        return None
    again = f"{_FROM_BACKUP}; what is left of it is not touched."
    if facts is None:
        return "broken picture", "It is no picture that can be read.", again
    if not whole:
        return "broken picture", "It is cut off: its end is missing.", again
    if not _decodes(path, facts):
        return "broken picture", "It is damaged: it cannot be decoded.", again
    if same is None:
        return None
    return (
        *("changed picture", "Its bytes are not those that were saved (SHA-256), though it is a whole picture."),
        f"If nobody edited it: {_FROM_BACKUP.lower()}.",
    )


def _wrong_numbers(told: dict[str, Any], size: int, facts: PictureFacts | None) -> tuple[Kind, str, str] | None:
    """Where the metadata tells another size than the picture has."""
    hint = "The picture is right: correct the numbers in the metadata file, which is JSON text."
    if isinstance(told.get("bytes"), int) and told["bytes"] != size:
        return "wrong size", f"It has {size:,} bytes, the metadata says {told['bytes']:,}.", hint
    pixels = (told.get("width"), told.get("height"))
    if facts is None or not facts.width or not all(isinstance(each, int) and each for each in pixels):
        return None
    if pixels != (facts.width, facts.height):
        return "wrong size", f"It is {facts.width}×{facts.height}, the metadata says {pixels[0]}×{pixels[1]}.", hint
    return None


def _decodes(path: Path, facts: PictureFacts) -> bool:
    """Whether Pillow can read it: PNG by the checksums of its chunks, JPEG at an eighth of its size, others whole."""
    from PIL import Image

    from tui.pillow import DAMAGE

    if facts.width * facts.height > MAX_PIXELS:
        return False
    try:
        with Image.open(path) as image:
            if facts.mime == "image/png":
                image.verify()
            elif facts.mime == "image/jpeg":
                image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
                image.load()
            elif facts.width * facts.height <= _DECODED_WHOLE:
                image.load()
    except DAMAGE:
        return False
    return True


def _fits(suffix: str, mime: str) -> bool:
    extension = suffix[1:].lower()
    return _SAME.get(extension, extension) in (EXTENSIONS[mime], "bin")


def _may_read(problem: OSError) -> str:
    return "Let yourself read it (chmod u+r)." if isinstance(problem, PermissionError) else "Look at the disk."


def _leftover(name: str) -> Trouble:
    words = "It was on its way when a process was killed, or nothing tells any more what it belongs to."
    hint = "Nothing needs it: the next start of the app removes it."
    if not Path(name).name.startswith("."):
        hint = "Look at it, then move it where you want it: image-gen never deletes it."
    return Trouble("leftover", name, "", words, hint)
