import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from tui.imaging.picture import Stale
from tui.imaging.sixel import encode


def decoded(data: str) -> Image.Image:
    """A Sixel string as pixels, by the manual: colours in percent, six rows a band, `$` back, `-` down."""
    head = re.match(r'\x1bP0;1;0q"1;1;(\d+);(\d+)', data)
    assert head is not None
    assert data.endswith("\x1b\\")
    image = Image.new("RGBA", (int(head[1]), int(head[2])))
    colours: dict[str, tuple[int, ...]] = {}
    colour, x, top = "", 0, 0
    token = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|([$-])")
    for found in token.finditer(data, head.end(), len(data) - 2):
        if found[1]:
            colours[found[1]] = (*(round(int(part) * 255 / 100) for part in found.group(2, 3, 4)), 255)
        elif found[5]:
            colour = found[5]
        elif found[9]:
            x, top = 0, top + (6 if found[9] == "-" else 0)
        else:
            bits, length = ord(found[7] or found[8]) - 63, int(found[6] or 1)
            for column in range(x, x + length):
                for bit in range(6):
                    if bits >> bit & 1:
                        image.putpixel((column, top + bit), colours[colour])
            x += length
    return image


def rebuilt(picture, cell: tuple[int, int]) -> Image.Image:
    whole = Image.new("RGBA", (picture.columns * cell[0], picture.rows * cell[1]))
    for tile in picture.tiles:
        whole.paste(decoded(tile.data), (tile.column * cell[0], tile.row * cell[1]))
    return whole


@given(
    st.tuples(st.integers(1, 6), st.integers(1, 5)),
    st.tuples(st.integers(2, 9), st.integers(2, 15)),
    st.sampled_from([(0, 0), (20, 20), (11, 400), (1, 1)]),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_what_a_terminal_draws_is_the_picture_whatever_its_limit(cells, cell, limit, random) -> None:
    size = cells[0] * cell[0], cells[1] * cell[1]
    colours = [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 153, 51)]
    image = Image.new("RGB", size)
    image.putdata([random.choice(colours) for _ in range(size[0] * size[1])])
    picture = encode(image, cells, cell, background=(0, 0, 0), limit=limit)
    drawn = rebuilt(picture, cell)
    assert drawn.getextrema()[3] == (255, 255), "a pixel was left out"
    error = ImageStat.Stat(ImageChops.difference(drawn.convert("RGB"), image))
    assert max(error.mean) < 12
    if limit[0] >= cell[0] and limit[1] >= cell[1]:
        assert all(decoded(tile.data).width <= limit[0] for tile in picture.tiles)
        assert all(decoded(tile.data).height <= limit[1] for tile in picture.tiles)


def test_the_picture_is_centred_in_its_cells_over_the_background() -> None:
    picture = encode(Image.new("RGB", (10, 10), (255, 255, 255)), (3, 2), (6, 8), background=(0, 0, 0))
    drawn = rebuilt(picture, (6, 8)).convert("RGB")
    assert ImageChops.difference(drawn, Image.new("RGB", (18, 16))).getbbox() == (4, 3, 14, 13)


@pytest.mark.parametrize("colours", [2, 16, 256, 1024])
def test_no_more_colours_than_the_terminal_has(colours: int) -> None:
    image = Image.merge("RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L")])
    picture = encode(image, (32, 32), (8, 8), background=(0, 0, 0), colours=colours)
    defined = set(re.findall(r"#(\d+);2;", picture.tiles[0].data))
    assert 1 < len(defined) <= min(colours, 256)


def test_equal_columns_are_written_once() -> None:
    picture = encode(Image.new("RGB", (600, 600), (255, 0, 0)), (60, 30), (10, 20), background=(0, 0, 0))
    assert len(picture.tiles[0].data) < 1500


def test_an_encoding_that_nobody_waits_for_ends() -> None:
    with pytest.raises(Stale):
        encode(Image.new("RGB", (60, 60)), (6, 3), (10, 20), background=(0, 0, 0), stale=lambda: True)
