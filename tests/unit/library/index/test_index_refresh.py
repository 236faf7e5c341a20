"""What a folder holds comes into the index, and goes out of it, as the library itself reads it."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.deliveries import png

from tui.domain.generation import Generation
from tui.domain.query import parse
from tui.library import Library
from tui.library.index import Index
from tui.library.index import listing as index_listing

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


def settled(folder: Path, days: int = 1) -> None:
    """Let every file be so old that no clock is too coarse to show its next change."""
    for path in folder.iterdir():
        before = path.stat().st_mtime_ns - days * 86_400 * 10**9
        os.utime(path, ns=(before, before))


def test_a_day_that_is_as_it_was_is_not_looked_through(
    index: Index, library: Library, keep: Callable[..., Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        keep(f"fox {number}", started=datetime(2026, 11, 1 + number // 2, 12, number))
    settled(library.folder)
    index.refresh()
    looked: list[str] = []
    times_of = index_listing.times_of

    def noted(folder: int, name: str) -> tuple[int, int]:
        looked.append(name)
        return times_of(folder, name)

    monkeypatch.setattr(index_listing, "times_of", noted)
    told: list[tuple[int, int]] = []
    assert index.refresh(told=lambda *each: told.append(each)) == 0
    assert (looked, told[-1]) == ([], (4, 4))
    changed = found(index, "fox 3")[0]
    library.set_rating(changed, 4)
    assert index.refresh() == 1
    assert {name[6:14].lstrip("_") for name in looked if name.startswith("image")} == {"20261102"}
    assert [each.prompt for each in found(index, "rating:4")] == ["fox 3"]


@pytest.mark.parametrize("whole", [True, False], ids=["a look at all", "a look as far as needed"])
def test_what_is_written_into_a_file_in_place_is_found(
    index: Index, library: Library, keep: Callable[..., Generation], whole: bool
) -> None:
    keep("a hare", started=datetime(2026, 10, 1))
    kept = keep("a fox", started=datetime(2026, 11, 1))
    settled(library.folder)
    index.refresh()
    assert kept.metadata is not None
    document = json.loads(kept.metadata.read_text())
    kept.metadata.write_text(json.dumps(document | {"prompt": "a wolf"}))
    assert (index.refresh() if whole else index.refresh_until(lambda _day: False)) == 1
    assert [each.prompt for each in found(index)] == ["a wolf", "a hare"]


def test_a_picture_that_tells_for_itself_is_looked_at_again(index: Index, library: Library) -> None:
    picture = library.folder / "image_20261101_120000_0.png"
    library.folder.mkdir(exist_ok=True)
    picture.write_bytes(png(8, 8))
    (library.folder / "metadata_20261101_120000.json").write_text('{"prompt": "a fox"}')
    settled(library.folder)
    index.refresh()
    picture.write_bytes(png(16, 9))
    assert index.refresh() == 1
    assert [each.final_image.width for each in found(index) if each.final_image] == [16]


def test_a_look_ends_where_it_will_do_and_begins_with_what_has_no_day(
    index: Index, library: Library, keep: Callable[..., Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.library.index.filling._FIRST_ASKED", 1)
    for day in range(1, 7):
        keep(f"fox {day}", started=datetime(2026, 11, day))
    (library.folder / "cat.png").write_bytes(png(8, 8))
    asked: list[int] = []

    def is_enough(day: int) -> bool:
        asked.append(day)
        return day < 20261106

    assert index.refresh_until(is_enough) == 4
    assert asked == [20261106, 20261104]
    assert {each.prompt or each.stem for each in found(index)} == {"cat.png", "fox 6", "fox 5", "fox 4"}
    assert index.refresh() == 3


def test_what_was_put_in_meanwhile_is_read_again(
    index: Index, library: Library, keep: Callable[..., Generation]
) -> None:
    kept = keep("a fox", started=datetime(2026, 11, 1))
    settled(library.folder)
    index.refresh()
    index.put([replace(kept, prompt="as it never was")])
    assert index.refresh() == 1
    assert [each.prompt for each in found(index)] == ["a fox"]
