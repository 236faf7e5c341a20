"""What a query may go on with: keys, and what this library has for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.query_texts import NASTY, QUERIES

from tui.domain.query import Known, complete, parse
from tui.domain.query.keys import KEYS

KNOWN = Known(
    models=("gemini-3-pro-image", "gemini-3.1-flash-image", "X(high)"),
    tags=("fox", "Best of", "雪", "Café"),
)


def offered(text: str, known: Known = KNOWN) -> list[str]:
    """The whole queries that the completions of ``text``, with the cursor at ``|``, make."""
    cursor = text.index("|")
    plain = text.replace("|", "")
    return [each.applied(plain)[0] for each in complete(plain, cursor, known)]


@pytest.mark.parametrize(
    ("typed", "queries"),
    [
        ("mo|", ["model:"]),
        ("fox -ra|", ["fox -ratio:", "fox -rating:"]),
        ("(H|", ["(has:", "(h:"]),
        ("mo| fox", ["model: fox"]),
        ("model:fl|", ["model:gemini-3.1-flash-image"]),
        ("model:3|ro", ["model:gemini-3-pro-image", "model:gemini-3.1-flash-image"]),
        ("model:x|", ['model:"X(high)"']),
        ("-tag:be|", ['-tag:"Best of"']),
        ('tag:"o|', ['tag:"Best of"']),
        ("tag:cafe| dusk", []),
        ("tag:caf| dusk", ["tag:Café dusk"]),
        ("ratio:1|", ["ratio:1:1", "ratio:16:9", "ratio:1:4", "ratio:1:8"]),
        ("size:|", ["size:512", "size:1K", "size:2K", "size:4K"]),
        ("has:n|", ["has:note"]),
        ("after:y|", ["after:yesterday"]),
        *((typed, []) for typed in ("|", "fox |", "fox|", "|mo", "(|", '"mo|', "nokey:x|", "star:yes|")),
    ],
)
def test_the_term_at_the_cursor_goes_on(typed: str, queries: list[str]) -> None:
    assert offered(typed) == queries


def test_keys_say_what_they_find() -> None:
    assert [(each.text, each.note) for each in complete("ta", 2, KNOWN)] == [("tag:", "with this tag")]


def test_what_no_query_can_spell_is_not_offered() -> None:
    assert offered("tag:|", Known(tags=('the "best"', "!!", "good"))) == ["tag:good"]


def test_the_ratios_of_the_library_come_before_those_of_the_models() -> None:
    assert offered("ratio:|", Known(ratios=("7:5",))) == ["ratio:7:5"]


@given(QUERIES, st.integers(0, 40))
def test_a_completion_replaces_a_part_of_the_text_around_the_cursor(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for each in complete(text, cursor, KNOWN):
        assert each.span.start <= cursor <= each.span.end <= len(text)
        whole, place = each.applied(text)
        assert whole[:place].endswith(each.text)


@given(st.sampled_from(("model", "tag")), NASTY)
def test_a_value_of_the_library_is_completed_to_what_is_no_mistake(key: str, value: str) -> None:
    for each in complete(f"{key}:", len(key) + 1, Known(models=(value,), tags=(value,))):
        query = parse(each.applied(f"{key}:")[0])
        assert query.mistakes == ()
        assert not query.finds_all


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_value_on_offer_is_no_mistake(key) -> None:
    for value in key.values:
        assert parse(f"{key.name}:{value}", trash=True).mistakes == ()
