"""One reader for every form an answer comes in; the pictures are what their bytes say."""

import base64
import hashlib
import io
import json
import struct
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.deliveries import JPEG, PNG_SIGNATURE, chunk, png

from tui.domain.errors import BadReply, ImageGenError, NoImage, RateLimited, Refused, ServerError
from tui.domain.reply import Reply
from tui.engine.spool import Spool
from tui.engine.verdict import reply_from_answer
from tui.engine.wire import ReplyReader

Fresh = Callable[[], Path]
ERROR_CODES = {each.code for each in ImageGenError.__subclasses__()} | {"no_account", "forbidden"}
PNG = png(40, 30)
DRAFT = png(20, 15, shade=99)


def url(data: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def part(data: bytes, mime: str = "image/png") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url(data, mime)}}


def completion(message: Any, **choice: Any) -> dict[str, Any]:
    ends = {"finish_reason": "stop", "native_finish_reason": "stop"}
    return {"id": "r1", "model": "m", "choices": [{"index": 0, "message": message, **ends, **choice}]}


def read(body: object, fresh: Fresh, content_type: str = "application/json") -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    reader = ReplyReader(Spool(fresh), content_type)
    for start in range(0, len(data), 1000):
        reader.feed(data[start : start + 1000])
    return reply_from_answer(reader.finish(), http_status=200, trace_id=None)


def refused(body: object, fresh: Fresh, content_type: str = "application/json") -> ImageGenError:
    with pytest.raises(ImageGenError) as caught:
        read(body, fresh, content_type)
    return caught.value


