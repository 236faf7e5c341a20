from dataclasses import replace

import pytest

from tui.terminal.facts import ALWAYS, TerminalFacts, choose

KITTY = TerminalFacts(
    best="kitty",
    because="it answered",
    can=ALWAYS | {"kitty"},
    lacks=(("sixel", "it draws none"),),
    leftover=b"keys",
    name="kitty(0.41.1)",
)


def test_auto_takes_the_best_and_says_why() -> None:
    assert choose(KITTY, "auto").protocol == "kitty"
    assert choose(KITTY, "auto").why == "Kitty pictures, because it answered."
    assert choose(TerminalFacts(), "auto").why == "Half blocks."


@pytest.mark.parametrize("wish", ["kitty", "half", "symbols", "none", " HALF "])
def test_what_can_work_is_taken_because_it_was_wished_for(wish: str) -> None:
    chosen = choose(KITTY, wish)
    assert chosen.protocol == wish.strip().lower()
    assert chosen.why.endswith("because the setting says so.")


def test_what_cannot_work_is_taken_too_and_says_so() -> None:
    assert choose(KITTY, "sixel").protocol == "sixel"
    assert choose(KITTY, "sixel").why.endswith("They will hardly be seen, because it draws none.")
    assert choose(TerminalFacts(), "sixel").why.endswith("They will hardly be seen.")


def test_a_word_that_is_no_way_says_which_are() -> None:
    chosen = choose(KITTY, "jpeg")
    assert chosen.protocol == "half"
    assert "“jpeg” is none of auto, kitty, sixel, half, symbols, none" in chosen.why


@pytest.mark.parametrize("wish", ["auto", "kitty", "half"])
def test_with_the_link_off_nothing_is_drawn_and_the_wish_is_kept(wish: str) -> None:
    off = choose(KITTY, wish, link="off")
    assert off.protocol == "none"
    assert "link setting is off" in off.why
    assert choose(off, off.wish).protocol == choose(KITTY, wish).protocol


def test_choosing_changes_nothing_that_was_found_out_and_can_be_taken_back() -> None:
    other = choose(KITTY, "half")
    assert replace(other, protocol=KITTY.protocol, why=KITTY.why, wish=KITTY.wish) == KITTY
    assert choose(other, "auto") == choose(KITTY, "auto")
