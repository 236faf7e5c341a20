"""The painter: exact pixels, the same bytes for the same order, and pictures that follow the words."""

import io
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from tui.domain.options import MODELS
from tui.proxy.painting import Order, PaintingCancelled, paint, pixels_for
from tui.proxy.painting.indoors import EVERY_SCENE
from tui.proxy.painting.outlines import FIGURES
from tui.proxy.painting.references import shape_of
from tui.proxy.painting.words import plan

SMALL = (256, 160)

ONE_OF_EACH = {
    "mountains": "alpine peaks and a castle",
    "sea": "the ocean with a sailboat",
    "harbour": "a harbour at dusk",
    "desert": "desert dunes with a pyramid and a cactus",
    "forest": "a fox in a misty forest",
    "meadow": "a windmill in a lavender field",
    "city": "a robot in a city at night in the rain",
    "space": "a galaxy with a rocket",
    "underwater": "a coral reef with fish",
    "abstract": "abstract swirls of teal and gold",
    "geometric": "geometric bauhaus shapes",
    "still": "a cup of tea, books, a candle",
    "flower": "a pink peony",
    "portrait": "a portrait in the forest",
}


def painted(
    prompt: str, size: tuple[int, int] = SMALL, *, attempt: int = 0, references: tuple[bytes, ...] = ()
) -> Image.Image:
    order = Order(prompt, *size, attempt=attempt, references=references)
    return Image.open(io.BytesIO(paint(order))).convert("RGB")


def difference(first: Image.Image, second: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean) / 3


def test_every_published_size_is_the_size_ordered() -> None:
    for model in MODELS:
        for size, ratios in model.pixels.items():
            for ratio, pixels in ratios.items():
                assert pixels_for(model.id, ratio, size) == pixels


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["512", "1K", "2K", "4K", "8K"]))
def test_an_unknown_model_gets_the_sizes_area_in_the_ratios_shape(wide: int, tall: int, size: str) -> None:
    width, height = pixels_for("somebody/new-model", f"{wide}:{tall}", size)
    side = {"512": 512, "2K": 2048, "4K": 4096}.get(size, 1024)
    assert width * height == pytest.approx(side * side, rel=0.08)
    if 1 / 16 <= wide / tall <= 16:
        assert width / height == pytest.approx(wide / tall, rel=0.08)


@pytest.mark.parametrize("ratio", ["1:1", "9:16", "21:9", "1:8", "8:1"])
def test_the_picture_has_exactly_the_pixels_ordered(ratio: str) -> None:
    width, height = pixels_for("gemini-3.1-flash-image", ratio, "512")
    data = paint(Order("mountain lake at golden hour", width, height))
    assert Image.open(io.BytesIO(data)).size == (width, height)


@pytest.mark.parametrize(("prompt", "mime"), [("a cup of tea", "image/png"), ("mountain lake", "image/jpeg")])
def test_4k_is_painted_at_4k_and_not_enlarged(prompt: str, mime: str) -> None:
    picture = Image.open(io.BytesIO(paint(Order(prompt, 4096, 4096, mime))))
    assert picture.size == (4096, 4096)
    part = picture.crop((1536, 2048, 2560, 3072)).convert("RGB")
    enlarged = part.reduce(4).resize(part.size, Image.Resampling.BICUBIC)
    sharpest = max(high for _, high in ImageChops.difference(part, enlarged).getextrema())
    assert sharpest > 48, "edges finer than a quarter of the pixels, and not by grain alone"


@pytest.mark.parametrize("setting", sorted(EVERY_SCENE))
def test_every_setting_is_understood_and_painted_the_same_every_time(setting: str) -> None:
    prompt = ONE_OF_EACH[setting]
    assert plan(prompt).setting == setting
    order = Order(prompt, *SMALL)
    first = paint(order)
    assert first == paint(order)
    levels = ImageStat.Stat(Image.open(io.BytesIO(first)).convert("L"))
    assert levels.stddev[0] > 12, "strong shapes and contrast also at the size of a terminal"


def test_the_bytes_of_a_picture_do_not_change_from_process_to_process() -> None:
    order = Order("a red fox in fresh snow, morning light", 64, 40, "image/png")
    told = Image.open(io.BytesIO(paint(order))).convert("RGB").tobytes()
    script = (
        "import io; from PIL import Image; from tui.proxy.painting import Order, paint;"
        "import sys; order = Order('a red fox in fresh snow, morning light', 64, 40, 'image/png');"
        "sys.stdout.write(Image.open(io.BytesIO(paint(order))).convert('RGB').tobytes().hex())"
    )
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert bytes.fromhex(outcome.stdout) == told


