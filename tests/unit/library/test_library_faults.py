"""Power goes, disks fill up, folders vanish: what was received is never lost, what is visible is whole."""

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.deliveries import JPEG, chunks_of, png, received, reply_of

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.picture import is_whole
from tui.domain.request import Request
from tui.library import Library, files

Keep = Callable[..., Generation]
HERE = Path(__file__).parent
REQUEST = Request("a red fox")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond ``size``, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def assert_all_visible_is_whole(folder: Path) -> None:
    """Every metadata file is whole and names whole pictures; every visible picture is whole."""
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.suffix == ".json":
            document = json.loads(path.read_text())
            for image in document["images"]:
                data = (folder / image["file"]).read_bytes()
                assert len(data) == image["bytes"]
                assert hashlib.sha256(data).hexdigest() == image["sha256"]
        else:
            with path.open("rb") as stream:
                assert is_whole(stream, "image/png" if path.suffix == ".png" else "image/jpeg")


def crash(folder: Path, how: str, count: int) -> str:
    ran = subprocess.run(
        [sys.executable, HERE / "crashing_child.py", folder, how, str(count)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(("how", "count"), [("steps", 90), ("moments", 60)])
def test_a_kill_at_any_moment_leaves_only_whole_files(tmp_path: Path, how: str, count: int) -> None:
    folder = tmp_path / "library"
    ends = crash(folder, how, count)
    assert ends.count("k") >= count // 4
    assert len(ends) == count
    assert_all_visible_is_whole(folder)
    library = Library(folder)
    seen = library.page(count=10_000).generations
    assert all(each.prompt == "first" and each.damage is None for each in seen)
    assert not any(image.missing for each in seen for image in each.images)
    library.open()
    assert {name for name in names(folder) if name.startswith(".")} == {".trash"}
    for trashed in library.in_trash():
        library.restore(trashed)
    assert_all_visible_is_whole(folder)
    assert {path.name for path in (folder / ".trash").iterdir() if path.suffix != ".json"} == set()


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """What the metadata files say, by prompt, without the names of the pictures; and their pictures' bytes."""
    told = {}
    for path in folder.glob("metadata_*.json"):
        document = json.loads(path.read_text())
        document["pictures"] = [(folder / image.pop("file")).read_bytes() for image in document["images"]]
        assert document["prompt"] not in told
        told[document["prompt"]] = document
    return told


def test_a_restore_under_a_fresh_name_killed_at_any_step_ends_whole(library: Library, keep: Keep) -> None:
    """Killed twice, with its old name free again or not in between."""
    started = datetime(2026, 11, 22, 10, 30)
    first, third = keep("first", started=started), keep("third", started=started)
    library.convert(library.set_starred(first, True), "jpeg")
    before = documents(library.folder)
    library.trash([first, third])
    second = Library(library.folder)
    second.save(
        Request("second"), reply_of([received(second.spool(), png(9, 9))]), proxy="", elapsed=0, started=started
    )
    before |= documents(library.folder)
    assert len(before) == 3
    ends = crash(library.folder, "restores", 200)
    assert ends.count("k") > 40
    assert ends.endswith("w")
    copies = [path for path in library.folder.parent.iterdir() if path != library.folder]
    assert len(copies) == len(ends)
    for folder in copies:
        again = Library(folder)
        again.open()
        for trashed in again.in_trash():
            again.restore(trashed)
        assert documents(folder) == before, folder.name
        assert again.page().total == 3
        assert not [path for path in (folder / ".trash").iterdir() if not path.name.startswith("trashed_")]
        assert_all_visible_is_whole(folder)


def test_a_full_disk_brings_the_picture_to_safety(library: Library, temp_folder: Path) -> None:
    image = received(library.spool(), JPEG, mime="image/jpeg")
    with files_no_larger_than(200), pytest.raises(DiskError) as told:
        library.save(Request("long " * 100), reply_of([image]), proxy="http://h", elapsed=0)
    assert told.value.detail.startswith("File too large")
    assert told.value.hint
    (kept,) = told.value.kept
    assert kept.read_bytes() == JPEG
    assert kept.parent.parent == temp_folder
    assert kept.parent.name.startswith("image-gen-kept-")
    assert kept.suffix == ".jpg"
    assert names(library.folder) == set()


def test_a_disk_that_fills_up_while_our_text_is_added_keeps_the_picture(library: Library, temp_folder: Path) -> None:
    data = png(64, 64)
    images = [received(library.spool(), JPEG, mime="image/jpeg"), received(library.spool(), data)]
    with files_no_larger_than(len(data) + 10), pytest.raises(DiskError) as told:
        library.save(REQUEST, reply_of(images), proxy="http://h", elapsed=0)
    assert [path.read_bytes() for path in told.value.kept] == [JPEG, data]
    assert names(library.folder) == set()


def test_a_copy_into_a_full_library_names_the_library(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.png").write_bytes(bytes(1000))
    full = tmp_path / "full"
    full.mkdir()
    with files_no_larger_than(100), pytest.raises(OSError, match="File too large") as told:
        files.copy_hidden(tmp_path / "elsewhere.png", full)
    assert files.disk_error(told.value).detail == f"File too large: {full}"
    assert names(full) == set()


def test_a_script_learns_where_a_picture_was_kept(library: Library, temp_folder: Path) -> None:
    reply = reply_of([received(library.spool(), png(64, 64))])
    with files_no_larger_than(100), pytest.raises(DiskError) as told:
        library.save(REQUEST, reply, proxy="http://h", elapsed=0)
    assert str(told.value.kept[0]) in told.value.as_dict()["hint"]
    assert "kept" not in DiskError("x").as_dict()["hint"]


def test_what_was_kept_can_be_saved_in_another_library(library: Library, temp_folder: Path, tmp_path: Path) -> None:
    data = png(64, 64)
    reply = reply_of([received(library.spool(), data)])
    with files_no_larger_than(100), pytest.raises(DiskError) as told:
        library.save(REQUEST, reply, proxy="http://h", elapsed=0)
    moved = reply_of([replace(reply.final, path=told.value.kept[0])])
    other = Library(tmp_path / "other")
    saved = other.save(REQUEST, moved, proxy="http://h", elapsed=0)
    assert chunks_of(saved.images[0].path.read_bytes())[:-2] == chunks_of(data)[:-1]
    assert_all_visible_is_whole(other.folder)
    assert not told.value.kept[0].exists()


def test_with_no_room_in_the_temp_folder_either_the_picture_stays_in_the_library(
    library: Library, temp_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(temp_folder / "none"))
    image = received(library.spool(), JPEG, mime="image/jpeg")
    with files_no_larger_than(200), pytest.raises(DiskError) as told:
        library.save(Request("long " * 100), reply_of([image]), proxy="http://h", elapsed=0)
    (kept,) = told.value.kept
    assert kept.parent == library.folder
    assert kept.read_bytes() == JPEG
    assert not kept.name.startswith(".")
    library.open()
    assert [image.path for image in library.page().generations[0].images] == [kept]


def unusable(tmp_path: Path) -> Library:
    """A library nobody can write, not even root: below a regular file."""
    (tmp_path / "file").write_text("no folder")
    return Library(tmp_path / "file" / "library")


def test_a_folder_that_cannot_be_made_is_an_error_with_the_system_s_words(tmp_path: Path) -> None:
    library = unusable(tmp_path)
    with pytest.raises(DiskError) as told:
        library.open()
    assert "Not a directory" in told.value.detail or "File exists" in told.value.detail
    assert "--output-dir" in told.value.hint


def test_a_folder_that_cannot_be_written_costs_no_picture(tmp_path: Path, temp_folder: Path) -> None:
    library = unusable(tmp_path)
    spooled = library.spool()
    assert spooled.parent == temp_folder
    image = received(spooled, png())
    with pytest.raises(DiskError) as told:
        library.save(REQUEST, reply_of([image]), proxy="http://h", elapsed=0)
    assert [path.read_bytes() for path in told.value.kept] == [png()]
    assert "Not a directory" in told.value.detail
    assert {path.name for path in temp_folder.iterdir()} == {told.value.kept[0].parent.name}


def test_a_read_only_folder_costs_no_picture_and_can_still_be_read(
    library: Library, keep: Keep, temp_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the system's refusal is played for the library's folder alone."""
    saved = keep()
    image = received(temp_folder / "spooled", JPEG, mime="image/jpeg")
    before = names(library.folder)
    real = {"rename": os.rename, "link": os.link, "open": os.open, "unlink": os.unlink}

    def refuse(name: str) -> Callable[..., object]:
        def call(*args: object, **more: object) -> object:
            writes = name != "open" or int(str(args[1])) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and any(str(library.folder) in str(each) for each in args[:2]):
                raise OSError(30, os.strerror(30), str(args[0]))
            return real[name](*args, **more)

        return call

    for name in real:
        monkeypatch.setattr(os, name, refuse(name))
    with pytest.raises(DiskError) as told:
        library.save(REQUEST, reply_of([image]), proxy="http://h", elapsed=0)
    assert told.value.detail.startswith("Read-only file system")
    assert "may write" in told.value.hint
    assert [path.read_bytes() for path in told.value.kept] == [JPEG]
    with pytest.raises(DiskError):
        library.trash([saved])
    library.open()
    assert library.page().generations == (saved,)
    assert names(library.folder) - {".trash"} == before


def test_a_folder_that_was_removed_is_made_again(library: Library, keep: Keep) -> None:
    keep("first")
    shutil.rmtree(library.folder)
    assert library.page().generations == ()
    saved = keep("second")
    assert library.page().generations == (saved,)


def test_a_folder_removed_with_the_spooled_picture_in_it_is_an_error(library: Library, temp_folder: Path) -> None:
    image = received(library.spool(), png())
    shutil.rmtree(library.folder)
    with pytest.raises(DiskError) as told:
        library.save(REQUEST, reply_of([image]), proxy="http://h", elapsed=0)
    assert told.value.kept == ()
    assert "No such file" in told.value.detail


def test_everything_asked_of_a_folder_that_is_gone_is_an_error_at_most(
    library: Library, keep: Keep, tmp_path: Path
) -> None:
    saved = keep()
    trashed = library.trash([saved])
    (restored,) = library.restore(trashed)
    shutil.rmtree(library.folder)
    assert library.load(restored.stem) is None
    assert library.in_trash() == ()
    for act in (
        lambda: library.set_starred(restored, True),
        lambda: library.convert(restored, "jpeg"),
        lambda: library.export(restored.images[0], tmp_path / "out"),
        lambda: library.restore(trashed),
        lambda: library.trash([restored]),
    ):
        with suppress(DiskError):
            act()
