"""Zoom and place: nothing beyond the picture, nothing that jumps, the same place in another picture."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.imaging.viewport import Place, Viewport, Window, together

PIXELS = (9.0, 18.0)
HALF = (1.0, 2.0)

sides = st.integers(1, 9000)
viewports = st.builds(
    Viewport.fitting,
    st.tuples(sides, sides),
    st.tuples(st.integers(1, 300), st.integers(1, 100)),
    st.sampled_from([PIXELS, HALF, (8.0, 17.0), (1.0, 2.125)]),
)
moves = st.one_of(
    st.tuples(st.just("step"), st.sampled_from([-1, 1])),
    st.tuples(st.just("pan"), st.tuples(st.integers(-90, 90), st.integers(-90, 90))),
    st.tuples(st.just("zoom"), st.floats(0.001, 100)),
    st.tuples(st.just("point"), st.tuples(st.sampled_from([-1, 1]), st.floats(0, 1), st.floats(0, 1))),
    st.tuples(st.just("size"), st.tuples(st.integers(0, 300), st.integers(0, 100))),
)


def moved(view: Viewport, move) -> Viewport:
    kind, by = move
    if kind == "step":
        return view.stepped(by)
    if kind == "pan":
        return view.panned(*by)
    if kind == "zoom":
        return view.zoomed(by)
    if kind == "size":
        return view.resized(by, view.cell)
    return view.stepped(by[0], (by[1] * view.cells[0], by[2] * view.cells[1]))


@given(viewports, st.lists(moves, max_size=12))
def test_no_move_shows_anything_beyond_the_picture_or_leaves_a_gap_that_need_not_be(view: Viewport, steps) -> None:
    for step in steps:
        view = moved(view, step)
        seen, (columns, rows) = view.visible, view.grid
        assert Window(0, 0, columns, rows).holds(seen)
        assert seen.columns == min(columns, view.cells[0])
        assert seen.rows == min(rows, view.cells[1])
        assert view.least <= view.zoom <= view.most
        part = view.part(seen)
        width, height = view.picture
        assert part.left >= 0
        assert part.top >= 0
        assert part.right < width + view.cell[0] / view.zoom * 1.001
        assert part.bottom < height + view.cell[1] / view.zoom * 1.001


@given(viewports)
def test_fitting_shows_all_and_fills_one_direction(view: Viewport) -> None:
    assert view.fits
    assert not view.overflows
    columns, rows = view.grid
    assert (view.visible.columns, view.visible.rows) == (columns, rows)
    assert columns == view.cells[0] or rows == view.cells[1]


@given(viewports, st.integers(1, 8), st.floats(0, 1), st.floats(0, 1))
def test_what_is_under_the_mouse_stays_under_it(view: Viewport, steps: int, x: float, y: float) -> None:
    """Within a cell for rounding, as long as no edge of the picture comes in."""
    for _ in range(steps):
        view = view.stepped(1)
    anchor = (x * view.cells[0], y * view.cells[1])
    closer = view.stepped(1, anchor)
    for axis in (0, 1):
        if view.grid[axis] <= view.cells[axis]:
            continue
        before = (view.offset[axis] + anchor[axis]) * view.cell[axis] / view.zoom
        after = (closer.offset[axis] + anchor[axis]) * view.cell[axis] / closer.zoom
        assert abs(before - after) * closer.zoom / view.cell[axis] <= 1.01


@given(viewports)
def test_steps_out_undo_steps_in_and_both_end(view: Viewport) -> None:
    zooms = [view.zoom]
    while (closer := view.stepped(1)).zoom > view.zoom:
        view = closer
        zooms.append(view.zoom)
    assert len(zooms) < 60
    assert view.zoom == view.most
    for zoom in reversed(zooms[:-1]):
        view = view.stepped(-1)
        assert view.zoom == pytest.approx(zoom)
    assert view.fits


@given(viewports, st.integers(1, 8), st.integers(-5, 5), st.integers(-5, 5))
def test_a_pan_moves_by_exactly_its_cells_until_the_edge(view: Viewport, steps: int, across: int, down: int) -> None:
    for _ in range(steps):
        view = view.stepped(1)
    to = view.panned(across, down)
    for axis, by in ((0, across), (1, down)):
        room = view.grid[axis] - view.cells[axis]
        expected = min(max(0, room), max(0, view.offset[axis] + by)) if room > 0 else view.offset[axis]
        assert to.offset[axis] == expected


@given(viewports, st.floats(0, 1), st.integers(20, 300), st.integers(100, 40_000))
def test_a_window_has_what_is_seen_and_keeps_its_limits(view: Viewport, margin: float, side: int, area: int) -> None:
    view = view.zoomed(view.fit_zoom * 3)
    window = view.window(margin, side, area)
    assert window.holds(view.visible)
    assert Window(0, 0, *view.grid).holds(window)
    assert window == view.visible or (max(window.columns, window.rows) <= side and window.area <= area)


@given(viewports, st.tuples(sides, sides), st.integers(0, 8), st.integers(-50, 50))
def test_the_same_place_in_another_picture(view: Viewport, other: tuple[int, int], steps: int, by: int) -> None:
    for _ in range(steps):
        view = view.stepped(1)
    view = view.panned(by, by)
    there = Viewport.fitting(other, view.cells, view.cell).at(view.place)
    again = Viewport.fitting(view.picture, view.cells, view.cell).at(view.place)
    assert again.zoom == pytest.approx(view.zoom)
    assert again.offset == view.offset
    if there.zoom == pytest.approx(there.fit_zoom * view.place.scale):
        assert there.place.scale == pytest.approx(view.place.scale)


pairs = st.builds(
    lambda pictures, cells, cell: [Viewport.fitting(picture, cells, cell, pictures) for picture in pictures],
    st.tuples(st.tuples(sides, sides), st.tuples(sides, sides)),
    st.tuples(st.integers(1, 300), st.integers(1, 100)),
    st.sampled_from([PIXELS, HALF, (8.0, 17.0)]),
)


def alone(view: Viewport) -> Viewport:
    return Viewport.fitting(view.picture, view.cells, view.cell)


@given(pairs)
def test_two_fit_at_one_scale_as_large_as_both_are_whole(pair: list[Viewport]) -> None:
    assert pair[0].spread == pytest.approx(pair[1].spread)
    assert not any(view.overflows for view in pair)
    assert any(not view.gives_way and view.zoom == pytest.approx(alone(view).zoom) for view in pair)


@given(pairs, st.lists(st.tuples(st.booleans(), moves), max_size=12))
def test_two_that_are_looked_at_together_keep_one_scale_whichever_is_moved(pair: list[Viewport], steps) -> None:
    for second, step in steps:
        lead = moved(pair[second], step)
        other = pair[not second].resized(lead.cells, lead.cell)
        pair = [other.at(lead.place), lead] if second else [lead, other.at(lead.place)]
        assert pair[0].spread == pytest.approx(pair[1].spread)
        assert pair[0].fits == pair[1].fits
        for view in pair:
            assert Window(0, 0, *view.grid).holds(view.visible)


@given(viewports, st.integers(1, 9))
def test_two_of_one_ratio_fit_as_each_does_alone(view: Viewport, times: int) -> None:
    larger = (view.picture[0] * times, view.picture[1] * times)
    for picture in (view.picture, larger):
        fitting = Viewport.fitting(picture, view.cells, view.cell, (view.picture, larger))
        assert not fitting.gives_way
        assert fitting.zoom == pytest.approx(alone(fitting).zoom)
        assert fitting.grid == alone(fitting).grid


@given(pairs)
def test_one_to_one_can_be_reached_in_either_and_is_both_s_where_they_have_as_many_pixels(pair: list[Viewport]) -> None:
    for view in pair:
        assert view.exact().zoom == 1.0
    shapes = (pair[0].picture, pair[0].picture[::-1])
    lead, other = (Viewport.fitting(shape, (60, 35), PIXELS, shapes) for shape in shapes)
    assert other.at(lead.exact().place).zoom == 1.0


@given(pairs, st.floats(1, 20), st.sampled_from([0, 1]), st.sampled_from([-1, 1]))
def test_every_edge_of_both_is_reached_by_the_one_that_goes_on_furthest(
    pair: list[Viewport], closer: float, axis: int, way: int
) -> None:
    pair = [view.at(Place(closer)) for view in pair]
    furthest = max(pair, key=lambda view: view.grid[axis])
    by = [0, 0]
    by[axis] = way * 10_000_000
    place = together(pair, furthest.panned(*by).place)
    for view in pair:
        there = view.at(place)
        room = there.grid[axis] - there.cells[axis]
        if room > 0:
            # The last cell of the other may be one that it fills in part.
            assert abs(there.offset[axis] - (room if way > 0 else 0)) <= (view is not furthest)
    assert together(pair, place) == place


def test_together_with_nothing_a_place_stays() -> None:
    assert together([], Place(2, 0.1, 0.2)) == Place(2, 0.1, 0.2)


def test_one_to_one_is_a_pixel_for_a_pixel_and_a_step_of_its_own() -> None:
    view = Viewport.fitting((2752, 1536), (120, 38), PIXELS)
    assert view.zoom == pytest.approx(1080 / 2752)
    zooms = []
    while view.zoom < 2:
        view = view.stepped(1)
        zooms.append(view.zoom)
    assert 1.0 in zooms
    part = view.zoomed(1.0).part(view.zoomed(1.0).visible)
    assert (part.width, part.height) == (120 * 9, 38 * 18)


def test_a_picture_smaller_than_the_view_can_be_seen_at_its_own_size_in_the_middle() -> None:
    view = Viewport.fitting((90, 90), (120, 40), PIXELS)
    for _ in range(10):
        view = view.stepped(-1)
    assert view.zoom == 1.0
    assert view.grid == (10, 5)
    assert view.offset == (-55, -17)


@given(viewports, st.integers(1, 8), st.integers(-30, 30))
def test_there_is_always_room_to_move_in_a_new_window(view: Viewport, steps: int, by: int) -> None:
    """A window of half the margin and half the cells lies in the whole one, but where a side is at its limit."""
    for _ in range(steps):
        view = view.stepped(1)
    view = view.panned(by, by)
    assert view.window(0.5, 1 << 30, 24_000).holds(view.window(0.25, 1 << 30, 12_000))


def test_a_window_ends_where_the_picture_does() -> None:
    corner = Viewport.fitting((4000, 4000), (100, 50), PIXELS).zoomed(1.0).panned(9999, 9999)
    assert corner.visible.right == corner.window(0.5, 297, 24_000).right == ceil(4000 / 9)


def test_another_size_of_the_view_keeps_the_zoom_or_the_fit() -> None:
    view = Viewport.fitting((4000, 3000), (100, 50), PIXELS)
    assert view.resized((60, 20), PIXELS).fits
    closer = view.zoomed(1.0).panned(40, 10)
    smaller = closer.resized((60, 20), PIXELS)
    assert smaller.zoom == 1.0
    assert smaller.centre == pytest.approx(closer.centre)
    assert view.resized((0, 0), PIXELS).cells == (1, 1)


def test_a_place_is_the_middle_at_the_start() -> None:
    assert Viewport.fitting((300, 200), (80, 24), HALF).place == Place()
