"""Help keeps to its columns at every width, and names what has no key."""

import pytest
from support.app import Home, Person, text_of

from tui.commands import COMMANDS
from tui.screens.help import HelpScreen, HelpTable


def rows(person: Person) -> list[str]:
    """All lines of the table, also those out of sight."""
    return [line.rstrip() for line in text_of(person.app.screen.query_one(HelpTable)).splitlines()]


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (120, 40)])
async def test_what_a_key_does_and_what_was_found_here_stay_in_their_column(home: Home, size: tuple[int, int]) -> None:
    async with home.open(size) as person:
        await person.app.push_screen(HelpScreen([("a name", "many words " * 30), ("  one below it", "x" * 200)]))
        await person.until(lambda: any(rows(person)))
        lines = rows(person)
        column = lines[1].index("Every key")
        titles = [line for line in lines if line and not line.startswith("  ")]
        assert titles[0] == "Everywhere"
        assert titles[-1] == "Here"
        assert all(not line[column - 2 : column].strip() for line in lines if line and line not in titles)
        here = lines[lines.index("Here") + 1 :]
        assert " ".join(line[column:] for line in here).split().count("many") == 30
        assert "".join(line[column:] for line in here).count("x") == 200
        assert any(line.startswith("    one") for line in here)


async def test_what_has_no_key_is_found_by_the_name_that_help_tells(home: Home) -> None:
    async with home.open((120, 40)) as person:
        await person.press("f1")
        told = {" ".join(line.split()) for line in rows(person)}
        assert {f"Ctrl+P, by name {each.name} · {each.help}" for each in COMMANDS if not each.keys} <= told