FORMS: dict[str, Any] = {
    "objects": {"images": [part(PNG)]},
    "strings": {"images": [url(PNG)]},
    "one object": {"images": part(PNG)},
    "null beside": {"images": [None, part(PNG)], "content": None},
    "url as text": {"images": [{"type": "image_url", "image_url": url(PNG)}]},
    "b64_json": {"images": [{"b64_json": base64.b64encode(PNG).decode()}]},
    "Google's part": {"content": [{"inlineData": {"mimeType": "image/png", "data": base64.b64encode(PNG).decode()}}]},
    "content list": {"content": [{"type": "text", "text": "hi"}, part(PNG)]},
    "Anthropic's part": {
        "content": [{"type": "image", "source": {"type": "base64", "data": base64.b64encode(PNG).decode()}}]
    },
    "Markdown": {"content": f"Here:\n![fox]({url(PNG)})\nDone."},
    "bare in words": {"content": url(PNG)},
    "parameters": {"images": [url(PNG).replace(";base64", ";charset=utf-8;name=a.png;base64")]},
    "upper case": {"images": [url(PNG).replace("data:image/png;base64", "DATA:IMAGE/PNG;BASE64")]},
    "no type": {"images": [url(PNG, "")]},
    "line breaks": {"images": ["\n" + "\r\n".join(url(PNG)[at : at + 76] for at in range(0, len(url(PNG)), 76))]},
    "no padding": {"images": [url(PNG + b"\0").rstrip("=")]},
    "url-safe": {"images": [f"data:image/png;base64,{base64.urlsafe_b64encode(PNG).decode()}"]},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_picture(form: str, fresh: Fresh) -> None:
    reply = read(completion(FORMS[form]), fresh)
    (image,) = reply.images
    data = image.path.read_bytes()
    assert data.rstrip(b"\0") == PNG.rstrip(b"\0")
    assert (image.mime, image.width, image.height, image.role) == ("image/png", 40, 30, "final")
    assert (image.bytes, image.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_words_round_a_picture_are_kept_without_it(fresh: Fresh) -> None:
    assert read(completion(FORMS["Markdown"]), fresh).summary.text == "Here:\n\nDone."


def test_long_words_round_a_picture_are_kept_without_it(fresh: Fresh) -> None:
    words = "lorem ipsum " * 9000
    reply = read(completion({"content": f"{words}![a]({url(PNG)}){words}"}), fresh)
    assert reply.summary.text == words + words
    assert reply.images[0].path.read_bytes() == PNG


def test_a_picture_named_twice_is_one(fresh: Fresh) -> None:
    reply = read(completion({"images": [part(PNG)], "content": f"![a]({url(PNG)})"}), fresh)
    assert len(reply.images) == 1


def test_drafts_come_first_and_the_last_is_final(fresh: Fresh) -> None:
    reply = read(completion({"images": [part(DRAFT), part(DRAFT), part(PNG)]}), fresh)
    assert [image.role for image in reply.images] == ["draft", "draft", "final"]
    assert reply.final.path.read_bytes() == PNG


def test_each_choice_has_its_own_final_picture(fresh: Fresh) -> None:
    body = completion({"images": [part(DRAFT), part(PNG)]})
    body["choices"].append({"index": 1, "message": {"images": [part(JPEG, "image/jpeg")]}})
    assert [(image.role, image.mime) for image in read(body, fresh).images] == [
        ("draft", "image/png"),
        ("final", "image/png"),
        ("final", "image/jpeg"),
    ]


def test_the_type_is_what_the_bytes_say(fresh: Fresh) -> None:
    (image,) = read(completion({"images": [part(JPEG, "image/png")]}), fresh).images
    assert (image.mime, image.width, image.height) == ("image/jpeg", 8, 8)


def test_sound_among_the_pictures_is_left_out_and_told(fresh: Fresh) -> None:
    reply = read(completion({"images": [part(PNG), part(b"RIFF\0\0\0\0WAVEfmt ", "audio/wav")]}), fresh)
    assert [image.role for image in reply.images] == ["final"]
    assert "audio/wav" in reply.warnings[0].message


def test_the_right_pictures_are_kept_when_one_is_damaged(fresh: Fresh) -> None:
    reply = read(completion({"images": [part(DRAFT), part(PNG), part(PNG[:-9])]}), fresh)
    assert [image.role for image in reply.images] == ["draft", "draft"]
    assert [warning.code for warning in reply.warnings] == ["picture_damaged"]


@pytest.mark.parametrize("data", [PNG[:-1], PNG[:40], JPEG[:-2]])
def test_a_picture_that_was_cut_is_a_bad_reply(data: bytes, fresh: Fresh) -> None:
    error = refused(completion({"images": [part(data)]}), fresh)
    assert isinstance(error, BadReply)
    assert "cut off" in error.detail
    assert error.retryable


@pytest.mark.parametrize(
    "picture",
    [part(b"plain words"), url(b""), "data:image/png;base64,%%%%", "no picture here!", url(b"<svg/>", "image/svg+xml")],
)
def test_what_is_no_picture_is_a_bad_reply(picture: Any, fresh: Fresh) -> None:
    error = refused(completion({"images": [picture]}), fresh)
    assert isinstance(error, BadReply)
    assert error.detail


def test_a_bomb_is_refused_by_its_header(fresh: Fresh) -> None:
    header = struct.pack(">IIBBBBB", 20_000, 10_001, 8, 2, 0, 0, 0)
    bomb = PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    error = refused(completion({"images": [part(bomb)]}), fresh)
    assert isinstance(error, BadReply)
    assert "20000×10001" in error.detail


def test_the_largest_real_picture_is_no_bomb(fresh: Fresh) -> None:
    header = struct.pack(">IIBBBBB", 12_288, 12_288, 8, 2, 0, 0, 0)
    large = PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IEND", b"")
    assert read(completion({"images": [part(large)]}), fresh).final.width == 12_288


def test_links_are_not_followed(fresh: Fresh) -> None:
    error = refused(completion({"images": [{"image_url": {"url": "https://pictures.example/1.png"}}]}), fresh)
    assert isinstance(error, BadReply)
    assert "https://pictures.example/1.png" in error.detail
    assert not error.retryable


def test_what_was_said_beside_the_picture_is_kept(fresh: Fresh) -> None:
    message = {"content": "A fox.", "reasoning_content": "First, snow.", "images": [part(PNG)]}
    body = completion(message, finish_reason="content_filter", native_finish_reason="STOP")
    body["usage"] = {"total_tokens": 7}
    summary = read(body, fresh).summary
    assert (summary.id, summary.model, summary.text, summary.reasoning) == ("r1", "m", "A fox.", "First, snow.")
    assert (summary.finish_reason, summary.native_finish_reason) == ("content_filter", "STOP")
    assert summary.usage == {"total_tokens": 7}


REASONS = {
    "safety": (Refused, False),
    "SAFETY": (Refused, False),
    "image_safety": (Refused, False),
    "prohibited_content": (Refused, False),
    "image_prohibited_content": (Refused, False),
    "blocklist": (Refused, False),
    "spii": (Refused, False),
    "content_filter": (Refused, False),
    "recitation": (Refused, True),
    "image_recitation": (Refused, True),
    "some_new_safety": (Refused, False),
    "no_image": (NoImage, True),
    "max_tokens": (NoImage, True),
    "length": (NoImage, True),
    "image_other": (NoImage, True),
    "other": (NoImage, True),
    "malformed_function_call": (NoImage, True),
    "something_new": (NoImage, True),
    "language": (NoImage, False),
    "stop": (NoImage, True),
    None: (NoImage, True),
}


@pytest.mark.parametrize(("reason", "expected"), REASONS.items())
def test_each_finish_reason_has_its_error(
    reason: str | None, expected: tuple[type[ImageGenError], bool], fresh: Fresh
) -> None:
    error = refused(completion({"content": None}, finish_reason=reason, native_finish_reason=reason), fresh)
    assert (type(error), error.retryable) == expected
    assert error.finish_reason == (reason.lower() if reason else None)
    assert error.http_status == 200
    assert error.detail
    assert error.hint


def test_the_providers_own_reason_tells_the_truth(fresh: Fresh) -> None:
    error = refused(completion({}, finish_reason="stop", native_finish_reason="IMAGE_SAFETY"), fresh)
    assert (error.code, error.finish_reason) == ("refused", "image_safety")


def test_of_two_telling_reasons_the_providers_own_counts(fresh: Fresh) -> None:
    error = refused(completion({}, finish_reason="max_tokens", native_finish_reason="IMAGE_SAFETY"), fresh)
    assert (error.code, error.finish_reason) == ("refused", "image_safety")


@pytest.mark.parametrize("reason", ["stop", "max_tokens", "no_image", "image_safety"])
def test_the_models_words_are_the_detail(reason: str, fresh: Fresh) -> None:
    error = refused(
        completion({"content": "I would rather not."}, finish_reason=reason, native_finish_reason=None), fresh
    )
    assert error.detail == "I would rather not."


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"id": "x", "choices": []}, Refused),
        ({"id": "", "choices": []}, BadReply),
        ({"choices": []}, BadReply),
        ({"id": "x", "choices": [None]}, BadReply),
        ([{"error": {"code": 500, "message": "no", "status": "INTERNAL"}}], ServerError),
        ([{"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}}], RateLimited),
        ({}, BadReply),
        ([], BadReply),
        ("text", BadReply),
        ({"choices": None}, BadReply),
        ({"error": "no"}, ServerError),
        ({"error": {"message": "no"}}, ServerError),
        ({"error": {"code": 502, "message": "no"}, "choices": []}, ServerError),
        (completion({}, error={"code": 502, "message": "no"}), ServerError),
        (completion({}, finish_reason="error", native_finish_reason=None), ServerError),
        (completion({"refusal": "I will not."}), Refused),
        (completion(None), NoImage),
        (completion({"images": None}), NoImage),
        (completion({"images": []}), NoImage),
        (b"", BadReply),
        (b"\n\n\n", BadReply),
        (b"<html><body>Sign in</body></html>", BadReply),
        (b'{"choices": [', BadReply),
        (b"{nothing}", BadReply),
        (b"[" * 100_000, BadReply),
    ],
)
def test_an_answer_without_a_picture_has_its_error(body: Any, kind: type[ImageGenError], fresh: Fresh) -> None:
    assert type(refused(body, fresh)) is kind


def test_leading_newlines_and_a_byte_order_mark_are_skipped(fresh: Fresh) -> None:
    data = b"\xef\xbb\xbf" + b"\n" * 3000 + json.dumps(completion({"images": [part(PNG)]})).encode()
    assert len(read(data, fresh).images) == 1


def test_odd_json_that_others_accept_is_read(fresh: Fresh) -> None:
    data = json.dumps(completion({"content": "@", "images": [part(PNG)]})).encode()
    for odd in (b"\\ud83d", b"tab\there", b"\xff\xfe"):
        assert len(read(data.replace(b"@", odd), fresh).images) == 1


# --- events ---------------------------------------------------------------------------------------------------


def stream(*events: Any, done: bool = True) -> bytes:
    lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"] * done
    return ": hello\n\n".join(lines).encode()


def delta(**members: Any) -> dict[str, Any]:
    return {"id": "r1", "choices": [{"index": 0, "delta": members, "finish_reason": None}]}


END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "native_finish_reason": "stop"}]}
EVENTS = "text/event-stream"


