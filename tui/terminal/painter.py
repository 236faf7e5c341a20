"""Writes the difference: the cells that are wanted and do not stand there yet, with few moves and short styles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final

from tui.terminal.inks import Cell, Ink
from tui.terminal.screen import Cells, Place, Row, Screen, blank_unit

NEAR: Final = 4
"""Cells between two that differ which are written again rather than stepped over: a step takes 4 bytes."""

_ink_of: Final = attrgetter("ink")
_text_of: Final = attrgetter("text")


class Easel:
    """How cells of pictures are drawn: here, where pictures are text, what is left of one is blank."""

    unfinished = False
    """True if pictures are left for another time; until then no cell of a picture is written."""

    in_portions = False
    """True if pictures are drawn with the frames, and can be a part at a time."""

    def before(self, screen: Screen, most: int | None) -> str:
        """What to write before the cells, about ``most`` characters; it may change what stands in the cells."""
        return ""

    def doubt(self) -> bool:
        """The window may have been covered; whether pictures are to be drawn again for that."""
        return False

    def leans(self, cell: Cell, left: Cell | None) -> bool:
        """Whether a picture's cell that stays has to be written again because it stands right of ``left`` now."""
        return False

    def spell(self, run: str, ink: Ink) -> Iterator[tuple[Ink, str]]:
        """What to write for cells of pictures side by side, and the inks for it."""
        yield ink, " " * len(run)


