"""Pictures made ready in a thread: from what is kept of them on disk or from their files, for any kind of terminal.

Everything here blocks. Pillow is imported inside, as it costs 35 ms that no start should pay.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.imaging.marks import LIMIT
from tui.imaging.picture import Colour, IsStale, PictureInfo, PreparedPicture, fitted
from tui.widgets.drawing import Ask, Made, MadeKitty, MadeSixel, MadeText, Spare
from tui.widgets.text_lines import TextLines, pixels_of_a_cell, runs_of

if TYPE_CHECKING:
    from PIL import Image

    from tui.imaging.source import Source
    from tui.imaging.thumbnails import Side, Thumbnail, Thumbnails

_COARSE_PART_SIDE: Final = 400
"""Of a part: it is gone in a moment, but looked at closely."""

_ENOUGH: Final = 0.9
"""A thumbnail with so much of the pixels that are drawn is as good as the picture, at first sight."""

_OWN_THUMBNAIL: Final = 600
"""A picture drawn at least so large can be kept as its thumbnail; of others one is made on the way."""

_SOURCES: Final = 2


def make(ask: Ask, stale: IsStale, folder: Path | None) -> Made:
    """Make ``ask`` as its look says; ``folder`` has the thumbnails. Raises PictureError and Stale.

    A coarse one is made of the smallest thumbnail, which is made first where there is none.
    """
    if ask.protocol == "none":
        from tui.imaging.prepare import inspect

        return MadeText(ask, inspect(ask.path), TextLines([], None))
    shelf = shelf_in(folder)
    if ask.look == "coarse" and ask.is_whole:
        kept = _kept(ask, shelf) or _thumbnail(ask, stale, shelf)
        if ask.protocol == "kitty":
            return _few_pixels(ask, kept)
        return _encoded(ask, _refitted(kept.image, kept.info, ask), stale)
    if ask.part is not None:
        cut = _coarsely_cut if ask.look == "coarse" and ask.protocol in ("kitty", "sixel") else _sharply_cut
        return cut(ask, stale, shelf)
    prepared, spare = _prepared(ask, stale, shelf)
    made = _encoded(ask, prepared, stale)
    made.spare = spare
    # Raw pixels straight from the file are all that it has.
    made.is_final = made.is_final or ask.look == "best" or (ask.direct and spare is not None)
    return made


def glance(ask: Ask, stale: IsStale, folder: Path | None) -> Made | None:
    """What can stand for ``ask`` at once, over the very cells that it will have; None without a thumbnail.

    A Kitty-like terminal scales few pixels up by itself. Half blocks stand for a Sixel, which would be on its way
    for longer. Of a picture of text a thumbnail is mostly enough.
    """
    if ask.protocol == "none" or not ask.is_whole:
        return None
    kept = _kept(ask, shelf_in(folder))
    if kept is None:
        return None
    if ask.protocol == "kitty":
        return _few_pixels(ask, kept)
    if ask.protocol == "sixel":
        return _half_blocks(ask, kept)
    made = _encoded(ask, _refitted(kept.image, kept.info, ask), stale)
    made.enough = _is_enough(kept, _shape(ask))
    return made


@cache
def shelf_in(folder: Path | None) -> Thumbnails | None:
    """The thumbnails in ``folder``: one for all threads, since it counts what it writes."""
    from tui.imaging.thumbnails import Thumbnails

    return None if folder is None else Thumbnails(folder)


def let_go() -> None:
    """Nobody looks closely at a picture any more: give the decoded ones up."""
    _HELD.clear()


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a picture is drawn: the box in pixels of what is drawn, their width over height, and their grouping."""

    box: tuple[int, int]
    aspect: float = 1.0
    multiple: tuple[int, int] = (1, 1)


def _shape(ask: Ask) -> _Shape:
    cell_width, cell_height = ask.cell
    columns, rows = ask.within or (ask.columns, ask.rows)
    if ask.protocol in ("kitty", "sixel"):
        return _Shape((round(min(columns, LIMIT) * cell_width), round(min(rows, LIMIT) * cell_height)))
    across, down = pixels_of_a_cell(ask)
    box = round(columns * across), round(rows * down)
    return _Shape(box, (cell_width / across) / (cell_height / down), (across, down))


