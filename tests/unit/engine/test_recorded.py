"""Every recorded exchange of a real proxy, replayed over a socket, ends in the picture or the error it should."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.replay_server import KEY, Exchange, ReplayServer, recorded

from tui.domain.errors import ImageGenError
from tui.domain.reply import Reply
from tui.domain.request import Reference, Request
from tui.engine.client import Client

GROUPS = (
    "chat",
    "stream",
    "keepalive",
    "auth",
    "cooling",
    "retry",
    "rotation",
    "passthrough",
    "openrouter",
    "antigravity",
    "leaving",
    "other",
)
EXCHANGES: dict[str, Exchange] = {name: each for group in GROUPS for name, each in recorded(group).items()}

PICTURE = "picture"

BY_NAME = {
    # 200 and no picture
    "chat-empty-candidates": "refused",
    "chat-empty-object": "bad_reply",
    "chat-finish-absent": "no_image",
    "chat-finish-blocklist": "refused",
    "chat-finish-finish-reason-unspecified": "no_image",
    "chat-finish-image-other": "no_image",
    "chat-finish-image-prohibited-content": "refused",
    "chat-finish-image-recitation": "refused",
    "chat-finish-image-safety": "refused",
    "chat-finish-language": "no_image",
    "chat-finish-malformed-function-call": "no_image",
    "chat-finish-max-tokens": "no_image",
    "chat-finish-max-tokens-with-text": "no_image",
    "chat-finish-no-image": "no_image",
    "chat-finish-other": "no_image",
    "chat-finish-prohibited-content": "refused",
    "chat-finish-recitation": "refused",
    "chat-finish-spii": "refused",
    "chat-model-text-model": "no_image",
    "chat-null-content": "no_image",
    "chat-prompt-blocked-prohibited-content": "refused",
    "chat-success-empty-text-and-image-in-one-part": "no_image",
    "chat-success-empty-data": "no_image",
    "chat-success-filedata": "no_image",
    "chat-success-text-and-image-in-one-part": "no_image",
    "chat-text-only": "no_image",
    "chat-thought-text-only": "no_image",
    "openrouter-choice-error": "no_image",
    "openrouter-http-image-url": "bad_reply",
    "openrouter-refusal": "refused",
    "openrouter-text-only": "no_image",
    "antigravity-blocked": "no_image",
    "antigravity-empty": "no_image",
    "antigravity-image-safety": "refused",
    "chat-prompt-blocked-safety": "refused",
    "retry-no-image": "refused",
    # streams
    "stream-error-midway-status": "no_image",
    "rotation-stream-cut": "server_error",
    "stream-cut-midway": "server_error",
    "stream-error-midway": "no_image",
    "stream-finish-image-other": "no_image",
    "stream-finish-image-safety": "refused",
    "stream-finish-malformed-function-call": "no_image",
    "stream-finish-max-tokens": "no_image",
    "stream-finish-no-image": "no_image",
    "stream-finish-prohibited-content": "refused",
    "stream-finish-safety": "refused",
    "openrouter-stream-error-midway": "server_error",
    # errors under 200, and cut answers
    "keepalive-blocked": "refused",
    "keepalive-error-502-html": "server_error",
    "keepalive-hangup": "server_error",
    "chat-upstream-200-html": "bad_reply",
    "chat-upstream-error-in-200": "bad_reply",
    "openrouter-200-html": "bad_reply",
    "openrouter-error-in-200": "server_error",
    "proxy-killed-after-keepalive": "bad_reply",
    "proxy-killed-mid-stream": "bad_reply",
    "proxy-killed-while-waiting": "cannot_connect",
    # what the status alone does not tell
    "antigravity-no-project": "no_account",
    "chat-body-gzip": "bad_request",
    "chat-model-gpt-image": "model_unknown",
    "chat-model-grok-imagine": "model_unknown",
    "chat-upstream-400-bad-ratio": "bad_request",
    "chat-upstream-400-location": "bad_request",
    "chat-upstream-404": "model_unknown",
    "openrouter-404": "model_unknown",
    "retry-404": "model_unknown",
    "rotation-no-cooling-bad-key": "no_account",
    "route-chat-trailing-slash": "bad_reply",
    "safe-mode-chat": "forbidden",
}

BY_STATUS = {402: "no_account", 403: "no_account", 404: "bad_request", 429: "rate_limited"}
TRACED = {401: "no_account"}
UNTRACED = {401: "unauthorized"}


def expected(name: str, exchange: Exchange) -> str:
    """From the table by name, else from the status and the words that decide."""
    if name in BY_NAME:
        return BY_NAME[name]
    body = b"".join(exchange.parts)
    if exchange.status == 200:
        return PICTURE
    for words, code in (
        (b"unknown provider for model", "model_unknown"),
        (b"auth_unavailable", "no_account"),
        (b"empty_stream", "no_image"),
    ):
        if words in body:
            return code
    traced = "X-Cpa-Trace-Id" in exchange.headers
    by_status = BY_STATUS | (TRACED if traced else UNTRACED)
    return by_status.get(exchange.status, "server_error" if exchange.status >= 500 else "bad_request")


def files_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


def own_request(body: Any, folder: Path) -> tuple[Request, bool] | None:
    """The request that we send as ``body``, and whether as a stream; None for a body that we never send."""
    members = {"model", "messages", "modalities", "image_config"}
    if not isinstance(body, dict) or set(body) - {"stream"} != members or body.get("stream", True) is not True:
        return None
    messages, shape = body["messages"], body["image_config"]
    if body["modalities"] != ["image", "text"] or len(messages) != 1 or messages[0]["role"] != "user":
        return None
    if set(shape) != {"aspect_ratio", "image_size"} or shape["image_size"] != str(shape["image_size"]).upper():
        return None
    model, parts = body["model"], messages[0]["content"]
    if not isinstance(model, str) or model != model.strip() or not model or not is_utf8(str(parts)):
        return None
    prompt = parts if isinstance(parts, str) else parts[-1].get("text")
    references = () if isinstance(parts, str) else own_references(parts[:-1], folder)
    if not prompt or references is None:
        return None
    made = Request(prompt, model, shape["aspect_ratio"], shape["image_size"], references)
    return made, "stream" in body


def own_references(parts: list[dict[str, Any]], folder: Path) -> tuple[Reference, ...] | None:
    """The pictures of a message as files, None where one stands there in another form than ours."""
    references = []
    for number, part in enumerate(parts):
        found = re.fullmatch(r"data:(image/\w+);base64,([\w+/=]+)", str(part.get("image_url", {}).get("url")))
        if found is None or set(part["image_url"]) != {"url"}:
            return None
        path, data = folder / f"{number}", base64.b64decode(found[2])
        path.write_bytes(data)
        references.append(Reference(path, found[1], len(data), hashlib.sha256(data).hexdigest()))
    return tuple(references)


def is_utf8(text: str) -> bool:
    return text == text.encode(errors="replace").decode()


def parsed(body: str | None) -> Any:
    try:
        return json.loads(body or "")
    except ValueError:
        return None


async def outcome(exchange: Exchange, client_for: Callable[..., Client]) -> Reply | ImageGenError:
    async with ReplayServer(exchange) as server, client_for(server.address) as client:
        try:
            return await client.generate(Request("a red fox"))
        except ImageGenError as error:
            return error


ASKED = [name for name, each in EXCHANGES.items() if each.request is not None]


async def test_what_we_send_is_what_was_recorded(client_for: Callable[..., Client], tmp_path: Path) -> None:
    """Of every recorded request of our form: body, address, key and type; some forms occur many times."""
    compared = {}
    for body in dict.fromkeys(EXCHANGES[name].request for name in ASKED):
        ours = own_request(parsed(body), tmp_path)
        if ours is None:
            continue
        request, stream = ours
        async with ReplayServer(Exchange.of({})) as server, client_for(server.address, stream=stream) as client:
            with pytest.raises(ImageGenError):
                await client.generate(request)
        (received,) = server.requests
        compared[body] = received
        assert received.json() == parsed(body)
        assert received.line == "POST /v1/chat/completions HTTP/1.1"
        assert received.headers["authorization"] == f"Bearer {KEY}"
        assert received.headers["content-type"] == "application/json"
    assert len(compared) > 15
    assert sum(EXCHANGES[name].request in compared for name in ASKED) > 200


ANSWERED = [name for name, each in EXCHANGES.items() if not each.hang]


@pytest.mark.parametrize("name", sorted(set(EXCHANGES) - set(ANSWERED)))
async def test_the_proxy_notices_at_once_that_we_left(name: str, client_for: Callable[..., Client]) -> None:
    async with ReplayServer(EXCHANGES[name]) as server, client_for(server.address) as client:
        asking = asyncio.create_task(client.generate(Request("a red fox")))
        await server.arrived.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asyncio.wait_for(server.requests[0].client_left.wait(), 5)


@pytest.mark.parametrize("name", ANSWERED)
async def test_a_recorded_exchange_ends_as_it_should(
    name: str, client_for: Callable[..., Client], folder: Path
) -> None:
    exchange = EXCHANGES[name]
    got = await outcome(exchange, client_for)
    if isinstance(got, ImageGenError):
        assert got.code == expected(name, exchange)
        assert got.title
        assert got.detail
        assert got.hint
        assert KEY not in str(got.as_dict())
        assert not files_in(folder)
    else:
        assert expected(name, exchange) == PICTURE
        assert {image.path for image in got.images} == files_in(folder)
        for image in got.images:
            assert hashlib.sha256(image.path.read_bytes()).hexdigest() == image.sha256
            assert (image.width, image.height) in {(64, 36), (32, 18)}
        final_size = (32, 18) if name == "chat-success-only-thought-image" else (64, 36)
        assert (got.final.width, got.final.height) == final_size


DETAILS = {
    "chat-success-thought-draft": ["draft", "final"],
    "stream-two-images-one-event": ["draft", "final"],
    "stream-n-2": ["final", "final"],
    "chat-success-audio-part": ["final"],
}


@pytest.mark.parametrize("name", [name for name in DETAILS if name in EXCHANGES])
async def test_every_picture_of_a_reply_is_kept(name: str, client_for: Callable[..., Client]) -> None:
    got = await outcome(EXCHANGES[name], client_for)
    assert isinstance(got, Reply)
    assert [image.role for image in got.images] == DETAILS[name]


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("chat-upstream-429-quota", 32.581),
        ("chat-upstream-429-errorinfo", 3723.5),
        ("cooling-model-cooldown", 1),
        ("cooling-model-cooldown-2", 2),
        ("antigravity-cooling-model-cooldown", 3724),
        ("antigravity-cooling-short", 41.996656408),
        ("passthrough-model-cooldown", 1),
        ("chat-upstream-429-plain", None),
    ],
)
async def test_the_wait_is_told(name: str, seconds: float | None, client_for: Callable[..., Client]) -> None:
    got = await outcome(EXCHANGES[name], client_for)
    assert isinstance(got, ImageGenError)
    assert (got.code, got.retry_after) == ("rate_limited", seconds)


async def test_the_trace_id_is_kept(client_for: Callable[..., Client]) -> None:
    got = await outcome(EXCHANGES["chat-success-png"], client_for)
    assert isinstance(got, Reply)
    assert got.trace_id == EXCHANGES["chat-success-png"].headers["X-Cpa-Trace-Id"]


def test_the_recordings_are_all_here() -> None:
    """The table above names only what exists, so that a renamed recording is noticed."""
    assert set(BY_NAME) <= set(EXCHANGES)
    assert set(DETAILS) <= set(EXCHANGES)
    assert len(EXCHANGES) > 280
