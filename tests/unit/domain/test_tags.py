"""Tags as typed and as kept: one line each, told apart without case, as first spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain import tags
from tui.domain.errors import InvalidRequest
from tui.domain.marking import LONGEST_NOTES, Marking
from tui.domain.tags import TypedTags

ANY = st.text(max_size=20) | st.text(alphabet="aAäÄb ,-、，\n\t\x1b\u202e", max_size=12)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "add", "remove"),
    [
        ("", (), ()),
        ("fox", ("fox",), ()),
        (" fox ,  deep   snow ,, ", ("fox", "deep snow"), ()),
        ("fox, -draft", ("fox",), ("draft",)),
        ("Fox, fox, FOX", ("Fox",), ()),
        ("café, Cafe", ("café",), ()),
        ("- draft, -", (), ("draft",)),
        ("fox, -Fox", (), ("Fox",)),
        ("-fox, Fox", ("Fox",), ()),
        ("狐，雪、夜", ("狐", "雪", "夜"), ()),
        ("well-lit", ("well-lit",), ()),
        ("one\ntwo", ("one", "two"), ()),
        ("a\x1b[2Jb\u202ec", ("a[2Jbc",), ()),
    ],
)
def test_what_a_person_types(text: str, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    assert tags.typed(text) == TypedTags(add, remove)


@given(st.lists(ANY, max_size=12).map(",".join))
def test_whatever_is_typed_is_clean_and_each_tag_stands_once(text: str) -> None:
    typed = tags.typed(text)
    every = [*typed.add, *typed.remove]
    assert len({tags.key(each) for each in every}) == len(every)
    for each in every:
        assert 0 < len(each) <= tags.LONGEST
        assert each == each.strip()
        assert not set(each) & set(",\n\t\r\x1b\u202e")
        assert tags.checked(each) == each


@given(st.lists(ANY, max_size=12).map(",".join))
def test_tags_that_are_written_are_typed_again_as_the_same(text: str) -> None:
    kept = [each for each in tags.typed(text).add if not each.startswith("-")]
    assert tags.typed(tags.written(kept)) == TypedTags(tuple(kept))


@given(st.lists(ANY, max_size=8), st.lists(ANY, max_size=8))
def test_adding_keeps_what_is_there_and_adding_again_changes_nothing(have: list[str], more: list[str]) -> None:
    before, add = tags.typed(",".join(have)).add, tags.typed(",".join(more)).add
    after = tags.with_tags(before, add)
    assert after[: len(before)] == before
    assert {tags.key(each) for each in after} == {tags.key(each) for each in (*before, *add)}
    assert tags.with_tags(after, add) == after
    assert tags.without_tags(after, [each.upper() for each in add]) == tags.without_tags(before, add)


def test_a_hundred_tags_of_64_characters_are_the_most() -> None:
    most = tuple(f"{number:064}" for number in range(100))
    assert Marking(tags=most).tags == most
    assert tags.with_tags(most, ("0" * 64,)) == most
    with pytest.raises(InvalidRequest, match="too many") as told:
        Marking(tags=(*most, "one more"))
    assert "100" in told.value.hint
    with pytest.raises(InvalidRequest, match="too many"):
        tags.with_tags(most, ("one more",))
    with pytest.raises(InvalidRequest, match="too long") as told:
        tags.typed("fox, " + "x" * 65)
    assert "64" in told.value.hint


def test_several_tags_in_one_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="not one tag"):
        Marking(add=("fox, snow",))


def test_notes_have_an_end() -> None:
    assert Marking(notes="x" * LONGEST_NOTES).notes
    with pytest.raises(InvalidRequest, match="too long") as told:
        Marking(notes="x" * (LONGEST_NOTES + 1))
    assert "100,000" in told.value.hint


@pytest.mark.parametrize("rating", [-1, 6])
def test_a_rating_that_there_is_not_is_refused(rating: int) -> None:
    with pytest.raises(ValueError, match="0 to 5"):
        Marking(rating=rating)
