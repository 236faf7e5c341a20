import io
import os
import struct
import threading
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tui.imaging import prepare as room
from tui.imaging.opening import in_turn, opened
from tui.imaging.picture import PictureError, Stale, fitted, never_stale
from tui.imaging.prepare import inspect, prepare

BLACK = (0, 0, 0)


def saved(folder: Path, image: Image.Image, name: str = "picture.png", **options: object) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def quarters(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Red, green, blue, white: upper left, upper right, lower left, lower right."""
    image = Image.new("RGB", size)
    width, height = size[0] // 2, size[1] // 2
    for number, colour in enumerate(("red", "lime", "blue", "white")):
        image.paste(colour, (number % 2 * width, number // 2 * height, (number % 2 + 1) * width, size[1]))
    return image


def corners(image: Image.Image) -> list[str]:
    """What is in the four corners, by the nearest of the four colours."""
    names = {(1, 0, 0): "red", (0, 1, 0): "lime", (0, 0, 1): "blue", (1, 1, 1): "white"}
    places = [(2, 2), (image.width - 3, 2), (2, image.height - 3), (image.width - 3, image.height - 3)]
    return [names[tuple(round(sample / 255) for sample in image.getpixel(place))] for place in places]


@pytest.mark.parametrize(
    ("size", "box", "result"),
    [
        ((400, 200), (100, 100), (100, 50)),
        ((200, 400), (100, 100), (50, 100)),
        ((10, 10), (100, 50), (50, 50)),
        ((1, 1), (30, 20), (20, 20)),
        ((800, 100), (40, 40), (40, 5)),
        ((100, 800), (40, 40), (5, 40)),
        ((3000, 3), (40, 40), (40, 1)),
        ((100, 100), (0, 0), (1, 1)),
    ],
)
def test_the_picture_is_as_large_as_the_box_allows_in_its_shape(
    tmp_path: Path, size: tuple[int, int], box: tuple[int, int], result: tuple[int, int]
) -> None:
    prepared = prepare(saved(tmp_path, Image.new("RGB", size, "red")), box, background=BLACK)
    assert prepared.image.size == result
    assert prepared.image.mode == "RGB"
    assert (prepared.width, prepared.height, prepared.mime, prepared.animated) == (*size, "image/png", False)


@given(*[st.integers(1, 5000)] * 4, st.floats(0.3, 3))
def test_fitting_never_leaves_the_box_and_touches_it(
    width: int, height: int, across: int, down: int, aspect: float
) -> None:
    fit = fitted(width, height, (across, down), aspect)
    assert 1 <= fit[0] <= across
    assert 1 <= fit[1] <= down
    assert fit[0] == across or fit[1] == down


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_cameras_pictures_are_turned_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = quarters()
    if orientation > 1:
        # What a camera stores is the upright picture, turned the other way.
        image = image.transpose(Image.Transpose(turn[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(saved(tmp_path, image, f"a.{kind}", exif=exif), (40, 40), background=BLACK)
    assert prepared.image.size == (40, 20)
    assert (prepared.width, prepared.height) == (80, 40)
    assert corners(prepared.image) == ["red", "lime", "blue", "white"]


def test_transparency_lies_over_the_background(tmp_path: Path) -> None:
    half = Image.new("RGBA", (20, 10), (255, 0, 0, 255))
    half.paste((0, 0, 255, 0), (10, 0, 20, 10))
    prepared = prepare(saved(tmp_path, half), (20, 10), background=(10, 200, 30))
    assert prepared.image.getpixel((2, 5)) == (255, 0, 0)
    assert prepared.image.getpixel((17, 5)) == (10, 200, 30)
    assert prepared.info.transparent
    grey = saved(tmp_path, Image.new("LA", (8, 8), (90, 0)), "grey.png")
    assert prepare(grey, (8, 8), background=(1, 2, 3)).image.getpixel((4, 4)) == (1, 2, 3)
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([9, 9, 9, 200, 100, 50])
    see_through = saved(tmp_path, palette, "palette.png", transparency=1)
    assert prepare(see_through, (8, 8), background=(1, 2, 3)).image.getpixel((4, 4)) == (1, 2, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F", "CMYK", "LAB", "YCbCr"])
def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (30, 30))
    name = "a.tiff" if mode not in ("CMYK",) else "a.jpg"
    prepared = prepare(saved(tmp_path, image, name), (10, 10), background=BLACK)
    assert prepared.image.mode == "RGB"
    assert prepared.image.size == (10, 10)


def test_sixteen_bits_keep_their_shades(tmp_path: Path) -> None:
    deep = Image.new("I;16", (16, 16), 0x8000)
    grey = prepare(saved(tmp_path, deep), (16, 16), background=BLACK).image.getpixel((8, 8))
    assert grey == (128, 128, 128)


def test_colours_pass_through_the_profile_that_the_file_carries(tmp_path: Path) -> None:
    standard = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same under another name, its red and green primaries exchanged.
    exchanged = standard.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    exchanged = exchanged.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    foreign = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.new("RGB", (8, 8), (200, 100, 50))
    seen = []
    for number, profile in enumerate((standard, exchanged, foreign, b"no profile at all")):
        path = saved(tmp_path, image, f"{number}.png", icc_profile=profile)
        seen.append(prepare(path, (8, 8), background=BLACK).image.getpixel((4, 4)))
    assert seen[0] == seen[2] == seen[3] == (200, 100, 50)
    assert all(abs(one - other) < 3 for one, other in zip(seen[1], (100, 200, 50), strict=True))


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_shown_and_the_rest_is_said(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "lime")]
    options = {"lossless": True} if kind == "webp" else {}
    path = saved(tmp_path, frames[0], f"a.{kind}", save_all=True, append_images=frames[1:], **options)
    prepared = prepare(path, (10, 10), background=BLACK)
    assert prepared.animated
    assert prepared.image.getpixel((5, 5)) == (255, 0, 0)
    assert prepared.mime == f"image/{kind}"


def test_big_jpegs_are_decoded_small(tmp_path: Path) -> None:
    path = saved(tmp_path, quarters((3200, 1600)), "a.jpg")
    prepared = prepare(path, (200, 200), background=BLACK)
    assert prepared.image.size == (200, 100)
    assert (prepared.width, prepared.height) == (3200, 1600)
    assert corners(prepared.image) == ["red", "lime", "blue", "white"]


def bomb(width: int, height: int) -> bytes:
    """A PNG that declares so many pixels and has none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return head + struct.pack(">I", 1000) + b"IDAT" + bytes(100)


def test_what_cannot_be_shown_is_said_in_a_sentence(tmp_path: Path) -> None:
    png = saved(tmp_path, quarters()).read_bytes()
    cases = {
        "empty.png": (b"", "not a picture"),
        "words.png": (b"<html>not found</html>", "not a picture"),
        "cut.png": (png[:-40], "damaged"),
        "bomb.png": (bomb(20_000, 20_000), "20000×20000"),
        "script.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n", "not a picture"),
    }
    for name, (data, words) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PictureError, match=words):
            prepare(tmp_path / name, (10, 10), background=BLACK)
    with pytest.raises(PictureError, match="gone"):
        prepare(tmp_path / "none.png", (10, 10), background=BLACK)
    with pytest.raises(PictureError, match="not a file"):
        prepare(tmp_path, (10, 10), background=BLACK)
    with pytest.raises(PictureError, match="cannot be read"):
        prepare(tmp_path / ("x" * 300), (10, 10), background=BLACK)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PictureError, match="not a file"):
        prepare(tmp_path / "pipe", (10, 10), background=BLACK)


