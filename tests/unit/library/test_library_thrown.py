"""The trash as a person sees it: looked into, brought back from, emptied only when asked."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.deliveries import JPEG, png, received, reply_of

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.request import Request
from tui.domain.thrown import BroughtBack, Emptied, InTrash
from tui.library import Library, files

Keep = Callable[..., Generation]
STARTED = datetime(2026, 11, 22, 10, 30)


def in_bin(library: Library) -> set[str]:
    return {path.name for path in (library.folder / ".trash").iterdir()}


def paths_of(generation: Generation) -> list[Path]:
    return [image.path for image in generation.images] + [generation.metadata or Path()]


def keep_as_if_later(library: Library, prompt: str, shade: int) -> Generation:
    """Saved by another run of the program, always in the same second."""
    other = Library(library.folder)
    image = received(other.spool(), png(shade=shade))
    return other.save(Request(prompt), reply_of([image]), proxy="", elapsed=0, started=STARTED)


def as_it_was(thrown: InTrash, library: Library) -> Generation:
    """The generation with its files where they were."""
    images = tuple(replace(each, path=library.folder / each.path.name) for each in thrown.generation.images)
    told = thrown.generation.metadata
    return replace(thrown.generation, images=images, metadata=told and library.folder / told.name)


def test_what_was_thrown_away_is_seen_as_it_was_the_last_first(library: Library, keep: Keep) -> None:
    first, second, third = (library.set_rating(keep(name), 4) for name in ("first", "second", "third"))
    (library.folder / "cat.jpg").write_bytes(JPEG)
    cat = library.load("cat.jpg")
    assert cat is not None
    sizes = [sum(path.stat().st_size for path in paths_of(each)) for each in (first, third)]
    before = datetime.now().astimezone() - timedelta(milliseconds=1)
    library.trash([first])
    library.trash([cat, third])
    seen = library.trash_contents()
    assert [as_it_was(each, library) for each in seen] == [cat, third, first]
    assert [each.bytes for each in seen] == [len(JPEG), sizes[1], sizes[0]]
    assert all(before <= each.trashed_at <= datetime.now().astimezone() for each in seen)
    assert all(image.path.exists() for each in seen for image in each.generation.images)
    assert library.page().generations == (second,)


def test_a_name_thrown_away_twice_is_two_things_in_the_trash(library: Library, keep: Keep) -> None:
    for prompt, shade in (("first", 1), ("second", 2)):
        library.trash([keep_as_if_later(library, prompt, shade)])
    second, first = library.trash_contents()
    assert (first.generation.prompt, second.generation.prompt) == ("first", "second")
    assert first.generation.stem == second.generation.stem
    for each in (first, second):
        (image,) = each.generation.images
        assert not image.missing
        assert files.digest(image.path) == image.sha256


def test_single_ones_come_back_from_a_throw_of_many(library: Library, keep: Keep) -> None:
    saved = [keep(str(number)) for number in range(4)]
    library.trash(saved)
    chosen = [each for each in library.trash_contents() if each.generation.prompt in ("1", "3")]
    back = library.restore_from_trash(chosen)
    assert set(back.generations) == {saved[1], saved[3]}
    assert back.failures == ()
    assert {each.generation.prompt for each in library.trash_contents()} == {"0", "2"}
    assert library.restore_from_trash(chosen) == BroughtBack()
    library.restore_from_trash(library.trash_contents())
    assert set(library.page().generations) == set(saved)
    assert in_bin(library) == set()


def test_a_throw_that_cannot_come_back_keeps_no_other_from_it(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = [keep("first"), keep("second")]
    for each in saved:
        library.trash([each])
    real, stem = os.link, saved[1].stem

    def link(source: Path, target: Path, **more: bool) -> None:
        if stem in str(source):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(source))
        real(source, target, **more)

    monkeypatch.setattr(os, "link", link)
    back = library.restore_from_trash(library.trash_contents())
    assert back.generations == (saved[0],)
    assert [failure.detail.partition(":")[0] for failure in back.failures] == ["Input/output error"]
    assert [each.generation.prompt for each in library.trash_contents()] == ["second"]


def test_the_trash_is_emptied_of_all_or_of_what_is_chosen_and_says_how_much(library: Library, keep: Keep) -> None:
    saved = [keep(str(number)) for number in range(5)]
    library.trash(saved[:3])
    library.trash(saved[3:4])
    chosen = [each for each in library.trash_contents() if each.generation.prompt in ("0", "3")]
    assert library.empty_trash(chosen) == Emptied(2, sum(each.bytes for each in chosen))
    rest = library.trash_contents()
    assert {each.generation.prompt for each in rest} == {"1", "2"}
    assert library.empty_trash(chosen) == Emptied()
    assert library.empty_trash() == Emptied(2, sum(each.bytes for each in rest))
    assert (library.trash_contents(), in_bin(library)) == ((), set())
    assert library.page().generations == (saved[4],)
    assert library.empty_trash() == Emptied()


def test_what_was_emptied_stays_gone_when_its_names_are_thrown_away_again(library: Library, keep: Keep) -> None:
    both = keep_as_if_later(library, "first", 1), keep("other")
    undo = library.trash(both)
    library.empty_trash([each for each in library.trash_contents() if each.generation.prompt == "first"])
    second = keep_as_if_later(library, "second", 2)
    assert second.stem == both[0].stem
    library.trash([second])
    assert {each.generation.prompt for each in library.trash_contents()} == {"other", "second"}
    assert [each.prompt for each in library.restore(undo)] == ["other"]
    assert [each.generation.prompt for each in library.trash_contents()] == ["second"]


def test_files_in_the_trash_that_nothing_tells_of_are_never_deleted(library: Library, keep: Keep) -> None:
    library.trash([keep()])
    stray = library.folder / ".trash" / "precious.png"
    stray.write_bytes(png())
    damaged = stray.with_name("trashed_1.json")
    damaged.write_text('{"generations": [{"stem": "../x"')
    library.empty_trash()
    library.open()
    assert in_bin(library) == {"precious.png", "trashed_1.json"}


def test_a_library_that_came_as_a_copy_without_its_times_can_empty_its_trash(library: Library, keep: Keep) -> None:
    library.trash([keep("first"), keep("second")])
    for path in (library.folder / ".trash").iterdir():
        os.utime(path, (1, 1))
    assert library.empty_trash().count == 2
    assert in_bin(library) == set()


def test_emptying_all_needs_no_room_and_a_part_says_so(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.trash([keep("first"), keep("second")])
    one, _ = library.trash_contents()

    def full(folder: Path, data: bytes) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    monkeypatch.setattr(files, "write_hidden", full)
    with pytest.raises(DiskError, match="emptied") as told:
        library.empty_trash([one])
    assert "No space left" in told.value.detail
    assert "Empty all of it" in told.value.hint
    assert len(library.trash_contents()) == 2
    assert library.empty_trash().count == 2
    assert in_bin(library) == set()


def test_a_disk_that_refuses_in_the_middle_is_told_and_the_rest_goes_later(
    library: Library, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.trash([keep("first"), keep("second")])
    real, calls = os.unlink, []

    def unlink(path: Path, **more: int) -> None:
        if str(path).endswith(".png"):
            calls.append(path)
            if len(calls) > 1:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        real(path, **more)

    with monkeypatch.context() as refusing:
        refusing.setattr(os, "unlink", unlink)
        with pytest.raises(DiskError, match="Read-only"):
            library.empty_trash()
        assert library.trash_contents() == ()
        again = Library(library.folder)
        again.open()
    assert any(name.endswith(".png") for name in in_bin(library))
    again.open()
    assert in_bin(library) == set()


def test_the_record_of_a_throw_keeps_what_others_wrote_into_it(library: Library, keep: Keep) -> None:
    trashed = library.trash([keep("first"), keep("second")])
    trashed.record.write_text(json.dumps(json.loads(trashed.record.read_text()) | {"note": "mine"}))
    library.empty_trash(library.trash_contents()[:1])
    assert json.loads(trashed.record.read_text())["note"] == "mine"
