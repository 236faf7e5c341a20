"""Traps in answers under a status of success (facts, E): each ends in the picture, or in what it means."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from support.answers import DRAFT, PICTURE, chat, delta, exchange, picture_part, said, stream
from support.deliveries import JPEG, png
from support.replay_server import Exchange

from tui.domain.errors import ImageGenError
from tui.domain.reply import Reply

Ask = Callable[..., Awaitable[Reply]]
Told = Callable[..., Awaitable[ImageGenError]]


@pytest.mark.parametrize(
    "name", ["chat-prompt-blocked-prohibited-content", "chat-empty-candidates", "keepalive-blocked"]
)
async def test_trap_01_no_choices_is_a_blocked_prompt(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert (error.code, error.title, error.retryable) == ("refused", "The prompt was blocked", False)
    assert "wording" in error.hint


SILENT = {
    "chat-finish-image-safety": ("refused", "image_safety", "filtered"),
    "chat-finish-no-image": ("no_image", "no_image", "made no picture"),
    "chat-finish-prohibited-content": ("refused", "prohibited_content", "policy"),
    "chat-finish-absent": ("no_image", None, "empty"),
    "stream-finish-image-safety": ("refused", "image_safety", "filtered"),
    "stream-finish-no-image": ("no_image", "no_image", "made no picture"),
    "stream-finish-prohibited-content": ("refused", "prohibited_content", "policy"),
}


@pytest.mark.parametrize("name", SILENT)
async def test_trap_02_no_images_and_no_content_tells_the_native_reason(name: str, told: Told) -> None:
    code, reason, word = SILENT[name]
    error = await told(exchange(name))
    assert (error.code, error.finish_reason) == (code, reason)
    assert word in error.title


WORDS = "I cannot draw that, but I can describe it."


@pytest.mark.parametrize(
    "answer",
    [
        exchange("chat-text-only"),
        chat({"content": WORDS}),
        stream([delta(role="assistant", content=WORDS[:9]), delta(content=WORDS[9:]), delta("stop", "stop")]),
    ],
    ids=["recorded", "plain", "streamed"],
)
async def test_trap_03_a_refusal_in_words_is_shown(answer: Exchange, told: Told) -> None:
    error = await told(answer)
    assert (error.code, error.title, error.origin) == ("no_image", "The model answered in words", "model")
    assert error.detail == WORDS or "picture" in error.detail or "can" in error.detail


async def test_trap_03_a_refusal_member_is_a_refusal(told: Told) -> None:
    error = await told(chat({"refusal": "Not this one."}))
    assert (error.code, error.detail) == ("refused", "Not this one.")


@pytest.mark.parametrize(
    "answer",
    [
        chat({"images": [picture_part(DRAFT), picture_part(PICTURE, index=1)]}),
        stream([delta(images=[picture_part(DRAFT)]), delta(images=[picture_part()]), delta("stop", "stop")]),
    ],
    ids=["plain", "streamed"],
)
async def test_trap_04_of_several_pictures_the_last_is_final(answer: Exchange, ask: Ask) -> None:
    reply = await ask(answer)
    assert [image.role for image in reply.images] == ["draft", "final"]
    assert reply.final.path.read_bytes() == PICTURE


async def test_trap_04_a_recorded_draft_is_kept_as_one(ask: Ask) -> None:
    reply = await ask(exchange("chat-success-thought-draft"))
    assert [(image.role, image.width) for image in reply.images] == [("draft", 32), ("final", 64)]


TYPES = {
    "chat-success-jpeg": "image/jpeg",
    "stream-jpeg": "image/jpeg",
    "chat-success-webp": "image/webp",
    "chat-success-no-mime": "image/jpeg",
    "chat-success-urlsafe-base64": "image/jpeg",
}


@pytest.mark.parametrize("name", TYPES)
async def test_trap_05_the_type_is_what_the_bytes_say(name: str, ask: Ask) -> None:
    assert (await ask(exchange(name))).final.mime == TYPES[name]


@pytest.mark.parametrize("streamed", [False, True])
async def test_trap_05_a_wrong_announcement_does_not_count(streamed: bool, ask: Ask) -> None:
    part = picture_part(JPEG, "image/png")
    reply = await ask(stream([delta("stop", "stop", images=[part])]) if streamed else chat({"images": [part]}))
    assert reply.final.mime == "image/jpeg"


async def test_trap_06_sound_under_images_is_left_out(ask: Ask, told: Told) -> None:
    reply = await ask(exchange("chat-success-audio-part"))
    assert [image.mime for image in reply.images] == ["image/png"]
    assert any("audio" in warning.message for warning in reply.warnings)
    error = await told(chat({"images": [picture_part(b"RIFF\0\0\0\0WAVEfmt ", "audio/wav")]}))
    assert error.code == "bad_reply"
    assert "audio/wav" in error.detail


@pytest.mark.parametrize("reason", ["stop", "image_other", "STOP", "quite_new_reason", "eos", "", None])
@pytest.mark.parametrize("streamed", [False, True])
async def test_trap_07_any_reason_may_stand_beside_a_picture(reason: str | None, streamed: bool, ask: Ask) -> None:
    part = picture_part()
    plain, events = chat({"images": [part]}, reason), stream([delta(reason, reason, images=[part])])
    reply = await ask(events if streamed else plain)
    assert reply.summary.finish_reason == (reason or None)


@pytest.mark.parametrize("reason", ["quite_new_reason", "continuation", "escalation"])
async def test_trap_07_an_unknown_reason_is_shown_as_it_is(reason: str, told: Told) -> None:
    error = await told(chat(None, reason))
    assert (error.code, error.finish_reason, error.retryable) == ("no_image", reason, True)
    assert reason in error.title
    assert reason in error.detail


@pytest.mark.parametrize("reason", ["image_safety", "prohibited_content", "safety"])
async def test_trap_08_a_stream_hides_safety_behind_stop(reason: str, told: Told) -> None:
    error = await told(stream([delta("stop", reason, role=None, content=None)]))
    assert (error.code, error.finish_reason) == ("refused", reason)


async def test_trap_09_the_index_restarts_in_every_event(ask: Ask) -> None:
    parts = [picture_part(DRAFT), picture_part(png(21, 15)), picture_part()]
    reply = await ask(stream([*(delta(images=[part]) for part in parts), delta("stop", "stop")]))
    assert [image.width for image in reply.images] == [20, 21, 40]


async def test_trap_09_two_pictures_in_one_event(ask: Ask) -> None:
    assert len((await ask(exchange("stream-two-images-one-event"))).images) == 2


async def test_trap_09_a_line_of_64_megabytes_is_read(ask: Ask) -> None:
    noise = bytes(range(256)) * (48 * 4096)
    large = png(40, 30)[:-12] + len(noise).to_bytes(4, "big") + b"IDAT" + noise + b"\0\0\0\0" + png(40, 30)[-12:]
    line = b"data: " + base64.b64encode(large)
    head = b'data: {"choices":[{"index":0,"delta":{"images":[{"image_url":{"url":"data:image/png;base64,'
    tail = b'"}}]},"finish_reason":"stop","native_finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    assert len(line) > 64 * 2**20
    body = head + line[6:] + tail
    parts = tuple(body[at : at + 2**20] for at in range(0, len(body), 2**20))
    reply = await ask(Exchange(headers={"Content-Type": "text/event-stream"}, parts=parts, chunked=True))
    assert reply.final.bytes == len(large)


MID = said("unexpected EOF", type="server_error", code="internal_server_error")


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        (exchange("stream-cut-midway"), "server_error", "EOF"),
        (exchange("openrouter-stream-error-midway"), "server_error", "Provider disconnected unexpectedly"),
        (stream([delta(content="Here "), MID], done=False), "server_error", "unexpected EOF"),
        (stream([delta(content="Here "), delta(content="it is")], done=False), "bad_reply", "Here it is"),
        (exchange("stream-error-midway"), "no_image", "Here"),
        (stream([]), "no_image", "without a word"),
    ],
    ids=["recorded error", "error beside choices", "error", "no end", "swallowed", "nothing but the end"],
)
async def test_trap_10_a_stream_that_breaks_is_a_failure(answer: Exchange, code: str, detail: str, told: Told) -> None:
    error = await told(answer)
    assert error.code == code
    assert detail in error.detail
    assert error.retryable


EARLY = {
    "stream-auth-missing": ("unauthorized", 401),
    "stream-upstream-429": ("rate_limited", 429),
    "stream-upstream-502-html": ("server_error", 502),
    "stream-upstream-503": ("server_error", 503),
    "stream-cut-before-first": ("server_error", 500),
    "cooling-model-cooldown-stream": ("rate_limited", 429),
}


@pytest.mark.parametrize("name", EARLY)
async def test_trap_10_an_error_before_any_event_has_its_status(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert (error.code, error.http_status) == EARLY[name]


async def test_trap_10_a_broken_stream_keeps_the_picture_it_brought(ask: Ask) -> None:
    reply = await ask(stream([delta(images=[picture_part()]), MID], done=False))
    assert [warning.code for warning in reply.warnings] == ["ended_in_error"]
    assert "unexpected EOF" in reply.warnings[0].message


@pytest.mark.parametrize("name", ["keepalive-error-502-html", "keepalive-hangup"])
async def test_trap_11_blank_lines_then_an_error_under_200(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert (error.code, error.http_status) == ("server_error", 200)
    assert "<" not in error.detail


async def test_trap_11_blank_lines_then_a_picture(ask: Ask) -> None:
    assert (await ask(exchange("keepalive-success"))).final.width == 64
    spaced = replace(chat({"images": [picture_part()]}), chunked=True)
    spaced = replace(spaced, parts=(b"\n", b"\r\n", b"  \n", *spaced.parts))
    assert (await ask(spaced)).final.path.read_bytes() == PICTURE


async def test_trap_26_what_identifies_nothing_may_be_missing(ask: Ask) -> None:
    reply = await ask(exchange("chat-success-no-usage"))
    assert (reply.summary.id, reply.summary.model, reply.summary.usage) == (None, "model", None)
    bare: dict[str, Any] = {"choices": [{"message": {"images": [picture_part()]}}]}
    assert (await ask(Exchange.of(bare))).final.path.read_bytes() == PICTURE
    other = chat({"images": [picture_part()]}, created=0, model="gemini-3-pro-image", usage=None)
    assert (await ask(other)).summary.model == "gemini-3-pro-image"


@pytest.mark.parametrize("body", [b"", b"\n\n", b"  "])
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", ""])
async def test_trap_37_an_empty_200_is_told(body: bytes, kind: str, told: Told) -> None:
    error = await told(Exchange(headers={"Content-Type": kind} if kind else {}, parts=(body,)))
    assert (error.code, error.detail, error.http_status) == ("bad_reply", "It is empty.", 200)


async def test_a_web_page_under_200_is_another_server_unless_a_provider_sent_it(told: Told) -> None:
    page = b"<!doctype html><html><title>Router</title><body>Please log in</body></html>"
    kind = {"Content-Type": "text/html; charset=utf-8"}
    error = await told(Exchange(headers=kind, parts=(page,)))
    assert (error.code, error.title, error.retryable) == ("bad_reply", "The address is not that of the proxy", False)
    assert "--proxy URL" in error.hint
    assert "Please log in" in error.detail
    error = await told(Exchange(headers=kind | {"X-CPA-TRACE-ID": "t"}, parts=(page,)))
    assert (error.title, error.retryable) == ("The answer is damaged", True)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("before", ["", "\ufeff", ": keep-alive\n\n", "\n\n", "retry: 100\n\n"])
async def test_a_stream_of_any_line_ends_and_comments_is_read(ends: str, before: str, ask: Ask) -> None:
    events = [delta(content="Here "), ": keep-alive\n\n", delta(images=[picture_part()]), delta("stop", "stop")]
    reply = await ask(stream(events, ends=ends, before=before))
    assert reply.final.path.read_bytes() == PICTURE
    assert reply.summary.text == "Here "
    assert not reply.warnings
