"""How the history is listed: orders, boards, dates, marks over many rows."""

import json
from datetime import timedelta

import pytest
from support.app import NOON, Home, Person

from tui.library import Library
from tui.library.boards import keep_board
from tui.panes.board_column import BoardColumn
from tui.screens.adding import ConfirmMany

PROMPTS = ("oldest harbour", "fox at dusk", "fox in snow", "city at night", "newest fox")


@pytest.fixture
def full(home: Home) -> Home:
    """A library of five, the third rated, a day between each."""
    for number, prompt in enumerate(PROMPTS):
        home.keep(prompt, started=NOON + timedelta(days=number))
    Library(home.library).set_rating(home.generations[2], 5)
    return home


def prompts(person: Person) -> list[str]:
    return [each.prompt for each in person.listed]


def chosen(person: Person) -> str | None:
    return person.chosen.prompt if person.chosen is not None else None


async def test_s_lists_in_another_order_and_the_cursor_stays_on_its_generation(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("j")
        assert chosen(person) == "city at night"
        await person.press("s", "down", "enter")
        assert prompts(person) == list(PROMPTS)
        assert chosen(person) == "city at night"
        await person.press("s", "down", "enter")
        assert prompts(person)[0] == "fox in snow"
        assert chosen(person) == "city at night"
        # Without headings of days each row says its own.
        await person.sees("16 Mar fox in snow")


async def test_an_order_stays_through_a_search_and_what_is_typed_narrows_it(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("s", "down", "enter", "slash")
        await person.write("fox")
        assert prompts(person) == ["fox at dusk", "fox in snow", "newest fox"]


async def test_a_search_is_kept_as_a_board_shown_again_and_forgotten(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("slash")
        await person.write("fox -snow")
        await person.press("enter", "b")
        await person.sees("A new name keeps fox -snow")
        await person.write("dry foxes")
        await person.press("enter")
        await person.sees("Kept as dry foxes")
        kept = json.loads((full.library / "boards.json").read_text())
        assert kept == {"boards": [{"name": "dry foxes", "query": "fox -snow"}]}
        await person.press("escape", "escape")
        await person.go_to("history")
        await person.press("b")
        await person.write("all")
        await person.press("enter")
        assert len(person.listed) == 5
    async with full.open() as person:
        await person.go_to("history")
        await person.press("b")
        await person.sees("dry foxes")
        await person.press("enter")
        assert prompts(person) == ["newest fox", "fox at dusk"]
        await person.press("b")
        await person.sees("dry foxes")
        await person.press("delete")
        await person.sees("dry foxes is forgotten")
        assert len(Library(full.library).page().generations) == 5


async def test_a_damaged_list_of_boards_is_said_and_left_as_it_is(full: Home) -> None:
    (full.library / "boards.json").write_text("nonsense")
    async with full.open() as person:
        await person.go_to("history")
        await person.press("b")
        await person.sees("boards are damaged")
        assert (full.library / "boards.json").read_text() == "nonsense"


async def test_brackets_go_from_day_to_day_and_a_date_is_jumped_to(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        for key, prompt in [
            ("right_square_bracket", "city at night"),
            ("right_square_bracket", "fox in snow"),
            ("left_square_bracket", "city at night"),
            ("left_square_bracket", "newest fox"),
            ("left_square_bracket", "newest fox"),
        ]:
            await person.press(key)
            assert (key, chosen(person)) == (key, prompt)
        await person.press("G", "D")
        await person.sees("March 2026")
        await person.press("end", "enter")
        assert chosen(person) == "newest fox"


async def test_marks_reach_over_rows_and_one_question_tells_how_many_are_changed(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("space", "G", "k", "M")
        assert "4 marked" in str(person.app.history.border_title)
        await person.press("f")
        await person.sees("Star 4 generations?")
        await person.press("escape")
        assert not any(each.user.starred for each in person.listed)
        await person.press("f", "enter")
        await person.until(lambda: [each.user.starred for each in person.listed] == [True] * 4 + [False])
        await person.press("u")
        await person.until(lambda: not any(each.user.starred for each in person.listed))
        await person.press("A")
        assert "5 marked" in str(person.app.history.border_title)
        await person.press("A")
        assert "marked" not in str(person.app.history.border_title)
        await person.press("f")
        await person.until(lambda: person.chosen is not None and person.chosen.user.starred)
        assert not isinstance(person.app.screen, ConfirmMany)


async def test_an_index_that_breaks_meanwhile_is_made_anew_and_nothing_is_lost(full: Home) -> None:
    async with full.open() as person:
        (index,) = (full.folder / "cache").rglob("index.db")
        for path in index.parent.glob("index.db*"):
            path.write_bytes(b"no database" * path.stat().st_size)
        full.keep("after the accident")
        await person.sees("made anew", "after the accident")
        assert len(person.listed) == 6
        await person.go_to("history")
        await person.press("slash")
        await person.write("fox")
        assert prompts(person) == ["newest fox", "fox in snow", "fox at dusk"]


async def test_where_there_is_room_boards_stand_beside_the_list_and_a_click_shows_one(full: Home) -> None:
    keep_board(full.library, "dry foxes", "fox -snow")
    keep_board(full.library, "harbours", "harbour")
    async with full.open((200, 60)) as person:
        await person.until(lambda: "harbours" in person.seen_in(person.app.history))
        boards = person.app.history.query_one(BoardColumn)
        await person.click(BoardColumn, offset=(3, 2))
        await person.until(lambda: prompts(person) == ["oldest harbour"])
        assert boards.cursor == 2
        assert person.app.focused is person.app.history.history_list
        await person.press("slash")
        await person.write("s")
        await person.until(lambda: boards.cursor == -1)
        await person.press("escape")
        await person.until(lambda: boards.cursor == 0)
        await person.resize(120, 40)
        assert not boards.display
        assert "newest fox" in person.seen_in(person.app.history)


async def test_a_board_that_is_kept_comes_to_stand_beside_the_list_and_goes_when_it_is_forgotten(full: Home) -> None:
    async with full.open((200, 60)) as person:
        boards = person.app.history.query_one(BoardColumn)
        assert not boards.display
        await person.go_to("history")
        await person.press("slash")
        await person.write("fox")
        await person.press("enter", "b")
        await person.write("foxes")
        await person.press("enter")
        await person.until(lambda: boards.display and boards.cursor == 1)
        await person.press("b")
        await person.sees("Del forget")
        await person.press("delete")
        await person.until(lambda: not boards.display)
