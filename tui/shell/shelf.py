"""A library as the command line uses it: generations found by a query, or by a name that a person typed."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from tui.domain.errors import InvalidRequest
from tui.domain.generation import Generation
from tui.domain.query import Query, haystack, matcher
from tui.domain.sorting import Sort
from tui.domain.words import one_line
from tui.library import Library
from tui.orders import wrong_usage
from tui.settings import Settings

PAGE: Final = 200
"""Generations that are read at a time in a search."""

LEAST_BEGINNING: Final = 4
"""Characters of a beginning: fewer would find something in a small library that was never meant."""

_NEAREST: Final = 4
_OUR_FILE: Final = re.compile(r"image_(.+)_\d+\.[A-Za-z0-9]+|metadata_(.+)\.json", re.DOTALL)


class Shelf:
    """The library of some settings. What the disk refuses is a DiskError."""

    def __init__(self, settings: Settings) -> None:
        self.library = Library(settings.output_dir)

    def found(self, query: Query, sort: Sort, limit: int) -> Iterator[Generation]:
        """Up to ``limit`` generations that ``query`` finds, in order."""
        finds = matcher(query, datetime.now())
        found = (each for each in self._all(limit if query.finds_all else PAGE) if finds(haystack(each)))
        return islice(found if sort == "newest" else iter(in_order(found, sort)), limit)

    def named(self, name: str) -> Generation:
        """The generation with this id or stem, with an only one that begins so, or that a picture at a path is of.

        Raises InvalidRequest, which names the nearest ones, where that is none or several.
        """
        found = self._exactly(name)
        if found is not None:
            return found
        everything = list(self._all(PAGE))
        begun = [each for each in everything if name in (each.id, each.stem)]
        if not begun and len(name) >= LEAST_BEGINNING:
            begun = [each for each in everything if any(own.startswith(name) for own in (each.id, each.stem))]
        if len(begun) == 1:
            return begun[0]
        if begun:
            raise several(name, [described(each) for each in begun])
        raise nothing(name, [described(each) for each in _nearest(name, everything)], self.library.folder)

    def _exactly(self, name: str) -> Generation | None:
        """Of a whole stem, or the path or name of a file: no other generation need be read."""
        path = Path(name).expanduser()
        if len(path.parts) > 1:
            folder = path.absolute().parent
            if path.exists() and not (folder.is_dir() and _same(folder, self.library.folder)):
                raise wrong_usage(
                    f"{one_line(name)} is not in the library {self.library.folder}",
                    f"Its folder is named by -d: -d {folder}",
                )
        ours = _OUR_FILE.fullmatch(path.name)
        stems = [path.name, *([ours[1] or ours[2]] if ours else [])]
        return next((found for stem in stems if (found := self.library.load(stem)) is not None), None)

    def _all(self, count: int) -> Iterator[Generation]:
        """Everything, newest first, read as it is asked for; at first so many."""
        page = self.library.page(count=count)
        while True:
            yield from page.generations
            if page.next is None:
                return
            page = self.library.page(before=page.next, count=PAGE)


def in_order(generations: Iterator[Generation], sort: Sort) -> list[Generation]:
    """Generations that come newest first in another order; equal ones stay newest first."""
    rows = list(generations)
    match sort:
        case "newest":
            return rows
        case "oldest":
            return rows[::-1]
        case "model":
            return sorted(rows, key=lambda each: (not each.model, each.model))
        case "rating":
            return sorted(rows, key=lambda each: -each.user.rating)
        case "size":
            return sorted(rows, key=_pixels, reverse=True)
        case "elapsed":
            return sorted(rows, key=lambda each: -(each.elapsed or 0))


def described(generation: Generation) -> str:
    """A generation in a sentence: its stem and the beginning of its prompt."""
    prompt = one_line(generation.prompt, 32)
    return f"{generation.stem} ({prompt})" if prompt else generation.stem


def several(name: str, described: Sequence[str]) -> InvalidRequest:
    """What to say where a beginning is that of several."""
    more = f" and {len(described) - _NEAREST} more" if len(described) > _NEAREST else ""
    near = ", ".join(described[:_NEAREST])
    return wrong_usage(f"{one_line(name, 80)} is the beginning of several", f"{near}{more}. Give more of it.")


def nothing(name: str, nearest: Sequence[str], folder: Path) -> InvalidRequest:
    """What to say where nothing has a name."""
    short = f"At least {LEAST_BEGINNING} characters are needed. " if len(name) < LEAST_BEGINNING else ""
    near = f"Nearest: {', '.join(nearest)}." if nearest else "image-gen history lists what there is."
    return wrong_usage(f"Nothing in {folder} is called {one_line(name, 80)}", f"{short}{near}")


def _nearest(name: str, everything: Sequence[Generation]) -> list[Generation]:
    """Those whose names share the longest beginning, the newest of them."""
    best = max((_shared(name, each) for each in everything), default=0)
    return list(islice((each for each in everything if _shared(name, each) == best), _NEAREST if best else 0))


def _shared(name: str, generation: Generation) -> int:
    return max(_common(name, generation.id), _common(name, generation.stem))


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _pixels(generation: Generation) -> int:
    image = generation.final_image
    return image.width * image.height if image else 0


def _same(one: Path, other: Path) -> bool:
    return other.is_dir() and one.samefile(other)