@pytest.mark.parametrize("content_type", [EVENTS, "text/event-stream; charset=utf-8", "application/json", ""])
def test_events_are_one_answer(content_type: str, fresh: Fresh) -> None:
    body = stream(delta(content="Here "), delta(content="it is.", images=[part(DRAFT)]), delta(images=[part(PNG)]), END)
    reply = read(body, fresh, content_type)
    assert [image.role for image in reply.images] == ["draft", "final"]
    assert (reply.summary.text, reply.summary.finish_reason) == ("Here it is.", "stop")
    assert not reply.warnings


def test_events_of_two_choices_do_not_mix(fresh: Fresh) -> None:
    other = {"choices": [{"index": 1, "delta": {"images": [part(JPEG)]}}]}
    reply = read(stream(delta(images=[part(PNG)]), other, END), fresh, EVENTS)
    assert [image.role for image in reply.images] == ["final", "final"]


def test_a_stream_without_its_end_was_cut_off(fresh: Fresh) -> None:
    error = refused(stream(delta(content="Here"), done=False), fresh, EVENTS)
    assert (error.code, error.title) == ("bad_reply", "The answer was cut off")


def test_a_whole_picture_of_a_cut_stream_is_kept_with_a_warning(fresh: Fresh) -> None:
    reply = read(stream(delta(images=[part(PNG)]), done=False), fresh, EVENTS)
    assert [warning.code for warning in reply.warnings] == ["cut_off"]


