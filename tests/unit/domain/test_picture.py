"""What a picture is and whether it is whole, told from its bytes."""

import functools
import io
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.deliveries import chunk, png

from tui.domain.picture import PictureFacts, identify, is_whole


def encoded(form: str, size: tuple[int, int] = (37, 21), **options: object) -> bytes:
    """Noise, the same in every run."""
    width, height = size
    stream = io.BytesIO()
    Image.frombytes("RGB", size, random.Random(7).randbytes(width * height * 3)).save(stream, form, **options)
    return stream.getvalue()


@functools.cache
def small(place: int) -> bytes:
    _, form, options = FORMS[place]
    return encoded(form, (9, 9), **options)


FORMS = [
    ("image/png", "PNG", {}),
    ("image/jpeg", "JPEG", {}),
    ("image/jpeg", "JPEG", {"progressive": True}),
    ("image/webp", "WEBP", {}),
    ("image/webp", "WEBP", {"lossless": True}),
    ("image/webp", "WEBP", {"exif": b"Exif\0\0" + b"x" * 40}),
    ("image/gif", "GIF", {}),
    ("image/bmp", "BMP", {}),
    ("image/tiff", "TIFF", {}),
    ("image/avif", "AVIF", {}),
]


@pytest.mark.parametrize(("mime", "form", "options"), FORMS)
def test_type_and_size_are_those_of_the_encoder(mime: str, form: str, options: dict[str, object]) -> None:
    assert identify(io.BytesIO(encoded(form, **options))) == PictureFacts(mime, 37, 21)


def test_heic_is_known_by_its_brand_and_sized_by_its_largest_extent() -> None:
    def extent(width: int, height: int) -> bytes:
        return struct.pack(">I4sIII", 20, b"ispe", 0, width, height)

    brand = struct.pack(">I4s4sI4s", 20, b"ftyp", b"heic", 0, b"mif1")
    assert identify(io.BytesIO(brand + extent(320, 240) + extent(4032, 3024))) == PictureFacts("image/heic", 4032, 3024)


@pytest.mark.parametrize("kind", [{"exif": b"Exif\0\0" + b"e" * 60_000}, {"icc_profile": b"i" * 200_000}])
def test_a_jpeg_is_sized_behind_large_segments(kind: dict[str, bytes]) -> None:
    assert identify(io.BytesIO(encoded("JPEG", **kind))) == PictureFacts("image/jpeg", 37, 21)


@pytest.mark.parametrize(
    "data", [b"", b"RIFF\0\0\0\0WAVEfmt ", b"<!DOCTYPE html>", b"BM, he said, and more words follow here", b"\x89PNG"]
)
def test_what_is_no_picture_is_none(data: bytes) -> None:
    assert identify(io.BytesIO(data)) is None


@pytest.mark.parametrize(("mime", "form", "options"), [each for each in FORMS if each[1] in "PNG JPEG WEBP GIF"])
def test_a_picture_is_whole_only_with_its_last_byte(mime: str, form: str, options: dict[str, object]) -> None:
    data = encoded(form, **options)
    assert is_whole(io.BytesIO(data), mime)
    for missing in (1, 2, len(data) // 3, len(data) - 20):
        assert not is_whole(io.BytesIO(data[:-missing]), mime)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_padding_behind_the_end_does_no_harm(form: str) -> None:
    data = encoded(form) + b"\0" * 100
    assert is_whole(io.BytesIO(data), f"image/{form.lower()}")


def test_a_jpeg_cut_behind_its_thumbnail_is_not_whole() -> None:
    thumbnail = b"Exif\0\0" + encoded("JPEG", (8, 8))
    data = encoded("JPEG", (300, 300), exif=thumbnail)
    assert is_whole(io.BytesIO(data), "image/jpeg")
    assert not is_whole(io.BytesIO(data[:-200]), "image/jpeg")


def test_a_png_with_many_chunks_is_walked_to_its_end() -> None:
    data = png(extra=[chunk(b"tEXt", b"k\0v")] * 3000)
    assert is_whole(io.BytesIO(data), "image/png")
    assert not is_whole(io.BytesIO(data[:-12]), "image/png")


@given(st.integers(0, len(FORMS) - 1), st.data())
def test_damaged_bytes_never_raise(place: int, data: st.DataObject) -> None:
    mime, whole = FORMS[place][0], bytearray(small(place))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    stream = io.BytesIO(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    facts = identify(stream)
    assert facts is None or (facts.width >= 0 and facts.height >= 0)
    assert is_whole(stream, mime) in (True, False)


@given(st.binary(max_size=200))
def test_any_bytes_are_told_or_refused(data: bytes) -> None:
    facts = identify(io.BytesIO(data))
    assert facts is None or facts.mime.startswith("image/")


@pytest.mark.parametrize("head", [b"\xff\xd8\xff", b"GIF89a", b"II*\0", b"MM\0*", b"RIFF\0\0\0\0WEBPVP8X", b"BM"])
@given(rest=st.binary(max_size=80))
def test_a_hostile_header_never_raises(head: bytes, rest: bytes) -> None:
    stream = io.BytesIO(head + rest)
    facts = identify(stream)
    if facts is not None:
        assert is_whole(stream, facts.mime) in (True, False)
