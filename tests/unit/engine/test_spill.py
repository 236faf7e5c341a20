"""JSON read while it arrives: nothing is lost, and nothing large stays in memory."""

import base64
import json
import random
import re
import tempfile
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui
from tui.domain.errors import BadReply
from tui.engine.passage import MAX_TEXT, Passage
from tui.engine.spill import LONG, Document, JsonSpill
from tui.engine.spool import Spool

Fresh = Callable[[], Path]

NOISE = random.Random(3).randbytes(60_000)
ENCODED = base64.b64encode(NOISE).decode()


def read(pieces: Iterable[bytes], spool: Spool) -> Document:
    spill = JsonSpill(spool)
    for piece in pieces:
        spill.feed(piece)
    return spill.finish()


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(ends)]


def feed_often(spill: JsonSpill, piece: bytes) -> None:
    for _ in range(1000):
        spill.feed(piece)


def restored(value: Any, document: Document) -> Any:
    """The value with every token replaced by what was spilled for it."""
    if isinstance(value, dict):
        return {restored(key, document): restored(each, document) for key, each in value.items()}
    if isinstance(value, list):
        return [restored(each, document) for each in value]
    passage = document.passages.get(value) if isinstance(value, str) else None
    return value if passage is None else passage.text


def test_no_pattern_repeats_a_group_possessively() -> None:
    """CPython before 3.11.5 matches such a group wrongly (gh-106052); Debian 12 has 3.11.2."""
    package = Path(tui.__file__).parent
    possessive = re.compile(r"\)[*+?]\+")
    sources = list(package.rglob("*.py"))
    assert len(sources) > 200
    assert [path.name for path in sources if possessive.search(path.read_text(encoding="utf-8"))] == []
    assert possessive.search('(?:[^"]++|"x")*+')


