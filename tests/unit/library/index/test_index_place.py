"""Where the index lies: whatever becomes of it there, it is made anew and says so; files are never touched."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tui.domain.generation import Generation
from tui.domain.query import parse
from tui.library import Library
from tui.library.index import Index

Keep = Callable[..., Generation]
NOW = datetime(2026, 11, 30, 15, 0)


def stems(index: Index) -> list[str]:
    with closing(index.finder()) as finder:
        ids = finder.find(parse(""), "newest", NOW)
    rows = index.rows(ids)
    return [rows[each].stem for each in ids]


def file_of(cache: Path) -> Path:
    (path,) = cache.rglob("index.db")
    return path


@pytest.mark.parametrize("harm", ["noise", "empty", "half", "a database of others", "newer"])
def test_what_is_no_index_of_ours_is_made_anew_and_told(
    library: Library, keep: Keep, tmp_path: Path, harm: str
) -> None:
    keep("fox")
    cache = tmp_path / "cache"
    with closing(Index.open(library.folder, cache)) as index:
        index.refresh()
        assert index.said == ""
    path = file_of(cache)
    whole = path.read_bytes()
    if harm == "a database of others":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE kept (strange TEXT)")
    elif harm == "newer":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO migration (name) VALUES ('from the future')")
            connection.commit()
    else:
        path.write_bytes({"noise": b"noise" * 5000, "empty": b"", "half": whole[: len(whole) // 2]}[harm])
    with closing(Index.open(library.folder, cache)) as index:
        index.refresh()
        assert len(stems(index)) == 1
        assert harm == "empty" or "anew" in index.said


def test_two_libraries_have_two_indexes_and_one_by_two_names_has_one(
    library: Library, keep: Keep, tmp_path: Path
) -> None:
    keep("fox")
    other = Library(tmp_path / "other")
    other.open()
    (tmp_path / "link").symlink_to(library.folder)
    cache = tmp_path / "cache"
    for folder in (library.folder, other.folder, tmp_path / "link"):
        with closing(Index.open(folder, cache)) as index:
            index.refresh()
            assert len(stems(index)) == (folder != other.folder)
    assert len([*cache.rglob("index.db")]) == 2
    assert [path.name for path in library.folder.iterdir() if "index" in path.name] == []


@pytest.mark.usefixtures("temp_folder")
def test_a_cache_that_is_no_folder_leaves_an_index_for_this_run(library: Library, keep: Keep, tmp_path: Path) -> None:
    keep("fox")
    cache = tmp_path / "cache"
    cache.write_text("a file where the folder should be")
    with closing(Index.open(library.folder, cache)) as index:
        index.refresh()
        assert len(stems(index)) == 1
    assert cache.read_text().startswith("a file")
    assert [*(tmp_path / "temp").iterdir()] == []


def test_what_is_saved_shows_in_another_process_at_once(library: Library, keep: Keep, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with closing(Index.open(library.folder, cache)) as index:
        index.refresh()
        before = index.version()
        keep("fox")
        code = "import sys\nfrom pathlib import Path\nfrom tui.library.index import Index\n"
        code += "Index.open(Path(sys.argv[1]), Path(sys.argv[2])).refresh()"
        subprocess.run([sys.executable, "-c", code, str(library.folder), str(cache)], check=True)
        assert index.version() != before
        assert len(stems(index)) == 1


def test_the_newest_are_there_before_the_rest_is_read(library: Library, keep: Keep, tmp_path: Path) -> None:
    saved = [keep(f"fox {day}", started=datetime(2026, 11, day, 12)) for day in range(1, 21)]
    with closing(Index.open(library.folder, tmp_path / "cache")) as index:
        assert index.refresh_newest(5) == 5
        assert stems(index) == [each.stem for each in reversed(saved[-5:])]
        assert index.refresh() == 15
        assert stems(index) == [each.stem for each in reversed(saved)]


def test_names_of_any_kind_bring_in_what_they_belong_to(library: Library, keep: Keep, tmp_path: Path) -> None:
    with closing(Index.open(library.folder, tmp_path / "cache")) as index:
        index.refresh()
        kept = keep("fox", started=datetime(2026, 11, 1, 12))
        for name in ("cat.png", "image_cat.png_0.jpg", "image_20261101_junk_0.png", "notes.txt", ".hidden.png"):
            (library.folder / name).write_bytes(b"no picture")
        index.refresh_names(["notes.txt", ".hidden.png"])
        assert stems(index) == []
        index.refresh_names(["cat.png"])
        assert set(stems(index)) == {"cat.png", "image_20261101_junk_0.png"}
        index.refresh_names([f"metadata_{kept.stem}.json", "gone.png"])
        assert set(stems(index)) == {kept.stem, "cat.png", "image_20261101_junk_0.png"}
        (library.folder / "cat.png").unlink()
        index.refresh_names(["cat.png"])
        assert set(stems(index)) == {kept.stem, "image_cat.png_0.jpg", "image_20261101_junk_0.png"}


CRASHING = """
import os, sys, threading, time
from pathlib import Path
from tui.library.index import Index
index = Index.open(Path(sys.argv[1]), Path(sys.argv[2]))
threading.Thread(target=lambda: (time.sleep(float(sys.argv[3])), os.kill(os.getpid(), 9)), daemon=True).start()
while True:
    index.refresh()
    for path in Path(sys.argv[1]).glob("metadata_*.json"):
        os.utime(path, (1e9, time.time()))
"""


def test_killed_at_any_moment_the_next_start_is_clean(library: Library, keep: Keep, tmp_path: Path) -> None:
    saved = {keep(f"fox {number}").stem for number in range(30)}
    cache = tmp_path / "cache"
    times = int(os.environ.get("IMAGE_GEN_CRASHES", "6"))
    for number in range(times):
        pause = str(0.02 + 0.05 * number / times * 6)
        child = [sys.executable, "-c", CRASHING, str(library.folder), str(cache), pause]
        assert subprocess.run(child, check=False).returncode == -9
        with closing(Index.open(library.folder, cache)) as index:
            index.refresh()
            assert index.said == ""
            assert set(stems(index)) == saved
