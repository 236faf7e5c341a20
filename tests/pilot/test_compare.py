"""Comparing: two pictures in the same place, one over the other, and what differs in words, options and pixels."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.color import Color
from rich.color_triplet import ColorTriplet
from support.app import NOON, Home, Person, text_of
from textual.geometry import Region
from textual.widget import Widget

from tui.commands import commands_of
from tui.domain.request import Request
from tui.library import Library
from tui.screens import compare
from tui.screens.compare import CompareScreen
from tui.screens.zoom import ZoomScreen, zoom_words
from tui.widgets import part_view
from tui.widgets.pictures import Pictures, background_of
from tui.widgets.zoom_view import ZoomView

RED, BLUE = (215, 0, 0), (0, 0, 215)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who rests only for moments."""
    monkeypatch.setattr(part_view, "REST", 0.02)
    monkeypatch.setattr(part_view, "IDLE", 0.05)


def keep(home: Home, prompt: str, size: tuple[int, int], colour: Any, **options: Any) -> Path:
    path = home.keep(prompt, pixels=size, **options).images[0].path
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.fixture
def two(home: Home) -> Home:
    """A red picture and a blue one of twice its size, made a minute later by another model."""
    keep(home, "a red fox in snow, dusk", (400, 300), RED, model="gemini-3-pro-image", image_size="1K")
    keep(home, "a red fox in deep snow", (800, 600), BLUE, model="gemini-3.1-flash-image", image_size="1K")
    return home


@asynccontextmanager
async def compared(home: Home, **more: Any) -> AsyncIterator[Person]:
    async with home.open(**more) as person:
        await person.go_to("history")
        await person.press("c")
        await person.until(lambda: isinstance(person.app.screen, CompareScreen))
        await looked(person)
        yield person


def view(person: Person, side: str) -> ZoomView:
    return person.app.screen.query_one(f"#{side}-view", ZoomView)


async def looked(person: Person, *sides: str) -> None:
    sides = sides or ("left", "right")
    await person.until(lambda: all(view(person, side).viewport and view(person, side).settled for side in sides))


def drawn(person: Person, side: str) -> Region:
    """The cells of its view that a picture takes, while all of it is seen."""
    whole = view(person, side).whole
    assert not view(person, side).closer.display
    found = set()
    for y in range(whole.size.height):
        row = [(char, segment.style) for segment in whole.render_line(y) for char in segment.text]
        inks = [style.bgcolor if char in " ▄" else style.color for char, style in row]
        blank = (None, Color.from_triplet(ColorTriplet(*background_of(whole))))
        found |= {(x, y) for x, ink in enumerate(inks) if ink not in blank}
    columns, rows = {x for x, _ in found}, {y for _, y in found}
    assert len(found) == len(columns) * len(rows)
    return Region(min(columns), min(rows), len(columns), len(rows))


def shown(person: Person) -> list[str]:
    """The sides that can be seen."""
    sides = ("left", "right", "pixels")
    return [side for side in sides if view(person, side).visible and view(person, side).region.area]


async def test_both_stand_side_by_side_in_boxes_of_one_size(two: Home) -> None:
    async with compared(two, size=(121, 40)) as person:
        assert shown(person) == ["left", "right"]
        left, right = view(person, "left"), view(person, "right")
        assert left.size == right.size
        assert right.region.x > left.region.right
        assert left.path == two.generations[0].images[0].path
        assert left.viewport.fits
        assert right.viewport.fits


