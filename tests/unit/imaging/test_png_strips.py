import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.sample_pictures import plain_picture

from tui.imaging.opening import decoded, opened
from tui.imaging.picture import PictureError, never_stale
from tui.imaging.png_strips import decode, rows_of, step_to
from tui.imaging.prepare import prepare

PICTURE = plain_picture(900).crop((0, 0, 900, 660))


def png(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def in_mode(mode: str) -> Image.Image:
    image = PICTURE.convert(mode.removesuffix("A"))
    if mode.endswith("A"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def in_pieces(data: bytes, size: int) -> bytes:
    """The same picture with all that is compressed in chunks of ``size``, some words before and some behind."""
    places, whole = [], b""
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            places.append(at)
            whole += data[at + 8 : at + 8 + length]
        at += length + 12
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    words = chunk(b"tEXt", b"Comment\0some words")
    return data[: places[0]] + words + b"".join(chunk(b"IDAT", piece) for piece in pieces) + words + data[-12:]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("step", [1, 2, 3, 60])
def test_a_picture_decoded_by_strips_is_that_picture(mode: str, step: int) -> None:
    image = in_mode(mode)
    file = io.BytesIO(png(image, compress_level=1))
    rows = rows_of(file)
    assert (rows.width, rows.height, rows.mode) == (900, 660, mode)
    shown = decode(file, rows, step)
    wanted = image if step == 1 else image.reduce(step)
    assert (shown.mode, shown.size) == (mode, wanted.size)
    # What has transparency is averaged strip by strip, and rounded so.
    assert np.abs(np.asarray(shown, int) - np.asarray(wanted, int)).max() <= (1 if mode.endswith("A") else 0)


@pytest.mark.parametrize("size", [1, 700, 8192, 10**9])
def test_it_may_be_cut_into_chunks_of_any_size(size: int) -> None:
    image = Image.linear_gradient("L").resize((900, 660)).convert("RGB")
    file = io.BytesIO(in_pieces(png(image), size))
    assert decode(file, rows_of(file), 1).tobytes() == image.tobytes()


def test_it_is_asked_small_only_by_whole_numbers() -> None:
    rows = rows_of(io.BytesIO(png(PICTURE)))
    assert [step_to(size, rows) for size in ((900, 660), (409, 300), (200, 100), (60, 44), (1, 1))] == [1, 2, 4, 12, 60]
    prime = rows_of(io.BytesIO(png(Image.new("RGB", (997, 661)))))
    assert step_to((100, 66), prime) == 1


@pytest.mark.parametrize("box", [(780, 780), (300, 300), (41, 33)])
def test_a_large_picture_has_every_row_in_its_place(tmp_path: Path, box: tuple[int, int]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(PICTURE, compress_level=1))
    shown = prepare(path, box, background=(0, 0, 0)).image
    best = PICTURE.resize(shown.size, Image.Resampling.LANCZOS)
    error = ((np.asarray(shown, float) - np.asarray(best, float)) ** 2).mean(axis=(1, 2))
    assert error.max() < 65025 / 10**3


@pytest.mark.parametrize("kept", [100, 5_000, 0.5, 0.99])
def test_a_picture_that_ends_too_early_is_damaged(tmp_path: Path, kept: float) -> None:
    whole = png(PICTURE, compress_level=1)
    path = tmp_path / "a.png"
    path.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    with pytest.raises(PictureError, match="damaged"):
        prepare(path, (100, 100), background=(0, 0, 0))


def test_altered_bytes_give_a_picture_or_a_sentence(tmp_path: Path) -> None:
    whole = png(PICTURE, compress_level=1)
    path, random, said = tmp_path / "a.png", np.random.default_rng(1), []
    for _ in range(20):
        altered = bytearray(whole)
        for place in random.integers(33, len(whole), 3):
            altered[place] ^= int(random.integers(1, 256))
        path.write_bytes(altered)
        try:
            prepare(path, (100, 100), background=(0, 0, 0))
        except PictureError as error:
            said.append(error.words)
    assert len(said) > 10
    assert all(words.endswith(".") for words in said)


@pytest.mark.parametrize("kind", ["palette", "deep", "small", "animated", "key"])
def test_what_lies_otherwise_is_decoded_as_ever(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.png"
    image, options = PICTURE, {}
    if kind == "palette":
        image = PICTURE.quantize(16)
    elif kind == "deep":
        image = Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 256)
    elif kind == "small":
        image = PICTURE.crop((0, 0, 300, 200))
    elif kind == "animated":
        options = {"save_all": True, "append_images": [Image.new("RGB", PICTURE.size)]}
    else:
        options = {"transparency": PICTURE.getpixel((5, 5))}
    path.write_bytes(png(image, **options))
    with opened(path, never_stale) as picture:
        shown = decoded(picture, picture.image.size, never_stale).convert("RGB")
    plain = image.point(lambda sample: sample / 256).convert("L") if kind == "deep" else image
    assert np.abs(np.asarray(shown, int) - np.asarray(plain.convert("RGB"), int)).max() <= 1
