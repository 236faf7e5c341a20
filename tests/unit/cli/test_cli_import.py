"""``image-gen import``: a folder's pictures come into the library, and the folder stays as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.app import NOBODY, Home
from support.command import Outcome
from support.deliveries import chunk, png
from support.foreign_pictures import A1111

Run = Callable[..., Outcome]
Show = Callable[..., Any]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder with a generation of ours, a picture of another program, and one in a folder below."""
    ours = Home(tmp_path / "elsewhere", NOBODY)
    ours.keep("a fox of ours")
    folder = ours.library
    (folder / "theirs.png").write_bytes(png(8, 8, extra=[chunk(b"tEXt", b"parameters\0" + A1111.encode())]))
    (folder / "below").mkdir()
    (folder / "below" / "deep.png").write_bytes(png(5, 5))
    return folder


def test_a_folder_comes_in_and_stays_as_it_is(other: Path, here: Run) -> None:
    before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
    done = here("import", str(other))
    assert done.status == 0
    assert sorted(done.lines) == ["20260314_120000", "theirs.png"]
    assert "2 generations came into" in done.err
    assert sorted(line.split("\t")[3] for line in here("history").lines) == ["a fox of ours", "a red fox, deep snow"]
    assert {path: path.read_bytes() for path in other.rglob("*") if path.is_file()} == before


def test_again_nothing_comes_and_recursive_brings_the_rest(other: Path, here: Run) -> None:
    here("import", str(other))
    again = here("import", "--recursive", str(other))
    assert again.lines == ["deep.png"]
    assert "2 were there already" in again.err


def test_json_tells_each_and_the_sum(other: Path, here: Run) -> None:
    *each, last = here("import", "--link", "--recursive", "--json", str(other)).objects
    assert {row["stem"] for row in each} == {"20260314_120000", "theirs.png", "deep.png"}
    assert (last["imported"], last["known"], last["failed"]) == (3, 0, 0)
    assert last["bytes"] > 0


def test_what_cannot_come_is_told_and_the_rest_comes(other: Path, here: Run) -> None:
    (other / "broken.png").write_bytes(b"no picture")
    done = here("import", str(other))
    assert done.status == 1
    assert len(done.lines) == 2
    assert "broken.png" in done.err
    failed = here("import", "--json", str(other)).objects[0]
    assert (failed["status"], Path(failed["path"]).name) == ("failed", "broken.png")


def test_on_a_terminal_the_sum_is_told(other: Path, on_terminal: Show) -> None:
    lines = on_terminal("import", str(other), columns=200).lines
    assert len(lines) == 1
    assert "2 generations came into" in lines[0]


@pytest.mark.parametrize("folder", ["nowhere", "", "generated_images", "."])
def test_a_folder_that_cannot_be_imported_is_wrong_usage(here: Run, tmp_path: Path, folder: str) -> None:
    (tmp_path / "generated_images").mkdir()
    done = here("import", folder)
    assert (done.status, done.out) == (2, b"")
    assert list((tmp_path / "generated_images").iterdir()) == []


def test_without_a_folder_it_is_wrong_usage(here: Run) -> None:
    assert here("import").status == 2
    assert here("import", "a", "b").status == 2
