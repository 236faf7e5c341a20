"""Where one looks in a picture and how closely: zoom and place in whole cells of the terminal, as pure arithmetic.

The picture at some zoom lies on a grid of cells whose corner is the picture's own upper left. A view shows some
columns and rows of that grid; moving it by cells keeps every cell what it is, so that what was prepared stays good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, isclose, log2, sqrt
from typing import Final, TypeAlias

from tui.imaging.picture import Part

Pair: TypeAlias = tuple[float, float]

_SLACK: Final = 1e-6
"""Of a cell: what floating point may be off by."""

_RUNGS: Final = tuple(2 ** (half / 2) for half in range(-16, 17))
_NEAR: Final = 0.13
"""Octaves: a rung that is so near to the fitting zoom is left out, the step would hardly be seen."""

_MOST: Final = 32.0
_FEWEST_ACROSS: Final = 8
"""Pixels of a picture that are seen at least, however close one goes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one looks, without the picture's pixels: ``scale`` is the zoom over the one at which all of it is seen.

    ``x`` and ``y`` are the middle of the view as fractions of the picture. Two pictures of different sizes are
    looked at in the same place.
    """

    scale: float = 1.0
    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """Some cells of a picture's grid: the first column and row, and how many."""

    left: int
    top: int
    columns: int
    rows: int

    @property
    def right(self) -> int:
        """The column after the last."""
        return self.left + self.columns

    @property
    def bottom(self) -> int:
        """The row after the last."""
        return self.top + self.rows

    @property
    def area(self) -> int:
        """How many cells."""
        return self.columns * self.rows

    def holds(self, other: Window) -> bool:
        """Whether every cell of ``other`` is one of these."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True, slots=True)
class Viewport:
    """A picture of ``picture`` pixels in a view of ``cells`` (columns, rows).

    A cell is ``cell`` units wide and high: pixels of the screen where the terminal has them, half blocks where it
    has none. ``zoom`` is units for one pixel of the picture, so 1.0 is one to one. ``centre`` is in pixels of the
    picture. Made by ``fitting``; every way to change it stays inside picture and limits.

    ``among`` are pictures, perhaps this one too, that are looked at together in views of this size. The zoom at
    which all of it is seen, and how far and how close one may go, are then common to all in ``spread``: as large as
    they fit is as large as the one fits that has to be smallest.
    """

    picture: tuple[int, int]
    cells: tuple[int, int]
    cell: Pair
    zoom: float
    centre: Pair
    among: tuple[tuple[int, int], ...] = ()

    @classmethod
    def fitting(
        cls,
        picture: tuple[int, int],
        cells: tuple[int, int],
        cell: Pair,
        among: Iterable[tuple[int, int]] = (),
    ) -> Viewport:
        """All of the picture, as large as it fits. Sides and cells below 1 count as 1."""
        whole = _positive(picture)
        centre = whole[0] / 2, whole[1] / 2
        made = cls(whole, _positive(cells), cell, 1.0, centre, tuple(map(_positive, among)))
        return replace(made, zoom=made.fit_zoom)

    @property
    def spread(self) -> float:
        """The side of the square of as many units as the picture covers: its scale, whatever its pixels and ratio."""
        return self.zoom * _side(self.picture)

    @property
    def fit_zoom(self) -> float:
        """The zoom at which all of the picture is seen, as large as it can be beside the others."""
        return min((self._alone, *self._of_others(self._fit)))

    @property
    def least(self) -> float:
        """No further away than all of it, or one to one where that is smaller still."""
        return min((1.0, self.fit_zoom, *self._of_others(lambda _: 1.0)))

    @property
    def most(self) -> float:
        """No closer: some pixels must be seen beside each other."""
        across = max(self.cells[axis] * self.cell[axis] for axis in (0, 1))
        closest = max(1.0, min(_MOST, across / _FEWEST_ACROSS))
        return max((closest, self.fit_zoom, *self._of_others(lambda _: closest)))

    @property
    def gives_way(self) -> bool:
        """Whether the others keep it from fitting as large as it could."""
        return not isclose(self.fit_zoom, self._alone, rel_tol=1e-9)

    @property
    def extent(self) -> Pair:
        """Columns and rows that the whole picture takes, not rounded to cells."""
        return self.picture[0] * self.zoom / self.cell[0], self.picture[1] * self.zoom / self.cell[1]

    @property
    def fits(self) -> bool:
        """Whether it is at the zoom that fits."""
        return isclose(self.zoom, self.fit_zoom, rel_tol=1e-9)

    @property
    def overflows(self) -> bool:
        """Whether there is more of the picture than is seen."""
        columns, rows = self.grid
        return columns > self.cells[0] or rows > self.cells[1]

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of the whole picture at this zoom."""
        return self._length(0), self._length(1)

    @property
    def offset(self) -> tuple[int, int]:
        """The grid's column and row at the view's upper left; negative where the picture is smaller than the view."""
        return self._offset(0), self._offset(1)

    @property
    def visible(self) -> Window:
        """The cells of the grid that are seen."""
        (left, top), (columns, rows) = self.offset, self.grid
        first = max(0, left), max(0, top)
        last = min(columns, left + self.cells[0]), min(rows, top + self.cells[1])
        return Window(*first, last[0] - first[0], last[1] - first[1])

    def window(self, margin: float, longest: int, area: int) -> Window:
        """What is seen and ``margin`` of the view on each side, as far as the picture goes.

        Sides of at most ``longest`` cells and ``area`` cells in all; what is seen is always in it.
        """
        seen, (columns, rows) = self.visible, self.grid
        while True:
            aside, above = ceil(seen.columns * margin), ceil(seen.rows * margin)
            left, top = max(0, seen.left - aside), max(0, seen.top - above)
            right, bottom = min(columns, seen.right + aside), min(rows, seen.bottom + above)
            found = Window(left, top, right - left, bottom - top)
            if found == seen or (max(found.columns, found.rows) <= longest and found.area <= area):
                return found
            margin = margin * 0.8 if margin > 0.04 else 0.0

    def part(self, window: Window) -> Part:
        """The pixels of the picture under some cells; the last column and row may reach beyond the picture."""
        across, down = self.cell[0] / self.zoom, self.cell[1] / self.zoom
        return Part(window.left * across, window.top * down, window.right * across, window.bottom * down)

    def zoomed(self, zoom: float, anchor: Pair | None = None) -> Viewport:
        """At another zoom; ``anchor`` (in cells of the view) keeps what is under it, None the middle."""
        zoom = min(self.most, max(self.least, zoom))
        if anchor is None:
            return replace(self, zoom=zoom)._inside()
        offset = self.offset
        centre = []
        for axis in (0, 1):
            size = self.cell[axis]
            point = (offset[axis] + anchor[axis]) * size / self.zoom
            centre.append(point + (self.cells[axis] / 2 - anchor[axis]) * size / zoom)
        return replace(self, zoom=zoom, centre=(centre[0], centre[1]))._inside()

    def stepped(self, by: int, anchor: Pair | None = None) -> Viewport:
        """Closer by one step (``by`` 1) or further away (-1); fitting and one to one are steps of their own."""
        fit = self.fit_zoom
        rungs = {rung for rung in _RUNGS if abs(log2(rung / fit)) > _NEAR} | {fit, 1.0, self.least, self.most}
        if by > 0:
            zoom = min((rung for rung in rungs if rung > self.zoom * (1 + _SLACK)), default=self.zoom)
        else:
            zoom = max((rung for rung in rungs if rung < self.zoom * (1 - _SLACK)), default=self.zoom)
        return self.zoomed(zoom, anchor)

    def exact(self, anchor: Pair | None = None) -> Viewport:
        """One to one; all of it, where it is that already."""
        return self.zoomed(self.fit_zoom if self.zoom == 1 else 1.0, anchor)

    def panned(self, columns: int, rows: int) -> Viewport:
        """Moved to the right and down by so many cells, as far as the picture goes."""
        moved = (self.centre[axis] + by * self.cell[axis] / self.zoom for axis, by in ((0, columns), (1, rows)))
        x, y = moved
        return replace(self, centre=(x, y))._inside()

    def resized(self, cells: tuple[int, int], cell: Pair) -> Viewport:
        """In a view of another size: fitting stays fitting, another zoom stays what it is."""
        if self.fits:
            return Viewport.fitting(self.picture, cells, cell, self.among)
        changed = replace(self, cells=_positive(cells), cell=cell)
        return changed.zoomed(self.zoom)

    @property
    def place(self) -> Place:
        """Where one looks, to look there in another picture."""
        return Place(self.zoom / self.fit_zoom, self.centre[0] / self.picture[0], self.centre[1] / self.picture[1])

    def at(self, place: Place) -> Viewport:
        """The same picture looked at in ``place``."""
        centre = place.x * self.picture[0], place.y * self.picture[1]
        zoom = self.fit_zoom * place.scale
        # Whatever floating point makes of it: one to one in one picture is so in another of as many pixels, and what
        # was prepared at a zoom stays good.
        near = (each for each in (1.0, self.zoom) if isclose(zoom, each, rel_tol=1e-9))
        return replace(self, centre=centre).zoomed(next(near, zoom))

    @property
    def _alone(self) -> float:
        return self._fit(self.picture)

    def _fit(self, picture: tuple[int, int]) -> float:
        """The zoom at which ``picture`` would fit, if it were alone."""
        return min(self.cells[axis] * self.cell[axis] / picture[axis] for axis in (0, 1))

    def _of_others(self, zoom_of: Callable[[tuple[int, int]], float]) -> tuple[float, ...]:
        """The zoom of this picture at which it is spread as each of the others at its own."""
        side = _side(self.picture)
        return tuple(zoom_of(other) * _side(other) / side for other in self.among if other != self.picture)

    def _length(self, axis: int) -> int:
        """Cells that the whole picture takes."""
        return max(1, ceil(self.picture[axis] * self.zoom / self.cell[axis] - _SLACK))

    def _offset(self, axis: int) -> int:
        length, cells = self._length(axis), self.cells[axis]
        if length <= cells:
            return -((cells - length) // 2)
        start = self.centre[axis] * self.zoom / self.cell[axis] - cells / 2
        return min(length - cells, max(0, floor(start + 0.5 + _SLACK)))

    def _inside(self) -> Viewport:
        """With the middle so that no more of the view is empty than has to be."""
        centre = []
        for axis in (0, 1):
            length, cells, size = self._length(axis), self.cells[axis], self.cell[axis] / self.zoom
            if length <= cells:
                centre.append(self.picture[axis] / 2)
            else:
                centre.append(min((length - cells / 2) * size, max(cells / 2 * size, self.centre[axis])))
        return replace(self, centre=(centre[0], centre[1]))


def together(viewports: Sequence[Viewport], place: Place) -> Place:
    """``place`` as the picture has it that goes on furthest, in each direction: there every edge can be reached."""
    there = [viewport.at(place) for viewport in viewports]
    if not there:
        return place
    across, down = (max(there, key=lambda viewport: viewport.grid[axis]) for axis in (0, 1))
    return Place(place.scale, across.place.x, down.place.y)


def is_better_stacked(area: tuple[int, int], aspect: float, pictures: Sequence[tuple[int, int]]) -> bool:
    """Whether pictures of these pixels, at one scale, are clearly larger one above the other than side by side.

    ``area`` is in cells, each ``aspect`` times as high as wide.
    """
    columns, rows = max(1, area[0]), max(1, area[1]) * aspect
    sides = [_positive(picture) for picture in pictures]

    def least(width: float, height: float) -> float:
        return min((min(width / wide, height / high) * _side((wide, high)) for wide, high in sides), default=0.0)

    return least(columns, rows / 2) > least(columns / 2, rows) * 1.2


def _positive(pair: tuple[int, int]) -> tuple[int, int]:
    return max(1, pair[0]), max(1, pair[1])


def _side(picture: tuple[int, int]) -> float:
    """Of the square of as many pixels."""
    return sqrt(picture[0] * picture[1])
