"""Asking once before leaving while jobs are running."""

from textual.app import ComposeResult
from textual.binding import Binding

from tui.screens.dialog import Dialog
from tui.widgets.plain import Plain


class ConfirmQuit(Dialog[bool]):
    """Ctrl+Q or Enter leaves, Esc stays."""

    BINDINGS = [
        Binding("ctrl+q,enter", "quit_now", "Quit", show=False, priority=True),
    ]
    title_words = "Quit?"
    keys_words = "Enter quit · Esc stay"

    def __init__(self, active: int) -> None:
        super().__init__(classes="small")
        self._active = active

    def inside(self) -> ComposeResult:
        """The number of jobs that would be cancelled."""
        jobs, them = ("1 job is", "it") if self._active == 1 else (f"{self._active} jobs are", "them")
        yield Plain(f"{jobs} still on the way. Quitting cancels {them}; finished pictures are kept.")

    def action_quit_now(self) -> None:
        """Leave."""
        self.dismiss(True)
