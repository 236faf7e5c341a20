"""Our text inside a PNG, and every other byte as it was."""

import io
import json
import resource
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.deliveries import PNG_SIGNATURE, chunk, chunks_of, png

from tui.library.png import insert_text, read_text

ON_FILES = settings(max_examples=80)
CHUNK_NAMES = st.sampled_from([b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"iCCP", b"IDAT", b"prVt", b"acTL"])
CHUNKS = st.builds(chunk, CHUNK_NAMES, st.binary(max_size=40))
TEXTS = st.text(max_size=200).filter(lambda text: max(text, default="a") < "\ud800").map(str.encode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "picture.png"


@given(chunks=st.lists(CHUNKS, max_size=6), text=TEXTS, trailer=st.binary(max_size=20))
@ON_FILES
def test_only_our_chunk_is_added_and_it_reads_back(
    path: Path, chunks: list[bytes], text: bytes, trailer: bytes
) -> None:
    data = png(extra=chunks)
    path.write_bytes(data + trailer)
    assert insert_text(path, text)
    after = path.read_bytes()
    assert after.endswith(data[-12:] + trailer)
    assert after.startswith(data[:-12])
    added = after[len(data) - 12 : len(after) - 12 - len(trailer)]
    assert chunks_of(PNG_SIGNATURE + added) == [(b"iTXt", added)]
    assert zlib.crc32(added[4:-4]) == int.from_bytes(added[-4:], "big")
    if not any(block[4:8] == b"iTXt" and block[8:].startswith(b"image-gen\0") for block in chunks):
        assert read_text(path) == text


@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
@ON_FILES
def test_a_second_text_takes_the_place_of_the_first(path: Path, texts: list[bytes]) -> None:
    data = png()
    path.write_bytes(data)
    for text in texts:
        assert insert_text(path, text)
    assert read_text(path) == texts[-1]
    assert [block for name, block in chunks_of(path.read_bytes()) if name != b"iTXt"] == [
        block for _, block in chunks_of(data)
    ]
    assert [name for name, _ in chunks_of(path.read_bytes())].count(b"iTXt") == 1


def test_other_programs_read_the_text_and_the_same_pixels(path: Path) -> None:
    buffer = io.BytesIO()
    picture = Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 50).convert("RGB")
    picture.save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())
    assert insert_text(path, json.dumps({"prompt": "füchse 🦊"}, ensure_ascii=False).encode())
    with Image.open(path) as opened:
        opened.load()
        assert opened.tobytes() == picture.tobytes()
        assert json.loads(opened.text["image-gen"]) == {"prompt": "füchse 🦊"}


@given(before=st.lists(CHUNKS, max_size=3), after=st.lists(CHUNKS, max_size=3))
@ON_FILES
def test_a_signed_picture_stays_untouched(path: Path, before: list[bytes], after: list[bytes]) -> None:
    data = png(extra=[*before, chunk(b"caBX", b"jumb"), *after])
    path.write_bytes(data)
    assert not insert_text(path, b"{}")
    assert path.read_bytes() == data


@given(data=st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: PNG_SIGNATURE + rest))
@ON_FILES
def test_what_is_no_png_stays_untouched(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert not insert_text(path, b"{}")
    assert path.read_bytes() == data
    assert read_text(path) is None


@given(cut=st.integers(0, len(png()) - 1), chunks=st.lists(CHUNKS, max_size=2))
@ON_FILES
def test_a_png_that_was_cut_stays_untouched(path: Path, cut: int, chunks: list[bytes]) -> None:
    data = png(extra=chunks)[: cut - len(png())]
    path.write_bytes(data)
    assert not insert_text(path, b"{}")
    assert path.read_bytes() == data


@given(at=st.integers(8, len(png()) - 1), byte=st.integers(0, 255))
@ON_FILES
def test_a_damaged_byte_never_costs_another(path: Path, at: int, byte: int) -> None:
    damaged = bytearray(png())
    damaged[at] = byte
    path.write_bytes(damaged)
    if insert_text(path, b"{}"):
        assert path.read_bytes().startswith(bytes(damaged[:-12]))
        assert path.read_bytes().endswith(bytes(damaged[-12:]))
    else:
        assert path.read_bytes() == bytes(damaged)


def test_a_text_packed_by_another_program_is_read(path: Path) -> None:
    packed = chunk(b"iTXt", b"image-gen\0\1\0en\0Titel\0" + zlib.compress(b'{"prompt":"a"}'))
    path.write_bytes(png(extra=[packed]))
    assert read_text(path) == b'{"prompt":"a"}'


@pytest.mark.parametrize(
    "body",
    [
        b"image-gen\0",
        b"image-gen\0\1",
        b"image-gen\0\0\0en",
        b"image-gen\0\1\0\0\0not packed",
        b"image-gen\0\1\0\0\0" + zlib.compress(b"a" * 1000)[:-4],
        b"image-gen\0\1\0\0\0" + zlib.compress(b"\0" * (17 * 1024 * 1024)),
    ],
)
def test_a_damaged_text_counts_as_none(path: Path, body: bytes) -> None:
    path.write_bytes(png(extra=[chunk(b"iTXt", body)]))
    assert read_text(path) is None


def test_a_text_with_a_wrong_checksum_counts_as_none(path: Path) -> None:
    block = bytearray(chunk(b"iTXt", b"image-gen\0\0\0\0\0{}"))
    block[-1] ^= 1
    path.write_bytes(png(extra=[bytes(block)]))
    assert read_text(path) is None


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond ``size``, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 11, 12, 13, 40])
def test_a_full_disk_leaves_the_picture_whole(path: Path, room: int) -> None:
    data = png()
    path.write_bytes(data)
    with files_no_larger_than(len(data) + room), pytest.raises(OSError, match="File too large"):
        insert_text(path, b"{}" * 100)
    assert path.read_bytes() == data
