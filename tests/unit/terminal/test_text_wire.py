"""Pictures of text drawn by the driver: whatever comes over them, each cell has its character in its own colours."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.conformance import Conformance
from support.terminal_kinds import XTERM

from tui.terminal.blocks import Blocks
from tui.terminal.frames import Frames
from tui.terminal.inks import Inks
from tui.terminal.link import Link
from tui.terminal.text_wire import TextWire, part_of

COLUMNS, ROWS = 12, 5
TOP, LEFT = 2, 7
SIZE = (30, 10)
LINE = "\x1b[38;2;1;1;1;48;2;2;2;2m▀▀\x1b[38;2;3;3;3m▄▀▀\x1b[48;2;4;4;4m▄▄▀\x1b[38;2;5;5;5;48;2;6;6;6m▀ ▀▀"
COLOURS = [*[(1, 2)] * 2, *[(3, 2)] * 3, *[(3, 4)] * 3, *[(5, 6)] * 4]
TEXT = "▀▀▄▀▀▄▄▀▀ ▀▀"


def stage(written: list[str]) -> tuple[Conformance, Frames, TextWire]:
    """A terminal, the way to it, and what goes there."""
    terminal = Conformance(XTERM, *SIZE)

    def put(text: str) -> None:
        written.append(text)
        terminal.feed(text)

    frames = Frames(put, lambda: 0, lambda _seconds, _call: None, Link())
    frames.fit(*SIZE)
    wire = TextWire(frames.send_pictures, frames.screen, Blocks())
    wire.open = True
    frames.easel = wire
    return terminal, frames, wire


def cell(terminal: Conformance, y: int, x: int) -> tuple[str, object, object]:
    found = terminal.screen.row(y)[x]
    return found.data, found.fg, found.bg


def meant(column: int) -> tuple[str, object, object]:
    fore, back = COLOURS[column]
    return TEXT[column], (fore,) * 3, (back,) * 3


spans = st.tuples(st.booleans(), st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1), st.integers(1, COLUMNS))


@given(st.lists(st.lists(spans, min_size=1, max_size=5), max_size=6))
@settings(max_examples=100, deadline=None)
def test_every_cell_has_its_colours_whatever_came_over_it(script: list[list[tuple[bool, int, int, int]]]) -> None:
    terminal, frames, wire = stage([])
    block = wire.show_text([LINE] * ROWS, COLUMNS)
    expected: dict[tuple[int, int], object] = {}
    for frame in script:
        written = []
        for is_text, row, column, length in frame:
            length = min(length, COLUMNS - column)
            text = "x" * length if is_text else block.row(row)[column : column + length]
            written.append(f"\x1b[{TOP + row + 1};{LEFT + column + 1}H\x1b[1;38;2;7;7;7;48;2;9;9;9m{text}\x1b[0m")
            for at in range(column, column + length):
                expected[row, at] = ("x", (7,) * 3, (9,) * 3) if is_text else meant(at)
        frames.write("".join(written))
        for (row, at), what in expected.items():
            assert cell(terminal, TOP + row, LEFT + at) == what, (row, at)


@given(st.integers(0, COLUMNS - 1), st.integers(1, COLUMNS))
def test_a_part_of_a_line_looks_as_it_does_in_the_line(first: int, length: int) -> None:
    length = min(length, COLUMNS - first)
    terminal = Conformance(XTERM, *SIZE)
    terminal.feed(part_of(LINE, first, length))
    assert [cell(terminal, 0, x) for x in range(length)] == [meant(x) for x in range(first, first + length)]


def test_a_picture_that_is_gone_is_blank_and_its_characters_are_free() -> None:
    terminal, frames, wire = stage([])
    block = wire.show_text([LINE] * ROWS, COLUMNS)
    frames.write(f"\x1b[1;1H\x1b[48;2;9;9;9m{block.row(0)}\x1b[0m")
    assert cell(terminal, 0, 3) == meant(3)
    wire.release(block)
    frames.write(f"\x1b[1;1H\x1b[48;2;9;9;9m{block.row(0)}\x1b[0m")
    assert {cell(terminal, 0, x)[::2] for x in range(COLUMNS)} == {(" ", (9,) * 3)}
    wire.show_text([LINE] * ROWS, COLUMNS)
    wire.farewell()
    assert wire.show_text([LINE] * ROWS, COLUMNS).first > block.first


def test_what_stands_there_is_not_written_again_and_colours_leave_nothing_behind() -> None:
    written: list[str] = []
    terminal, frames, wire = stage(written)
    block = wire.show_text([LINE] * ROWS, COLUMNS)
    frame = "".join(f"\x1b[{row + 1};1H\x1b[48;2;9;9;9m{block.row(row)}\x1b[0m" for row in range(ROWS))
    frames.write(frame)
    before = [*written]
    frames.write(frame)
    assert written == before
    assert len(frames.screen.inks) <= len(Inks()) + 1
    assert terminal.screen.cursor.attrs.fg is None