def _kept(ask: Ask, shelf: Thumbnails | None) -> Thumbnail | None:
    """The smallest thumbnail that there is."""
    from tui.imaging.thumbnails import GRID, content_digest

    digest = None if shelf is None else content_digest(ask.path)
    return None if shelf is None or digest is None else shelf.find(digest, GRID) or shelf.find(digest)


def _thumbnail(ask: Ask, stale: IsStale, shelf: Thumbnails | None) -> Thumbnail:
    from tui.imaging.prepare import reduced
    from tui.imaging.thumbnails import GRID, Thumbnail

    if shelf is not None:
        return shelf.make(ask.path, stale, GRID)
    return Thumbnail(*reduced(ask.path, GRID, stale))


def _prepared(ask: Ask, stale: IsStale, shelf: Thumbnails | None) -> tuple[PreparedPicture, Spare | None]:
    """The pixels to draw, and what a thumbnail can be made of afterwards."""
    from tui.imaging.prepare import prepare, reduced
    from tui.imaging.thumbnails import PANE, content_digest

    shape = _shape(ask)
    digest = (content_digest(ask.path) if shelf is not None else None) or ""
    if ask.look != "best" and ask.frame == 0:
        kept = _sharp_enough(shape, digest, shelf)
        if kept is not None:
            return _refitted(kept.image, kept.info, ask), None
        if max(shape.box) < _OWN_THUMBNAIL:
            image, info = reduced(ask.path, PANE, stale)
            return _refitted(image, info, ask), Spare(image, info, digest)
    prepared = prepare(
        ask.path,
        shape.box,
        background=ask.background,
        pixel_aspect=shape.aspect,
        multiple=shape.multiple,
        frame=ask.frame,
        stale=stale,
    )
    return prepared, Spare(prepared.image, prepared.info, digest) if ask.frame == 0 else None


def _sharp_enough(shape: _Shape, digest: str, shelf: Thumbnails | None) -> Thumbnail | None:
    """The smallest thumbnail that has the pixels to draw.

    How much of the box a picture fills, only a thumbnail tells: to try the small one costs a millisecond.
    """
    from tui.imaging.thumbnails import GRID, PANE

    if shelf is None or not digest:
        return None
    tried: list[Side] = [GRID] if min(shape.box) * _ENOUGH <= GRID else []
    tried += [PANE] if max(shape.box) * _ENOUGH <= PANE else []
    found = (shelf.find(digest, side) for side in tried)
    return next((kept for kept in found if kept is not None and _is_enough(kept, shape)), None)


def _is_enough(kept: Thumbnail, shape: _Shape) -> bool:
    """Whether the thumbnail has the pixels that are drawn, or all that the picture has."""
    info = kept.info
    drawn = fitted(info.width, info.height, shape.box, shape.aspect)
    return kept.image.size == (info.width, info.height) or max(kept.image.size) >= max(drawn) * _ENOUGH


def _refitted(image: Image.Image, info: PictureInfo, ask: Ask) -> PreparedPicture:
    from tui.imaging.prepare import refit

    shape = _shape(ask)
    return refit(
        image,
        info,
        shape.box,
        background=ask.background,
        pixel_aspect=shape.aspect,
        multiple=shape.multiple,
        part=ask.part,
    )


def _encoded(ask: Ask, prepared: PreparedPicture, stale: IsStale) -> Made:
    """The prepared pixels as the terminal takes them."""
    if stale():
        from tui.imaging.picture import Stale

        raise Stale
    image, info = prepared.image, prepared.info
    if ask.protocol not in ("kitty", "sixel"):
        return MadeText(ask, info, TextLines(runs_of(image, ask), ask.colours))
    cell_width, cell_height = ask.cell
    columns, rows = ceil(image.width / cell_width), ceil(image.height / cell_height)
    if ask.protocol == "kitty":
        from tui.imaging import kitty

        payload = kitty.encode(image, (columns * cell_width, rows * cell_height), look=ask.look, direct=ask.direct)
        return MadeKitty(ask, info, payload, columns, rows)
    from tui.imaging import sixel

    picture = sixel.encode(
        image,
        (columns, rows),
        ask.cell,
        background=ask.background,
        limit=ask.sixel_limit,
        colours=ask.sixel_colours or 256,
        look=ask.look,
        whole_bands=ask.whole_bands,
        stale=stale,
    )
    return MadeSixel(ask, info, picture)


