"""A small app with a prompt and a picture, run by tests in a terminal: ``python picture_app.py PICTURE [LEFTOVER]``.

f2 takes the picture away and brings it back, f3 suspends the app for a moment, f4 opens a dialog, f5 removes
the picture's pane, f6 draws it in half blocks instead and back again.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tui.terminal.probe import TerminalFacts, probe

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import ModalScreen


def main(picture: Path, leftover: bytes) -> int:
    facts = probe()
    if facts.truecolor:
        # Textual reads it when it is imported.
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"
    return run(replace(facts, leftover=leftover + facts.leftover), picture)


def _dialog() -> "ModalScreen[None]":
    from textual.app import ComposeResult
    from textual.screen import ModalScreen
    from textual.widgets import Label

    class Dialog(ModalScreen[None]):
        DEFAULT_CSS = "Dialog { align: center middle; } Dialog Label { background: red; }"
        BINDINGS: ClassVar = [("escape", "dismiss")]

        def compose(self) -> ComposeResult:
            yield Label("a dialog")

    return Dialog()


def _app(facts: TerminalFacts, picture: Path) -> "App[None]":
    from textual.app import App, ComposeResult
    from textual.widgets import Input, Label

    from tui.terminal.driver import driver_class
    from tui.terminal.wire import switch
    from tui.widgets.image_view import ImageView

    class PictureApp(App[None]):
        CSS = "Input { dock: bottom; }"
        BINDINGS: ClassVar = [("f2", "toggle"), ("f3", "pause"), ("f4", "dialog"), ("f5", "remove"), ("f6", "switch")]
        terminal_facts = facts
        shown = 0

        def compose(self) -> ComposeResult:
            yield ImageView()
            yield Input()
            yield Label(id="said")

        def on_mount(self) -> None:
            self.query_one(Input).focus()
            self.query_one(ImageView).show(picture)

        def on_image_view_shown(self, event: ImageView.Shown) -> None:
            self.shown += 1
            self.query_one("#said", Label).update(f"shown {self.shown} {event.width}x{event.height}")

        def on_image_view_failed(self, event: ImageView.Failed) -> None:
            self.query_one("#said", Label).update(f"failed {event.words}")

        def action_toggle(self) -> None:
            view = self.query_one(ImageView)
            view.show(picture if view.path is None else None)

        def action_pause(self) -> None:
            with self.suspend():
                print("paused", flush=True)

        def action_remove(self) -> None:
            self.query_one(ImageView).remove()

        def action_switch(self) -> None:
            protocol = facts.protocol if self.terminal_facts.protocol == "half" else "half"
            self.terminal_facts = replace(facts, protocol=protocol)
            switch(self, protocol)

        def action_dialog(self) -> None:
            self.push_screen(_dialog())

    return PictureApp(driver_class=driver_class())


def run(facts: TerminalFacts, picture: Path) -> int:
    app = _app(facts, picture)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2].encode() if len(sys.argv) > 2 else b""))
