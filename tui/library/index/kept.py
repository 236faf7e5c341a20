"""A generation as the index keeps it: a few hundred bytes that become the same value again, without opening a file."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from tui.domain.generation import (
    Generation,
    GenerationWarning,
    ImageFile,
    KeptReference,
    MadeWith,
    ReplySummary,
    UserMarks,
)
from tui.library.names import metadata_name

Name = str
"""A file name; where it is no Unicode text its bytes, each as the character of that number, behind a NUL."""


class KeptImage(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A picture; its path is a bare name where it lies in the library."""

    path: Name
    mime: str
    width: int
    height: int
    bytes: int
    sha256: str
    role: str
    missing: bool


class KeptReply(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the server said; ``usage`` is JSON: its numbers may be larger, its texts stranger, than msgpack can hold."""

    id: str | None
    model: str | None
    finish_reason: str | None
    native_finish_reason: str | None
    text: str | None
    reasoning: str | None
    usage: str | None


class Kept(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A generation; ``id`` is None where it is the stem, ``metadata`` true where its file has the usual name."""

    stem: Name
    id: str | None
    created_at: str
    prompt: str
    model: str
    aspect_ratio: str
    image_size: str
    references: tuple[tuple[str, str, str], ...]
    parent: str | None
    proxy: str
    reply: KeptReply | None
    images: tuple[KeptImage, ...]
    elapsed: float | None
    warnings: tuple[tuple[str, str], ...]
    user: tuple[bool, int, tuple[str, ...], str]
    metadata: Name | bool
    foreign: bool
    damage: str | None
    made_with: tuple[str, str, str, str, str] | None


_NO_REPLY: Final = ReplySummary()


def kept_of(generation: Generation, folder: Path) -> Kept:
    """``generation`` as the index keeps it; paths in ``folder`` by their names alone."""
    user, told = generation.user, generation.made_with
    return Kept(
        stem=name_of(generation.stem),
        id=None if generation.id == generation.stem else generation.id,
        created_at=generation.created_at.isoformat(),
        prompt=generation.prompt,
        model=generation.model,
        aspect_ratio=generation.aspect_ratio,
        image_size=generation.image_size,
        references=tuple((each.file, each.sha256, each.mime) for each in generation.references),
        parent=generation.parent,
        proxy=generation.proxy,
        reply=None if generation.reply == _NO_REPLY else _reply(generation.reply),
        images=tuple(_image(each, folder) for each in generation.images),
        elapsed=generation.elapsed,
        warnings=tuple((each.code, each.message) for each in generation.warnings),
        user=(user.starred, user.rating, user.tags, user.notes),
        metadata=_metadata(generation, folder),
        foreign=generation.foreign,
        damage=generation.damage,
        made_with=None if told is None else (told.program, told.negative_prompt, told.seed, told.steps, told.size),
    )


to_bytes: Final = msgspec.msgpack.Encoder().encode
from_bytes: Final = msgspec.msgpack.Decoder(Kept).decode


def generation_of(kept: Kept, folder: Path) -> Generation:
    """The generation that ``kept_of`` was given, its files in ``folder``."""
    stem = text_of(kept.stem)
    return Generation(
        id=stem if kept.id is None else kept.id,
        stem=stem,
        created_at=datetime.fromisoformat(kept.created_at),
        prompt=kept.prompt,
        model=kept.model,
        aspect_ratio=kept.aspect_ratio,
        image_size=kept.image_size,
        references=tuple(KeptReference(*each) for each in kept.references),
        parent=kept.parent,
        proxy=kept.proxy,
        reply=_NO_REPLY if kept.reply is None else _summary(kept.reply),
        images=tuple(_image_file(each, folder) for each in kept.images),
        elapsed=kept.elapsed,
        warnings=tuple(GenerationWarning(*each) for each in kept.warnings),
        user=UserMarks(*kept.user),
        metadata=_metadata_path(kept.metadata, stem, folder),
        foreign=kept.foreign,
        damage=kept.damage,
        made_with=None if kept.made_with is None else MadeWith(*kept.made_with),
    )


def usage_of(usage: Mapping[str, Any]) -> str | None:
    """Any JSON object as text; None where it is nested too deeply to be written."""
    try:
        return json.dumps(dict(usage))
    except RecursionError:
        return None


def name_of(text: str) -> Name:
    """A file name as it is kept."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "\0" + os.fsencode(text).decode("latin-1")
    return text


def text_of(name: Name) -> str:
    """The file name that was kept."""
    return os.fsdecode(name[1:].encode("latin-1")) if name.startswith("\0") else name


def _image_file(kept: KeptImage, folder: Path) -> ImageFile:
    return ImageFile(
        folder / text_of(kept.path),
        kept.mime,
        kept.width,
        kept.height,
        kept.bytes,
        kept.sha256,
        kept.role,
        kept.missing,
    )


def _image(image: ImageFile, folder: Path) -> KeptImage:
    return KeptImage(
        _relative(image.path, folder),
        image.mime,
        image.width,
        image.height,
        image.bytes,
        image.sha256,
        image.role,
        image.missing,
    )


def _reply(reply: ReplySummary) -> KeptReply:
    return KeptReply(
        reply.id,
        reply.model,
        reply.finish_reason,
        reply.native_finish_reason,
        reply.text,
        reply.reasoning,
        None if reply.usage is None else usage_of(reply.usage),
    )


def _summary(kept: KeptReply) -> ReplySummary:
    return ReplySummary(
        kept.id,
        kept.model,
        kept.finish_reason,
        kept.native_finish_reason,
        kept.text,
        kept.reasoning,
        None if kept.usage is None else json.loads(kept.usage),
    )


def _metadata(generation: Generation, folder: Path) -> Name | bool:
    if generation.metadata is None:
        return False
    return generation.metadata == folder / metadata_name(generation.stem) or _relative(generation.metadata, folder)


def _metadata_path(kept: Name | bool, stem: str, folder: Path) -> Path | None:
    if isinstance(kept, bool):
        return folder / metadata_name(stem) if kept else None
    return folder / text_of(kept)


def _relative(path: Path, folder: Path) -> Name:
    return name_of(path.name if path.parent == folder else str(path))
