from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tui.imaging import source as room
from tui.imaging.picture import Part, PictureError, PictureInfo, Stale
from tui.imaging.prepare import inspect, prepare, reduced, refit
from tui.imaging.source import Frame, Source, frames

BLACK = (0, 0, 0)
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""What a camera does to an upright picture before it stores it with this orientation."""


def scene(size: tuple[int, int] = (90, 60)) -> Image.Image:
    """No two places look alike: red goes across, green goes down, blue is a wave of both."""
    across, down = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    return Image.fromarray(np.stack([across, down, 127 + 127 * np.sin((across + down) / 40)], -1).astype(np.uint8))


def saved(folder: Path, image: Image.Image, name: str = "picture.png", **options: object) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def apart(one: Image.Image, other: Image.Image) -> float:
    """The largest difference of a sample."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one, float) - np.asarray(other.convert("RGB"), float)).max())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("open_source", [False, True], ids=["prepare", "source"])
def test_a_part_is_a_part_of_the_upright_picture(tmp_path: Path, orientation: int, open_source: bool) -> None:
    upright = scene()
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(TURNS[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path, stored, exif=exif)
    for box, size in (((20, 10, 50, 30), (30, 20)), ((0, 0, 90, 60), (45, 30)), ((60, 40, 90, 60), (60, 40))):
        part = Part(*(float(side) for side in box))
        if open_source:
            shown = Source.open(path).crop(part, size, BLACK)
        else:
            shown = prepare(path, size, background=BLACK, part=part).image
        assert apart(shown, upright.resize(size, Image.Resampling.LANCZOS, box=box)) <= 12


def test_what_lies_outside_of_the_picture_is_background(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("RGB", (40, 20), "red"))
    shown = prepare(path, (60, 60), background=(1, 2, 3), part=Part(-10, -20, 50, 40)).image
    assert shown.getbbox() == (0, 0, 60, 60)
    assert [shown.getpixel(place) for place in ((30, 30), (12, 21), (30, 10), (30, 45), (5, 30), (55, 30))] == [
        (255, 0, 0),
        (255, 0, 0),
        *[(1, 2, 3)] * 4,
    ]
    away = prepare(path, (8, 8), background=(1, 2, 3), part=Part(100, 100, 140, 140)).image
    assert away.getcolors() == [(64, (1, 2, 3))]


sides = st.floats(-200, 200, width=32)


@given(sides, sides, sides, sides, st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_part_fills_the_box_exactly(
    tmp_path: Path, left: float, top: float, right: float, bottom: float, width: int, height: int
) -> None:
    path = tmp_path / "scene.png"
    if not path.exists():
        scene().save(path)
    shown = prepare(path, (width, height), background=BLACK, part=Part(left, top, right, bottom)).image
    assert (shown.size, shown.mode) == ((width, height), "RGB")


def test_one_to_one_is_the_very_pixels_and_far_in_they_are_squares(tmp_path: Path) -> None:
    path = saved(tmp_path, scene())
    source = Source.open(path)
    assert apart(source.crop(Part(10, 10, 30, 20), (20, 10), BLACK), scene().crop((10, 10, 30, 20))) == 0
    near = source.crop(Part(10, 10, 14, 12), (40, 20), BLACK)
    assert apart(near, scene().crop((10, 10, 14, 12)).resize((40, 20), Image.Resampling.NEAREST)) == 0


def test_a_jpeg_is_decoded_as_large_as_the_part_needs(tmp_path: Path) -> None:
    path = saved(tmp_path, scene((1600, 800)), "a.jpg", quality=95)
    near = prepare(path, (100, 100), background=BLACK, part=Part(800, 400, 900, 500)).image
    assert apart(near, scene((1600, 800)).crop((800, 400, 900, 500))) <= 12


def test_a_thumbnail_stands_for_its_picture(tmp_path: Path) -> None:
    info = PictureInfo(900, 600, "image/png")
    small, part = scene((90, 60)), Part(100, 100, 500, 300)
    shown = refit(small, info, (80, 40), background=BLACK, part=part)
    assert apart(shown.image, small.resize((80, 40), Image.Resampling.LANCZOS, box=(10, 10, 50, 30))) <= 12
    assert refit(small, info, (300, 300), background=BLACK).image.size == (300, 200)
    text = refit(small, info, (40, 48), background=BLACK, pixel_aspect=0.5, multiple=(4, 8)).image
    assert (text.width % 4, text.height % 8) == (0, 0)


def test_reduced_keeps_transparency_and_says_when_there_is_none(tmp_path: Path) -> None:
    half = Image.new("RGBA", (80, 40), (255, 0, 0, 255))
    opaque, info = reduced(saved(tmp_path, half, "opaque.png"), 20)
    assert (opaque.mode, opaque.size, info.transparent) == ("RGB", (20, 10), False)
    half.paste((0, 0, 0, 0), (0, 0, 40, 40))
    clear, info = reduced(saved(tmp_path, half, "clear.png"), 200)
    assert (clear.mode, clear.size, info.transparent) == ("RGBA", (80, 40), True)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "1"])
