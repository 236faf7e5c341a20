"""The same answers asked for in pieces: pictures whole in one event, reasons behind ``native_finish_reason``."""

from dataclasses import replace

import pytest
from interop.upstream import Answer, blocked, candidates, fox, gemini, google_error, painted, picture, said, text


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
async def test_a_streamed_picture_is_kept_byte_for_byte(kind, mime, ask, proxy, upstream):
    data = painted(kind)
    take = upstream.will(gemini(text("Here "), text("it is."), picture(data, mime)))
    reply = await ask(proxy, take.prompt, stream=True)
    assert take.calls[0].streamed
    assert (reply.final.mime, reply.summary.text) == (mime, "Here it is.")
    assert reply.final.path.read_bytes() == data


async def test_pictures_of_a_stream_follow_each_other_whatever_their_index(ask, proxy, upstream):
    draft, final = painted(shade=10), painted(shade=200)
    take = upstream.will(gemini(picture(draft, thought=True), picture(final)))
    reply = await ask(proxy, take.prompt, stream=True)
    assert [image.role for image in reply.images] == ["draft", "final"]
    assert [image.path.read_bytes() for image in reply.images] == [draft, final]


async def test_a_large_picture_in_one_event_comes_whole(ask, proxy, upstream):
    from PIL import Image

    noise = Image.effect_noise((3000, 2000), 90)
    import io

    out = io.BytesIO()
    noise.save(out, "PNG", compress_level=0)
    take = upstream.will(gemini(picture(out.getvalue())))
    reply = await ask(proxy, take.prompt, stream=True)
    assert reply.final.bytes > 5_000_000
    assert reply.final.path.read_bytes() == out.getvalue()


async def test_two_candidates_of_a_stream_are_two_pictures(ask, proxy, upstream):
    first, second = painted(shade=10), painted(shade=200)
    take = upstream.will(candidates([picture(first)], [picture(second)]))
    reply = await ask(proxy, take.prompt, stream=True)
    assert [image.path.read_bytes() for image in reply.images] == [first, second]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("SAFETY", "refused"),
        ("IMAGE_SAFETY", "refused"),
        ("PROHIBITED_CONTENT", "refused"),
        ("IMAGE_OTHER", "no_image"),
        ("NO_IMAGE", "no_image"),
        ("MAX_TOKENS", "no_image"),
    ],
)
async def test_a_reason_that_a_stream_calls_stop_is_found(reason, code, fail, proxy, upstream):
    take = upstream.will(gemini(text("Well, "), finish=reason))
    error = await fail(proxy, take.prompt, stream=True)
    assert (error.code, error.finish_reason) == (code, reason.lower())


@pytest.mark.parametrize(
    "answer",
    [blocked(), Answer(), said(fox().body(), content_type="application/json")],
    ids=["a blocked prompt", "an empty stream", "plain JSON"],
)
async def test_a_stream_that_never_began_may_be_a_block_or_a_fault(answer, fail, proxy, upstream):
    error = await fail(proxy, upstream.will(answer).prompt, stream=True)
    assert (error.code, error.http_status) == ("no_image", 500)
    assert "empty_stream" in error.detail


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (google_error(429, "RESOURCE_EXHAUSTED", "Quota."), "rate_limited"),
        (google_error(503, "UNAVAILABLE", "Overloaded."), "server_error"),
        (google_error(401, "UNAUTHENTICATED", "Invalid."), "no_account"),
        (said("<html><title>502</title>", 502, "text/html"), "server_error"),
        (Answer(closed=True), "server_error"),
    ],
    ids=["429", "503", "401", "502 in HTML", "a lost connection"],
)
async def test_a_failure_before_the_stream_is_an_ordinary_failure(answer, code, fail, proxy, upstream):
    error = await fail(proxy, upstream.will(answer).prompt, stream=True)
    assert error.code == code


async def test_a_stream_cut_in_the_middle_is_a_failure(fail, proxy, upstream):
    take = upstream.will(replace(gemini(text("Here "), text("it")), end="cut"))
    error = await fail(proxy, take.prompt, stream=True)
    assert error.code in ("server_error", "bad_reply")
    assert error.retryable


async def test_an_error_swallowed_in_mid_stream_is_no_success(fail, proxy, upstream):
    """The proxy drops Google's error object and ends the stream as if all had gone well."""
    begun = gemini(text("Here it ")).events[0]
    broken = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}
    error = await fail(proxy, upstream.will(Answer(events=(begun, broken))).prompt, stream=True)
    assert error.code in ("no_image", "bad_reply", "server_error")


async def test_a_picture_that_came_before_the_stream_broke_is_kept(ask, proxy, upstream):
    data = painted()
    take = upstream.will(replace(gemini(picture(data), text("and")), end="cut"))
    reply = await ask(proxy, take.prompt, stream=True)
    assert reply.final.path.read_bytes() == data
    assert reply.warnings
