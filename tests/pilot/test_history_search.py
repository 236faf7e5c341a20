"""The history's search: the query language as one types, with its mistakes, completions and finds to be seen."""

import pytest
from rich.segment import Segment
from support.app import Home, Person, frame_words, text_of
from textual.geometry import Region
from textual.widget import Widget

from tui.domain.query.keys import FORMS
from tui.panes.history_search import SearchInput
from tui.screens.help import HelpTable


@pytest.fixture
def full(home: Home) -> Home:
    """A library of four."""
    home.keep("oldest harbour", model="gemini-2.5-flash-image", aspect_ratio="4:3")
    home.keep("a red fox in deep snow", model="gemini-3-pro-image", aspect_ratio="16:9", image_size="2K")
    home.keep("夕暮れの雪の中の狐", model="gemini-3-pro-image", aspect_ratio="1:1")
    home.keep("Fox, Straße", model="gemini-3-pro-image", aspect_ratio="16:9")
    return home


def prompts(person: Person) -> list[str]:
    return [each.prompt for each in person.listed]


async def searching(person: Person, text: str) -> SearchInput:
    """The search with ``text`` in it, and nothing else."""
    search = person.app.query_one(SearchInput)
    if not search.has_focus:
        await person.go_to("history")
        await person.press("slash")
    await person.press("end", "ctrl+u")
    await person.write(text)
    assert search.value == text
    return search


def segments(widget: Widget) -> list[Segment]:
    size = widget.size
    return [segment for strip in widget.render_lines(Region(0, 0, size.width, size.height)) for segment in strip]


def outstanding(person: Person) -> list[str]:
    """The parts of the rows that are shown as found."""
    rows = person.app.history.history_list
    look = rows.get_component_rich_style("row--match", partial=True)
    return [each.text for each in segments(rows) if each.style and each.style.bold and each.style.color == look.color]


def underlined(search: SearchInput) -> str:
    return "".join(each.text for each in segments(search) if each.style and each.style.underline)


async def test_keys_signs_and_words_find_as_they_are_typed(full: Home) -> None:
    async with full.open() as person:
        for text, found in [
            ("fox strasse", ["Fox, Straße"]),
            ("16:9 -snow", ["Fox, Straße"]),
            ("model:flash or 狐", ["夕暮れの雪の中の狐", "oldest harbour"]),
            ('"deep snow" size:2k', ["a red fox in deep snow"]),
            ("before:2026-03-14", []),
            ("on:2026-03-14 fox", ["Fox, Straße", "a red fox in deep snow"]),
        ]:
            await searching(person, text)
            assert (text, prompts(person)) == (text, found)
            assert f"{len(found)} of 4" in frame_words(person.app.history)[0]


async def test_what_was_found_stands_out_in_the_rows(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        assert outstanding(person) == []
        await searching(person, "fo or 雪の中")
        assert outstanding(person) == ["Fo", "雪の中", "fo"]
        await searching(person, "strass -deep")
        assert outstanding(person) == ["Straß"]
        assert "Fox, Straße" in text_of(person.app.history.history_list)


async def test_what_stands_beyond_the_end_of_a_row_cannot_stand_out(home: Home) -> None:
    home.keep("fox " + "and snow " * 20 + "fox")
    async with home.open() as person:
        await searching(person, "fox")
        assert outstanding(person) == ["fox"]
        assert "…" in text_of(person.app.history.history_list)


async def test_a_mistake_is_underlined_with_a_hint_and_the_rest_is_searched(full: Home) -> None:
    async with full.open() as person:
        search = await searching(person, "harb moddel:x")
        assert underlined(search) == "moddel:x"
        assert frame_words(person.app.history)[1] == "Did you mean model:?"
        assert prompts(person) == ["oldest harbour"]
        for _ in "moddel:x":
            await person.press("backspace")
        assert underlined(search) == ""
        assert "Enter keep" in frame_words(person.app.history)[1]


async def test_the_hint_is_that_of_the_mistake_at_the_cursor(full: Home) -> None:
    async with full.open() as person:
        await searching(person, "is:x rating:9")
        assert frame_words(person.app.history)[1].startswith("rating: 0 to 5")
        await person.press("home", "delete", "i")
        assert frame_words(person.app.history)[1].startswith("is: failed")


async def test_the_chosen_one_stays_chosen_while_it_matches(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("j", "j")
        assert person.chosen is not None
        for text in ("fox", "fox rating:", "fox rating:0", "deep or straße"):
            await searching(person, text)
            assert (text, person.chosen.prompt) == (text, "a red fox in deep snow")
        await searching(person, "straße")
        assert prompts(person) == ["Fox, Straße"]
        assert person.chosen.prompt == "Fox, Straße"


async def test_the_right_arrow_completes_keys_and_models_of_the_library(full: Home) -> None:
    async with full.open() as person:
        search = await searching(person, "mo")
        await person.until(lambda: search._suggestion == "model:")
        await person.press("right")
        assert search.value == "model:"
        await person.write("gemini-2")
        await person.until(lambda: search._suggestion.endswith("flash-image"))
        await person.press("right")
        assert search.value == "model:gemini-2.5-flash-image"
        assert prompts(person) == ["oldest harbour"]


async def test_a_star_taken_back_leaves_a_search_for_stars(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("history")
        await person.press("f")
        await person.until(lambda: person.chosen and person.chosen.user.starred)
        await searching(person, "star:")
        await person.press("enter")
        assert prompts(person) == ["Fox, Straße"]
        await person.press("f")
        await person.sees("nothing matches star:")


async def test_the_help_tells_what_a_query_can_say_right_behind_the_keys_of_the_history(full: Home) -> None:
    async with full.open() as person:
        await searching(person, "fox")
        await person.press("f1")
        lines = str(person.app.screen.query_one(HelpTable).render()).splitlines()
        titles = [line for line in lines if line and not line.startswith(" ")]
        assert titles[titles.index("History") + 1] == "In a search"
        assert all(any(line.startswith(f"  {form} ") for line in lines) for form, _ in FORMS)
