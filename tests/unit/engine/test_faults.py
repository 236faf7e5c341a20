"""A failure told by a server becomes the right error, with its words kept and made safe."""

import email.utils
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.faults import fault_from_error_object, fault_from_response
from tui.engine.said import MAX_WORDS, clean_words
from tui.network import httpx

TRACE = {"X-CPA-TRACE-ID": "20261122-1"}


def fault(status: int, body: Any = "", **headers: str) -> Any:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return fault_from_response(status, httpx.Headers(headers), data)


def said(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


INVALID_KEY = said("API key not valid.", code=400, details=[{"reason": "API_KEY_INVALID"}])
FLAGGED = said("Your input was flagged", code=403, metadata={"reasons": ["violence"], "flagged_input": "…"})

TABLE = [
    (401, {"error": "Invalid API key"}, {}, "unauthorized"),
    (401, said("x"), TRACE, "no_account"),
    (402, said("Insufficient credits"), {}, "no_account"),
    (403, {"error": "unsafe_example_api_key", "message": "Proxy API endpoints are off"}, {}, "forbidden"),
    (403, said("PERMISSION_DENIED"), TRACE, "no_account"),
    (403, FLAGGED, TRACE, "refused"),
    (400, INVALID_KEY, TRACE, "no_account"),
    (400, INVALID_KEY, {}, "unauthorized"),
    (400, said("antigravity auth missing project_id"), TRACE, "no_account"),
    (400, said("unknown provider for model X", code="model_not_found"), {}, "model_unknown"),
    (502, said("unknown provider for model X", type="server_error"), {}, "model_unknown"),
    (404, said("models/x is not found", status="NOT_FOUND"), TRACE, "model_unknown"),
    (404, "", {}, "bad_request"),
    (404, "404 page not found", {}, "bad_request"),
    (503, said("auth_unavailable: no auth available"), {}, "no_account"),
    (500, said("auth_not_found: none"), {}, "no_account"),
    (503, said("model g is only supported on /v1/images/generations"), {}, "model_unknown"),
    (429, "", {}, "rate_limited"),
    (429, {"error": {"code": "model_cooldown", "message": "cooling", "reset_seconds": 5}}, {}, "rate_limited"),
    (503, said("quota", status="RESOURCE_EXHAUSTED"), {}, "rate_limited"),
    (500, said("empty_stream: upstream stream closed before first payload"), TRACE, "no_image"),
    (400, said("bad ratio"), {}, "bad_request"),
    (408, said("timeout"), {}, "bad_request"),
    (413, "too large", {}, "bad_request"),
    (418, "teapot", {}, "bad_request"),
    (500, said("boom"), {}, "server_error"),
    (502, "<html><body><h1>Bad gateway</h1></body></html>", {}, "server_error"),
    (504, said("DEADLINE_EXCEEDED"), {}, "server_error"),
    (529, "", {}, "server_error"),
    (307, "", {"Location": "/v1/chat/completions"}, "bad_reply"),
    (302, "", {}, "bad_reply"),
]


@pytest.mark.parametrize(("status", "body", "headers", "code"), TABLE)
def test_each_answer_has_its_error(status: int, body: Any, headers: dict[str, str], code: str) -> None:
    error = fault(status, body, **headers)
    assert (error.code, error.http_status) == (code, status)
    assert error.title
    assert error.hint
    assert error.detail


@pytest.mark.parametrize(
    ("status", "body", "retryable"),
    [
        (408, said("timeout"), True),
        (503, said("auth_unavailable: x"), True),
        (503, said("is only supported on /v1/images/generations"), False),
        (500, said("boom"), True),
        (400, said("bad ratio"), False),
        (401, {"error": "Invalid API key"}, False),
        (429, "", True),
    ],
)
def test_whether_a_retry_can_help_is_told(status: int, body: Any, retryable: bool) -> None:
    assert fault(status, body).retryable is retryable


RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "12.5s"}
RESET = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "metadata": {"quotaResetDelay": "1h2m3.5s"}}


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ("", {"Retry-After": "17"}, 17),
        (said("x", reset_seconds=600_000), {}, 600_000),
        (said("x", reset_seconds="61"), {}, 61),
        (said("x", reset_time="1m0s"), {}, 60),
        (said("x", reset_time="tomorrow", reset_seconds="soon"), {}, None),
        (said("x", details=[RETRY_INFO]), {}, 12.5),
        (said("x", details=[RESET]), {}, 3723.5),
        (said("x", details=[RESET, RETRY_INFO]), {}, 12.5),
        (said("Your quota will reset after 1h2m3s."), {}, 3723),
        (said("auth in short cooldown, 41.5s remaining"), {}, 41.5),
        (said("Please retry in 32.581s."), {}, 32.581),
        (said("Please try again in 30 seconds."), {}, 30),
        (said("try again in 2 minutes"), {}, 120),
        (said("after 500ms"), {}, 0.5),
        (said("x", reset_seconds=9), {"Retry-After": "17"}, 17),
        (said("x"), {}, None),
        (said("x", reset_seconds=True, details=[{"retryDelay": 5}, "odd", {"metadata": "odd"}]), {}, None),
        (said("x"), {"Retry-After": "soon"}, None),
    ],
)
def test_the_wait_is_read_wherever_it_stands(body: Any, headers: dict[str, str], seconds: float | None) -> None:
    assert fault(429, body, **headers).retry_after == seconds


