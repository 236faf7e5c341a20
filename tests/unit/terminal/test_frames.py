import asyncio
import json
import lzma
import re
from collections.abc import Callable
from pathlib import Path

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from support.cell_screen import Cell, CellScreen
from support.store_rig import picture
from support.waiting import wait_until

from tui.terminal.blocks import Blocks
from tui.terminal.frames import MOST_WAITING, PING, SYNC_END, SYNC_START, Frames
from tui.terminal.kitty_store import KittyStore
from tui.terminal.link import Link

RECORDED = Path(__file__).parents[2] / "recorded" / "frames.json.xz"
COLUMNS, LINES = 24, 6
STYLES = (
    "",
    "1",
    "38;2;1;2;3;48;2;4;5;6",
    "38;2;1;2;3;48;2;7;8;9",
    "1;4;38;2;1;2;3;48;2;4;5;6",
    "31;42",
    "2;39;49",
    "7;38;5;200;48;5;17",
    "91;102",
    "48;2;4;5;6",
)
# All of these have the width here that the model of a terminal gives them.
WORDS = ("a", "bb", " ", "    ", "漢", "漢字", "é", "e\u0301", "─│", "🦊", "x🦊y", "▀▀", "コ", "\xad?")

segments = st.lists(st.tuples(st.sampled_from(STYLES), st.sampled_from(WORDS)), min_size=1, max_size=6)
chunk = st.tuples(st.integers(0, LINES - 1), st.integers(0, COLUMNS - 1), segments)
frame = st.tuples(
    st.just("frame"), st.lists(chunk, max_size=6), st.tuples(st.integers(0, LINES - 1), st.integers(0, 20))
)
whole = st.tuples(st.just("whole"), segments, st.just(None))
other = st.tuples(
    st.just("other"),
    st.sampled_from(
        ["\x1b[?25h", "\x1b]52;c;Zm94\x07", "\x1b]2;title\x1b\\", "\x1b[?1000h", "\x1b[2J", "\x1b[3;4Hloose"]
    ),
    st.just(None),
)
doubt = st.tuples(st.just("doubt"), st.just(None), st.just(None))
forget = st.tuples(st.just("forget"), st.just(None), st.just(None))
steps = st.lists(st.one_of(frame, frame, frame, whole, other, doubt, forget), max_size=10)


