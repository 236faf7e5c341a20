"""The grid: the history as small pictures, and everything that can be done with one."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.app import Home, Person
from support.waiting import wait_until
from textual.screen import Screen

from tui.screens.compare import CompareScreen
from tui.screens.grid import GridScreen
from tui.screens.zoom import ZoomScreen
from tui.widgets.drawing import Drawing, Made
from tui.widgets.grid_view import GridView
from tui.widgets.pictures import Pictures
from tui.widgets.zoom_view import ZoomView

MANY = 30


@asynccontextmanager
async def grid(home: Home, count: int = MANY, **more: Any) -> AsyncIterator[Person]:
    """The grid of a library of ``count`` generations, the newest chosen."""
    for number in range(count):
        home.keep(f"picture {number}")
    async with home.open(**more) as person:
        await person.go_to("history")
        await person.press("v")
        await person.until(lambda: isinstance(person.app.screen, GridScreen))
        yield person


def tiles(person: Person) -> GridView:
    return person.app.screen.query_one(GridView)


def pictured(person: Person) -> list[str]:
    """Prompts of the tiles that show their picture."""
    view = tiles(person)
    shown = {key for key, tile in view.tiles.shown.items() if tile.drawing is not None}
    return [each.prompt for each in view.shelf.generations if each.id in shown]


async def test_v_fills_the_screen_with_the_newest_and_prepares_no_other(home: Home) -> None:
    async with grid(home) as person:
        await person.until(lambda: len(pictured(person)) == 12)
        assert pictured(person) == [f"picture {number}" for number in range(29, 17, -1)]
        assert tiles(person).current == person.chosen
        screen = person.screen()
        assert "picture 29" in screen
        assert "1 of 30" in screen


async def test_arrows_move_in_both_directions_and_the_history_goes_along(home: Home) -> None:
    async with grid(home) as person:
        await person.press("right", "down", "l", "j")
        assert tiles(person).cursor == 10
        await person.until(lambda: person.chosen == tiles(person).current)
        await person.press("left", "k")
        assert tiles(person).current.prompt == "picture 24"
        await person.press("escape")
        assert person.app.screen is person.app.panes
        assert person.chosen.prompt == "picture 24"


async def test_keys_pressed_faster_than_the_history_follows_are_all_counted(home: Home) -> None:
    async with grid(home) as person:
        await person.burst(*["right"] * 17)
        await person.until(lambda: person.chosen == tiles(person).current)
        assert tiles(person).cursor == 17


async def test_what_scrolls_away_is_let_go_and_what_comes_is_prepared(home: Home) -> None:
    async with grid(home) as person:
        await person.until(lambda: len(pictured(person)) == 12)
        await person.press("G")
        await person.until(lambda: pictured(person) == [f"picture {number}" for number in range(9, -1, -1)])
        assert tiles(person).current.prompt == "picture 0"
        await person.press("pageup")
        assert tiles(person).cursor == 17
        await person.press("g")
        assert tiles(person).cursor == 0
        await person.until(lambda: "picture 29" in pictured(person))


async def test_a_step_down_into_a_short_last_row_ends_in_its_last_picture(home: Home) -> None:
    async with grid(home, 6) as person:
        await person.press("right", "right", "right", "down")
        assert tiles(person).cursor == 5
        await person.press("down", "right")
        assert tiles(person).cursor == 5


async def test_enter_opens_and_leaving_comes_back_to_the_grid(home: Home) -> None:
    async with grid(home) as person:
        await person.press("right", "enter")
        await person.until(lambda: isinstance(person.app.screen, ZoomScreen))
        assert person.app.screen.generation.prompt == "picture 28"
        await person.press("escape")
        assert isinstance(person.app.screen, GridScreen)
        assert tiles(person).current.prompt == "picture 28"


async def test_stars_and_marks_are_seen_and_two_marked_are_compared(home: Home) -> None:
    async with grid(home, 8) as person:
        await person.press("f")
        await person.sees("★ picture 7")
        await person.press("space")
        await person.until(lambda: tiles(person).cursor == 1)
        await person.press("space")
        await person.sees("✓", "2 marked")
        await person.press("c")
        await person.until(lambda: isinstance(person.app.screen, CompareScreen))
        await person.press("escape")
        assert isinstance(person.app.screen, GridScreen)
        # Nothing is marked any more, so that d trashes one.
        assert "✓" not in person.screen()
        assert "marked" not in person.screen()


async def test_a_mark_on_the_last_picture_is_seen(home: Home) -> None:
    async with grid(home, 3) as person:
        await person.press("G", "space")
        await person.sees("✓ picture 0", "1 marked")
        await person.press("space")
        await person.until(lambda: "✓" not in person.screen())


async def test_numbers_rate_and_the_rating_stands_at_the_end_of_the_words(home: Home) -> None:
    async with grid(home, 3) as person:
        await person.press("right", "4")
        await person.sees("4★", "★★★★☆ · 2 of 3")
        line = next(line for line in person.screen().splitlines() if "picture 2" in line)
        assert line.index("picture 1") < line.index("4★") < line.index("picture 0")
        await person.press("0")
        await person.until(lambda: "★" not in person.screen())


async def test_what_is_done_there_is_said_there(home: Home) -> None:
    async with grid(home, 3) as person:
        await person.press("y")
        await person.sees("Copied the prompt.")


async def test_trash_takes_the_picture_out_and_undo_brings_it_back(home: Home) -> None:
    async with grid(home, 8) as person:
        await person.press("right", "d")
        await person.until(lambda: len(tiles(person).shelf.generations) == 7)
        assert tiles(person).current.prompt == "picture 5"
        await person.press("u")
        await person.until(lambda: len(tiles(person).shelf.generations) == 8)
        await person.until(lambda: tiles(person).current.prompt == "picture 6")


async def test_the_way_back_and_the_other_keys_are_told_at_every_size(home: Home) -> None:
    for size in ((60, 20), (80, 24), (200, 60)):
        async with grid(home, 1, size=size) as person:
            await person.sees("Enter open · Esc back · Space mark")
            assert ("F1 help" in person.screen()) == (size[0] < 200)


async def test_pictures_come_in_the_order_in_which_they_are_looked_at(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[str] = []
    under_way: list[Made] = []
    place = Pictures.placed

    async def slowly(self: Pictures, made: Made) -> Drawing:
        # A terminal that has several to choose from takes the newest.
        under_way.append(made)
        assert len(under_way) == 1
        await asyncio.to_thread(threading.Event().wait, 0.002)
        placed.append(under_way.pop().ask.path.name)
        return await place(self, made)

    async with grid(home, 12, images="half") as person:
        await person.until(lambda: len(pictured(person)) == 12)
        monkeypatch.setattr(Pictures, "placed", slowly)
        tiles(person).pictures_lost()
        await person.until(lambda: len(placed) == 12)
    assert placed == [each.images[0].path.name for each in reversed(home.generations)]


async def test_edit_goes_back_to_the_prompt_with_the_picture_as_reference(home: Home) -> None:
    async with grid(home, 3) as person:
        await person.press("right", "e")
        await person.until(lambda: person.app.options.selection.references)
        assert person.app.screen is person.app.panes
        assert person.prompt == "picture 1"


async def test_plus_and_minus_change_the_size_of_the_tiles(home: Home) -> None:
    async with grid(home) as person:
        usual = tiles(person).shape.tiles
        await person.press("plus")
        assert tiles(person).shape.tiles < usual
        await person.press("minus", "minus")
        assert tiles(person).shape.tiles > usual
        await person.until(lambda: len(pictured(person)) == min(MANY, tiles(person).shape.tiles))


async def test_a_click_chooses_and_a_second_one_opens(home: Home) -> None:
    async with grid(home, 8) as person:
        shape = tiles(person).shape
        await person.click(GridView, offset=(shape.width * 2 + 3, 4))
        assert tiles(person).cursor == 2
        await person.click(GridView, times=2, offset=(shape.width + 3, shape.height + 2))
        await person.until(lambda: isinstance(person.app.screen, ZoomScreen))
        assert person.app.screen.generation.prompt == "picture 2"


async def test_a_new_picture_comes_in_under_the_cursor_that_stays(home: Home) -> None:
    async with grid(home, 5) as person:
        await person.press("right")
        await person.until(lambda: person.chosen == tiles(person).current)
        chosen = person.chosen
        home.keep("the newest")
        await person.until(lambda: tiles(person).cursor == 2)
        assert tiles(person).current == chosen
        await person.sees("the newest")


async def test_a_gone_picture_says_so_in_its_tile(home: Home) -> None:
    home.keep("gone").images[0].path.unlink()
    async with grid(home, 2) as person:
        await person.sees("! gone", "no picture")


async def test_leaving_frees_every_picture(home: Home) -> None:
    async with grid(home) as person:
        await person.until(lambda: len(pictured(person)) == 12)
        view = tiles(person)
        await person.press("escape")
        await wait_until(lambda: not view.tiles.shown)


async def test_every_size_of_terminal_has_tiles(home: Home) -> None:
    async with grid(home, 6, size=(120, 40)) as person:
        for columns, rows in ((60, 20), (200, 60), (40, 12), (80, 24)):
            await person.pilot.resize_terminal(columns, rows)
            await person.until(lambda rows=rows: tiles(person).size.height == rows - 2)
            await person.until(lambda: len(pictured(person)) == min(6, tiles(person).shape.tiles))


@pytest.mark.parametrize(("keys", "screen"), [("", Screen), ("v", GridScreen), ("z", ZoomScreen), ("c", CompareScreen)])
async def test_f12_tells_what_pictures_cost_and_hides_it_again(home: Home, keys: str, screen: type[Screen]) -> None:
    for prompt in ("a fox", "a hen"):
        home.keep(prompt)
    async with home.open() as person:
        await person.go_to("history")
        await person.press(*keys)
        await person.until(lambda: isinstance(person.app.screen, screen))
        await person.until(lambda: all(view.settled for view in person.app.screen.query(ZoomView)))
        before = person.screen().splitlines()
        await person.press("f12")
        await person.sees("half", "wire", "loop")
        assert len(set(person.screen().splitlines()) - set(before)) <= 2, "nothing else moves"
        await person.press("f12")
        await person.until(lambda: "loop" not in person.screen())
