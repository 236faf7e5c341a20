import io
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.color import Color, ColorSystem, ColorType

from tui.imaging.cache import ByteCache
from tui.imaging.shades import VGA, console_colours
from tui.imaging.symbols import GRIDS, glyph_set, sextant
from tui.imaging.text import Run, grid, pictured

GLYPHS = sorted(GRIDS)
WHITE = (255, 255, 255)
BLACK = (0, 0, 0)


def picture_of(width: int, height: int, samples: bytes) -> Image.Image:
    wanted = width * height * 3
    return Image.frombytes("RGB", (width, height), (samples * (wanted // len(samples) + 1))[:wanted])


def cells_of(image: Image.Image, **wishes: Any) -> list[list[Run]]:
    """A run for each cell, whatever its neighbours are."""
    return [[run._replace(text=text) for run in row for text in run.text] for row in pictured(image, **wishes)]


def photograph(size: tuple[int, int]) -> Image.Image:
    """Gradients, noise and shapes, the same every time."""
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    noise = np.random.default_rng(5).normal(0, 8, (size[1], size[0], 1))
    waves = np.stack([120 + 100 * np.sin(6 * across + 3 * down), 20 + 200 * down, 120 + 90 * np.cos(5 * across)], -1)
    waves[(across - 0.4) ** 2 + (down - 0.5) ** 2 < 0.04] = (250, 220, 90)
    return Image.fromarray((waves + noise).clip(0, 255).astype(np.uint8))


def drawn(rows: list[list[Run]], glyphs: str) -> np.ndarray:
    """The pixels that the cells show, as many a cell as the picture had."""
    across, down = GRIDS[glyphs]
    masks = dict(zip(glyph_set(glyphs).texts, glyph_set(glyphs).masks, strict=True))
    lines = []
    for row in rows:
        cells = [
            np.where(masks[cell.text].reshape(down, across, 1) > 0, cell.foreground, cell.background) for cell in row
        ]
        lines.append(np.concatenate(cells, axis=1))
    return np.concatenate(lines).astype(float)


def sent(rows: list[list[Run]]) -> int:
    """Bytes on the wire, colours set only where they change."""
    out, now = io.StringIO(), (None, None)
    for row in rows:
        for cell in row:
            changes = [
                f"{code};2;{colour[0]};{colour[1]};{colour[2]}"
                for code, colour, before in zip((38, 48), cell[1:], now, strict=True)
                if colour != before
            ]
            out.write(f"\x1b[{';'.join(changes)}m{cell.text}" if changes else cell.text)
            now = cell[1:]
        out.write("\n")
    return len(out.getvalue().encode())


def test_a_half_block_is_two_pixels() -> None:
    image = Image.new("RGB", (2, 4))
    image.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), WHITE, BLACK, (255, 0, 255), BLACK, (255, 0, 255)])
    first, second = cells_of(image, glyphs="half", thrift=0)
    assert [{cell.foreground, cell.background} for cell in first] == [{(255, 0, 0), (0, 0, 255)}, {(0, 255, 0), WHITE}]
    assert [(cell.text, cell.background) for cell in second] == [(" ", BLACK), (" ", (255, 0, 255))]
    assert drawn([first, second], "half").astype(int).tolist() == np.asarray(image).tolist()


@given(st.sampled_from(GLYPHS), st.integers(1, 9), st.integers(1, 5), st.binary(min_size=1, max_size=300))
@settings(deadline=None)
def test_without_thrift_each_colour_of_a_cell_is_the_mean_of_its_pixels(
    glyphs: str, columns: int, rows: int, samples: bytes
) -> None:
    across, down = GRIDS[glyphs]
    image = picture_of(columns * across, rows * down, samples)
    cells = cells_of(image, glyphs=glyphs, thrift=0)
    assert [len(row) for row in cells] == [columns] * rows
    pixels = np.asarray(image, float).reshape(rows, down, columns, across, 3).transpose(0, 2, 1, 3, 4)
    pixels = pixels.reshape(rows, columns, down * across, 3)
    masks = dict(zip(glyph_set(glyphs).texts, glyph_set(glyphs).masks, strict=True))
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            mask = masks[cell.text] > 0
            for colour, inside in ((cell.foreground, pixels[y, x][mask]), (cell.background, pixels[y, x][~mask])):
                if len(inside):
                    assert np.abs(inside.mean(axis=0) - colour).max() <= 0.51


