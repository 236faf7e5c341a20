"""Thrown away, and wanted back."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import datetime
from pathlib import Path

import pytest
from support.deliveries import JPEG, png, received, reply_of

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.request import Request
from tui.library import Library

Keep = Callable[..., Generation]
STARTED = datetime(2026, 11, 22, 10, 30)


def visible(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_trash_takes_all_files_out_and_restore_brings_the_same_back(library: Library, keep: Keep) -> None:
    saved = [keep(str(number)) for number in range(3)]
    library.convert(saved[1], "jpeg")
    before, page = visible(library.folder), library.page()
    trashed = library.trash(saved[:2])
    assert library.page().generations == (saved[2],)
    assert len(visible(library.folder)) == 2
    restored = library.restore(trashed)
    assert {each.stem for each in restored} == {each.stem for each in saved[:2]}
    assert visible(library.folder) == before
    assert library.page() == page
    assert list((library.folder / ".trash").iterdir()) == []


def test_what_was_thrown_away_is_kept_under_its_names(library: Library, keep: Keep) -> None:
    saved = keep(started=STARTED)
    library.trash([saved])
    names = {path.name for path in (library.folder / ".trash").iterdir()}
    assert {"image_20261122_103000_0.png", "metadata_20261122_103000.json"} < names


def test_a_name_taken_in_the_trash_overwrites_nothing(library: Library, keep: Keep) -> None:
    first = keep("first", started=STARTED)
    one = library.trash([first])
    second = Library(library.folder)
    (library.folder / "image_20261122_103000_0.png").write_bytes(png(9, 9))
    other = second.load("20261122_103000")
    assert other is not None
    two = second.trash([other])
    assert [each.prompt for each in library.restore(one)] == ["first"]
    assert [each.images[0].width for each in library.restore(two)] == [9]
    assert library.page().total == 2


def test_a_taken_name_gives_the_restored_a_fresh_one(library: Library, keep: Keep) -> None:
    saved = keep("first", started=STARTED)
    assert saved.metadata is not None
    document = json.loads(saved.metadata.read_text())
    trashed = library.trash([saved])
    later = Library(library.folder)
    (library.folder / "image_20261122_103000_0.jpg").write_bytes(JPEG)
    (restored,) = later.restore(trashed)
    assert restored.stem == "20261122_103000-2"
    assert restored.prompt == "first"
    assert restored.images[0].path.name == "image_20261122_103000-2_0.png"
    assert not restored.images[0].missing
    assert restored.images[0].sha256 == saved.images[0].sha256
    assert (library.folder / "image_20261122_103000_0.jpg").read_bytes() == JPEG
    assert restored.metadata is not None
    document["images"][0]["file"] = "image_20261122_103000-2_0.png"
    assert json.loads(restored.metadata.read_text()) == document


def test_a_foreign_picture_goes_and_comes_back_with_its_star(library: Library) -> None:
    (library.folder / "cat.jpg").write_bytes(JPEG)
    found = library.load("cat.jpg")
    assert found is not None
    starred = library.set_starred(found, True)
    trashed = library.trash([starred])
    assert visible(library.folder) == {}
    (library.folder / "cat.jpg").write_bytes(png())
    (restored,) = library.restore(trashed)
    assert restored.stem == "cat-2.jpg"
    assert restored.user.starred
    assert restored.images[0].path.read_bytes() == JPEG
    assert (library.folder / "cat.jpg").read_bytes() == png()


def test_a_later_start_finds_what_was_thrown_away(library: Library, keep: Keep) -> None:
    trashed = [library.trash([keep(prompt)]) for prompt in ("first", "second")]
    later = Library(library.folder)
    later.open()
    assert later.in_trash() == (trashed[1], trashed[0])
    assert [each.prompt for each in later.restore(later.in_trash()[0])] == ["second"]
    assert later.in_trash() == (trashed[0],)


def test_restoring_twice_does_no_harm(library: Library, keep: Keep) -> None:
    saved = keep()
    trashed = library.trash([saved])
    assert library.restore(trashed) == (saved,)
    assert library.restore(trashed) == ()
    assert library.page().generations == (saved,)


def test_a_generation_that_is_gone_is_passed_over(library: Library, keep: Keep) -> None:
    saved = [keep(), keep()]
    saved[0].images[0].path.unlink()
    assert saved[0].metadata is not None
    saved[0].metadata.unlink()
    trashed = library.trash([*saved, saved[1]])
    assert [each.stem for each in trashed.generations] == [saved[1].stem]


def test_metadata_cannot_throw_away_another_s_picture(library: Library, keep: Keep) -> None:
    other = keep("other", started=STARTED)
    path = library.folder / "metadata_20200101_000000.json"
    path.write_text(json.dumps({"prompt": "x", "images": [{"file": other.images[0].path.name}]}))
    thief = library.load("20200101_000000")
    assert thief is not None
    library.trash([thief])
    assert other.images[0].path.is_file()


def test_damaged_metadata_goes_and_comes_back_as_it_is(library: Library, keep: Keep) -> None:
    saved = keep(started=STARTED)
    assert saved.metadata is not None
    saved.metadata.write_bytes(b"{damaged")
    trashed = library.trash([saved])
    (library.folder / "metadata_20261122_103000.json").write_text("{}")
    (restored,) = Library(library.folder).restore(trashed)
    assert restored.stem != saved.stem
    assert restored.metadata is not None
    assert restored.metadata.read_bytes() == b"{damaged"


def test_a_failure_in_the_middle_puts_everything_back(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = [keep(str(number)) for number in range(3)]
    before = visible(library.folder)
    link, count = os.link, iter(range(100))

    def fail_once(source: object, target: object, **more: object) -> None:
        if next(count) == 4:
            raise OSError(28, "No space left on device", str(target))
        link(source, target, **more)

    monkeypatch.setattr(os, "link", fail_once)
    with pytest.raises(DiskError, match="No space left on device"):
        library.trash(saved)
    assert visible(library.folder) == before
    assert list((library.folder / ".trash").iterdir()) == []


def test_a_trash_that_cannot_be_made_is_an_error(library: Library, keep: Keep) -> None:
    saved = keep()
    (library.folder / ".trash").write_text("a file stands here")
    with pytest.raises(DiskError):
        library.trash([saved])
    assert library.page().generations == (saved,)


@pytest.mark.parametrize(
    "record",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"generations": 3}',
        b'{"generations": [{"stem": "../x", "files": []}]}',
        b'{"generations": [{"stem": "x", "files": [{"file": "../x", "kept_as": "y"}]}]}',
        b'{"generations": [{"stem": "x", "files": [{"file": "x", "kept_as": "/etc/passwd"}]}]}',
        b'{"generations": [{"stem": "x", "back_stem": "../x", "files": []}]}',
        b'{"generations": [{"stem": "x", "files": [{"file": "x", "kept_as":"y","size":1,"changed":1,"back_as": ""}]}]}',
    ],
)
def test_a_damaged_record_is_passed_over(library: Library, keep: Keep, record: bytes) -> None:
    trashed = library.trash([keep()])
    (library.folder / ".trash" / "trashed_x.json").write_bytes(record)
    assert library.in_trash() == (trashed,)


def half_thrown_away(library: Library, keep: Keep) -> dict[str, bytes]:
    """A generation of two pictures; the move stopped between the names of the first. Its files before."""
    saved = library.convert(keep("first", started=STARTED), "jpeg")
    before = visible(library.folder)
    library.trash([saved])
    bin_folder = library.folder / ".trash"
    os.link(bin_folder / "image_20261122_103000_0.png", library.folder / "image_20261122_103000_0.png")
    (bin_folder / "image_20261122_103000_1.jpg").rename(library.folder / "image_20261122_103000_1.jpg")
    return before


def restored_whole(library: Library, before: dict[str, bytes], stem: str) -> None:
    """What was ``before`` under STARTED's name is now there as ``stem``, byte for byte but the name."""
    after = visible(library.folder)
    for name, data in before.items():
        fresh = name.replace("20261122_103000", stem)
        wanted = data.replace(b"image_20261122_103000_", f"image_{stem}_".encode()) if name.endswith("json") else data
        assert after[fresh] == wanted


