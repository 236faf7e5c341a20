"""The trash: what was thrown away, a key away from the library; emptied only when asked, with number and bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding

from tui.domain.thrown import InTrash
from tui.domain.words import file_size, one_line
from tui.screens.adding import ConfirmMany, counted, when_agreed
from tui.screens.dialog import Dialog
from tui.widgets.cells import fit
from tui.widgets.plain import Plain, content
from tui.widgets.row_list import Piece, RowList

_OTHER_LINES: Final = 14
"""Lines of the screen that the list leaves to what stands around it, and to the prompt below."""


class TrashList(RowList):
    """A thrown away generation a row, the last one first."""

    BINDINGS = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, rows: tuple[InTrash, ...]) -> None:
        super().__init__()
        self.rows = rows
        self.marked: set[int] = set()

    def row_count(self) -> int:
        """One row a generation."""
        return len(self.rows)

    def pieces(self, row: int, line: int, width: int) -> list[Piece]:
        """Mark, when it was thrown away, prompt, bytes."""
        each = self.rows[row]
        thrown = each.trashed_at.astimezone()
        when = f"{thrown:%H:%M}" if thrown.date() == datetime.now().date() else f"{thrown.day} {thrown:%b}"
        size = file_size(each.bytes)
        prompt = one_line(each.generation.prompt) or each.generation.stem
        room = max(0, width - 2 - 7 - len(size) - 1)
        return [
            Piece("✓ " if row in self.marked else "  ", "row--success"),
            Piece(f"{when:<7}", "row--muted"),
            Piece(fit(prompt, room)),
            Piece(f" {size}", "row--muted"),
        ]

    @property
    def chosen(self) -> tuple[int, ...]:
        """The marked rows, else the one under the cursor."""
        return tuple(sorted(self.marked)) or ((self.cursor,) if self.can_stand(self.cursor) else ())


class TrashScreen(Dialog["TrashScreen.Answer"]):
    """Enter or u brings back, E empties after a question."""

    BINDINGS = [
        Binding("enter,u", "restore", show=False, priority=True),
        Binding("space", "mark", show=False, priority=True),
        Binding("E", "empty", show=False, priority=True),
    ]
    title_words = "Trash"
    keys_words = "Enter bring back · Space mark · E empty · Esc back"

    @dataclass(frozen=True)
    class Restore:
        """Bring these rows back."""

        rows: tuple[InTrash, ...]

    @dataclass(frozen=True)
    class Empty:
        """Delete these rows, which are all that was listed."""

        rows: tuple[InTrash, ...]

    Answer = Restore | Empty

    def __init__(self, rows: tuple[InTrash, ...]) -> None:
        super().__init__(classes="picker wide")
        self._rows = rows

    def inside(self) -> ComposeResult:
        """How much there is, and the list."""
        total = file_size(sum(each.bytes for each in self._rows))
        yield Plain(content(f"{counted(len(self._rows))}, {total}." if self._rows else "The trash is empty."))
        yield TrashList(self._rows)

    def begin(self) -> None:
        """Begin at the last one thrown away."""
        rows = self._list
        rows.styles.height = max(1, min(len(self._rows), self.app.size.height - _OTHER_LINES))
        rows.rows_changed()
        rows.move_to(0)
        rows.focus()

    @property
    def _list(self) -> TrashList:
        return self.query_one(TrashList)

    def on_row_list_chosen(self) -> None:
        """Two clicks bring back."""
        self.action_restore()

    def action_mark(self) -> None:
        """Mark and go on to the next row."""
        rows = self._list
        if rows.can_stand(rows.cursor):
            rows.marked ^= {rows.cursor}
            rows.action_move(1)
            rows.refresh()

    def action_restore(self) -> None:
        """Bring back what is chosen."""
        chosen = self._list.chosen
        if chosen:
            self.dismiss(self.Restore(tuple(self._rows[row] for row in chosen)))

    def action_empty(self) -> None:
        """Delete everything, after a question."""
        if self._rows:
            total = file_size(sum(each.bytes for each in self._rows))
            words = f"Delete {counted(len(self._rows))} in the trash for good, {total}? Nothing brings them back."
            agreed = when_agreed(lambda: self.dismiss(self.Empty(self._rows)))
            self.app.push_screen(ConfirmMany("Empty the trash", words), agreed)
