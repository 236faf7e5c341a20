"""Looking closely, down to the pixels of the terminal: the very part of the picture that was asked for, no flash.

A Textual app with our driver and zoom view runs in this process, on a PTY whose other end is the model terminal.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.pty_app import Line, line
from support.screen_pixels import Box
from support.terminal_kinds import KITTY, XTERM, TerminalKind
from support.waiting import wait_until
from textual.app import App, ComposeResult
from textual.widgets import Label

from tui.terminal.driver import driver_class
from tui.terminal.facts import Protocol, TerminalFacts
from tui.terminal.kitty_store import BUDGET
from tui.terminal.wire import switch
from tui.widgets import part_view
from tui.widgets.pictures import background_of
from tui.widgets.zoom_view import ZoomView

COLUMNS, ROWS = 40, 13
BLOCK = 100
"""Pixels of a square of one colour: each place in a picture is told by the colours around it."""

COLOURS = [(205, 0, 0), (0, 205, 0), (0, 0, 238), (0, 205, 205), (205, 205, 0), (205, 0, 205), (20, 20, 20)]
LIKE = 0.88
"""What edges between the squares leave; a view that is one cell beside the right one comes to some 0.7."""

SIZES = ((1200, 900), (500, 1500))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who rests only for moments."""
    monkeypatch.setattr(part_view, "REST", 0.02)
    monkeypatch.setattr(part_view, "IDLE", 0.05)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("mosaics")
    dice = random.Random(7)
    paths = []
    for number, (width, height) in enumerate(SIZES):
        image = Image.new("RGB", (width, height))
        for x in range(0, width, BLOCK):
            for y in range(0, height, BLOCK):
                image.paste(dice.choice(COLOURS), (x, y, x + BLOCK, y + BLOCK))
        paths.append(folder / f"{number}.png")
        image.save(paths[-1])
    return paths


class Closely(App[None]):
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, facts: TerminalFacts, **more: Any) -> None:
        self.terminal_facts = facts
        super().__init__(**more)

    def compose(self) -> ComposeResult:
        yield ZoomView()
        yield Label("below")

    @property
    def view(self) -> ZoomView:
        return self.query_one(ZoomView)


class Eye:
    """Looks at the terminal, at every frame and when all is quiet."""

    def __init__(self, app: Closely, line: Line) -> None:
        self.app = app
        self.line = line
        self.terminal = line.terminal
        self.least = 0
        """The smallest number of cells with a picture in any frame since the first."""

    def watch(self) -> None:
        self.least = COLUMNS * ROWS
        self.terminal.on_frame = self._frame

    def _frame(self) -> None:
        self.least = min(self.least, sum(each.kind != "nothing" for each in self.terminal.shown().values()))

    async def do(self, *ways: Callable[[], object]) -> None:
        """As the app does what a key asks for, and until all is quiet again."""
        for way in ways:
            self.app.view.call_later(way)
        await self.quiet()

    async def quiet(self) -> None:
        view = self.app.view
        done = asyncio.Event()
        view.call_later(done.set)
        await done.wait()
        await wait_until(lambda: view.viewport is not None and view.settled)
        last = ""
        while (now := str(self._pixels().tobytes())) != last:
            last = now
            await asyncio.sleep(0.03)

    def pictures(self) -> set[int]:
        """Numbers of the pictures that can be seen."""
        with self.line.lock:
            return {each.picture for each in self.terminal.shown().values()}

    def _pixels(self) -> np.ndarray:
        with self.line.lock:
            size = self.app.view.size
            return np.asarray(self.terminal.image(Box(0, 0, size.width, size.height)), np.int32)

    def likeness(self, path: Path) -> float:
        """Of all pixels of the view, the share that have about the colour that they should have."""
        viewport = self.app.view.viewport
        (left, top), (width, height) = viewport.offset, self.terminal.cell
        zoom = viewport.zoom * width / viewport.cell[0]
        wanted = Image.new("RGB", (viewport.cells[0] * width, viewport.cells[1] * height), background_of(self.app.view))
        with Image.open(path) as picture:
            whole = picture.convert("RGB")
        # Only where the pixels are not mixed can they be told without knowing how they were scaled.
        for y in range(2, wanted.height, 5):
            for x in range(2, wanted.width, 5):
                at = int((left * width + x) / zoom), int((top * height + y) / zoom)
                if 0 <= at[0] < whole.width and 0 <= at[1] < whole.height:
                    wanted.putpixel((x, y), whole.getpixel(at))
        seen, should = self._pixels()[2::5, 2::5], np.asarray(wanted, np.int32)[2::5, 2::5]
        return float((np.abs(seen - should).max(axis=2) < 60).mean())


@asynccontextmanager
async def looking(kind: TerminalKind) -> AsyncIterator[Eye]:
    facts = TerminalFacts(
        "kitty" if kind.graphics else "sixel", truecolor=True, name=kind.version, sixel_colours=kind.sixel_colours
    )
    facts = replace(facts, sixel_width=kind.sixel_limit[0], sixel_height=kind.sixel_limit[1])
    with line(kind, COLUMNS, ROWS) as pty:
        app = Closely(facts, driver_class=driver_class())
        running = asyncio.create_task(app.run_async())
        await wait_until(lambda: app.is_running and app.screen_stack and app.view.size)
        eye = Eye(app, pty)
        yield eye
        app.exit()
        await running
        assert pty.terminal.problems == []
        await wait_until(lambda: pty.terminal.kept == set())


