"""The model terminal against what kitty and tmux were seen to do: placeholders, and the way through tmux."""

import numpy as np
import pytest
from support.kitty_script import RED, cells, colour_at, graphics, placed, rgb, sent, terminal, wrapped
from support.screen_pixels import Box
from support.terminal_kinds import GHOSTTY, KITTY, TMUX, TMUX_OFF, TerminalKind

from tui.imaging.marks import DIACRITICS, PLACEHOLDER


@pytest.mark.parametrize(
    ("number", "style", "third"),
    [
        (0x123456, "38;2;18;52;86", None),
        (0x123456, "38:2:18:52:86", None),
        (42, "38;5;42", None),
        (0x0200002A, "38;5;42", 2),
        (0x03123456, "38;2;18;52;86", 3),
        (0x123456, "2;7;38;2;18;52;86", None),
    ],
)
def test_the_id_is_read_from_every_form_of_the_foreground(number: int, style: str, third: int | None) -> None:
    assert colour_at(terminal(KITTY, sent(number), placed(number), cells(style, third=third)), 0, 3) == RED


@pytest.mark.parametrize("style", ["58;2;0;0;2", "58;5;2", "58:2::0:0:2", "58:5:2"])
def test_the_placement_is_read_from_every_form_of_the_underline_colour(style: str) -> None:
    at = terminal(KITTY, sent(7), placed(7, "p=1,c=1,r=1"), placed(7, "p=2,c=4,r=2"), cells(f"{rgb(7)};{style}"))
    assert {shown.placement for shown in at.shown().values()} == {2}
    assert colour_at(at, 0, 3) == RED
    assert at.problems == []


def test_two_sizes_without_a_number_are_left_to_chance_and_noted() -> None:
    at = terminal(KITTY, sent(7), placed(7), placed(7, "c=2,r=1"), cells(rgb(7)))
    at.image()
    assert at.problems == ["which placement of picture 7 shows is left to chance"]


def test_a_wrong_id_is_a_blank_cell() -> None:
    at = terminal(KITTY, sent(7), placed(7), cells(rgb(8)))
    assert colour_at(at, 0, 0) == (0, 0, 0)
    assert len(at.dangling()) == 4


def test_bare_cells_lean_on_their_left_neighbour_of_the_same_colours_only() -> None:
    first = PLACEHOLDER + DIACRITICS[1] + DIACRITICS[2]
    at = terminal(KITTY, sent(7), placed(7, "c=9,r=4"), f"\x1b[{rgb(7)}m{first}{PLACEHOLDER * 2} {PLACEHOLDER}")
    assert [(shown.row, shown.column) for shown in at.shown().values()] == [(1, 2), (1, 3), (1, 4), (0, 0)]
    at.feed(f"\x1b[1;2Hx\x1b[1;1H\x1b[58;5;1m{first}")
    assert at.shown()[0, 2].column == 0


def test_a_row_alone_goes_on_and_a_high_byte_is_inherited() -> None:
    start = PLACEHOLDER + DIACRITICS[1] + DIACRITICS[0] + DIACRITICS[2]
    follow = PLACEHOLDER + DIACRITICS[1] + PLACEHOLDER + DIACRITICS[1] + DIACRITICS[2]
    number = 2 << 24 | 7
    at = terminal(KITTY, sent(number), placed(number, "c=9,r=4"), f"\x1b[{rgb(7)}m{start}{follow}")
    assert [(shown.picture, shown.row, shown.column) for shown in at.shown().values()] == [
        (number, 1, column) for column in range(3)
    ]


@pytest.mark.parametrize(("kind", "drawn"), [(KITTY, 6), (TMUX, 6), (TMUX_OFF, 3), (GHOSTTY, 1)])
def test_rep_repeats_a_placeholder_as_far_as_the_terminal_can(kind: TerminalKind, drawn: int) -> None:
    at = terminal(kind, f"\x1b[{rgb(7)}m{PLACEHOLDER}{DIACRITICS[0]}{DIACRITICS[0]}\x1b[5b")
    assert at.lines[0].count(PLACEHOLDER) == drawn
    assert (at.problems == []) is (drawn == 6)


def test_a_picture_fits_its_cells_in_its_shape_and_the_background_shows_around_it() -> None:
    at = terminal(KITTY, sent(7, size=(40, 20)), placed(7), "\x1b[48;2;0;0;255m")
    for row in range(2):
        at.feed(cells(f"{rgb(7)};48;2;0;0;255", row))
    seen = np.asarray(at.image(Box(0, 0, 4, 2)))
    assert (seen[10:30] == RED).all()
    assert (seen[:10] == (0, 0, 255)).all()
    assert (seen[30:] == (0, 0, 255)).all()


def test_a_grid_larger_than_the_view_shows_a_part_of_the_picture() -> None:
    at = terminal(KITTY, sent(7), placed(7, "c=160,r=80"), cells(rgb(7), row=1))
    assert all(shown.kind == "kitty" for shown in at.shown().values())
    at.feed("\x1b[H\x1b[" + rgb(7) + "m" + PLACEHOLDER + DIACRITICS[80] + DIACRITICS[0])
    assert at.dangling() == [(0, 0)]


def test_text_over_cells_takes_the_picture_away_there_alone() -> None:
    at = terminal(KITTY, sent(7), placed(7), cells(rgb(7)), "\x1b[1;2Hx")
    assert {place[1] for place in at.shown()} == {0, 2, 3}


# --- tmux


def test_through_tmux_pictures_go_wrapped_and_nothing_else() -> None:
    at = terminal(TMUX, wrapped(sent(7)), wrapped(placed(7)), cells(rgb(7)))
    assert colour_at(at, 0, 0) == RED
    assert at.problems == []
    at.feed(placed(7))
    assert at.problems == ["tmux makes it the title: 'Ga=p,U=1,i=7,c=4,r=2'"]


def test_tmux_answers_for_itself_and_lets_the_outer_terminal_answer_what_is_wrapped() -> None:
    at = terminal(TMUX)
    assert at.feed("\x1b[c" + wrapped("\x1b[c") + wrapped("\x1b[?2026$p")) == "\x1b[?1;2;4c\x1b[?62;c\x1b[?2026;2$y"
    assert "OK" in at.feed(wrapped(graphics("i=31,s=1,v=1,a=q,t=d,f=24", "AAAA")))


@pytest.mark.parametrize(
    ("way", "hidden", "comes"), [("off", False, 0), ("on", False, 1), ("on", True, 0), ("all", True, 1)]
)
def test_tmux_lets_through_what_it_is_set_to(way: str, hidden: bool, comes: int) -> None:
    at = terminal(TerminalKind("tmux", passthrough=way, outer=KITTY))
    at.hidden = hidden
    at.feed(wrapped(sent(7)))
    assert len(at.kept) == comes


def test_pictures_stay_in_the_terminal_outside_tmux_whatever_screen_we_leave() -> None:
    at = terminal(TMUX, "\x1b[?1049h", wrapped(sent(7)), "\x1b[?1049l")
    assert at.store.pictures.keys() == {7}
