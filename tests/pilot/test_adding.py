"""What a person adds in the app: tags, notes, ratings; kept in the files, many at once, and taken back by one key."""

import json
from typing import Any

import pytest
from support.app import Home, Person

from tui.domain.generation import Generation
from tui.library import Library

PROMPTS = ("oldest harbour", "fox at dusk", "fox in snow")


@pytest.fixture
def full(home: Home) -> Home:
    """A library of three, the first one tagged."""
    for prompt in PROMPTS:
        home.keep(prompt)
    Library(home.library).set_tags(home.generations[0], ("winter", "best of all"))
    return home


def user_of(generation: Generation) -> dict[str, Any]:
    assert generation.metadata is not None
    told: dict[str, Any] = json.loads(generation.metadata.read_text())["user"]
    return told


async def at_history(person: Person) -> None:
    await person.go_to("history")


async def test_tags_are_typed_completed_kept_in_the_file_and_found(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("#")
        await person.sees("It has no tags.")
        await person.write("red, be")
        await person.until(lambda: person.app.screen.query_one("Input")._suggestion)
        await person.press("tab", "enter")
        await person.until(lambda: user_of(full.generations[2])["tags"] == ["red", "best of all"])
        await person.press("#")
        await person.sees("It has red, best of all.")
        await person.write("-RED, snow")
        await person.press("enter")
        await person.until(lambda: user_of(full.generations[2])["tags"] == ["best of all", "snow"])
        await person.press("slash")
        await person.write("tag:best")
        assert [each.prompt for each in person.listed] == ["fox in snow", "oldest harbour"]


async def test_marked_ones_are_tagged_together_and_one_undo_takes_it_back(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("A", "#")
        await person.sees("3 generations have winter (1), best of all (1).")
        await person.write("winter, -best of all")
        await person.press("enter")
        await person.until(lambda: all(user_of(each)["tags"] == ["winter"] for each in full.generations))
        await person.press("u")
        await person.sees("Taken back in 3.")
        assert [user_of(each)["tags"] for each in full.generations] == [["winter", "best of all"], [], []]


async def test_a_tag_that_is_too_long_is_refused_in_words_and_changes_nothing(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("#")
        await person.write("x" * 65)
        await person.press("enter")
        await person.sees("The tag is too long")
        assert user_of(full.generations[2])["tags"] == []


async def test_a_note_is_written_in_lines_read_again_and_searched(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("n")
        await person.write("print this")
        await person.press("ctrl+j")
        await person.write("on linen")
        await person.press("enter")
        await person.until(lambda: user_of(full.generations[2])["notes"] == "print this\non linen")
        await person.press("n")
        await person.sees("print this", "on linen")
        await person.press("escape", "slash")
        await person.write("linen")
        assert [each.prompt for each in person.listed] == ["fox in snow"]
        await person.press("escape", "u")
        await person.until(lambda: user_of(full.generations[2])["notes"] == "")


async def test_undo_goes_back_many_steps_in_order(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("4", "f", "d")
        await person.until(lambda: len(person.listed) == 2)
        await person.press("u")
        await person.until(lambda: len(person.listed) == 3)
        assert person.chosen is not None
        assert person.chosen.user.starred
        assert person.chosen.user.rating == 4
        await person.press("u")
        await person.until(lambda: person.chosen is not None and not person.chosen.user.starred)
        assert person.chosen.user.rating == 4
        await person.press("u")
        await person.until(lambda: person.chosen is not None and person.chosen.user.rating == 0)
        await person.press("u")
        await person.sees("nothing to take back")


async def test_what_another_program_changed_meanwhile_shows_without_being_asked_for(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        Library(full.library).set_starred(full.generations[1], True)
        home = Home(full.folder, full.proxy, list(full.generations))
        home.keep("made elsewhere")
        await person.until(lambda: [each.prompt for each in person.listed][:1] == ["made elsewhere"])
        await person.until(lambda: [each.user.starred for each in person.listed] == [False, False, True, False])
        assert person.chosen is not None
        assert person.chosen.prompt == "fox in snow"
        for path in full.library.glob(f"*{full.generations[0].stem}*"):
            path.unlink()
        await person.until(lambda: "oldest harbour" not in [each.prompt for each in person.listed])
