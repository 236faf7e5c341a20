"""How pictures are drawn and how they use the link can be changed from the palette, and is told in help."""

import pytest
from support.app import Home, Person

from tui.commands import COMMANDS
from tui.terminal.facts import ALWAYS, TerminalFacts, choose
from tui.terminal.link import link_of
from tui.widgets.image_view import ImageView

FOUND = TerminalFacts(
    best="half",
    because="tmux passes no pictures on: type “tmux set -p allow-passthrough on” and start again",
    can=ALWAYS | {"sixel"},
    lacks=(("kitty", "tmux passes no pictures on"),),
    answers=(("name", "XTerm(379)"), ("a cell", "9×18 pixels")),
)


def found(person: Person) -> None:
    person.app.terminal_facts = choose(FOUND, "auto")


async def run(person: Person, id: str) -> None:
    command = next(command for command in COMMANDS if command.id == id)
    assert await person.app.run_command(command)
    await person.settle()


def is_drawn(person: Person) -> bool:
    """The picture is there, and not its facts in words."""
    view = person.app.preview.query_one(ImageView)
    return view.info is not None and not view.busy and "16×9 PNG" not in person.seen_in(view)


async def test_the_palette_offers_every_way_and_says_which_can_work(home: Home) -> None:
    async with home.open() as person:
        found(person)
        await person.press("ctrl+p")
        await person.write("pictures:")
        await person.sees("Pictures: Kitty", "Hardly to be seen here: tmux passes no pictures on")
        await person.sees("Pictures: as the terminal can", "Half blocks here (now)")
        await person.sees("Pictures: Sixel", "Many colours, pixel by pixel")


async def test_enter_pressed_too_often_runs_what_was_found_once(home: Home) -> None:
    async with home.open() as person:
        before = person.app.options.selection.count
        await person.press("ctrl+p")
        await person.write("one more picture")
        await person.sees("One more picture")
        await person.burst("down", "enter", "enter", "enter", "enter")
        await person.until(lambda: person.app.screen is person.app.panes)
        await person.until(lambda: person.app.options.selection.count == before + 1)
        assert person.prompt.strip() == ""


async def test_a_way_chosen_in_the_palette_holds_at_once(home: Home) -> None:
    home.keep("a fox")
    async with home.open() as person:
        found(person)
        await person.until(lambda: is_drawn(person))
        await run(person, "pictures_none")
        assert person.app.terminal_facts.protocol == "none"
        await person.until(lambda: "16×9 PNG" in person.seen_in(person.app.preview))
        await run(person, "pictures_half")
        await person.until(lambda: is_drawn(person))
        assert "Half blocks, because the setting says so." in person.foot
        await run(person, "pictures_auto")
        assert person.app.terminal_facts == choose(FOUND, "auto")


async def test_what_can_hardly_work_is_done_and_said(home: Home) -> None:
    async with home.open((160, 40)) as person:
        found(person)
        await run(person, "pictures_kitty")
        assert person.app.terminal_facts.protocol == "kitty"
        assert "hardly be seen" in person.foot


async def test_with_the_link_off_there_are_words_and_another_wish_brings_pictures_back(home: Home) -> None:
    home.keep("a fox")
    async with home.open() as person:
        found(person)
        await person.until(lambda: is_drawn(person))
        await run(person, "link_off")
        assert link_of(person.app).mode == "off"
        await person.until(lambda: "16×9 PNG" in person.seen_in(person.app.preview))
        await run(person, "link_economy")
        assert link_of(person.app).mode == "economy"
        await person.until(lambda: is_drawn(person))
        await run(person, "link_off")
        await run(person, "pictures_symbols")
        assert link_of(person.app).mode == "auto"
        assert person.app.terminal_facts.protocol == "symbols"
        await person.until(lambda: is_drawn(person))


@pytest.mark.parametrize("mode", ["full", "economy"])
async def test_the_setting_for_the_link_holds_from_the_start(home: Home, mode: str) -> None:
    async with home.open(link=mode) as person:
        assert link_of(person.app).mode == mode


async def test_help_says_what_was_chosen_why_and_what_was_answered(home: Home) -> None:
    async with home.open((140, 40)) as person:
        found(person)
        await person.press("f1", "end")
        await person.sees("set -p allow-passthrough on", "asked at the start", "  name", "XTerm(379)", "9×18 pixels")
