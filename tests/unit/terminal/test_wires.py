import asyncio
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from support.picture_terminal import KittyTerminal, PictureTerminal, SixelTerminal

from tui.imaging.picture import KittyPayload
from tui.imaging.sixel import SixelPicture, Tile
from tui.terminal.blocks import Block, Blocks
from tui.terminal.frames import Frames
from tui.terminal.kitty_delivery import PING
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.link import Link
from tui.terminal.screen import Screen
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.wire import tell_lost, watch

SIZE = (40, 14)
CELL = (4, 6)
ORIGINS = {0: (1, 2), 1: (2, 20)}
COLUMNS, ROWS = 12, 8

text_op = st.tuples(st.just("text"), st.integers(0, 11), st.integers(0, 30), st.text("ab 漢", min_size=1, max_size=9))
cells_op = st.tuples(
    st.just("cells"), st.sampled_from([0, 1]), st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1), st.integers(1, 12)
)
frames = st.lists(st.lists(st.one_of(text_op, cells_op), max_size=6), max_size=8)


def png(data: bytes) -> KittyPayload:
    return KittyPayload(data, "png", COLUMNS * CELL[0], ROWS * CELL[1])


class Script:
    """Frames as Textual writes them, and what should stand in each cell after them."""

    def __init__(self, blocks: dict[int, Block]) -> None:
        self.blocks = blocks
        self.expected: dict[tuple[int, int], object] = {}

    def frame(self, operations: list[tuple]) -> str:
        parts = []
        for kind, *rest in operations:
            parts.append(self._text(*rest) if kind == "text" else self._cells(*rest))
        return "".join(parts)

    def _cut(self, y: int, x: int) -> None:
        """Half a wide character is nothing that a frame could mean."""
        if (y, x) in self.expected and self.expected[y, x] is None:
            self.expected[y, x - 1] = None

    def _text(self, y: int, x: int, text: str) -> str:
        at = x
        self._cut(y, x)
        for character in text:
            self.expected[y, at] = character
            if character == "漢":
                self.expected[y, at + 1] = None
                at += 1
            at += 1
        return f"\x1b[{y + 1};{x + 1}H\x1b[1;48;2;9;9;9m{text}\x1b[0m\n"

    def _cells(self, which: int, row: int, column: int, length: int) -> str:
        top, left = ORIGINS[which]
        length = min(length, COLUMNS - column)
        self._cut(top + row, left + column)
        for at in range(column, column + length):
            self.expected[top + row, left + at] = (which, row, at)
        text = self.blocks[which].row(row)[column : column + length]
        return f"\x1b[{top + row + 1};{left + column + 1}H\x1b[38;2;1;2;3;48;2;9;9;9m{text}\x1b[0m"


def agree(terminal: PictureTerminal, names: dict[str, int], expected: dict[tuple[int, int], object]) -> None:
    """Every cell shows what the frames meant; the right half of a wide character may hold anything."""
    shown = terminal.shown()
    for place, meant in expected.items():
        if meant is None:
            continue
        seen = shown[place]
        assert (names[seen[0]], *seen[1:]) == meant if isinstance(meant, tuple) else seen == meant, place


class WideMixin:
    """A wide character takes two cells."""

    def put(self, character: str) -> None:
        super().put(character)
        if character == "漢":
            super().put("…")


class WideKitty(WideMixin, KittyTerminal):
    """A Kitty-like terminal with wide characters."""


class WideSixel(WideMixin, SixelTerminal):
    """A Sixel terminal with wide characters."""


def stage(terminal: PictureTerminal, size: tuple[int, int] = SIZE) -> Frames:
    """Frames on their way to ``terminal``, which takes all of them at once."""
    frames = Frames(terminal.feed, lambda: 0, lambda _seconds, _call: None, Link())
    frames.fit(*size)
    return frames


def kitty_wire(write: Callable[[str], None], *, tmux: bool = False, repeats: bool = False) -> KittyWire:
    wire = KittyWire(write, Screen(), Blocks(), tmux=tmux, repeats=repeats)
    wire.open = True
    return wire


def sixel_wire(frames: Frames) -> SixelWire:
    wire = SixelWire(frames.send_pictures, frames.screen, Blocks())
    wire.open = True
    frames.easel = wire
    return wire


def sixel(which: int, high: int = ROWS) -> SixelPicture:
    """A picture in tiles of ``high`` rows."""
    tiles = [
        Tile(row, 0, f'\x1bP0;1;0q"1;1;{COLUMNS * CELL[0]};{min(high, ROWS - row) * CELL[1]}#{which}#{row}\x1b\\')
        for row in range(0, ROWS, high)
    ]
    return SixelPicture(COLUMNS, ROWS, CELL, tuple(tiles))


