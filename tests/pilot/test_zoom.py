"""The zoom screen: as close as one likes, moved by keys and by the mouse, and everything at hand meanwhile."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.app import Home, Person
from support.waiting import wait_until
from textual import events

from tui.commands import commands_of
from tui.domain.errors import DiskError
from tui.screens.story import GenerationWords
from tui.screens.zoom import ZoomScreen
from tui.widgets import part_view
from tui.widgets.pictures import background_of
from tui.widgets.zoom_view import ZoomView

RED, BLUE, GREEN, YELLOW = (215, 0, 0), (0, 0, 215), (0, 175, 0), (215, 215, 0)
"""Colours that 256-colour terminals have: no pixel of them is mixed."""


def paint(path: Path, size: tuple[int, int] = (640, 480)) -> None:
    """Four quarters of one colour each: red, blue above, green, yellow below."""
    image = Image.new("RGB", size)
    across, down = size[0] // 2, size[1] // 2
    for colour, at in ((RED, (0, 0)), (BLUE, (across, 0)), (GREEN, (0, down)), (YELLOW, (across, down))):
        image.paste(colour, (*at, at[0] + across, at[1] + down))
    image.save(path)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who rests only for moments."""
    monkeypatch.setattr(part_view, "REST", 0.02)
    monkeypatch.setattr(part_view, "IDLE", 0.05)


@pytest.fixture
def three(home: Home) -> Home:
    """Three generations, the two newest of the same pixels."""
    for prompt, size in (("oldest", (300, 600)), ("middle", (640, 480)), ("newest", (640, 480))):
        paint(home.keep(prompt, pixels=size).images[0].path, size)
    return home


@asynccontextmanager
async def zoomed(home: Home, **more: Any) -> AsyncIterator[Person]:
    """The newest picture on the whole screen."""
    async with home.open(**more) as person:
        await person.go_to("history")
        await person.press("z")
        await person.until(lambda: isinstance(person.app.screen, ZoomScreen))
        await looked(person)
        yield person


def view(person: Person) -> ZoomView:
    return person.app.screen.query_one(ZoomView)


async def looked(person: Person) -> None:
    await person.until(lambda: view(person).viewport is not None and view(person).settled)


def colours(person: Person) -> list[list[Any]]:
    """The colour that stands in the upper half of each cell of the view; None where nothing is drawn."""
    zoom = view(person)
    shown = zoom.closer if zoom.closer.display else zoom.whole
    nothing = background_of(shown)
    found = []
    for y in range(zoom.size.height):
        row: list[Any] = []
        for segment in shown.render_line(y):
            for char in segment.text:
                ink = segment.style.bgcolor if char in " ▄" else segment.style.color
                colour = tuple(ink.triplet) if ink is not None else nothing
                row.append(None if colour == nothing else colour)
        found.append(row)
    return found


def seen(person: Person) -> set[Any]:
    """Which of the four quarters can be seen."""
    return {
        name
        for name, colour in (("red", RED), ("blue", BLUE), ("green", GREEN), ("yellow", YELLOW))
        for row in colours(person)
        for cell in row
        if cell is not None and all(abs(a - b) < 16 for a, b in zip(cell, colour, strict=True))
    }


def extent(person: Person) -> tuple[int, int]:
    """Columns and rows that are drawn."""
    rows = [row for row in colours(person) if any(row)]
    return max(sum(cell is not None for cell in row) for row in rows), len(rows)


async def test_it_begins_with_all_of_the_picture_and_says_what_it_is(three: Home) -> None:
    async with zoomed(three) as person:
        assert seen(person) == {"red", "blue", "green", "yellow"}
        screen = person.screen()
        for words in ("newest", "640×480", "1 of 3", three.generations[2].images[0].path.name, "fit", "↑↓ others"):
            assert words in screen


async def test_plus_goes_closer_minus_away_and_w_back_to_all_of_it(three: Home) -> None:
    async with zoomed(three) as person:
        fit = view(person).viewport
        await person.press("plus", "equals_sign")
        await looked(person)
        assert view(person).viewport.zoom > fit.zoom
        assert view(person).closer.display
        assert extent(person)[1] == view(person).size.height
        assert "←↑↓→ move" in person.screen()
        await person.press("minus", "minus", "minus", "minus")
        assert view(person).viewport.zoom == fit.zoom
        assert not view(person).closer.display
        await person.press("plus", "plus", "plus", "w")
        assert view(person).viewport == fit


