import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.questions import Talk
from tui.terminal.verdict import Around, answers_in_words, direct_way, has_truecolor, judge, passthrough_of

NUMBERS = st.integers(0, 10**12).map(str) | st.sampled_from(["0", "1", "2", "4", "6", "77", "2026"])
WORDS = st.text(st.characters(exclude_characters="\x1b\x07\x9c"), max_size=12)
ANSWERS = st.one_of(
    st.builds("\x1b_G{};{}\x1b\\".format, st.sampled_from(["i=77", "i=78", "I=77,i=9", "", "i="]), WORDS),
    st.builds("\x1bP>|{}\x1b\\".format, WORDS | st.sampled_from(["kitty(0.41.1)", "kitty(", "tmux 3.5a", "ghostty"])),
    st.builds("\x1bP{}$r{}m\x1b\\".format, st.sampled_from("019"), st.lists(NUMBERS).map(";".join)),
    st.builds("\x1b[?{}c".format, st.lists(NUMBERS).map(";".join)),
    st.builds("\x1b[{}t".format, st.lists(NUMBERS).map(";".join)),
    st.builds("\x1b[?{}S".format, st.lists(NUMBERS).map(";".join)),
    st.builds("\x1b[?{}$y".format, st.lists(NUMBERS).map(";".join)),
)


@given(st.lists(ANSWERS), st.sampled_from(["plain", "tmux", "perhaps tmux"]), st.booleans(), st.booleans())
def test_whatever_is_answered_gives_facts_that_can_be_worked_with(
    answers: list[str], way: str, wraps: bool, careful: bool
) -> None:
    talk = Talk(way, wraps=wraps and way != "plain", careful=careful, query=77)
    for answer in answers:
        assert talk.take(answer)
    assert talk.cell is None or all(2 <= length <= 512 for length in talk.cell)
    assert talk.sixel_size == (0, 0) or min(talk.sixel_size) >= 32
    assert talk.sixel_colours == 0 or talk.sixel_colours > 1
    assert talk.name.isprintable()
    around = Around({"TERM": "xterm-kitty"})
    verdict = judge(talk, around)
    assert verdict.best in verdict.can
    assert verdict.because
    assert {"kitty", "sixel"} - verdict.can == set(verdict.lacks)
    assert all(
        words.isprintable() for row in answers_in_words(talk, around, has_truecolor(talk, around)) for words in row
    )
    assert direct_way(talk) == ""
    assert passthrough_of(talk, around) in ("", "on")


@pytest.mark.parametrize("way", ["plain", "tmux", "perhaps tmux"])
@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("careful", [True, False])
def test_the_last_question_is_the_one_that_everybody_answers(way: str, wraps: bool, careful: bool) -> None:
    talk = Talk(way, wraps=wraps and way != "plain", careful=careful)
    questions = talk.questions()
    assert questions.endswith("\x1b[c" if not talk.wraps else "\x1bPtmux;\x1b\x1b[c\x1b\\")
    if careful:
        assert "\x1b_" not in questions
    if way != "plain":
        # Unwrapped, tmux would take it for the title of its pane.
        assert "\x1b_" not in questions.replace("\x1b\x1b", "")


@pytest.mark.parametrize(
    ("answer", "exact"),
    [
        ("\x1bP1$r0;48:2:1:2:3m\x1b\\", True),
        ("\x1bP1$r0;48:2::1:2:3m\x1b\\", True),
        ("\x1bP1$r48;2;1;2;3m\x1b\\", True),
        ("\x1bP1$r0;48:5:16m\x1b\\", False),
        ("\x1bP1$r0m\x1b\\", False),
        ("\x1bP0$r\x1b\\", False),
    ],
)
def test_24_bit_colours_are_known_by_a_colour_that_comes_back_whole(answer: str, exact: bool) -> None:
    talk = Talk()
    talk.take(answer)
    assert talk.exact_colour is exact
