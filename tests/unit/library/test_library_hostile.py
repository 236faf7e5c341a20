"""Whatever stands in a metadata file or a picture's texts: a row or a sentence, never a crash, in bounded memory.

IMAGE_GEN_FUZZ sets how many files each kind of damage makes, a hundred and twenty where it is not set.
"""

import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.deliveries import chunk, png
from support.foreign_pictures import with_texts

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.marking import Marking
from tui.library import Library

Keep = Callable[..., Generation]
STEM = "20260101_120000"
FILES = int(os.environ.get("IMAGE_GEN_FUZZ", "120"))
pytestmark = pytest.mark.timeout(120 + FILES)
FUZZED = settings(max_examples=FILES, deadline=None, suppress_health_check=list(HealthCheck))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("\ud800[red]\x1b[2J"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
WHOLE: dict[str, Any] = {
    "schema": 1,
    "id": "019364e2-7c3a-7000-8000-000000000000",
    "created_at": "2026-01-01T12:00:00.000+00:00",
    "prompt": "a red fox",
    "model": "m",
    "options": {"aspect_ratio": "1:1", "image_size": "1K"},
    "references": [{"file": "/a/b.png", "sha256": "0", "mime": "image/png"}],
    "parent": None,
    "proxy": "http://h",
    "reply": {"id": "r", "text": "t", "usage": {"tokens": 1}},
    "images": [
        {"file": f"image_{STEM}_0.png", "mime": "image/png", "width": 4, "height": 3, "bytes": 9, "sha256": "0" * 64}
    ],
    "elapsed": 1.5,
    "warnings": [{"code": "c", "message": "m"}],
    "user": {"starred": True, "rating": 3, "tags": ["fox"], "notes": "n"},
    "made_with": {"program": "p"},
}


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk does meanwhile is not at stake."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value inside ``value``."""
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


PLACES = sorted(places(WHOLE), key=str)


def with_value(value: Any, path: tuple[str | int, ...], other: object) -> Any:
    """``value`` with ``other`` at the end of ``path``, as far as that leads."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else None
    inside = copy is not None and (path[0] in copy if isinstance(copy, dict) else isinstance(path[0], int))
    if copy is None or not inside or (isinstance(copy, list) and int(path[0]) >= len(copy)):
        return value
    copy[path[0]] = with_value(copy[path[0]], path[1:], other)
    return copy


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A whole document with some values replaced, and some of its bytes too."""
    document = WHOLE
    for path in draw(st.lists(st.sampled_from(PLACES), max_size=4)):
        document = with_value(document, path, draw(VALUES))
    data = bytearray(json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"))
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=3)):
        data[place] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 3)) == 3 else data)


def use(library: Library, stem: str) -> None:
    """Read, check, mark, throw away, look at and bring back: each works, or fails with a sentence."""
    found = library.load(stem)
    assert found is not None
    assert library.page().generations == (found,)
    texts = (found.prompt, found.model, found.id, found.user.notes, *found.user.tags, found.damage or "")
    assert all(text.encode() or not text for text in texts)
    for trouble in library.verify().troubles:
        assert trouble.words.encode()
    changed = library.change_all([found], Marking(starred=True, rating=5, add=("new",), notes="mine"))
    assert [(each.now.user.starred, each.now.user.rating, each.now.prompt) for each in changed.done] in (
        [(True, 5, found.prompt)],
        [],
    )
    assert all(each.error.detail and found.damage for each in changed.failures)
    library.trash([found])
    (thrown,) = library.trash_contents()
    assert thrown.generation.prompt == found.prompt
    (back,) = library.restore_from_trash([thrown]).generations
    assert back.prompt == found.prompt


@given(data=documents())
@FUZZED
def test_any_metadata_file_is_a_row_and_can_be_worked_with(library: Library, data: bytes) -> None:
    (library.folder / f"image_{STEM}_0.png").write_bytes(png())
    (library.folder / f"metadata_{STEM}.json").write_bytes(data)
    use(library, STEM)
    for path in library.folder.glob("*_*"):
        path.unlink()


@given(data=documents() | st.binary(max_size=40), own=st.booleans())
@FUZZED
def test_any_text_in_a_picture_is_a_row_and_can_be_worked_with(library: Library, data: bytes, own: bool) -> None:
    text = chunk(b"iTXt", (b"image-gen" if own else b"parameters") + b"\0\0\0\0\0" + data)
    name = "dropped.png"
    (library.folder / name).write_bytes(with_texts(text))
    use(library, name)
    for path in library.folder.glob("*dropped*"):
        path.unlink()


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (lambda stream: stream.truncate(2 << 30), "too large to be metadata: it has 2147.5 MB"),
        (lambda stream: stream.write(json.dumps({"user": {"tags": ["x"] * 1_000_000}}).encode()), "1,000,000 tags"),
    ],
)
def test_what_is_too_much_is_refused_with_a_sentence_in_bounded_memory(
    library: Library, keep: Keep, tmp_path: Path, fill: Callable[[Any], object], words: str
) -> None:
    saved = keep()
    assert saved.metadata is not None
    with saved.metadata.open("wb") as stream:
        fill(stream)
    before = saved.metadata.stat()
    tracemalloc.start()
    found = library.load(saved.stem)
    assert found is not None
    assert words in (found.damage or "")
    assert (found.prompt, found.user.tags) == ("a red fox", ())
    with pytest.raises(DiskError, match="damaged") as told:
        library.add_tags(saved, ["fox"])
    assert words in told.value.detail
    assert [each.kind for each in library.verify().troubles][:1] == ["damaged metadata"]
    library.restore(library.trash([found]))
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()
    assert saved.metadata.stat().st_mtime_ns == before.st_mtime_ns
    other = Library(tmp_path / "other")
    done = other.import_folder(library.folder)
    assert len(done.stems) + len(done.failures) == 1