async def test_space_is_one_half_block_for_a_pixel_and_all_of_it_again(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("space")
        await looked(person)
        viewport = view(person).viewport
        assert viewport.zoom == 1.0
        part = viewport.part(viewport.visible)
        assert (part.width, part.height) == (120, 38 * 2)
        assert "1:1" in person.screen()
        await person.press("space")
        assert view(person).viewport.fits


async def test_arrows_and_hjkl_move_over_the_picture_to_its_edges(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("space")
        await person.burst(*["left"] * 60, *["up"] * 60)
        await looked(person)
        assert view(person).viewport.offset == (0, 0)
        assert seen(person) == {"red"}
        await person.burst(*["l"] * 90)
        await looked(person)
        assert seen(person) == {"blue"}
        await person.burst(*["j"] * 60)
        await looked(person)
        assert seen(person) == {"yellow"}
        await person.burst(*["h"] * 90, "k")
        await looked(person)
        assert seen(person) == {"green"}
        assert person.chosen.prompt == "newest"


async def test_a_move_shows_the_very_cells_that_were_asked_for(three: Home) -> None:
    """The border of two quarters moves by as many cells as the view does."""
    async with zoomed(three) as person:
        await person.press("space")
        await looked(person)

        def border() -> int:
            row = colours(person)[0]
            return next(x for x in range(1, len(row)) if row[x][2] - row[x - 1][2] > 100)

        before, offset = border(), view(person).viewport.offset[0]
        await person.press("right")
        await looked(person)
        assert view(person).viewport.offset[0] > offset
        assert border() - before == offset - view(person).viewport.offset[0]


async def test_at_fit_arrows_go_through_the_history_and_n_and_p_always_do(three: Home) -> None:
    async with zoomed(three) as person:
        for key, prompt in (("down", "middle"), ("k", "newest"), ("right", "middle"), ("left", "newest")):
            await person.press(key)
            await person.until(lambda prompt=prompt: person.chosen.prompt == prompt)
        await person.press("plus", "n")
        await person.until(lambda: person.chosen.prompt == "middle")
        await person.press("pagedown")
        await person.until(lambda: person.chosen.prompt == "oldest")
        await person.press("K", "p")
        await person.until(lambda: person.chosen.prompt == "newest")


async def test_the_next_picture_of_the_same_size_is_looked_at_in_the_same_place(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("space")
        await person.burst(*["left"] * 60, *["up"] * 60)
        await looked(person)
        place = view(person).viewport.place
        await person.press("n")
        await person.until(lambda: view(person).closer.path == three.generations[1].images[0].path)
        await looked(person)
        assert view(person).viewport.place == place
        assert seen(person) == {"red"}
        await person.press("n")
        await person.until(lambda: person.chosen.prompt == "oldest" and view(person).viewport.picture == (300, 600))
        await looked(person)
        assert view(person).viewport.fits
        assert seen(person) == {"red", "blue", "green", "yellow"}


async def test_the_wheel_goes_closer_to_what_is_under_the_mouse(three: Home) -> None:
    async with zoomed(three) as person:
        for _ in range(6):
            wheel = events.MouseScrollUp(view(person), 20, 4, 0, 0, 0, False, False, False, 20, 4)
            view(person).post_message(wheel)
        await person.settle()
        await looked(person)
        assert seen(person) == {"red"}
        for _ in range(12):
            wheel = events.MouseScrollDown(view(person), 90, 30, 0, 0, 0, False, False, False, 90, 30)
            view(person).post_message(wheel)
        await person.settle()
        assert view(person).viewport.fits


async def test_the_mouse_drags_the_picture_along(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("space")
        await looked(person)
        left, top = view(person).viewport.offset
        await person.pilot.mouse_down(ZoomView, offset=(60, 20))
        await person.pilot.hover(ZoomView, offset=(50, 17))
        await person.pilot.mouse_up(ZoomView, offset=(50, 17))
        await person.settle()
        assert view(person).viewport.offset == (left + 10, top + 3)
        await person.pilot.hover(ZoomView, offset=(10, 10))
        await person.settle()
        assert view(person).viewport.offset == (left + 10, top + 3)


async def test_two_clicks_are_one_to_one_there(three: Home) -> None:
    async with zoomed(three) as person:
        person.app.CLICK_CHAIN_TIME_THRESHOLD = 10
        await person.click(ZoomView, times=2, offset=(40, 8))
        await looked(person)
        assert view(person).viewport.zoom == 1.0
        assert seen(person) == {"red"}


async def test_i_lays_the_facts_over_the_picture(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("i")
        screen = person.screen()
        for words in ("pixels", "640×480", "PNG", "2026-03-14 12:02:00", "zoom", "fit"):
            assert words in screen
        await person.press("space")
        assert "1:1" in person.screen()
        await person.press("i")
        assert "2026-03-14" not in person.screen()


async def test_facts_stand_as_they_are_whatever_is_in_them(home: Home) -> None:
    home.keep("[red]a[/] [@click=app.quit]fox[/] \x1b[31m\u202egnp", summary={"model": "[b]other[/b]"})
    async with zoomed(home, size=(80, 24)) as person:
        await person.press("i")
        screen = " ".join(person.screen().split())
        assert "[red]a[/] [@click=app.quit]fox[/]" in screen
        assert "[b]other[/b]" in screen
        assert "\x1b" not in screen
        assert "\u202e" not in screen


async def test_star_and_rating_are_kept_in_the_file_and_shown(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("f", "4")
        await person.until(lambda: person.chosen.user.rating == 4 and person.chosen.user.starred)
        assert "★★★★☆" in person.screen()
        path = three.generations[2].metadata
        assert json.loads(path.read_text())["user"] == {"starred": True, "rating": 4, "tags": [], "notes": ""}
        await person.press("0")
        await person.until(lambda: person.chosen.user.rating == 0)
        assert "☆" not in person.screen()
        await person.press("2", "escape")
        await person.sees("★★☆☆☆")


async def test_trash_goes_on_to_the_next_spares_the_marked_and_undo_brings_back(three: Home) -> None:
    async with three.open() as person:
        await person.go_to("history")
        await person.press("space", "g", "z")
        await person.until(lambda: isinstance(person.app.screen, ZoomScreen))
        await person.press("n", "d")
        await person.until(lambda: person.chosen.prompt == "oldest")
        assert [each.prompt for each in person.listed] == ["newest", "oldest"]
        await person.sees("In the trash; u undoes.")
        assert view(person).path == three.generations[0].images[0].path
        await person.press("u")
        await person.until(lambda: person.chosen.prompt == "middle")
        await person.until(lambda: view(person).path == three.generations[1].images[0].path)


async def test_when_the_last_one_is_trashed_the_panes_are_back(home: Home) -> None:
    paint(home.keep("the only one", pixels=(640, 480)).images[0].path)
    async with zoomed(home) as person:
        await person.press("d")
        await person.until(lambda: person.app.screen is person.app.panes)
        assert person.listed == []


async def test_what_the_library_refuses_is_said_below_the_picture(three: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise DiskError("No space left on device.", title="The metadata cannot be written", hint="")

    monkeypatch.setattr("tui.library.library.Library.mark", refuse)
    async with zoomed(three) as person:
        await person.press("3")
        await person.sees("The metadata cannot be written")


async def test_a_picture_that_cannot_be_shown_says_why_and_keys_do_no_harm(home: Home) -> None:
    home.keep("broken").images[0].path.write_bytes(b"no picture at all")
    async with home.open() as person:
        await person.go_to("history")
        await person.press("z")
        await person.sees("not a picture")
        await person.press("plus", "minus", "space", "w", "a", "i", "right")
        await person.click(ZoomView, times=2)
        assert isinstance(person.app.screen, ZoomScreen)


async def test_a_still_picture_does_not_play_and_says_so(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("a")
        await person.sees("does not move")


async def test_an_animated_picture_shows_its_first_frame_and_plays_when_asked(home: Home) -> None:
    path = home.keep("moving", pixels=(64, 48)).images[0].path
    frames = [Image.new("RGB", (64, 48), colour) for colour in (RED, BLUE, GREEN)]
    frames[0].save(path, "WEBP", save_all=True, append_images=frames[1:], duration=30, lossless=True)
    async with zoomed(home) as person:
        assert "▶ a plays" in person.screen()
        assert seen(person) == {"red"}
        await person.press("a")
        for colour in ("blue", "green", "red"):
            await wait_until(lambda colour=colour: seen(person) == {colour})
        await person.press("plus")
        await wait_until(lambda: view(person).viewport.zoom > view(person).viewport.fit_zoom)
        await wait_until(lambda: seen(person) == {"blue"})
        await person.press("w", "a")
        await looked(person)
        assert seen(person) == {"red"}


async def test_e_starts_from_it_and_t_reads_its_words(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("t")
        assert isinstance(person.app.screen, GenerationWords)
        await person.press("escape")
        assert isinstance(person.app.screen, ZoomScreen)
        await person.press("e")
        await person.until(lambda: person.app.options.selection.parent == three.generations[2].id)
        assert person.app.screen is person.app.panes
        assert person.prompt == "newest"


async def test_every_command_of_the_table_has_its_key_here_and_is_in_the_palette(
    three: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with zoomed(three) as person:
        await person.press("ctrl+p")
        await person.write("one to one")
        await person.sees("One to one")
        await person.press("down", "enter")
        await person.until(lambda: view(person).viewport.zoom == 1.0)
        done: list[str] = []
        screen = person.app.screen
        for command in commands_of("zoom"):
            name = command.action.partition("(")[0]

            def noted(*arguments: Any, name: str = name) -> None:
                done.append(f"{name}({', '.join(map(str, arguments))})" if arguments else name)

            assert callable(getattr(screen, f"action_{name}")), name
            monkeypatch.setattr(screen, f"action_{name}", noted)
        for command in commands_of("zoom"):
            for key in command.keys:
                done.clear()
                await person.press(key)
                assert done == [command.action], key
        monkeypatch.undo()
        await person.press("f1")
        await person.sees("Closer by a step")


async def test_another_size_of_the_terminal_keeps_the_place(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("space")
        await person.burst(*["left"] * 60, *["up"] * 60)
        await looked(person)
        for size in ((60, 20), (200, 60), (80, 24)):
            await person.pilot.resize_terminal(*size)
            await person.until(lambda size=size: view(person).viewport.cells == (size[0], size[1] - 2))
            await looked(person)
            assert view(person).viewport.zoom == 1.0
            assert seen(person) == {"red"}
        await person.press("w")
        await person.pilot.resize_terminal(120, 40)
        await person.until(lambda: view(person).viewport.cells == (120, 38))
        assert view(person).viewport.fits


async def test_held_keys_never_wait_for_pictures(three: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is decoded or encoded on the event loop: it goes on while the threads are held up."""
    from tui.widgets import pictures

    held = threading.Event()
    make = pictures.make
    asked: list[Any] = []

    def slow(ask: Any, *rest: Any) -> Any:
        if ask.part is not None:
            asked.append(ask)
            held.wait(20)
        return make(ask, *rest)

    async with zoomed(three) as person:
        monkeypatch.setattr(pictures, "make", slow)
        await person.press("space")
        await person.burst(*["right"] * 60)
        assert view(person).viewport.zoom == 1.0
        assert view(person).viewport.visible.right == view(person).viewport.grid[0]
        # What stood there stays until something can take its place.
        assert seen(person) == {"red", "blue", "green", "yellow"}
        assert len(asked) < 10
        held.set()
        await looked(person)
        assert seen(person) == {"blue", "yellow"}


async def test_leaving_in_the_middle_of_work_leaves_nothing_behind(three: Home) -> None:
    async with zoomed(three) as person:
        await person.press("plus", "plus", "escape")
        assert person.app.screen is person.app.panes
        await person.press("z", "space", "n", "plus", "p", "escape")
        await asyncio.sleep(0)
        assert person.app.screen is person.app.panes
        await person.until(lambda: not person.app.preview.query_one("#picture").busy)
