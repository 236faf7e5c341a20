import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from support.sample_pictures import dense_picture, plain_picture

from tui.imaging.quantise import exact, mapped, palettes_of
from tui.imaging.strips import strips_of


def error(one: Image.Image, other: Image.Image, *, blurred: bool = False) -> float:
    images = [each.filter(ImageFilter.GaussianBlur(1.5)) if blurred else each for each in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*images)).sum2)


@pytest.mark.parametrize("picture", [plain_picture(400), dense_picture(400)])
@pytest.mark.parametrize("colours", [64, 256])
def test_a_palette_is_nearer_to_the_picture_than_an_octree(picture: Image.Image, colours: int) -> None:
    palette = palettes_of(picture, [colours])[colours]
    ours = mapped(picture, palette).convert("RGB")
    octree = picture.quantize(colours, Image.Quantize.FASTOCTREE).convert("RGB")
    assert error(picture, ours) < 0.6 * error(picture, octree)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 300), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_no_palette_is_larger_than_asked(width: int, height: int, different: int, seed: int) -> None:
    chance = random.Random(seed)
    few = [tuple(chance.randbytes(3)) for _ in range(different)]
    image = Image.new("RGB", (width, height))
    image.putdata([chance.choice(few) for _ in range(width * height)])
    for count, palette in palettes_of(image, [2, 16, 256]).items():
        assert 1 <= len(palette) <= count
        reduced = mapped(image, palette)
        assert reduced.mode == "P"
        assert max(reduced.tobytes()) < len(palette)
    own = exact(image, 256)
    colours = image.getcolors(65536)
    assert (own is None) == (len(colours) > 256)
    if own is not None:
        assert own[0].convert("RGB").tobytes() == image.tobytes()
        assert len(own[1]) == len(colours)
        assert np.bincount(np.asarray(own[0]).ravel(), minlength=len(colours)).tolist() == sorted(
            (count for count, _ in colours), reverse=True
        )


def test_the_more_is_diffused_the_fewer_bands_are_seen_from_afar() -> None:
    picture = plain_picture(400)
    palette = palettes_of(picture, [64])[64]
    errors = [error(picture, mapped(picture, palette, k).convert("RGB"), blurred=True) for k in (0, 0.35, 0.7, 1)]
    assert errors == sorted(errors, reverse=True)


def test_strips_are_whole_bands_from_all_over_the_picture() -> None:
    image = Image.fromarray(np.arange(900, dtype=np.int32)[:, None].repeat(100, axis=1))
    rows = np.asarray(strips_of(image))[:, 0]
    assert 60 <= len(rows) <= 90
    assert len(rows) % 6 == 0
    assert (rows[::6] % 6 == 0).all()
    assert rows[0] < 180
    assert rows[-1] > 720
    assert strips_of(image.crop((0, 0, 100, 100))).size == (100, 100)
