"""What ``history`` prints: plain columns for people, JSON lines for scripts."""

import shutil
import sys
from collections.abc import Sequence
from typing import Any

from tui import streams
from tui.domain.generation import Generation
from tui.domain.words import one_line
from tui.settings import Settings


def list_history(settings: Settings, count: int, *, as_json: bool) -> int:
    """Print the newest ``count`` generations of the library."""
    from tui.library import Library

    library = Library(settings.output_dir)
    if not library.folder.is_dir():
        streams.warn(f"There is no library at {library.folder} yet.")
        return 0
    generations: Sequence[Generation] = library.page(count=count).generations
    for generation in generations:
        if as_json:
            streams.print_json(generation_object(generation))
        else:
            streams.print_line(_history_line(generation))
    return 0


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
