"""Help: every key by the place it works in, from the command table, and what was chosen for this terminal."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from tui.commands import PLACE_TITLES, Place, commands_of, key_text
from tui.screens.dialog import Dialog
from tui.widgets.plain import Plain, content

KEY_WIDTH = 26
BY_NAME = "Ctrl+P, by name"
HIDDEN_KEYS = ("f14", "f15", "f16", "f17", "alt+enter")


def help_content(facts: Sequence[tuple[str, str]], first: Place | None = None) -> Content:
    """All commands, a line each, under the places they work in; then ``facts`` as name and words.

    ``first`` is where one is: its keys come before all others.
    """
    lines: list[Content] = []
    for place in sorted(PLACE_TITLES, key=lambda each: each != first):
        lines.append(Content.assemble((PLACE_TITLES[place], "bold $text-accent")))
        for command in commands_of(place):
            keys = " ".join(key_text(key) for key in command.keys if key not in HIDDEN_KEYS) or BY_NAME
            lines.append(Content.assemble(f"  {keys:<{KEY_WIDTH}}", (command.help, "$muted")))
        lines.append(Content(""))
    lines.append(Content.assemble(("Here", "bold $text-accent")))
    for name, words in facts:
        lines.append(Content.assemble(f"  {name:<{KEY_WIDTH}}", content(words).stylize("$muted")))
    return Content("\n").join(lines)


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
            yield Plain(help_content(self._facts, self._first))
