"""The short way from our own metadata file to what the index keeps, for the many that are exactly as we write them.

It says the same as ``reading.read_row`` with a fraction of the work, or nothing: whatever is unusual goes the long way.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec

from tui.library import metadata
from tui.library.index.kept import Kept, KeptImage, KeptReply, name_of, usage_of

_Positive = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
_READ: Final = 1 << 14
"""Bytes of a metadata file that is read in one go; larger ones go the long way."""
_NO_USAGE: Final = msgspec.Raw(b"{}")
_YEARS: Final = range(1971, 9000)
"""A day off the edges of what ``metadata`` takes for a time, whatever the zone."""


class _Image(msgspec.Struct, gc=False):
    file: str
    mime: Annotated[str, msgspec.Meta(min_length=1)]
    width: _Positive
    height: _Positive
    bytes: _Positive
    sha256: str = ""
    role: str = ""


class _Options(msgspec.Struct, gc=False):
    aspect_ratio: str = ""
    image_size: str = ""


class _Reference(msgspec.Struct, gc=False):
    file: str = ""
    sha256: str = ""
    mime: str = ""


class _Warning(msgspec.Struct, gc=False):
    code: str = ""
    message: str = ""


class _Reply(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    text: str | None = None
    reasoning: str | None = None
    usage: msgspec.Raw = _NO_USAGE


class _User(msgspec.Struct, gc=False):
    starred: bool = False
    rating: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0
    tags: tuple[str, ...] = ()
    notes: str = ""


class _Document(msgspec.Struct, gc=False):
    schema: int
    id: Annotated[str, msgspec.Meta(min_length=1)]
    created_at: str
    prompt: Annotated[str, msgspec.Meta(min_length=1)]
    options: _Options
    images: Annotated[tuple[_Image, ...], msgspec.Meta(max_length=metadata.IMAGES_LIMIT)]
    user: _User
    model: str = ""
    references: tuple[_Reference, ...] = ()
    parent: str | None = None
    proxy: str = ""
    reply: _Reply = msgspec.field(default_factory=_Reply)
    elapsed: Annotated[float, msgspec.Meta(ge=0)] | None = None
    warnings: tuple[_Warning, ...] = ()
    made_with: msgspec.UnsetType = msgspec.UNSET


_decode: Final = msgspec.json.Decoder(_Document).decode


def read_quickly(folder: int, stem: str, told: str, pictures: Sequence[str]) -> Kept | None:
    """The generation ``stem`` with the metadata file ``told`` and all of its ``pictures`` there.

    None where it has to be read the long way. ``folder`` is a descriptor.
    """
    try:
        descriptor = os.open(told, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    try:
        data = os.read(descriptor, _READ)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return kept_from(data, stem, pictures) if len(data) < _READ else None


def kept_from(data: bytes, stem: str, pictures: Sequence[str]) -> Kept | None:
    """What the index keeps of the metadata ``data`` whose pictures are those named, None for the long way."""
    try:
        document = _decode(data)
        created = datetime.fromisoformat(document.created_at)
        reply = _reply(document.reply)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if created.tzinfo is None or created.year not in _YEARS:
        return None
    if sorted(each.file for each in document.images) != sorted(pictures):
        return None
    options, user = document.options, document.user
    return Kept(
        stem=name_of(stem),
        id=None if document.id == stem else document.id,
        created_at=created.isoformat(),
        prompt=document.prompt,
        model=document.model,
        aspect_ratio=options.aspect_ratio,
        image_size=options.image_size,
        references=tuple((each.file, each.sha256, each.mime) for each in document.references),
        parent=document.parent or None,
        proxy=document.proxy,
        reply=reply,
        images=tuple(
            KeptImage(
                each.file, each.mime, each.width, each.height, each.bytes, each.sha256, each.role or "final", False
            )
            for each in document.images
        ),
        elapsed=document.elapsed,
        warnings=tuple((each.code, each.message) for each in document.warnings),
        user=(user.starred, user.rating, user.tags, user.notes),
        metadata=True,
        foreign=False,
        damage=None,
        made_with=None,
    )


def _image(told: _Image) -> KeptImage:
    return KeptImage(
        told.file, told.mime, told.width, told.height, told.bytes, told.sha256, told.role or "final", False
    )


def _reply(told: _Reply) -> KeptReply | None:
    usage = None if told.usage == _NO_USAGE else msgspec.json.decode(told.usage)
    reply = KeptReply(
        told.id or None,
        told.model or None,
        told.finish_reason or None,
        told.native_finish_reason or None,
        told.text or None,
        told.reasoning or None,
        usage_of(usage) if usage and isinstance(usage, dict) else None,
    )
    return None if reply == _SILENT else reply


_SILENT: Final = KeptReply(None, None, None, None, None, None, None)
