from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui.imaging.marks import PLACEHOLDER
from tui.terminal.blocks import ARENAS, RUN, Blocks, NoRoom

sizes = st.tuples(st.integers(1, 120), st.integers(1, 60))


@given(st.lists(st.tuples(sizes, st.booleans()), max_size=30))
def test_blocks_in_use_never_overlap_and_stay_in_their_arenas(steps: list) -> None:
    blocks = Blocks()
    used = []
    for (columns, rows), free_one in steps:
        if free_one and used:
            blocks.give_back(used.pop(0))
        try:
            used.append(blocks.take(columns, rows))
        except NoRoom:
            continue
        ordered = sorted(used)
        assert all(one.end <= other.first for one, other in pairwise(ordered))
        assert any(first <= used[-1].first and used[-1].end - 1 <= last for first, last in ARENAS)


@given(sizes, sizes, st.data())
def test_pieces_say_where_each_cell_is_in_its_picture(one: tuple, other: tuple, data: st.DataObject) -> None:
    blocks = Blocks()
    pair = [blocks.take(*one), blocks.take(*other)]
    cells = data.draw(
        st.lists(
            st.sampled_from(pair).flatmap(
                lambda block: st.tuples(
                    st.just(block), st.integers(0, block.rows - 1), st.integers(0, block.columns - 1)
                )
            ),
            max_size=40,
        )
    )
    run = "".join(block.row(row)[column] for block, row, column in cells)
    told = [(piece.block, piece.row, piece.column + at) for piece in blocks.pieces(run) for at in range(piece.length)]
    assert told == cells


def test_a_row_is_one_piece() -> None:
    blocks = Blocks()
    block = blocks.take(80, 40)
    assert [(piece.row, piece.column, piece.length) for piece in blocks.pieces(block.row(39))] == [(39, 0, 80)]


def test_no_crop_of_textual_cuts_a_cell_in_two() -> None:
    block = Blocks().take(84, 40)
    text = block.row(7)
    assert cell_len(text) == 84
    strip = Strip([Segment(text)])
    assert all(strip.crop(a, b).text == text[a:b] for a in range(84) for b in range(a + 1, 85))


def test_a_freed_block_is_given_again_as_late_as_possible() -> None:
    blocks = Blocks()
    first = blocks.take(10, 10)
    blocks.give_back(first)
    assert blocks.take(10, 10).first != first.first


def test_two_pictures_of_the_largest_terminal_fit_and_the_end_is_said() -> None:
    blocks = Blocks()
    blocks.take(300, 100)
    blocks.take(300, 100)
    with pytest.raises(NoRoom):
        blocks.take(300, 200)


def test_kittys_placeholder_and_icons_of_fonts_are_no_cells_of_ours() -> None:
    assert RUN.search(PLACEHOLDER + "\ue0b0\uf8ff\U000f0001\U000f1af0") is None
