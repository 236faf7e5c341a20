"""Every command of the table works, and every key does what the contract says."""

from typing import Any

import pytest
from rich.cells import cell_len
from support.app import Home, Person, frame_words
from textual.command import CommandPalette
from textual.widget import Widget

from tui.commands import COMMANDS, COVERING, PLACE_TITLES, Command, commands_of, footer
from tui.screens.help import HelpScreen

CONTRACT = {
    "prompt": {
        "enter": "generate",
        "ctrl+j": "new_line",
        "shift+enter": "new_line",
        "alt+enter": "new_line",
    },
    "app": {
        "f1": "help",
        "ctrl+p": "palette",
        "ctrl+q": "quit",
        "f2": "next_model",
        "f3": "next_ratio",
        "f4": "next_size",
        "f5": "more",
        "shift+f2": "previous_model",
        "shift+f3": "previous_ratio",
        "shift+f4": "previous_size",
        "shift+f5": "fewer",
        "escape": "focus_prompt",
        "tab": "next_pane",
        "shift+tab": "previous_pane",
    },
    "history": {
        "j": "down",
        "k": "up",
        "g": "first",
        "G": "last",
        "slash": "search",
        "enter": "recall",
        "f": "star",
        "d": "trash",
        "u": "restore",
        "e": "edit",
        "z": "zoom",
        "c": "compare",
        "space": "mark",
        "y": "copy",
        "o": "open",
    },
    "jobs": {"x": "cancel", "r": "retry", "enter": "story"},
}


@pytest.mark.parametrize("place", CONTRACT)
def test_the_table_binds_every_key_of_the_contract(place: Any) -> None:
    bound = {key: command.id for command in commands_of(place) for key in command.keys}
    assert CONTRACT[place].items() <= bound.items()


def test_no_key_has_two_meanings_in_one_place_and_no_id_two_commands() -> None:
    for place in PLACE_TITLES:
        keys = [key for command in commands_of(place) for key in command.keys]
        assert len(keys) == len(set(keys)), place
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


PANES = tuple(command for command in COMMANDS if command.place not in COVERING)


def place_of(person: Person, command: Command) -> Any:
    app = person.app
    return {
        "app": app,
        "prompt": app.prompt.editor,
        "options": app.options,
        "history": app.history.history_list,
        "preview": app.preview,
        "jobs": app.jobs_pane.job_list,
    }[command.place]


async def test_every_command_has_its_action_where_it_belongs_and_runs_with_an_empty_library(home: Home) -> None:
    async with home.open() as person:
        for command in PANES:
            name = command.action.partition("(")[0]
            assert callable(getattr(place_of(person, command), f"action_{name}", None)), command.id
            if command.id not in ("quit", "sandbox"):
                assert await person.app.run_command(command), command.id
                await person.settle()
                await person.back()
        assert person.app.is_running


async def test_every_command_runs_with_pictures_and_jobs(home: Home) -> None:
    for prompt in ("one", "two", "three"):
        home.keep(prompt)
    async with home.open() as person:
        await person.paste("sandbox:refused")
        await person.press("enter")
        await person.idle()
        for command in PANES:
            if command.id not in ("quit", "sandbox", "open", "preview_open"):
                assert await person.app.run_command(command), command.id
                await person.settle()
                await person.back()
        assert person.app.is_running


async def test_every_key_of_the_table_reaches_its_command(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for prompt in ("one", "two", "three"):
        home.keep(prompt)
    done: list[str] = []

    def watched(widget: Any, name: str) -> None:
        def noted(*arguments: Any) -> None:
            words = ", ".join(map(repr, arguments))
            done.append(f"{name}({words})" if words else name)

        monkeypatch.setattr(widget, f"action_{name}", noted)

    async with home.open() as person:
        for command in PANES:
            watched(place_of(person, command), command.action.partition("(")[0])
        for command in PANES:
            place: Widget = person.app.prompt.editor if command.place == "app" else place_of(person, command)
            for key in command.keys:
                person.app.panes.set_focus(place)
                await person.settle()
                done.clear()
                await person.press(key)
                assert done == [command.action], (command.id, key)


async def test_help_shows_every_command_with_its_key_and_leaves_by_the_same_key(home: Home) -> None:
    async with home.open((120, 220)) as person:
        await person.press("f1")
        assert isinstance(person.app.screen, HelpScreen)
        screen = person.screen()
        for command in COMMANDS:
            assert command.help in screen, command.id
            assert command.key_text in screen, command.id
        assert str(home.library)[:40] in screen
        assert "half" in screen
        await person.press("f1")
        assert person.app.screen is person.app.panes


async def test_help_scrolls_to_its_end_on_a_small_screen(home: Home) -> None:
    async with home.open((60, 20)) as person:
        await person.press("f1")
        assert "Jobs" not in person.screen()
        await person.press("end")
        await person.sees("sandbox:refused")
        await person.press("escape")
        assert person.app.screen is person.app.panes


async def test_the_palette_finds_a_command_by_its_name_and_runs_it(home: Home) -> None:
    async with home.open() as person:
        before = person.app.options.selection
        await person.press("ctrl+p")
        assert isinstance(person.app.screen, CommandPalette)
        await person.write("next aspect")
        await person.sees("Next aspect ratio")
        await person.press("down", "enter")
        await person.until(lambda: person.app.options.selection != before)
        assert person.app.options.selection.aspect_ratio != before.aspect_ratio
        assert person.app.screen is person.app.panes


async def test_the_palette_runs_a_command_of_another_pane_on_its_row(home: Home) -> None:
    home.keep("a fox")
    async with home.open() as person:
        await person.press("ctrl+p")
        await person.write("star")
        await person.sees("Star")
        await person.press("down", "enter")
        await person.until(lambda: person.chosen and person.chosen.user.starred)
        assert person.app.focused is person.app.prompt.editor


@pytest.mark.parametrize("width", [0, 1, 5, 12, 24, 36, 60, 118])
def test_a_footer_is_never_longer_than_its_pane(width: int) -> None:
    for place in PLACE_TITLES:
        assert cell_len(footer(place, width)) <= width


async def test_no_frame_is_longer_than_its_pane(home: Home) -> None:
    home.keep("a very long prompt about a fox " * 20)
    async with home.open() as person:
        await person.paste("sandbox:refused " + "long words " * 50)
        await person.press("enter")
        await person.idle()
        for width, height in [(40, 12), (60, 20), (76, 24), (80, 24), (104, 30), (120, 40), (200, 60)]:
            await person.resize(width, height)
            for pane in person.app.panes.query(".pane"):
                title, subtitle = frame_words(pane)
                if pane.region.width:
                    assert cell_len(title) <= pane.region.width - 4, (width, pane, title)
                    assert cell_len(subtitle) <= pane.region.width - 4, (width, pane, subtitle)
            assert all(cell_len(line) == width for line in person.screen().split("\n"))
