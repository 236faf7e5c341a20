"""Another folder brought in: nothing overwritten, nothing lost, nothing twice; the other folder stays as it is."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.deliveries import JPEG, png, received, reply_of
from support.foreign_pictures import foreign_pictures

from tui.domain.errors import DiskError, InvalidRequest
from tui.domain.generation import Generation
from tui.domain.request import Request
from tui.library import Library, files, placing
from tui.library.importing import Imported

STARTED = datetime(2026, 3, 14, 10, 30)
Keep = Callable[..., Generation]


@pytest.fixture
def other(tmp_path: Path) -> Library:
    """Another library of ours."""
    found = Library(tmp_path / "other")
    found.open()
    return found


def keep_in(library: Library, prompt: str, shade: int, **more: Any) -> Generation:
    image = received(library.spool(), png(shade=shade), width=4, height=3)
    return library.save(Request(prompt), reply_of([image]), proxy="", elapsed=0, started=STARTED, **more)


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def every(library: Library) -> dict[str, Generation]:
    return {each.prompt or each.stem: each for each in library.page().generations}


def without_places(generation: Generation) -> Generation:
    images = tuple(replace(image, path=Path()) for image in generation.images)
    return replace(generation, stem="", images=images, metadata=None)


def test_our_own_generations_come_whole_under_names_nobody_has(library: Library, other: Library) -> None:
    mine = keep_in(library, "mine", 1)
    theirs = other.convert(keep_in(other, "theirs", 2), "jpeg")
    theirs = other.set_notes(other.add_tags(other.set_rating(theirs, 4), ["fox"]), "a note")
    second = keep_in(other, "second", 3)
    assert theirs.stem == mine.stem
    before = state(other.folder)
    heard: list[tuple[int, int, int]] = []
    done = library.import_folder(other.folder, told=lambda *counts: heard.append(counts))
    assert state(other.folder) == before
    found = every(library)
    assert without_places(found["theirs"]) == without_places(theirs)
    assert without_places(found["second"]) == without_places(second)
    assert found["mine"] == mine
    assert set(done.stems) == {found["theirs"].stem, found["second"].stem}
    assert (done.failures, done.known, done.stopped) == ((), (), False)
    assert done.bytes == sum(image.bytes for each in (theirs, second) for image in each.images)
    assert [each[:2] for each in heard] == [(1, 2), (2, 2)]
    assert library.verify().troubles == ()
    assert not [path for path in library.folder.iterdir() if path.name.startswith(".")]


def test_what_is_there_already_is_passed_over_and_said(library: Library, other: Library) -> None:
    keep_in(other, "theirs", 2)
    (other.folder / "again.png").write_bytes((other.folder / "image_20260314_103000_0.png").read_bytes())
    # Older, so that the one which tells more comes first.
    os.utime(other.folder / "again.png", (1_000_000_000, 1_000_000_000))
    first = library.import_folder(other.folder)
    assert (len(first.stems), len(first.known)) == (1, 1)
    before = state(library.folder)
    again = library.import_folder(other.folder)
    assert again == Imported(known=again.known)
    assert {path.name for path in again.known} == {"again.png", "image_20260314_103000_0.png"}
    assert state(library.folder) == before


def test_equal_pictures_that_were_asked_for_apart_all_come_once(library: Library, other: Library) -> None:
    keep_in(library, "mine", 5)
    for prompt in ("red", "green"):
        other.add_tags(keep_in(other, prompt, 5), [prompt])
    done = library.import_folder(other.folder)
    assert len(done.stems) == 2
    assert {name: each.user.tags for name, each in every(library).items()} == {
        "mine": (),
        "red": ("red",),
        "green": ("green",),
    }
    again = library.import_folder(other.folder)
    assert (again.stems, len(again.known)) == ((), 2)


def test_the_first_script_s_pairs_stay_pairs(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "generated_images"
    source.mkdir()
    (source / "image_20250101_120000_0.png").write_bytes(png())
    (source / "metadata_20250101_120000.json").write_text('{"prompt": "a castle"}')
    library.import_folder(source)
    found = every(library)["a castle"]
    assert (found.stem, f"{found.created_at:%Y-%m-%d %H:%M}") == ("20250101_120000", "2025-01-01 12:00")
    assert found.metadata is not None
    assert found.metadata.read_text() == '{"prompt": "a castle"}'


def test_pictures_of_other_programs_keep_name_time_and_what_they_tell(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "downloads" / "deep"
    source.mkdir(parents=True)
    pictures = foreign_pictures()
    for number, each in enumerate(pictures):
        (source / each.name).write_bytes(each.data)
        os.utime(source / each.name, (1_700_000_000 + number * 60,) * 2)
    (source / "notes.txt").write_text("not a picture")
    library.import_folder(source.parent)
    there = Library(source)
    for each in there.page(count=100).generations:
        found = library.load(each.stem)
        assert found is not None
        assert without_places(found) == without_places(replace(each))
        assert (found.stem, found.foreign) == (each.stem, True)
    assert library.page().total == len(pictures)


def test_a_starred_foreign_picture_whose_name_is_taken_gets_another_with_its_metadata(
    library: Library, other: Library
) -> None:
    (library.folder / "cat.jpg").write_bytes(JPEG)
    (other.folder / "cat.jpg").write_bytes(JPEG + b"\0")
    found = other.load("cat.jpg")
    assert found is not None
    other.set_starred(found, True)
    assert library.import_folder(other.folder).stems == ("cat-2.jpg",)
    assert (library.folder / "cat.jpg").read_bytes() == JPEG
    starred = library.load("cat-2.jpg")
    assert starred is not None
    assert starred.user.starred
    assert [(image.path.name, image.missing) for image in starred.images] == [("cat-2.jpg", False)]
    assert library.verify().is_sound


def test_links_share_the_bytes_and_copies_do_not(library: Library, other: Library, tmp_path: Path) -> None:
    theirs = keep_in(other, "theirs", 2)
    linked = Library(tmp_path / "linked")
    assert linked.import_folder(other.folder, link=True).shared == 1
    library.import_folder(other.folder)
    (path,) = (image.path for image in every(library)["theirs"].images)
    assert not path.samefile(theirs.images[0].path)
    assert path.stat().st_mtime_ns == theirs.images[0].path.stat().st_mtime_ns
    # Metadata is never shared: what a person adds here is no business of the other folder.
    before = state(other.folder)
    linked.set_starred(every(linked)["theirs"], True)
    assert state(other.folder) == before


def test_where_there_are_no_links_bytes_are_copied(
    library: Library, other: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = keep_in(other, "theirs", 2)
    real = os.link

    def link(source: Path, target: Path, **more: bool) -> None:
        if str(source).startswith(str(other.folder)):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source), None, str(target))
        real(source, target, **more)

    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(placing, "_CLONE", 0)
    assert library.import_folder(other.folder, link=True).shared == 0
    assert without_places(every(library)["theirs"]) == without_places(theirs)


def test_links_hidden_folders_and_what_is_no_picture_are_left_out(library: Library, tmp_path: Path) -> None:
    source, outside = tmp_path / "source", tmp_path / "outside"
    for folder in (source / ".hidden", source / "deep", outside):
        folder.mkdir(parents=True)
        (folder / "cat.png").write_bytes(png(shade=len(str(folder))))
    (source / "linked").symlink_to(outside)
    (source / "link.png").symlink_to(outside / "cat.png")
    (source / "page.png").write_text("<html>")
    (source / "metadata_20260101_120000.json").write_text('{"prompt": "no picture"}')
    os.mkfifo(source / "pipe.png")
    done = library.import_folder(source)
    assert done.stems == ("cat.png",)
    assert {(each.path.name, each.words) for each in done.failures} == {
        ("linked", "It is a link; what it leads to is not looked at."),
        ("link.png", "It is a link; what it leads to is not looked at."),
        ("page.png", "It is no picture that can be read."),
        ("metadata_20260101_120000.json", "None of its pictures is here."),
    }
    assert library.import_folder(source, recursive=False).stems == ()


def test_a_file_that_cannot_be_read_is_told_and_the_others_come(
    library: Library, other: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = keep_in(other, "first", 1), keep_in(other, "second", 2)
    real, name = Path.open, first.images[0].path.name

    def refusing(path: Path, *args: Any, **more: Any) -> Any:
        if path.name == name:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return real(path, *args, **more)

    monkeypatch.setattr(Path, "open", refusing)
    done = library.import_folder(other.folder)
    assert done.stems == (second.stem,)
    assert [(each.path.name, each.words) for each in done.failures] == [
        (name, "It cannot be read: Input/output error.")
    ]


@pytest.mark.parametrize(("source", "words"), [(".", "itself"), ("..", "lies in it"), ("deep", "lies in the library")])
def test_the_library_itself_what_holds_it_and_what_lies_in_it_are_refused(
    library: Library, source: str, words: str
) -> None:
    (library.folder / "deep").mkdir()
    with pytest.raises(InvalidRequest, match="imported") as told:
        library.import_folder(library.folder / source)
    assert words in told.value.detail
    assert told.value.hint
    link = library.folder.parent / "by-another-name"
    link.symlink_to(library.folder)
    with pytest.raises(InvalidRequest):
        library.import_folder(link)


@pytest.mark.parametrize(("name", "words"), [("none", "is not there"), ("file", "is not a folder")])
def test_what_is_no_folder_is_refused(library: Library, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidRequest) as told:
        library.import_folder(tmp_path / name)
    assert words in told.value.detail


def test_a_stop_leaves_what_came_and_the_next_import_goes_on(library: Library, other: Library) -> None:
    for number in range(4):
        keep_in(other, str(number), number)
    heard: list[int] = []
    done = library.import_folder(
        other.folder, told=lambda done, of, size: heard.append(done), stopped=lambda: len(heard) > 1
    )
    assert (len(done.stems), done.stopped) == (2, True)
    rest = library.import_folder(other.folder)
    assert (len(rest.stems), len(rest.known), rest.stopped) == (2, 2, False)
    assert set(every(library)) == set("0123")


def test_a_picture_that_came_without_its_metadata_gets_it_by_the_next_import(library: Library, other: Library) -> None:
    """A kill between the two leaves that."""
    other.convert(other.set_starred(keep_in(other, "theirs", 2), True), "jpeg")
    keep_in(library, "mine", 1)
    library.import_folder(other.folder)
    here = every(library)["theirs"]
    assert here.metadata is not None
    whole = state(library.folder)
    here.metadata.unlink()
    here.images[1].path.unlink()
    assert library.import_folder(other.folder).stems == (here.stem,)
    assert {name: data for name, (_, data) in state(library.folder).items()} == {
        name: data for name, (_, data) in whole.items()
    }


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_library_that_takes_no_more_says_so_and_keeps_no_half(
    library: Library, other: Library, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    keep_in(other, "first", 1)
    keep_in(other, "second", 2)
    real, calls = files.copy_to, []

    def full(source: Path, path: Path) -> None:
        calls.append(path)
        if len(calls) > 1:
            raise OSError(number, os.strerror(number), str(path))
        real(source, path)

    monkeypatch.setattr(placing, "_CLONE", 0)
    monkeypatch.setattr(files, "copy_to", full)
    with pytest.raises(DiskError, match="imported") as told:
        library.import_folder(other.folder)
    assert os.strerror(number) in told.value.detail
    assert "import again" in told.value.hint
    assert (library.page().total, library.verify().troubles) == (1, ())
    assert not [path for path in library.folder.iterdir() if path.name.startswith(".")]


def test_damaged_metadata_comes_as_it_is(library: Library, other: Library) -> None:
    theirs = keep_in(other, "theirs", 2)
    assert theirs.metadata is not None
    theirs.metadata.write_text('{"prompt": "precious')
    keep_in(library, "mine", 1)
    (stem,) = library.import_folder(other.folder).stems
    assert (library.folder / f"metadata_{stem}.json").read_text() == '{"prompt": "precious'
    assert json.loads((library.folder / "metadata_20260314_103000.json").read_text())["prompt"] == "mine"
