"""The history: everything that was made, a picture an arrow key away, and nothing lost by a key."""

import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.app import NOON, Home, Person, text_of
from support.waiting import wait_until
from textual.widgets import Input

from tui.domain.generation import Generation
from tui.panes.history_list import EXAMPLES
from tui.panes.history_search import SearchInput
from tui.screens.compare import CompareScreen
from tui.screens.story import GenerationWords
from tui.screens.zoom import ZoomScreen
from tui.widgets.image_view import ImageView

PROMPTS = ("oldest harbour", "fox at dusk", "fox in snow", "city at night", "newest fox")


@pytest.fixture
def full(home: Home) -> Home:
    """A library of five."""
    for prompt in PROMPTS:
        home.keep(prompt, model="gemini-3-pro-image", aspect_ratio="16:9", image_size="2K")
    return home


def prompts(person: Person) -> list[str]:
    return [each.prompt for each in person.listed]


def chosen(person: Person) -> str | None:
    return person.chosen.prompt if person.chosen is not None else None


async def at_history(person: Person) -> Person:
    await person.go_to("history")
    return person


def on_disk(generation: Generation) -> dict[str, Any]:
    assert generation.metadata is not None
    told: dict[str, Any] = json.loads(generation.metadata.read_text())
    return told


async def test_a_library_is_listed_newest_first_and_the_newest_is_shown(full: Home) -> None:
    async with full.open() as person:
        assert prompts(person) == list(reversed(PROMPTS))
        shown = text_of(person.app.history.history_list)
        assert f"12:04 {'newest fox'}" in shown
        assert f"12:00 {'oldest harbour'}" in shown
        assert "14 Mar" in shown.split("\n")[0]
        view = person.app.preview.query_one(ImageView)
        await person.until(lambda: view.path == full.generations[-1].images[0].path and not view.busy)
        assert "newest fox" in str(person.app.preview.border_title)
        assert "1 of 5" in str(person.app.preview.border_subtitle)


async def test_keys_go_up_and_down_and_to_both_ends_and_show_the_picture_at_once(full: Home) -> None:
    view: ImageView
    async with full.open() as person:
        view = person.app.preview.query_one(ImageView)
        await at_history(person)
        for key, prompt in [
            ("j", "city at night"),
            ("down", "fox in snow"),
            ("k", "city at night"),
            ("up", "newest fox"),
            ("k", "newest fox"),
            ("G", "oldest harbour"),
            ("j", "oldest harbour"),
            ("g", "newest fox"),
            ("end", "oldest harbour"),
            ("home", "newest fox"),
            ("pagedown", "oldest harbour"),
            ("pageup", "newest fox"),
        ]:
            await person.press(key)
            assert (key, chosen(person)) == (key, prompt)
            assert person.chosen is not None
            assert view.path == person.chosen.images[0].path
            assert prompt in str(person.app.preview.border_title)


async def test_j_and_k_in_the_preview_go_through_the_history_too(full: Home) -> None:
    async with full.open() as person:
        await person.go_to("preview")
        await person.press("j", "j", "k")
        assert chosen(person) == "city at night"


