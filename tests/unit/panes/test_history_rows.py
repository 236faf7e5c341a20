"""The rows of the history: days above them, read as they are seen, and what was found stands out in them."""

from array import array
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.holdings import MemoryHoldings
from support.query_texts import NASTY, NOW, QUERIES

from tui.domain.generation import Generation, UserMarks
from tui.domain.query import Known, parse
from tui.domain.sorting import Sort
from tui.domain.words import one_line
from tui.panes.history_rows import PAGE, Heading, HistoryModel
from tui.panes.history_search import prompt_pieces
from tui.widgets.cells import fit

FOX = Generation("1", "1", NOW, "a red fox", model="pro", user=UserMarks(tags=("winter", "best")))
HARE = Generation("2", "2", NOW + timedelta(minutes=1), "a hare", model="flash", user=UserMarks(tags=("best",)))

AGES = st.lists(st.integers(0, 40 * 24 * 60), max_size=60)
"""Minutes before now."""


def made(minutes: int, number: int) -> Generation:
    return Generation(f"id-{number}", f"stem-{number}", NOW - timedelta(minutes=minutes), f"prompt {number}")


def model_of(generations: list[Generation], sort: Sort = "newest") -> tuple[HistoryModel, MemoryHoldings]:
    holdings = MemoryHoldings(generations)
    model = HistoryModel()
    everything = holdings.newest()
    model.use(holdings, everything, len(everything), Known())
    model.show(array("q", reversed(everything)) if sort == "oldest" else everything, sort)
    return model, holdings


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


@given(AGES, st.sampled_from(("newest", "oldest")))
def test_each_day_stands_once_above_all_its_rows_and_every_row_is_found_again(ages: list[int], sort: Sort) -> None:
    model, holdings = model_of([made(minutes, number) for number, minutes in enumerate(ages)], sort)
    rows = list(model.rows)
    generations = [row for row in rows if isinstance(row, Generation)]
    expected = [holdings.by_id[each] for each in sorted(holdings.by_id, reverse=sort == "newest")]
    assert generations == expected == list(model.generations)
    headings = [row.words for row in rows if isinstance(row, Heading)]
    assert len(set(headings)) == len(headings) == len({each.created_at.astimezone().date() for each in generations})
    for before, after in pairwise(rows):
        if isinstance(before, Generation) and isinstance(after, Generation):
            assert before.created_at.astimezone().date() == after.created_at.astimezone().date()
        assert isinstance(before, Generation) or isinstance(after, Generation)
    for place, generation in enumerate(generations):
        row = model.row_of(generation)
        assert row is not None
        assert rows[row] == generation
        assert model.position(generation) == place + 1


@given(AGES, st.integers(0, 45), st.sampled_from(("newest", "oldest")))
def test_a_date_is_gone_to_and_counted_from_the_ids_alone(ages: list[int], days: int, sort: Sort) -> None:
    model, holdings = model_of([made(minutes, number) for number, minutes in enumerate(ages)], sort)
    moment = datetime.combine((NOW - timedelta(days=days)).date(), time()).astimezone()
    older = sorted((each for each in holdings.by_id if each < moment.timestamp() * 1000), reverse=True)
    assert model.made_before(moment.date()) == len(older)
    holdings.reads.clear()
    if older:
        assert model.rows[model.row_before(moment)] == holdings.by_id[older[0]]


def test_of_a_hundred_thousand_rows_only_the_pages_that_are_seen_are_read() -> None:
    model, holdings = model_of([made(number, number) for number in range(100_000)])
    end = len(model.rows)
    assert isinstance(model.rows[end // 2], Generation)
    seen = model.rows[end - 30 : end]
    assert len(seen) == 30
    assert len(holdings.reads) <= 4
    assert sum(holdings.reads) <= 4 * PAGE


def test_another_value_is_shown_at_once_and_what_was_taken_out_is_gone_with_its_mark() -> None:
    model, _ = model_of([FOX, HARE])
    starred = replace(FOX, user=UserMarks(starred=True))
    model.toggle_mark(FOX)
    model.replace(starred)
    assert list(model.generations) == [HARE, starred]
    assert model.marked_generations() == (starred,)
    model.remove((starred,))
    assert list(model.generations) == [HARE]
    assert model.total == 1
    assert not model.marked


def test_a_row_that_went_away_meanwhile_says_so() -> None:
    model, holdings = model_of([FOX, HARE])
    holdings.by_id.clear()
    assert [each.damage for each in model.generations] == ["It is gone.", "It is gone."]


@pytest.mark.parametrize(("first", "last"), [(2, 6), (6, 2), (4, 4)])
def test_marks_reach_from_the_last_mark_to_here_and_all_that_is_shown(first: int, last: int) -> None:
    generations = [made(number, number) for number in range(10)]
    model, _ = model_of(generations)
    model.toggle_mark(generations[first])
    model.mark_up_to(generations[last])
    between = range(min(first, last), max(first, last) + 1)
    assert model.marked_generations() == tuple(generations[number] for number in between)
    model.mark_all()
    assert len(model.marked) == 10
    model.mark_all()
    assert not model.marked


def test_the_next_day_and_the_day_before_are_found_from_any_row() -> None:
    model, _ = model_of([made(number * 24 * 60, number) for number in range(4)])
    headings = [row for row, each in enumerate(model.rows) if isinstance(each, Heading)]
    assert model.day_from(headings[0], 1) == headings[1]
    assert model.day_from(headings[2] + 1, -1) == headings[2]
    assert model.day_from(headings[-1], 1) is None
    assert model.day_from(headings[0], -1) is None
