"""Traps in what is asked and how (facts, E): judged by what the server received."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.answers import chat, delta, exchange, picture_part, refused, said, stream
from support.command import image_gen, image_gen_async
from support.deliveries import png
from support.path_server import CHAT, LIST, PathServer, models_list
from support.replay_server import KEY, Exchange, Received, ReplayServer
from support.waiting import wait_until

from tui.domain.errors import ImageGenError, InvalidRequest
from tui.domain.options import MODELS
from tui.domain.request import Reference, Request
from tui.domain.served import route_note
from tui.engine.client import Client
from tui.settings import Settings

Make = Callable[..., Client]
PICTURE = chat({"images": [picture_part()]})
UNKNOWN = refused(400, said("unknown provider for model x", code="model_not_found"))


async def received(client_for: Make, request: Request) -> Received:
    async with ReplayServer(PICTURE) as server, client_for(server.address) as client:
        await client.generate(request)
    (got,) = server.requests
    return got


def reference(folder: Path, name: str = "fox.png") -> Reference:
    data = png(16, 16)
    path = folder / name
    path.write_bytes(data)
    return Reference(path, "image/png", len(data), "")


@pytest.mark.parametrize("model", [model.id for model in MODELS])
async def test_trap_18_and_19_gemini_is_asked_on_the_chat_route(model: str, client_for: Make) -> None:
    got = await received(client_for, Request("a red fox", model=model))
    assert got.line == "POST /v1/chat/completions HTTP/1.1"
    assert "input" not in got.json()


@pytest.mark.parametrize(
    ("typed", "sent"), [("1k", "1K"), ("2k", "2K"), (" 4K ", "4K"), ("512", "512"), ("0.5k", "512"), ("512px", "512")]
)
async def test_trap_20_sizes_and_ratios_go_out_as_texts_in_the_models_spelling(
    typed: str, sent: str, client_for: Make
) -> None:
    got = await received(client_for, Request("x", model="gemini-3.1-flash-image", image_size=typed))
    assert got.json()["image_config"] == {"aspect_ratio": "1:1", "image_size": sent}


async def test_trap_21_nothing_is_sent_that_would_be_dropped(client_for: Make, tmp_path: Path) -> None:
    members = {"model", "messages", "modalities", "image_config"}
    assert set((await received(client_for, Request("x"))).json()) == members
    edit = Request("more snow", references=(reference(tmp_path),), parent="01K")
    assert set((await received(client_for, edit)).json()) == members


def test_trap_22_the_preview_of_flash_is_never_asked_for_a_size_it_loses() -> None:
    with pytest.raises(InvalidRequest) as caught:
        Request("x", model="gemini-2.5-flash-image-preview", image_size="2K")
    assert "1K" in caught.value.hint
    assert route_note("gemini-2.5-flash-image-preview") == "loses the size"
    assert route_note("gemini-2.5-flash-image") is None


async def test_trap_23_several_pictures_are_several_requests(tmp_path: Path) -> None:
    async with PathServer({CHAT: PICTURE, LIST: models_list("gemini-3-pro-image-preview")}) as server:
        flags = ("--proxy", server.address.url, "--api-key", KEY, "-n", "3")
        outcome = await image_gen_async(*flags, "a red fox", cwd=tmp_path)
    assert (outcome.status, len(outcome.lines)) == (0, 3)
    asked = server.asked_for(CHAT)
    assert len(asked) == 3
    assert not any(b'"n"' in each.body or b"candidate" in each.body for each in asked)


async def test_trap_24_references_are_sent_inside_the_request(client_for: Make, tmp_path: Path) -> None:
    got = await received(client_for, Request("more snow", references=(reference(tmp_path),)))
    (message,) = got.json()["messages"]
    picture, words = message["content"]
    assert set(picture) == {"type", "image_url"}
    assert set(picture["image_url"]) == {"url"}
    assert re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}", picture["image_url"]["url"])
    assert words == {"type": "text", "text": "more snow"}


def test_trap_24_a_link_is_no_reference(tmp_path: Path) -> None:
    outcome = image_gen("-i", "https://example.com/fox.png", "more snow", cwd=tmp_path)
    assert outcome.status == 2
    assert "https://example.com/fox.png" in outcome.err.replace("https:/example", "https://example")


async def test_trap_25_an_earlier_picture_goes_into_the_users_turn(client_for: Make, tmp_path: Path) -> None:
    edit = Request("make it night", references=(reference(tmp_path),), parent="01K")
    messages: list[dict[str, Any]] = (await received(client_for, edit)).json()["messages"]
    assert [message["role"] for message in messages] == ["user"]
    assert "images" not in messages[0]


def test_trap_28_there_is_time_for_a_slow_picture() -> None:
    assert Settings().timeout >= 300


async def test_trap_28_a_slow_answer_can_be_cancelled_and_closes_the_socket(client_for: Make) -> None:
    silent = Exchange(hang=True)
    async with ReplayServer(silent) as server, client_for(server.address, timeout=600) as client:
        asking = asyncio.create_task(client.generate(Request("x")))
        await server.arrived.wait()
        asking.cancel()
        await wait_until(server.requests[0].client_left.is_set)
        assert asking.cancelled() or asking.cancelling()


async def posts_of_the_command(answer: Exchange, folder: Path) -> int:
    models = models_list("gemini-3-pro-image-preview")
    async with PathServer({CHAT: answer, LIST: models}) as server:
        flags = ("--proxy", server.address.url, "--api-key", KEY)
        outcome = await image_gen_async(*flags, "a red fox", cwd=folder)
    assert outcome.status in (1, 4, 5)
    return len(server.asked_for(CHAT))


async def test_trap_29_a_fault_is_asked_again_at_most_once(tmp_path: Path) -> None:
    assert await posts_of_the_command(exchange("chat-upstream-500"), tmp_path) in (1, 2)


@pytest.mark.parametrize(
    "answer",
    [
        exchange("chat-finish-image-safety"),
        exchange("chat-upstream-400-bad-ratio"),
        exchange("chat-model-gpt-image"),
        stream([delta(content="Here ")], done=False),
    ],
    ids=["refused", "bad request", "permanent 503", "bytes came"],
)
async def test_trap_29_what_no_retry_changes_is_asked_once(answer: Exchange, tmp_path: Path) -> None:
    assert await posts_of_the_command(answer, tmp_path) == 1


async def test_trap_36_imagen_gets_its_prompt_as_plain_words(client_for: Make) -> None:
    request = Request("a red fox", model="imagen-4.0-generate-001")
    assert (await received(client_for, request)).json()["messages"] == [{"role": "user", "content": "a red fox"}]


async def test_trap_40_the_request_is_not_compressed(client_for: Make, tmp_path: Path) -> None:
    got = await received(client_for, Request("x" * 100_000, references=(reference(tmp_path),)))
    assert "content-encoding" not in got.headers
    assert "transfer-encoding" not in got.headers
    assert got.headers["content-length"] == str(len(got.body))
    assert got.body.startswith(b'{"model":')


async def test_trap_41_the_user_agent_is_plain(client_for: Make) -> None:
    async with PathServer({CHAT: UNKNOWN, LIST: models_list("a")}) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError):
            await client.generate(Request("x"))
    assert [each.path for each in server.asked] == [CHAT, LIST]
    for each in server.asked:
        assert re.fullmatch(r"image-gen/[0-9.a-z+]+", each.headers["user-agent"])
        assert not {"anthropic-version", "x-api-key", "x-goog-api-key"} & set(each.headers)
