"""An app that shows one picture, a kitchen where pictures are held back, and a terminal that takes Kitty pictures."""

import asyncio
import re
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input

from tui.imaging.picture import IsStale, KittyPayload
from tui.terminal.blocks import Block, Blocks
from tui.terminal.facts import Protocol, TerminalFacts
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.link import link_of
from tui.terminal.screen import Screen
from tui.terminal.wire import attach
from tui.widgets import pictures as every_picture
from tui.widgets.drawing import Ask, Made
from tui.widgets.image_view import ImageView
from tui.widgets.pictures import Pictures, pictures_of

_PING = re.compile(r"\x1b\[\?2026\$p")


class Gallery(App[None]):
    """A picture above a prompt. ``folder``: where thumbnails are kept."""

    CSS = "Input { dock: bottom; height: 1; border: none; }"
    facts: ClassVar[TerminalFacts] = TerminalFacts()

    def __init__(self, facts: TerminalFacts | None = None, folder: Path | None = None) -> None:
        super().__init__()
        if facts is not None:
            self.terminal_facts = facts
        self.pictures.folder = folder
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield ImageView()
        yield Input()

    @property
    def view(self) -> ImageView:
        return self.query_one(ImageView)

    @property
    def pictures(self) -> Pictures:
        return pictures_of(self)

    def on_image_view_shown(self, event: ImageView.Shown) -> None:
        self.said.append(event)

    def on_image_view_failed(self, event: ImageView.Failed) -> None:
        self.said.append(event)

    def shown(self) -> list[str]:
        return [event.path.name for event in self.said if isinstance(event, ImageView.Shown)]

    def rows(self) -> list[str]:
        """The text of the pane; cells of a picture, also blanks of another background, come as upper half blocks."""
        size, pane = self.view.size, self.view.visual_style.rich_style.bgcolor
        return [
            "".join(
                "▀" * len(segment.text)
                if not segment.text.strip(" ▀▄█") and (segment.text.strip() or segment.style.bgcolor != pane)
                else segment.text
                for segment in strip
            )
            for strip in self.view.render_lines(Region(0, 0, size.width, size.height))
        ]


class Kitchen:
    """Stands in the way of what is made in threads: counts, and holds pictures back until they may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[str] = []
        self.looks: list[tuple[str, str]] = []
        self.glanced: list[str] = []
        self.given_up: list[str] = []
        self._held: dict[tuple[str, str], threading.Event] = {}
        self._make, self._glance = every_picture.make, every_picture.glance
        monkeypatch.setattr(every_picture, "make", self._cook)
        monkeypatch.setattr(every_picture, "glance", self._peek)

    def hold(self, name: str, look: str = "") -> threading.Event:
        """Hold back the picture of that name, at any look or only at this one, or the ``glance`` at its thumbnail."""
        held = self._held[name, look] = threading.Event()
        return held

    def _cook(self, ask: Ask, stale: IsStale, folder: Path | None) -> Made:
        name = ask.path.name
        self.made.append(name)
        self.looks.append((name, ask.look))
        for held in (self._held.get((name, "")), self._held.get((name, ask.look))):
            if held is not None:
                held.wait(10)
        if stale():
            self.given_up.append(name)
        return self._make(ask, stale, folder)

    def _peek(self, ask: Ask, stale: IsStale, folder: Path | None) -> Made | None:
        self.glanced.append(ask.path.name)
        if (held := self._held.get((ask.path.name, "glance"))) is not None:
            held.wait(10)
        return self._glance(ask, stale, folder)

    def let_all_go(self) -> None:
        for held in self._held.values():
            held.set()


@contextmanager
def kitchen_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    """A kitchen that holds nothing back any more at the end."""
    kitchen = Kitchen(monkeypatch)
    yield kitchen
    kitchen.let_all_go()


class RecordingWire(KittyWire):
    """Remembers what each block of characters was asked for."""

    def __init__(self, host: "KittyHost", app: object) -> None:
        super().__init__(host.write, host.screen, host.blocks, link=link_of(app))
        self.asks: dict[Block, Hashable] = {}

    async def show(
        self, key: Hashable, payload: KittyPayload, columns: int, rows: int, *, family: Hashable = None
    ) -> Block:
        block = await super().show(key, payload, columns, rows, family=family)
        self.asks[block] = key
        return block


class KittyHost:
    """A driver with a Kitty-like terminal behind it, which answers every question at once."""

    cell = (10, 20)

    def __init__(self, app: Gallery) -> None:
        self.app = app
        self.written: list[str] = []
        self.screen, self.blocks = Screen(), Blocks()
        self.wire = RecordingWire(self, app)
        self.wire.open = True
        attach(app, self)

    def cell_size(self) -> tuple[int, int]:
        return self.cell

    def change_wire(self, protocol: Protocol) -> None:
        raise AssertionError(f"no {protocol} here")

    def write(self, text: str) -> None:
        self.written.append(text)
        for _ in _PING.findall(text):
            asyncio.get_running_loop().call_soon(self.wire.heard)

    def on_screen(self) -> Ask | None:
        """What stands in the middle of the view."""
        row = self.app.rows()[self.app.view.size.height // 2]
        block = self.blocks.find(ord(row[self.app.view.size.width // 2]))
        found = None if block is None else self.wire.asks[block]
        return found if isinstance(found, Ask) else None

    @property
    def sent(self) -> int:
        """Bytes written so far."""
        return sum(map(len, self.written))


def extent(rows: list[str]) -> tuple[int, int, int, int]:
    """Left, top, width and height of the half blocks; all 0 where there are none."""
    lines = [number for number, row in enumerate(rows) if "▀" in row]
    if not lines:
        return 0, 0, 0, 0
    first = rows[lines[0]]
    assert lines == list(range(lines[0], lines[-1] + 1))
    assert len({row for row in rows if "▀" in row}) == 1
    return first.index("▀"), lines[0], first.count("▀"), len(lines)


def painted(folder: Path, scale: int = 1) -> dict[str, Path]:
    """Three pictures of one colour and three shapes: red is wide, green high, blue square."""
    made = {}
    for name, (width, height), colour in (
        ("red", (80, 40), "red"),
        ("green", (40, 80), "lime"),
        ("blue", (60, 60), "blue"),
    ):
        made[name] = folder / f"{name}.png"
        Image.new("RGB", (width * scale, height * scale), colour).save(made[name])
    return made


def blurred(path: Path, width: int, height: int) -> Path:
    """A picture of very many colours."""
    Image.effect_noise((width, height), 90).convert("RGB").save(path)
    return path
