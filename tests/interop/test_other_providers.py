"""Other providers behind the proxy: one that speaks OpenAI's language as OpenRouter does, and Antigravity."""

import asyncio
import base64
import json
from dataclasses import replace

import pytest
from interop.binary import RealProxy, antigravity_token, config
from interop.upstream import (
    MODEL,
    Answer,
    blocked,
    chat_completion,
    fox,
    gemini,
    google_error,
    painted,
    picture,
    said,
    text,
)
from support.waiting import wait_for

from tui.connect.health import judge

FLASH = "gemini-3.1-flash-image"
TOKEN = "antigravity-ann@example.com.json"


def pictured(data: bytes, mime: str = "image/png", **message: object) -> Answer:
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return chat_completion({"content": "", "images": [{"type": "image_url", "image_url": {"url": url}}], **message})


def refused(status: int, words: str, **more: object) -> Answer:
    return said(json.dumps({"error": {"message": words, "code": status, **more}}), status, "application/json")


@pytest.fixture(scope="module")
def router(running, upstream) -> RealProxy:
    provider = {
        "name": "orlike",
        "base-url": f"{upstream.url}/api/v1",
        "api-key-entries": [{"api-key": "made-up-router-key"}],
        "models": [
            {"name": f"google/{MODEL}", "alias": MODEL},
        ],
    }
    return running("router", config(**{"openai-compatibility": [provider]}))


@pytest.fixture(scope="module")
def gravity(running, upstream) -> RealProxy:
    proxy: RealProxy = running("gravity", config(), tokens={TOKEN: antigravity_token(upstream.url)})
    wait_for(lambda: FLASH in proxy.models())
    return proxy


async def test_a_router_s_picture_is_kept(ask, router, upstream):
    data = painted("JPEG")
    take = upstream.will(pictured(data, "image/jpeg"))
    reply = await ask(router, take.prompt)
    assert (reply.final.mime, reply.final.path.read_bytes()) == ("image/jpeg", data)
    (call,) = take.calls
    assert call.path == "/api/v1/chat/completions"
    assert call.body["model"] == f"google/{MODEL}"
    assert call.body["modalities"] == ["image", "text"]
    assert call.body["image_config"] == {"aspect_ratio": "1:1", "image_size": "1K"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refused(401, "No auth credentials found"), "no_account"),
        (refused(402, "Insufficient credits"), "no_account"),
        (refused(429, "Provider returned error", metadata={"raw": "rate-limited upstream"}), "rate_limited"),
        (refused(502, "Provider returned error", metadata={"raw": "upstream broke"}), "server_error"),
        (refused(403, "Input was flagged", metadata={"reasons": ["violence"], "flagged_input": "a"}), "refused"),
        (replace(refused(502, "Provider returned error"), status=200), "server_error"),
        (chat_completion({"content": "I would rather not.", "refusal": "I would rather not."}), "refused"),
        (chat_completion({"content": "Here are some words."}), "no_image"),
    ],
    ids=["401", "402", "429", "502", "moderation", "an error under 200", "a refusal", "only words"],
)
async def test_each_failure_of_a_router_is_ours(answer, code, fail, router, upstream):
    error = await fail(router, upstream.will(answer).prompt)
    assert error.code == code
    assert error.title
    assert error.hint


async def test_a_router_s_stream_and_its_error_in_the_middle_come_through(ask, fail, router, upstream):
    url = f"data:image/png;base64,{base64.b64encode(painted()).decode()}"
    images = [{"type": "image_url", "image_url": {"url": url}, "index": 0}]
    begun = {"id": "gen", "choices": [{"index": 0, "delta": {"content": "Here."}}]}
    drawn = {"id": "gen", "choices": [{"index": 0, "delta": {"images": images}, "finish_reason": "stop"}]}
    broken = {"id": "gen", "error": {"code": 502, "message": "Provider disconnected"}, "choices": []}
    done = upstream.will(_events(begun, drawn))
    assert (await ask(router, done.prompt, stream=True)).summary.text == "Here."
    error = await fail(router, upstream.will(_events(begun, broken)).prompt, stream=True)
    assert error.code == "server_error"
    assert "disconnected" in error.detail


def _events(*values: object) -> Answer:
    lines = [": OPENROUTER PROCESSING", *(f"data: {json.dumps(value)}" for value in values), "data: [DONE]", ""]
    return said("\n\n".join(lines), content_type="text/event-stream")


async def test_antigravity_s_picture_is_kept(ask, gravity, upstream):
    data = painted("JPEG")
    take = upstream.will(gemini(picture(data, "image/jpeg")))
    reply = await ask(gravity, take.prompt, model=FLASH)
    assert reply.final.path.read_bytes() == data
    (call,) = take.calls
    assert call.path.startswith("/v1internal:streamGenerateContent")
    assert call.body["project"] == "made-up-project"
    assert call.key == "made-up-access-token"


async def test_antigravity_s_stream_is_kept(ask, gravity, upstream):
    take = upstream.will(gemini(text("Here."), picture(painted())))
    reply = await ask(gravity, take.prompt, model=FLASH, stream=True)
    assert (reply.summary.text, reply.final.width) == ("Here.", 64)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (gemini(finish="IMAGE_SAFETY"), "refused"),
        (blocked(), "no_image"),
        (Answer(), "no_image"),
        (google_error(503, "UNAVAILABLE", "No capacity available for model"), "server_error"),
        (google_error(403, "PERMISSION_DENIED", "Verify your account to continue."), "no_account"),
    ],
    ids=["a filtered picture", "a blocked prompt", "nothing", "503", "403"],
)
async def test_each_failure_of_antigravity_is_ours(answer, code, fail, gravity, upstream):
    error = await fail(gravity, upstream.will(answer).prompt, model=FLASH)
    assert error.code == code
    assert error.hint


async def test_antigravity_s_long_limit_is_told_with_its_seconds(fail, gravity, upstream):
    used_up = google_error(
        429,
        "RESOURCE_EXHAUSTED",
        "You have exhausted your capacity on this model. Your quota will reset after 1h2m3s.",
        {"kind": "ErrorInfo", "reason": "QUOTA_EXHAUSTED", "metadata": {"quotaResetDelay": "1h2m3.5s"}},
    )
    error = await fail(gravity, upstream.will(used_up).prompt, model=FLASH)
    assert (error.code, error.retry_after) == ("rate_limited", 3723.5)


async def test_an_account_that_is_switched_off_leaves_an_empty_list_and_comes_back(upstream, ask, fail, tmp_path):
    token = antigravity_token(upstream.url)
    with RealProxy(config(), tmp_path / "proxy", tokens={TOKEN: token}) as proxy:
        await asyncio.to_thread(wait_for, lambda: FLASH in proxy.models())
        file, off = proxy.auth / TOKEN, json.dumps({**token, "disabled": True})
        await asyncio.to_thread(proxy.change, file, off, lambda: not proxy.models())
        error = await fail(proxy, "a fox", model=FLASH)
        assert (error.code, error.http_status) == ("no_account", 400)
        assert (await judge(proxy.address)).models == ()
        await asyncio.to_thread(proxy.change, file, json.dumps(token), lambda: FLASH in proxy.models())
        assert await ask(proxy, upstream.will(fox()).prompt, model=FLASH)