def _few_pixels(ask: Ask, kept: Thumbnail) -> Made:
    """For a terminal that scales it up over the cells of the sharp picture."""
    from tui.imaging import coarse

    info, (cell_width, cell_height) = kept.info, ask.cell
    width, height = fitted(info.width, info.height, _shape(ask).box)
    columns, rows = ceil(width / cell_width), ceil(height / cell_height)
    scale = min(1.0, coarse.SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    canvas = round(columns * cell_width * scale), round(rows * cell_height * scale)
    canvas = max(size[0], canvas[0]), max(size[1], canvas[1])
    return MadeKitty(ask, info, coarse.encode(_stretched(kept, size, ask), canvas), columns, rows)


def _half_blocks(ask: Ask, kept: Thumbnail) -> Made:
    """In the cells of the sharp picture, which it fills up to a part of a cell."""
    info, (cell_width, cell_height) = kept.info, ask.cell
    width, height = fitted(info.width, info.height, _shape(ask).box)
    columns, rows = ceil(width / cell_width), ceil(height / cell_height)
    size = max(1, round(width / cell_width)), max(1, round(height * 2 / cell_height))
    image = _framed(_stretched(kept, size, ask), (columns, rows * 2), ask.background)
    return MadeText(ask, info, TextLines(runs_of(image, replace(ask, protocol="half")), ask.colours))


def _stretched(kept: Thumbnail, size: tuple[int, int], ask: Ask) -> Image.Image:
    """RGB of exactly this size."""
    from tui.imaging.picture import Part
    from tui.imaging.prepare import refit

    whole = Part(0, 0, kept.info.width, kept.info.height)
    return refit(kept.image, kept.info, size, background=ask.background, part=whole).image


def _framed(image: Image.Image, canvas: tuple[int, int], background: Colour) -> Image.Image:
    from PIL import Image

    framed = Image.new("RGB", canvas, background)
    framed.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    return framed


class _HeldSources:
    """Pictures that somebody looks at closely, decoded once: the last few."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[object, ...], Source] = OrderedDict()

    def source_of(self, ask: Ask, stale: IsStale) -> Source:
        """Decode it, unless it is held. Raises PictureError and Stale."""
        from tui.imaging.source import Source

        key = ask.path, ask.stamp, ask.frame
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        source = Source.open(ask.path, stale, ask.frame)
        with self._lock:
            self._held[key] = source
            while len(self._held) > _SOURCES:
                self._held.popitem(last=False)[1].release()
        return source

    def holds(self, ask: Ask) -> bool:
        """Whether it need not be decoded."""
        with self._lock:
            return (ask.path, ask.stamp, ask.frame) in self._held

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            for source in self._held.values():
                source.release()
            self._held.clear()


_HELD: Final = _HeldSources()


def _sharply_cut(ask: Ask, stale: IsStale, shelf: Thumbnails | None) -> Made:
    return _encoded(ask, _cut(ask, stale, shelf), stale)


def _coarsely_cut(ask: Ask, stale: IsStale, shelf: Thumbnails | None) -> Made:
    """A part over the very cells of the sharp one, out of few pixels, as ``glance`` does it for the whole."""
    if ask.protocol == "sixel":
        halves = replace(ask, protocol="half")
        prepared = _cut(halves, stale, shelf)
        return MadeText(ask, prepared.info, TextLines(runs_of(prepared.image, halves), ask.colours))
    from tui.imaging import coarse

    width, height = _shape(ask).box
    scale = min(1.0, _COARSE_PART_SIDE / max(width, height))
    prepared = _cut(ask, stale, shelf, (max(1, round(width * scale)), max(1, round(height * scale))))
    payload = coarse.encode(prepared.image, prepared.image.size)
    return MadeKitty(ask, prepared.info, payload, min(ask.columns, LIMIT), min(ask.rows, LIMIT))


def _cut(ask: Ask, stale: IsStale, shelf: Thumbnails | None, box: tuple[int, int] | None = None) -> PreparedPicture:
    """A part of a picture in all the box: of what the view has in pixels, or of fewer."""
    if ask.part is None:
        raise ValueError("no part is asked for")
    box = box or _shape(ask).box
    if ask.look == "coarse" and ask.frame == 0 and not _HELD.holds(ask) and (kept := _kept(ask, shelf)) is not None:
        from tui.imaging.prepare import refit

        return refit(kept.image, kept.info, box, background=ask.background, part=ask.part)
    source = _HELD.source_of(ask, stale)
    return PreparedPicture(source.crop(ask.part, box, ask.background, stale), source.info)
