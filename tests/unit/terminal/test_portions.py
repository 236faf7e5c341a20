"""Pictures that are drawn between frames: as much at once as is in nobody's way, and text before them."""

from collections.abc import Callable

import pytest
from support.picture_terminal import SixelTerminal

from tui.imaging.sixel import SixelPicture, Tile
from tui.terminal.blocks import Block, Blocks
from tui.terminal.frames import PING, Frames
from tui.terminal.link import Link
from tui.terminal.portions import SMALLEST, WHOLE, Portions
from tui.terminal.sixel_wire import SixelWire

CELL = (4, 6)
COLUMNS, ROWS = 12, 8
LONG = 1500
"""Characters of a tile."""


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Way:
    """Frames on their way to a Sixel terminal that answers when it is told to."""

    def __init__(self, *, forgets: bool = False) -> None:
        self.clock = Clock()
        self.link = Link(clock=self.clock)
        self.terminal = SixelTerminal(CELL)
        self.sent: list[str] = []
        self.later: list[Callable[[], None]] = []
        self.frames = Frames(self._put, lambda: 0, lambda _, call: self.later.append(call), self.link)
        self.frames.fit(40, 14)
        self.cell: tuple[int, int] | None = CELL
        self.wire = SixelWire(
            self.frames.send_pictures, self.frames.screen, Blocks(), lambda: self.cell, forgets=forgets
        )
        self.wire.open = True
        self.frames.easel = self.wire

    def _put(self, data: str) -> None:
        self.sent.append(data)
        self.terminal.feed(data.replace(PING, ""))

    def show(self, high: int = 1) -> Block:
        """A picture in tiles of so many rows, each ``LONG`` characters."""
        tiles = []
        for row in range(0, ROWS, high):
            start = f'\x1bP0;1;0q"1;1;{COLUMNS * CELL[0]};{high * CELL[1]}#{row}'
            tiles.append(Tile(row, 0, f"{start.ljust(LONG - 2, '?')}\x1b\\"))
        return self.wire.show(SixelPicture(COLUMNS, ROWS, CELL, tuple(tiles)))

    def draw(self, block: Block) -> None:
        """A frame that shows the whole picture."""
        self.frames.write("".join(f"\x1b[{row + 1};1H{block.row(row)}" for row in range(ROWS)))

    def answer(self, after: float = 0.001) -> None:
        """The terminal answers the oldest question, after so many seconds."""
        self.clock.now += after
        self.frames.heard(self.clock.now)

    def knows_answers(self) -> None:
        """The way was asked before how long an answer takes."""
        for _ in range(2):
            self.link.ping_sent(asker="frame")
            self.answer()


@pytest.fixture
def way() -> Way:
    return Way()


def test_a_terminal_that_answers_nothing_gets_all_at_once(way: Way) -> None:
    way.draw(way.show())
    assert way.terminal.drawn == ROWS
    assert not way.frames.behind


def test_the_first_portion_waits_until_it_is_known_how_long_an_answer_takes(way: Way) -> None:
    way.answer()
    way.draw(way.show())
    assert way.terminal.drawn == 0
    assert way.sent[-1] == PING
    way.answer()
    assert way.terminal.drawn == 0
    way.answer()
    assert way.terminal.drawn == 1


