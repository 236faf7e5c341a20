"""Whatever is done in whatever order: once it is quiet the right picture is seen, or none where none is wanted.

A Textual app with our driver and image view runs in this process, on a PTY whose other end is the model terminal.
"""

import asyncio
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from support.gallery import difference, fill, shows
from support.pty_app import Line, line
from support.screen_pixels import Box, box_of
from support.terminal_kinds import KITTY, PLAIN, WEZTERM, XTERM, TerminalKind
from support.waiting import wait_until
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList

from tui.terminal.driver import driver_class
from tui.terminal.facts import Protocol, TerminalFacts
from tui.terminal.kitty_store import BUDGET
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.wire import switch, wire_of
from tui.widgets.image_view import ImageView

COUNT = 4
COLUMNS, ROWS = 44, 16
FACTS = TerminalFacts(truecolor=True)
CAN: dict[str, tuple[Protocol, ...]] = {
    KITTY.name: ("kitty", "half", "none"),
    XTERM.name: ("sixel", "half", "none"),
    WEZTERM.name: ("sixel", "half"),
    PLAIN.name: ("half", "symbols"),
}
THEMES = ("textual-dark", "textual-light", "nord", "ansi-dark")


@cache
def pictures() -> list[Path]:
    return fill(Path(tempfile.mkdtemp(prefix="gallery-")), COUNT)


class Dialog(ModalScreen[None]):
    """Something over the picture: with what is below dimmed, or not."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog.clear { background: transparent; }
    Dialog Label { width: 11; height: 4; background: red; }
    """

    def compose(self) -> ComposeResult:
        yield Label("a dialog")


class Desk(App[None]):
    """A picture beside a list that scrolls."""

    CSS = "ImageView { margin-left: 1; } OptionList { width: 14; height: 1fr; } Label { height: 1; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, facts: TerminalFacts, **more: Any) -> None:
        self.terminal_facts = facts
        super().__init__(**more)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield ImageView()
            yield OptionList(*(f"row {number}" for number in range(60)))
        yield Label("below")

    @property
    def view(self) -> ImageView:
        return self.screen_stack[0].query_one(ImageView)


