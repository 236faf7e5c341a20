"""Metadata of a generation: our values to a JSON document, and any JSON document to our values."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tui.domain.generation import (
    Generation,
    GenerationWarning,
    ImageFile,
    KeptReference,
    MadeWith,
    ReplySummary,
    UserMarks,
)
from tui.domain.reply import Reply
from tui.domain.request import Reference, Request

SCHEMA: Final = 1
SIZE_LIMIT: Final = 16 * 1024 * 1024
"""A metadata file with more bytes is not read: nothing of ours comes near it, and JSON takes twenty times its room."""
TAGS_LIMIT: Final = 10_000
"""A metadata file with more tags is not read: a person adds a hundred at most."""

_PICTURE_BYTES: Final = ("bytes", "sha256")
_MADE_WITH: Final = tuple(field.name for field in fields(MadeWith))
IMAGES_LIMIT: Final = 1000
_FIRST_YEAR, _LAST_YEAR = 1970, 9000

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """What is known of a generation when it is saved, beside request and reply."""

    id: str
    created: datetime
    proxy: str
    elapsed: float
    warnings: tuple[GenerationWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a document was found, and what stands for the facts it lacks."""

    stem: str
    created: datetime
    images: Mapping[str, ImageFile]
    metadata: Path | None
    foreign: bool = False
    damage: str | None = None


def to_bytes(document: Mapping[str, Any]) -> bytes:
    """A document as it is written: indented UTF-8; what UTF-8 cannot hold (lone surrogates) is escaped."""
    try:
        return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(document, indent=2).encode() + b"\n"


def from_bytes(data: bytes) -> Document:
    """The JSON object in ``data``; ValueError with the reason in words for anything else."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem
    except UnicodeDecodeError as problem:
        raise ValueError("not UTF-8 text") from problem
    if not isinstance(document, dict):
        raise ValueError(f"not a JSON object but {_kind(document)}")
    count = len(_list(_object(document.get("user")).get("tags")))
    if count > TAGS_LIMIT:
        raise ValueError(f"overfull: it has {count:,} tags, of which {TAGS_LIMIT:,} at most are read")
    return document


def _kind(value: object) -> str:
    names: dict[type, str] = {list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def document_of(request: Request, reply: Reply, saved: Saved, images: Sequence[ImageFile]) -> Document:
    """The document of the contract's schema 1 for a fresh generation."""
    summary = reply.summary
    return {
        "schema": SCHEMA,
        "id": saved.id,
        "created_at": saved.created.isoformat(timespec="milliseconds"),
        "prompt": request.prompt,
        "model": request.model,
        "options": {"aspect_ratio": request.aspect_ratio, "image_size": request.image_size},
        "references": [_reference_entry(each) for each in request.references],
        "parent": request.parent,
        "proxy": saved.proxy,
        "reply": {
            "id": summary.id,
            "model": summary.model,
            "finish_reason": summary.finish_reason,
            "native_finish_reason": summary.native_finish_reason,
            "text": summary.text,
            "reasoning": summary.reasoning,
            "usage": dict(summary.usage) if summary.usage else {},
        },
        "images": [image_entry(each) for each in images],
        "elapsed": round(saved.elapsed, 3),
        "warnings": [{"code": each.code, "message": each.message} for each in saved.warnings],
        "user": {"starred": False, "rating": 0, "tags": [], "notes": ""},
    }


def _reference_entry(reference: Reference) -> Document:
    return {"file": str(reference.path), "sha256": reference.sha256, "mime": reference.own_mime or reference.mime}


def image_entry(image: ImageFile) -> Document:
    """One member of ``images``."""
    return {
        "file": image.path.name,
        "mime": image.mime,
        "width": image.width,
        "height": image.height,
        "bytes": image.bytes,
        "sha256": image.sha256,
        "role": image.role,
    }


def document_again(generation: Generation) -> Document:
    """A document for a generation that has no metadata file, made when a person marks it."""
    told = told_document(generation.prompt, generation.model, generation.made_with)
    return {
        "schema": SCHEMA,
        "id": generation.id,
        "created_at": generation.created_at.isoformat(timespec="milliseconds"),
        **told,
        "images": [image_entry(each) for each in generation.images],
        "user": {"starred": False, "rating": 0, "tags": [], "notes": ""},
    }


def told_document(prompt: str, model: str, made_with: MadeWith | None) -> Document:
    """The members that hold what a picture of another program tells."""
    document: Document = {"prompt": prompt}
    if model:
        document["model"] = model
    if made_with is not None:
        document["made_with"] = {name: value for name in _MADE_WITH if (value := getattr(made_with, name))}
    return document


def embedded(document: Document) -> bytes:
    """What a PNG carries of its own metadata.

    Sizes and digests of the files are left out, since adding the text changes them, and of the references
    the folders: pictures are passed on to others.
    """
    images = [
        {name: value for name, value in each.items() if name not in _PICTURE_BYTES} for each in document["images"]
    ]
    references = [{**each, "file": Path(each["file"]).name} for each in document["references"]]
    return to_bytes({**document, "images": images, "references": references})


