"""The rows of the history: what was found stands out in them, and what the library has is offered to a search."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.query_texts import NASTY, NOW, QUERIES

from tui.domain.generation import Generation, UserMarks
from tui.domain.query import parse
from tui.domain.words import one_line
from tui.panes.history_rows import HistoryModel
from tui.panes.history_search import prompt_pieces
from tui.widgets.cells import fit

FOX = Generation("1", "1", NOW, "a red fox", model="pro", user=UserMarks(tags=("winter", "best")))
HARE = Generation("2", "2", NOW + timedelta(minutes=1), "a hare", model="flash", user=UserMarks(tags=("best",)))


@given(QUERIES, NASTY, st.integers(0, 40))
def test_a_prompt_with_what_was_found_in_it_reads_as_without(query: str, text: str, width: int) -> None:
    prompt = one_line(text)
    pieces = prompt_pieces(parse(query), prompt, width, "")
    assert "".join(piece.text for piece in pieces) == fit(prompt, width)


def test_what_was_found_stands_out_as_far_as_it_is_seen() -> None:
    pieces = prompt_pieces(parse("fox snow"), "a fox in snow and a fox", 11, "row--muted")
    assert [(piece.text, piece.look) for piece in pieces] == [
        *(("a ", "row--muted"), ("fox", "row--match"), (" in ", "row--muted")),
        *(("s", "row--match"), ("…", "row--muted")),
    ]
    assert [piece.look for piece in prompt_pieces(parse(""), "a fox", 9, "")] == [""]


def test_a_search_follows_what_is_added_changed_and_taken_away() -> None:
    model = HistoryModel()
    model.add([FOX])
    model.set_query("tag:best")
    assert model.generations == [FOX]
    model.add([HARE])
    assert model.generations == [HARE, FOX]
    model.replace(replace(HARE, user=UserMarks()))
    assert model.generations == [FOX]
    model.remove([FOX])
    assert model.generations == []


def test_models_and_tags_of_the_library_are_offered_the_most_frequent_first() -> None:
    model = HistoryModel()
    model.add([FOX])
    assert (model.in_use().models, model.in_use().tags) == (("pro",), ("winter", "best"))
    model.add([HARE])
    assert model.in_use().tags == ("best", "winter")
    model.remove([FOX])
    assert (model.in_use().models, model.in_use().tags) == (("flash",), ("best",))
