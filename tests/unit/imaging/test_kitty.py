import base64
import io
import random
import re
import unicodedata
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from support.sample_pictures import dense_picture, plain_picture

from tui.imaging.kitty import encode
from tui.imaging.kitty_commands import CHUNK, Transmission, free, free_range, in_tmux, place
from tui.imaging.marks import DIACRITICS, LIMIT, PLACEHOLDER
from tui.imaging.picture import KittyPayload, Look

COMMAND = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")


def colourful(width: int = 200, height: int = 120) -> Image.Image:
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    return Image.merge("RGB", (across, Image.linear_gradient("L").resize((width, height)), across.rotate(180)))


@given(st.binary(min_size=1, max_size=20_000), st.lists(st.integers(1, 9000), min_size=1, max_size=8))
def test_a_payload_arrives_whole_whatever_the_pace(payload: bytes, sizes: list[int]) -> None:
    transmission = Transmission(77, KittyPayload(payload, "png", 9, 9))
    commands: list[str] = []
    while not transmission.finished:
        commands += transmission.take(sizes[len(commands) % len(sizes)])
    found = [COMMAND.fullmatch(command) for command in commands]
    assert base64.b64decode("".join(each[2] for each in found)) == payload
    assert all(len(each[2]) <= CHUNK and (len(each[2]) % 4 == 0) for each in found)
    assert found[0][1].startswith("a=t,f=100,t=d,i=77,")
    assert all("q=2" in each[1] for each in found)
    assert [each[1][-3:] for each in found] == ["m=1"] * (len(found) - 1) + ["m=0"]
    assert transmission.take(100) == []


def test_a_picture_of_few_colours_is_exact_and_what_is_around_it_is_clear() -> None:
    image = Image.new("RGB", (20, 10), (1, 2, 3))
    image.paste((200, 100, 50), (0, 0, 10, 10))
    shown = Image.open(io.BytesIO(encode(image, (27, 18)).data)).convert("RGBA")
    assert shown.size == (27, 18)
    assert ImageChops.difference(shown.crop((3, 4, 23, 14)).convert("RGB"), image).getbbox() is None
    assert {shown.getpixel(place)[3] for place in ((0, 0), (26, 17), (2, 9), (23, 9))} == {0}
    assert shown.getpixel((3, 4))[3] == shown.getpixel((22, 13))[3] == 255


def test_a_palette_looks_like_the_picture_at_a_third_of_the_bytes() -> None:
    image = Image.blend(colourful(400, 300), Image.effect_noise((400, 300), 60).convert("RGB"), 0.15)
    payload = encode(image, image.size, look="best").data
    shown = Image.open(io.BytesIO(payload)).convert("RGB")
    blurred = (each.filter(ImageFilter.GaussianBlur(1.5)) for each in (image, shown))
    error = sum(ImageStat.Stat(ImageChops.difference(*blurred)).sum2) / (400 * 300 * 3)
    assert error < 65025 / 10**3.8
    plain = io.BytesIO()
    image.save(plain, "PNG", compress_level=4)
    assert len(payload) < len(plain.getvalue()) / 3


def test_the_marks_are_those_of_the_protocol() -> None:
    assert len(DIACRITICS) == len(set(DIACRITICS)) == LIMIT == 297
    # The first and the last of the protocol's list, which goes by code point.
    assert [ord(mark) for mark in DIACRITICS[:6]] == [0x305, 0x30D, 0x30E, 0x310, 0x312, 0x33D]
    assert [ord(mark) for mark in DIACRITICS[-3:]] == [0x1D242, 0x1D243, 0x1D244]
    assert sorted(DIACRITICS) == list(DIACRITICS)
    assert {unicodedata.combining(mark) for mark in DIACRITICS} == {230}
    assert ord(PLACEHOLDER) == 0x10EEEE


def test_commands_are_spelt_as_the_protocol_says() -> None:
    assert place(5, 40, 20) == "\x1b_Ga=p,U=1,i=5,p=1,c=40,r=20,q=2\x1b\\"
    assert free(5) == "\x1b_Ga=d,d=I,i=5,q=2\x1b\\"
    assert free_range(5, 9) == "\x1b_Ga=d,d=R,x=5,y=9,q=2\x1b\\"
    assert in_tmux(free(5)) == "\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=5,q=2\x1b\x1b\\\x1b\\"


def shown(payload: KittyPayload) -> Image.Image:
    """What a terminal makes of it, by the protocol: RGBA."""
    if payload.kind == "png":
        image = Image.open(io.BytesIO(payload.data))
        assert image.size == (payload.width, payload.height)
        return image.convert("RGBA")
    data = zlib.decompress(payload.data) if payload.kind == "zlib" else payload.data
    mode = "RGBA" if payload.kind == "rgba" else "RGB"
    return Image.frombytes(mode, (payload.width, payload.height), data).convert("RGBA")


