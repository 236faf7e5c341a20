"""Rows of the history in one line, two lines, or with small pictures: whatever the shape, all else works as before."""

import asyncio
from datetime import timedelta

import pytest
from support.app import NOON, Home, Person, text_of
from support.kitchen import Kitchen
from textual.geometry import Offset

from tui.domain.generation import Generation
from tui.library import Library
from tui.panes.history_list import HistoryList
from tui.state import AppState
from tui.widgets.drawing import Drawing, Made
from tui.widgets.pictures import Pictures

PROMPTS = (
    "oldest harbour",
    "fox at dusk",
    "a red fox in deep snow, golden hour, seen from far away over the frozen river, 35 mm film",
    "city at night",
    "newest fox",
)
LONG = 2
SIZES = ((60, 20), (80, 24), (120, 40), (200, 60))


@pytest.fixture
def full(home: Home) -> Home:
    """A library of five; between the third and the fourth a day."""
    for number, prompt in enumerate(PROMPTS):
        started = NOON + timedelta(days=number // 3, minutes=number)
        home.keep(prompt, started=started, model="gemini-3-pro-image", aspect_ratio="16:9", image_size="2K")
    return home


def rows(person: Person) -> HistoryList:
    return person.app.history.history_list


def lines(person: Person) -> list[str]:
    return [line.rstrip() for line in text_of(rows(person)).splitlines()]


def prompts_pictured(person: Person) -> set[str]:
    shown = {key for key, tile in rows(person).tiles.shown.items() if tile.drawing is not None}
    return {each.prompt for each in person.listed if each.id in shown}


async def in_shape(person: Person, keys: int) -> Person:
    await person.go_to("history")
    await person.press(*["l"] * keys)
    return person


async def test_l_goes_from_one_line_to_two_to_pictures_and_back_and_the_next_start_has_the_last(full: Home) -> None:
    async with full.open(images="half") as person:
        await in_shape(person, 0)
        assert [rows(person).row_height, rows(person).shape_now] == [1, "one"]
        await person.press("l")
        assert [rows(person).row_height, rows(person).shape_now] == [2, "two"]
        await person.press("l")
        assert [rows(person).row_height, rows(person).shape_now] == [3, "pictures"]
        await person.sees("small pictures")
        await person.press("l")
        assert rows(person).shape_now == "one"
        await person.press("l")
    async with full.open() as person:
        assert rows(person).shape_now == "two"


async def test_a_setting_goes_before_what_the_last_run_had(full: Home) -> None:
    async with full.open() as person:
        await in_shape(person, 1)
    async with full.open(history_rows="pictures", origins={"history_rows": "settings.toml"}, images="half") as person:
        assert rows(person).shape_now == "pictures"


async def test_the_palette_names_the_shapes_and_tells_which_is_now(full: Home) -> None:
    async with full.open() as person:
        await in_shape(person, 0)
        await person.press("ctrl+p")
        await person.write("Rows: two")
        await person.sees("More of each prompt")
        await person.press("enter")
        await person.until(lambda: rows(person).shape_now == "two")
        await person.press("ctrl+p")
        await person.write("Rows: two")
        await person.sees("(now)")


async def test_two_lines_have_the_rest_of_a_long_prompt_and_what_was_asked_for_below_a_short_one(full: Home) -> None:
    async with full.open() as person:
        await in_shape(person, 1)
        shown = lines(person)
        assert shown[0].strip() == "Sun 15 Mar"
        assert shown[1].split() == ["▌", "12:04", "newest", "fox", "△"]
        assert shown[2].split() == ["▌", "3", "Pro", "16:9", "2K"]
        day = next(place for place, line in enumerate(shown) if line.strip() == "Sat 14 Mar")
        assert day == 5, "a heading has one line"
        first, second = shown[day + 1], shown[day + 2]
        assert "a red fox in deep snow" in first
        assert "…" not in first
        assert second.strip().startswith(("golden", "hour"))
        assert second.endswith("…")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", [1, 2])
async def test_the_rows_fit_every_size_and_the_cursor_is_seen_whole(
    full: Home, size: tuple[int, int], keys: int
) -> None:
    async with full.open(size=size, images="half") as person:
        await in_shape(person, keys)
        for key in ("j", "j", "G", "k", "g", "pagedown", "pageup"):
            await person.press(key)
            shown = rows(person)
            top = shown.top_of(shown.cursor) - shown.scroll_offset.y
            assert 0 <= top <= shown.size.height - shown.row_height, key
            bars = [place for place, line in enumerate(lines(person)) if line.startswith("▌")]
            assert bars == [*range(top, top + shown.row_height)], key
            prompt = person.chosen.prompt if person.chosen is not None else ""
            assert prompt[:6] in "".join(lines(person)[top : top + shown.row_height])


async def test_only_rows_in_sight_have_their_pictures_and_those_that_go_are_let_go(home: Home) -> None:
    for number in range(30):
        home.keep(f"picture {number}")
    async with home.open(images="half") as person:
        await in_shape(person, 2)
        height = rows(person).size.height
        await person.until(lambda: {"picture 29", "picture 28"} <= prompts_pictured(person))
        assert len(rows(person).tiles.shown) <= height // 3 + 1
        await person.press("G")
        await person.until(lambda: "picture 0" in prompts_pictured(person))
        assert "picture 29" not in prompts_pictured(person)
        assert len(rows(person).tiles.shown) <= height // 3 + 2
        await person.press("g", "l")
        assert not rows(person).tiles.shown


async def test_a_picture_that_was_let_go_is_not_seen_until_it_is_brought_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        home.keep(f"picture {number}")
    come = asyncio.Event()
    place = Pictures.placed

    async def late(self: Pictures, made: Made) -> Drawing:
        await come.wait()
        return await place(self, made)

    async with home.open(images="half") as person:
        await in_shape(person, 2)
        await person.until(lambda: "picture 28" in prompts_pictured(person))
        with_picture = rows(person).render_line(5)
        await person.press("G")
        monkeypatch.setattr(Pictures, "placed", late)
        await person.press("g")
        assert rows(person).render_line(5) != with_picture
        come.set()
        await person.until(lambda: rows(person).render_line(5) == with_picture)


async def test_keys_are_answered_while_pictures_are_made(full: Home, kitchen: Kitchen) -> None:
    async with full.open(images="half") as person:
        await in_shape(person, 1)
        for each in full.generations:
            kitchen.hold(each.images[0].path.name)
        await person.press("l", "j", "j")
        assert person.chosen is not None
        assert person.chosen.prompt == PROMPTS[LONG]
        assert "city at night" in text_of(rows(person))
        assert not prompts_pictured(person)
        kitchen.let_all_go()
        await person.until(lambda: prompts_pictured(person) == set(PROMPTS))


async def test_without_pictures_the_rows_have_two_lines_and_get_them_when_they_are_drawn_again(full: Home) -> None:
    async with full.open(images="none", state=AppState(history_rows="pictures")) as person:
        await in_shape(person, 0)
        assert rows(person).shape_now == "two"
        await person.press("l", "l", "l")
        await person.sees("two lines each")
        person.app.action_pictures("half")
        assert rows(person).shape_now == "pictures"
        await person.until(lambda: prompts_pictured(person) == set(PROMPTS))
        person.app.action_pictures("none")
        assert [rows(person).shape_now, rows(person).tiles.shown] == ["two", {}]


async def test_a_click_on_any_line_of_a_row_chooses_it_and_a_heading_is_none(full: Home) -> None:
    async with full.open(images="half") as person:
        await in_shape(person, 2)
        shown = rows(person)
        for row in (2, 1, 4):
            for line in range(shown.row_height):
                await person.click(HistoryList, offset=Offset(12, shown.top_of(row) + line))
                assert (row, line, shown.cursor) == (row, line, row)
        await person.click(HistoryList, offset=Offset(3, shown.top_of(3)))
        assert shown.cursor == 4


async def test_marks_stars_tags_and_finds_are_seen_in_each_shape(full: Home) -> None:
    library = Library(full.library)
    library.set_rating(full.generations[4], 3)
    library.set_starred(full.generations[3], True)
    library.add_tags(full.generations[4], ("winter",))
    async with full.open(images="half") as person:
        for keys in (1, 1):
            await in_shape(person, keys)
            await person.sees("★ ", "3★", "#winter")
            await person.press("g", "space")
            await person.sees("✓ ")
            await person.press("g", "space")
        await person.press("slash")
        await person.write("golden")
        await person.press("enter")
        assert [each.prompt for each in person.listed] == [PROMPTS[LONG]]
        shown = rows(person)
        found = [
            piece.text
            for line in range(shown.row_height)
            for piece in shown.pieces(1, line, 40)
            if getattr(piece, "look", "") == "row--match"
        ]
        assert found == ["golden"]


async def test_after_the_trash_each_picture_stands_in_its_own_row(full: Home) -> None:
    async with full.open(images="half") as person:
        await in_shape(person, 2)
        await person.until(lambda: prompts_pictured(person) == set(PROMPTS))
        await person.press("j", "d")
        await person.until(lambda: prompts_pictured(person) == {*PROMPTS} - {"city at night"})
        shown = rows(person)
        for row in (1, 3, 4, 5):
            generation = shown.model.rows[row]
            assert isinstance(generation, Generation)
            tile = shown.tiles.shown[generation.id]
            assert tile.drawing is not None
            cells = [piece.text for piece in shown.pieces(row, 1, 40)]
            drawn = "".join(segment.text for segment in tile.drawing.row(1, shown.rich_style))
            assert drawn in "".join(cells)


async def test_what_cannot_be_drawn_says_so_in_its_place(full: Home) -> None:
    full.generations[4].images[0].path.write_bytes(b"no picture at all")
    full.generations[3].images[0].path.unlink()
    async with full.open(images="half") as person:
        await in_shape(person, 2)
        await person.until(lambda: text_of(rows(person)).count("no pict") == 2)


async def test_an_empty_library_teaches_in_one_line_each_whatever_the_shape(home: Home) -> None:
    async with home.open(images="half") as person:
        await in_shape(person, 2)
        assert rows(person).row_height == 1
        await person.sees("Nothing yet", "a red fox in deep snow")
        home.keep("the first")
        await person.until(lambda: rows(person).shape_now == "pictures")
