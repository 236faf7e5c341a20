"""A palette picture cut into small tiles: each a Sixel string of its own, with the few colours that it needs.

Each tile tells its colours again, so a tile that has a colour for a few pixels only does better with the next
like it: that takes away most of what cutting costs, and more. Tiles of one shape are packed together, one below
the other, because numpy is quick only with much at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tui.imaging.picture import IsStale, Stale
from tui.imaging.quantise import Palette
from tui.imaging.sixel_bands import BAND, MOST, SLICE, packed

Indexes = npt.NDArray[np.uint8]

AREA: Final = 3600
"""Pixels of a tile, about: smaller ones tell their colours too often, larger ones have too many."""

_TALL: Final = 60
"""Pixels that a tile is high, about: ten bands."""


_USUAL: Final = 40
"""Colours of a tile, those it has most of, that others may become."""


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


class Inks:
    """The colours of a picture, and how little of one is worth its telling.

    A tile keeps a colour when the error of doing without it, its pixels times the squared distance to the next
    colour that the tile has more of, is at least ``worth``.
    """

    def __init__(self, palette: Palette) -> None:
        wide = palette.astype(np.int32)
        self._apart = ((wide[:, None] - wide[None]) ** 2).sum(axis=-1).astype(np.float32)
        # Sixel has colours in percent.
        percent = np.rint(palette * (100 / 255)).astype(int).tolist()
        self._words = ["#{};2;{};{};{}".format(number, *parts) for number, parts in enumerate(percent)]

    def words(self, used: npt.NDArray[np.bool_]) -> str:
        """What tells the colours that are ``used``."""
        return "".join(self._words[number] for number in np.flatnonzero(used).tolist())

    def counted(self, tiles: Indexes) -> npt.NDArray[np.intp]:
        """How often each colour is in each of ``tiles`` (count, height, width)."""
        count = len(tiles)
        numbers = np.arange(count, dtype=np.intp)[:, None] * 256 + tiles.reshape(count, -1)
        counts: npt.NDArray[np.intp] = np.bincount(numbers.ravel(), minlength=count * 256).reshape(count, 256)
        return counts[:, : len(self._words)]

    def spared(self, counts: npt.NDArray[np.intp], worth: float) -> Indexes:
        """For each tile, which colour each colour becomes."""
        count, colours = counts.shape
        table = np.tile(np.arange(colours, dtype=np.uint8), (count, 1))
        most = int((counts > 0).sum(axis=1).max())
        order = np.argsort(-counts, axis=1, kind="stable")[:, :most]
        pixels = np.take_along_axis(counts, order, axis=1)
        usual = order[:, :_USUAL]
        apart = self._apart[order[:, :, None], usual[:, None, :]]
        above = np.tri(most, usual.shape[1], k=-1, dtype=np.bool_)
        nearest = np.where(above, apart, np.float32(np.inf)).min(axis=2)
        nearest[:, 0] = np.inf
        kept = (pixels > 0) & (pixels * nearest >= worth)
        chosen = np.where(kept[:, None, :_USUAL], apart, np.float32(np.inf)).argmin(axis=2)
        becomes = np.where(kept, order, np.take_along_axis(usual, chosen, axis=1))
        np.put_along_axis(table, order, becomes.astype(np.uint8), axis=1)
        return table


def sixels(tiles: Indexes, inks: Inks, worth: float, stale: IsStale) -> Iterator[str]:
    """Whole Sixel strings of ``tiles`` of one shape (count, height, width). Raises Stale."""
    height, width = tiles.shape[1:]
    each = -(-height // BAND)
    together = 1 if height % BAND else max(1, min(MOST // each, SLICE // (height * width)))
    for first in range(0, len(tiles), together):
        if stale():
            raise Stale
        some = tiles[first : first + together]
        counts = inks.counted(some)
        used = counts > 0
        if worth > 0:
            table = inks.spared(counts, worth)
            some = np.take_along_axis(table, some.reshape(len(some), -1).astype(np.intp), axis=1).reshape(some.shape)
            used = inks.counted(some) > 0
        lines = bands(some.reshape(-1, width), stale, each)
        for number, its in enumerate(used):
            body = "-".join(lines[number * each : (number + 1) * each])
            yield f'\x1bP0;1;0q"1;1;{width};{height}{inks.words(its)}{body}\x1b\\'


def cut(indexes: Indexes, boxes: Sequence[Box]) -> Indexes:
    """The pixels of ``boxes`` of one shape."""
    return np.stack([indexes[box.top : box.bottom, box.left : box.right] for box in boxes])


def by_shape(boxes: Sequence[Box]) -> dict[tuple[int, int], list[Box]]:
    """``boxes`` of one shape together."""
    found: dict[tuple[int, int], list[Box]] = {}
    for box in boxes:
        found.setdefault(box.shape, []).append(box)
    return found


def bands(pixels: Indexes, stale: IsStale, apart: int = MOST) -> list[str]:
    """The characters of each band; each ``apart`` bands can be drawn without the others. Raises Stale."""
    parts: list[bytes] = []
    height, width = pixels.shape
    step = max(1, min(MOST, SLICE // (BAND * width))) * BAND
    for top in range(0, height, step):
        if stale():
            raise Stale
        parts.append(packed(pixels[top : top + step], apart))
    return b"".join(parts).decode("ascii").split("-")[:-1]
