"""Boards: searches that are kept by a name, and tags, each a key away."""

from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from tui.domain.words import one_line
from tui.screens.dialog import Dialog
from tui.screens.picker import Choice, ChoiceList
from tui.widgets.plain import Plain

_ROWS: Final = 14


class BoardPicker(Dialog["BoardPicker.Answer"]):
    """A list of boards; a name that is typed keeps the search that is shown as a new one."""

    BINDINGS = [
        Binding("enter", "take", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("delete", "drop", show=False, priority=True),
    ]
    title_words = "Boards"
    keys_words = "Enter show · Del forget · Esc back"

    @dataclass(frozen=True)
    class Search:
        """Show what this query finds."""

        query: str

    @dataclass(frozen=True)
    class Keep:
        """Keep the search that is shown by this name."""

        name: str

    @dataclass(frozen=True)
    class Drop:
        """Forget the board of this name; its pictures stay."""

        name: str

    Answer = Search | Keep | Drop

    def __init__(self, boards: tuple[Choice, ...], searched: str, saved: int) -> None:
        """``saved`` of the ``boards``, the first ones, can be forgotten; ``searched`` is the search that is shown."""
        super().__init__(classes="picker wide")
        self._boards = boards
        self._searched = searched
        self._saved = boards[:saved]

    def inside(self) -> ComposeResult:
        """What a name would keep, a place for it, and the boards."""
        words = one_line(self._searched, 60)
        yield Plain(f"A new name keeps {words}" if words else "Search first (/), then b keeps it by a name.")
        yield Input(placeholder="find a board, or name this search", compact=True, id="other")
        yield ChoiceList(self._boards)

    def begin(self) -> None:
        """Begin on the board that is shown."""
        rows = self._rows
        rows.styles.height = min(len(self._boards), _ROWS)
        rows.rows_changed()
        shown = (place for place, each in enumerate(self._boards) if self._searched and each.value == self._searched)
        self.call_after_refresh(rows.move_to, next(shown, 0))

    @property
    def _rows(self) -> ChoiceList:
        return self.query_one(ChoiceList)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show only the boards that hold what is typed."""
        typed = event.value.casefold()
        rows = self._rows
        rows.choices = tuple(each for each in self._boards if typed in f"{each.words} {each.value}".casefold())
        rows.rows_changed()
        rows.move_to(0)

    def on_row_list_chosen(self) -> None:
        """Two clicks show."""
        self.action_take()

    def action_move(self, by: int) -> None:
        """Up and down while typing."""
        self._rows.action_move(by)

    def action_take(self) -> None:
        """Show the board under the cursor; what is no board is a name for the search."""
        choice, typed = self._rows.current, one_line(self.query_one(Input).value).strip()
        if choice is not None:
            self.dismiss(self.Search(choice.value))
        elif typed and self._searched:
            self.dismiss(self.Keep(typed))

    def action_drop(self) -> None:
        """Forget the board under the cursor, if it is one of those that were kept."""
        choice = self._rows.current
        if choice in self._saved:
            self.dismiss(self.Drop(choice.words))