@pytest.mark.parametrize("shape", [(400, 300), (2400, 400)])
async def test_at_first_sight_each_is_asked_for_at_its_final_size(
    home: Home, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for prompt in ("one", "two"):
        keep(home, prompt, shape, RED)
    asked: set[tuple[str | None, int, int]] = set()
    ask = Pictures.ask

    def noted(self: Pictures, widget: Widget, path: Path, columns: int, rows: int, **more: Any) -> Any:
        if widget.id in ("left", "right"):
            asked.add((widget.id, columns, rows))
        return ask(self, widget, path, columns, rows, **more)

    monkeypatch.setattr(Pictures, "ask", noted)
    async with compared(home, size=(121, 41)) as person:
        assert asked == {(side, *view(person, side).size) for side in ("left", "right")}


async def test_pictures_of_two_ratios_cover_as_much_of_the_screen_also_one_over_the_other(home: Home) -> None:
    keep(home, "square", (600, 600), RED)
    keep(home, "wide", (800, 450), BLUE)
    async with compared(home, size=(121, 40)) as person:
        for sides in (("left", "right"), ("left",), ("right",)):
            columns, rows = view(person, "left").viewport.extent
            for side in sides:
                # Rounded to whole cells.
                wanted = pytest.approx(columns * rows, rel=0.07)
                await person.until(lambda side=side, wanted=wanted: drawn(person, side).area == wanted)
                box, size = drawn(person, side), view(person, side).size
                assert abs(box.x - (size.width - box.right)) <= 1
                assert abs(box.y - (size.height - box.bottom)) <= 1
            await person.press("b")
            await looked(person)


async def test_two_ratios_keep_one_scale_and_the_names_tell_how_close_each_is(home: Home) -> None:
    keep(home, "wide", (800, 450), BLUE)
    keep(home, "square", (600, 600), RED)
    async with compared(home, size=(121, 40)) as person:

        def told() -> list[str]:
            views = [view(person, side).viewport for side in ("left", "right")]
            assert views[0].spread == pytest.approx(views[1].spread)
            assert person.screen().splitlines()[0].count(zoom_words(views[0])) == 2
            return [zoom_words(each) for each in views]

        assert told() == ["fit 7.5 %", "fit 7.5 %"]
        await person.press("space")
        await looked(person)
        assert told() == ["1:1", "1:1"]
        await person.press("minus")
        told()
        await person.press("w", "plus", "plus")
        await looked(person)
        # The wide one leads; it is the square that goes on above and below.
        assert view(person, "left").viewport.offset[1] < 0
        await person.burst(*["k"] * 20)
        assert view(person, "right").viewport.offset[1] == 0
        await person.burst(*["h"] * 20)
        assert view(person, "left").viewport.offset[0] == 0
        told()


async def test_what_the_files_are_counts_and_not_what_was_noted(home: Home) -> None:
    path = keep(home, "noted as wide", (800, 450), RED)
    keep(home, "wide", (800, 450), BLUE)
    Image.new("RGB", (600, 600), RED).save(path)
    async with compared(home, size=(121, 40)) as person:
        await person.sees("600×600")
        await looked(person)
        left, right = view(person, "left").viewport, view(person, "right").viewport
        assert left.gives_way
        assert left.spread == pytest.approx(right.spread)
        await person.press("x")
        await looked(person)
        assert view(person, "right").viewport == left


async def test_wide_pictures_stand_one_above_the_other(home: Home) -> None:
    for prompt in ("one", "two"):
        keep(home, prompt, (2400, 400), RED)
    async with compared(home) as person:
        left, right = view(person, "left"), view(person, "right")
        assert left.size == right.size
        assert left.region.x == right.region.x
        assert right.region.y > left.region.y


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_at_every_size_there_are_two_pictures_and_what_differs(two: Home, size: tuple[int, int]) -> None:
    async with compared(two, size=size) as person:
        for side in ("left", "right"):
            region = view(person, side).region
            assert region.width >= 29
            assert region.height >= 6
        screen = person.screen()
        for words in (" A ", " B ", "dusk", "deep", "Esc back", "b blink"):
            assert words in screen


async def test_names_tell_the_two_apart_and_nothing_is_cut_in_the_middle(home: Home) -> None:
    keep(home, "a fox", (400, 300), RED, started=NOON)
    keep(home, "a fox", (400, 300), BLUE, started=NOON + timedelta(days=1))
    async with home.open((60, 20)) as person:
        await person.go_to("history")
        await person.press("f", "5")
        await person.until(lambda: person.chosen.user.starred and person.chosen.user.rating == 5)
        await person.press("c")
        await person.until(lambda: isinstance(person.app.screen, CompareScreen))
        await looked(person)
        line = person.screen().splitlines()[0]
        assert "A fit" in line
        assert "B ★ fit" in line
        assert line.count("400×300") == 2
        await person.resize(120, 40)
        await person.until(lambda: "2026-03-15" in person.screen())
        line = person.screen().splitlines()[0]
        assert "2026-03-14 12:00" in line
        assert "★★★★★" in line
        assert "…" not in line


async def test_words_that_only_one_has_are_marked_and_listed_and_so_are_options(two: Home) -> None:
    async with compared(two) as person:
        left = person.app.screen.query_one("#left-words")
        assert "a red fox in snow, dusk" in text_of(left)
        strip = left.render_line(0)
        marked = {segment.text.strip() for segment in strip if segment.style is not None and segment.style.bold}
        assert marked == {"dusk"}
        screen = person.screen()
        assert "model gemini-3-pro-image → gemini-3.1-flash-image · − dusk · + deep" in screen
        await person.press("x")
        assert "model gemini-3.1-flash-image → gemini-3-pro-image · − deep · + dusk" in person.screen()


async def test_what_is_the_same_is_said_to_be(home: Home) -> None:
    for _ in range(2):
        keep(home, "a fox", (400, 300), RED)
    async with compared(home) as person:
        assert "The same words and options." in person.screen()


async def test_zoom_and_pan_go_to_the_same_place_in_both_whatever_their_sizes(two: Home) -> None:
    async with compared(two) as person:
        await person.press("plus", "plus", "plus")
        await person.burst(*["left"] * 20, *["k"] * 20)
        await looked(person)
        left, right = view(person, "left").viewport, view(person, "right").viewport
        assert left.place.scale > 1
        for name in ("scale", "x", "y"):
            assert getattr(right.place, name) == pytest.approx(getattr(left.place, name))
        assert left.zoom == pytest.approx(right.zoom * 2)
        assert view(person, "left").closer.display
        assert view(person, "right").closer.display
        await person.press("w")
        assert view(person, "left").viewport.fits
        assert view(person, "right").viewport.fits


async def test_the_mouse_on_one_moves_the_other(two: Home) -> None:
    async with compared(two) as person:
        person.app.CLICK_CHAIN_TIME_THRESHOLD = 10
        await person.click("#right-view", times=2, offset=(10, 10))
        await looked(person)
        assert view(person, "right").viewport.zoom == 1.0
        assert view(person, "left").viewport.place.scale == pytest.approx(view(person, "right").viewport.place.scale)
        await person.press("space")
        await looked(person)
        assert view(person, "left").viewport.zoom == 1.0


async def test_b_lays_one_over_the_other_at_full_width_and_then_changes_them(two: Home) -> None:
    async with compared(two) as person:
        for side in ("left", "right", "left"):
            await person.press("b")
            await looked(person)
            assert shown(person) == [side]
            assert view(person, side).size == (120, 36)
        await person.press("b")
        assert not view(person, "right").whole.busy
        assert not view(person, "left").whole.busy
        await person.press("plus", "b")
        assert view(person, "left").viewport.place.scale > 1
        assert view(person, "right").viewport.place.scale == pytest.approx(view(person, "left").viewport.place.scale)
        await person.press("escape")
        assert shown(person) == ["left", "right"]
        await person.press("escape")
        assert person.app.screen is person.app.panes


async def test_they_change_by_themselves_until_told_to_stop(two: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "BEAT_SECONDS", 0.05)
    async with compared(two) as person:
        await person.press("B")
        for side in ("right", "left", "right"):
            await person.until(lambda side=side: shown(person) == [side])
        await person.press("B")
        now = shown(person)
        beats: list[bool] = []
        person.app.screen.set_interval(compare.BEAT_SECONDS, lambda: beats.append(shown(person) == now))
        await person.until(lambda: len(beats) >= 4)
        assert all(beats)


async def test_p_shows_what_differs_with_figures_and_says_that_it_scaled(two: Home) -> None:
    async with compared(two) as person:
        await person.press("p")
        await person.sees("100.0 % of the pixels differ, 100.0 % clearly", "scaled to 400×300")
        await looked(person, "pixels")
        assert shown(person) == ["pixels"]
        file = view(person, "pixels").path
        with Image.open(file) as image:
            assert image.size == (400, 300)
            assert image.getpixel((0, 0)) == (215, 0, 215)
        await person.press("plus")
        await looked(person, "pixels")
        assert view(person, "pixels").closer.display
        await person.press("p")
        assert shown(person) == ["left", "right"]
        assert view(person, "left").viewport.place.scale > 1
        await person.press("escape")
        await person.until(lambda: not file.exists())
        assert not file.parent.exists()


async def test_two_equal_pictures_do_not_differ_in_one_pixel(home: Home) -> None:
    for _ in range(2):
        keep(home, "a fox", (400, 300), RED)
    async with compared(home) as person:
        await person.press("p")
        await person.sees("Not one pixel differs.")


async def test_a_picture_that_is_gone_leaves_the_other_all_the_room_and_says_so(home: Home) -> None:
    keep(home, "wide", (800, 450), RED).write_bytes(b"nothing")
    keep(home, "square", (600, 600), BLUE)
    async with home.open() as person:
        await person.go_to("history")
        await person.press("c")
        await looked(person, "right")
        await person.sees("not a picture")
        assert not view(person, "right").viewport.gives_way
        await person.press("plus", "left", "space", "b", "b", "p")
        await person.sees("not a picture")
        assert view(person, "right").viewport.place.scale != 1


async def test_c_compares_with_the_picture_it_was_made_from(two: Home) -> None:
    parent = two.generations[0]
    for prompt in ("another", "edited"):
        keep(two, prompt, (400, 300), BLUE, parent=parent.id if prompt == "edited" else None)
    async with compared(two) as person:
        assert view(person, "left").path == parent.images[0].path
        assert view(person, "right").path == two.generations[-1].images[0].path
        assert "B is made from A" in person.screen()
        await person.press("x")
        assert "B is made from A" in person.screen()
        assert person.screen().splitlines()[0].index("B ") < person.screen().splitlines()[0].index("A ")


async def test_c_in_the_zoom_screen_compares_and_comes_back_to_it(two: Home) -> None:
    async with two.open() as person:
        await person.go_to("history")
        await person.press("z", "c")
        await person.until(lambda: isinstance(person.app.screen, CompareScreen))
        await person.press("escape")
        assert isinstance(person.app.screen, ZoomScreen)


async def test_every_command_of_the_table_has_its_key_here(two: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async with compared(two) as person:
        done: list[str] = []
        screen = person.app.screen
        for command in commands_of("compare"):
            name = command.action.partition("(")[0]

            def noted(*arguments: Any, name: str = name) -> None:
                done.append(f"{name}({', '.join(map(str, arguments))})" if arguments else name)

            assert callable(getattr(screen, f"action_{name}")), name
            monkeypatch.setattr(screen, f"action_{name}", noted)
        for command in commands_of("compare"):
            for key in command.keys:
                done.clear()
                await person.press(key)
                assert done == [command.action], key


def test_the_library_of_the_tests_keeps_parents(home: Home) -> None:
    made = home.keep("edited", parent="some id")
    assert Library(home.library).load(made.stem).parent == "some id"
    assert Request("a", parent="b").parent == "b"
