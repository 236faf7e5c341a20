"""The facts' twelve corrections, found by running CLIProxyAPI v7.2.140: each is what our program lives by."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.answers import PICTURE, chat, exchange, picture_part, refused, said
from support.path_server import LIST, PathServer
from support.replay_server import Exchange, ReplayServer

from tui.connect.health import judge
from tui.domain.errors import ImageGenError, InvalidRequest
from tui.domain.reply import Reply
from tui.domain.request import Reference, Request
from tui.engine.client import Client

Ask = Callable[..., Awaitable[Reply]]
Told = Callable[..., Awaitable[ImageGenError]]
Make = Callable[..., Client]


@pytest.mark.parametrize("name", ["stream-prompt-blocked", "stream-no-bytes"])
async def test_corrected_01_a_blocked_stream_is_a_500_that_says_how_to_find_out(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert (error.code, error.http_status) == ("no_image", 500)
    assert "--stream" in error.hint
    assert "blocked" in error.hint


async def test_corrected_01_nothing_is_streamed_unless_it_was_asked_for(client_for: Make) -> None:
    async with ReplayServer(exchange("chat-success-png")) as server, client_for(server.address) as client:
        await client.generate(Request("a red fox"))
    assert "stream" not in server.requests[0].json()


async def test_corrected_02_an_error_swallowed_in_mid_stream_is_no_success(told: Told) -> None:
    error = await told(exchange("stream-error-midway"))
    assert (error.code, error.title) == ("no_image", "The stream ended without a picture or a reason")
    assert error.retryable
    assert error.detail == "Here"


async def test_corrected_03_a_body_is_sent_whole_or_not_at_all(client_for: Make, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(b"x" * 100_000)
    shrunk = Reference(path, "image/png", 200_000, "")
    async with ReplayServer(exchange("chat-success-png")) as server, client_for(server.address) as client:
        with pytest.raises(InvalidRequest, match="changed"):
            await client.generate(Request("more snow", references=(shrunk,)))
        await server.arrived.wait()
    assert not server.requests


EMPTY_ANSWERS = {
    "chat-empty-object": "The provider gave no real answer",
    "openrouter-200-html": "The answer is damaged",
}


@pytest.mark.parametrize("name", EMPTY_ANSWERS)
async def test_corrected_04_a_faulty_upstream_under_200_is_no_blocked_prompt(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert (error.code, error.title, error.retryable) == ("bad_reply", EMPTY_ANSWERS[name], True)


async def test_corrected_04_a_half_answer_that_looks_normal_is_judged_by_its_picture(ask: Ask, told: Told) -> None:
    whole = await ask(exchange("chat-upstream-broken-json"))
    assert (whole.final.width, whole.summary.finish_reason) == (64, None)
    error = await told(chat({"images": [picture_part(PICTURE[:-20])]}, None))
    assert error.code == "bad_reply"
    assert "cut off" in error.detail


async def test_corrected_05_no_effort_is_asked_for_that_would_bring_drafts(client_for: Make) -> None:
    async with ReplayServer(exchange("chat-success-png")) as server, client_for(server.address) as client:
        await client.generate(Request("a red fox"))
    assert not {"reasoning_effort", "reasoning", "generationConfig"} & set(server.requests[0].json())


async def test_corrected_06_no_safety_settings_are_sent_that_would_be_ignored(client_for: Make) -> None:
    async with ReplayServer(exchange("chat-success-png")) as server, client_for(server.address) as client:
        await client.generate(Request("a red fox"))
    assert b"safety" not in server.requests[0].body.lower()


async def test_corrected_07_the_list_is_sorted_and_needs_no_dates() -> None:
    lists = []
    for name in ("models", "models-after-restart", "antigravity-models"):
        async with PathServer({"/": exchange("root"), LIST: exchange(name)}) as server:
            lists.append((await judge(server.address)).models)
    assert lists[0] == lists[1]
    assert all(names is not None and list(names) == sorted(names) for names in lists)


async def test_corrected_07_a_listed_model_may_fail_and_stays_listed(told: Told) -> None:
    error = await told(exchange("cooling-after-401"), models=exchange("cooling-models-list"))
    assert (error.code, error.retryable) == ("no_account", True)


async def test_corrected_08_a_disabled_login_is_an_unknown_model_with_an_empty_list(told: Told) -> None:
    error = await told(exchange("antigravity-pro-image"), models=exchange("antigravity-disabled-models"))
    assert (error.code, error.http_status) == ("no_account", 400)
    assert "serves no model at all" in error.hint


async def test_corrected_09_an_invalid_api_key_is_the_proxys_and_stands_alone(told: Told) -> None:
    error = await told(exchange("rotation-no-cooling-bad-key"))
    assert (error.code, error.http_status, error.provider, error.retryable) == ("no_account", 400, "gemini", False)
    assert "Other keys" in error.hint
    assert "API key not valid" in error.detail


async def test_corrected_09_a_lost_connection_behind_the_proxy_is_a_fault_of_the_server(told: Told) -> None:
    error = await told(exchange("chat-upstream-hangup"))
    assert (error.code, error.retryable, error.origin) == ("server_error", True, "provider")


async def test_corrected_10_no_signature_is_replayed(client_for: Make, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(b"x")
    edit = Request("make it night", references=(Reference(path, "image/png", 1, ""),), parent="01K")
    answer = chat({"images": [picture_part()]})
    async with ReplayServer(answer) as server, client_for(server.address) as client:
        await client.generate(edit)
    (asked,) = server.requests
    assert b"signature" not in asked.body.lower()
    assert "/v1beta" not in asked.line


@pytest.mark.parametrize("name", ["antigravity-blocked", "antigravity-empty", "chat-finish-absent"])
async def test_corrected_11_an_empty_choice_may_be_a_block_or_a_fault_and_says_both(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert (error.code, error.title, error.retryable) == ("no_image", "The answer is empty", True)
    assert "blocked" in error.hint
    assert "try again" in error.hint


@pytest.mark.parametrize("body", [{"error": "Invalid API key"}, said("no", code=401, status="UNAUTHENTICATED")])
async def test_corrected_12_the_trace_id_tells_whose_refusal_it_was(body: object, told: Told) -> None:
    ours = await told(refused(401, body))
    theirs = await told(refused(401, body, traced=True))
    assert (ours.code, ours.origin) == ("unauthorized", "proxy")
    assert (theirs.code, theirs.origin) == ("no_account", "provider")


async def test_corrected_12_the_trace_id_is_kept_with_the_picture(ask: Ask) -> None:
    answer: Exchange = exchange("chat-success-png")
    assert (await ask(answer)).trace_id == answer.headers["X-Cpa-Trace-Id"]
    assert (await ask(chat({"images": [picture_part()]}))).trace_id is None
