"""What ``history`` prints: a table for people, JSON lines for scripts, columns with tabs between for others."""

import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from tui import streams
from tui.domain.generation import Generation
from tui.domain.query import Query, parse
from tui.domain.sorting import Sort
from tui.domain.thrown import Found, InTrash, generation_in
from tui.domain.words import one_line
from tui.settings import Settings

_MOST_MISTAKES: Final = 5
_MOST_SHOWN: Final = 200
"""Characters of a query that are told again."""


def list_history(
    settings: Settings, count: int, words: str, *, sort: Sort = "newest", as_json: bool = False, images: bool = False
) -> int:
    """Print up to ``count`` generations that the query ``words`` finds, with ``images`` beside them on a terminal."""
    from tui.shell.shelf import Shelf

    query = parse(words, trash=True)
    _tell_mistakes(query)
    with Shelf(settings) as shelf:
        if not shelf.library.folder.is_dir():
            streams.warn(f"There is no library at {shelf.library.folder} yet.")
            return 0
        found = shelf.found(query, sort, count)
        if not as_json and streams.is_terminal(sys.stdout):
            number = _print_table([generation_in(each) for each in found], query, settings if images else None)
        else:
            number = _print_each(found, as_json=as_json)
    if not number and not query.finds_all:
        _say_that_nothing_matches(words)
    return 0


def _tell_mistakes(query: Query) -> None:
    """Say what in a query means nothing; of very many the first."""
    for mistake in query.mistakes[:_MOST_MISTAKES]:
        streams.warn(f"In the query, {one_line(query.text[slice(*mistake.span)], _MOST_SHOWN)}: {mistake.hint}")
    more = len(query.mistakes) - _MOST_MISTAKES
    if more > 0:
        streams.warn(f"In the query, there {'is 1 more mistake' if more == 1 else f'are {more} more mistakes'}.")


def _print_each(found: Iterable[Found], *, as_json: bool) -> int:
    """Print generations as they come, a line each; how many there were."""
    number = 0
    for each in found:
        number += 1
        if as_json:
            streams.print_json(found_object(each))
        else:
            streams.print_line(_plain_line(generation_in(each)))
    return number


def _print_table(generations: list[Generation], query: Query, pictured: Settings | None) -> int:
    from tui.shell.table import Table

    room = shutil.get_terminal_size().columns
    if pictured is not None:
        from tui.shell.beside import print_pictures

        if print_pictures(generations, query, pictured, room):
            return len(generations)
    for line in Table(generations, query, room, datetime.now()).lines():
        streams.print_looks(line)
    return len(generations)


def _say_that_nothing_matches(words: str) -> None:
    from difflib import get_close_matches

    from tui.shell.history_commands import COMMANDS

    shown = one_line(words, _MOST_SHOWN)
    said = f"Nothing here matches {shown}."
    below = [name.removeprefix("history ") for name in COMMANDS]
    near = get_close_matches(words.partition(" ")[0], below, n=1, cutoff=0.7)
    if near:
        said += f" Did you mean image-gen history {near[0]}?"
    elif not any(sign in words for sign in ':"'):
        said += f' For a picture of these words: image-gen "history {shown}"'
    streams.note(said)


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
        "rating": generation.user.rating,
        "tags": list(generation.user.tags),
        "notes": generation.user.notes,
        "damage": generation.damage,
        "made_with": asdict(generation.made_with) if generation.made_with else None,
    }


def found_object(found: Found) -> dict[str, Any]:
    """A generation as ``history --json`` tells it; of one in the trash its stem, when it was thrown away, its bytes."""
    if not isinstance(found, InTrash):
        return generation_object(found)
    when = found.trashed_at.isoformat(timespec="milliseconds")
    told = {"stem": found.generation.stem, "trashed_at": when, "bytes": found.bytes}
    return generation_object(found.generation) | told


def _plain_line(generation: Generation) -> str:
    """Time, id, model, prompt and path, with tabs between and whole."""
    image = generation.final_image
    path = str(image.path) if image else ""
    when = f"{generation.created_at:%Y-%m-%d %H:%M:%S}"
    prompt = one_line(generation.prompt or generation.damage or "", 100_000)
    return "\t".join((when, generation.id, generation.model, prompt, path))
