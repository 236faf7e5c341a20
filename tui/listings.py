"""What ``history`` prints: plain columns for people, JSON lines for scripts."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tui import streams
from tui.domain.generation import Generation
from tui.domain.query import Query, haystack, matcher, parse
from tui.domain.words import one_line
from tui.settings import Settings

if TYPE_CHECKING:
    from tui.library import Library

PAGE: Final = 200
"""Generations that are read at a time in a search."""


def list_history(settings: Settings, count: int, words: str, *, as_json: bool) -> int:
    """Print the newest ``count`` generations of the library that the query ``words`` finds."""
    from tui.library import Library

    query = parse(words)
    for mistake in query.mistakes:
        streams.warn(f"In the query, {words[slice(*mistake.span)]}: {mistake.hint}")
    library = Library(settings.output_dir)
    if not library.folder.is_dir():
        streams.warn(f"There is no library at {library.folder} yet.")
        return 0
    number = 0
    for generation in islice(_found(library, query, count), count):
        number += 1
        if as_json:
            streams.print_json(generation_object(generation))
        else:
            streams.print_line(_history_line(generation))
    if not number and not query.finds_all:
        is_prose = not any(sign in words for sign in ':"')
        picture = f' For a picture of these words: image-gen "history {words}"' if is_prose else ""
        streams.note(f"Nothing here matches {words}.{picture}")
    return 0


def _found(library: "Library", query: Query, count: int) -> Iterator[Generation]:
    """What ``query`` finds, newest first, read as it is asked for."""
    finds = matcher(query, datetime.now())
    page = library.page(count=count if query.finds_all else PAGE)
    while True:
        yield from (each for each in page.generations if finds(haystack(each)))
        if page.next is None:
            return
        page = library.page(before=page.next, count=PAGE)


def generation_object(generation: Generation) -> dict[str, Any]:
    """A generation as ``history --json`` tells it: as a ``done`` line does, and what a person added."""
    from tui.headless import image_object

    return {
        "id": generation.id,
        "created_at": generation.created_at.isoformat(timespec="milliseconds"),
        "prompt": generation.prompt,
        "model": generation.model,
        "aspect_ratio": generation.aspect_ratio,
        "image_size": generation.image_size,
        "images": [image_object(image) | {"missing": image.missing} for image in generation.images],
        "metadata": str(generation.metadata) if generation.metadata else None,
        "text": generation.reply.text,
        "elapsed": generation.elapsed,
        "warnings": [{"code": each.code, "message": each.message} for each in generation.warnings],
        "starred": generation.user.starred,
        "tags": list(generation.user.tags),
        "damage": generation.damage,
        "made_with": asdict(generation.made_with) if generation.made_with else None,
    }


def _history_line(generation: Generation) -> str:
    """Time, id, model, prompt, path: in columns on a terminal, else tab-separated and whole."""
    image = generation.final_image
    path = str(image.path) if image else ""
    when = f"{generation.created_at:%Y-%m-%d %H:%M:%S}"
    prompt = one_line(generation.prompt or generation.damage or "", 100_000)
    if not streams.is_terminal(sys.stdout):
        return "\t".join((when, generation.id, generation.model, prompt, path))
    room = shutil.get_terminal_size().columns - len(when) - len(generation.id) - len(path) - 36
    shown = one_line(prompt, max(24, room))
    return f"{when}  {generation.id}  {one_line(generation.model, 28):<28}  {shown}  {path}"