@given(st.sampled_from(GLYPHS), st.sampled_from(["true", "256", "16", "none"]), st.integers(1, 30), st.integers(1, 60))
@settings(deadline=None, max_examples=60)
def test_a_picture_of_any_size_fills_whole_cells(glyphs: str, depth: str, width: int, height: int) -> None:
    across, down = grid(glyphs, depth)
    rows = cells_of(Image.new("RGB", (width, height), "teal"), glyphs=glyphs, depth=depth)
    assert len(rows) == -(-height // down)
    assert {len(row) for row in rows} == {-(-width // across)}
    assert all(len(cell.text) == 1 for row in rows for cell in row)


@pytest.mark.parametrize("glyphs", GLYPHS)
def test_every_symbol_of_a_font_is_found_again_where_it_is_drawn(glyphs: str) -> None:
    symbols = glyph_set(glyphs)
    across, down = GRIDS[glyphs]
    for text, mask in zip(symbols.texts[1:-1], symbols.masks[1:-1], strict=True):
        image = Image.fromarray((mask.reshape(down, across, 1) * (200, 100, 50)).astype(np.uint8))
        cells = cells_of(image, glyphs=glyphs)
        assert drawn(cells, glyphs).tolist() == np.asarray(image).tolist(), text


@pytest.mark.parametrize("glyphs", GLYPHS)
def test_an_opposite_fills_what_a_symbol_leaves(glyphs: str) -> None:
    symbols = glyph_set(glyphs)
    for mask, place in zip(symbols.masks, symbols.opposite, strict=True):
        others = [number for number, other in enumerate(symbols.masks) if ((mask + other) == 1).all()]
        assert [place] == (others or [-1])


def test_the_symbols_are_those_that_fonts_know_by_these_shapes() -> None:
    assert glyph_set("half").texts == (" ", "▀", "▄", "█")
    assert set(glyph_set("quadrant").texts) == set(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█▁▂▃▅▆▇▎▊")
    assert [sextant(mask) for mask in (0, 1, 20, 21, 22, 42, 43, 62, 63)] == list(" 🬀🬓▌🬔▐🬨🬻█")


@pytest.mark.parametrize("glyphs", GLYPHS)
def test_thrift_saves_bytes_for_a_loss_that_is_not_seen(glyphs: str) -> None:
    across, down = GRIDS[glyphs]
    image = photograph((60 * across, 30 * down))
    full, thrifty = (cells_of(image, glyphs=glyphs, thrift=thrift) for thrift in (0, 12))
    assert sent(thrifty) < 0.6 * sent(full)
    before, after = (((drawn(cells, glyphs) - np.asarray(image)) ** 2).mean() for cells in (full, thrifty))
    # 35 dB from the full one.
    assert after - before < 20


def numbers(cells: list[list[Run]], system: ColorSystem) -> set[Color]:
    return {
        Color.from_rgb(*colour).downgrade(system)
        for row in cells
        for cell in row
        for colour in (cell.foreground, cell.background)
    }


def test_the_16_colours_reach_the_terminal_as_themselves() -> None:
    for number, colour in enumerate(VGA):
        assert Color.from_rgb(*colour).downgrade(ColorSystem.STANDARD).number == number
    cells = cells_of(photograph((80, 60)), depth="16")
    assert {colour for row in cells for cell in row for colour in cell[1:]} <= set(VGA)
    assert {cell.background for row in cells for cell in row} <= set(VGA[:8])
    assert all(colour.type is ColorType.STANDARD for colour in numbers(cells, ColorSystem.STANDARD))


@pytest.mark.parametrize("number", range(16))
def test_a_colour_of_the_console_is_not_mixed(number: int) -> None:
    image = Image.new("RGB", (8, 8), tuple(int(sample) for sample in console_colours()[number]))
    cells = cells_of(image, depth="16")
    wanted = Run(" ", VGA[number], VGA[number]) if number < 8 else Run("█", VGA[number], BLACK)
    assert {cell for row in cells for cell in row} == {wanted}


def test_in_16_colours_a_picture_keeps_its_light_from_afar() -> None:
    ramp = Image.merge("RGB", [Image.linear_gradient("L").resize((64, 96))] * 3)
    parts = {" ": 0, "█": 1, "░": 0.25, "▒": 0.5, "▓": 0.75, "▀": 0.5, "▄": 0.5}
    light = []
    for row in cells_of(ramp, depth="16"):
        shown = [
            parts[cell.text] * (cell.foreground[1] / 255) ** 2.2
            + (1 - parts[cell.text]) * (cell.background[1] / 255) ** 2.2
            for cell in row
        ]
        light.append(sum(shown) / len(shown))
    assert all(later > earlier - 0.12 for earlier, later in pairwise(light))
    assert light[0] < 0.02
    assert light[-1] > 0.9


@pytest.mark.parametrize("grey", [20, 40, 60, 100, 120, 140, 190, 220])
def test_an_even_grey_between_shades_is_right_from_afar(grey: int) -> None:
    seen = {name: look[0] for name, look in zip(VGA, console_colours(), strict=True)}
    parts = {" ": 0, "█": 1, "░": 0.25, "▒": 0.5, "▓": 0.75, "▀": 0.5, "▄": 0.5}
    light = [
        parts[cell.text] * (seen[cell.foreground] / 255) ** 2.2
        + (1 - parts[cell.text]) * (seen[cell.background] / 255) ** 2.2
        for row in cells_of(Image.new("RGB", (40, 80), (grey, grey, grey)), depth="16")
        for cell in row
    ]
    assert sum(light) / len(light) == pytest.approx((grey / 255) ** 2.2, abs=0.012)


def test_256_colours_reach_the_terminal_as_those_that_were_chosen() -> None:
    cube = (0, 95, 135, 175, 215, 255)
    ramp = Image.linear_gradient("L").resize((64, 128))
    cells = cells_of(
        Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM), Image.new("L", ramp.size, 135))),
        depth="256",
    )
    for row in cells:
        for cell in row:
            for colour in (cell.foreground, cell.background):
                if len(set(colour)) > 1:
                    number = Color.from_rgb(*colour).downgrade(ColorSystem.EIGHT_BIT).number
                    red, green, blue = (cube.index(sample) for sample in colour)
                    assert number == 16 + 36 * red + 6 * green + blue
    greys = cells_of(Image.merge("RGB", [ramp] * 3), depth="256")
    found = {colour.number for colour in numbers(greys, ColorSystem.EIGHT_BIT)}
    assert found == {16, *range(232, 256), 231}


def test_without_colours_a_picture_is_shades_of_the_terminals_own() -> None:
    ramp = Image.merge("RGB", [Image.linear_gradient("L").resize((20, 40))] * 3)
    dark, light = (cells_of(ramp, depth="none", light=light) for light in (False, True))
    assert {cell[1:] for row in dark for cell in row} == {(None, None)}
    assert dark[0][0].text == light[-1][0].text == " "
    assert dark[-1][0].text == light[0][0].text == "█"
    assert {"░", "▒", "▓"} <= {cell.text for row in dark for cell in row}


@pytest.mark.parametrize("depth", ["true", "256", "16", "none"])
def test_neighbours_in_the_same_colours_are_written_in_one_go(depth: str) -> None:
    for row in pictured(photograph((80, 60)), depth=depth):
        assert all(one[1:] != next_one[1:] for one, next_one in pairwise(row))


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
