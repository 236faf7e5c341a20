"""Blank lines while the provider works, and what comes behind them: a picture, a refusal, an error under 200."""

import asyncio
import threading
from dataclasses import replace

import pytest
from interop.binary import RealProxy, config
from interop.tap import Tap
from interop.upstream import Answer, blocked, fox, gemini, google_error, painted, picture, said, text


@pytest.fixture(scope="module")
def lively(running, upstream) -> RealProxy:
    """A proxy that says a blank line every second."""
    return running(
        "keep-alive",
        config(upstream.url, **{"nonstream-keepalive-interval": 1, "streaming": {"keepalive-seconds": 1}}),
    )


@pytest.fixture
def after_a_blank_line(ask, lively, upstream):
    """Asks so that the provider answers only when a blank line has passed over the wire."""

    async def ask_then(answer: Answer, **how):
        gate = threading.Event()
        take = upstream.will(replace(answer, after=gate))
        with Tap(lively.url) as tap:
            address = replace(lively.address, url=tap.url)
            asking = asyncio.create_task(ask(address, take.prompt, **how))
            await asyncio.to_thread(tap.wait_heard, b"1\r\n\n\r\n")
            gate.set()
            return await asking

    return ask_then


async def test_a_picture_behind_blank_lines_is_a_picture(after_a_blank_line):
    data = painted("WEBP")
    reply = await after_a_blank_line(gemini(picture(data, "image/webp")))
    assert reply.final.path.read_bytes() == data


async def test_a_blocked_prompt_behind_blank_lines_is_one(after_a_blank_line, failing):
    error = await failing(after_a_blank_line(blocked()))
    assert error.code == "refused"


@pytest.mark.parametrize(
    ("answer", "code", "wait"),
    [
        (google_error(503, "UNAVAILABLE", "The model is overloaded."), "server_error", None),
        (said("<html><title>Error 502</title>", 502, "text/html"), "server_error", None),
        (
            google_error(429, "RESOURCE_EXHAUSTED", "Quota.", {"kind": "RetryInfo", "retryDelay": "32.5s"}),
            "rate_limited",
            32.5,
        ),
        (google_error(401, "UNAUTHENTICATED", "Invalid credentials."), "no_account", None),
        (google_error(400, "INVALID_ARGUMENT", "aspect ratio"), "bad_request", None),
        (Answer(closed=True), "server_error", None),
    ],
    ids=["503", "502 in HTML", "429", "401", "400", "a lost connection"],
)
async def test_an_error_under_200_is_the_error_it_would_be_under_its_own(
    answer, code, wait, after_a_blank_line, failing
):
    error = await failing(after_a_blank_line(answer))
    assert (error.code, error.http_status, error.retry_after) == (code, 200, wait)


async def test_a_quick_answer_has_no_blank_line(ask, lively, upstream):
    assert (await ask(lively, upstream.will(fox()).prompt)).final.mime == "image/png"


async def test_a_proxy_killed_behind_a_blank_line_cuts_the_answer(upstream, ask, failing, tmp_path):
    settings = config(upstream.url, **{"nonstream-keepalive-interval": 1})
    with RealProxy(settings, tmp_path / "proxy") as proxy, Tap(proxy.url) as tap:
        take = upstream.will(Answer(after=threading.Event()))
        asking = asyncio.create_task(ask(replace(proxy.address, url=tap.url), take.prompt))
        await asyncio.to_thread(tap.wait_heard, b"1\r\n\n\r\n")
        proxy.stop()
        assert (await failing(asking)).code == "bad_reply"


async def test_comments_between_the_events_of_a_stream_are_no_words(ask, lively, upstream):
    take = upstream.will(replace(gemini(text("Here."), picture(painted())), pause=1.3))
    with Tap(lively.url) as tap:
        reply = await ask(replace(lively.address, url=tap.url), take.prompt, stream=True)
        assert b": keep-alive" in tap.heard
    assert (reply.summary.text, reply.final.mime) == ("Here.", "image/png")
