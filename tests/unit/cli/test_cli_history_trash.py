"""``image-gen history trash`` and ``restore``: away and back, and away for good only when asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.app import Home
from support.command import Outcome
from support.terminal import app

from tui.library import Library

Run = Callable[..., Outcome]
Show = Callable[..., Any]


def files(home: Home) -> set[str]:
    return {path.name for path in home.library.iterdir() if path.is_file()}


def kept(home: Home) -> set[str]:
    """What lies in the trash, records aside."""
    return {path.name for path in (home.library / ".trash").glob("*_2026*") if path.is_file()}


def stems(done: Outcome) -> list[str]:
    assert done.status == 0, done.err
    return [line.split()[1] for line in done.lines]


def test_what_is_thrown_away_comes_back_as_it_was(home: Home, here: Run) -> None:
    before = {path.name: path.read_bytes() for path in home.library.iterdir()}
    first, second = (home.generations[number].stem for number in (0, 1))
    assert stems(here("history", "trash", first, second)) == [first, second]
    assert len(files(home)) == 6
    assert len(here("history").lines) == 3
    assert sorted(stems(here("history", "restore", "--last"))) == [first, second]
    assert {path.name: path.read_bytes() for path in home.library.iterdir() if path.is_file()} == before
    assert here("history", "restore").out == b""


def test_one_of_several_comes_back_by_its_name(home: Home, here: Run) -> None:
    made = home.generations[:3]
    here("history", "trash", *(each.stem for each in made))
    assert stems(here("history", "restore", made[1].stem)) == [made[1].stem]
    assert stems(here("history", "restore", made[2].id)) == [made[2].stem]
    assert stems(here("history", "restore", made[0].stem[:12])) == [made[0].stem]


def test_one_that_came_with_a_full_reply_comes_back(home: Home, here: Run) -> None:
    made = home.keep("a fox", summary={"id": "resp-1", "usage": {"total_tokens": 7, "details": {"image": 5}}})
    here("history", "trash", made.stem)
    assert stems(here("history", "restore", made.stem, made.id, made.stem)) == [made.stem]


def test_the_last_throw_comes_back_not_those_before(home: Home, here: Run) -> None:
    first, second = (home.generations[number].stem for number in (0, 1))
    here("history", "trash", first)
    here("history", "trash", second)
    assert stems(here("history", "restore", "--last")) == [second]
    assert stems(here("history", "restore", "--last")) == [first]
    done = here("history", "restore", "--last")
    assert (done.status, done.out) == (0, b"")
    assert "empty" in done.err


def test_the_trash_is_listed(home: Home, here: Run, on_terminal: Show) -> None:
    first, second = home.generations[0], home.generations[2]
    here("history", "trash", first.stem)
    here("history", "trash", second.stem)
    rows = [line.split("\t") for line in here("history", "restore").lines]
    assert [row[1:4] for row in rows] == [
        [second.id, "gemini-3-pro-image", "雪の中の狐"],
        [first.id, "gemini-2.5-flash-image", "harbour at night"],
    ]
    assert all(Path(row[4]).is_file() for row in rows)
    told = here("history", "restore", "--json").objects
    assert [each["stem"] for each in told] == [second.stem, first.stem]
    assert all(each["bytes"] > 0 and each["trashed_at"] for each in told)
    shown = on_terminal("history", "restore", columns=50)
    assert [second.stem in shown.lines[0], first.stem in shown.lines[1]] == [True, True]
    assert "2 generations" in shown.lines[2]


def test_names_that_are_none_or_several_tell_the_nearest(home: Home, here: Run) -> None:
    assert here("history", "trash", "20260314_12").status == 2
    done = here("history", "trash", home.generations[0].stem, "nothing-here")
    assert done.status == 2
    assert len(done.lines) == 1
    here("history", "trash", home.generations[1].stem)
    several = here("history", "restore", "20260314")
    assert several.status == 2
    assert "beginning of several" in several.err
    unknown = here("history", "restore", "20260314_1209")
    assert unknown.status == 2
    assert "Nearest: 20260314_120" in unknown.err
    assert len(here("history", "restore").lines) == 2


def test_nothing_is_deleted_unasked(home: Home, here: Run) -> None:
    here("history", "trash", home.generations[0].stem)
    before = kept(home)
    done = here("history", "trash", "--empty")
    assert (done.status, done.out) == (2, b"")
    assert "--yes" in done.err
    assert "1 generation, " in done.err
    assert kept(home) == before
    assert len(before) == 2


def test_with_yes_the_trash_is_emptied_and_nothing_else(home: Home, here: Run) -> None:
    here("history", "trash", home.generations[0].stem, home.generations[1].stem)
    before = files(home)
    (told,) = here("history", "trash", "--empty", "--yes", "--json").objects
    assert (told["status"], told["generations"]) == ("done", 2)
    assert told["bytes"] > 0
    assert (kept(home), files(home)) == (set(), before)
    assert here("history", "trash", "--empty", "--yes").err == "image-gen: The trash is empty.\n"


@pytest.mark.parametrize(("answer", "status", "left"), [("y\r", 0, 0), ("n\r", 130, 2), ("\r", 130, 2)])
def test_on_a_terminal_the_person_is_asked(
    home: Home, here: Run, tmp_path: Path, answer: str, status: int, left: int
) -> None:
    here("history", "trash", home.generations[0].stem)
    with app(tmp_path, "history", "trash", "--empty") as terminal:
        terminal.wait_for("Delete 1 generation, ")
        terminal.type(answer)
        assert terminal.wait_exit() == status
        assert ("Nothing was deleted" in terminal.screen) == bool(left)
    assert len(kept(home)) == left


@pytest.mark.parametrize(
    "arguments",
    [["trash"], ["trash", "--empty", "20260314_120000"], ["trash", "--yes"], ["restore", "--last", "20260314_120000"]],
)
def test_wrong_usage_throws_nothing_away(home: Home, here: Run, arguments: list[str]) -> None:
    done = here("history", *arguments)
    assert (done.status, done.out) == (2, b"")
    assert len(files(home)) == 10


def test_a_library_that_cannot_be_written_is_told(home: Home, here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied", str(home.library))

    monkeypatch.setattr("tui.library.trash.trash", refuse)
    done = here("history", "trash", home.generations[0].stem, home.generations[1].stem, "--json")
    assert done.status == 6
    assert [each["error"]["code"] for each in done.objects] == ["disk", "disk"]
    assert len(Library(home.library).page().generations) == 5


def test_what_lies_in_the_trash_is_found_where_a_query_asks_for_it(home: Home, here: Run, on_terminal: Show) -> None:
    away = [home.generations[number] for number in (1, 3)]
    here("history", "trash", *(each.stem for each in away))

    def ids(*words: str) -> list[str]:
        return [each["id"] for each in here("history", *words, "--json").objects]

    newest = [each.id for each in reversed(away)]
    assert ids("is:trashed") == newest
    assert ids("is:trashed", "--sort", "oldest") == newest[::-1]
    assert ids("is:trashed", "--limit", "1") == newest[:1]
    assert ids("is:trashed", "snow") == [away[0].id]
    assert ids("fox") == ids("--", "-is:trashed", "fox") == []
    assert ids("hare or is:trashed") == [home.generations[4].id, *newest]
    assert ids("hare or is:trashed", "--sort", "size", "--limit", "2") == [away[0].id, home.generations[4].id]
    assert [each["trashed_at"] != "" for each in here("history", "is:trashed", "--json").objects] == [True, True]
    assert "deep snow" in on_terminal("history", "is:trashed").lines[1]
    assert here("history", "is:trashed").err == ""


def test_what_lies_in_the_trash_is_shown_but_not_marked(home: Home, here: Run) -> None:
    made = home.generations[1]
    here("history", "trash", made.stem)
    for name in (made.id, made.stem, made.stem[:-1]):
        shown = here("history", "show", name)
        assert (shown.status, "\nprompt\ta red fox in deep snow\n" in f"\n{shown.out.decode()}") == (0, True)
        assert f"history restore {made.stem}" in shown.out.decode()
    (told,) = here("history", "show", made.id, "--json").objects
    assert (told["id"], bool(told["trashed_at"])) == (made.id, True)
    path = Path(here("history", "show", made.id, "--path").lines[0])
    assert path.is_file()
    done = here("history", "star", made.id)
    assert (done.status, "lies in the trash" in done.err, made.stem in done.err) == (2, True, True)


def test_no_library_has_an_empty_trash(here: Run) -> None:
    assert here("history", "restore").err == "image-gen: The trash is empty.\n"
    assert here("history", "trash", "--empty").status == 0
