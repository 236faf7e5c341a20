"""Text as it is searched: nobody needs to know how a prompt was spelled to find it."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.query_texts import NASTY

from tui.domain.query.folding import fold, indexed, located, words_of


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Straße", "strasse"),
        ("CAFÉ, Ångström, naïve", "cafe, angstrom, naive"),
        ("Łódź smørrebrød œuvre æther", "lodz smorrebrod oeuvre aether"),
        ("İstanbul ılık IŞIK", "istanbul ilik isik"),
        ("ΟΔΟΣ ὁδός", "οδοσ οδοσ"),
        ("ＦＯＸ ９ ｶﾞﾗｽ", "fox 9 ガラス"),
        ("ﬁne ² ½ ℡", "fine 2 1⁄2 tel"),
        ("מַלְכָּה", "מלכה"),
        ("كِتَابٌ كتـاب أرض", "كتاب كتاب ارض"),
        ("f\u0338ox", "fox"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("❤️ 👩‍🎨", "❤ 👩🎨"),
        ("여우", "여우"),
    ],
)
def test_case_width_and_diacritics_do_not_matter(written: str, typed: str) -> None:
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("は", "ぱ"), ("ดี", "ดิ"), ("कि", "की"), ("и", "i")])
def test_marks_that_are_letters_matter(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_scripts_without_spaces_are_cut_into_signs_and_others_into_words() -> None:
    assert words_of("Red-fox's 4K: 雪の狐, カード 🦊🦊!") == (
        *("red", "fox", "s", "4k", "雪", "の", "狐", "カ", "ー", "ド", "🦊", "🦊"),
    )
    assert words_of("여우가 снег") == ("여우가", "снег")
    assert words_of("ดีมาก") == tuple("ดีมาก")


@given(NASTY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words_of(indexed(text)) == words_of(text)


@given(NASTY)
def test_words_with_their_places_are_the_same_words_and_lie_in_the_text_in_order(text: str) -> None:
    there = located(text)
    assert tuple(each.word for each in there) == words_of(text)
    last = 0
    for each in there:
        assert len(each.ends) == len(each.word)
        assert last <= each.start < each.ends[0]
        assert list(each.ends) == sorted(each.ends)
        assert each.ends[-1] <= len(text)
        last = each.start


@pytest.fixture
def table() -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(":memory:") as connection:
        options = "unicode61 remove_diacritics 0 categories ''L* M* N* So''"
        connection.execute(f"create virtual table prompts using fts5(words, tokenize='{options}', prefix='1 2 3')")
        yield connection
    connection.close()


_KNOWN = st.text(
    st.sampled_from("aAbßıø1２ がか゛漢雪ーกีดิ่एकि공여우אבָعأ🦊❤️👩‍🎨-'.,\"\u0301\u3099"), min_size=1, max_size=12
)


@given(text=_KNOWN, query=_KNOWN, whole=st.booleans())
@settings(max_examples=60)
def test_an_fts5_table_keeps_the_words_as_they_are_and_finds_the_same(
    table: sqlite3.Connection, text: str, query: str, whole: bool
) -> None:
    words = words_of(query)
    table.execute("delete from prompts")
    table.execute("insert into prompts values (?)", (indexed(text),))
    if not words:
        return
    asked = f'"{" ".join(words)}"' + ("" if whole else " *")
    found = table.execute("select count(*) from prompts where prompts match ?", (asked,)).fetchone()[0] == 1
    assert found == (f" {' '.join(words)}{' ' if whole else ''}" in f" {indexed(text)} ")
