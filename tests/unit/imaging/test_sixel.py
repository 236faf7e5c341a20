import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from support.sample_pictures import dense_picture, plain_picture

from tui.imaging.picture import Stale
from tui.imaging.sixel import SixelPicture, encode
from tui.imaging.sixel_bands import packed, slices


def decoded(data: str) -> Image.Image:
    """A Sixel string as pixels, by the manual: colours in percent, six rows a band, `$` back, `-` down."""
    head = re.match(r'\x1bP0;1;0q"1;1;(\d+);(\d+)', data)
    assert head is not None
    assert data.endswith("\x1b\\")
    colours = np.zeros((256, 4), np.uint8)

    def define(found: re.Match[str]) -> str:
        colours[int(found[1])] = (*(round(int(part) * 255 / 100) for part in found.group(2, 3, 4)), 255)
        return ""

    body = re.sub(r"#(\d+);2;(\d+);(\d+);(\d+)", define, data[head.end() : -2])
    indexes = unpacked(body, int(head[1]), int(head[2]))
    return Image.fromarray(np.where((indexes >= 0)[..., None], colours[indexes], 0).astype(np.uint8))


def unpacked(bands: str, width: int, height: int) -> np.ndarray:
    """Which colour is in each pixel, -1 where none is. Nothing may be drawn outside of the picture."""
    canvas = np.full((height, width), -1)
    colour = x = top = 0
    for found in re.finditer(r"#(\d+)|(?:!(\d+))?([?-~])|([$-])", bands):
        if found[1]:
            colour = int(found[1])
        elif found[4]:
            x, top = 0, top + (6 if found[4] == "-" else 0)
        else:
            bits, length = ord(found[3]) - 63, int(found[2] or 1)
            rows = [top + bit for bit in range(6) if bits >> bit & 1]
            assert not rows or (rows[-1] < height and x + length <= width)
            canvas[rows, x : x + length] = colour
            x += length
    return canvas


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
    defined = {number for tile in picture.tiles for number in re.findall(r"#(\d+);2;", tile.data)}
    assert 1 < len(defined) <= min(colours, 256)


def test_equal_columns_are_written_once() -> None:
    picture = encode(Image.new("RGB", (600, 600), (255, 0, 0)), (60, 30), (10, 20), background=(0, 0, 0))
    assert len(picture.tiles[0].data) < 1500


def test_an_encoding_that_nobody_waits_for_ends() -> None:
    with pytest.raises(Stale):
        encode(Image.new("RGB", (60, 60)), (6, 3), (10, 20), background=(0, 0, 0), stale=lambda: True)


@given(
    st.integers(1, 90),
    st.integers(1, 40),
    st.integers(1, 256),
    st.tuples(st.integers(1, 30), st.integers(1, 9)),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=150, deadline=None)
def test_bands_give_back_every_pixel_whatever_the_picture(width, height, colours, block, seed) -> None:
    few = np.random.default_rng(seed).integers(0, colours, (height, width), np.uint8)
    pixels = few.repeat(block[0], axis=1).repeat(block[1], axis=0)
    height, width = pixels.shape
    text = b"-".join(packed(pixels[top:bottom]) for top, bottom in slices(width, height)).decode()
    assert np.array_equal(unpacked(text, width, height), pixels)


def test_what_is_under_other_colours_is_drawn_in_blocks() -> None:
    pixels = np.full((60, 400), 7, np.uint8)
    pixels[::3, 5:395:2] = np.arange(195, dtype=np.uint8)
    assert packed(pixels[:6]).startswith(b"#7!400~$")


@pytest.mark.parametrize(("picture", "most"), [(plain_picture, 0.5), (dense_picture, 0.85)])
def test_at_first_sight_bytes_are_few(picture, most: float) -> None:
    assert length(sent(picture(780), "first")) < most * 780 * 780


@pytest.mark.parametrize("look", ["first", "best"])
def test_of_a_picture_that_nothing_makes_small_no_tile_is_long(look) -> None:
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 256, (320, 480, 3), np.uint8))
    tiles = encode(noise, (48, 16), (10, 20), background=(0, 0, 0), look=look).tiles
    # A key waits for no more than one: a tenth of a second on a line of 256 kbit/s.
    assert max(len(tile.data) for tile in tiles) < 4000


@pytest.mark.parametrize("picture", [plain_picture(240), dense_picture(240)])
def test_the_best_look_is_nearer_to_the_picture_within_its_bytes(picture: Image.Image) -> None:
    first, best = (sent(picture, look) for look in ("first", "best"))
    assert length(first) < length(best) < 1.4 * 240 * 240
    assert seen_error(picture, best) < seen_error(picture, first) * 0.7


def test_in_a_small_picture_no_tile_stands_out() -> None:
    down, across = np.mgrid[0:128, 0:224]
    sky = np.stack([90 + down / 2 + across / 10, 130 + down * 0.4, 220 - down / 4], axis=-1)
    grain = np.random.default_rng(7).normal(0, 2, (128, 224, 1))
    image = Image.fromarray((sky + grain).astype(np.uint8))
    drawn = rebuilt(encode(image, (28, 8), (8, 16), background=(0, 0, 0)), (8, 16)).convert("RGB")
    blurred = [each.filter(ImageFilter.GaussianBlur(3)) for each in (image, drawn)]
    assert max(high for _, high in ImageChops.difference(*blurred).getextrema()) <= 8


def test_a_gradient_keeps_its_grain_lest_its_tiles_be_seen() -> None:
    sky = np.mgrid[0:360, 0:360][0][..., None] * (0.1, 0.08, 0.05) + (200, 180, 150)
    grain = np.random.default_rng(7).normal(0, 1.5, (360, 360, 1))
    picture = encode(Image.fromarray((sky + grain).astype(np.uint8)), (36, 18), (10, 20), background=(0, 0, 0))
    assert min(tile.data.count(";2;") for tile in picture.tiles) > 1


def test_a_picture_of_few_colours_has_exactly_these() -> None:
    image = plain_picture(120).quantize(30).convert("RGB")
    drawn = rebuilt(sent(image, "best"), (1, 1)).convert("RGB")
    # Sixel has colours in percent.
    assert max(high for _, high in ImageChops.difference(drawn, image).getextrema()) <= 2


def sent(image: Image.Image, look) -> SixelPicture:
    return encode(image, image.size, (1, 1), background=(0, 0, 0), look=look)


def length(picture: SixelPicture) -> int:
    return sum(len(tile.data) for tile in picture.tiles)


def seen_error(image: Image.Image, picture: SixelPicture) -> float:
    """Mean square of what differs from some way off."""
    drawn = rebuilt(picture, picture.cell).convert("RGB")
    blurred = (each.filter(ImageFilter.GaussianBlur(1.5)) for each in (image, drawn))
    return sum(ImageStat.Stat(ImageChops.difference(*blurred)).sum2) / (image.width * image.height * 3)


def test_where_a_terminal_has_few_colours_gradients_are_diffused() -> None:
    image = plain_picture(240)
    picture = encode(image, (24, 12), (10, 20), background=(0, 0, 0), colours=16)
    plain = image.quantize(16, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    blurred = [each.filter(ImageFilter.GaussianBlur(1.5)) for each in (image, plain)]
    flat = sum(ImageStat.Stat(ImageChops.difference(*blurred)).sum2) / (240 * 240 * 3)
    assert seen_error(image, picture) < flat / 2
