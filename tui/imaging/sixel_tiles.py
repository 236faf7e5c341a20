"""A palette picture cut into small tiles: each a Sixel string of its own, with the few colours that it needs.

Each tile tells its colours again, so a tile that has a colour for a few pixels only does better with the next
like it: that takes away what cutting costs, and more. Too much of it, and neighbours decide otherwise: they are
seen as tiles. Tiles of one shape are packed together, one below the other, because numpy is quick only with much
at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import gcd
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tui.imaging.picture import IsStale, Stale
from tui.imaging.quantise import Palette
from tui.imaging.sixel_bands import BAND, BETWEEN, MOST, SLICE, packed, slices

Indexes = npt.NDArray[np.uint8]

AREA: Final = 3600
"""Pixels of a tile, about: smaller ones tell their colours too often, larger ones have too many."""

_TALL: Final = 60
"""Pixels that a tile is high, about: ten bands."""

_USUAL: Final = 48
"""Colours of a tile, those it has most of, that others may become."""

_TELLING: Final = 24
"""Characters that tell a colour and take it up, about."""

_RUNS: Final = 60
"""Runs of a colour that count, at most: where it is in much of a tile, as grain of a gradient, all see it go."""

_TOGETHER: Final = 256
"""Tiles whose colours are chosen in one go."""


class Box(NamedTuple):
    """A tile: its place in cells, and its pixels from and to."""

    row: int
    column: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.bottom - self.top, self.right - self.left


@dataclass(frozen=True, slots=True)
class Grid:
    """How a picture of ``columns`` × ``rows`` cells of ``cell`` pixels is cut: tiles of so many cells at most."""

    columns: int
    rows: int
    cell: tuple[int, int]
    wide: int
    high: int

    def boxes(self) -> list[Box]:
        """The tiles row by row, of widths as equal as can be."""
        width, height = self.cell
        count = -(-self.columns // self.wide)
        edges = [self.columns * number // count for number in range(count + 1)]
        return [
            Box(row, left, row * height, left * width, min(self.rows, row + self.high) * height, right * width)
            for row in range(0, self.rows, self.high)
            for left, right in pairwise(edges)
        ]


def small_tiles(cells: tuple[int, int], cell: tuple[int, int], limit: tuple[int, int], area: int = AREA) -> Grid:
    """Tiles of about ``area`` pixels, no larger than ``limit`` (0: none); of whole bands where that can be."""
    width, height = cell
    even = BAND // gcd(height, BAND)
    high = max(1, round(_TALL / (even * height))) * even
    if limit[1] and high * height > limit[1]:
        high = max(1, limit[1] // height)
    wide = max(1, round(area / (high * height * width)))
    if limit[0]:
        wide = min(wide, max(1, limit[0] // width))
    return Grid(*cells, cell, wide, high)


class Counts(NamedTuple):
    """How often each tile (a row each) has each colour (a column each)."""

    pixels: npt.NDArray[np.intp]
    runs: npt.NDArray[np.intp]
    """How often it begins in a row of pixels."""


class Inks:
    """The colours of a picture, and how little of one is worth its characters.

    Of its colours, those it has most of first, a tile keeps one when the error of doing without it, its pixels times
    the squared distance to the next colour kept, is at least ``worth`` times its characters: about those that tell
    it, and one for each run. So gradients keep their steps, which few runs make, before noise keeps its grain.
    """

    def __init__(self, palette: Palette) -> None:
        apart = np.zeros((len(palette), len(palette)), np.float32)
        for channel in palette.T.astype(np.float32):
            apart += (channel[:, None] - channel) ** 2
        self._apart = apart
        # Sixel has colours in percent.
        percent = np.rint(palette * (100 / 255)).astype(int).tolist()
        self._words = ["#{};2;{};{};{}".format(number, *parts) for number, parts in enumerate(percent)]

    def words(self, used: npt.NDArray[np.bool_]) -> str:
        """What tells the colours that are ``used``."""
        return "".join([self._words[number] for number in np.flatnonzero(used).tolist()])

    def counted(self, tiles: Indexes, stale: IsStale) -> Counts:
        """What each of ``tiles`` has of each colour. Raises Stale."""
        count, height, width = tiles.shape
        colours = len(self._words)
        pixels, runs = (np.zeros((count, colours), np.intp) for _ in Counts._fields)
        some, rows = max(1, SLICE // (height * width)), max(1, SLICE // width)
        for first, top in product(range(0, count, some), range(0, height, rows)):
            if stale():
                raise Stale
            part = tiles[first : first + some, top : top + rows]
            numbers = (np.arange(len(part), dtype=np.intp)[:, None, None] * colours + part).ravel()
            begins = np.ones(part.shape, np.bool_)
            np.not_equal(part[:, :, 1:], part[:, :, :-1], out=begins[:, :, 1:])
            for sums, which in ((pixels, numbers), (runs, numbers[begins.ravel()])):
                found = np.bincount(which, minlength=len(part) * colours)
                sums[first : first + some] += found.reshape(len(part), colours)
        return Counts(pixels, runs)

    def spared(self, counts: Counts, worth: float) -> Indexes:
        """For each tile, which colour each colour becomes."""
        count, colours = counts.pixels.shape
        if worth <= 0:
            return np.tile(np.arange(colours, dtype=np.uint8), (count, 1))
        order = np.argsort(-counts.pixels, axis=1, kind="stable")
        most = min(_USUAL, int((counts.pixels > 0).sum(axis=1).max()))
        with np.errstate(divide="ignore"):
            dear = (worth * (_TELLING + np.minimum(counts.runs, _RUNS)) / counts.pixels).astype(np.float32)
        every = np.arange(count)
        nearest = self._apart[order[:, 0]]
        becomes = np.repeat(order[:, :1].astype(np.uint8), colours, axis=1)
        for colour in order.T[1:most]:
            apart = self._apart[colour]
            apart[nearest[every, colour] < dear[every, colour]] = np.inf
            np.copyto(becomes, colour[:, None].astype(np.uint8), where=apart < nearest)
            np.minimum(nearest, apart, out=nearest)
        np.copyto(becomes, np.arange(colours, dtype=np.uint8), where=nearest >= dear)
        return becomes


def sixels(tiles: Indexes, inks: Inks, worth: float, stale: IsStale, counts: Counts | None = None) -> Iterator[str]:
    """Whole Sixel strings of ``tiles`` of one shape (count, height, width), ``counts`` of theirs. Raises Stale."""
    counts = counts or inks.counted(tiles, stale)
    for first in range(0, len(tiles), _TOGETHER):
        some = Counts(*(numbers[first : first + _TOGETHER] for numbers in counts))
        table = inks.spared(some, worth)
        yield from _written(tiles[first : first + _TOGETHER], table, _after(table, some), inks, stale)


def _after(table: Indexes, counts: Counts) -> npt.NDArray[np.bool_]:
    """Which colours are left in each tile."""
    used = np.zeros(table.shape, np.bool_)
    tile, colour = np.nonzero(counts.pixels)
    used[tile, table[tile, colour]] = True
    return used


def _written(tiles: Indexes, table: Indexes, used: npt.NDArray[np.bool_], inks: Inks, stale: IsStale) -> Iterator[str]:
    """The strings of ``tiles``, each colour become another one by ``table``."""
    height, width = tiles.shape[1:]
    for number, body in enumerate(_bodies(tiles, table, stale)):
        yield f'\x1bP0;1;0q"1;1;{width};{height}{inks.words(used[number])}{body}\x1b\\'


def _bodies(tiles: Indexes, table: Indexes, stale: IsStale) -> Iterator[str]:
    """The bands of each tile, as many tiles in one go as can be."""
    count, height, width = tiles.shape
    each = -(-height // BAND)
    together = min(MOST // each, SLICE // (height * width))
    if height % BAND or together < 1:
        for tile, colours in zip(tiles, table, strict=True):
            yield "-".join(bands(colours[tile], stale))
        return
    for first in range(0, count, together):
        if stale():
            raise Stale
        some = tiles[first : first + together]
        places = np.arange(len(some), dtype=np.intp)[:, None, None] * table.shape[1] + some
        pixels = table[first : first + together].ravel()[places]
        yield from packed(pixels.reshape(-1, width), each).decode("ascii").split(BETWEEN)


def cut(indexes: Indexes, boxes: Sequence[Box]) -> Indexes:
    """The pixels of ``boxes`` of one shape."""
    return np.stack([indexes[box.top : box.bottom, box.left : box.right] for box in boxes])


def by_shape(boxes: Sequence[Box]) -> dict[tuple[int, int], list[Box]]:
    """``boxes`` of one shape together."""
    found: dict[tuple[int, int], list[Box]] = {}
    for box in boxes:
        found.setdefault(box.shape, []).append(box)
    return found


def bands(pixels: Indexes, stale: IsStale) -> Iterator[str]:
    """The characters of all bands, some together. Raises Stale."""
    for top, bottom in slices(pixels.shape[1], pixels.shape[0]):
        if stale():
            raise Stale
        yield packed(pixels[top:bottom]).decode("ascii")
