"""The model terminal against what xterm was seen to do: Sixels, and what is asked of any kind of terminal."""

import numpy as np
import pytest
from PIL import Image
from support.conformance import Conformance
from support.screen_pixels import Box
from support.sixel_model import BadSixel, decode
from support.terminal_kinds import (
    EVERY,
    FOOT,
    GHOSTTY,
    KITTY,
    PLAIN,
    SILENT,
    SIXTEEN,
    TMUX,
    WEZTERM,
    XTERM,
    TerminalKind,
)

from tui.imaging.marks import PLACEHOLDER
from tui.imaging.sixel import encode

RED, GREEN, BLUE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
CELL = (4, 6)


def block(columns: int, rows: int, colour: str = "100;0;0") -> str:
    """A Sixel of one colour over so many cells."""
    width, height = columns * CELL[0], rows * CELL[1]
    bands = "-".join(f"!{width}~" for _ in range(rows))
    return f'\x1bP0;1;0q"1;1;{width};{height}#1;2;{colour}#1{bands}\x1b\\'


def terminal(kind: TerminalKind = XTERM, *writes: str) -> Conformance:
    made = Conformance(kind, 12, 8, cell=CELL)
    for write in writes:
        made.feed(write)
    return made


def pictured(at: Conformance) -> set[tuple[int, int]]:
    return {*at.shown()}


def area(top: int, left: int, rows: int, columns: int) -> set[tuple[int, int]]:
    return {(y, x) for y in range(top, top + rows) for x in range(left, left + columns)}


def test_colours_are_percent_or_hue_lightness_saturation() -> None:
    pixels = decode("0;1q#1;2;100;0;0#2;2;0;100;0#3;1;0;50;100#1~#2~#3~")
    assert [tuple(pixels[0, x]) for x in range(3)] == [RED, GREEN, BLUE]
    assert pixels.shape == (6, 3, 4)


def test_runs_returns_and_new_lines_put_sixels_where_they_belong() -> None:
    pixels = decode("0;1q#1;2;100;0;0#2;2;0;0;100#1!3@$#2!2?A-#1A")
    assert pixels.shape == (8, 3, 4)
    assert {(y, x): tuple(pixels[y, x]) for y, x in zip(*np.nonzero(pixels[..., 3]), strict=True)} == {
        (0, 0): RED, (0, 1): RED, (0, 2): RED, (1, 2): BLUE, (7, 0): RED,
    }  # fmt: skip


def test_what_is_not_drawn_is_clear_or_the_background_as_the_string_says() -> None:
    assert tuple(decode('0;1q"1;1;4;6#1@')[5, 3]) == CLEAR
    assert tuple(decode('0;0q"1;1;4;6#1@')[5, 3]) == (0, 0, 0, 255)


def test_the_size_is_the_raster_or_more_where_more_is_drawn() -> None:
    assert decode('0;1q"1;1;9;7#1@').shape == (7, 9, 4)
    assert decode('0;1q"1;1;2;1#1!5~').shape == (6, 5, 4)


@pytest.mark.parametrize("data", ["0;1", "0;1qX\x07", "q#300@", "q#1;2;101;0;0@", "q#1;5;1;1;1@"])
def test_what_no_terminal_could_draw_is_refused(data: str) -> None:
    with pytest.raises(BadSixel):
        decode(data)


def test_a_picture_of_ours_comes_out_as_it_went_in() -> None:
    picture = Image.new("RGB", (40, 24), (255, 0, 0))
    picture.paste((0, 0, 255), (10, 6, 30, 20))
    made = encode(picture, (10, 4), CELL, background=(0, 0, 0))
    at = terminal(XTERM, "\x1b[2;2H" + made.tiles[0].data)
    assert np.abs(np.asarray(at.image(Box(1, 1, 10, 4)), int) - np.asarray(picture, int)).max() <= 3
    assert at.problems == []


