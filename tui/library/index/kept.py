"""A generation as the index keeps it: a few hundred bytes that become the same value again, without opening a file."""

import json
import os
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


class _Image(msgspec.Struct, array_like=True, frozen=True, gc=False):
    path: Name
    mime: str
    width: int
    height: int
    bytes: int
    sha256: str
    role: str
    missing: bool


class _Reply(msgspec.Struct, array_like=True, frozen=True, gc=False):
    id: str | None
    model: str | None
    finish_reason: str | None
    native_finish_reason: str | None
    text: str | None
    reasoning: str | None
    usage: str | None


class _Kept(msgspec.Struct, array_like=True, frozen=True, gc=False):
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
    reply: _Reply | None
    images: tuple[_Image, ...]
    elapsed: float | None
    warnings: tuple[tuple[str, str], ...]
    user: tuple[bool, int, tuple[str, ...], str]
    metadata: Name | bool
    foreign: bool
    damage: str | None
    made_with: tuple[str, str, str, str, str] | None


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Kept)
_NO_REPLY: Final = ReplySummary()


def to_bytes(generation: Generation, folder: Path) -> bytes:
    """``generation`` as the index keeps it; paths in ``folder`` by their names alone."""
    user = generation.user
    told = generation.made_with
    return _encoder.encode(
        _Kept(
            stem=_name(generation.stem),
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
    )


def from_bytes(data: bytes, folder: Path) -> Generation:
    """The generation that ``to_bytes`` was given, its files in ``folder``; msgspec.MsgspecError for other bytes."""
    kept = _decoder.decode(data)
    stem = _text(kept.stem)
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
        images=tuple(
            ImageFile(
                folder / _text(each.path),
                each.mime,
                each.width,
                each.height,
                each.bytes,
                each.sha256,
                each.role,
                each.missing,
            )
            for each in kept.images
        ),
        elapsed=kept.elapsed,
        warnings=tuple(GenerationWarning(*each) for each in kept.warnings),
        user=UserMarks(*kept.user),
        metadata=_metadata_path(kept.metadata, stem, folder),
        foreign=kept.foreign,
        damage=kept.damage,
        made_with=None if kept.made_with is None else MadeWith(*kept.made_with),
    )


def _image(image: ImageFile, folder: Path) -> _Image:
    return _Image(
        _relative(image.path, folder),
        image.mime,
        image.width,
        image.height,
        image.bytes,
        image.sha256,
        image.role,
        image.missing,
    )


def _reply(reply: ReplySummary) -> _Reply:
    return _Reply(
        reply.id,
        reply.model,
        reply.finish_reason,
        reply.native_finish_reason,
        reply.text,
        reply.reasoning,
        None if reply.usage is None else _usage(reply.usage),
    )


def _usage(usage: Any) -> str | None:
    """Any JSON object as text: its numbers may be larger, its texts stranger, than msgpack can hold."""
    try:
        return json.dumps(dict(usage))
    except RecursionError:
        return None


def _summary(kept: _Reply) -> ReplySummary:
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
    return folder / _text(kept)


def _relative(path: Path, folder: Path) -> Name:
    return _name(path.name if path.parent == folder else str(path))


def _name(text: str) -> Name:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "\0" + os.fsencode(text).decode("latin-1")
    return text


def _text(name: Name) -> str:
    return os.fsdecode(name[1:].encode("latin-1")) if name.startswith("\0") else name
