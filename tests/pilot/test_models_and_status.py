"""The chosen model against what the proxy serves: said at once, put right by one key; and the status line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from support.app import Home, Person, text_of
from support.path_server import CHAT, LIST, PathServer, cliproxyapi, models_list
from support.replay_server import Exchange, recorded
from textual import events

from tui.connect.models import keep, recall
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.screens.picker import Picker
from tui.screens.story import JobStory
from tui.state import AppState
from tui.widgets.status_line import Status

RECORDED = recorded("probing")
CHATS = recorded("chat")
PRO = "gemini-3-pro-image-preview"
FLASH = "gemini-3.1-flash-image"
ANTIGRAVITY = cliproxyapi(RECORDED["antigravity-models"], **{CHAT: CHATS["chat-model-unknown"]})


@asynccontextmanager
async def at(
    tmp_path: Path, answers: dict[str, Exchange], size: tuple[int, int] = (120, 40), **more: Any
) -> AsyncIterator[tuple[Person, PathServer]]:
    """A person before the app, at a proxy that answers so."""
    more.setdefault("state", AppState(model=PRO))
    async with PathServer(answers) as server, Home(tmp_path, server.address).open(size, **more) as person:
        await person.settle()
        yield person, server


def model(person: Person) -> str:
    return person.app.options.selection.model


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_a_model_that_is_not_served_is_said_and_one_key_takes_the_nearest(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with at(tmp_path, ANTIGRAVITY, size) as (person, _):
        assert f"Ctrl+N takes {FLASH}" in person.foot
        await person.write("a fox")
        await person.press("ctrl+n")
        assert model(person) == FLASH
        assert person.prompt == "a fox"
        assert "Ctrl+N" not in person.foot
        await person.press("ctrl+n")
        assert f"The proxy serves {FLASH}." in person.foot


async def test_with_a_forced_prefix_the_name_is_sent_as_it_is_served(tmp_path: Path) -> None:
    answers = cliproxyapi(RECORDED["prefix-forced-models"], **{CHAT: CHATS["chat-success-png"]})
    async with at(tmp_path, answers) as (person, server):
        assert f"Served as team/{PRO}" in person.foot
        await person.write("a fox")
        await person.press("enter")
        await person.idle()
        assert person.states == ["done"]
        assert f'"team/{PRO}"'.encode() in server.asked_for(CHAT)[0].body
        assert model(person) == PRO


async def test_a_served_model_is_neither_renamed_nor_talked_about(tmp_path: Path) -> None:
    async with at(tmp_path, cliproxyapi(RECORDED["models"])) as (person, _):
        assert person.app.spelled(PRO) == PRO
        assert "Ctrl+N" not in person.foot
        assert "Served as" not in person.foot


async def test_f2_goes_through_what_is_served_under_its_own_ids(tmp_path: Path) -> None:
    served = ("team/gemini-3-pro-image", FLASH, "acme-image", "gpt-image-2", "gpt-5.5")
    async with at(tmp_path, cliproxyapi(models_list(*served)), state=AppState(model=FLASH)) as (person, _):
        seen = []
        for _ in range(3):
            await person.press("f2")
            seen.append(model(person))
        assert seen == ["acme-image", "team/gemini-3-pro-image", FLASH]


async def test_the_picker_has_the_served_ones_first_and_marks_the_rest(tmp_path: Path) -> None:
    served = ("team/gemini-3-pro-image", FLASH, "acme-image", "gpt-image-2")
    async with at(tmp_path, cliproxyapi(models_list(*served)), (160, 50)) as (person, _):
        await person.go_to("options")
        await person.press("enter")
        assert isinstance(person.app.screen, Picker)
        lines = [line for line in person.screen().splitlines() if "● " in line and "│" in line]
        assert ["team/gemini-3-pro-image" in lines[0], FLASH in lines[1], "acme-image" in lines[2]] == [True] * 3
        screen = person.screen()
        for words in ("not in our table", "not served · retired 2026", "served as team/gemini-3-pro-image"):
            assert words in screen
        await person.write("gpt-image")
        await person.sees("served elsewhere · not on the chat route")


async def test_a_job_that_fails_for_its_name_offers_the_nearest_and_m_runs_it_with_that(tmp_path: Path) -> None:
    async with at(tmp_path, ANTIGRAVITY) as (person, server):
        await person.write("a fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["failed"])
        assert f"Ctrl+N takes {FLASH}" in person.foot
        server.answers = {**server.answers, CHAT: CHATS["chat-success-png"]}
        await person.go_to("jobs")
        await person.press("enter")
        assert isinstance(person.app.screen, JobStory)
        await person.sees(f"m run with {FLASH}")
        await person.press("m")
        await person.until(lambda: person.states == ["done", "failed"])
        assert person.jobs[0].request.model == FLASH
        assert person.jobs[0].request.prompt == "a fox"


async def test_a_failure_of_another_kind_offers_no_other_model(tmp_path: Path) -> None:
    answers = cliproxyapi(RECORDED["models"], **{CHAT: CHATS["chat-finish-image-safety"]})
    async with at(tmp_path, answers) as (person, _):
        await person.write("a fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["failed"])
        await person.go_to("jobs")
        await person.press("enter")
        assert "m run with" not in person.screen()
        await person.press("m")
        assert isinstance(person.app.screen, JobStory)


async def test_a_failure_that_no_other_model_would_mend_is_told_as_it_is(tmp_path: Path) -> None:
    answers = {**ANTIGRAVITY, CHAT: CHATS["chat-finish-image-safety"]}
    async with at(tmp_path, answers) as (person, _):
        await person.write("a fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["failed"])
        assert "Ctrl+N" not in person.foot


async def test_what_was_offered_is_no_longer_said_once_a_served_model_is_chosen(tmp_path: Path) -> None:
    async with at(tmp_path, ANTIGRAVITY) as (person, _):
        assert "Ctrl+N" in person.foot
        await person.press("f2")
        assert model(person) == FLASH
        assert "not served" not in person.foot


async def test_a_model_that_vanishes_while_the_app_runs_is_noticed_by_the_failure_that_it_makes(tmp_path: Path) -> None:
    answers = cliproxyapi(RECORDED["models"], **{CHAT: CHATS["chat-model-unknown"]})
    async with at(tmp_path, answers) as (person, server):
        server.answers = {**server.answers, LIST: RECORDED["antigravity-models"]}
        await person.write("a fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["failed"])
        await person.until(lambda: f"Ctrl+N takes {FLASH}" in person.foot)
        assert "1 image model" in text_of(person.app.status_line)


async def test_a_proxy_that_goes_away_keeps_its_models_for_the_picker_and_f2(tmp_path: Path) -> None:
    async with at(tmp_path, ANTIGRAVITY, state=AppState(model=FLASH)) as (person, server):
        await person.until(lambda: person.app.kept)
        server.answers = {}
        person.app.look_at_proxy()
        await person.until(lambda: person.app.health and person.app.health.trouble)
        assert "✗" in text_of(person.app.status_line)
        assert person.app.model_names() == (FLASH,)
        await person.go_to("options")
        await person.press("enter")
        await person.sees("Model · served as of ")


async def test_what_was_served_at_the_last_start_is_known_where_the_proxy_is_away(tmp_path: Path) -> None:
    nobody = ProxyAddress("http://127.0.0.1:1")
    keep(tmp_path / "cache", nobody, ProxyHealth(True, models=(FLASH,)), datetime.now(UTC))
    async with Home(tmp_path, nobody).open(state=AppState(model=PRO)) as person:
        await person.until(lambda: f"Ctrl+N takes {FLASH}" in person.foot)


async def test_what_a_proxy_serves_is_kept_for_the_next_start(tmp_path: Path) -> None:
    async with at(tmp_path, ANTIGRAVITY) as (person, server):
        await person.until(lambda: person.app.kept)
        kept = recall(tmp_path / "cache", server.address)
        assert kept is not None
        assert FLASH in kept.models


async def test_a_look_that_finds_the_same_changes_nothing_on_the_screen(tmp_path: Path) -> None:
    async with at(tmp_path, cliproxyapi(RECORDED["models"])) as (person, server):
        before, asked = person.screen(), len(server.asked_for(LIST))
        seen = {before}
        person.app.look_at_proxy()
        while len(server.asked_for(LIST)) == asked or person.app.proxy_watch.is_looking:
            seen.add(person.screen())
            await asyncio.sleep(0)
        seen.add(person.screen())
        assert seen == {before}


async def test_a_proxy_that_hangs_piles_up_no_looks(tmp_path: Path) -> None:
    async with at(tmp_path, cliproxyapi(RECORDED["models"])) as (person, server):
        server.answers = {path: Exchange(hang=True) for path in server.answers}
        before = len(server.asked)
        for _ in range(50):
            person.app.look_at_proxy()
            await person.settle()
        assert len(server.asked) - before <= 1


async def test_out_of_focus_nobody_looks_and_back_in_focus_an_old_look_is_made_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at(tmp_path, cliproxyapi(RECORDED["models"])) as (person, server):
        before = len(server.asked_for(LIST))
        person.app.post_message(events.AppBlur())
        await person.settle()
        monkeypatch.setattr("tui.watch.EVERY", 0.0)
        for _ in range(3):
            person.app._tick()
        await person.settle()
        assert len(server.asked_for(LIST)) == before
        person.app.post_message(events.AppFocus())
        await person.until(lambda: len(server.asked_for(LIST)) > before)


WELL = ProxyHealth(True, "CLIProxyAPI", (PRO, FLASH, "gpt-5.5"))
TROUBLES = (
    ProxyHealth(False, trouble="Nothing answers at 127.0.0.1:8317. Start the proxy (ccs cliproxy start)."),
    ProxyHealth(True, "CLIProxyAPI", (), trouble="CLIProxyAPI serves no model: it has no usable account. Type x."),
)


@pytest.mark.parametrize("health", [WELL, *TROUBLES, None])
@pytest.mark.parametrize("unchecked", [False, True])
def test_at_every_width_the_words_about_the_proxy_fit(health: ProxyHealth | None, unchecked: bool) -> None:
    status = Status("proxy.example.org:8317", health, unchecked=unchecked)
    for width in range(8, 200):
        glyph, _, words = status.proxy_words(width)
        assert glyph
        assert words
        assert cell_len(words) <= width


def test_the_number_of_image_models_and_the_unchecked_certificate_are_the_last_to_give_way() -> None:
    status = Status("proxy.example.org:8317", WELL, unchecked=True)
    full = "CLIProxyAPI proxy.example.org:8317 · 2 image models · ! certificate unchecked"
    assert status.proxy_words(100)[2] == full
    for width in range(24, 100):
        words = status.proxy_words(width)[2]
        assert "2 " in words
        assert "models" in words
        assert "! " in words
        assert "unchecked" in words


@pytest.mark.parametrize("health", TROUBLES)
def test_in_trouble_the_key_that_helps_stands_at_every_usual_width(health: ProxyHealth) -> None:
    for width in range(40, 200):
        words = Status("127.0.0.1:8317", health).proxy_words(width)[2]
        assert "F8 sandbox" in words
        assert words.startswith(health.trouble[:20] if health.trouble else "")
