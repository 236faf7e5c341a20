"""Rows of any shape: every line as wide as it should be, and nothing of the prompt told twice or left out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.query_texts import NASTY, NOW, QUERIES

from tui.domain.generation import Generation, UserMarks
from tui.domain.query import parse
from tui.domain.words import one_line
from tui.panes.history_rows import HistoryModel
from tui.panes.row_shapes import box_for, line_spans, pieces_of

WIDTHS = st.integers(18, 90)


def told(generation: Generation, lines: int, width: int, query: str = "") -> list[str]:
    model = HistoryModel()
    model.query = parse(query)
    rows = [pieces_of(model, generation, line, lines, width) for line in range(lines)]
    return ["".join(piece.text for piece in row) for row in rows]


@given(NASTY, QUERIES, WIDTHS, st.integers(1, 4), st.integers(0, 5), st.lists(st.sampled_from(("snow", "狐"))))
def test_each_line_fills_its_row_and_never_more(
    prompt: str, query: str, width: int, lines: int, rating: int, tags: list[str]
) -> None:
    marks = UserMarks(rating=rating, tags=tuple(tags))
    generation = Generation("1", "stem", NOW, prompt, model="pro", image_size="2K", parent="0", user=marks)
    for line in told(generation, lines, width, query):
        assert cell_len(line) == width


@given(NASTY, st.lists(st.integers(2, 40), min_size=1, max_size=4))
def test_lines_follow_each_other_with_nothing_but_spaces_between(text: str, widths: list[int]) -> None:
    prompt = one_line(text)
    spans = line_spans(prompt, widths)
    behind = 0
    for (start, end), width in zip(spans, widths, strict=True):
        assert not prompt[behind:start].strip(" ")
        assert cell_len(prompt[start:end]) <= width
        behind = end


def test_words_are_kept_whole_where_that_leaves_no_half_line_empty() -> None:
    text = "a red fox in incomprehensibilities"
    assert [text[start:end] for start, end in line_spans(text, [11, 11])] == ["a red fox", "in incompre"]
    foxes = "狐" * 9
    assert [foxes[start:end] for start, end in line_spans(foxes, [5, 5, 20])] == ["狐" * 2, "狐" * 2, "狐" * 5]


def test_tags_have_the_line_that_a_short_prompt_leaves() -> None:
    generation = Generation("1", "1", NOW, "a fox", image_size="2K", user=UserMarks(tags=("winter", "best")))
    lines = told(generation, 3, 30)
    assert [line.strip() for line in lines][2] == "#winter #best"
    assert "#winter" not in lines[1]
    long = replace(generation, prompt="a fox in the snow of the mountains at dusk")
    assert "#winter #best" in told(long, 3, 40)[2]


@pytest.mark.parametrize(("columns", "rows"), [(21, 40), (40, 5)])
def test_where_there_is_no_room_there_are_no_pictures(columns: int, rows: int) -> None:
    assert box_for(columns, rows) is None


@given(st.integers(22, 200), st.integers(6, 80))
def test_a_picture_leaves_more_room_to_the_words_than_it_takes(columns: int, rows: int) -> None:
    box = box_for(columns, rows)
    assert box is not None
    assert box.columns * 2 < columns
    assert box.rows * 2 <= rows
