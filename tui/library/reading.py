"""One generation from its files, whatever state they are in."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tui.domain import picture
from tui.domain.generation import Generation, ImageFile
from tui.domain.picture import EXTENSIONS
from tui.library import metadata
from tui.library.foreign import ForeignFacts, facts_of
from tui.library.metadata import Document, Setting
from tui.library.names import moment_of, split_stem
from tui.library.picture_texts import read_carried
from tui.library.scan import Row

_MIMES: Final = {extension: mime for mime, extension in EXTENSIONS.items()} | {"jpeg": "image/jpeg"}


def read_row(folder: Path, row: Row) -> Generation | None:
    """The generation of ``row``; None if all its files went away since the folder was listed."""
    document, damage, present = _told(folder, row)
    told = document or {}
    if not told.get("prompt"):
        own, facts = _carried(folder, row.pictures)
        document = own if document is None else document
        told = _filled(document or {}, facts)
    entries = {metadata.file_name(entry): entry for entry in metadata.entries(told)}
    images = {name: look_at(folder / name, entries.get(name)) for name in (*row.pictures, *entries) if name}
    if not present and all(image.missing for image in images.values()):
        return None
    where = folder / row.metadata if row.metadata and present else None
    setting = Setting(row.stem, _created(folder, row), images, where, _is_foreign(row, document, where), damage)
    return metadata.generation_of(told, setting)


def read_document(path: Path) -> Document:
    """The JSON object in a metadata file; OSError, or ValueError with the reason in words."""
    with path.open("rb") as stream:
        data = stream.read(metadata.SIZE_LIMIT + 1)
    if len(data) > metadata.SIZE_LIMIT:
        raise ValueError("too large to be metadata")
    return metadata.from_bytes(data)


def _told(folder: Path, row: Row) -> tuple[Document | None, str | None, bool]:
    """What the metadata file says, what is wrong with it, and whether it is there."""
    if row.metadata is None:
        return None, None, False
    try:
        return read_document(folder / row.metadata), None, True
    except FileNotFoundError:
        return None, None, False
    except OSError as problem:
        return None, f"The metadata cannot be read: {problem.strerror}.", True
    except ValueError as problem:
        return None, f"The metadata is damaged: {problem}.", True


def _carried(folder: Path, pictures: tuple[str, ...]) -> tuple[Document | None, ForeignFacts | None]:
    """Our metadata inside one of the pictures, and what another program told in one of them."""
    facts = None
    for name in pictures:
        try:
            carried = read_carried(folder / name)
        except OSError:
            continue
        own = _own_document(carried.own)
        facts = facts or facts_of(carried.texts)
        if own is not None:
            return own, facts
    return None, facts


def _own_document(text: bytes | None) -> Document | None:
    try:
        return metadata.from_bytes(text) if text is not None else None
    except ValueError:
        return None


def _filled(document: Document, facts: ForeignFacts | None) -> Document:
    """``document``, and what it does not say from the picture."""
    if facts is None or document.get("prompt"):
        return document
    told = metadata.told_document(facts.prompt, facts.model, facts.made_with)
    return told | {name: value for name, value in document.items() if value}


def carried_document(folder: Path, pictures: tuple[str, ...]) -> Document | None:
    """The metadata that one of the PNG files carries inside, None where none does."""
    return _carried(folder, pictures)[0]


def look_at(path: Path, entry: object = None) -> ImageFile:
    """A picture as its first bytes tell it; only its size on disk where ``entry`` (metadata) tells the rest."""
    mime = _MIMES.get(path.suffix[1:].lower(), "application/octet-stream")
    try:
        size = path.stat().st_size
        if metadata.tells_all(entry):
            return ImageFile(path, mime, 0, 0, size)
        with path.open("rb") as stream:
            facts = picture.identify(stream)
    except OSError:
        return ImageFile(path, mime, 0, 0, 0, missing=not os.path.lexists(path))
    if facts is None:
        return ImageFile(path, mime, 0, 0, size)
    return ImageFile(path, facts.mime, facts.width, facts.height, size)


def _created(folder: Path, row: Row) -> datetime:
    """The time in the stem, else that of the newest change of its first file."""
    parts = split_stem(row.stem)
    moment = moment_of(parts[0]) if parts else None
    if moment is not None:
        return moment
    for name in (*row.pictures, *([row.metadata] if row.metadata else [])):
        try:
            return datetime.fromtimestamp((folder / name).stat().st_mtime).astimezone()
        except (OSError, OverflowError, ValueError):
            continue
    return datetime.fromtimestamp(0, UTC)


def _is_foreign(row: Row, document: Document | None, where: Path | None) -> bool:
    """Written by another program: a foreign name, or a metadata file of another shape than ours."""
    if row.foreign or where is None or document is None:
        return row.foreign
    return "schema" not in document and "prompt" not in document
