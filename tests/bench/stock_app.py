"""The usual way to show pictures in Textual, to be measured beside ours: textual-image's own widget.

``python stock_app.py PROTOCOL FOLDER [LOG]``: j shows the next picture, k the one before, any other letter is
counted on the last line, d opens a dialog and closes it. LOG takes each time the event loop was away.
"""

import os
import sys
from pathlib import Path
from typing import Any

from loop_watch import watch

os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "truecolor")


def main(protocol: str, folder: Path, log: Path | None) -> None:
    from textual.app import App, ComposeResult
    from textual.screen import ModalScreen
    from textual.widgets import Label
    from textual_image.widget import HalfcellImage, SixelImage, TGPImage

    view: Any = {"kitty": TGPImage, "sixel": SixelImage, "half": HalfcellImage}[protocol]

    class Dialog(ModalScreen[None]):
        DEFAULT_CSS = "Dialog { align: center middle; } Label { width: 60; height: 12; border: round white; }"

        def compose(self) -> ComposeResult:
            yield Label("a dialog")

    class Stock(App[None]):
        CSS = "#picture { width: 78; height: 39; } #said { dock: bottom; height: 1; }"

        def __init__(self) -> None:
            super().__init__()
            self.paths = sorted(folder.glob("*.png"))
            self.place = 0
            self.counted = ""

        def compose(self) -> ComposeResult:
            yield view(self.paths[0], id="picture")
            yield Label("ready", id="said")

        def on_mount(self) -> None:
            if log is not None:
                self.run_worker(watch(log))

        def on_key(self, event: Any) -> None:
            if event.key in ("j", "k"):
                self.place = (self.place + (1 if event.key == "j" else -1)) % len(self.paths)
                self.query_one("#picture", view).image = self.paths[self.place]
            elif event.key == "d":
                _ = self.pop_screen() if isinstance(self.screen, Dialog) else self.push_screen(Dialog())
            elif event.is_printable:
                self.counted = event.character
                self.query_one("#said", Label).update(self.counted)

    Stock().run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
