import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.picture_terminal import KittyTerminal, PictureTerminal, SixelTerminal
from support.waiting import wait_until

from tui.imaging.picture import KittyPayload
from tui.imaging.sixel import SixelPicture, Tile
from tui.terminal.blocks import Block
from tui.terminal.kitty_store import FIRST_ID, LAST_ID, PING
from tui.terminal.kitty_wire import KittyWire
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


async def kitty(repeats: bool) -> tuple[KittyWire, WideKitty, Script, dict[str, int]]:
    terminal = WideKitty()
    wire: KittyWire

    def write(text: str) -> None:
        terminal.feed(text.replace(PING, ""))
        if PING in text:
            asyncio.get_running_loop().call_soon(wire.heard)

    wire = KittyWire(write, lambda: CELL, repeats=repeats)
    wire.open = True
    blocks = {which: await wire.show(which, png(b"png"), COLUMNS, ROWS) for which in ORIGINS}
    names = dict(zip(terminal.placed, ORIGINS, strict=True))
    return wire, terminal, Script(blocks), names


@given(frames, st.booleans())
@settings(max_examples=150, deadline=None)
def test_kitty_cells_show_what_the_frames_meant_whatever_overlaps(script_frames: list, repeats: bool) -> None:
    async def play() -> None:
        wire, terminal, script, names = await kitty(repeats)
        for operations in script_frames:
            terminal.feed(wire.frame(script.frame(operations), SIZE))
            agree(terminal, names, script.expected)

    asyncio.run(play())


@given(frames)
@settings(max_examples=150, deadline=None)
def test_sixel_cells_show_what_the_frames_meant_whatever_overlaps(script_frames: list) -> None:
    terminal = WideSixel(CELL)
    wire = SixelWire(terminal.feed, lambda: CELL)
    wire.open = True
    pictures = {
        which: SixelPicture(
            COLUMNS,
            ROWS,
            (Tile(0, 0, f'\x1bP0;1;0q"1;1;{COLUMNS * CELL[0]};{ROWS * CELL[1]}#{which}\x1b\\'),),
        )
        for which in ORIGINS
    }
    script = Script({which: wire.show(picture) for which, picture in pictures.items()})
    names = {pictures[which].tiles[0].data[2:-2]: which for which in ORIGINS}
    # The whole screen is drawn at first, as an app does; a Sixel brings all its cells at once.
    blank = [("text", y, 0, " " * 40) for y in range(SIZE[1])]
    whole = [("cells", which, row, 0, COLUMNS) for which in ORIGINS for row in range(ROWS)]
    for operations in [[*blank, *whole], *script_frames]:
        terminal.feed(wire.frame(script.frame(operations), SIZE))
        agree(terminal, names, script.expected)


@given(st.text(alphabet="\x1b[]P_G?;m0123HJC\\\x07\n\r a漢é\u0301"))
def test_frames_without_pictures_pass_unchanged(frame: str) -> None:
    assert SixelWire(lambda _: None, lambda: CELL).frame(frame, SIZE) == frame
    assert KittyWire(lambda _: None, lambda: CELL).frame(frame, SIZE) == frame


def test_sixel_is_not_sent_again_while_nothing_stood_on_it() -> None:
    terminal = WideSixel(CELL)
    wire = SixelWire(terminal.feed, lambda: CELL)
    tile = Tile(0, 0, f'\x1bP0;1;0q"1;1;{COLUMNS * CELL[0]};{ROWS * CELL[1]}#0\x1b\\')
    script = Script({0: wire.show(SixelPicture(COLUMNS, ROWS, (tile,)))})
    whole = [("cells", 0, row, 0, COLUMNS) for row in range(ROWS)]
    for _ in range(5):
        terminal.feed(wire.frame(script.frame([*whole, ("text", 11, 0, "keys")]), SIZE))
    assert terminal.drawn == 1
    terminal.feed(wire.frame(script.frame([("text", 3, 4, "dialog")]), SIZE))
    assert terminal.drawn == 1
    terminal.feed(wire.frame(script.frame(whole), SIZE))
    assert terminal.drawn == 2


