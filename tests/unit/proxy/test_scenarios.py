"""Each ``sandbox:NAME`` in a prompt does over real HTTP what its sentence says."""

import io
import json
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from unit.proxy.conftest import Recorded, chat_body, picture_in

from tui.domain.errors import ImageGenError
from tui.domain.proxy import ProxyAddress
from tui.proxy.scenarios import SCENARIOS, directives_in, scenario_table

CHAT = "/v1/chat/completions"
PRO = "gemini-3-pro-image-preview"

WORDS = {
    *("unauthorized", "forbidden", "no_account", "model_unknown", "rate_limited", "bad_request", "refused"),
    *("no_image", "bad_reply", "server_error", "cannot_connect", "timeout", "blocked", "cooldown"),
    *("auth_unavailable", "image_safety", "text_only", "cut", "not_base64", "not_picture", "html", "empty"),
    *("keepalive", "keepalive_error", "string_error", "google_error", "drafts", "two", "jpeg", "png", "webp"),
    *("text", "wrong_size", "no_usage", "slow", "big", "flaky", "limited"),
}


def test_the_table_holds_every_word_once_with_a_sentence() -> None:
    assert [scenario.name for scenario in SCENARIOS] == list(dict.fromkeys(scenario.name for scenario in SCENARIOS))
    assert {scenario.name for scenario in SCENARIOS} == WORDS
    assert all(sentence.endswith(".") for _, sentence in scenario_table())


def test_what_a_scenario_gives_is_an_error_code_of_ours() -> None:
    codes = {kind.code for kind in _all_kinds(ImageGenError)}
    assert {scenario.gives for scenario in SCENARIOS if scenario.gives} <= codes


def _all_kinds(kind: type[ImageGenError]) -> list[type[ImageGenError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _all_kinds(below))]


@pytest.mark.parametrize(
    ("directive", "name"),
    [
        ("unauthorized", "auth-wrong"),
        ("string_error", "auth-missing"),
        ("forbidden", "safe-mode-chat"),
        ("no_account", "chat-upstream-403"),
        ("bad_request", "chat-upstream-400-bad-ratio"),
        ("server_error", "chat-upstream-502-html"),
        ("google_error", "chat-upstream-503-overloaded"),
        ("auth_unavailable", "rotation-auth-unavailable"),
    ],
)
async def test_a_failure_is_the_recorded_one_to_the_byte(
    directive: str, name: str, recorded: Recorded, client: httpx.AsyncClient
) -> None:
    real = recorded[name]
    answer = await client.post(CHAT, json=chat_body(f"a red fox sandbox:{directive}", model=PRO, size="1K"))
    assert answer.status_code == real.status
    assert answer.text == real.answer
    assert answer.headers["content-type"] == real.answer_headers["Content-Type"]
    assert ("x-cpa-trace-id" in answer.headers) == ("X-Cpa-Trace-Id" in real.answer_headers)
    assert answer.headers.get("x-cpa-safe-mode") == real.answer_headers.get("X-Cpa-Safe-Mode")


