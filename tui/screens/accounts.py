"""The accounts behind the proxy: who is logged in where, in which state, and what the proxy makes pictures with."""

from datetime import datetime
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from tui.domain.accounts import LOGIN_COMMAND, MARKS, Account, Accounts, AccountState, refreshed_words
from tui.screens.dialog import Dialog
from tui.widgets.cells import fit
from tui.widgets.plain import Plain, content
from tui.widgets.row_list import Piece, RowList

_LOOKS: Final[dict[AccountState, str]] = {
    "usable": "row--success",
    "expiring": "row--warning",
    "expired": "row--error",
    "missing": "row--error",
    "damaged": "row--error",
}
_STATE_CELLS: Final = 10
_NAME_CELLS: Final = 30
_FEWEST: Final = 3
_OTHER_LINES: Final = 18
"""Lines of the screen that the list leaves to what stands around it, and to the prompt below."""


class AccountList(RowList):
    """An account a row; only the visible ones are drawn."""

    BINDINGS = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.accounts: tuple[Account, ...] = ()
        self.now: datetime | None = None
        self._names = self._providers = 0

    def fill(self, accounts: tuple[Account, ...], now: datetime) -> None:
        """Show these; the columns are as wide as the longest of them, within bounds."""
        self.accounts, self.now = accounts, now
        self._providers = max((cell_len(each.provider or "?") for each in accounts), default=1) + 2
        self._names = min(_NAME_CELLS, max((cell_len(each.name) for each in accounts), default=1) + 2)
        self.rows_changed()
        self.move_to(0)

    def row_count(self) -> int:
        """One row an account."""
        return len(self.accounts)

    def pieces(self, row: int, line: int, width: int) -> list[Piece]:
        """Sign, provider, name, state, and as much of the rest as there is room for."""
        each = self.accounts[row]
        look = _LOOKS.get(each.state, "row--muted")
        fixed = [
            Piece(f"{MARKS[each.state]} ", look),
            Piece(fit(each.provider or "?", self._providers)),
            Piece(fit(each.name, self._names)),
            Piece(fit(each.state, _STATE_CELLS), look),
        ]
        room = width - sum(cell_len(piece.text) for piece in fixed)
        told = f"{'default, ' if each.default else ''}{each.words}".rstrip(", ")
        return [*fixed, Piece(fit(told, room), "row--muted")] if room > 0 else fixed

    @property
    def current(self) -> Account | None:
        """The account under the cursor."""
        return self.accounts[self.cursor] if self.can_stand(self.cursor) else None


class AccountsScreen(Dialog[None]):
    """The list; below it all that is known of the account under the cursor, and what the proxy serves."""

    BINDINGS = [Binding("q,f7", "leave", "Leave", show=False)]
    title_words = "Accounts"
    keys_words = "↑↓ move · Esc back"

    def __init__(self, pictures: str) -> None:
        super().__init__(classes="accounts")
        self._pictures = pictures

    def inside(self) -> ComposeResult:
        """What was found, the list, the words about one of them."""
        yield Plain("Reading …", id="summary")
        yield AccountList()
        yield Plain("", id="about")
        yield Plain(content(self._pictures), id="pictures")

    def begin(self) -> None:
        """Nothing to move in yet."""
        self.query_one(AccountList).display = False

    def show(self, accounts: Accounts, place: str, now: datetime) -> None:
        """Show what was read in the CCS home, which people know as ``place``."""
        rows = self.query_one(AccountList)
        rows.display = bool(accounts.accounts)
        rows.styles.height = max(1, min(len(accounts.accounts), max(_FEWEST, self.app.size.height - _OTHER_LINES)))
        rows.fill(accounts.accounts, now)
        rows.focus()
        notes = "".join(f"\n{note}" for note in accounts.notes)
        summary = f"{place}: {accounts.summary()}" if accounts.there else f"There is no CCS home at {place}."
        self.query_one("#summary", Plain).show(content(summary + notes))
        if not accounts.accounts:
            self.query_one("#about", Plain).show(self._todo(f"{LOGIN_COMMAND}, then ccs cliproxy start"))

    def on_row_list_moved(self) -> None:
        """Say all that is known of the account under the cursor."""
        rows = self.query_one(AccountList)
        each = rows.current
        if each is None or rows.now is None:
            return
        facts = ", ".join(part for part in (each.words, refreshed_words(each, rows.now)) if part)
        words = content(facts or "nothing more is known of it").stylize("$muted")
        self.query_one("#about", Plain).show(
            Content.assemble(words, "\n", self._todo(each.hint) if each.hint else Content(""))
        )

    def _todo(self, hint: str) -> Content:
        return Content.assemble(("→ ", "$text-accent"), content(hint))