async def test_the_search_filters_as_typed_keeps_the_chosen_one_and_escape_drops_it(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("j", "j")
        assert chosen(person) == "fox in snow"
        await person.press("slash")
        for typed, found in [("f", 3), ("o", 3), ("x", 3), (" ", 3), ("S", 1), ("N", 1)]:
            await person.press(typed)
            assert (typed, len(prompts(person))) == (typed, found)
            assert chosen(person) == "fox in snow"
        assert "1 of 5" in str(person.app.history.border_title)
        await person.press("escape")
        assert prompts(person) == list(reversed(PROMPTS))
        assert chosen(person) == "fox in snow"
        assert person.app.focused is person.app.history.history_list
        assert not person.app.query_one(SearchInput).display


async def test_enter_keeps_the_search_and_what_no_longer_matches_gives_way_to_what_does(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("slash")
        await person.write("harbour")
        await person.press("enter")
        assert (prompts(person), chosen(person)) == (["oldest harbour"], "oldest harbour")
        assert person.app.focused is person.app.history.history_list
        await person.press("slash")
        assert person.app.query_one(SearchInput).value == "harbour"
        await person.write("zzz")
        assert (prompts(person), chosen(person)) == ([], None)
        await person.sees("nothing matches zzz")
        await person.press("escape")
        assert len(prompts(person)) == 5


async def test_letters_typed_right_after_the_slash_are_searched_and_do_nothing_else(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.burst("slash", *"dusk")
        assert person.app.query_one(SearchInput).value == "dusk"
        assert prompts(person) == ["fox at dusk"]
        assert {path.name for path in full.library.glob("*.json")} == {
            each.metadata.name for each in full.generations if each.metadata
        }


async def test_enter_recalls_prompt_and_options_and_undo_brings_back_what_was_typed(full: Home) -> None:
    async with full.open() as person:
        await person.write("a draft")
        await at_history(person)
        await person.press("j", "enter")
        assert person.prompt == "city at night"
        now = person.app.options.selection
        assert (now.model, now.aspect_ratio, now.image_size) == ("gemini-3-pro-image", "16:9", "2K")
        assert person.app.focused is person.app.prompt.editor
        await person.press("ctrl+z")
        assert person.prompt == "a draft"


async def test_f_stars_in_the_metadata_file_and_unstars(full: Home) -> None:
    generation = full.generations[-1]
    async with full.open() as person:
        await at_history(person)
        await person.press("f")
        await person.until(lambda: person.chosen and person.chosen.user.starred)
        assert on_disk(generation)["user"]["starred"] is True
        assert "★" in text_of(person.app.history.history_list).split("\n")[1]
        assert "★" in str(person.app.preview.border_title)
        assert chosen(person) == "newest fox"
    async with full.open() as person:
        assert person.chosen is not None
        assert person.chosen.user.starred
        await at_history(person)
        await person.press("f")
        await person.until(lambda: person.chosen and not person.chosen.user.starred)
        assert on_disk(generation)["user"]["starred"] is False


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_numbers_rate_and_rows_with_room_tell_it(full: Home, size: tuple[int, int]) -> None:
    async with full.open(size) as person:
        await at_history(person)
        await person.press("j", "3")
        await person.until(lambda: "3★" in text_of(person.app.history.history_list).split("\n")[2])
        assert on_disk(full.generations[-2])["user"]["rating"] == 3
        assert "city at night" in person.screen()


async def test_d_trashes_u_undoes_and_the_cursor_stays_where_it_was(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("j", "j")
        row = person.app.history.history_list.cursor
        files = sorted(path.name for path in full.library.iterdir())
        gone = person.chosen
        assert gone is not None
        await person.press("d")
        await person.until(lambda: len(prompts(person)) == 4)
        assert person.app.history.history_list.cursor == row
        assert chosen(person) == "fox at dusk"
        assert gone.metadata is not None
        assert not gone.metadata.exists()
        assert not gone.images[0].path.exists()
        await person.press("u")
        await person.until(lambda: len(prompts(person)) == 5)
        assert chosen(person) == "fox in snow"
        assert sorted(path.name for path in full.library.iterdir() if path.name != ".trash") == files
        await person.press("u")
        await person.sees("nothing to take back")


async def test_the_last_row_trashed_leaves_the_cursor_on_the_row_before(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("G", "d")
        await person.until(lambda: len(prompts(person)) == 4)
        assert chosen(person) == "fox at dusk"
        for left in (3, 2, 1, 0):
            await person.press("d")
            await person.until(lambda left=left: len(person.listed) == left)
        assert person.chosen is None
        for back in (1, 2, 3, 4, 5):
            await person.press("u")
            await person.until(lambda back=back: len(person.listed) == back)
        assert prompts(person) == list(reversed(PROMPTS))


async def test_space_marks_several_and_d_trashes_them_at_once_and_u_brings_all_back(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("space", "space", "j", "space")
        assert "3 marked" in str(person.app.history.border_title)
        await person.press("d")
        await person.sees("Move 3 generations to the trash?")
        await person.press("enter")
        await person.until(lambda: prompts(person) == ["fox in snow", "oldest harbour"])
        assert "marked" not in str(person.app.history.border_title)
        await person.press("u")
        await person.until(lambda: prompts(person) == list(reversed(PROMPTS)))


async def test_e_makes_a_reference_and_the_next_generation_has_its_parent(full: Home) -> None:
    parent = full.generations[1]
    async with full.open() as person:
        await at_history(person)
        await person.press("j", "j", "j", "e")
        await person.until(lambda: person.app.options.selection.references)
        assert person.prompt == "fox at dusk"
        assert person.app.focused is person.app.prompt.editor
        assert person.app.options.selection.parent == parent.id
        await person.press("f4")
        await person.write(", blue")
        await person.press("f2")
        await person.press("enter")
        await person.idle()
        made = person.jobs[0].generation
        assert made is not None
        told = on_disk(made)
        assert told["parent"] == parent.id
        assert [each["sha256"] for each in told["references"]] == [parent.images[0].sha256]
        assert told["prompt"] == "fox at dusk, blue"


async def test_y_copies_the_prompt(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("j", "y")
        assert person.app.clipboard == "city at night"
        assert "Copied" in person.foot


async def test_z_fills_the_screen_and_j_and_k_go_on_inside(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("z")
        zoom = person.app.screen
        assert isinstance(zoom, ZoomScreen)
        view = zoom.query_one(ImageView)
        await person.until(lambda: not view.busy)
        assert view.size.width == 120
        assert view.size.height >= 38
        for key, prompt in [("j", "city at night"), ("j", "fox in snow"), ("k", "city at night")]:
            await person.press(key)
            await person.until(lambda: person.chosen and view.path == person.chosen.images[0].path)
            assert chosen(person) == prompt
            assert prompt in person.screen()
        await person.press("f")
        await person.until(lambda: person.chosen and person.chosen.user.starred)
        await person.press("escape")
        assert person.app.screen is person.app.panes
        assert chosen(person) == "city at night"


async def test_c_compares_this_with_the_one_below_or_the_two_marked(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("c")
        assert isinstance(person.app.screen, CompareScreen)
        pair = [person.app.screen.query_one(f"#{side}", ImageView).path for side in ("left", "right")]
        assert pair == [full.generations[3].images[0].path, full.generations[4].images[0].path]
        await person.press("x")
        swapped = [person.app.screen.query_one(f"#{side}", ImageView).path for side in ("left", "right")]
        assert swapped == pair[::-1]
        await person.press("escape", "space", "G", "space", "c")
        assert isinstance(person.app.screen, CompareScreen)
        pair = [person.app.screen.query_one(f"#{side}", ImageView).path for side in ("left", "right")]
        assert pair == [full.generations[0].images[0].path, full.generations[4].images[0].path]
        assert "oldest harbour" in person.screen()
        assert "newest fox" in person.screen()


async def test_o_without_a_viewer_says_where_the_picture_is(full: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(full.folder))
    async with full.open((200, 40)) as person:
        await at_history(person)
        await person.press("o")
        await person.until(lambda: full.generations[-1].images[0].path.name in person.foot)
        assert person.app.is_running


async def test_o_opens_the_picture_in_the_systems_viewer(full: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = full.folder / "opened"
    for name in ("xdg-open", "open"):
        viewer = full.folder / name
        viewer.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}.new"\nmv "{opened}.new" "{opened}"\n')
        viewer.chmod(viewer.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{full.folder}{os.pathsep}{os.environ['PATH']}")
    async with full.open() as person:
        await at_history(person)
        await person.press("o")
        await wait_until(opened.exists)
        assert Path(opened.read_text()) == full.generations[-1].images[0].path


async def test_t_tells_all_that_is_known_of_a_generation(home: Home) -> None:
    home.keep("a fox", summary={"text": "Here is your fox.", "finish_reason": "stop"})
    async with home.open((120, 60)) as person:
        await at_history(person)
        await person.press("t")
        assert isinstance(person.app.screen, GenerationWords)
        screen = person.screen()
        for words in ("a fox", "Here is your fox.", "16×9", "stop", "2026-03-14 12:00:00"):
            assert words in screen
        await person.press("t")
        assert not isinstance(person.app.screen, GenerationWords)


async def test_while_the_history_has_the_focus_the_chosen_one_stays_chosen(full: Home) -> None:
    async with full.open() as person:
        await person.paste("sandbox:slow=0.3 a new one")
        await person.press("enter")
        await at_history(person)
        await person.press("j", "j")
        view = person.app.preview.query_one(ImageView)
        await person.idle()
        await person.until(lambda: len(person.listed) == 6)
        assert chosen(person) == "fox in snow"
        assert view.path == full.generations[2].images[0].path
        assert "4 of 6" in str(person.app.preview.border_subtitle)
        await person.press("g")
        assert chosen(person) == "sandbox:slow=0.3 a new one"


async def test_an_empty_history_offers_examples_to_take_with_enter(home: Home) -> None:
    async with home.open() as person:
        shown = text_of(person.app.history.history_list)
        assert all(example[:30] in shown for example in EXAMPLES)
        await at_history(person)
        await person.press("j", "enter")
        assert person.prompt in EXAMPLES
        assert person.app.focused is person.app.prompt.editor
        assert person.jobs == []


async def test_generations_of_other_days_stand_under_their_days(home: Home) -> None:
    home.keep("earlier", started=NOON - timedelta(days=400))
    home.keep("later", started=NOON)
    async with home.open() as person:
        lines = [line.strip("▌ ") for line in text_of(person.app.history.history_list).split("\n")[:4]]
        assert lines[0].startswith("Sat 14 Mar") or "14 Mar" in lines[0]
        assert "later" in lines[1]
        assert "2025" in lines[2]
        assert "earlier" in lines[3]


async def test_reload_finds_what_others_made(full: Home) -> None:
    async with full.open() as person:
        full.keep("made elsewhere")
        await person.press("ctrl+r")
        await person.until(lambda: "made elsewhere" in prompts(person))
        assert len(prompts(person)) == 6


async def test_a_library_of_hundreds_is_listed_whole(home: Home) -> None:
    home.library.mkdir()
    for number in range(350):
        moment = NOON + timedelta(seconds=number)
        stem = f"{moment:%Y%m%d_%H%M%S}"
        (home.library / f"metadata_{stem}.json").write_text(json.dumps({"prompt": f"fox {number}"}))
    async with home.open() as person:
        await person.until(lambda: len(person.listed) == 350)
        assert prompts(person)[0] == "fox 349"
        await at_history(person)
        await person.press("G")
        assert chosen(person) == "fox 0"
        assert "fox 0" in text_of(person.app.history.history_list)


async def test_the_search_field_never_takes_the_keys_of_the_rows(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("slash")
        await person.press(*"dufe")
        assert person.app.query_one(SearchInput).value == "dufe"
        assert isinstance(person.app.focused, Input)
        await person.press("escape")
        assert len(prompts(person)) == 5


async def test_two_clicks_on_a_row_recall_its_prompt(full: Home) -> None:
    async with full.open() as person:
        await person.click("#history-list", times=2, offset=(12, 3))
        await person.until(lambda: person.prompt == PROMPTS[2])


async def test_a_comparison_takes_the_marks_off_so_that_d_trashes_one_only(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("space", "space", "c")
        await person.until(lambda: isinstance(person.app.screen, CompareScreen))
        await person.press("escape", "d")
        await person.until(lambda: prompts(person) == [*reversed(PROMPTS[3:]), *reversed(PROMPTS[:2])])


async def test_the_days_number_counts_every_picture_that_has_come(home: Home) -> None:
    async with home.open() as person:
        await person.write("a fox")
        await person.press("enter", "enter", "enter")
        await person.until(lambda: len(person.listed) == 3)
        await person.until(lambda: "3 today" in text_of(person.app.status_line))


async def test_a_new_picture_that_the_search_would_hide_is_shown(full: Home) -> None:
    async with full.open() as person:
        await at_history(person)
        await person.press("slash")
        await person.write("harbour")
        await person.press("enter", "escape")
        await person.write("a lake")
        await person.press("enter")
        await person.until(lambda: chosen(person) == "a lake")
        assert len(person.listed) == len(PROMPTS) + 1
