"""What shells may complete a value to: models, ratios, ids and tags of the library, what a query may go on with."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import click
from click.shell_completion import CompletionItem

from tui.domain.errors import ImageGenError
from tui.domain.options import ASPECT_RATIOS, IMAGE_SIZES, MODELS
from tui.domain.query import Known, complete
from tui.domain.sorting import SORTS
from tui.domain.words import one_line
from tui.settings import load_settings, path_of
from tui.shell.shelf import Shelf

MOST: Final = 50
"""Values that are offered at once."""

WITHIN: Final = 0.3
"""Seconds that an index may take to catch up with the folder before what it knows is offered."""

Offer = Callable[[click.Context, str], Iterator[CompletionItem]]


def values(kind: str, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Values of a kind that begin with ``incomplete``; none where the library or the settings cannot be read."""
    try:
        return list(_OFFERS[kind](ctx, incomplete)) if kind in _OFFERS else []
    except (ImageGenError, OSError):
        return []


def _of(table: Mapping[str, str]) -> Offer:
    def offer(_ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
        return (CompletionItem(each, help=words) for each, words in table.items() if each.startswith(incomplete))

    return offer


def _models(ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """Those of our table, then others that the library knows."""
    labels = {model.id: model.label for model in MODELS}
    for name in (*labels, *(each for each in _known(ctx).models if each not in labels)):
        if name.startswith(incomplete):
            yield CompletionItem(name, help=labels.get(name, ""))


def _tags(ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    return (CompletionItem(tag) for tag in _known(ctx).tags if tag.startswith(incomplete))


def _ids(ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """Stems, which are the times in the file names; ids where one was begun."""
    with _shelf(ctx) as shelf:
        for generation in shelf.begun(incomplete, MOST, within=WITHIN):
            name = generation.stem if generation.stem.startswith(incomplete) else generation.id
            yield CompletionItem(name, help=one_line(generation.prompt, 50))


def _trashed(ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """Stems of what lies in the trash."""
    thrown = [each.generation for each in _shelf(ctx).library.trash_contents()]
    names = {each.stem: each.prompt for each in thrown if each.stem.startswith(incomplete)}
    return (CompletionItem(stem, help=one_line(prompt, 50)) for stem, prompt in names.items())


def _query(ctx: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """What the end of a query may become, the rest of it kept."""
    for candidate in complete(incomplete, len(incomplete), _known(ctx)):
        yield CompletionItem(candidate.applied(incomplete)[0], help=candidate.note)


def _known(ctx: click.Context) -> Known:
    with _shelf(ctx) as shelf:
        return shelf.known(WITHIN)


def _shelf(ctx: click.Context) -> Shelf:
    """The library that the flags of the line name."""
    config = ctx.params.get("config")
    flags = {"output_dir": ctx.params.get("output_dir")}
    return Shelf(load_settings(flags, environ=os.environ, config=path_of(config, "--config") if config else None))


_OFFERS: Final[Mapping[str, Offer]] = {
    "model": _models,
    "tag": _tags,
    "id": _ids,
    "trashed": _trashed,
    "query": _query,
    "aspect_ratio": _of(dict.fromkeys(ASPECT_RATIOS, "")),
    "image_size": _of(dict.fromkeys(IMAGE_SIZES, "")),
    "format": _of(dict.fromkeys(("as-delivered", "png", "jpeg", "webp"), "")),
    "sort": _of({way.name: way.words for way in SORTS}),
    "shell": _of(dict.fromkeys(("bash", "zsh", "fish"), "")),
}