def test_a_date_to_wait_for_is_read() -> None:
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 90 < fault(503, "", **{"Retry-After": date}).retry_after <= 100
    assert fault(503, "", **{"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"}).retry_after == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "Invalid API key"}, "Invalid API key"),
        (said("boom"), "boom"),
        ({"error": {"message": "m", "metadata": {"raw": "the real reason"}}}, "m\nthe real reason"),
        ({"message": "just words"}, "just words"),
        ({"detail": "FastAPI says"}, "FastAPI says"),
        ([{"error": {"message": "Google in a list"}}], "Google in a list"),
        ("plain words", "plain words"),
        ("<html><head><title>502</title><style>p{}</style></head><body><p>Bad &amp; broken</p>", "502 Bad & broken"),
        (said("<!DOCTYPE html>\n<title>Error 502</title>\n<p>Later."), "Error 502 Later."),
    ],
)
def test_the_servers_own_words_are_kept(body: Any, words: str) -> None:
    assert fault(500, body).detail == words


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("words", "server_error"),
        ({"message": "m"}, "server_error"),
        ({"message": "m", "type": "server_error", "code": "internal_server_error"}, "server_error"),
        ({"message": "m", "code": 429}, "rate_limited"),
        ({"message": "m", "status": "RESOURCE_EXHAUSTED"}, "rate_limited"),
        ({"message": "m", "code": 400}, "bad_request"),
        ({"message": "m", "code": 401}, "no_account"),
        ({"message": "m", "type": "permission_error"}, "no_account"),
        ({"message": "unknown provider for model x"}, "model_unknown"),
        ({"message": "m", "code": 503}, "server_error"),
        ({"message": "m", "code": "402"}, "no_account"),
        (["odd"], "server_error"),
        (7, "server_error"),
    ],
)
def test_an_error_under_200_is_judged_by_what_it_says(error: Any, code: str) -> None:
    told = fault_from_error_object(error, http_status=200, traced=True)
    assert (told.code, told.http_status) == (code, 200)


def test_an_untraced_401_under_200_does_not_blame_our_key() -> None:
    assert fault_from_error_object({"code": 401}, http_status=200, traced=False).code == "server_error"


@given(st.text())
def test_clean_words_never_carry_control_characters(text: str) -> None:
    words = clean_words(text)
    assert len(words) <= MAX_WORDS
    assert not any(ord(letter) < 32 and letter != "\n" for letter in words)
    assert not any(0x7F <= ord(letter) <= 0x9F or letter in "\u202e\u2066\u2028" for letter in words)
    assert clean_words(words) == words


def test_half_a_character_is_left_out() -> None:
    # JSON can hold one (\\ud83d), and no file can.
    assert clean_words("a\ud83db") == "ab"
    assert fault(500, '{"error":{"message":"half \\ud83d of it"}}').detail.encode()


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\x1b]0;title\x07b", "a\x9b31mb", "a\x00b", "a\u202eb"])
def test_escape_sequences_are_taken_apart(text: str) -> None:
    assert "\x1b" not in clean_words(text)
    assert clean_words(text).startswith("a")


def test_long_words_are_shortened() -> None:
    assert len(clean_words("word " * 10_000)) <= MAX_WORDS
    assert clean_words("word " * 10_000).endswith("…")
    assert len(clean_words("<html>" + "word " * 10_000)) <= 400


@given(st.integers(300, 599), st.binary(max_size=200), st.booleans())
def test_any_answer_has_an_error(status: int, body: bytes, traced: bool) -> None:
    error = fault_from_response(status, httpx.Headers(TRACE if traced else {}), body)
    assert error.code in {"bad_reply", "unauthorized", "no_account", "forbidden", "bad_request", "rate_limited",
                          "server_error", "model_unknown", "refused", "no_image"}  # fmt: skip


@pytest.mark.parametrize(("status", "code"), [(501, "server_error"), (405, "bad_request")])
def test_a_server_that_takes_no_requests_for_pictures_is_not_asked_again(status: int, code: str) -> None:
    page = b"<!DOCTYPE HTML><html><body><h1>Error response</h1><p>Unsupported method ('POST').</p></body></html>"
    fault = fault_from_response(status, {}, page)
    assert (fault.code, fault.title, fault.retryable) == (code, "The address is not that of the proxy", False)
    assert "--proxy" in fault.hint
    assert "Unsupported method ('POST')" in fault.detail
