"""Every error of the provider: our code for it, whose fault it was, the provider's words, and when to come back."""

from typing import Any

import pytest
from interop.upstream import Answer, fox, gemini, google_error, said

QUOTA = google_error(
    429,
    "RESOURCE_EXHAUSTED",
    "You exceeded your current quota, please check your plan and billing details. Please retry in 32.581s.",
    {"kind": "Help", "links": [{"description": "Learn more", "url": "https://ai.google.dev/rate-limits"}]},
    {"kind": "QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDay"}]},
    {"kind": "RetryInfo", "retryDelay": "32.581s"},
)
USED_UP = google_error(
    429,
    "RESOURCE_EXHAUSTED",
    "You have exhausted your capacity on this model. Your quota will reset after 1h2m3s.",
    {"kind": "ErrorInfo", "reason": "QUOTA_EXHAUSTED", "metadata": {"quotaResetDelay": "1h2m3.5s"}},
)
BAD_KEY = google_error(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    {"kind": "ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
)
DISABLED = google_error(
    403,
    "PERMISSION_DENIED",
    "Generative Language API has not been used in project 0 before or it is disabled.",
    {"kind": "ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"},
)
PAGE = "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p><b>502.</b> That’s an error."
NO_TOKEN = "Request had invalid authentication credentials."

FAILURES: dict[str, tuple[Answer, str, dict[str, Any]]] = {
    "429 with a delay": (QUOTA, "rate_limited", {"retry_after": 32.581, "retryable": True}),
    "429 with a reset": (USED_UP, "rate_limited", {"retry_after": 3723.5}),
    "429 in plain words": (said("slow down", 429), "rate_limited", {"retry_after": None}),
    "429 and nothing": (said("", 429), "rate_limited", {"retry_after": None}),
    "a key that is none": (BAD_KEY, "no_account", {"retryable": False}),
    "401": (google_error(401, "UNAUTHENTICATED", NO_TOKEN), "no_account", {"retryable": False}),
    "403": (DISABLED, "no_account", {"retryable": False}),
    "404": (google_error(404, "NOT_FOUND", "models/x is not found for API version v1beta"), "model_unknown", {}),
    "400": (google_error(400, "INVALID_ARGUMENT", "aspect ratio 5:1 is not supported"), "bad_request", {}),
    "400 by place": (google_error(400, "FAILED_PRECONDITION", "User location is not supported"), "bad_request", {}),
    "408": (said("timed out", 408), "bad_request", {"retryable": True}),
    "413": (said("too large", 413), "bad_request", {"retryable": False}),
    "418": (said("I am a teapot", 418), "bad_request", {"retryable": False}),
    "500": (google_error(500, "INTERNAL", "An internal error has occurred."), "server_error", {"retryable": True}),
    "502 in HTML": (said(PAGE, 502, "text/html"), "server_error", {"retryable": True}),
    "503": (google_error(503, "UNAVAILABLE", "The model is overloaded."), "server_error", {"retryable": True}),
    "504": (google_error(504, "DEADLINE_EXCEEDED", "Deadline expired before it could complete."), "server_error", {}),
}
WORDS = {
    "429 with a delay": "exceeded your current quota",
    "a key that is none": "API key not valid",
    "400": "aspect ratio 5:1",
    "400 by place": "location is not supported",
    "502 in HTML": "Error 502",
    "418": "I am a teapot",
}


@pytest.mark.parametrize("name", FAILURES)
async def test_each_failure_of_the_provider_is_ours(name, fail, proxy, upstream):
    answer, code, facts = FAILURES[name]
    take = upstream.will(answer)
    error = await fail(proxy, take.prompt)
    assert (error.code, error.http_status) == (code, answer.status)
    assert {fact: getattr(error, fact) for fact in facts} == facts
    assert WORDS.get(name, "") in error.detail
    assert error.origin == "provider"
    assert error.title
    assert error.hint
    assert "<" not in error.detail
    assert len(take.calls) == 1


async def test_a_provider_that_hangs_up_is_a_failure_of_the_server(fail, proxy, upstream):
    error = await fail(proxy, upstream.will(Answer(closed=True)).prompt)
    assert (error.code, error.http_status, error.retryable) == ("server_error", 500, True)


async def test_an_answer_cut_on_its_way_to_the_proxy_is_a_failure(fail, proxy, upstream):
    error = await fail(proxy, upstream.will(Answer(fox().events, end="cut")).prompt)
    assert error.code in ("server_error", "bad_reply")
    assert error.retryable


async def test_a_failure_leaves_the_proxy_as_it_was(ask, fail, proxy, upstream):
    await fail(proxy, upstream.will(google_error(503, "UNAVAILABLE", "overloaded")).prompt)
    assert (await ask(proxy, upstream.will(fox()).prompt)).final.mime == "image/png"


async def test_three_refusals_of_access_are_three_sentences(fail, proxy, upstream):
    """Our key is wrong, the proxy's login is dead, its quota is used up: nobody may take one for another."""
    from dataclasses import replace

    from tui.domain.proxy import Secret

    wrong = await fail(replace(proxy.address, key=Secret("not-the-key")), "a fox")
    login = await fail(proxy, upstream.will(FAILURES["401"][0]).prompt)
    quota = await fail(proxy, upstream.will(USED_UP).prompt)
    assert [each.code for each in (wrong, login, quota)] == ["unauthorized", "no_account", "rate_limited"]
    assert len({each.title for each in (wrong, login, quota)}) == 3
    assert len({each.hint for each in (wrong, login, quota)}) == 3
    assert (wrong.origin, login.origin, quota.origin) == ("proxy", "provider", "provider")


async def test_the_wait_that_is_told_is_kept_in_both_forms(fail, proxy, upstream):
    """RetryInfo where it stands alone; the words where nothing else tells."""
    told = google_error(429, "RESOURCE_EXHAUSTED", "Slow.", {"kind": "RetryInfo", "retryDelay": "12.5s"})
    spoken = said("Your quota will reset after 1h2m3s.", 429)
    assert (await fail(proxy, upstream.will(told).prompt)).retry_after == 12.5
    assert (await fail(proxy, upstream.will(spoken).prompt)).retry_after == 3723
    assert (await fail(proxy, upstream.will(gemini(finish="NO_IMAGE")).prompt)).retry_after is None
