"""Help: every key by the place it works in, from the command table, and what was chosen for this terminal."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.commands import PLACE_TITLES, Place, commands_of, key_text
from tui.domain.query.keys import FORMS
from tui.screens.dialog import Dialog
from tui.widgets.cells import fit, wrapped
from tui.widgets.plain import content

BY_NAME: Final = "Ctrl+P, by name"
HIDDEN_KEYS: Final = ("f14", "f15", "f16", "f17", "alt+enter")
_EDGE: Final = 2
"""Cells before the keys, and between them and what they do."""


class HelpTable(Widget):
    """Keys and what they do, in two columns that both keep to their own side; below them ``facts`` in the same form.

    ``first`` is the place where one is: its keys come before all others.
    """

    def __init__(self, facts: Sequence[tuple[str, str]], first: Place | None = None) -> None:
        super().__init__()
        places = sorted(PLACE_TITLES, key=lambda each: each != first)
        self._parts = [(PLACE_TITLES[place], _keys_of(place)) for place in places]
        self._parts.insert(places.index("history") + 1, ("In a search", [*FORMS]))
        self._parts.append(("Here", [*facts]))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the words take in ``width`` cells."""
        return len([*self._lines(width)])

    def render(self) -> Content:
        """The table, as wide as there is room."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> Iterator[Content]:
        longest = max(cell_len(name) for _, rows in self._parts for name, _ in rows)
        column = max(1, min(longest, width * 2 // 5))
        for number, (title, rows) in enumerate(self._parts):
            if number:
                yield Content("")
            yield Content.assemble((title, "bold $text-accent"))
            for name, words in rows:
                yield from _row(name, words, column, max(1, width - column - 2 * _EDGE))


def _row(name: str, words: str, column: int, room: int) -> Iterator[Content]:
    """``name`` in ``column`` cells and ``words`` in ``room`` beside it; a name that is set in stays so."""
    depth = len(name) - len(name.lstrip())
    names = [" " * depth + line for line in wrapped(name, column - depth)]
    for left, right in zip_longest(names, wrapped(words, room), fillvalue=""):
        keys = content(f"{'':{_EDGE}}{fit(left, column)}{'':{_EDGE}}")
        yield Content.assemble(keys, content(right).stylize("$muted"))


def _keys_of(place: Place) -> list[tuple[str, str]]:
    return [
        (" ".join(key_text(key) for key in command.keys if key not in HIDDEN_KEYS), command.help)
        if command.keys
        else (BY_NAME, f"{command.name} · {command.help}")
        for command in commands_of(place)
    ]


class HelpScreen(Dialog[None]):
    """The whole command table, scrolled by the usual keys."""

    BINDINGS = [("f1", "leave", "Leave"), ("q", "leave", "Leave")]
    title_words = "Help"
    keys_words = "↑↓ scroll · Esc back"

    def __init__(self, facts: Sequence[tuple[str, str]], first: Place | None = None) -> None:
        super().__init__(classes="tall")
        self._facts = facts
        self._first = first

    def inside(self) -> ComposeResult:
        """The table."""
        with VerticalScroll(classes="help"):
            yield HelpTable(self._facts, self._first)