async def kitty(repeats: bool) -> tuple[Frames, KittyWire, WideKitty, Script, dict[str, int]]:
    terminal = WideKitty()
    frames = stage(terminal)
    wire: KittyWire

    def write(text: str) -> None:
        terminal.feed(text.replace(PING, ""))
        if PING in text:
            asyncio.get_running_loop().call_soon(wire.heard)

    wire = KittyWire(write, frames.screen, Blocks(), repeats=repeats)
    wire.open = True
    frames.easel = wire
    blocks = {which: await wire.show(which, png(b"png"), COLUMNS, ROWS) for which in ORIGINS}
    names = dict(zip(terminal.placed, ORIGINS, strict=True))
    return frames, wire, terminal, Script(blocks), names


@given(frames, st.booleans())
@settings(max_examples=150, deadline=None)
def test_kitty_cells_show_what_the_frames_meant_whatever_overlaps(script_frames: list, repeats: bool) -> None:
    async def play() -> None:
        frames, _, terminal, script, names = await kitty(repeats)
        for operations in script_frames:
            frames.write(script.frame(operations))
            agree(terminal, names, script.expected)

    asyncio.run(play())


@given(frames, st.integers(1, ROWS))
@settings(max_examples=150, deadline=None)
def test_sixel_cells_show_what_the_frames_meant_whatever_overlaps(script_frames: list, high: int) -> None:
    terminal = WideSixel(CELL)
    way = stage(terminal)
    wire = sixel_wire(way)
    script = Script({which: wire.show(sixel(which, high)) for which in ORIGINS})
    # The whole screen is drawn at first, as an app does; a Sixel brings all its cells at once.
    blank = [("text", y, 0, " " * 40) for y in range(SIZE[1])]
    whole = [("cells", which, row, 0, COLUMNS) for which in ORIGINS for row in range(ROWS)]
    for operations in [[*blank, *whole], *script_frames]:
        way.write(script.frame(operations))
        shown = {}
        for place, seen in terminal.shown().items():
            if isinstance(seen, tuple):
                which, top = map(int, seen[0].rstrip("\x1b\\").split("#")[1:])
                seen = (which, seen[1] + top, seen[2])
            shown[place] = seen
        for place, meant in script.expected.items():
            assert meant is None or shown[place] == meant, place


def test_sixel_is_not_sent_again_while_nothing_stood_on_it() -> None:
    terminal = WideSixel(CELL)
    way = stage(terminal)
    script = Script({0: sixel_wire(way).show(sixel(0))})
    whole = [("cells", 0, row, 0, COLUMNS) for row in range(ROWS)]
    for _ in range(5):
        way.write(script.frame([*whole, ("text", 11, 0, "keys")]))
    assert terminal.drawn == 1
    way.write(script.frame([("text", 3, 4, "dialog")]))
    assert terminal.drawn == 1
    way.write(script.frame(whole))
    assert terminal.drawn == 2


def test_of_a_sixel_only_the_tiles_that_text_stood_on_are_sent_again() -> None:
    terminal = WideSixel(CELL)
    way = stage(terminal)
    script = Script({0: sixel_wire(way).show(sixel(0, high=2))})
    whole = [("cells", 0, row, 0, COLUMNS) for row in range(ROWS)]
    way.write(script.frame(whole))
    assert terminal.drawn == 4
    way.write(script.frame([("text", 4, 4, "dialog")]))
    way.write(script.frame(whole))
    assert terminal.drawn == 5


def test_sixel_on_the_last_line_is_left_blank_because_it_would_scroll() -> None:
    terminal = WideSixel(CELL)
    way = stage(terminal)
    block = sixel_wire(way).show(sixel(0))
    frame = "".join(f"\x1b[{7 + row};3H{block.row(row)}" for row in range(ROWS))
    way.write(frame)
    assert terminal.drawn == 0
    assert set(terminal.shown().values()) == {" "}
    way.fit(40, 15)
    way.write(frame)
    assert terminal.drawn == 1


def test_of_a_sixel_that_reaches_out_of_the_screen_the_tiles_inside_are_drawn() -> None:
    terminal = WideSixel(CELL)
    way = stage(terminal)
    block = sixel_wire(way).show(sixel(0, high=2))
    way.write("".join(f"\x1b[{9 + row};3H{block.row(row)}" for row in range(6)))
    assert terminal.drawn == 2
    assert {y for y, _ in terminal.pixels} == {8, 9, 10, 11}


async def test_cells_of_a_freed_picture_are_blank() -> None:
    frames, wire, terminal, script, _ = await kitty(repeats=False)
    wire.release(script.blocks[0])
    frames.write(script.frame([("cells", 0, 0, 0, COLUMNS)]))
    assert set(terminal.shown().values()) == {" "}


async def test_nothing_is_written_once_the_screen_is_given_back() -> None:
    _, wire, terminal, script, _ = await kitty(repeats=True)
    terminal.feed(wire.farewell())
    wire.open = False
    written: list[str] = []
    wire._write = written.append
    wire.release(script.blocks[1])
    assert written == []


async def test_listeners_hear_of_lost_pictures_while_they_live() -> None:
    class Pane:
        lost = 0

        def pictures_lost(self) -> None:
            self.lost += 1

    app, pane, gone = Pane(), Pane(), Pane()
    watch(app, pane)
    watch(app, gone)
    del gone
    tell_lost(app)
    assert pane.lost == 1
