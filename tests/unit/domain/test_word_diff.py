"""Prompts word by word: what only one has, in its order; everything stands as it was written."""

from hypothesis import given
from hypothesis import strategies as st

from tui.domain.word_diff import MOST_WORDS, Word, only, word_diff

TEXTS = st.text(st.sampled_from(list("ab ,.漢字かé\n")), max_size=60)


def differing(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words if word.differs]


def joined(words: tuple[Word, ...]) -> str:
    return "".join((" " if word.spaced else "") + word.text for word in words).strip()


def test_words_that_only_one_has_differ_and_no_others() -> None:
    left, right = word_diff("a red fox in snow, dusk", "a red fox in deep snow")
    assert differing(left) == ["dusk"]
    assert differing(right) == ["deep"]


def test_the_same_words_in_another_order_differ() -> None:
    left, right = word_diff("fox and hare", "hare and fox")
    assert differing(left)
    assert differing(right)
    assert len(differing(left)) == len(differing(right)) == 2


def test_a_word_said_twice_differs_once() -> None:
    left, right = word_diff("very very red", "very red")
    assert (len(differing(left)), differing(right)) == (1, [])


def test_case_and_commas_make_no_other_word() -> None:
    left, right = word_diff("A Fox, red", "a fox red.")
    assert not differing(left)
    assert not differing(right)


def test_languages_without_spaces_are_compared_sign_by_sign() -> None:
    left, right = word_diff("雪の中の狐", "雪の中の赤い狐")
    assert differing(left) == []
    assert differing(right) == ["赤", "い"]
    assert only(right) == ("赤い",)


def test_stretches_of_differing_words_are_told_together_without_their_commas() -> None:
    _, right = word_diff("a fox in snow", "a fox, golden hour, in snow. film")
    assert only(right) == ("golden hour", "film")


def test_a_huge_prompt_is_compared_as_far_as_it_is_shown() -> None:
    left, right = word_diff("a " * 100_000, "b " * 100_000)
    assert len(left) == len(right) == MOST_WORDS


@given(TEXTS, TEXTS)
def test_both_are_kept_word_for_word_and_what_is_left_is_the_same(one: str, two: str) -> None:
    left, right = word_diff(one, two)
    assert joined(left) == " ".join(one.split())
    assert joined(right) == " ".join(two.split())
    same = [
        [word.text.casefold().strip(",.;:!?") or word.text for word in side if not word.differs]
        for side in (left, right)
    ]
    assert same[0] == same[1]


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    left, right = word_diff(text, text)
    assert left == right
    assert only(left) == ()