def test_a_question_that_nobody_answers_keeps_no_picture_away(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.terminal.frames.PATIENCE", 0.0)
    way.answer()
    way.draw(way.show())
    for _ in range(20):
        for call in [*way.later]:
            call()
    assert way.terminal.drawn == ROWS


def test_portions_follow_each_other_by_answers_and_are_larger_when_these_are_quick(way: Way) -> None:
    way.knows_answers()
    way.draw(way.show())
    assert way.terminal.drawn == 1
    way.answer()
    assert way.terminal.drawn == 6
    way.answer()
    assert way.terminal.drawn == ROWS
    assert not way.frames.behind


def test_on_a_slow_link_one_tile_is_on_its_way_and_text_goes_before_the_next(way: Way) -> None:
    way.knows_answers()
    way.link.slow = True
    way.draw(way.show())
    assert way.terminal.drawn == 1
    way.frames.write("\x1b[12;1Hkey")
    way.answer(0.1)
    assert way.terminal.text[11, 0] == "k"
    assert way.terminal.drawn == 1
    way.answer(0.1)
    assert way.terminal.drawn == 2


def test_of_a_picture_that_is_left_nothing_more_is_sent(way: Way) -> None:
    way.knows_answers()
    way.link.slow = True
    block = way.show()
    way.draw(block)
    way.frames.write("".join(f"\x1b[{row + 1};1H{'other text'.ljust(COLUMNS)}" for row in range(ROWS)))
    for _ in range(9):
        way.answer(0.1)
    assert way.terminal.drawn == 1


def test_a_dialog_that_is_closed_is_gone_before_the_picture_is_there_again(way: Way) -> None:
    way.knows_answers()
    block = way.show()
    way.draw(block)
    for _ in range(3):
        way.answer()
    way.link.slow = True
    dialog = "".join(f"\x1b[{row + 1};3Hdialog" for row in range(4))
    way.frames.write(dialog)
    way.answer(0.1)
    drawn = way.terminal.drawn
    way.draw(block)
    assert way.terminal.drawn == drawn
    assert {way.terminal.text[row, 3] for row in range(4)} == {" "}
    for _ in range(9):
        way.answer(0.1)
    assert way.terminal.drawn == drawn + 4
    assert all((row, 3) in way.terminal.pixels for row in range(4))


def test_tiles_for_cells_of_another_size_are_never_drawn(way: Way) -> None:
    block = way.show()
    way.cell = (3, 5)
    way.draw(block)
    assert way.terminal.drawn == 0
    assert set(way.terminal.text.values()) == {" "}


def test_where_nobody_tells_the_size_of_a_cell_tiles_are_drawn(way: Way) -> None:
    way.cell = None
    way.draw(way.show())
    assert way.terminal.drawn == ROWS


@pytest.mark.parametrize(("forgets", "again"), [(True, ROWS), (False, 0)])
def test_a_terminal_that_keeps_few_sixels_gets_them_again_when_one_comes_back_to_its_window(
    forgets: bool, again: int
) -> None:
    way = Way(forgets=forgets)
    way.draw(way.show())
    way.frames.doubt()
    assert way.terminal.drawn == ROWS + again
    way.link.mode = "economy"
    way.frames.doubt()
    assert way.terminal.drawn == ROWS + again


def known(link: Link, clock: Clock) -> Portions:
    """The portions of a way that answers within a millisecond."""
    for _ in range(2):
        link.ping_sent()
        clock.now += 0.001
        link.heard()
    return Portions(link)


def test_a_portion_becomes_a_whole_picture_while_answers_are_quick_and_less_when_they_are_not() -> None:
    clock = Clock()
    portions = known(Link(clock=clock), clock)
    sizes = []
    while (size := portions.size) is not None:
        sizes.append(size)
        portions.sent(size)
        portions.heard(0.003)
    assert sizes[0] == SMALLEST
    assert len(sizes) == 4
    portions.sent(WHOLE)
    portions.heard(0.2)
    assert portions.size == WHOLE // 2


def test_a_portion_that_was_none_tells_nothing() -> None:
    clock = Clock()
    portions = known(Link(clock=clock), clock)
    portions.sent(80)
    portions.heard(0.001)
    assert portions.size == SMALLEST


def test_what_a_long_way_holds_is_sent_on_top() -> None:
    clock = Clock()
    link = Link(clock=clock)
    portions = known(link, clock)
    link.slow, link.rate, link.round_trip = True, 30_000.0, 0.2
    assert portions.size == SMALLEST + 6_000
