"""Streamed events are read whatever the framing and wherever the pieces are cut."""

import json
import tempfile
from collections.abc import Iterable
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.domain.errors import BadReply
from tui.engine.spool import Spool
from tui.engine.sse import EventReader

Read = list[tuple[str, bytes]]


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(ends)]


def read(pieces: Iterable[bytes]) -> Read:
    """Name and small JSON of every event; nothing here is long enough to be spilled."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()
        reader = EventReader(Spool(lambda: Path(folder) / str(next(numbers))))
        events = [event for piece in pieces for event in reader.feed(piece)]
        last = reader.finish()
        return [(event.name, event.data.small) for event in [*events, *([last] if last else [])]]


events = st.lists(
    st.tuples(st.sampled_from(["", "error", "message"]), st.dictionaries(st.text(max_size=5), st.text(max_size=30))),
    max_size=5,
)


@given(
    events,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["data: ", "data:"]),
    st.booleans(),
    st.lists(st.integers(0, 2000), max_size=15),
)
def test_every_event_comes_out_once(
    sent: list[tuple[str, dict[str, str]]], end: str, field: str, commented: bool, places: list[int]
) -> None:
    lines: list[str] = []
    for name, value in sent:
        lines += [": keep-alive", ""] if commented else []
        lines += [f"event: {name}"] if name else []
        lines += ["id: 7", field + json.dumps(value), ""]
    stream = "".join(line + end for line in lines).encode()
    assert read(cut(stream, places)) == [(name, json.dumps(value).encode()) for name, value in sent]


@given(st.lists(st.integers(0, 60), max_size=6))
def test_lines_of_data_are_joined(places: list[int]) -> None:
    stream = b'data: {"a":\r\ndata: [1,\r\ndata:2]}\r\n\r\ndata: [DONE]\n\n'
    (first, done) = read(cut(stream, places))
    assert json.loads(first[1]) == {"a": [1, 2]}
    assert done == ("", b"[DONE]")


def test_the_last_event_needs_no_empty_line() -> None:
    assert read([b'data: {"a":1}\n\ndata: [DONE]']) == [("", b'{"a":1}'), ("", b"[DONE]")]


def test_an_event_without_data_is_none() -> None:
    assert read([b"event: ping\n\n: hello\n\ndata:\n\n"]) == []


def test_endless_comments_are_not_kept() -> None:
    assert read([b": ", *[b"x" * 65536] * 100, b"\n", b"data: 1\n\n"]) == [("", b"1")]


@settings(max_examples=20)
@given(st.lists(st.integers(0, 400_000), max_size=10))
def test_a_line_of_any_length_is_spilled(places: list[int]) -> None:
    stream = b'data: {"url":"data:image/png;base64,' + b"QUJD" * 70_000 + b'"}\r\n\r\ndata: [DONE]\r\n\r\n'
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()
        reader = EventReader(Spool(lambda: Path(folder) / str(next(numbers))))
        first, done = [event for piece in cut(stream, places) for event in reader.feed(piece)]
        (passage,) = first.data.passages.values()
        assert passage.blobs[0].file.path.read_bytes() == b"ABC" * 70_000
        assert done.is_done


def test_a_stream_cut_in_a_text_says_so() -> None:
    with pytest.raises(BadReply, match="cut off"):
        read([b'data: {"text":"half a wo'])


@given(st.binary(max_size=300).filter(lambda data: data.count(b'"') % 2 == 0 and b"\\" not in data))
def test_any_bytes_are_read(data: bytes) -> None:
    lines = data.replace(b"\r", b"").replace(b"\n", b"")
    assert [small for _, small in read([b"data: " + lines])] == ([lines] if lines.strip() else [])
