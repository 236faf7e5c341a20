"""Tags and notes, and many generations marked at once: each by itself, and a way back that is exact."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deliveries import JPEG

from tui.domain import tags
from tui.domain.errors import DiskError, InvalidRequest
from tui.domain.generation import Generation
from tui.domain.marking import Marking
from tui.library import Library, files

Keep = Callable[..., Generation]


def document_of(generation: Generation) -> dict[str, object]:
    assert generation.metadata is not None
    document: dict[str, object] = json.loads(generation.metadata.read_text())
    return document


def test_tags_and_notes_are_kept_beside_all_else(library: Library, keep: Keep) -> None:
    saved = library.set_rating(keep(), 3)
    tagged = library.set_tags(saved, ["Fox", " deep  snow ", "fox"])
    noted = library.set_notes(tagged, "first line\n\x1b[2J second line")
    assert noted.user == replace(saved.user, tags=("Fox", "deep snow"), notes="first line\n\x1b[2J second line")
    assert library.load(saved.stem) == noted
    cleared = library.set_notes(library.set_tags(noted, []), "")
    assert cleared.user == replace(saved.user, tags=(), notes="")


def test_tags_are_added_to_and_taken_from_what_the_file_says_now(library: Library, keep: Keep) -> None:
    saved = keep()
    library.add_tags(saved, ["fox", "Snow"])
    added = library.add_tags(saved, ["SNOW", "dusk"])
    assert added.user.tags == ("fox", "Snow", "dusk")
    assert library.remove_tags(saved, ["snów", "none"]).user.tags == ("fox", "dusk")


def test_a_foreign_picture_gets_a_metadata_file_for_its_tags(library: Library) -> None:
    (library.folder / "cat.jpg").write_bytes(JPEG)
    found = library.load("cat.jpg")
    assert found is not None
    assert library.remove_tags(found, ["nothing"]).metadata is None
    assert library.add_tags(found, ["cat"]).user.tags == ("cat",)
    assert (library.folder / "metadata_cat.jpg.json").exists()


def test_too_many_tags_for_one_file_are_refused_and_nothing_changes(library: Library, keep: Keep) -> None:
    saved = library.set_tags(keep(), [str(number) for number in range(100)])
    with pytest.raises(InvalidRequest, match="too many") as told:
        library.add_tags(saved, ["one more"])
    assert told.value.hint
    assert library.load(saved.stem) == saved
    assert library.mark(saved, Marking(add=("one more",), remove=("7",))).now.user.tags[-1] == "one more"


def test_a_change_to_many_goes_on_past_the_one_that_fails(library: Library, keep: Keep) -> None:
    saved = [keep(str(number)) for number in range(4)]
    assert saved[1].metadata is not None
    saved[1].metadata.write_text("{")
    for image in saved[2].images:
        image.path.unlink()
    assert saved[2].metadata is not None
    saved[2].metadata.unlink()
    heard: list[tuple[int, int]] = []
    changed = library.change_all(saved, Marking(starred=True, add=("fox",)), lambda *done: heard.append(done))
    assert changed.generations == tuple(library.load(each.stem) for each in (saved[0], saved[3]))
    assert all(each.now.user.starred and not each.was.user.starred for each in changed.done)
    assert [(each.generation, each.error.title) for each in changed.failures] == [
        (saved[1], "The metadata is damaged"),
        (saved[2], "This generation is gone"),
    ]
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert library.change_all(saved, Marking(rating=1), stopped=lambda: True).done == ()


def test_what_was_changed_is_put_back_exactly_and_changed_again(library: Library, keep: Keep) -> None:
    saved = [keep(str(number)) for number in range(3)]
    plain = library.folder / "metadata_20260101_120000.json"
    plain.write_text('{"prompt": "a castle", "user": {"tags": ["old", 5], "mood": "grim"}}')
    castle = library.load("20260101_120000")
    assert castle is not None
    before = [document_of(each) for each in (*saved, castle)]
    changed = library.change_all((*saved, castle), Marking(starred=True, rating=2, tags=("new",), notes="n"))
    after = [document_of(each) for each in (*saved, castle)]
    back = library.put_back(changed)
    assert [document_of(each) for each in (*saved, castle)] == before
    assert (back.failures, back.left) == ((), ())
    assert [each.now.user for each in back.done] == [each.was.user for each in changed.done]
    again = library.put_back(back)
    assert [document_of(each) for each in (*saved, castle)] == after
    library.put_back(again)
    assert [document_of(each) for each in (*saved, castle)] == before


def test_what_somebody_else_changed_meanwhile_is_not_put_back(library: Library, keep: Keep) -> None:
    saved = [keep("first"), keep("second")]
    changed = library.change_all(saved, Marking(rating=4))
    library.set_starred(saved[0], True)
    library.set_rating(saved[1], 5)
    back = library.put_back(changed)
    assert [(each.now.user.rating, each.now.user.starred) for each in back.done] == [(0, True)]
    assert [(each.prompt, each.user.rating) for each in back.left] == [("second", 4)]
    now = library.load(saved[1].stem)
    assert now is not None
    assert now.user.rating == 5


@given(
    have=st.lists(st.sampled_from(["fox", "Fox", "snow", "ünder", 5, None, "a,b"]), max_size=5),
    add=st.lists(st.sampled_from(["FOX", "dusk", "under"]), max_size=3),
    remove=st.lists(st.sampled_from(["snow", "dusk", "fox"]), max_size=2),
)
@settings(max_examples=40)
def test_any_tags_in_a_file_are_changed_by_the_rules_and_put_back(
    library: Library, have: list[object], add: list[str], remove: list[str]
) -> None:
    path = library.folder / "metadata_20260101_120000.json"
    path.write_text(json.dumps({"prompt": "p", "user": {"tags": have}}))
    found = library.load("20260101_120000")
    assert found is not None
    changed = library.change_all([found], Marking(add=tuple(add), remove=tuple(remove)))
    (done,) = changed.done
    kept = tags.without_tags([each for each in have if isinstance(each, str)], remove)
    assert done.now.user.tags == (tags.with_tags(kept, tags.unique(add)) if add or remove else found.user.tags)
    assert library.put_back(changed).left == ()
    assert json.loads(path.read_text())["user"]["tags"] == have


def test_a_large_folder_is_not_listed_to_mark_one(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = keep()
    monkeypatch.setattr(os, "scandir", lambda *where: pytest.fail("the folder was listed"))
    assert library.add_tags(saved, ["fox"]).user.tags == ("fox",)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_leaves_the_marks_as_they_were(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    saved = [library.set_tags(keep(prompt), ["old"]) for prompt in ("first", "second")]
    before = {path.name: path.read_bytes() for path in library.folder.iterdir()}

    def refuse(folder: Path, data: bytes) -> Path:
        raise OSError(number, os.strerror(number), str(folder))

    with monkeypatch.context() as refusing:
        refusing.setattr(files, "write_hidden", refuse)
        changed = library.change_all(saved, Marking(tags=("new",)))
        with pytest.raises(DiskError, match="cannot be written"):
            library.set_notes(saved[0], "n")
    assert (changed.done, len(changed.failures)) == ((), 2)
    assert all(os.strerror(number) in each.error.detail and each.error.hint for each in changed.failures)
    assert {path.name: path.read_bytes() for path in library.folder.iterdir()} == before
    assert library.change_all(saved, Marking(tags=("new",))).failures == ()