@pytest.mark.parametrize(
    ("write", "gone"),
    [
        ("\x1b[2;3Hx", area(1, 2, 1, 1)),
        ("\x1b[2;3H ", area(1, 2, 1, 1)),
        ("\x1b[2;3H漢", area(1, 2, 1, 2)),
        ("\x1b[2;3H\x1b[2X", area(1, 2, 1, 2)),
        ("\x1b[2;4H\x1b[K", area(1, 3, 1, 3)),
        ("\x1b[3;1H\x1b[J", area(2, 0, 2, 6)),
        ("\x1b[2;2Hx\x1b[2b", area(1, 1, 1, 3)),
        ("\x1b[2;1H\x1b[6C", set()),
        ("\x1b7\x1b[3;3H\x1b8", set()),
    ],
)
def test_text_and_erasing_take_pixels_of_exactly_their_cells(write: str, gone: set[tuple[int, int]]) -> None:
    at = terminal(XTERM, "\x1b[2;2H" + block(5, 3))
    whole = area(1, 1, 3, 5)
    assert pictured(at) == whole
    at.feed(write)
    assert pictured(at) == whole - gone
    at.feed("\x1b[2;2H" + block(5, 3))
    assert pictured(at) == whole


def test_a_sixel_on_the_last_line_scrolls_the_screen() -> None:
    at = terminal(XTERM, "\x1b[1;1Htop\x1b[6;1H" + block(3, 3))
    assert at.problems == ["a Sixel scrolled the screen"]
    assert pictured(at) == area(4, 0, 3, 3)
    assert "top" not in "".join(at.lines)
    above = terminal(XTERM, "\x1b[5;1H" + block(3, 3))
    assert above.problems == []
    assert pictured(above) == area(4, 0, 3, 3)


def test_without_scrolling_it_lands_at_the_top_left() -> None:
    at = terminal(XTERM, "\x1b[?80h\x1b[6;3H" + block(3, 3))
    assert pictured(at) == area(0, 0, 3, 3)
    assert at.problems == []


def test_a_sixel_beyond_the_limit_is_not_drawn_at_all() -> None:
    at = terminal(XTERM, '\x1bPq"1;1;1150;6#1!1150~\x1b\\')
    assert pictured(at) == set()
    assert at.problems == ["a Sixel of 1150×6 is not drawn where 1000×765 is the limit"]


def test_pixels_scroll_with_their_text_and_stay_on_their_screen() -> None:
    at = terminal(XTERM, "\x1b[?1049h\x1b[3;1H" + block(2, 2) + "\x1b[8;1H\n")
    assert pictured(at) == area(1, 0, 2, 2)
    at.feed("\x1b[?1049l")
    assert pictured(at) == set()


def test_a_clear_sixel_leaves_what_is_below_it() -> None:
    at = terminal(XTERM, "\x1b[1;1H" + block(2, 1) + '\x1b[1;1H\x1bP0;1q"1;1;8;6#1;2;0;0;100#1!4~\x1b\\')
    assert at.image().getpixel((1, 1)) == BLUE[:3]
    assert at.image().getpixel((6, 1)) == RED[:3]