def test_the_header_alone_tells_the_facts(tmp_path: Path) -> None:
    path = tmp_path / "headless.png"
    whole = saved(tmp_path, quarters()).read_bytes()
    path.write_bytes(whole[:60])
    assert (inspect(path).width, inspect(path).height, inspect(path).mime) == (80, 40, "image/png")


def test_a_decode_that_nobody_waits_for_ends(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.effect_noise((2000, 2000), 90), compress_level=1)
    asked = 0

    def stale() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Stale):
        prepare(path, (100, 100), background=BLACK, stale=stale)
    assert asked < 20


def test_big_pictures_are_decoded_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, Image.new("RGB", (2100, 2100)))
    real, inside, most = room.scaled, 0, 0

    def counted(*arguments: object) -> Image.Image:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        try:
            return real(*arguments)
        finally:
            inside -= 1

    monkeypatch.setattr(room, "scaled", counted)
    threads = [threading.Thread(target=prepare, args=(path, (50, 50)), kwargs={"background": BLACK}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_waits_for_a_turn_that_nobody_needs_any_more_gives_up(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("RGB", (2100, 2100)))
    with opened(path, never_stale) as picture, in_turn(picture, never_stale):
        asked = iter([False, False, False])
        with pytest.raises(Stale):
            prepare(path, (50, 50), background=BLACK, stale=lambda: next(asked, True))
    assert prepare(path, (50, 50), background=BLACK).image.size == (50, 50)


def sample(kind: str) -> bytes:
    stream = io.BytesIO()
    image = quarters((24, 16)).convert("P" if kind == "GIF" else "RGB")
    image.save(stream, kind, **({"save_all": True, "append_images": [image]} if kind in ("GIF", "PNG") else {}))
    return stream.getvalue()


SAMPLES = {kind: sample(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")}


@given(st.sampled_from(sorted(SAMPLES)), st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_a_picture_or_a_sentence(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    changed = bytearray(SAMPLES[kind])
    for _ in range(data.draw(st.integers(0, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)) | st.just(len(changed)))
    path = tmp_path / "fuzz"
    path.write_bytes(bytes(changed[:cut]) + data.draw(st.binary(max_size=20)))
    try:
        prepare(path, (12, 12), background=BLACK)
    except PictureError as error:
        # Anything else that a decoder raises fails the test.
        said = error.words
    else:
        said = "a picture."
    assert said.endswith(".")
