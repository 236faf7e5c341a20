"""The trash: seen, brought back from, and emptied only after a question with number and bytes."""

import pytest
from support.app import Home, Person

from tui.library import Library


@pytest.fixture
def full(home: Home) -> Home:
    """Four generations, the two oldest thrown away in an earlier run."""
    for prompt in ("harbour", "fox at dusk", "fox in snow", "city"):
        home.keep(prompt)
    library = Library(home.library)
    for generation in home.generations[:2]:
        library.trash((generation,))
    return home


def prompts(person: Person) -> list[str]:
    return [each.prompt for each in person.listed]


async def test_what_an_earlier_run_threw_away_is_seen_and_brought_back(full: Home) -> None:
    async with full.open() as person:
        assert prompts(person) == ["city", "fox in snow"]
        await person.go_to("history")
        await person.press("T")
        await person.sees("2 generations", "harbour", "fox at dusk")
        await person.press("down", "enter")
        await person.until(lambda: prompts(person) == ["city", "fox in snow", "harbour"])
        assert person.chosen is not None
        assert person.chosen.prompt == "harbour"
        await person.press("T")
        await person.sees("1 generation,", "fox at dusk")


async def test_marked_ones_come_back_together(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("T")
        await person.sees("2 generations")
        await person.press("space", "space", "u")
        await person.until(lambda: len(person.listed) == 4)


async def test_it_is_emptied_only_after_a_question_and_nothing_else_is_touched(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("T")
        await person.sees("2 generations")
        await person.press("E")
        await person.sees("Delete 2 generations in the trash for good")
        await person.press("escape")
        assert len(Library(full.library).trash_contents()) == 2
        await person.press("E", "enter")
        await person.sees("Deleted 2 for good")
        assert Library(full.library).trash_contents() == ()
        assert prompts(person) == ["city", "fox in snow"]
        await person.press("T")
        await person.sees("The trash is empty.")
        await person.press("E", "enter", "escape")
        assert person.app.screen is person.app.panes