QUESTIONS = (
    "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[14t\x1b[?1;1;0S\x1b[?2;1;0S\x1b[>q\x1b[?2026$p\x1b[c"
)


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (KITTY, ["_Gi=31;OK", "[6;6;4t", "[4;48;48t", "P>|kitty(0.41.1)", "[?2026;2$y", "[?62;c"]),
        (GHOSTTY, ["_Gi=31;OK", "[6;6;4t", "[4;48;48t", "P>|ghostty 1.1.3", "[?2026;2$y", "[?62;22c"]),
        (XTERM, ["[?1;0;1024S", "[?2;0;1000;765S", "P>|XTerm(379)", "[?2026;0$y", f"[?{XTERM.attributes}c"]),
        (FOOT, ["[6;6;4t", "[4;48;48t", "[?1;0;1024S", "[?2;0;48;48S", "P>|foot(1.16.2)", "[?2026;2$y", "[?62;4;22c"]),
        (PLAIN, ["[?1;2c"]),
        (SIXTEEN, ["[?1;2c"]),
        (SILENT, []),
        (TMUX, ["[6;6;4t", "[4;48;48t", "P>|tmux 3.5a", "[?1;2;4c"]),
    ],
    ids=lambda value: value.name if isinstance(value, TerminalKind) else "",
)
def test_each_kind_answers_what_it_was_seen_to_answer(kind: TerminalKind, answers: list[str]) -> None:
    at = terminal(kind)
    asked = QUESTIONS if kind is not TMUX else QUESTIONS.partition("\\")[2]
    said = "".join(f"\x1b{answer}" + ("\x1b\\" if answer[0] in "_P" else "") for answer in answers)
    assert at.feed(asked) == said
    assert at.problems == []


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
def test_answers_come_wherever_reads_cut_the_questions(kind: TerminalKind) -> None:
    whole, cut = terminal(kind), terminal(kind)
    text = "漢\x1b[6n" + QUESTIONS + block(2, 1)
    answers = whole.feed_bytes(text.encode())
    assert b"".join(cut.feed_bytes(bytes((byte,))) for byte in text.encode()) == answers
    assert (cut.lines, cut.problems) == (whole.lines, whole.problems)


def test_the_style_is_told_where_the_terminal_knows_it() -> None:
    asked = "\x1b[1;38;5;9;48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"
    assert terminal(KITTY).feed(asked) == "\x1bP1$r0;1;38:5:9;48:2:1:2:3m\x1b\\"
    plain = terminal(PLAIN, "x")
    assert (plain.feed(asked), plain.problems) == ("", [])


def test_the_size_is_reported_in_band_to_whoever_wants_it() -> None:
    at = terminal(KITTY)
    assert at.resize(10, 5) == ""
    assert at.feed("\x1b[?2048h") == "\x1b[48;5;10;30;40t"
    assert at.resize(20, 9, (5, 8)) == "\x1b[48;9;20;72;100t"
    assert terminal(XTERM).feed("\x1b[?2048h") == ""


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        (SIXTEEN, "\x1b[38;5;99mx"),
        (PLAIN, "\x1b[1;48;2;1;2;3mx"),
        (PLAIN, block(1, 1)),
        (KITTY, block(1, 1)),
        (PLAIN, "\x1b_Ga=t,f=100,i=1;AAAA\x1b\\"),
        (WEZTERM, PLACEHOLDER),
        (KITTY, "\U00100001"),
        (KITTY, "\x1bPtmux;\x1b\x1b[c\x1b\\"),
        (KITTY, "\x1b[3y"),
    ],
)
def test_what_the_terminal_does_not_know_is_noted(kind: TerminalKind, write: str) -> None:
    assert terminal(kind, write).problems


def test_a_frame_is_seen_when_the_synchronized_update_ends() -> None:
    at = terminal(KITTY)
    seen: list[str] = []
    at.on_frame = lambda: seen.append(at.lines[0].strip())
    at.feed("\x1b[?2026hone")
    assert seen == []
    at.feed("\x1b[?2026l\x1b[?2026h two\x1b[?2026l")
    assert seen == ["one", "one two"]


@pytest.mark.parametrize(
    ("character", "lit"),
    [("▀", {(1, 1), (3, 1)}), ("▟", {(3, 1), (1, 4), (3, 4)}), ("█", {(1, 1), (3, 1), (1, 4), (3, 4)})],
)
def test_block_characters_are_drawn_as_the_blocks_they_are(character: str, lit: set[tuple[int, int]]) -> None:
    image = terminal(PLAIN, f"\x1b[38;5;15m{character}").image(Box(0, 0, 1, 1))
    assert {(x, y) for x in (1, 3) for y in (1, 4) if image.getpixel((x, y)) == (255, 255, 255)} == lit