def on_the_way(payload: KittyPayload, image: Image.Image) -> float:
    """Bytes for each drawn pixel, as base64."""
    return len(base64.b64encode(payload.data)) / (image.width * image.height)


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


@pytest.mark.parametrize("picture", [plain_picture(600), dense_picture(600), noise(400, 300)])
@pytest.mark.parametrize(("look", "most"), [("coarse", 0.06), ("first", 0.5), ("best", 1.0)])
def test_each_look_keeps_to_its_bytes_whatever_the_picture(picture: Image.Image, look: Look, most: float) -> None:
    assert on_the_way(encode(picture, picture.size, look=look), picture) <= most


@pytest.mark.parametrize("picture", [dense_picture(600), noise(400, 300)])
@pytest.mark.parametrize(("look", "most"), [("first", 0.5), ("best", 1.0)])
def test_the_look_is_as_good_as_the_bytes_allow(picture: Image.Image, look: Look, most: float) -> None:
    assert on_the_way(encode(picture, picture.size, look=look), picture) > 0.8 * most


@pytest.mark.parametrize("picture", [plain_picture(400), dense_picture(400)])
def test_a_better_look_is_nearer_to_the_picture(picture: Image.Image) -> None:
    def error(look: Look) -> float:
        drawn = shown(encode(picture, picture.size, look=look)).convert("RGB").resize(picture.size)
        blurred = (each.filter(ImageFilter.GaussianBlur(1.5)) for each in (picture, drawn))
        return sum(ImageStat.Stat(ImageChops.difference(*blurred)).sum2)

    assert error("best") <= error("first") < error("coarse")


def test_what_the_terminal_reads_itself_is_the_very_pixels() -> None:
    image = noise(30, 20)
    exact = encode(image, (30, 20), direct=True)
    assert (exact.kind, exact.data, exact.width, exact.height) == ("rgb", image.tobytes(), 30, 20)
    framed = shown(encode(image, (36, 24), direct=True))
    assert framed.crop((3, 2, 33, 22)).convert("RGB").tobytes() == image.tobytes()
    assert framed.getchannel("A").histogram()[0] == 36 * 24 - 30 * 20


@pytest.mark.parametrize("canvas", [(300, 200), (310, 216)])
def test_smooth_light_keeps_all_its_colours(canvas: tuple[int, int]) -> None:
    image = colourful(300, 200)
    assert len(image.getcolors(10**6)) > 256
    left, top = (canvas[0] - 300) // 2, (canvas[1] - 200) // 2
    whole = shown(encode(image, canvas)).crop((left, top, left + 300, top + 200))
    assert ImageChops.difference(whole.convert("RGB"), image).getbbox() is None


def test_256_colours_stay_as_they_are() -> None:
    image = Image.new("RGB", (256, 64))
    image.putdata([(value, 255 - value, value // 2) for _ in range(64) for value in range(256)])
    for look in ("first", "best"):
        assert (
            ImageChops.difference(shown(encode(image, image.size, look=look)).convert("RGB"), image).getbbox() is None
        )


def test_a_coarse_look_has_the_shape_of_the_canvas_and_its_clear_rim() -> None:
    image = dense_picture(400)
    coarse = encode(image, (480, 400), look="coarse")
    assert coarse.width < 240
    assert abs(coarse.width / coarse.height - 1.2) < 0.03
    alpha = shown(coarse).getchannel("A")
    rim = round(coarse.width / 12)
    assert alpha.crop((0, 0, rim - 1, coarse.height)).getextrema() == (0, 0)
    assert alpha.crop((rim + 1, 1, coarse.width - rim - 1, coarse.height - 1)).getextrema() == (255, 255)


@pytest.mark.parametrize("canvas", [(400, 400), (437, 418), (403, 480)])
def test_a_coarse_look_lies_where_the_sharp_one_will(canvas: tuple[int, int]) -> None:
    image = dense_picture(400)
    coarse, sharp = (shown(encode(image, canvas, look=look)) for look in ("coarse", "best"))
    inner = (60, 60, canvas[0] - 60, canvas[1] - 60)
    large = coarse.resize(canvas, Image.Resampling.BILINEAR).convert("RGB")
    moved = {
        (right, down): sum(
            ImageStat.Stat(
                ImageChops.difference(ImageChops.offset(large, right, down), sharp.convert("RGB")).crop(inner)
            ).sum2
        )
        for right in (-2, 0, 2)
        for down in (-2, 0, 2)
    }
    assert min(moved, key=moved.__getitem__) == (0, 0)


@example(9, 29, 0, 0, 0)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_any_size_gives_a_payload_of_its_shape(width: int, height: int, right: int, below: int, seed: int) -> None:
    image = Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))
    canvas = width + right, height + below
    for look in ("coarse", "first", "best"):
        payload = encode(image, canvas, look=look)
        assert shown(payload).size == (payload.width, payload.height)
        assert payload.width <= canvas[0]
        assert payload.height <= canvas[1]
