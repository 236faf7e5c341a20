"""An answer under 200 without a picture: each says what happened, in the right class, with the reason kept."""

import pytest
from interop.upstream import Answer, blocked, gemini, painted, picture, said, text

REASONS = {
    "SAFETY": "refused",
    "IMAGE_SAFETY": "refused",
    "PROHIBITED_CONTENT": "refused",
    "IMAGE_PROHIBITED_CONTENT": "refused",
    "RECITATION": "refused",
    "IMAGE_RECITATION": "refused",
    "BLOCKLIST": "refused",
    "SPII": "refused",
    "LANGUAGE": "no_image",
    "MAX_TOKENS": "no_image",
    "NO_IMAGE": "no_image",
    "IMAGE_OTHER": "no_image",
    "OTHER": "no_image",
    "MALFORMED_FUNCTION_CALL": "no_image",
    "FINISH_REASON_UNSPECIFIED": "no_image",
    "SOMETHING_NEW": "no_image",
}


@pytest.mark.parametrize(("reason", "code"), REASONS.items())
async def test_every_finish_reason_has_its_class_and_is_kept(reason, code, fail, proxy, upstream):
    error = await fail(proxy, upstream.will(gemini(finish=reason)).prompt)
    assert (error.code, error.finish_reason, error.http_status) == (code, reason.lower(), 200)
    assert error.title
    assert error.hint


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "OTHER"])
async def test_a_blocked_prompt_is_said_to_be_blocked(reason, fail, proxy, upstream):
    error = await fail(proxy, upstream.will(blocked(reason)).prompt)
    assert (error.code, error.title) == ("refused", "The prompt was blocked")
    assert not error.retryable


async def test_words_instead_of_a_picture_are_told(fail, proxy, upstream):
    take = upstream.will(gemini(text("I cannot draw "), text("a real person.")))
    error = await fail(proxy, take.prompt)
    assert (error.code, error.detail) == ("no_image", "I cannot draw a real person.")
    assert "words" in error.title


async def test_words_before_it_ran_out_of_room_are_told(fail, proxy, upstream):
    error = await fail(proxy, upstream.will(gemini(text("First, "), finish="MAX_TOKENS")).prompt)
    assert (error.code, error.finish_reason, error.detail) == ("no_image", "max_tokens", "First,")


async def test_thoughts_alone_are_no_picture(fail, proxy, upstream):
    error = await fail(proxy, upstream.will(gemini(text("Let me think.", thought=True))).prompt)
    assert (error.code, error.detail) == ("no_image", "Let me think.")


async def test_a_candidate_with_nothing_in_it_is_no_picture(fail, proxy, upstream):
    error = await fail(proxy, upstream.will(gemini(finish=None)).prompt)
    assert error.code == "no_image"


@pytest.mark.parametrize(
    "answer",
    [
        said("<!doctype html><title>Sign in</title><p>Welcome to the hotel", content_type="text/html"),
        said("{}", content_type="application/json"),
        said("", content_type="application/json"),
        said('{"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}'),
        said("[1, 2"),
    ],
    ids=["a page of HTML", "an empty object", "nothing", "an error under 200", "half a list"],
)
async def test_what_is_no_answer_of_the_provider_is_not_taken_for_a_blocked_prompt(answer, fail, proxy, upstream):
    error = await fail(proxy, upstream.will(answer).prompt)
    assert (error.code, error.http_status, error.retryable) == ("bad_reply", 200, True)
    assert "provider" in f"{error.title} {error.detail}"


async def test_a_picture_cut_on_its_way_to_the_proxy_is_no_picture(fail, proxy, upstream):
    """The proxy drops it without a word, and its answer looks as if there had been nothing."""
    body = gemini(picture(painted(size=(2000, 2000)))).body()
    half = body[: body.index(b'"data"') + 4000]
    error = await fail(proxy, upstream.will(said(half, content_type="application/json")).prompt)
    assert error.code in ("no_image", "bad_reply")
    assert error.retryable


async def test_a_picture_whole_in_an_answer_that_is_cut_behind_it_is_kept(ask, proxy, upstream):
    data = painted()
    body = gemini(picture(data)).body()
    half = body[: body.index(b'"finishReason"') + 4]
    reply = await ask(proxy, upstream.will(said(half, content_type="application/json")).prompt)
    assert reply.final.path.read_bytes() == data
    assert reply.summary.finish_reason is None


async def test_sound_is_no_picture(fail, proxy, upstream):
    error = await fail(proxy, upstream.will(gemini(picture(b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"))).prompt)
    assert error.code in ("bad_reply", "no_image")
    assert "audio" in error.detail.lower() or "no picture" in f"{error.title} {error.detail}".lower()


async def test_a_part_without_bytes_is_no_picture(fail, proxy, upstream):
    assert (await fail(proxy, upstream.will(gemini(picture(b""))).prompt)).code == "no_image"


async def test_a_refusal_is_asked_for_once(fail, proxy, upstream):
    take = upstream.will(gemini(finish="IMAGE_SAFETY"))
    await fail(proxy, take.prompt)
    assert len(take.calls) == 1


async def test_a_candidate_list_that_is_empty_is_a_blocked_prompt(fail, proxy, upstream):
    """With an id the provider did answer; only without one something else stands behind it."""
    empty = {"candidates": [], "responseId": "resp-e", "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3}}
    error = await fail(proxy, upstream.will(Answer((empty,))).prompt)
    assert error.code == "refused"
