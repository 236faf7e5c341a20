from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.answers import AnswerFilter

ANSWERS = (
    "\x1b_Gi=77;OK\x1b\\",
    "\x1b_Gi=77;ENOENT:no such image\x1b\\",
    "\x1bP>|kitty(0.41.1)\x1b\\",
    "\x1bP1+r524742=38\x1b\\",
    "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    "\x1b[?62;c",
    "\x1b[?64;1;2;4;6;22c",
    "\x1b[>1;4000;29c",
    "\x1b[6;18;9t",
    "\x1b[4;864;1386t",
    "\x1b[8;48;154t",
    "\x1b[?1;0;1024S",
    "\x1b[?1u",
    "\x1b[?997;1n",
    "\x1b[0n",
)
MODES = ("\x1b[?2026;2$y", "\x1b[?2048;0$y")
KEYS = (
    *("a", "é", "漢", "\r", "\x7f", "\x1b", "\x1b[A", "\x1bOP", "\x1b[1;5C", "\x1b[4~", "\x1b[15~", "\x1b[97;5u"),
    *("\x1b[200~pasted [6;1;2t\x1b[201~", "\x1b[<35;10;20M", "\x1b[48;40;120;720;1080t", "\x1b[I", "\x1bx", "\x1b\x1b"),
)

pieces = st.lists(st.sampled_from([*((key, False) for key in KEYS), *((answer, True) for answer in ANSWERS)]))


def is_alone(parts: list[tuple[str, bool]]) -> bool:
    """Keys that end in ESC join with what follows; a person cannot press in the middle of an answer."""
    return not any(key.endswith("\x1b") and not answer for (key, answer), _ in pairwise(parts))


@given(pieces.filter(is_alone), st.data())
def test_answers_never_reach_the_keys_and_no_key_is_lost_wherever_reads_are_cut(
    parts: list[tuple[str, bool]], data: st.DataObject
) -> None:
    text = "".join(part for part, _ in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    # A cut in the first two characters of an answer cannot be told from a key.
    starts, at = set(), 0
    for part, answer in parts:
        if answer:
            starts |= {at + 1, at + 2}
        at += len(part)
    cuts = [cut for cut in cuts if cut not in starts]
    taken: list[str] = []
    answers = AnswerFilter(lambda answer: taken.append(answer) is None)
    passed = "".join(answers.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))
    assert passed + answers.release() == "".join(part for part, answer in parts if not answer)
    assert taken == [part for part, answer in parts if answer]


@given(pieces.filter(is_alone), st.data())
def test_while_answers_are_due_they_may_be_cut_anywhere(parts: list[tuple[str, bool]], data: st.DataObject) -> None:
    text = "".join(part for part, _ in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    taken: list[str] = []
    answers = AnswerFilter(lambda answer: taken.append(answer) is None, due=True)
    passed = "".join(answers.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))
    assert passed + answers.release() == "".join(part for part, answer in parts if not answer)
    assert taken == [part for part, answer in parts if answer]


def test_once_nothing_came_for_a_while_an_escape_key_waits_no_more() -> None:
    answers = AnswerFilter(lambda _: True, due=True)
    assert answers.feed("\x1b") == ""
    assert answers.holding
    assert not answers.begun
    assert answers.release() == "\x1b"
    assert answers.feed("\x1b") == "\x1b"


@given(st.text(alphabet="\x1b[]P_G?>=;:0123456789c$ytuSn\\\x07abc~"), st.integers(0, 40))
def test_any_input_is_passed_or_taken_nothing_else(text: str, cut: int) -> None:
    taken: list[str] = []
    answers = AnswerFilter(lambda answer: taken.append(answer) is None)
    passed = answers.feed(text[:cut]) + answers.feed(text[cut:]) + answers.release()
    assert len(passed) + sum(map(len, taken)) == len(text)


@pytest.mark.parametrize("answer", [*ANSWERS, *MODES])
def test_an_answer_that_nobody_takes_is_left_among_the_keys(answer: str) -> None:
    assert AnswerFilter(lambda _: False).feed(f"x{answer}y") == f"x{answer}y"


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if len(answer) > 4])
def test_the_beginning_of_an_answer_is_held_until_given_up(answer: str) -> None:
    answers = AnswerFilter(lambda _: True)
    assert answers.feed("x" + answer[:-1]) == "x"
    assert answers.holding
    assert answers.release() == answer[:-1]
    assert not answers.holding


@pytest.mark.parametrize("key", KEYS)
def test_no_key_is_held_back(key: str) -> None:
    assert AnswerFilter(lambda _: True).feed(key) == key
