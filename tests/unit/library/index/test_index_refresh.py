"""What a folder holds comes into the index, and goes out of it, as the library itself reads it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tui.domain.generation import Generation
from tui.domain.query import parse
from tui.library import Library
from tui.library.index import Index

NOW = datetime(2026, 11, 30, 15, 0)


@pytest.fixture
def index(library: Library, tmp_path: Path) -> Iterator[Index]:
    opened = Index.open(library.folder, tmp_path / "cache")
    yield opened
    opened.close()


def found(index: Index, query: str = "") -> list[Generation]:
    finder = index.finder()
    ids = finder.find(parse(query), "newest", NOW)
    finder.close()
    rows = index.rows(ids)
    return [rows[id] for id in ids]


def test_it_has_what_the_library_has(index: Index, library: Library, keep: Callable[..., Generation]) -> None:
    for number in range(3):
        keep(f"fox {number}", started=datetime(2026, 11, 1) + timedelta(days=number))
    (library.folder / "cat.png").write_bytes(b"no picture")
    (library.folder / "image_cat.png_0.jpg").write_bytes(b"its copy")
    assert index.refresh() == 4
    assert {each.stem: each for each in found(index)} == {each.stem: each for each in library.page().generations}
    assert [each.prompt for each in found(index, "fox")] == ["fox 2", "fox 1", "fox 0"]


def test_what_did_not_change_is_not_read_again(index: Index, keep: Callable[..., Generation]) -> None:
    keep()
    index.refresh()
    version = index.version()
    assert index.refresh() == 0
    keep("another")
    assert index.refresh() == 1
    assert index.version() != version


def test_what_is_gone_is_forgotten(index: Index, library: Library, keep: Callable[..., Generation]) -> None:
    first, second = keep("first"), keep("second")
    index.refresh()
    library.trash([first])
    assert index.refresh() == 1
    assert found(index) == [second]
    assert index.id_of(first.id) is None
    assert found(index, "first") == []
