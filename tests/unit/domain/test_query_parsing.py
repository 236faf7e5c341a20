"""What is typed into a search: every text means something, and what is wrong in it is told where it stands."""

import pytest
from hypothesis import given
from support.query_texts import NASTY, QUERIES

from tui.domain.query import Mistake, Query, parse
from tui.domain.query.parsing import MOST_DEPTH, MOST_PIECES


def marked(query: Query) -> list[str]:
    """The parts of a query that are underlined."""
    return [query.text[each.span.start : each.span.end] for each in query.mistakes]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ""),
        (" … !! - -- ", ""),
        ("Fox  DUSK", "fox dusk"),
        ("red-fox it's", "red-fox it-s"),
        ('"Red Fox" “deep   snow”', '"red fox" "deep snow"'),
        ("雪の狐 「狐」", "雪の狐 狐"),
        ("-snow --ar 3", "-snow ar 3"),
        ("-(a b) -(-c)", "-(a b) c"),
        ("fox dusk or dawn", "fox dusk or dawn"),
        ("fox (dusk or dawn)", "fox dusk or dawn"),
        ("(fox dusk) OR dawn or night", "(fox dusk) or dawn or night"),
        ("((a)) ()", "a"),
        ("MODEL:Pro model：flash", "model:pro model:flash"),
        ('model:"Nano Banana" model:X(high) 3', 'model:"nano banana" model:x-high 3'),
        ("ratio:16x9 16:9 -ratio:021:9 12:30", "ratio:16:9 ratio:16:9 -ratio:21:9 12-30"),
        ("size:2k size:0.5K", "size:2K size:512"),
        ('tag:best tag:"Best of"', 'tag:best tag:"best of"'),
        ("rating:>=3 rating:≤2 rating:5 rating:=0", "rating:>=3 rating:<=2 rating:5 rating:0"),
        ("star: star:NO", "star:yes star:no"),
        ("after:2026-1 before:2026/11/3 on:2025", "after:2026-01 before:2026-11-03 on:2025"),
        ("on:Today on:mon on:week", "on:today on:monday on:week"),
        ("has:note -has:reference is:failed", "has:note -has:reference is:failed"),
        ("width:>2000 h:1024", "w:>2000 h:1024"),
        ("type:JPG", "type:jpeg"),
        ("id:01937D2E-1a parent:2026", "id:01937d2e-1a parent:2026"),
        ("Style: watercolour, mood:", "style watercolour mood"),
        ('"or" -or or:', '"or" -"or" "or"'),
    ],
)
def test_what_is_typed_has_one_spelling_of_what_is_meant(typed: str, meant: str) -> None:
    query = parse(typed)
    assert query.canonical == meant
    assert query.mistakes == ()


@pytest.mark.parametrize(
    ("typed", "underlined", "hint", "searched"),
    [
        ("fox moddel:pro", "moddel:pro", "Did you mean model:?", "fox"),
        ("style:oil fox", "style:oil", "quotes make it words", "fox"),
        ("fox -rating:7", "7", "rating: 0 to 5", "fox"),
        ("rating:>", ">", "as 4 or >=3", ""),
        ("model: fox", "model:", "model: its name, or words", "fox"),
        ("ratio:wide fox", "wide", "as 16:9", "fox"),
        ("after:2026-13", "2026-13", "2026-11-30, 2026-11, 2026", ""),
        ("on:2026-0", "2026-0", "on: 2026-11-30", ""),
        ("on:2026-02-30", "2026-02-30", "on: 2026-11-30", ""),
        ("is:broken", "broken", "failed, missing, foreign or trashed", ""),
        ("type:psd", "psd", "png, jpeg", ""),
        ('"red fo', '"', "This quote is not closed.", "red-fo"),
        ('tag:"red fo', '"', "This quote is not closed.", "tag:red-fo"),
        ("(fox dusk", "(", "not closed", "fox dusk"),
        ("fox) dusk", ")", "No parenthesis is open", "fox dusk"),
        ("or fox", "or", "joins two words", "fox"),
        ("fox or", "or", "joins two words", "fox"),
        ("a or or b", "or", "joins two words", "a or b"),
        ("fox rating:9 or dusk", "9", "rating:", "fox dusk"),
        ("fox or rating:9 dusk", "9", "rating:", "fox dusk"),
    ],
)
def test_a_mistake_is_told_with_a_hint_and_the_rest_is_searched(
    typed: str, underlined: str, hint: str, searched: str
) -> None:
    query = parse(typed)
    assert marked(query) == [underlined]
    assert hint in query.mistakes[0].hint
    assert query.canonical == searched


def test_mistakes_are_told_in_the_order_of_the_text() -> None:
    assert marked(parse('(size:? is:x "open')) == ["(", "?", "x", '"']


def test_a_query_without_end_is_searched_as_far_as_it_is_bounded() -> None:
    long = parse("fox " * (MOST_PIECES + 5))
    assert long.mistakes == (Mistake(long.mistakes[0].span, f"Only the first {MOST_PIECES} words are searched."),)
    assert len(long.canonical.split()) == MOST_PIECES
    deep = parse("(" * 300_000 + "fox")
    assert len(deep.mistakes) == MOST_PIECES + 1
    assert parse("(" * MOST_DEPTH + "fox" + ")" * MOST_DEPTH).mistakes == ()
    assert parse("(fox) " * (MOST_DEPTH + 1)).mistakes == ()


@given(QUERIES)
def test_what_a_query_means_printed_means_the_same_and_has_no_mistake(text: str) -> None:
    query = parse(text)
    again = parse(query.canonical, trash=True)
    assert again.root == query.root
    assert again.canonical == query.canonical
    assert again.mistakes == ()


@given(NASTY | QUERIES)
def test_mistakes_lie_in_the_text_and_say_a_sentence(text: str) -> None:
    for mistake in parse(text).mistakes:
        assert 0 <= mistake.span.start < mistake.span.end <= len(text)
        assert mistake.hint.endswith((".", "?"))


@pytest.mark.parametrize(
    ("typed", "finds", "nothing_else"),
    [
        ("is:trashed", True, True),
        ("is:trashed fox", True, True),
        ("fox or is:trashed", True, False),
        ("-is:trashed", False, False),
        ("-(fox -is:trashed)", True, False),
        ("-(-is:trashed or fox)", True, True),
        ("fox", False, False),
    ],
)
def test_the_trash_is_found_by_what_asks_for_it(typed: str, finds: bool, nothing_else: bool) -> None:
    query = parse(typed, trash=True)
    assert (query.finds_trashed, query.finds_only_trashed, query.mistakes) == (finds, nothing_else, ())
    told = parse(typed).mistakes
    assert [typed[slice(*each.span)].lstrip("-") for each in told] == ["is:trashed"] * finds
    assert all(each.hint.endswith(": T.") for each in told)