class Painter:
    """Follows the terminal's own cursor and ink while it brings ``screen`` up to date."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._at: Place | None = None
        self._pen = screen.inks.plain
        self._out: list[str] = []
        self.unfinished = False
        """True if the last time did not bring everything up to date."""

    def lost(self) -> None:
        """The cursor may be anywhere."""
        self._at = None

    def paint(self, easel: Easel, most: int | None = None, portion: int | None = None) -> str:
        """What to write so that everything wanted is shown; empty when it is.

        With ``most``, about so many characters of it, what was wanted last first. With a ``portion``, no more than
        about so many of pictures, and text goes before them.
        """
        if portion is not None:
            text = self._paint(easel, most, 0)
            if text or not (portion and easel.unfinished):
                return text
        return self._paint(easel, most, portion)

    def _paint(self, easel: Easel, most: int | None, portion: int | None) -> str:
        screen = self._screen
        drawn = easel.before(screen, portion)
        self._out = [drawn] if drawn else []
        if drawn:
            self._at = None
        self.unfinished = easel.unfinished
        dirty = [(y, row) for y, row in enumerate(screen.rows) if row.dirty]
        if most is not None:
            dirty.sort(key=lambda each: -each[1].wanted_at)
        for y, row in dirty:
            if most is not None and sum(map(len, self._out)) > most:
                self.unfinished = True
                break
            row.dirty = easel.unfinished
            if row.wanted != row.shown:
                self._paint_row(y, row, easel)
        self._use(screen.inks.plain)
        if screen.cursor is not None and self._at != screen.cursor:
            self._move(screen.cursor)
        return "".join(self._out)

    def _paint_row(self, y: int, row: Row, easel: Easel) -> None:
        wanted, shown = row.wanted, row.shown
        pairs = enumerate(zip(wanted, shown, strict=True))
        fresh = [x for x, (cell, before) in pairs if cell is not before and cell is not None]
        if easel.unfinished:
            waiting = [x for x in fresh if (cell := wanted[x]) is not None and cell.ink.pictured]
            self._blank(y, [x for x in waiting if _is_text(shown[x])], row)
            fresh = [x for x in fresh if (cell := wanted[x]) is None or not cell.ink.pictured]
        if row.odd:
            fresh = _whole(fresh, wanted, shown)
        for start, end in _runs(fresh, wanted):
            self._paint_run(y, start, end, row, easel)
            if end < len(wanted):
                cell = wanted[end]
                # A cell of a picture may have stood right of another that is text now.
                if cell is not None and cell is shown[end] and cell.ink.pictured and easel.leans(cell, wanted[end - 1]):
                    self._paint_run(y, end, end + 1, row, easel)

    def _blank(self, y: int, columns: list[int], row: Row) -> None:
        """Take text away where a picture will come: a dialog that is closed is gone at once."""
        for x in columns:
            cell = row.wanted[x]
            if cell is not None:
                blank_unit(row.shown, x)
                blank_unit(row.shown, x + 1)
                self._move((y, x))
                ink = self._screen.inks[cell.ink.back]
                self._use(ink)
                self._out.append(" ")
                row.shown[x] = ink.cells[" "]
                self._at = (y, x + 1) if x + 1 < self._screen.columns else None

    def _paint_run(self, y: int, start: int, end: int, row: Row, easel: Easel) -> None:
        """Write ``wanted`` cells side by side."""
        self._move((y, start))
        cells = [cell for cell in row.wanted[start:end] if cell is not None]
        row.shown[start:end] = cells
        x = start
        for ink, group in groupby(cells, _ink_of):
            alike = [*group]
            x += len(alike)
            if ink.pictured:
                for pen, text in easel.spell("".join(map(_text_of, alike)), ink):
                    self._use(pen)
                    self._out.append(text)
            elif row.odd and not all(cell.sure for cell in alike):
                self._write_units(y, x - len(alike), alike)
                continue
            else:
                self._use(ink)
                self._out.append("".join(map(_text_of, alike)))
            self._at = (y, x) if x < self._screen.columns else None

    def _write_units(self, y: int, x: int, cells: list[Cell]) -> None:
        """Cells of which the terminal may think otherwise: the place is made blank, and whatever follows is placed."""
        self._use(cells[0].ink)
        for cell in cells:
            if cell.width:
                self._move((y, x))
                if not cell.sure:
                    self._out.append(f"{' ' * cell.width}\x1b[{y + 1};{x + 1}H")
                self._out.append(cell.text)
                x += cell.width
                self._at = (y, x) if cell.sure and x < self._screen.columns else None

    def _move(self, place: Place) -> None:
        if self._at == place:
            return
        (y, x), at = place, self._at
        if at is not None and at[0] == y and at[1] < x:
            self._out.append(f"\x1b[{x - at[1]}C")
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H")
        self._at = place

    def _use(self, ink: Ink) -> None:
        if ink is not self._pen:
            self._out.append(ink.after(self._pen))
            self._pen = ink


def _is_text(cell: Cell | None) -> bool:
    """Whether something is written there that is no part of a picture."""
    return cell is not None and not cell.ink.pictured and cell.text != " "


def _runs(fresh: list[int], wanted: Cells) -> Iterator[tuple[int, int]]:
    """Columns side by side as (first, after the last), over small gaps of the same ink."""
    if not fresh:
        return
    start = last = fresh[0]
    for x in fresh[1:]:
        if x > last + 1 and not (x - last <= NEAR and _alike(wanted[last : x + 1])):
            yield start, last + 1
            start = x
        last = x
    yield start, last + 1


def _alike(cells: Cells) -> bool:
    """Whether these can be written in one go for little."""
    first = cells[0]
    return all(
        cell is not None and first is not None and cell.ink is first.ink and cell.sure and not cell.ink.pictured
        for cell in cells
    )


def _whole(fresh: list[int], wanted: Cells, shown: Cells) -> list[int]:
    """``fresh`` with all that is to be written with it: whole wide characters, and what one may have run into."""
    due = set(fresh)
    waiting = [*fresh]
    while waiting:
        x = waiting.pop()
        # What stood there goes, and its other half with it.
        for edge in (x, x + 1):
            blank_unit(shown, edge)
        more = [*_unit(wanted, x)]
        head = wanted[more[0]]
        if head is not None and not head.sure:
            more += range(more[-1] + 1, min(len(wanted), more[0] + 2 * len(head.text)))
        more += (at for at in (x - 1, x + 1) if 0 <= at < len(wanted) and shown[at] is None)
        for at in more:
            if at not in due and wanted[at] is not None:
                due.add(at)
                waiting.append(at)
    return sorted(due)


def _unit(cells: Cells, x: int) -> Iterator[int]:
    """The columns of the wide character that ``x`` is in."""
    left = x
    while left > 0 and (cell := cells[left]) is not None and not cell.width:
        left -= 1
    yield left
    at = left + 1
    while at < len(cells) and (cell := cells[at]) is not None and not cell.width:
        yield at
        at += 1
