"""``image-gen history star``, ``rate``, ``tag``, ``note``: what a person adds, one after the other."""

from collections.abc import Callable

import pytest
from support.app import Home
from support.command import Outcome
from support.deliveries import png

from tui.domain.generation import UserMarks
from tui.library import Library

Run = Callable[..., Outcome]


def marks(home: Home, number: int) -> UserMarks:
    found = Library(home.library).load(home.generations[number].stem)
    assert found is not None
    return found.user


def test_stars_are_given_and_taken(home: Home, here: Run) -> None:
    first, second = (home.generations[number].stem for number in (0, 1))
    done = here("history", "star", first, second)
    assert (done.status, done.err) == (0, "")
    assert [line.split()[:3] for line in done.lines] == [["★", "starred", first], ["★", "starred", second]]
    assert marks(home, 0).starred
    assert marks(home, 1).starred
    assert here("history", "star", "--off", first).lines[0].startswith("☆ not starred")
    assert not marks(home, 0).starred
    assert [line.split("\t")[3] for line in here("history", "star:").lines] == ["a red fox in deep snow"]


def test_ratings_are_given_and_taken(home: Home, here: Run) -> None:
    stem = home.generations[1].stem
    assert here("history", "rate", "4", stem).lines[0].startswith("★★★★☆")
    assert marks(home, 1).rating == 4
    assert here("history", "rate", "0", stem).status == 0
    assert marks(home, 1).rating == 0


@pytest.mark.parametrize("rating", ["6", "-1", "good", "", "4.5", "٣"])
def test_a_rating_that_there_is_not_is_wrong_usage(home: Home, here: Run, rating: str) -> None:
    done = here("history", "rate", "--", rating, home.generations[1].stem)
    assert (done.status, done.out) == (2, b"")
    assert "from 0 to 5" in done.err


def test_tags_are_added_and_taken_away(home: Home, here: Run) -> None:
    first, second = (home.generations[number].stem for number in (0, 1))
    assert here("history", "tag", first, second, "--add", "winter", "--add", "best of").status == 0
    assert marks(home, 0).tags == marks(home, 1).tags == ("winter", "best of")
    done = here("history", "tag", first, "--remove", "Winter", "--add", "冬")
    assert done.lines[0].startswith("best of, 冬  ")
    assert marks(home, 0).tags == ("best of", "冬")
    assert [line.split("\t")[3] for line in here("history", 'tag:"best of" tag:winter').lines] == [
        "a red fox in deep snow"
    ]


def test_tags_that_are_none_are_wrong_usage(home: Home, here: Run) -> None:
    stem = home.generations[0].stem
    assert here("history", "tag", stem).status == 2
    assert here("history", "tag", stem, "--add", "x" * 100).status == 2
    assert "--add" in here("history", "tag", stem, "+fox").err
    assert marks(home, 0).tags == ()


def test_notes_are_written_from_a_word_and_from_standard_input(home: Home, here: Run) -> None:
    stem = home.generations[0].stem
    assert here("history", "note", stem, "seen at dusk").lines[0].startswith("seen at dusk  ")
    assert marks(home, 0).notes == "seen at dusk"
    assert here("history", "note", stem, "-", stdin="two\nlines 雪\n".encode()).status == 0
    assert marks(home, 0).notes == "two\nlines 雪"
    assert here("history", "show", stem, "--json").objects[0]["notes"] == "two\nlines 雪"
    assert here("history", "note", stem, "").status == 0
    assert marks(home, 0).notes == ""


def test_notes_that_cannot_be_are_wrong_usage(home: Home, here: Run) -> None:
    stem = home.generations[0].stem
    several = here("history", "note", stem, "seen", "at", "dusk")
    assert several.status == 2
    assert '"seen at dusk"' in several.err
    assert here("history", "note", stem).status == 2
    assert here("history", "note", stem, "-", stdin=b"\xff").status == 2
    assert here("history", "note", stem, "-", stdin=b"x" * 200_000).status == 2
    assert marks(home, 0).notes == ""


def test_one_that_cannot_be_keeps_no_other_from_it(home: Home, here: Run) -> None:
    first, second = (home.generations[number].stem for number in (0, 1))
    done = here("history", "star", first, "20269999", "20260314", second)
    assert done.status == 2
    assert [line.split()[2] for line in done.lines] == [first, second]
    assert "Nothing in" in done.err
    assert "beginning of several" in done.err


def test_json_tells_what_became_of_each(home: Home, here: Run) -> None:
    stem = home.generations[0].stem
    failed, done = here("history", "star", stem, "20269999", "--json").objects
    assert (failed["status"], failed["id"], failed["error"]["code"]) == ("failed", "20269999", "usage")
    assert (done["status"], done["id"], done["starred"]) == ("done", home.generations[0].id, True)


def test_what_the_disk_refuses_is_told_of_each(home: Home, here: Run) -> None:
    damaged = home.generations[0].metadata
    assert damaged is not None
    damaged.write_text("{")
    done = here("history", "star", home.generations[0].stem, home.generations[1].stem, "20269999")
    assert done.status == 6
    assert len(done.lines) == 1
    assert "metadata is damaged" in done.err
    assert damaged.read_text() == "{"


def test_the_same_one_twice_is_done_once(home: Home, here: Run) -> None:
    made = home.generations[0]
    assert len(here("history", "star", made.stem, made.id, str(made.images[0].path)).lines) == 1


def test_a_picture_of_another_program_is_marked_in_a_file_beside_it(home: Home, here: Run) -> None:
    picture = home.library / "fox.png"
    picture.write_bytes(png())
    before = picture.read_bytes(), picture.stat().st_mtime_ns
    assert here("history", "star", "generated_images/fox.png").status == 0
    assert (picture.read_bytes(), picture.stat().st_mtime_ns) == before
    assert (home.library / "metadata_fox.png.json").is_file()
    assert [line.split("\t")[1] for line in here("history", "star:").lines] == ["fox.png"]


def test_without_names_it_is_wrong_usage(home: Home, here: Run) -> None:
    for command in (("star",), ("rate", "3"), ("tag", "--add", "x"), ("note",), ("show",)):
        done = here("history", *command)
        assert (done.status, done.out) == (2, b"")
        assert f"history {command[0]} --help" in done.err


def test_a_query_for_such_a_word_stands_behind_two_dashes(home: Home, here: Run) -> None:
    home.keep("a star in the sky")
    assert [line.split("\t")[3] for line in here("history", "--", "star").lines] == ["a star in the sky"]