def test_an_error_behind_a_picture_is_a_warning(fresh: Fresh) -> None:
    reply = read(stream(delta(images=[part(PNG)]), {"error": {"message": "gone"}}, done=False), fresh, EVENTS)
    assert [(warning.code, "gone" in warning.message) for warning in reply.warnings] == [("ended_in_error", True)]


@pytest.mark.parametrize("error", ["gone", {"message": "gone"}, {"code": 503, "message": "gone"}])
def test_an_error_in_the_middle_is_told(error: Any, fresh: Fresh) -> None:
    told = refused(stream(delta(content="Here"), {"error": error}, done=False), fresh, EVENTS)
    assert (told.code, told.detail) == ("server_error", "gone")


def test_an_error_event_without_an_error_member_is_told(fresh: Fresh) -> None:
    told = refused(b'event: error\ndata: {"message":"quota gone","code":429}\n\n', fresh, EVENTS)
    assert (told.code, told.detail) == ("rate_limited", "quota gone")


def test_an_end_without_a_picture_is_no_image(fresh: Fresh) -> None:
    assert refused(stream(), fresh, EVENTS).code == "no_image"
    assert refused(stream(delta(content="Here"), END), fresh, EVENTS).code == "no_image"


def test_a_streams_own_reason_is_read(fresh: Fresh) -> None:
    ends = {"choices": [{"delta": {}, "finish_reason": "stop", "native_finish_reason": "image_safety"}]}
    assert refused(stream(ends), fresh, EVENTS).code == "refused"


MEMBERS = (
    "error", "message", "content", "images", "image_url", "url", "text", "choices", "index", "delta", "code",
    "finish_reason", "native_finish_reason", "type", "details", "metadata", "data", "reasoning", "refusal",
    "usage", "id", "reasons", "retryDelay", "reset_seconds", "status",
)  # fmt: skip
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 600)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([url(PNG), "https://x", "safety", "12s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=12,
)


def outcome(body: Any) -> Reply | ImageGenError:
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()
        try:
            return read(body, lambda: Path(folder) / str(next(numbers)))
        except ImageGenError as error:
            return error


@settings(max_examples=300)
@given(json_values, st.booleans())
def test_any_shape_gives_a_picture_or_one_of_our_errors(value: Any, framed: bool) -> None:
    got = outcome(completion(value) if framed else value)
    if isinstance(got, Reply):
        assert all(image.width == 40 for image in got.images)
    else:
        assert got.code in ERROR_CODES
        assert len(got.detail) < 4200


def test_a_real_encoders_picture_passes(fresh: Fresh) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 36), "orange").save(stream, "WEBP")
    (image,) = read(completion({"images": [part(stream.getvalue(), "image/webp")]}), fresh).images
    assert (image.mime, image.width, image.height) == ("image/webp", 64, 36)
