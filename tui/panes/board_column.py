"""The boards of a library beside its history, where there is room: a click away, the one that is shown marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import events
from textual.message import Message

from tui.domain.words import one_line
from tui.widgets.cells import fit
from tui.widgets.row_list import Piece, RowList

LEAST: Final = 54
"""Columns inside the history's frame from which on boards stand beside its rows."""

ALL: Final = ("all", "")
"""The board that is always there, and its search."""


class BoardColumn(RowList, can_focus=False):
    """All of the library, then its boards. The keys have a list of their own: ``b``."""

    @dataclass
    class Clicked(Message):
        """A board was clicked; ``query`` finds what is on it."""

        query: str

    def __init__(self) -> None:
        super().__init__(id="boards")
        self._boards: tuple[tuple[str, str], ...] = (ALL,)
        self.display = False

    def take(self, boards: tuple[tuple[str, str], ...]) -> None:
        """Names and queries of the boards, in their order."""
        self._boards = (ALL, *boards)
        self.rows_changed()

    def fit_in(self, width: int) -> None:
        """Stand there if the frame has so many columns inside, and if there are boards."""
        self.display = width >= LEAST and len(self._boards) > 1

    def mark(self, query: str) -> None:
        """The search that is shown now."""
        self.cursor = next((row for row, (_, each) in enumerate(self._boards) if each == query), -1)

    def row_count(self) -> int:
        """One row a board."""
        return len(self._boards)

    def pieces(self, row: int, line: int, width: int) -> Sequence[Piece]:
        """The name."""
        return (Piece(fit(one_line(self._boards[row][0]), width), "row--accent" if row == self.cursor else ""),)

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw the two rows: nobody stands here."""
        self.refresh_row(old)
        self.refresh_row(new)

    def on_click(self, event: events.Click) -> None:
        """Show a board."""
        event.stop()
        event.prevent_default()
        row, _ = self.line_at(event.y + self.scroll_offset.y)
        if self.can_stand(row):
            self.post_message(self.Clicked(self._boards[row][1]))
