"""``image-gen history`` on a terminal: a table that fits, finds standing out; its orders, and pictures beside it."""

import re
import struct
from base64 import standard_b64decode
from collections.abc import Callable
from typing import Any

import pytest
from support.app import Home
from support.command import Outcome
from support.terminal import KITTY

from tui.library import Library
from tui.shell.cells import width

Run = Callable[..., Outcome]
Show = Callable[..., Any]


def prompts(done: Outcome) -> list[str]:
    assert done.status == 0, done.err
    return [line.split("\t")[3] for line in done.lines]


@pytest.mark.parametrize(
    ("order", "listed"),
    [
        ("newest", ["a hare", "Fox, Café", "雪の中の狐", "a red fox in deep snow", "harbour at night"]),
        ("oldest", ["harbour at night", "a red fox in deep snow", "雪の中の狐", "Fox, Café", "a hare"]),
        ("rating", ["雪の中の狐", "harbour at night", "a hare", "Fox, Café", "a red fox in deep snow"]),
        ("model", ["a hare", "harbour at night", "Fox, Café", "雪の中の狐", "a red fox in deep snow"]),
        ("size", ["a red fox in deep snow", "harbour at night", "a hare", "Fox, Café", "雪の中の狐"]),
    ],
)
def test_every_order_is_the_same_with_and_without_an_index(
    home: Home, here: Run, order: str, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(home.library)
    library.set_rating(home.generations[2], 5)
    library.set_rating(home.generations[0], 1)
    assert prompts(here("history", "--sort", order)) == listed
    monkeypatch.setattr("tui.shell.shelf._opened", lambda *_: None)
    assert prompts(here("history", "--sort", order)) == listed
    assert prompts(here("history", "--sort", order, "--limit", "2")) == listed[:2]
    assert prompts(here("history", "--sort", order, "fox")) == [each for each in listed if "fox" in each.lower()]


def test_where_no_index_can_be_made_it_is_told_and_the_files_are_searched(
    home: Home, here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.folder / "home").write_text("no folder")
    monkeypatch.setenv("IMAGE_GEN_HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home.folder / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(home.folder / "home"))
    done = here("history", "fox", "--sort", "oldest")
    assert prompts(done) == ["a red fox in deep snow", "Fox, Café"]
    assert "No index" in done.err


@pytest.mark.parametrize("order", ["", "best", "newest oldest"])
def test_an_order_that_is_none_is_wrong_usage(home: Home, here: Run, order: str) -> None:
    done = here("history", "--sort", order)
    assert (done.status, done.out) == (2, b"")
    assert "newest, oldest, rating" in done.err


@pytest.mark.parametrize("columns", [120, 80, 40, 20])
def test_the_table_fits_and_its_columns_stand_under_each_other(home: Home, on_terminal: Show, columns: int) -> None:
    Library(home.library).set_rating(home.generations[1], 4)
    home.keep("a fox " * 40)
    lines = on_terminal("history", columns=columns).lines
    assert len(lines) == 6
    assert all(width(line) <= columns for line in lines)
    if columns >= 80:
        assert len({width(line.partition("20260314_12")[0]) for line in lines}) == 1
        assert "4★" in lines[4]
        assert "2752×1536" in lines[4]
    assert ("3 Pro" in lines[4]) == (columns >= 100)
    assert ("20260314_120100" in lines[4]) == (columns > 50)


def test_what_a_query_found_stands_out_unless_colours_are_not_wanted(home: Home, on_terminal: Show) -> None:
    shown = on_terminal("history", "fox")
    assert "\x1b[1;35mfox\x1b[0m" in shown.raw
    assert "\x1b[1;35mFox\x1b[0m" in shown.raw
    plain = on_terminal("history", "fox", NO_COLOR="1")
    assert "\x1b" not in plain.raw
    assert plain.lines == shown.lines


def test_a_prompt_cannot_steer_the_terminal(home: Home, on_terminal: Show) -> None:
    home.keep("fox \x1b]0;title\x07\x1b[2Jjump \u202egnp")
    raw = on_terminal("history", "-n", "1", NO_COLOR="1").raw
    assert "\x1b" not in raw
    assert "\u202e" not in raw
    assert "jump" in raw


def test_pipes_get_no_pictures_and_no_colours(home: Home, here: Run) -> None:
    assert here("history", "--images").out == here("history").out
    assert b"\x1b" not in here("history", "--images", "fox").out


def test_pictures_stand_beside_the_rows_as_half_blocks(home: Home, on_terminal: Show) -> None:
    shown = on_terminal("history", "--images", "-n", "2", IMAGE_GEN_IMAGES="half")
    beside = [line.split() for line in shown.lines]
    assert [line[-2:] for line in beside[0::3]] == [["a", "hare"], ["Fox,", "Café"]]
    assert all(line[-1].startswith("20260314_12") for line in beside[2::3])
    # The pictures are 16 by 9 pixels of one grey: twelve cells across, three and a half down.
    assert "48;2;80;80;80" in shown.raw
    assert "\x1b_G" not in shown.raw


def test_pictures_stand_beside_the_rows_as_kitty_pictures(home: Home, on_terminal: Show) -> None:
    shown = on_terminal("history", "--images", "-n", "2", persona=KITTY)
    sent = re.findall(r"\x1b_Ga=T,f=100,q=2,C=1,m=0;([^\x1b]+)\x1b", shown.raw)
    sizes = [struct.unpack(">II", standard_b64decode(data)[16:24]) for data in sent]
    assert sizes == [(120, 68), (120, 68)]
    assert [line.strip() for line in shown.lines[0::3]] == ["a hare", "Fox, Café"]


def test_where_there_are_no_pictures_the_table_stands_and_it_is_told_why(home: Home, on_terminal: Show) -> None:
    lines = on_terminal("history", "--images", "-n", "1", IMAGE_GEN_IMAGES="none").lines
    assert lines[0].startswith("image-gen: No pictures, because")
    assert "a hare" in lines[-1]