class Looking(RuleBasedStateMachine):
    """One person, one terminal of ``kind``."""

    kind: ClassVar[TerminalKind]

    def __init__(self) -> None:
        super().__init__()
        self.left = ExitStack()
        self.runner = self.left.enter_context(asyncio.Runner())
        self.line: Line = self.left.enter_context(line(self.kind, COLUMNS, ROWS))
        self.screen = self.line.terminal
        self.wanted: Path | None = None
        self.covered: Box | None = None
        self.dialogs = 0

    @initialize()
    def start(self) -> None:
        protocol = CAN[self.kind.name][0]
        facts = replace(FACTS, protocol=protocol, name=self.kind.version, sixel_width=self.kind.sixel_limit[0])
        self.facts = replace(facts, sixel_height=self.kind.sixel_limit[1], sixel_colours=self.kind.sixel_colours)

        async def begin() -> None:
            self.app = Desk(self.facts, driver_class=driver_class())
            self.running = asyncio.create_task(self.app.run_async())
            await wait_until(lambda: self.app.is_running and self.app.screen_stack and self.app.view.size)

        self.runner.run(begin())
        self.quiet()

    @rule(number=st.integers(0, COUNT - 1))
    def show(self, number: int) -> None:
        before, self.wanted, self.covered = self.wanted, pictures()[number], None
        blank: list[str] = []
        if before is not None and self.pixels and not self.dialogs:
            self.screen.on_frame = lambda: blank.extend(["blank"] if not self.pixel_box() else self.screen.dangling())
        self.do(lambda: self.app.view.show(self.wanted))
        self.screen.on_frame = None
        # The old picture stays until the new one takes its place.
        assert blank == []

    @rule(numbers=st.lists(st.integers(0, COUNT - 1), min_size=2, max_size=5))
    def show_many_in_a_row(self, numbers: list[int]) -> None:
        self.wanted, self.covered = pictures()[numbers[-1]], None

        async def hold_the_key() -> None:
            for number in numbers:
                self.app.view.show(pictures()[number], [pictures()[(number + 1) % COUNT]])
                await asyncio.sleep(0)

        self.do(hold_the_key)

    @rule()
    def show_nothing(self) -> None:
        self.wanted = None
        self.do(lambda: self.app.view.show(None))

    @rule(
        size=st.sampled_from([(COLUMNS, ROWS), (36, 12), (60, 15)]), cell=st.sampled_from([(10, 20), (7, 15), (12, 24)])
    )
    def resize(self, size: tuple[int, int], cell: tuple[int, int]) -> None:
        self.covered = None
        self.do(lambda: self.line.resize(*size, cell))

    @precondition(lambda self: self.dialogs < 2)
    @rule(clear=st.booleans())
    def open_dialog(self, clear: bool) -> None:
        if self.dialogs == 0:
            self.covered = self.screen.picture_box(self.place) if self.wanted else None
        self.dialogs += 1
        self.do(lambda: self.app.push_screen(Dialog(classes="clear" if clear else "")))

    @precondition(lambda self: self.dialogs)
    @rule()
    def close_dialog(self) -> None:
        self.dialogs -= 1
        self.do(self.app.pop_screen)

    @rule(name=st.sampled_from(THEMES))
    def theme(self, name: str) -> None:
        self.do(lambda: setattr(self.app, "theme", name))

    @rule(down=st.booleans())
    def scroll(self, down: bool) -> None:
        words = self.app.screen_stack[0].query_one(OptionList)
        self.do(lambda: words.scroll_relative(y=9 if down else -9, animate=False))

    @rule(number=st.integers(0, 2))
    def switch_protocol(self, number: int) -> None:
        ways = CAN[self.kind.name]
        self.facts = replace(self.facts, protocol=ways[number % len(ways)])
        self.covered = None

        def change() -> None:
            self.app.terminal_facts = self.facts
            switch(self.app, self.facts.protocol)

        self.do(change)

    @rule()
    def suspend(self) -> None:
        async def away() -> None:
            with self.app.suspend():
                await wait_until(lambda: not self.screen.alternate)
                assert self.screen.kept == set()

        self.covered = None
        self.do(away)

    @rule()
    def hide_and_bring_back(self) -> None:
        def hide() -> None:
            self.app.view.display = False

        def bring() -> None:
            self.app.view.display = True

        self.do(hide, seen=False)
        self.do(bring)

    # --- what has to hold

    @property
    def limit(self) -> float:
        """How far from the picture may be what is seen; another one is 70 away."""
        return 12 if self.pixels else 30

    @property
    def place(self) -> Box:
        """Where the image view is."""
        region = self.app.view.region
        return Box(region.x, region.y, region.width, region.height)

    def do(self, act: Any, *, seen: bool = True) -> None:
        """Let the app do it, in its own turn; then look."""
        done = asyncio.Event()

        async def call() -> None:
            if iscoroutinefunction(act):
                await act()
            else:
                act()
            done.set()

        async def wait() -> None:
            self.app.call_later(call)
            await done.wait()

        self.runner.run(wait())
        self.quiet(seen=seen)

    def quiet(self, *, seen: bool = True) -> None:
        """Wait until everything is right; what stays wrong is an AssertionError with the reason."""

        async def settle() -> None:
            try:
                await wait_until(lambda: self.wrong(seen) == "", timeout=5)
            except AssertionError:
                raise AssertionError(f"{self.wrong(seen)}\n{self.screen.lines}") from None

        self.runner.run(settle())

    def wrong(self, seen: bool) -> str:
        """What is not as it should be, in words; empty when all is well."""
        if self.app.view.busy or self.app.size != self.screen.size:
            return "busy"
        with self.line.lock:
            if self.screen.problems:
                return f"problems: {self.screen.problems}"
            if any("a dialog" in line for line in self.screen.lines) != (self.dialogs > 0):
                return "the dialog is not what is seen"
            if self.screen.dangling():
                return "placeholders of no picture"
            return self.store_is_wrong() or self.picture_is_wrong(seen)

    def store_is_wrong(self) -> str:
        """The terminal has exactly what the app knows it has, within the budget."""
        wire = wire_of(self.app)
        known = wire.store.size if isinstance(wire, KittyWire) else 0
        if self.screen.store.size > known:
            return f"the terminal keeps {self.screen.store.size} bytes, the app knows of {known}"
        return "" if known <= BUDGET else f"{known} bytes are too many"

    @property
    def pixels(self) -> bool:
        """Whether pictures are pixels here, and not text."""
        return self.facts.protocol in ("kitty", "sixel")

    def misplaced(self) -> list[tuple[int, int]]:
        """Placeholders whose row and column are not those of where they stand, as far as it is known."""
        box = self.covered
        if box is None or not self.dialogs or self.facts.protocol != "kitty":
            return []
        shown = self.screen.shown()
        return [
            place for place, one in shown.items() if (one.row, one.column) != (place[0] - box.top, place[1] - box.left)
        ]

    def pixel_box(self) -> Box | None:
        """Around the cells of the image view that show pixels."""
        place = self.place
        return box_of(each for each in self.screen.shown() if place.holds(each))

    def picture_is_wrong(self, seen: bool) -> str:
        # Textual paints nothing new below two dialogs; what is there shows when the upper one goes.
        if not seen or self.dialogs > 1 or (self.dialogs and not self.pixels):
            return ""
        pixels = self.pixel_box()
        box = pixels if self.pixels or pixels else self.screen.picture_box(self.place)
        if self.wanted is None or self.facts.protocol == "none":
            return "" if box is None else f"a picture where none is wanted: {box}"
        if box is None:
            return "no picture"
        if misplaced := self.misplaced():
            return f"cells of another place: {misplaced}"
        if self.dialogs:
            apart = 0.0 if self.covered is None else difference(self.screen, self.covered, self.wanted, pictured=True)
            return "" if apart < self.limit else f"under the dialog it is {apart} away"
        if not shows(self.screen, self.wanted, self.place, limit=self.limit):
            return f"another picture, or a part: {box}, {difference(self.screen, box, self.wanted)} away"
        fits = box.columns >= self.place.columns - 1 or box.rows >= self.place.rows - 1
        return "" if fits else f"{box} is not as large as {self.place}"

    def teardown(self) -> None:
        async def leave() -> None:
            self.app.exit()
            await self.running
            await wait_until(lambda: not self.screen.alternate)

        try:
            if hasattr(self, "running"):
                self.runner.run(leave())
                assert self.screen.kept == set()
                assert self.screen.shown() == {}
                assert self.screen.problems == []
        finally:
            self.left.close()


STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("show", {"number": 0}),
    ("open_dialog", {"clear": True}),
    ("close_dialog", {}),
    ("open_dialog", {"clear": False}),
    ("theme", {"name": "nord"}),
    ("close_dialog", {}),
    ("scroll", {"down": True}),
    ("show", {"number": 1}),
    ("suspend", {}),
    ("resize", {"size": (60, 15), "cell": (12, 24)}),
    ("switch_protocol", {"number": 1}),
    ("show", {"number": 2}),
    ("switch_protocol", {"number": 0}),
    ("open_dialog", {"clear": True}),
    ("show", {"number": 0}),
    ("close_dialog", {}),
    ("hide_and_bring_back", {}),
    ("show_nothing", {}),
    ("show_many_in_a_row", {"numbers": [0, 1, 2, 3, 1]}),
)


def looking(kind: TerminalKind) -> type[Looking]:
    return type(f"Looking_{kind.name}", (Looking,), {"kind": kind})


@pytest.mark.parametrize("kind", [KITTY, XTERM, WEZTERM, PLAIN], ids=lambda kind: kind.name)
def test_a_story_of_everything_that_can_be_done_ends_well(kind: TerminalKind) -> None:
    person = looking(kind)()
    try:
        person.start()
        for step, how in STORY:
            getattr(person, step)(**how)
    finally:
        person.teardown()


def machine(kind: TerminalKind) -> Any:
    """The test of one kind of terminal: few examples, always the same ones."""
    test = looking(kind).TestCase
    test.settings = settings(
        max_examples=4,
        stateful_step_count=10,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=[*HealthCheck],
    )
    return test


TestKitty = machine(KITTY)
TestSixel = machine(XTERM)
TestText = machine(PLAIN)