@pytest.mark.parametrize("kind", [KITTY, XTERM], ids=lambda kind: kind.name)
async def test_whatever_way_one_went_the_right_part_is_seen_and_never_nothing(
    kind: TerminalKind, pictures: list[Path]
) -> None:
    dice = random.Random(kind.name)
    async with looking(kind) as eye:
        view = eye.app.view
        ways = (
            lambda: view.step(1, (dice.random() * COLUMNS, dice.random() * ROWS)),
            lambda: view.step(1),
            lambda: view.step(-1, (dice.random() * COLUMNS, dice.random() * ROWS)),
            lambda: view.pan(dice.randint(-9, 9), dice.randint(-9, 9)),
            lambda: view.pan(dice.randint(-2, 2), dice.randint(-2, 2)),
            view.toggle_exact,
            view.fit,
            lambda: view.show(dice.choice(pictures)),
        )
        await eye.do(lambda: view.show(pictures[0]))
        eye.watch()
        for _ in range(14):
            for _ in range(dice.randint(1, 5)):
                view.call_later(dice.choice(ways))
                await asyncio.sleep(dice.choice((0, 0, 0.01, 0.03)))
            await eye.quiet()
            await wait_until(lambda: eye.likeness(view.path) > LIKE)
            assert not eye.terminal.dangling()
            assert eye.terminal.lines[-1].startswith("below")
        assert eye.least > 20


async def test_moving_over_a_kitty_picture_sends_no_pixels_until_its_margin_is_used_up(pictures: list[Path]) -> None:
    async with looking(KITTY) as eye:
        view = eye.app.view
        await eye.do(lambda: view.show(pictures[0]))
        await eye.do(view.toggle_exact)
        before = view.viewport
        picture = eye.pictures()
        for _ in range(3):
            await eye.do(lambda: view.pan(1, 0))
            await wait_until(lambda: eye.likeness(pictures[0]) > LIKE)
        assert view.viewport.offset[0] - before.offset[0] == 6
        assert eye.pictures() == picture
        await eye.do(*[lambda: view.pan(1, 0)] * 8)
        assert eye.pictures() != picture
        await wait_until(lambda: eye.likeness(pictures[0]) > LIKE)


async def test_what_the_terminal_keeps_of_a_long_look_is_bounded(pictures: list[Path]) -> None:
    async with looking(KITTY) as eye:
        view = eye.app.view
        await eye.do(lambda: view.show(pictures[0]))
        for _ in range(8):
            await eye.do(lambda: view.step(1))
            await eye.do(lambda: view.pan(9, 9))
        size = sum(picture.size for picture in eye.terminal.store.pictures.values())
        assert size <= BUDGET
        await wait_until(lambda: eye.likeness(pictures[0]) > LIKE)


async def test_another_font_keeps_one_to_one_and_the_place(pictures: list[Path]) -> None:
    async with looking(KITTY) as eye:
        view = eye.app.view
        await eye.do(lambda: view.show(pictures[0]))
        await eye.do(view.toggle_exact, lambda: view.pan(1, 2))
        place = view.viewport.place
        for cell in ((8, 17), (14, 30)):
            eye.line.resize(COLUMNS, ROWS, cell)
            await wait_until(lambda cell=cell: view.viewport.cell == cell)
            await eye.quiet()
            assert view.viewport.zoom == 1.0
            await wait_until(lambda: eye.likeness(pictures[0]) > LIKE)
            assert view.viewport.place.x == pytest.approx(place.x, abs=0.05)


async def test_drawn_another_way_from_now_on_it_is_the_same_place(pictures: list[Path]) -> None:
    async with looking(KITTY) as eye:
        view = eye.app.view
        await eye.do(lambda: view.show(pictures[0]))
        await eye.do(lambda: view.step(1), lambda: view.step(1), lambda: view.pan(-9, -9))
        place = view.viewport.place
        for protocol in ("half", "kitty"):

            def draw(protocol: Protocol = protocol) -> None:
                eye.app.terminal_facts = replace(eye.app.terminal_facts, protocol=protocol)
                switch(eye.app, protocol)

            await eye.do(draw)
            assert view.viewport.place.scale == pytest.approx(place.scale)
            assert eye.likeness(pictures[0]) > (LIKE if protocol == "kitty" else 0.75)


@pytest.mark.parametrize("size", [(40, 13), (200, 60)])
async def test_who_rests_has_it_sent_no_more_whatever_the_size(pictures: list[Path], size: tuple[int, int]) -> None:
    async with looking(KITTY) as eye:
        view = eye.app.view
        eye.line.resize(*size)
        await wait_until(lambda: view.size == (size[0], size[1] - 1))
        await eye.do(lambda: view.show(pictures[0]))
        await eye.do(lambda: view.step(1), lambda: view.step(1), lambda: view.step(1), lambda: view.step(1))
        await wait_until(lambda: view.closer.settled)
        assert view.closer.display
        await wait_until(lambda: eye.likeness(pictures[0]) > LIKE)