def test_two_prompts_look_different_and_a_changed_word_keeps_the_composition() -> None:
    night = painted("a wolf in the forest at night")
    dawn = painted("a wolf in the forest at dawn")
    city = painted("a city at noon")
    assert difference(night, city) > 20
    assert difference(night, dawn) > 20
    assert plan("a wolf in the forest at night").frame == plan("a wolf in the forest at dawn").frame
    assert plan("a wolf in the forest at night").frame != plan("a bear in the forest at night").frame


def test_takes_of_one_prompt_differ() -> None:
    assert difference(painted("mountain lake", attempt=0), painted("mountain lake", attempt=1)) > 3


@cache
def _empty_meadow(size: tuple[int, int]) -> Image.Image:
    return painted("a meadow at noon", size)


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_every_figure_named_is_seen(name: str) -> None:
    size = (320, 240)
    bare, peopled = _empty_meadow(size), painted(f"a meadow at noon, {name}", size)
    assert name in plan(f"a meadow at noon, {name}").figures
    assert difference(bare, peopled) > 1


@pytest.mark.parametrize(
    "style", ["watercolor", "oil painting", "pixel art", "neon", "ink sketch", "noir", "vintage", "poster", "pastel"]
)
def test_every_style_shows(style: str) -> None:
    plain, styled = painted("a harbour at noon"), painted(f"a harbour at noon, {style}")
    assert difference(plain, styled) > 4


def test_a_colour_said_of_a_figure_stays_with_the_figure() -> None:
    assert plan("a red fox in a blue forest").figure_colour == (206, 44, 40)
    assert plan("a red fox in a blue forest").tint == (46, 98, 196)
    assert plan("golden hour").tint is None


def _reference() -> bytes:
    out = io.BytesIO()
    halves = Image.new("RGB", (320, 200), (230, 226, 210))
    halves.paste((40, 44, 60), (0, 100, 160, 200))
    halves.save(out, "PNG")
    return out.getvalue()


def test_an_edit_looks_like_the_picture_it_started_from() -> None:
    reference = _reference()
    source = Image.open(io.BytesIO(reference)).convert("RGB").resize(SMALL)
    edit = painted("add a balloon", references=(reference,))
    fresh = painted("add a balloon")
    assert difference(edit, source) < difference(fresh, source) / 2


def test_an_edit_to_night_is_darker_and_keeps_what_was_dark_dark() -> None:
    reference = _reference()
    day = Image.open(io.BytesIO(reference)).convert("L")
    night = painted("make it night", references=(reference,)).convert("L")
    assert ImageStat.Stat(night).mean[0] < ImageStat.Stat(day).mean[0] * 0.75
    left, right = night.crop((0, 100, 120, 140)), night.crop((140, 100, 250, 140))
    assert ImageStat.Stat(left).mean[0] < ImageStat.Stat(right).mean[0]


def test_a_second_reference_is_seen_too() -> None:
    second = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(second, "PNG")
    one = painted("together", references=(_reference(),))
    both = painted("together", references=(_reference(), second.getvalue()))
    assert difference(one, both) > 10


def test_odd_references_are_taken_as_they_are() -> None:
    for mode in ("1", "L", "LA", "P", "RGBA", "CMYK", "I;16"):
        out = io.BytesIO()
        Image.new(mode, (30, 20)).save(out, "TIFF" if mode == "CMYK" else "PNG")
        assert shape_of(out.getvalue()) == (30, 20)
        assert painted("improve it", (64, 64), references=(out.getvalue(),)).size == (64, 64)
    assert shape_of(b"\x89PNG\r\n\x1a\n but nothing else") is None


def test_a_painter_nobody_waits_for_stops_at_the_next_layer() -> None:
    looks = 0

    def has_left() -> bool:
        nonlocal looks
        looks += 1
        return looks > 5

    with pytest.raises(PaintingCancelled):
        paint(Order("mountain lake", *SMALL), has_left)
    assert looks == 6


@settings(max_examples=25)
@given(st.text(max_size=60), st.sampled_from([(8, 8), (96, 12), (12, 96), (40, 30)]))
def test_no_prompt_and_no_shape_is_too_odd_to_paint(prompt: str, size: tuple[int, int]) -> None:
    assert painted(prompt, size).size == size
