"""One generation from its files, whatever state they are in."""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tui.domain import picture
from tui.domain.generation import Generation, ImageFile
from tui.domain.picture import EXTENSIONS
from tui.domain.words import file_size
from tui.library import metadata
from tui.library.foreign import ForeignFacts, facts_of
from tui.library.metadata import Document, Setting
from tui.library.names import moment_of, split_stem
from tui.library.picture_texts import read_carried
from tui.library.scan import Row

_MIMES: Final = {extension: mime for mime, extension in EXTENSIONS.items()} | {"jpeg": "image/jpeg"}


def read_row(folder: Path, row: Row, kept_as: Mapping[str, str] | None = None) -> Generation | None:
    """The generation of ``row``; None if all its files went away since the folder was listed.

    ``kept_as`` has the names its files have in ``folder`` where those are not the row's.
    """
    places = {name: folder / other for name, other in (kept_as or {}).items()}
    told_at = places.get(row.metadata, folder / row.metadata) if row.metadata else None
    pictures = {name: places.get(name, folder / name) for name in row.pictures}
    document, damage, present = _told(told_at)
    told = document or {}
    if not told.get("prompt"):
        own, facts = _carried(pictures.values())
        document = own if document is None else document
        told = _filled(document or {}, facts)
    entries = {metadata.file_name(entry): entry for entry in metadata.entries(told)}
    wanted = {name: places.get(name, folder / name) for name in (*row.pictures, *entries) if name}
    images = {name: look_at(path, entries.get(name)) for name, path in wanted.items()}
    if not present and all(image.missing for image in images.values()):
        return None
    where = told_at if present else None
    created = _created(row, (*pictures.values(), *([told_at] if told_at else [])))
    setting = Setting(row.stem, created, images, where, _is_foreign(row, document, where), damage)
    return metadata.generation_of(told, setting)


def read_document(path: Path) -> Document:
    """The JSON object in a metadata file; OSError, or ValueError with the reason in words."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        data = stream.read(metadata.SIZE_LIMIT + 1) if size <= metadata.SIZE_LIMIT else b""
    if max(size, len(data)) > metadata.SIZE_LIMIT:
        raise ValueError(f"too large to be metadata: it has {file_size(max(size, len(data)))}")
    return metadata.from_bytes(data)


def _told(path: Path | None) -> tuple[Document | None, str | None, bool]:
    """What the metadata file says, what is wrong with it, and whether it is there."""
    if path is None:
        return None, None, False
    try:
        return read_document(path), None, True
    except FileNotFoundError:
        return None, None, False
    except OSError as problem:
        return None, f"The metadata cannot be read: {problem.strerror}.", True
    except ValueError as problem:
        return None, f"The metadata is damaged: {problem}.", True


def _carried(pictures: Iterable[Path]) -> tuple[Document | None, ForeignFacts | None]:
    """Our metadata inside one of the pictures, and what another program told in one of them."""
    facts = None
    for path in pictures:
        try:
            carried = read_carried(path)
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


def carried_document(pictures: Iterable[Path]) -> Document | None:
    """The metadata that one of the PNG files carries inside, None where none does."""
    return _carried(pictures)[0]


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


def _created(row: Row, paths: Iterable[Path]) -> datetime:
    """The time in the stem, else that of the newest change of its first file."""
    parts = split_stem(row.stem)
    moment = moment_of(parts[0]) if parts else None
    if moment is not None:
        return moment
    for path in paths:
        try:
            return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        except (OSError, OverflowError, ValueError):
            continue
    return datetime.fromtimestamp(0, UTC)


def _is_foreign(row: Row, document: Document | None, where: Path | None) -> bool:
    """Written by another program: a foreign name, or a metadata file of another shape than ours."""
    if row.foreign or where is None or document is None:
        return row.foreign
    return "schema" not in document and "prompt" not in document
