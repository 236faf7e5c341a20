"""What every dialog has: a small centred frame, Esc to leave, and a view of the panes behind it."""

from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui.widgets.plain import content

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """A dialog; Esc leaves it without an answer. Subclasses compose its inside in ``inside``."""

    BINDINGS = [Binding("escape", "leave", "Leave", show=False)]
    title_words = ""
    keys_words = "Esc back"

    def compose(self) -> ComposeResult:
        """The frame and what is in it."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = content(self.title_words) if self.title_words else None
            frame.border_subtitle = Content(self.keys_words)
            yield from self.inside()

    def inside(self) -> ComposeResult:
        """What is in the frame."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Begin; a dialog that was left before its inside came into being never has one."""
        if self in self.app.screen_stack:
            self.begin()

    def begin(self) -> None:
        """What is done once the inside is in its place."""

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
