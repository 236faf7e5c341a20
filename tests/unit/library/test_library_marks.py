"""What a person adds, and everything else that stays as it was."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deliveries import JPEG, png

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.library import Library
from tui.library.marks import edit, set_member

Keep = Callable[..., Generation]
ON_FILES = settings(max_examples=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def test_a_star_is_kept_and_taken_away(library: Library, keep: Keep) -> None:
    saved = keep()
    starred = library.set_starred(saved, True)
    assert starred == replace(saved, user=replace(saved.user, starred=True))
    assert library.load(saved.stem) == starred
    assert library.set_starred(starred, False) == saved


@given(
    before=st.dictionaries(st.text(max_size=8).filter(lambda key: key != "user"), JSON, max_size=5),
    user=st.dictionaries(st.text(max_size=8).filter(lambda key: key != "starred"), JSON, max_size=4),
    after=st.dictionaries(st.text(max_size=8).map(lambda key: f"z{key}"), JSON, max_size=3),
)
@ON_FILES
def test_unknown_members_and_their_order_stay(
    library: Library, before: dict[str, object], user: dict[str, object], after: dict[str, object]
) -> None:
    path = library.folder / "metadata_20260101_120000.json"
    document = {**before, "user": user, **after}
    path.write_text(json.dumps(document))
    found = library.load("20260101_120000")
    assert found is not None
    assert library.set_starred(found, True).user.starred
    again = json.loads(path.read_text())
    assert list(again) == list(document)
    assert list(again["user"]) == [*user, "starred"]
    assert again == {**document, "user": {**user, "starred": True}}


def test_what_changed_on_disk_meanwhile_is_not_undone(library: Library, keep: Keep) -> None:
    saved = keep()
    assert saved.metadata is not None
    document = json.loads(saved.metadata.read_text())
    document["user"]["notes"] = "written by another program"
    saved.metadata.write_text(json.dumps(document))
    starred = library.set_starred(saved, True)
    assert (starred.user.starred, starred.user.notes) == (True, "written by another program")


def test_edits_of_many_threads_are_all_kept(library: Library, keep: Keep) -> None:
    saved = keep()

    def mark(name: str) -> None:
        other = Library(library.folder)
        edit(other.folder, saved, lambda document: set_member(document, name, True))

    threads = [threading.Thread(target=mark, args=(f"mark-{number}",)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert saved.metadata is not None
    user = json.loads(saved.metadata.read_text())["user"]
    assert {f"mark-{number}" for number in range(24)} <= set(user)


def test_a_reader_never_meets_a_part_of_the_file(library: Library, keep: Keep) -> None:
    saved = keep("x" * 200_000)
    done = threading.Event()
    faults: list[str] = []

    def read() -> None:
        while not done.is_set():
            found = library.load(saved.stem)
            if found is None or found.damage or found.metadata is None:
                faults.append(repr(found)[:200])

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(30):
        library.set_starred(saved, number % 2 == 0)
    done.set()
    reader.join()
    assert faults == []


def test_a_damaged_file_is_refused_and_left_as_it_is(library: Library, keep: Keep) -> None:
    saved = keep()
    assert saved.metadata is not None
    saved.metadata.write_text('{"prompt": "precious')
    with pytest.raises(DiskError, match="damaged") as told:
        library.set_starred(saved, True)
    assert told.value.hint
    assert saved.metadata.read_text() == '{"prompt": "precious'


def test_the_first_script_s_file_gets_a_star_and_keeps_its_prompt(library: Library) -> None:
    (library.folder / "image_20260101_120000_0.png").write_bytes(png())
    path = library.folder / "metadata_20260101_120000.json"
    path.write_text('{"prompt": "a castle"}')
    found = library.load("20260101_120000")
    assert found is not None
    assert library.set_starred(found, True).user.starred
    assert json.loads(path.read_text()) == {"prompt": "a castle", "user": {"starred": True}}


def test_a_picture_whose_metadata_was_lost_gets_it_back_with_the_star(library: Library, keep: Keep) -> None:
    saved = keep("a red fox")
    assert saved.metadata is not None
    document = json.loads(saved.metadata.read_text())
    saved.metadata.unlink()
    starred = library.set_starred(saved, True)
    assert starred == replace(saved, user=replace(saved.user, starred=True))
    document["user"]["starred"] = True
    assert json.loads(saved.metadata.read_text()) == document


def test_a_foreign_picture_can_be_starred(library: Library) -> None:
    (library.folder / "cat.jpg").write_bytes(JPEG)
    found = library.load("cat.jpg")
    assert found is not None
    starred = library.set_starred(found, True)
    assert starred.user.starred
    assert starred.foreign
    assert library.page().generations == (starred,)
    assert (library.folder / "cat.jpg").read_bytes() == JPEG
    assert {path.name for path in library.folder.iterdir()} == {"cat.jpg", "metadata_cat.jpg.json"}


def test_a_generation_that_is_gone_cannot_be_starred(library: Library, keep: Keep) -> None:
    saved = keep()
    for path in library.folder.iterdir():
        path.unlink()
    with pytest.raises(DiskError, match="gone"):
        library.set_starred(saved, True)
    assert list(library.folder.iterdir()) == []


def test_an_edit_leaves_no_hidden_file(library: Library, keep: Keep) -> None:
    saved = keep()
    library.set_starred(saved, True)
    assert all(not path.name.startswith(".") for path in library.folder.iterdir())


def test_the_mode_of_a_shared_file_is_not_narrowed(library: Library, keep: Keep) -> None:
    saved = keep()
    assert saved.metadata is not None
    before = Path(saved.metadata).stat().st_mode
    library.set_starred(saved, True)
    assert Path(saved.metadata).stat().st_mode == before


def test_a_rating_is_kept_changed_and_taken_back_beside_the_star(library: Library, keep: Keep) -> None:
    saved = keep()
    library.set_starred(saved, True)
    for rating in (4, 1, 0):
        rated = library.set_rating(saved, rating)
        assert rated.user == replace(saved.user, starred=True, rating=rating)
        assert library.load(saved.stem) == rated


@pytest.mark.parametrize("rating", [-1, 6, 100])
def test_a_rating_that_there_is_not_is_refused(library: Library, keep: Keep, rating: int) -> None:
    saved = keep()
    with pytest.raises(ValueError, match="0 to 5"):
        library.set_rating(saved, rating)
    assert library.load(saved.stem) == saved
