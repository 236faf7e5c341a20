"""What the history leaves undone: work that nobody would see costs time that everybody would."""

from collections.abc import Callable
from typing import Any

import pytest
from support.app import Home
from textual.geometry import Region
from textual.widget import Widget

from tui.panes.preview import PreviewPane
from tui.widgets.row_list import RowList

MANY = 60


@pytest.fixture
def full(home: Home) -> Home:
    """A library with more generations than there are rows on the screen."""
    for number in range(MANY):
        home.keep(f"fox {number:02}")
    return home


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[tuple[Any, ...]]:
    """Who was called with what, for each call of a method from now on."""
    calls: list[tuple[Any, ...]] = []
    method: Callable[..., Any] = getattr(owner, name)

    def call(self: Any, *arguments: Any, **others: Any) -> Any:
        calls.append((self, *arguments))
        return method(self, *arguments, **others)

    monkeypatch.setattr(owner, name, call)
    return calls


async def test_of_rows_passed_at_once_only_the_last_one_is_shown(full: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with full.open() as person:
        await person.go_to("history")
        shown = counted(monkeypatch, PreviewPane, "show")
        await person.burst(*["j"] * 40)
        assert person.chosen is not None
        assert person.chosen.prompt == "fox 19"
        assert shown[-1][1] == person.chosen
        assert len(shown) <= 5


async def test_a_step_draws_two_rows_and_the_edge_with_the_position_anew(
    full: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("j")
        await person.sees(f"2 of {MANY}")
        drawn = counted(monkeypatch, RowList, "_draw")
        refreshed = counted(monkeypatch, Widget, "refresh")
        await person.press("j")
        await person.sees(f"3 of {MANY}")
        assert len(drawn) == 2
        edges = [regions for widget, *regions in refreshed if widget is person.app.preview]
        assert [[region.height for region in regions] for regions in edges] == [[1], [1]]


async def test_rows_that_scroll_are_not_drawn_again(full: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with full.open() as person:
        await person.go_to("history")
        rows = person.app.history.history_list
        height = rows.size.height
        drawn = counted(monkeypatch, RowList, "_draw")
        await person.burst(*["j"] * (height + 3))
        assert rows.scroll_offset.y > 0
        assert len(drawn) < 2 * height
        await person.sees(f"fox {MANY - height - 4:02}")


async def test_a_pane_that_is_drawn_whole_still_has_its_words(full: Home) -> None:
    async with full.open() as person:
        await person.sees("History  60", f"1 of {MANY}")
        person.app.preview.refresh(Region(0, 0, 1, 1))
        person.app.history.refresh()
        await person.resize(80, 24)
        await person.sees("History  60")