@pytest.mark.parametrize("links", [True, False])
def test_half_thrown_away_and_marked_since_both_are_whole_after_the_restore(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    before = half_thrown_away(library, keep)
    left = library.load("20261122_103000")
    assert left is not None
    library.set_starred(left, True)
    marked = visible(library.folder)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    (restored,) = library.restore(library.in_trash()[0])
    restored_whole(library, before, "20261122_103000-2")
    assert len(restored.images) == 2
    assert marked.items() <= visible(library.folder).items()
    assert {each.stem for each in library.page().generations if each.user.starred} == {"20261122_103000"}
    assert list((library.folder / ".trash").iterdir()) == []


def no_links(source: Path, target: Path, **more: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(source))


def test_half_thrown_away_comes_together_under_its_name(library: Library, keep: Keep) -> None:
    before = half_thrown_away(library, keep)
    library.restore(library.in_trash()[0])
    assert visible(library.folder) == before
    assert list((library.folder / ".trash").iterdir()) == []


@pytest.mark.parametrize("newest_first", [True, False])
def test_what_was_left_and_thrown_away_later_finds_its_metadata(
    library: Library, keep: Keep, newest_first: bool
) -> None:
    before = half_thrown_away(library, keep)
    left = library.load("20261122_103000")
    assert left is not None
    library.trash([left])
    (library.folder / "metadata_20261122_103000.json").write_text('{"prompt": "another"}')
    library = Library(library.folder)
    for trashed in library.in_trash() if newest_first else reversed(library.in_trash()):
        library.restore(trashed)
    stems = [each.stem for each in library.page().generations if each.prompt == "first" and each.metadata is not None]
    assert len(stems) == 1
    restored_whole(library, before, stems[0])
    assert list((library.folder / ".trash").iterdir()) == []


def test_a_record_of_an_earlier_version_is_understood(library: Library, keep: Keep) -> None:
    """Records did not tell yet under which names files are to come back."""
    saved = keep("first", started=STARTED)
    before = visible(library.folder)
    trashed = library.trash([saved])
    files = [
        {"file": each.name, "kept_as": each.kept_as, "size": each.size, "changed": each.changed}
        for each in trashed.generations[0].files
    ]
    document = {"schema": 1, "trashed_at": "", "generations": [{"stem": saved.stem, "files": files}]}
    trashed.record.write_text(json.dumps(document))
    assert library.in_trash() == (trashed,)
    (library.folder / "metadata_20261122_103000.json").write_text("{}")
    (restored,) = Library(library.folder).restore(library.in_trash()[0])
    assert restored.stem == "20261122_103000-2"
    restored_whole(library, before, restored.stem)


def test_a_restore_under_a_fresh_name_that_fails_leaves_all_in_the_trash(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = half_thrown_away(library, keep)
    other = library.folder / "metadata_20261122_103000.json"
    other.write_text("{}")
    now = visible(library.folder)
    kept = {path.name for path in (library.folder / ".trash").iterdir()}
    link = os.link

    def refuse(source: Path, target: Path, **more: object) -> None:
        if Path(target).name.startswith("metadata_"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        link(source, target, **more)

    with monkeypatch.context() as full:
        full.setattr(os, "link", refuse)
        with pytest.raises(DiskError, match="No space left on device"):
            library.restore(library.in_trash()[0])
    assert visible(library.folder) == now
    assert {path.name for path in library.folder.iterdir()} == {*now, ".trash"}
    assert {path.name for path in (library.folder / ".trash").iterdir()} == kept
    other.unlink()
    (restored,) = library.restore(library.in_trash()[0])
    restored_whole(library, before, restored.stem)


def test_a_name_in_the_trash_that_went_to_another_is_not_taken_for_the_first(library: Library, keep: Keep) -> None:
    """The program stopped before the first one's record went, and the other was thrown away since."""
    first = library.trash([keep("first", started=STARTED)])
    record = first.record.read_bytes()
    (library.folder / "metadata_20261122_103000.json").write_text("{}")
    library = Library(library.folder)
    (restored,) = library.restore(first)
    (library.folder / "metadata_20261122_103000.json").unlink()
    document = json.loads(record)
    document["generations"][0]["back_stem"] = restored.stem
    for each in document["generations"][0]["files"]:
        each["back_as"] = each["file"].replace("20261122_103000", restored.stem)
    image = received(library.spool(), png(9, 9))
    library = Library(library.folder)
    other = library.save(Request("other"), reply_of([image]), proxy="", elapsed=0, started=STARTED)
    second = library.trash([other])
    assert {each.kept_as for each in second.generations[0].files} == {
        each.kept_as for each in first.generations[0].files
    }
    first.record.write_text(json.dumps(document))
    assert library.in_trash() == (second,)
    assert library.restore(first) == ()
    assert library.load(restored.stem) == restored
    assert library.restore(second) == (other,)


def test_a_restore_finds_no_place_under_a_stem_with_files_left(library: Library, keep: Keep) -> None:
    """The next stem has a second picture only, of a move that was interrupted."""
    saved = keep("first", started=STARTED)
    library.convert(saved, "jpeg")
    trashed = library.trash([saved])
    (library.folder / "metadata_20261122_103000.json").write_text("{}")
    (library.folder / "image_20261122_103000-2_1.jpg").write_bytes(JPEG)
    (restored,) = Library(library.folder).restore(trashed)
    assert restored.stem == "20261122_103000-3"
    assert (library.folder / "image_20261122_103000-2_1.jpg").read_bytes() == JPEG


def test_a_library_copied_without_its_times_gives_its_trash_back(library: Library, keep: Keep, tmp_path: Path) -> None:
    library.trash([keep("first"), keep("second")])
    shutil.copytree(library.folder, tmp_path / "copy", copy_function=shutil.copyfile)
    copy = Library(tmp_path / "copy")
    (trashed,) = copy.in_trash()
    assert {each.prompt for each in copy.restore(trashed)} == {"first", "second"}


def test_only_what_is_asked_for_comes_back(library: Library, keep: Keep) -> None:
    trashed = library.trash([keep("first"), keep("second")])
    (restored,) = library.restore(replace(trashed, generations=trashed.generations[:1]))
    assert restored.prompt == "first"
    (left,) = library.in_trash()
    assert [each.prompt for each in library.restore(left)] == ["second"]


def test_trashed_is_a_value(library: Library, keep: Keep) -> None:
    trashed = library.trash([keep()])
    with pytest.raises(FrozenInstanceError):
        trashed.record = Path("/")
    assert hash(trashed) == hash(library.in_trash()[0])
