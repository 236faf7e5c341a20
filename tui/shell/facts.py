"""Everything that is known of a generation in words, a line a fact: what ``history show`` prints."""

import shutil
import sys
from collections.abc import Iterator
from typing import Any, Final

from tui import streams
from tui.domain.generation import Generation, ImageFile, MadeWith
from tui.domain.options import find_model
from tui.domain.thrown import Found, InTrash, generation_in
from tui.domain.words import file_size, one_line, printable, rating_stars
from tui.listings import found_object
from tui.shell.cells import fit, wrapped

_NAMES: Final = 11
"""Cells of the longest name of a fact."""

_LEAST: Final = 24
_MUTED: Final = "2"

Fact = tuple[str, str]
"""A name and words, of which every line is told."""


def print_facts(found: Found) -> None:
    """Print every fact: on a terminal in columns that fit, else a name, a tab and words a line."""
    is_terminal = streams.is_terminal(sys.stdout)
    room = max(_LEAST, shutil.get_terminal_size().columns - _NAMES - 2)
    for name, words in facts(found):
        if not is_terminal:
            for line in printable(words).splitlines():
                streams.print_line(f"{name}\t{line}")
            continue
        head = name
        for line in wrapped(printable(words).expandtabs(4).strip("\n"), room):
            streams.print_looks([(fit(head, _NAMES), _MUTED), ("  ", ""), (line, "")])
            head = ""


def facts(found: Found) -> list[Fact]:
    """Names and words of what is known; what is not known is left out."""
    generation = generation_in(found)
    told = [*_thrown(found), *_asked(generation), *_added(generation), *_came(generation), *_kept(generation)]
    return [(name, words) for name, words in told if words]


def facts_object(found: Found) -> dict[str, Any]:
    """A generation as ``history show --json`` tells it: as ``history --json`` does, and all the rest."""
    generation = generation_in(found)
    reply = generation.reply
    return found_object(found) | {
        "stem": generation.stem,
        "foreign": generation.foreign,
        "parent": generation.parent,
        "proxy": generation.proxy or None,
        "references": [{"file": each.file, "sha256": each.sha256, "mime": each.mime} for each in generation.references],
        "reply": {
            "id": reply.id,
            "model": reply.model,
            "finish_reason": reply.finish_reason,
            "native_finish_reason": reply.native_finish_reason,
            "reasoning": reply.reasoning,
            "usage": dict(reply.usage) if reply.usage else None,
        },
    }


def _asked(generation: Generation) -> Iterator[Fact]:
    made_with = generation.made_with or MadeWith()
    yield "prompt", generation.prompt or "none is known"
    yield "not wanted", made_with.negative_prompt
    yield "made", _made(generation)
    yield "model", _model(generation)
    yield "asked for", " · ".join(part for part in (generation.aspect_ratio, generation.image_size) if part)
    for each in generation.references:
        yield "reference", f"{each.file} {each.mime}".rstrip()
    yield "parent", generation.parent or ""
    yield "elsewhere", made_with.words


def _thrown(found: Found) -> Iterator[Fact]:
    if isinstance(found, InTrash):
        when = f"{found.trashed_at.astimezone():%Y-%m-%d %H:%M:%S}"
        yield "in trash", f"since {when}; image-gen history restore {found.generation.stem} brings it back"


def _added(generation: Generation) -> Iterator[Fact]:
    user = generation.user
    yield "starred", "★" if user.starred else ""
    yield "rating", f"{rating_stars(user.rating)} {user.rating} of 5" if user.rating else ""
    yield "tags", ", ".join(map(one_line, user.tags))
    yield "notes", user.notes


def _came(generation: Generation) -> Iterator[Fact]:
    reply = generation.reply
    yield "text", reply.text or ""
    yield "reasoning", reply.reasoning or ""
    for warning in generation.warnings:
        yield "notice", f"△ {warning.message}"
    yield "damaged", f"! {generation.damage}" if generation.damage else ""
    if not generation.images:
        yield "picture", "! none"
    for image in generation.images:
        yield _ROLES.get(image.role, "picture"), _picture(image)
        yield "sha256", image.sha256
    reasons = dict.fromkeys(part for part in (reply.finish_reason, reply.native_finish_reason) if part)
    yield "finished", " · ".join(reasons)
    yield "usage", " · ".join(f"{key} {value}" for key, value in (reply.usage or {}).items() if _is_plain(value))


def _kept(generation: Generation) -> Iterator[Fact]:
    yield "proxy", generation.proxy
    yield "reply", generation.reply.id or ""
    yield "id", generation.id
    yield "stem", generation.stem if generation.stem != generation.id else ""
    yield "metadata", str(generation.metadata or "no metadata file")


_ROLES: Final = {"draft": "draft", "copy": "copy"}


def _made(generation: Generation) -> str:
    when = f"{generation.created_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return f"{when}, in {generation.elapsed:.1f} s" if generation.elapsed is not None else when


def _model(generation: Generation) -> str:
    asked, told = generation.model, generation.reply.model or ""
    model = find_model(asked)
    words = f"{asked} ({model.label})" if asked and model.known and model.label != asked else asked
    return f"{words}; {told} answered".lstrip("; ") if told and told != asked else words


def _picture(image: ImageFile) -> str:
    if image.missing:
        return f"{image.path} ! this file is gone"
    kind = image.mime.removeprefix("image/").upper()
    return f"{image.path} · {image.width}×{image.height} · {kind} {file_size(image.bytes)}"


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)