async def test_an_unknown_model_names_the_model(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:model_unknown"))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "unknown provider for model gemini-3.1-flash-image"
    assert "x-cpa-trace-id" not in answer.headers


async def test_quota_and_cooldown_tell_when_to_come_back(recorded: Recorded, client: httpx.AsyncClient) -> None:
    quota = await client.post(CHAT, json=chat_body("sandbox:rate_limited", model="gemini-3-pro-image", size="1K"))
    assert (quota.status_code, quota.text) == (429, recorded["chat-upstream-429-quota"].answer)
    cooldown = await client.post(CHAT, json=chat_body("sandbox:cooldown", model=PRO, size="1K"))
    real = json.loads(recorded["cooling-model-cooldown"].answer)["error"]
    ours = cooldown.json()["error"]
    assert cooldown.status_code == 429
    assert list(ours) == list(real)
    assert ours | {"reset_seconds": 1, "reset_time": "1s"} == real
    assert (ours["reset_seconds"], ours["reset_time"]) == (60, "1m0s")
    assert "retry-after" not in cooldown.headers


@pytest.mark.parametrize(("directive", "status"), [("limited=0.3", 429), ("flaky", 503)])
async def test_a_limit_ends_by_itself_and_then_the_picture_comes(
    directive: str, status: int, client: httpx.AsyncClient
) -> None:
    body = chat_body(f"a red fox sandbox:{directive}")
    first, second = await client.post(CHAT, json=body), await client.post(CHAT, json=body)
    assert (first.status_code, second.status_code) == (status, status)
    if status == 429:
        assert (first.json()["error"]["reset_seconds"], first.json()["error"]["reset_time"]) == (1, "1s")
    tries = 0
    while (answer := await client.post(CHAT, json=body)).status_code == status:
        tries += 1
        assert tries < 10_000
    assert picture_in(answer)


async def test_cannot_connect_closes_before_a_single_byte(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        await client.post(CHAT, json=chat_body("sandbox:cannot_connect"))


async def test_cut_breaks_off_in_the_middle_of_the_picture(client: httpx.AsyncClient) -> None:
    received = b""

    async def receive() -> None:
        nonlocal received
        async with client.stream("POST", CHAT, json=chat_body("a red fox sandbox:cut")) as answer:
            assert answer.status_code == 200
            async for piece in answer.aiter_raw():
                received += piece

    with pytest.raises(httpx.RemoteProtocolError):
        await receive()
    assert b"data:image/png;base64," in received
    assert b"finish_reason" not in received


async def test_timeout_never_answers(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.post(CHAT, json=chat_body("sandbox:timeout"), timeout=0.4)


async def test_blank_lines_come_before_a_kept_alive_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:keepalive"))
    assert answer.text.startswith("\n\n\n{")
    assert picture_in(answer)[1].startswith(b"\x89PNG")


async def test_a_kept_alive_error_comes_under_200(recorded: Recorded, client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:keepalive_error"))
    assert answer.status_code == 200
    assert answer.text.strip() == recorded["keepalive-error-502-html"].answer.strip()


async def test_html_is_no_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("sandbox:html"))
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_what_is_no_base64_and_what_is_no_picture(client: httpx.AsyncClient) -> None:
    broken = await client.post(CHAT, json=chat_body("sandbox:not_base64"))
    with pytest.raises(ValueError, match="base64"):
        picture_in(broken)
    text = await client.post(CHAT, json=chat_body("sandbox:not_picture"))
    assert picture_in(text)[1] == b"This is not a picture."


async def test_a_bad_reply_ends_early_though_its_base64_is_whole(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:bad_reply"))
    _, data = picture_in(answer)
    assert data.startswith(b"\x89PNG")
    assert b"IEND" not in data


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
async def test_the_type_can_be_named(kind: str, client: httpx.AsyncClient) -> None:
    mime, data = picture_in(await client.post(CHAT, json=chat_body(f"a red fox sandbox:{kind}")))
    assert mime == f"image/{kind}"
    assert Image.open(io.BytesIO(data)).format == kind.upper()


async def test_two_pictures_differ(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:two"))
    assert len(answer.json()["choices"][0]["message"]["images"]) == 2
    assert picture_in(answer, 0) != picture_in(answer, 1)


async def test_a_wrong_size_is_another_than_asked(client: httpx.AsyncClient) -> None:
    _, data = picture_in(await client.post(CHAT, json=chat_body("a red fox sandbox:wrong_size")))
    assert Image.open(io.BytesIO(data)).size == (384, 320)


async def test_directives_combine_and_leave_the_words_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:two sandbox:text Sandbox:JPEG"))
    message = answer.json()["choices"][0]["message"]
    assert message["content"] == "Here is your picture: a red fox"
    assert [image["image_url"]["url"][:15] for image in message["images"]] == ["data:image/jpeg"] * 2


async def test_an_unknown_directive_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post(CHAT, json=chat_body("a red fox sandbox:typo"))
    assert answer.status_code == 400
    assert "sandbox:typo" in answer.json()["error"]["message"]


async def test_slow_trickles_over_the_seconds_it_names(client: httpx.AsyncClient) -> None:
    arrivals = []
    started = time.monotonic()
    async with client.stream("POST", CHAT, json=chat_body("a red fox sandbox:slow=0.6")) as answer:
        async for _ in answer.aiter_raw():
            arrivals.append(time.monotonic() - started)
    assert len(arrivals) > 10
    assert arrivals[-1] - arrivals[0] > 0.4


async def test_big_is_about_26_megabytes(sandbox_proxy: ProxyAddress, client: httpx.AsyncClient) -> None:
    mime, data = picture_in(await client.post(CHAT, json=chat_body("geometric sandbox:big"), timeout=60))
    assert mime == "image/png"
    assert 20_000_000 < len(data) < 32_000_000
    assert Image.open(io.BytesIO(data)).size == (4096, 4096)


@given(st.text(), st.sampled_from(sorted(WORDS)), st.text())
def test_a_directive_is_found_wherever_it_stands(before: str, name: str, after: str) -> None:
    found = directives_in(f"{before} sandbox:{name} {after}")
    assert name in found.names
    assert f"sandbox:{name} " not in f"{found.prompt} "


@given(st.text())
def test_no_prompt_is_too_odd_to_be_read(prompt: str) -> None:
    found = directives_in(prompt)
    assert found.failure() is None or "sandbox:" in prompt.lower()