class Watched(CellScreen):
    """A terminal with what Textual sets."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, LINES)
        self.stream = pyte.Stream(self)
        self.stream.feed("\x1b[?7l")
        self.written = 0

    def feed(self, data: str) -> None:
        """Take what is written to the terminal; pyte knows no questions."""
        self.written += len(data)
        self.stream.feed(data.replace(PING, "").replace(SYNC_START, "").replace(SYNC_END, ""))

    def cells(self) -> list[list[Cell]]:
        return [self.row(y) for y in range(self.lines)]

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        self.style(";".join(map(str, attrs)))


def text_of(parts: list[tuple[str, str]], room: int) -> str:
    """As Textual writes a strip, no longer than there is room."""
    written = []
    for style, text in parts:
        width = cell_len(text)
        if width > room:
            break
        room -= width
        written.append(f"\x1b[{style}m{text}\x1b[0m" if style else text)
    return "".join(written)


class Busy:
    """The way to a terminal: how much waits there, and what was asked to be done later."""

    def __init__(self, link: Link | None = None) -> None:
        self.backlog = 0
        self.terminal = Watched()
        self.later: list[Callable[[], None]] = []
        self.sent: list[str] = []
        self.link = Link() if link is None else link
        self.frames = Frames(self.put, lambda: self.backlog, lambda _, call: self.later.append(call), self.link)
        self.frames.fit(COLUMNS, LINES)

    def put(self, data: str) -> None:
        self.sent.append(data)
        self.terminal.feed(data)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.terminal.display]


def as_textual(step: tuple) -> str:
    kind, what, cursor = step
    if kind == "other":
        return what
    chunks = [(y, 0, what) for y in range(LINES)] if kind == "whole" else what
    written: list[str] = []
    taken: set[tuple[int, int]] = set()
    for y, x, parts in chunks:
        text = text_of(parts, COLUMNS - x)
        cells = {(y, x + at) for at in range(cell_len(re.sub("\x1b.*?m", "", text)))}
        # A frame of Textual has a cell once, and its rows downwards: a line feed in the last one would scroll.
        if not taken & cells:
            taken |= cells
            written.append(f"\x1b[{y + 1};{x + 1}H{text}{'' if y == LINES - 1 else chr(10)}")
    end = cursor or (0, 0)
    return "".join(written) + f"\x1b[{end[0] + 1};{end[1] + 1}H"


@given(steps)
@settings(max_examples=300, deadline=None)
def test_the_terminal_shows_the_same_cells_as_without_leaving_anything_out(script: list) -> None:
    plain, way = Watched(), Busy()
    frames, ours = way.frames, way.terminal
    for step in script:
        if step[0] == "doubt":
            frames.screen.doubt()
        elif step[0] == "forget":
            frames.changed(COLUMNS, LINES)
        else:
            text = as_textual(step)
            plain.feed(text)
            frames.write(text)
            assert ours.cells() == plain.cells()
            if step[0] != "other":
                assert (ours.cursor.y, ours.cursor.x) == (plain.cursor.y, plain.cursor.x)


def test_frames_of_the_real_app_come_to_the_same_screen_in_a_third_of_the_bytes() -> None:
    """Half blocks, palette, help, another theme, another size, emoji: what Textual wrote at 80×24."""
    plain, way = Watched(), Busy()
    took = 0

    def compare() -> None:
        for ours, theirs in zip(way.terminal.cells(), plain.cells(), strict=True):
            # The model gives this heart another width than Textual; then all after it is out of place without us.
            assert ours == theirs or any("❤" in cell.data for cell in theirs)

    for number, step in enumerate(json.loads(lzma.decompress(RECORDED.read_bytes()))):
        if isinstance(step, list):
            for call in way.later:
                call()
            for terminal in (plain, way.terminal):
                terminal.reset()
                terminal.resize(step[1], step[0])
                terminal.stream.feed("\x1b[?7l")
            way.frames.fit(*step)
            continue
        plain.feed(step)
        way.frames.write(step)
        took += len(step)
        if step == SYNC_END and number % 4 == 0:
            compare()
    compare()
    assert way.terminal.written < took / 3


def line(y: int, text: str, style: str = "31") -> str:
    return f"\x1b[{y + 1};1H\x1b[{style}m{text}\x1b[0m\x1b[1;1H"


def test_the_same_frame_again_writes_nothing_not_even_its_synchronization() -> None:
    way = Busy()
    for _ in range(2):
        for data in (SYNC_START, line(2, "hello"), SYNC_END):
            way.frames.write(data)
    assert len(way.sent) == 1
    assert way.sent[0].startswith(SYNC_START)


def test_of_a_row_only_what_differs_is_written_with_short_moves() -> None:
    way = Busy()
    way.frames.write(line(2, "a fox in the snow"))
    way.frames.write(line(2, "a dog in the snow"))
    assert way.sent[1] == "\x1b[3;3H\x1b[31mdog\x1b[m\x1b[1;1H"


def test_a_style_is_told_by_what_is_new_in_it() -> None:
    way = Busy()
    way.frames.write("\x1b[1;1H\x1b[38;2;1;1;1;48;2;2;2;2ma\x1b[0m\x1b[38;2;3;3;3;48;2;2;2;2mb\x1b[0m\x1b[1;1H")
    assert way.sent[0] == "\x1b[1;1H\x1b[38;2;1;1;1;48;2;2;2;2ma\x1b[38;2;3;3;3mb\x1b[m\x1b[1;1H"


def test_modes_clipboard_and_titles_pass_in_their_place_in_a_frame() -> None:
    way = Busy()
    for data in ("\x1b[?25l", SYNC_START, line(0, "x"), "\x1b]52;c;Zm94\x07", SYNC_END, "\x1b]2;title\x1b\\"):
        way.frames.write(data)
    assert way.sent[0] == "\x1b[?25l"
    assert way.sent[1].startswith(f"{SYNC_START}\x1b[1;1H\x1b[31mx")
    assert way.sent[1].removesuffix(PING).endswith(f"\x1b]52;c;Zm94\x07{SYNC_END}")
    assert way.sent[2] == "\x1b]2;title\x1b\\"


def test_frames_wait_for_a_busy_terminal_and_only_the_last_one_is_written() -> None:
    way = Busy()
    way.backlog = MOST_WAITING + 1
    for number in range(50):
        way.frames.write(line(1, f"step {number}"))
    assert way.sent == []
    assert way.frames.behind
    way.backlog = 0
    way.frames.catch_up()
    assert len(way.sent) == 1
    assert way.lines[1] == "step 49"
    assert not way.frames.behind


def test_on_a_slow_link_what_changed_last_goes_first_and_the_rest_when_that_has_arrived() -> None:
    way = Busy()
    way.frames.write(SYNC_START)
    way.frames.write(SYNC_END)
    way.link.slow = True
    wide = "".join(f"\x1b[38;2;{n};{n};{n};48;2;9;9;{n}m▀\x1b[0m" for n in range(COLUMNS))
    rows = "".join(f"\x1b[{y + 1};1H{wide}{'' if y == LINES - 1 else chr(10)}" for y in range(LINES))
    fill = "\x1b[1;1H"
    # A picture of half blocks, as large as it takes to be too much for one go.
    for shade in range(8):
        way.frames.screen.resize(COLUMNS * (shade + 1), LINES)
        for y in range(LINES):
            way.frames.screen.play(f"\x1b[{y + 1};1H{wide * (shade + 1)}{fill}")
    for data in (SYNC_START, rows + fill, SYNC_END):
        way.frames.write(data)
    assert way.frames.behind
    assert way.sent[-1].endswith(PING)
    for data in (SYNC_START, line(LINES - 1, "a key"), SYNC_END):
        way.frames.write(data)
    assert len(way.sent) == 1
    assert way.frames.heard() == "frame"
    assert way.lines[LINES - 1].startswith("a key")
    while way.frames.behind:
        way.frames.heard()
    assert len(way.sent) > 2


def test_an_answer_goes_to_whoever_asked_first() -> None:
    way = Busy()
    for data in (SYNC_START, line(1, "hello"), SYNC_END):
        way.frames.write(data)
    assert way.sent[-1].endswith(PING)
    way.link.ping_sent()
    assert [way.frames.heard(), way.frames.heard()] == ["frame", "store"]
    way.link.heard()
    assert way.frames.heard() is None


@pytest.mark.parametrize(("rate", "slow"), [(32 * 1024, True), (2_000_000, False)])
def test_one_picture_of_text_tells_that_a_link_is_slow(rate: int, slow: bool) -> None:
    now = 100.0
    way = Unseen(Link(clock=lambda: now))
    way.frames.fit(120, 40)
    way.link.ping_sent()
    way.link.heard()
    row = "".join(f"\x1b[38;2;{n};{n};0;48;2;9;{n};{n}m▀\x1b[0m" for n in range(100, 180))
    for data in (SYNC_START, "".join(f"\x1b[{y + 1};1H{row}\n" for y in range(20)) + "\x1b[1;1H", SYNC_END):
        way.frames.write(data)
    pieces = way.sent[-1].removesuffix(PING).split(PING)
    assert way.sent[-1].startswith(SYNC_START)
    for piece in pieces:
        now += len(piece.encode()) / rate
        assert way.frames.heard(now) == "frame"
    assert way.frames.heard(now) is None
    assert way.link.slow is slow
    assert way.link.rate == pytest.approx(rate, rel=0.1)


class Unseen(Busy):
    """Nobody looks at what is written."""

    def put(self, data: str) -> None:
        self.sent.append(data)


@pytest.mark.usefixtures("quick_silence")
async def test_questions_that_nobody_answered_while_the_window_was_hidden_keep_no_frame_from_asking() -> None:
    way = Unseen()
    store = KittyStore(way.frames.send_pictures, Blocks(), tmux=True, link=way.link)
    way.frames.send_pictures(store.hello())
    if way.frames.heard() == "store":
        store.heard()
    task = asyncio.create_task(store.show("fox", picture(), 4, 4))
    await wait_until(lambda: sum(PING in text for text in way.sent) > 8)
    while not task.done():
        if way.frames.heard() == "store":
            store.heard()
        await asyncio.sleep(0)
    way.link.sent(100_000)
    for data in (SYNC_START, line(1, "hello"), SYNC_END):
        way.frames.write(data)
    assert way.sent[-1].endswith(PING)
    assert way.frames.heard() == "frame"


def test_another_size_and_back_again_brings_everything_back_without_textual() -> None:
    way = Busy()
    way.frames.write(line(2, "hello"))
    way.frames.changed(COLUMNS - 4, LINES)
    way.terminal.feed("\x1b[2J")
    way.frames.changed(COLUMNS, LINES)
    for call in way.later:
        call()
    assert way.lines[2] == "hello"


def test_a_frame_that_is_late_for_a_smaller_terminal_leaves_nothing_at_its_edge() -> None:
    way = Busy()
    wide = f"{'a' * (COLUMNS - 1)}│"
    way.frames.write(line(2, wide))
    way.terminal.resize(LINES, COLUMNS - 4)
    way.frames.changed(COLUMNS - 4, LINES)
    way.frames.write(line(3, wide))
    way.frames.write(line(2, f"{'b' * (COLUMNS - 5)}│"))
    way.frames.write(line(3, f"{'b' * (COLUMNS - 5)}│"))
    for call in way.later:
        call()
    way.frames.screen.forget()
    way.frames.settle()
    assert way.lines[2] == way.lines[3] == f"{'b' * (COLUMNS - 5)}│"


def test_after_focus_is_back_what_others_wrote_goes_with_the_next_frame_of_the_row() -> None:
    way = Busy()
    way.frames.write(line(2, "hello"))
    way.terminal.feed("\x1b[3;1Hwall message")
    way.frames.screen.doubt()
    way.frames.write(line(2, "hello       "))
    assert way.lines[2] == "hello"


class Odd(Watched):
    """A terminal that thinks otherwise of emoji: a fox is one cell, a heart two, a joined family six."""

    def draw(self, data: str) -> None:
        for character in data:
            line, right = self.buffer[self.cursor.y], self.cursor.x + 1
            before = line[right]
            super().draw(character)
            if character == "❤":
                super().draw(" ")
            elif character == "🦊":
                line[right] = before
                self.cursor.x = right


def test_where_the_terminal_gives_emoji_another_width_everything_else_stands_in_its_place() -> None:
    way = Busy()
    way.terminal = Odd()
    texts = ["🦊 a fox", "a ❤️ heart", "👩\u200d👩\u200d👧 family", "no emoji at all"]
    for turn in range(8):
        rows = [texts[(y + turn) % 4] for y in range(4)]
        padded = [row + " " * (20 - cell_len(row)) for row in rows]
        way.frames.write("".join(f"\x1b[{y + 1};1H{row}\x1b[31m│\x1b[0m  \n" for y, row in enumerate(padded)))
        for y in range(4):
            cells = way.terminal.row(y)
            assert [cell.data for cell in cells[20:23]] == ["│", " ", " "], (turn, y, way.lines[y])
            assert "│" not in way.lines[y].replace("│", "", 1)
        fox = way.terminal.row(rows.index(texts[0]))
        assert "".join(cell.data for cell in fox[:8]) == "🦊  a fox"[:8]
        assert way.lines[rows.index("no emoji at all")].startswith("no emoji at all     │")


def test_what_is_left_of_a_picture_is_blank_where_pictures_are_text() -> None:
    way = Busy()
    way.frames.write(f"\x1b[1;1H\x1b[41m{chr(0x100000)}{chr(0x100001)}ab\x1b[0m\x1b[1;1H")
    way.frames.pass_on(f"\x1b[3;1H{chr(0x100000)}!")
    assert way.lines[0] == "  ab"
    assert way.lines[2] == " !"


def test_a_tab_or_a_link_in_a_row_passes_as_it_is_and_the_rest_of_the_row_stays() -> None:
    way = Busy()
    way.frames.write("\x1b[1;1H\x1b]8;;http://example.org\x1b\\\x1b[4mlink\x1b[0m\x1b]8;;\x1b\\\x1b[1;9H│\x1b[1;1H")
    assert way.lines[0] == "link    │"
    assert "\x1b]8;;http://example.org" in "".join(way.sent)
    way.frames.write("\x1b[2;1Ha\tb\x1b[2;20H│\x1b[1;1H")
    assert way.lines[1] == "a       b          │"
