"""A list that draws only its visible rows, from a plain model, with a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

KEPT: Final = 512
"""Rows that are kept as they were drawn: more than screens have."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in a row; ``look`` names one of the list's component classes, empty for plain."""

    text: str
    look: str = ""


class RowList(ScrollView, can_focus=True):
    """Rows of ``row_height`` lines; subclasses give their number and their pieces.

    The cursor is a row number, -1 while there is no row to stand on. Rows for which ``can_stand`` is false
    (headings) are passed over.
    """

    COMPONENT_CLASSES = {
        "row--cursor",
        "row--cursor-bar",
        "row--muted",
        "row--accent",
        "row--success",
        "row--warning",
        "row--error",
        "row--heading",
        "row--match",
    }

    row_height = 1
    cursor: reactive[int] = reactive(-1, repaint=False)

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        row_list: "RowList"
        row: int

        @property
        def control(self) -> "RowList":
            """The list it moved in."""
            return self.row_list

        def can_replace(self, message: Message) -> bool:
            """Where many rows are passed at once, only the last one is told."""
            return isinstance(message, RowList.Moved) and message.row_list is self.row_list

    @dataclass
    class Chosen(Message):
        """A row was clicked twice."""

        row_list: "RowList"
        row: int

    def __init__(self, *, id: str | None = None) -> None:
        self._drawn: dict[int, dict[tuple[int, int, bool, bool], Strip]] = {}
        """Of rows their lines as they were drawn, by line, width, cursor and focus: what scrolls is not drawn anew."""
        self._styles: dict[tuple[str, bool], Style] = {}
        super().__init__(id=id)

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def can_stand(self, row: int) -> bool:
        """Whether the cursor may stand on ``row``."""
        return 0 <= row < self.row_count()

    def pieces(self, row: int, line: int, width: int) -> Sequence[Piece | Segment]:
        """Line ``line`` of ``row``, at most ``width`` cells in all; what is drawn already as a segment."""
        raise NotImplementedError

    def top_of(self, row: int) -> int:
        """The line in which ``row`` begins, counted over all rows."""
        return row * self.row_height

    def line_at(self, y: int) -> tuple[int, int]:
        """The row that has line ``y``, counted over all rows, and which of its lines that is."""
        return divmod(y, self.row_height)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw anew; without ``regions`` all rows have other contents."""
        if not regions:
            self._forget_drawn()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Other colours."""
        self._forget_drawn()
        super().notify_style_update()

    def rows_changed(self) -> None:
        """Take in another number of rows or other contents; the cursor is kept on a row where it can stand."""
        self.rows_came()
        self.refresh()

    def rows_came(self) -> None:
        """Take in rows behind those that are there."""
        self.virtual_size = Size(self.container_size.width, self.top_of(self.row_count()))

    def refresh_row(self, row: int) -> None:
        """Redraw one row."""
        self._drawn.pop(row, None)
        top, bottom = (self.top_of(each) - self.scroll_offset.y for each in (row, row + 1))
        if bottom > 0 and top < self.size.height:
            self.refresh(Region(0, top, self.size.width, bottom - top))

    def render_line(self, y: int) -> Strip:
        """One line of the visible part."""
        width = self.scrollable_content_region.width
        row, line = self.line_at(y + self.scroll_offset.y)
        if not 0 <= row < self.row_count() or width <= 0:
            return Strip.blank(max(0, width), self._style("", False))
        if row not in self._drawn:
            while len(self._drawn) >= KEPT:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[row] = {}
        drawn, way = self._drawn[row], (line, width, row == self.cursor, self.has_focus)
        if way not in drawn:
            drawn[way] = self._draw(row, *way)
        return drawn[way]

    def _draw(self, row: int, line: int, width: int, on_cursor: bool, focused: bool) -> Strip:
        lit = on_cursor and focused
        segments = [
            Segment("▌", self._style("row--cursor-bar", lit)) if on_cursor else Segment(" ", self._style("", lit))
        ]
        for piece in self.pieces(row, line, width - 1):
            segments.append(piece if isinstance(piece, Segment) else Segment(piece.text, self._style(piece.look, lit)))
        return Strip(segments).adjust_cell_length(width, self._style("", lit))

    def _style(self, look: str, lit: bool) -> Style:
        """How a part of a row looks, in a row with the cursor and the focus where ``lit``."""
        found = self._styles.get((look, lit))
        if found is None:
            names = [name for name in ("row--cursor" if lit else "", look) if name]
            looks = [self.get_component_rich_style(name, partial=True) for name in names]
            found = self._styles[look, lit] = sum(looks, self.rich_style)
        return found

    def _forget_drawn(self) -> None:
        self._drawn.clear()
        self._styles.clear()

    def move_to(self, row: int, direction: int = 1) -> None:
        """Put the cursor on ``row``, or the next row in ``direction`` where it can stand, else the other way."""
        count = self.row_count()
        row = max(0, min(count - 1, row))
        onwards = range(row, count if direction > 0 else -1, direction)
        for candidate in chain(onwards, range(row, -1, -1), range(row, count)):
            if self.can_stand(candidate):
                self.cursor = candidate
                self.show_row(candidate)
                return
        self.cursor = -1

    def show_row(self, row: int) -> None:
        """Scroll so that ``row`` is visible."""
        top, bottom = self.top_of(row), self.top_of(row + 1)
        height = self.scrollable_content_region.height
        if row and not self.can_stand(row - 1) and bottom - self.top_of(row - 1) <= height:
            top = self.top_of(row - 1)
        if top < self.scroll_offset.y:
            self.scroll_to(y=max(0, top), animate=False)
        elif bottom > self.scroll_offset.y + height:
            self.scroll_to(y=bottom - height, animate=False)

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw the two rows and tell who listens."""
        self.refresh_row(old)
        self.refresh_row(new)
        self.post_message(self.Moved(self, new))

    def action_move(self, by: int) -> None:
        """Move the cursor ``by`` rows."""
        self.move_to(self.cursor + by, 1 if by > 0 else -1)

    def action_page(self, by: int) -> None:
        """Move the cursor ``by`` pages."""
        rows = max(1, self.scrollable_content_region.height // self.row_height - 1)
        self.move_to(self.cursor + by * rows, 1 if by > 0 else -1)

    def action_first(self) -> None:
        """To the first row."""
        self.scroll_to(y=0, animate=False)
        self.move_to(0)

    def action_last(self) -> None:
        """To the last row."""
        self.move_to(self.row_count() - 1, -1)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one chooses."""
        row, _ = self.line_at(event.y + self.scroll_offset.y)
        if not self.can_stand(row):
            return
        self.cursor = row
        if event.chain == 2:
            self.post_message(self.Chosen(self, row))

    def on_focus(self) -> None:
        """The cursor's row looks otherwise with the focus."""
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        """The cursor's row looks otherwise without the focus."""
        self.refresh_row(self.cursor)

    def on_resize(self) -> None:
        """Rows follow the width."""
        self._forget_drawn()
        self.rows_came()
        if self.cursor >= 0:
            self.show_row(self.cursor)
