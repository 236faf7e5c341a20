"""The accounts on their screen, and what the first screen says where no proxy helps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.app import NOBODY, Home, Person
from support.ccs_homes import CcsHome
from textual.widgets import Static

from tui.screens.accounts import AccountList, AccountsScreen

SIZES = [(60, 20), (80, 24), (120, 40)]


@pytest.fixture
def ccs(clean_environment: Path) -> CcsHome:
    return CcsHome(clean_environment / ".ccs")


def login(ccs: CcsHome, email: str, *, folder: str = "auth", minutes: int = 50, **more: object) -> None:
    end = datetime.now(UTC) + timedelta(minutes=minutes)
    token = {"type": "antigravity", "email": email, "access_token": "canary-a", "refresh_token": "canary-r"}
    token |= {"project_id": "p", "expired": end.isoformat(), **more}
    ccs.write(f"cliproxy/{folder}/antigravity-{email}.json", token)


async def opened(person: Person) -> AccountsScreen:
    await person.press("f7")
    await person.until(lambda: isinstance(person.app.screen, AccountsScreen) and "Reading" not in person.screen())
    screen = person.app.screen
    assert isinstance(screen, AccountsScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_every_account_is_told_with_its_state_and_what_to_type(
    home: Home, ccs: CcsHome, size: tuple[int, int]
) -> None:
    login(ccs, "ann@example.com")
    login(ccs, "bob@example.com", folder="auth-paused")
    async with home.open(size) as person:
        await opened(person)
        await person.press("j")
        await person.until(lambda: "ccs cliproxy resume" in person.screen())
        shown = person.screen()
        for words in ("2 accounts: 1 usable, 1 paused", "a…n@example.com", "b…b@example.com", "makes pictures with"):
            assert words in shown.replace("\n", " ")
        assert "canary" not in shown
        assert "ann@" not in shown


async def test_the_key_that_opened_it_and_escape_lead_back_to_the_prompt(home: Home, ccs: CcsHome) -> None:
    login(ccs, "ann@example.com")
    async with home.open() as person:
        for key in ("f7", "escape", "q"):
            await opened(person)
            await person.press(key)
            await person.until(lambda: person.app.screen is person.app.panes)
        assert person.app.focused is person.app.prompt.editor


async def test_without_a_ccs_home_it_says_what_to_type(home: Home) -> None:
    async with home.open((60, 20), proxy=NOBODY) as person:
        await opened(person)
        assert "There is no CCS home at ~/.ccs" in person.screen()
        assert "ccs agy --auth, then ccs cliproxy start" in person.screen()


async def test_a_thousand_accounts_scroll(home: Home, ccs: CcsHome) -> None:
    for number in range(1000):
        login(ccs, f"user{number:04d}@example.com")
    async with home.open((80, 24)) as person:
        screen = await opened(person)
        rows = screen.query_one(AccountList)
        await person.press("G")
        await person.until(lambda: rows.cursor == 999)
        assert rows.scroll_offset.y > 900
        assert "1000 accounts" in person.screen()


@pytest.mark.parametrize("size", SIZES)
async def test_no_proxy_is_told_with_the_command_the_places_and_the_sandbox(home: Home, size: tuple[int, int]) -> None:
    async with home.open(size, proxy=NOBODY) as person:
        await person.until(lambda: person.app.findings)
        words = str(person.app.preview.query_one("#welcome", Static).render())
        parts = (
            "Nothing answers at",
            "→ ccs agy --auth, then ccs cliproxy start",
            "tried 127.0.0.1:1",
            "~/.ccs",
            "F8",
        )
        assert [part for part in parts if part not in words] == []
        # The words may need more lines than those before: all stand there once they are arranged.
        await person.until(lambda: (now := person.seen_in(person.app.preview)) and all(part in now for part in parts))
