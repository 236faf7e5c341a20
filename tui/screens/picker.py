"""Picking one of an option's values from a list, with what each means beside it."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input

from tui.domain.options import ratio_value
from tui.domain.words import one_line
from tui.screens.dialog import Dialog
from tui.widgets.cells import fit
from tui.widgets.plain import Plain
from tui.widgets.row_list import Piece, RowList


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, the words of its row, and a muted note behind them."""

    value: str
    words: str
    note: str = ""


def ratio_picture(ratio: str, columns: int = 16, rows: int = 7) -> list[str]:
    """The shape of ``ratio`` as a box inside ``columns`` × ``rows`` cells, a cell counted twice as high as wide."""
    shape = ratio_value(ratio) or 1.0
    width = min(columns, max(2, round(rows * 2 * shape)))
    height = min(rows, max(2, round(width / 2 / shape)))
    left = (columns - width) // 2
    top = (rows - height) // 2
    box = [
        "╭" + "─" * (width - 2) + "╮",
        *["│" + " " * (width - 2) + "│"] * (height - 2),
        "╰" + "─" * (width - 2) + "╯",
    ]
    lines = [""] * top + [" " * left + line for line in box]
    return lines + [""] * (rows - len(lines))


class ChoiceList(RowList):
    """The choices that match what is typed."""

    BINDINGS = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self.choices = choices

    def row_count(self) -> int:
        """One row a choice."""
        return len(self.choices)

    def pieces(self, row: int, line: int, width: int) -> list[Piece]:
        """The words, then the note."""
        choice = self.choices[row]
        longest = max(cell_len(one_line(each.words)) for each in self.choices) + 2
        head = min(width, longest)
        return [Piece(fit(one_line(choice.words), head)), Piece(fit(choice.note, width - head), "row--muted")]

    @property
    def current(self) -> Choice | None:
        """The choice under the cursor."""
        return self.choices[self.cursor] if self.can_stand(self.cursor) else None


class Picker(Dialog[str]):
    """A list to pick from; with ``free`` any other text may be typed."""

    BINDINGS = [
        Binding("enter", "take", "Take", show=False, priority=True),
        Binding("down", "down", show=False, priority=True),
        Binding("up", "up", show=False, priority=True),
    ]
    keys_words = "Enter take · Esc back"

    def __init__(
        self, title: str, choices: tuple[Choice, ...], current: str, *, free: str = "", drawn: bool = False
    ) -> None:
        super().__init__(classes="picker wide" if free else "picker")
        self.title_words = title
        self._choices = choices
        self._current = current
        self._free = free
        self._drawn = drawn

    def inside(self) -> ComposeResult:
        """The list, the shape beside it where shapes are picked, the field for other text."""
        if self._free:
            yield Input(placeholder=self._free, compact=True, id="other")
        with Horizontal():
            yield ChoiceList(self._choices)
            if self._drawn:
                yield Plain(id="shape")

    def begin(self) -> None:
        """Begin at the present value."""
        rows = self.query_one(ChoiceList)
        rows.styles.height = min(len(self._choices), 14)
        rows.rows_changed()
        values = [choice.value for choice in self._choices]
        self.call_after_refresh(rows.move_to, values.index(self._current) if self._current in values else 0)
        if not self._free:
            rows.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show only the choices that hold what is typed."""
        typed = event.value.casefold()
        rows = self.query_one(ChoiceList)
        rows.choices = tuple(each for each in self._choices if typed in f"{each.value} {each.words}".casefold())
        rows.rows_changed()
        rows.move_to(0)

    def on_row_list_moved(self) -> None:
        """Draw the shape under the cursor."""
        choice = self.query_one(ChoiceList).current
        if self._drawn and choice is not None:
            self.query_one("#shape", Plain).show(Content("\n".join(ratio_picture(choice.value))))

    def on_row_list_chosen(self) -> None:
        """Two clicks take."""
        self.action_take()

    def action_take(self) -> None:
        """Answer with the choice under the cursor, else with what was typed."""
        choice = self.query_one(ChoiceList).current
        typed = self.query_one(Input).value.strip() if self._free else ""
        if choice is not None:
            self.dismiss(choice.value)
        elif typed:
            self.dismiss(typed)

    def action_down(self) -> None:
        """Down the list, also while typing."""
        self.query_one(ChoiceList).action_move(1)

    def action_up(self) -> None:
        """Up the list, also while typing."""
        self.query_one(ChoiceList).action_move(-1)
