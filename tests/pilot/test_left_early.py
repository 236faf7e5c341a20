"""A screen that is left in the moment it opens: nothing of it stays, and the app goes on."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from support.app import Home
from textual.screen import Screen

from tui.domain.generation import Generation
from tui.domain.selection import Selection
from tui.panes.history_rows import HistoryModel
from tui.screens.accounts import AccountsScreen
from tui.screens.adding import ConfirmMany, NoteEntry, TagsEntry
from tui.screens.boards import BoardPicker
from tui.screens.compare import CompareScreen
from tui.screens.entry import ReferencesScreen
from tui.screens.grid import GridScreen
from tui.screens.picker import Choice, Picker
from tui.screens.zoom import ZoomScreen

FOX = Generation("fox", "fox", datetime.now(UTC), "a red fox")

SCREENS: dict[str, Callable[[], Screen[Any]]] = {
    "accounts": lambda: AccountsScreen("makes pictures with nothing"),
    "picker": lambda: Picker("Ratio", (Choice("1:1", "square"),), "1:1"),
    "references": lambda: ReferencesScreen(Selection()),
    "zoom": lambda: ZoomScreen(FOX),
    "grid": lambda: GridScreen(HistoryModel(), None),
    "boards": lambda: BoardPicker((Choice("", "all"),), "fox", 0),
    "tags": lambda: TagsEntry((FOX,), ("winter",)),
    "note": lambda: NoteEntry(FOX),
    "many": lambda: ConfirmMany("Star", "Star 2 generations?"),
    "compare": lambda: CompareScreen(FOX, FOX),
}


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_left_before_its_inside_is_there_leaves_the_app_as_it_was(home: Home, name: str) -> None:
    async with home.open() as person:
        screen = SCREENS[name]()
        person.app.push_screen(screen)
        screen.dismiss(None)
        await person.settle()
        assert person.app.is_running
        assert person.app.screen is person.app.panes
        await person.write("still here")
        assert person.prompt == "still here"