def generation_of(document: Document, setting: Setting) -> Generation:
    """A generation from any JSON object; a member of the wrong type counts as missing."""
    options = _object(document.get("options"))
    return Generation(
        id=_text(document.get("id")) or setting.stem,
        stem=setting.stem,
        created_at=_moment(document.get("created_at")) or setting.created,
        prompt=_text(document.get("prompt")),
        model=_text(document.get("model")),
        aspect_ratio=_text(options.get("aspect_ratio")),
        image_size=_text(options.get("image_size")),
        references=tuple(_reference(each) for each in _objects(document.get("references"))),
        parent=_text(document.get("parent")) or None,
        proxy=_text(document.get("proxy")),
        reply=_summary(_object(document.get("reply"))),
        images=_images(entries(document), setting),
        elapsed=_seconds(document.get("elapsed")),
        warnings=tuple(
            GenerationWarning(_text(each.get("code")), _text(each.get("message")))
            for each in _objects(document.get("warnings"))
        ),
        user=user_marks(_object(document.get("user"))),
        metadata=setting.metadata,
        foreign=setting.foreign,
        damage=setting.damage,
        made_with=_made_with(document.get("made_with")),
    )


def user_marks(user: Document) -> UserMarks:
    """What a person added, as the member ``user`` has it."""
    return UserMarks(
        starred=user.get("starred") is True,
        rating=min(5, _number(user.get("rating"))),
        tags=tuple(_text(tag) for tag in _list(user.get("tags")) if isinstance(tag, str)),
        notes=_text(user.get("notes")),
    )


def entries(document: Document) -> list[object]:
    """The members of ``images``, of whatever type, as many as are looked at."""
    return _list(document.get("images"))[:IMAGES_LIMIT]


def _images(told: list[object], setting: Setting) -> tuple[ImageFile, ...]:
    """Pictures in the document's order, then those of the same stem that it does not name."""
    images: dict[str, ImageFile] = {}
    for each in told:
        name = file_name(each)
        found = setting.images.get(name)
        if found is not None and name not in images:
            images[name] = _with_entry(found, _object(each))
    rest_role = "copy" if images else "final"
    for name, found in setting.images.items():
        if name not in images:
            images[name] = ImageFile(found.path, found.mime, found.width, found.height, found.bytes, role=rest_role)
    return tuple(images.values())


def _with_entry(found: ImageFile, entry: Document) -> ImageFile:
    return ImageFile(
        path=found.path,
        mime=_text(entry.get("mime")) or found.mime,
        width=_number(entry.get("width")) or found.width,
        height=_number(entry.get("height")) or found.height,
        bytes=_number(entry.get("bytes")) or found.bytes,
        sha256=_text(entry.get("sha256")),
        role=_text(entry.get("role")) or "final",
        missing=found.missing,
    )


def tells_all(entry: object) -> bool:
    """Whether an entry of ``images`` says type, pixels and size, so that its file need not be opened."""
    told = _object(entry)
    return bool(_text(told.get("mime"))) and all(_number(told.get(name)) for name in ("width", "height", "bytes"))


def file_name(entry: object) -> str:
    """The bare file name in an entry of ``images``, whatever it says of folders; empty where it has none."""
    named = entry if isinstance(entry, str) else _object(entry).get("file")
    if not isinstance(named, str) or "\0" in named:
        return ""
    bare = named.replace("\\", "/").rpartition("/")[2]
    return bare if _can_be_a_file(bare) else ""


def _can_be_a_file(name: str) -> bool:
    """Whether a visible file can have that name: a lone surrogate, for one, is in no file name."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return not name.startswith(".")


def _reference(entry: Document) -> KeptReference:
    return KeptReference(_text(entry.get("file")), _text(entry.get("sha256")), _text(entry.get("mime")))


def _summary(told: Document) -> ReplySummary:
    usage = _object(told.get("usage"))
    return ReplySummary(
        id=_text(told.get("id")) or None,
        model=_text(told.get("model")) or None,
        finish_reason=_text(told.get("finish_reason")) or None,
        native_finish_reason=_text(told.get("native_finish_reason")) or None,
        text=_text(told.get("text")) or None,
        reasoning=_text(told.get("reasoning")) or None,
        usage=usage or None,
    )


def _made_with(value: object) -> MadeWith | None:
    if not isinstance(value, dict):
        return None
    return MadeWith(*(_text(value.get(name)) for name in _MADE_WITH))


def _moment(value: object) -> datetime | None:
    """A time with its offset; one without is local."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        local = moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        return None
    return moment if moment.tzinfo is not None else local


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _text(value: object) -> str:
    """A text that can be written anywhere: lone surrogates become the replacement character."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not value.isascii() else value


def _number(value: object) -> int:
    """A count of pixels, bytes or stars; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        return 0
    return value


def _object(value: object) -> Document:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[Document]:
    return [each for each in _list(value) if isinstance(each, dict)]
