import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tui.imaging.cache import ByteCache
from tui.imaging.halfblocks import QUADRANTS, Cell, halfblocks, quadrants


def test_a_half_block_is_two_pixels() -> None:
    image = Image.new("RGB", (2, 3))
    image.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (255, 0, 255)])
    assert halfblocks(image) == [
        [Cell("▀", (255, 0, 0), (0, 0, 255)), Cell("▀", (0, 255, 0), (255, 255, 255))],
        [Cell("▀", (0, 0, 0), None), Cell("▀", (255, 0, 255), None)],
    ]


@given(st.integers(1, 12), st.integers(1, 12), st.binary(min_size=432, max_size=432), st.booleans())
def test_colours_stay_near_and_rows_complete(width: int, height: int, samples: bytes, truecolour: bool) -> None:
    image = Image.frombytes("RGB", (width, height), samples[: width * height * 3])
    rows = halfblocks(image, truecolour=truecolour)
    assert [len(row) for row in rows] == [width] * ((height + 1) // 2)
    if truecolour:
        for x in range(width):
            told = rows[0][x].foreground
            assert all(abs(one - other) <= 5 for one, other in zip(told, image.getpixel((x, 0)), strict=True))


def test_256_colour_terminals_get_their_own_colours_only() -> None:
    image = Image.merge("RGB", [Image.linear_gradient("L")] * 3)
    levels = {0, 95, 135, 175, 215, 255} | set(range(8, 239, 10))
    cells = [cell for row in halfblocks(image, truecolour=False) for cell in row]
    assert {sample for cell in cells for sample in (*cell.foreground, *cell.background)} <= levels


@pytest.mark.parametrize("mask", range(16))
def test_a_quadrant_symbol_fills_the_quarters_that_are_brighter(mask: int) -> None:
    image = Image.new("RGB", (2, 2))
    image.putdata([(255, 255, 255) if mask >> bit & 1 else (0, 0, 0) for bit in range(4)])
    ((cell,),) = quadrants(image)
    if mask in (0, 15):
        # One colour only: blank over that colour.
        assert (cell.text, cell.background) == (" ", (255, 255, 255) if mask else (0, 0, 0))
    else:
        assert cell == Cell(QUADRANTS[mask], (255, 255, 255), (0, 0, 0))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60))
def test_the_cache_never_holds_more_than_its_limit_and_keeps_the_newest(steps: list[tuple[int, int]]) -> None:
    cache: ByteCache[int] = ByteCache(100)
    held: dict[int, int] = {}
    for key, size in steps:
        cache.put(key, size, size)
        held.pop(key, None)
        held[key] = size
        while sum(held.values()) > 100:
            held.pop(next(iter(held)))
        assert cache.size == sum(held.values()) <= 100
        assert {key for key in range(10) if cache.get(key) is not None} == set(held)
        held = {key: held[key] for key in sorted(held)}


def test_a_value_larger_than_the_limit_is_not_kept() -> None:
    cache: ByteCache[str] = ByteCache(10)
    cache.put("a", "small", 5)
    cache.put("b", "large", 11)
    assert cache.get("a") == "small"
    assert cache.get("b") is None
