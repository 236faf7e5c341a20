"""A chat answer of the sandbox has the real one's members, in their order, with nulls where it has nulls."""

import base64
import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image
from unit.proxy.conftest import MODEL, Recorded, chat_body, form, picture_in

from tui.domain.options import MODELS

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("directive", "name"),
    [
        ("", "chat-success-png"),
        ("sandbox:text", "chat-success-text-then-image"),
        ("sandbox:no_usage", "chat-success-no-usage"),
        ("sandbox:text_only", "chat-text-only"),
        ("sandbox:blocked", "chat-prompt-blocked-safety"),
        ("sandbox:image_safety", "chat-finish-image-safety"),
        ("sandbox:refused", "chat-finish-image-prohibited-content"),
        ("sandbox:no_image", "chat-finish-no-image"),
        ("sandbox:empty", "chat-upstream-200-html"),
        ("sandbox:bad_reply", "chat-upstream-broken-json"),
    ],
)
async def test_the_members_are_those_of_the_recorded_answer(
    directive: str, name: str, recorded: Recorded, client: httpx.AsyncClient
) -> None:
    answer = await client.post(CHAT, json=chat_body(f"a red fox {directive}"))
    real = json.loads(recorded[name].answer)
    ours = answer.json()
    assert answer.status_code == recorded[name].status
    assert form(ours) == form(real)
    assert (ours["object"], ours["created"], len(ours["choices"])) == (
        real["object"],
        real["created"],
        len(real["choices"]),
    )
    for mine, theirs in zip(ours["choices"], real["choices"], strict=True):
        assert mine["finish_reason"] == theirs["finish_reason"]
        assert mine["native_finish_reason"] == theirs["native_finish_reason"]
    assert answer.headers["content-type"] == "application/json"
    assert "x-cpa-trace-id" in answer.headers


async def test_drafts_come_unmarked_before_the_final_picture(recorded: Recorded, client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:drafts"))
    real = json.loads(recorded["chat-success-thought-draft"].answer)
    message = answer.json()["choices"][0]["message"]
    assert list(message) == list(real["choices"][0]["message"])
    assert list(answer.json()["usage"]) == list(real["usage"])
    assert message["reasoning_content"] == "Composing the scene."
    assert [image["index"] for image in message["images"]] == [0, 1, 2]
    sizes = [Image.open(io.BytesIO(picture_in(answer, number)[1])).size for number in range(3)]
    assert sizes == [(256, 256), (256, 256), (512, 512)]


async def test_a_large_answer_is_chunked_and_a_small_one_has_a_length(client: httpx.AsyncClient) -> None:
    large = await client.post(CHAT, json=chat_body("a red fox"))
    assert large.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in large.headers
    small = await client.post(CHAT, json=chat_body("a red fox sandbox:text_only"))
    assert int(small.headers["content-length"]) == len(small.content)


async def test_the_picture_has_the_models_type_and_pixels(client: httpx.AsyncClient) -> None:
    for model in MODELS:
        size = model.sizes[0]
        body = chat_body("blue shapes, geometric", model=model.id, size=size)
        mime, data = picture_in(await client.post(CHAT, json=body))
        picture = Image.open(io.BytesIO(data))
        assert mime == model.mime
        assert Image.MIME[picture.format or ""] == model.mime
        assert picture.size == model.size_in_pixels("1:1", size)


async def test_the_first_take_of_a_request_is_the_same_in_every_run_and_the_next_is_another(
    client: httpx.AsyncClient,
) -> None:
    body = chat_body("two hills and a road, take after take")
    first = picture_in(await client.post(CHAT, json=body))
    second = picture_in(await client.post(CHAT, json=body))
    pinned = picture_in(await client.post(CHAT, json=body | {"generationConfig": {"seed": 0}}))
    assert first != second
    assert first == pinned


async def test_an_http_picture_address_is_dropped_in_silence(client: httpx.AsyncClient) -> None:
    plain = chat_body("a quiet bay", generationConfig={"seed": 0})
    parts = [
        {"type": "image_url", "image_url": {"url": "https://pictures.example/fox.png"}},
        {"type": "image_url", "image_url": "data:image/png;base64,AAAA"},
        {"type": "text", "text": "a quiet bay"},
    ]
    linked = plain | {"messages": [{"role": "user", "content": parts}]}
    assert picture_in(await client.post(CHAT, json=linked)) == picture_in(await client.post(CHAT, json=plain))


async def test_a_reference_that_is_no_picture_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=_with_reference(b"not a picture at all"))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Unable to process input image")


async def test_without_a_ratio_the_picture_takes_the_references_shape(client: httpx.AsyncClient) -> None:
    wide = io.BytesIO()
    Image.new("RGB", (160, 90), (40, 90, 160)).save(wide, "PNG")
    body = _with_reference(wide.getvalue())
    del body["image_config"]["aspect_ratio"]
    _, data = picture_in(await client.post(CHAT, json=body))
    assert Image.open(io.BytesIO(data)).size == (688, 384)


def _with_reference(data: bytes) -> dict[str, Any]:
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "make it night"}]
    return chat_body("") | {"messages": [{"role": "user", "content": content}]}


async def test_a_body_damaged_behind_the_model_is_read_as_far_as_it_goes(client: httpx.AsyncClient) -> None:
    cut = await client.post(CHAT, content=f'{{"model":"{MODEL}","messages":[{{"role":"user","content":"a f'.encode())
    assert cut.status_code == 200
    trailing = json.dumps(chat_body("a red fox sandbox:text_only")) + "}}"
    answer = await client.post(CHAT, content=trailing.encode())
    assert answer.json()["choices"][0]["message"]["content"].startswith("I can't")


async def test_only_the_true_of_json_asks_for_a_stream(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:text_only", stream="true"))
    assert answer.headers["content-type"] == "application/json"


async def test_a_stream_has_the_recorded_events(recorded: Recorded, client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:text", stream=True))
    real = _events(recorded["stream-success-png"].answer)
    ours = _events(answer.text)
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache"
    assert [form(event) for event in ours] == [form(event) for event in real[1:]]
    assert ours[1]["choices"][0]["delta"]["images"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert answer.text.endswith("data: [DONE]\n\n")


async def test_safety_in_a_stream_shows_as_stop_with_the_reason_beside_it(
    recorded: Recorded, client: httpx.AsyncClient
) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:image_safety", stream=True))
    real = _events(recorded["stream-finish-image-safety"].answer)
    assert form(_events(answer.text)) == form(real)
    choice = _events(answer.text)[0]["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("stop", "image_safety")


async def test_a_blocked_prompt_in_a_stream_is_a_500(recorded: Recorded, client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:blocked", stream=True))
    assert (answer.status_code, answer.text) == (500, recorded["stream-prompt-blocked"].answer)


def _events(text: str) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
