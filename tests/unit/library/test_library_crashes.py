"""Killed at any step of marking, throwing away, emptying and importing: nothing is lost, and it can be gone on with.

IMAGE_GEN_CRASHES sets how many kills each has, a dozen where it is not set.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tui.library import Library

HERE = Path(__file__).parent
KILLS = int(os.environ.get("IMAGE_GEN_CRASHES", "12"))


def crash(root: Path, what: str) -> list[tuple[Path, list[str]]]:
    """The folders in which a child was killed, and what it said before."""
    ran = subprocess.run(
        [sys.executable, HERE / "crashing_keeper.py", root, what, str(KILLS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    assert ran.returncode == 0, ran.stderr
    folders = [path for path in root.iterdir() if path.name.isdecimal()]
    assert len(folders) == len(ran.stdout) >= min(KILLS, 12)
    # How many steps it takes differs by a few.
    assert ran.stdout.rstrip("w").count("k") >= 0.9 * len(folders)
    return [(path, (path / "said").read_text().splitlines()) for path in folders]


def told(folder: Path) -> dict[str, object]:
    """What the metadata files say, by prompt, without file names; and the pictures' bytes."""
    found = {}
    for path in folder.glob("metadata_*.json"):
        document = json.loads(path.read_text())
        document["pictures"] = [(folder / image.pop("file")).read_bytes() for image in document["images"]]
        assert document["prompt"] not in found
        found[document["prompt"]] = document
    return found


def assert_clean(folder: Path) -> None:
    """Everything is whole, and nothing is left over."""
    assert Library(folder).verify().troubles == ()
    assert {path.name for path in folder.iterdir() if path.name.startswith(".")} <= {".trash"}


def test_what_was_added_before_a_kill_stays(tmp_path: Path) -> None:
    halves = 0
    for root, said in crash(tmp_path, "mark"):
        library = Library(root / "library")
        library.open()
        user = library.page().generations[0].user
        tags = [line for line in said if line.startswith("tag")]
        stars = [line == "star True" for line in said if line.startswith("star")]
        assert list(user.tags[: len(tags)]) == tags
        assert len(user.tags) <= len(tags) + 1
        under_way = [len(stars) % 2 == 0] if len(stars) < len(tags) else []
        assert user.starred in [stars[-1] if stars else False, *under_way]
        assert (user.rating, user.notes) == (4, "notes on d")
        halves += len(user.tags) > len(tags)
        assert_clean(root / "library")
    assert KILLS < 100 or halves


def test_a_throw_killed_anywhere_loses_nothing_but_what_was_emptied(tmp_path: Path) -> None:
    ends = set()
    for root, said in crash(tmp_path, "throw"):
        folder, whole = root / "library", told(tmp_path / "template")
        library = Library(folder)
        library.open()
        assert library.restore_from_trash(library.trash_contents()).failures == ()
        found = told(folder)
        assert found == {prompt: whole[prompt] for prompt in found}
        assert {"a", "d"} <= found.keys()
        assert "b" in found or "back" in said
        assert "c" in found or "b deleted" in said
        assert ("b" in found) <= ("b deleted" not in said)
        ends.add("".join(sorted(found)))
        assert library.empty_trash().count == 0
        assert not list((folder / ".trash").glob("*"))
        assert_clean(folder)
    assert ends == {"abcd", "acd", "ad"}


def test_a_trash_killed_anywhere_can_be_emptied(tmp_path: Path) -> None:
    for root, _ in crash(tmp_path, "throw"):
        folder = root / "library"
        library = Library(folder)
        count = len(library.trash_contents())
        assert library.empty_trash().count == count
        assert library.trash_contents() == ()
        library.open()
        assert not list((folder / ".trash").glob("*"))
        assert {each.prompt for each in library.page().generations} >= {"d"}
        assert library.verify().is_sound


def test_an_import_killed_anywhere_goes_on_where_it_was(tmp_path: Path) -> None:
    parts = set()
    for root, _ in crash(tmp_path, "import"):
        library = Library(root / "into")
        library.open()
        assert library.verify().is_sound
        parts.add(library.page().total)
        done = library.import_folder(root / "library")
        assert done.failures == ()
        assert told(root / "into") == told(tmp_path / "template") == told(root / "library")
        assert library.page().total == 4
        assert_clean(root / "into")
    assert len(parts) > 2