def test_sixel_on_the_last_line_is_left_blank_because_it_would_scroll() -> None:
    terminal = WideSixel(CELL)
    wire = SixelWire(terminal.feed, lambda: CELL)
    tile = Tile(0, 0, f'\x1bP0;1;0q"1;1;{COLUMNS * CELL[0]};{ROWS * CELL[1]}#0\x1b\\')
    block = wire.show(SixelPicture(COLUMNS, ROWS, (tile,)))
    frame = "".join(f"\x1b[{7 + row};3H{block.row(row)}" for row in range(ROWS))
    terminal.feed(wire.frame(frame, (40, 14)))
    assert terminal.drawn == 0
    assert set(terminal.shown().values()) == {" "}
    terminal.feed(wire.frame(frame, (40, 15)))
    assert terminal.drawn == 1


async def test_kitty_picture_arrives_whole_and_is_freed_with_its_data() -> None:
    wire, terminal, script, _ = await kitty(repeats=True)
    assert set(terminal.payloads.values()) == {"cG5n"}
    assert list(terminal.placed.values()) == [(COLUMNS, ROWS)] * 2
    assert all(FIRST_ID <= int(number) <= LAST_ID for number in terminal.placed)
    wire.release(script.blocks[0])
    assert len(terminal.payloads) == 1
    terminal.feed(wire.farewell())
    assert terminal.payloads == terminal.placed == {}


async def test_cells_of_a_freed_picture_are_blank() -> None:
    wire, terminal, script, _ = await kitty(repeats=False)
    wire.release(script.blocks[0])
    terminal.feed(wire.frame(script.frame([("cells", 0, 0, 0, COLUMNS)]), SIZE))
    assert set(terminal.shown().values()) == {" "}


async def test_cancelled_send_leaves_nothing_in_the_terminal_and_the_next_one_goes() -> None:
    terminal = KittyTerminal()
    pings = 0

    def write(text: str) -> None:
        nonlocal pings
        pings += text.count(PING)
        terminal.feed(text.replace(PING, ""))

    wire = KittyWire(write, lambda: CELL)
    wire.open = True
    first = asyncio.create_task(wire.show(object(), png(bytes(20_000)), 4, 4))
    await wait_until(lambda: pings == 1)
    second = asyncio.create_task(wire.show(object(), png(b"next"), 4, 4))
    first.cancel()
    await wait_until(lambda: pings == 2)
    assert [terminal.payloads[number] for number in terminal.payloads] == ["bmV4dA=="]
    wire.heard()
    assert await second is not None
    assert first.cancelled()


async def test_no_delete_comes_between_the_chunks_of_another_picture() -> None:
    terminal = KittyTerminal()
    written: list[str] = []

    def write(text: str) -> None:
        written.append(text)
        terminal.feed(text.replace(PING, ""))

    wire = KittyWire(write, lambda: CELL)
    wire.open = True
    task = asyncio.create_task(wire.show(object(), png(b"old"), 4, 4))
    await wait_until(lambda: len(written) == 1)
    wire.heard()
    old = await task
    task = asyncio.create_task(wire.show(object(), png(bytes(20_000)), 4, 4))
    await wait_until(lambda: len(written) == 3)
    wire.release(old)
    assert not any("a=d" in text for text in written)
    while not task.done():
        wire.heard()
        await asyncio.sleep(0)
    assert len(terminal.payloads) == len(terminal.placed) == 1
    assert "a=d" in "".join(written)


async def test_nothing_is_written_once_the_screen_is_given_back() -> None:
    wire, terminal, script, _ = await kitty(repeats=True)
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


@pytest.mark.parametrize("tmux", [True, False])
async def test_commands_are_wrapped_for_tmux_each_by_itself(tmux: bool) -> None:
    written: list[str] = []
    wire = KittyWire(written.append, lambda: CELL, tmux=tmux)
    wire.open = True
    task = asyncio.create_task(wire.show(object(), png(b"png"), 2, 2))
    await wait_until(lambda: wire.waiting)
    wire.heard()
    await task
    text = "".join(written)
    assert text.count("\x1bPtmux;") == (3 if tmux else 0)
    assert ("\x1b\x1b_G" in text) is tmux
