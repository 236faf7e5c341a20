"""Leaving asks once, never waits, and the next start finds everything as it was."""

import asyncio
import gc
import time
import weakref

import pytest
from support.app import QUICK_MODEL, Home, Person, key_event
from support.waiting import wait_until

from tui.app import ImageGenApp
from tui.imaging import pool
from tui.screens.confirm import ConfirmQuit
from tui.state import AppState
from tui.widgets.image_view import ImageView

LONG = "sandbox:slow=60 fox"


async def gone(person: Person) -> None:
    await wait_until(lambda: not person.app.is_running, 5)
    assert person.app.return_code == 0


async def start_jobs(person: Person, count: int) -> None:
    await person.paste(LONG)
    await person.press(*["enter"] * count)
    await person.until(lambda: person.states == ["running"] * count)


async def test_ctrl_q_without_jobs_leaves_at_once(home: Home) -> None:
    async with home.open() as person:
        await person.press("ctrl+q")
        await gone(person)


@pytest.mark.parametrize("count", [1, 3])
async def test_with_jobs_it_asks_once_with_their_number_and_escape_stays(home: Home, count: int) -> None:
    async with home.open() as person:
        await start_jobs(person, count)
        await person.press("ctrl+q")
        assert isinstance(person.app.screen, ConfirmQuit)
        words = "1 job is" if count == 1 else "3 jobs are"
        assert words in person.screen()
        await person.press("escape")
        assert person.app.screen is person.app.panes
        assert person.states == ["running"] * count
        assert person.app.focused is person.app.prompt.editor
        assert person.prompt == LONG
        await person.press("ctrl+q", "ctrl+q")
        await gone(person)


@pytest.mark.parametrize("key", ["ctrl+q", "enter"])
async def test_the_same_key_again_or_enter_leaves_whatever_runs(home: Home, key: str) -> None:
    async with home.open() as person:
        await start_jobs(person, 2)
        await person.press("ctrl+q")
        begun = time.monotonic()
        person.app.post_message(key_event(key))
        await gone(person)
        assert time.monotonic() - begun < 2
    await wait_until(lambda: home.hidden() == [])


async def test_ctrl_q_twice_in_one_burst_leaves(home: Home) -> None:
    async with home.open() as person:
        await start_jobs(person, 1)
        for _ in range(2):
            person.app.post_message(key_event("ctrl+q"))
        await gone(person)


@pytest.mark.parametrize("dialog", ["f1", "f6", "f9", "ctrl+p"])
async def test_ctrl_q_leaves_from_inside_a_dialog(home: Home, dialog: str) -> None:
    async with home.open() as person:
        await person.press(dialog)
        assert person.app.screen is not person.app.panes
        await person.press("ctrl+q")
        await gone(person)


async def test_draft_options_and_theme_are_there_again_at_the_next_start(home: Home) -> None:
    async with home.open() as person:
        await person.paste("a fox\nin [red] snow …")
        await person.press("f3", "f3", "f4", "f5", "f5")
        person.app.theme = "nord"
        left = person.app.options.selection
        await person.press("ctrl+q")
        await gone(person)
    async with home.open() as person:
        assert person.prompt == "a fox\nin [red] snow …"
        assert person.app.options.selection == left
        assert left.count == 3
        assert person.app.theme == "nord"
        assert person.app.focused is person.app.prompt.editor
        await person.write("!")
        assert person.prompt == "a fox\nin [red] snow …!"


async def test_the_draft_is_kept_while_the_app_runs_for_the_day_it_is_killed(home: Home) -> None:
    async with home.open() as person:
        await person.write("not lost")
        await person.until(lambda: home.state and home.state.draft == "not lost")


async def test_a_state_that_makes_no_sense_starts_with_what_can_be_used(home: Home) -> None:
    odd = AppState(draft="x", model=QUICK_MODEL, aspect_ratio="7:77", image_size="9Z", count=10**6, theme="no-such")
    async with home.open(state=odd) as person:
        now = person.app.options.selection
        assert now.requests("x")
        assert now.aspect_ratio in now.image_model.ratios
        assert now.image_size in now.image_model.sizes
        assert person.app.theme == "image-gen-dark"


async def test_a_state_folder_that_cannot_be_written_is_said_and_leaving_works(home: Home) -> None:
    (home.folder / "state").write_text("a file where the folder should be")
    async with home.open(state=AppState(model=QUICK_MODEL)) as person:
        await person.write("fox")
        await person.until(lambda: "cannot be kept" in person.foot)
        await person.press("ctrl+q")
        await gone(person)


async def test_an_app_that_ended_is_let_go_with_its_pictures(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_IDLE", 0.05)
    home.keep("a fox")
    home.keep("another fox")

    async def ended() -> weakref.ref[ImageGenApp]:
        async with home.open() as person:
            view = person.app.preview.query_one(ImageView)
            await person.go_to("history")
            await person.press("j")
            await person.until(lambda: view.path == home.generations[0].images[0].path and not view.busy)
            return weakref.ref(person.app)

    # What is imported for the first one may remember it.
    await ended()
    app = await ended()
    # A thread knows, as long as it lives, where the app that ran at its start wanted complaints.
    await asyncio.get_running_loop().shutdown_default_executor()
    await wait_until(lambda: gc.collect() >= 0 and app() is None)