def test_what_is_converted_by_strips_is_the_picture_that_it_was(tmp_path: Path, mode: str) -> None:
    deep = scene((620, 901))
    if mode in ("RGBA", "LA"):
        deep = deep.convert("RGB" if mode == "RGBA" else "L")
        deep.putalpha(Image.linear_gradient("L").resize(deep.size))
    elif mode == "I;16":
        deep = Image.fromarray(np.asarray(deep.convert("L")).astype(np.uint16) * 256)
    else:
        deep = deep.quantize(16) if mode == "P" else deep.convert("1")
    assert deep.mode == mode
    path = saved(tmp_path, deep)
    plain = deep.point(lambda sample: sample / 256).convert("L") if mode == "I;16" else deep
    small = plain.convert("RGBA").resize((124, 180), Image.Resampling.LANCZOS)
    flat = Image.new("RGBA", small.size, (10, 90, 30))
    flat.alpha_composite(small)
    shown = prepare(path, (124, 180), background=(10, 90, 30)).image
    difference = np.abs(np.asarray(shown, float) - np.asarray(flat.convert("RGB"), float))
    assert difference.mean() < (1.5 if mode != "1" else 6)
    # No row is missing, doubled or out of its place.
    assert difference.mean(axis=(1, 2)).max() < (4 if mode != "1" else 12)


def test_a_part_of_a_transparent_picture_is_that_part(tmp_path: Path) -> None:
    clear = scene((900, 1200))
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    path = saved(tmp_path, clear)
    shown = prepare(path, (60, 80), background=BLACK, part=Part(150, 400, 450, 800)).image
    under = Image.new("RGBA", clear.size, (0, 0, 0, 255))
    under.alpha_composite(clear)
    assert apart(shown, under.resize((60, 80), Image.Resampling.LANCZOS, box=(150, 400, 450, 800))) <= 12


def playing(folder: Path, kind: str, durations: list[int]) -> Path:
    colours = ["red", "lime", "blue", "white"]
    shots = [Image.new("RGB", (20, 10), colours[number % 4]) for number in range(len(durations))]
    options = {"lossless": True} if kind == "webp" else {}
    return saved(
        folder, shots[0], f"a.{kind}", save_all=True, append_images=shots[1:], duration=durations, loop=0, **options
    )


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_a_picture_that_plays_tells_its_frames_and_how_long_each_stays(tmp_path: Path, kind: str) -> None:
    path = playing(tmp_path, kind, [80, 0, 500])
    assert (inspect(path).animated, inspect(path).frames) == (True, 3)
    assert prepare(path, (4, 4), background=BLACK, frame=2).image.getpixel((1, 1)) == (0, 0, 255)
    shots = list(frames(path, (10, 10), background=BLACK))
    assert [(shot.number, shot.seconds, shot.image.size) for shot in shots] == [
        (0, 0.08, (10, 5)),
        (1, 0.1, (10, 5)),
        (2, 0.5, (10, 5)),
    ]
    assert [shot.image.getpixel((5, 2)) for shot in shots] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert [shot.number for shot in frames(path, (10, 10), background=BLACK, start=1)] == [1, 2]
    assert Source.open(path, frame=1).crop(Part(0, 0, 20, 10), (20, 10), BLACK).getpixel((1, 1)) == (0, 255, 0)
    with pytest.raises(PictureError, match="only 3 frames"):
        prepare(path, (4, 4), background=BLACK, frame=3)


def test_what_does_not_play_has_one_frame(tmp_path: Path) -> None:
    pages = saved(tmp_path, scene(), "pages.tiff", save_all=True, append_images=[scene()])
    for path in (pages, saved(tmp_path, scene()), saved(tmp_path, scene(), "a.jpg")):
        assert (inspect(path).animated, inspect(path).frames) == (False, 1)
        assert [shot.number for shot in frames(path, (5, 5), background=BLACK)] == [0]


def test_playing_ends_when_nobody_looks(tmp_path: Path) -> None:
    path = playing(tmp_path, "gif", [50] * 8)
    seen: list[Frame] = []
    with pytest.raises(Stale):
        seen.extend(frames(path, (10, 10), background=BLACK, stale=lambda: len(seen) >= 3))
    assert len(seen) == 3


def test_a_cut_animation_plays_its_whole_frames_and_then_says_why_it_ends(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        Image.effect_noise((60, 60), 80),
        "a.gif",
        save_all=True,
        append_images=[Image.effect_noise((60, 60), 80 + number) for number in range(4)],
    )
    path.write_bytes(path.read_bytes()[:-3000])
    seen = []
    with pytest.raises(PictureError, match="damaged"):
        seen.extend(frames(path, (10, 10), background=BLACK))
    assert 1 <= len(seen) < 5


def test_sources_together_hold_a_bounded_number_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_HELD", room._Held(60 * 60 * 4 * 2))
    paths = [saved(tmp_path, scene((60, 60)), f"{number}.png") for number in range(3)]
    sources = [Source.open(path) for path in paths]
    assert [source.size > 0 for source in sources] == [False, True, True]
    # The first one decodes again; who was looked at longest ago now gives up.
    assert apart(sources[0].crop(Part(0, 0, 60, 60), (60, 60), BLACK), scene((60, 60))) == 0
    assert [source.size > 0 for source in sources] == [True, False, True]
    for source in sources:
        source.release()
    assert sum(source.size for source in sources) == 0


def test_a_source_is_decoded_once_and_small_sizes_come_from_its_halves(tmp_path: Path) -> None:
    path = saved(tmp_path, scene((640, 320)))
    source = Source.open(path)
    path.unlink()
    whole = source.crop(Part(0, 0, 640, 320), (40, 20), BLACK)
    assert apart(whole, scene((640, 320)).resize((40, 20), Image.Resampling.BOX)) < 12
    assert 640 * 320 * 4 < source.size < 640 * 320 * 4 * 1.4


def test_a_source_of_what_is_no_picture_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(PictureError, match="not a picture"):
        Source.open(tmp_path / "a.png")
    path = saved(tmp_path, Image.effect_noise((600, 600), 90))
    with pytest.raises(Stale):
        Source.open(path, lambda: True)