def in_a_folder(test: Callable[[Spool], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()
        spool = Spool(lambda: Path(folder) / str(next(numbers)))
        test(spool)
        spool.clear()


def escaped(text: str, style: str) -> bytes:
    """``text`` as the inside of a JSON string, escaped the way some server would."""
    ways = {
        "plain": lambda: text,
        "slashes": lambda: text.replace("/", "\\/"),
        "plus": lambda: text.replace("+", "\\u002b").replace("=", "\\u003D"),
        "lines": lambda: "\\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
        "windows": lambda: "\\r\\n".join(text[at : at + 64] for at in range(0, len(text), 64)),
        "all": lambda: "".join(f"\\u{ord(letter):04x}" for letter in text),
    }
    return ways[style]().encode()


def long_words() -> st.SearchStrategy[str]:
    """Text longer than what stays in memory, of anything: quotes, backslashes, emoji, lone surrogates."""
    return st.text(min_size=1, max_size=12).map(lambda text: f"{text} " * (LONG // (len(text) + 1) + 1))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.lists(st.integers(0, 10_000), max_size=12), st.booleans())
def test_small_json_comes_out_as_it_went_in(value: Any, places: list[int], ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")

    def check(spool: Spool) -> None:
        document = read(cut(data, places), spool)
        assert document.small == data
        assert document.decode() == json.loads(data)

    in_a_folder(check)


@settings(max_examples=30)
@given(long_words(), values, st.lists(st.integers(0, 400_000), max_size=12), st.booleans())
def test_long_words_come_back_whole(words: str, beside: Any, places: list[int], ascii_only: bool) -> None:
    words = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    value = {"words": words, "beside": beside, "again": [words[::-1]]}
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")

    def check(spool: Spool) -> None:
        document = read(cut(data, places), spool)
        assert len(document.small) < len(data)
        assert restored(document.decode(), document) == json.loads(data)

    in_a_folder(check)


@pytest.mark.parametrize("style", ["plain", "slashes", "plus", "lines", "windows", "all"])
@settings(max_examples=30)
@given(
    length=st.integers(49_200, 60_000),
    places=st.lists(st.integers(0, 400_000), max_size=20),
    head=st.sampled_from(["data:image/png;base64,", "DATA:image/jpeg;charset=utf-8;BASE64,", "data:;base64,", ""]),
)
def test_a_long_picture_is_decoded_to_the_byte(style: str, length: int, places: list[int], head: str) -> None:
    data = NOISE[:length]
    text = head + base64.b64encode(data).decode()
    body = b'{"a":"x","url":"' + escaped(text, style) + b'","z":["\\\\","\\""]}'

    def check(spool: Spool) -> None:
        document = read(cut(body, places), spool)
        value = document.decode()
        assert value["a"] == "x"
        assert value["z"] == ["\\", '"']
        (blob,) = document.passages[value["url"]].blobs
        assert blob.file.path.read_bytes() == data
        assert blob.file.size == length
        assert blob.broken is None

    in_a_folder(check)


@pytest.mark.parametrize("style", ["plain", "slashes", "plus", "lines"])
def test_a_picture_survives_every_single_cut(style: str, fresh: Fresh) -> None:
    """Cuts at each of the places where something begins or ends: quotes, escapes, the comma, the padding."""
    text = "data:image/png;base64," + base64.b64encode(NOISE[:49_300]).decode()
    inside = escaped(text, style)
    body = b'{"url": "' + inside + b'", "n": 1}'
    tender = {*range(60), *range(LONG - 5, LONG + 40), *range(len(body) - 60, len(body))}
    for place in tender:
        spool = Spool(fresh)
        document = read(cut(body, [place]), spool)
        (blob,) = document.passages[document.decode()["url"]].blobs
        assert blob.file.path.read_bytes() == NOISE[:49_300]
        spool.clear()


@given(st.integers(0, 40), st.integers(0, 40), st.lists(st.integers(0, 200), max_size=8))
def test_backslashes_count_across_pieces(before: int, after: int, places: list[int]) -> None:
    text = "\\" * before + '"' + "\\" * after
    data = json.dumps([text, "end"]).encode()

    def check(spool: Spool) -> None:
        assert read(cut(data, places), spool).decode() == [text, "end"]

    in_a_folder(check)


@given(
    data=st.binary(max_size=300),
    padded=st.booleans(),
    url_safe=st.booleans(),
    breaks=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["\n", "\r\n", " ", "\t"])), max_size=5),
    places=st.lists(st.integers(0, 500), max_size=10),
)
def test_base64_of_any_make_is_decoded(
    data: bytes, padded: bool, url_safe: bool, breaks: list[tuple[int, str]], places: list[int]
) -> None:
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    for at, space in sorted(breaks, reverse=True):
        text = text[: at % (len(text) + 1)] + space + text[at % (len(text) + 1) :]

    def check(spool: Spool) -> None:
        passage = Passage(spool)
        for piece in cut(f"data:image/png;base64,{text}".encode(), places):
            passage.feed(piece)
        passage.close()
        (blob,) = passage.blobs
        assert blob.file.path.read_bytes() == data
        assert blob.broken is None
        assert blob.announced == "image/png"

    in_a_folder(check)


@given(
    st.lists(st.tuples(st.text(alphabet="ab (!)[]é漢", max_size=300), st.binary(min_size=1, max_size=90)), max_size=4),
    st.text(alphabet="xyz ", max_size=600),
    st.lists(st.integers(0, 3000), max_size=12),
)
def test_pictures_between_words_are_found(parts: list[tuple[str, bytes]], tail: str, places: list[int]) -> None:
    """As Markdown has them: ``![…](data:…)``."""
    pieces = [f"{words}![p](data:image/png;base64,{base64.b64encode(data).decode()})" for words, data in parts]
    whole = "w" + "".join(pieces) + tail

    def check(spool: Spool) -> None:
        passage = Passage(spool)
        for piece in cut(whole.encode(), places):
            passage.feed(piece)
        passage.close()
        assert [blob.file.path.read_bytes() for blob in passage.blobs] == [data for _, data in parts]
        assert passage.text == "w" + "".join(f"{words}![p](\ufffc)" for words, _ in parts) + tail

    in_a_folder(check)


@pytest.mark.parametrize(
    ("text", "size"),
    [("data:image/png;base64,%%%", 0), ("data:image/png;base64,QUJD!QUJD", 3), ("data:image/png;base64,QUJDQ", 3)],
)
def test_broken_base64_says_where(text: str, size: int, fresh: Fresh) -> None:
    passage = Passage(Spool(fresh))
    passage.feed(text.encode())
    passage.close()
    (blob,) = passage.blobs
    assert blob.file.size == size
    assert blob.broken


@pytest.mark.parametrize("pieces", [[b"QUI=QUJD"], [b"QUI=", b"QUJD"], [b"QUI", b"=", b"QUJD"], [b"QUI=\n", b"x"]])
def test_nothing_follows_the_padding(pieces: list[bytes], fresh: Fresh) -> None:
    passage = Passage(Spool(fresh))
    for piece in [b"data:image/png;base64,", *pieces]:
        passage.feed(piece)
    passage.close()
    (blob,) = passage.blobs
    assert blob.file.path.read_bytes() == b"AB"
    assert "behind byte 2" in (blob.broken or "")


def test_a_string_that_never_ends_was_cut_off(fresh: Fresh) -> None:
    with pytest.raises(BadReply, match="cut off"):
        read([b'{"url":"data:image/png;base64,' + b"A" * 200_000], Spool(fresh))


def test_endless_words_are_kept_in_part_only(fresh: Fresh) -> None:
    document = read([b'"', *[b"lorem ipsum " * 5000] * 40, b'"'], Spool(fresh))
    (passage,) = document.passages.values()
    assert MAX_TEXT <= len(passage.text) <= MAX_TEXT + 1
    assert passage.text.endswith("…")


def test_small_members_without_end_are_refused(fresh: Fresh) -> None:
    spill = JsonSpill(Spool(fresh))
    with pytest.raises(BadReply, match="beside its pictures"):
        feed_often(spill, b'"0123456789",' * 5000)


def test_pictures_without_end_are_refused(fresh: Fresh) -> None:
    spool = Spool(fresh)
    spill = JsonSpill(spool)
    with pytest.raises(BadReply, match="long texts"):
        feed_often(spill, b'"' + b"A" * (LONG + 4) + b'",')
    spool.clear()


def test_a_large_reply_takes_little_memory(fresh: Fresh, folder: Path) -> None:
    piece = ENCODED.encode()[:65532]
    spool = Spool(fresh)
    tracemalloc.start()
    document = read([b'{"url":"data:image/png;base64,', *[piece] * 640, b'"}'], spool)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (passage,) = document.passages.values()
    assert passage.blobs[0].file.size == 640 * len(piece) * 3 // 4
    assert peak < 1_500_000
    spool.clear()
    assert not list(folder.iterdir())
