"""Which of the panes is shown where only one fits, a click away from the others."""

from dataclasses import dataclass
from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

TABS: Final = (("preview", "Preview"), ("history", "History"), ("jobs", "Jobs"))


class PaneTabs(Widget):
    """One line with the names of the panes, the shown one marked."""

    shown: reactive[str] = reactive("preview")

    @dataclass
    class Chosen(Message):
        """A name was clicked."""

        pane: str

    def render(self) -> Content:
        """The names."""
        line = Content(" ")
        for name, words in TABS:
            style = "bold $text-accent underline" if name == self.shown else "$muted"
            line = Content.assemble(line, (words, style), "   ")
        return Content.assemble(line, ("Tab next", "$faint"))

    def on_click(self, event: events.Click) -> None:
        """Choose the pane whose name was clicked."""
        start = 1
        for name, words in TABS:
            if start <= event.x < start + len(words):
                self.post_message(self.Chosen(name))
            start += len(words) + 3
