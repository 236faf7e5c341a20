"""Traps in errors (facts, E): whose refusal it was, how long to wait, and what a person can do."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.answers import chat, exchange, refused, said
from support.path_server import models_list
from support.replay_server import Exchange, ReplayServer

from tui.domain.errors import ImageGenError
from tui.domain.request import Request
from tui.engine.client import Client

Told = Callable[..., Awaitable[ImageGenError]]
Make = Callable[..., Client]

GOOGLE_429 = {"error": {"code": 429, "message": "Resource has been exhausted", "status": "RESOURCE_EXHAUSTED"}}
COOLING = {"code": "model_cooldown", "message": "All credentials for model m are cooling down", "model": "m"}


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (exchange("auth-basic"), "unauthorized", "Invalid API key"),
        (refused(500, said("boom", type="server_error", code="internal_server_error")), "server_error", "boom"),
        (refused(429, GOOGLE_429, traced=True), "rate_limited", "Resource has been exhausted"),
        (refused(429, {"error": COOLING | {"reset_seconds": 7}}), "rate_limited", "cooling down"),
        (refused(429, [GOOGLE_429], traced=True), "rate_limited", "Resource has been exhausted"),
        (refused(500, {"error": ["odd", 7]}), "server_error", "odd"),
        (refused(500, {"message": "no error member"}), "server_error", "no error member"),
        (refused(500, "plain words"), "server_error", "plain words"),
        (refused(500, "17"), "server_error", "17"),
        (refused(500, "null"), "server_error", "500"),
        (refused(418, ""), "bad_request", "418"),
    ],
)
async def test_trap_12_an_error_has_any_form(answer: Exchange, code: str, words: str, told: Told) -> None:
    error = await told(answer)
    assert error.code == code
    assert words in error.detail


async def test_trap_12_an_error_packed_into_another_is_unpacked(told: Told) -> None:
    raw = json.dumps({"error": {"message": "Quota of the day.", "details": [{"retryDelay": "77s"}]}})
    packed = said("Provider returned error", code=429, metadata={"raw": raw, "provider_name": "Google"})
    error = await told(refused(429, packed, traced=True))
    assert error.detail == "Provider returned error\nQuota of the day."
    assert (error.retry_after, error.provider) == (77, "Google")


def detail(kind: str, **members: Any) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **members}


def google(*details: Any, words: str = "no") -> dict[str, Any]:
    return said(words, code=429, status="RESOURCE_EXHAUSTED", details=details)


INFO = detail("ErrorInfo", metadata={"quotaResetDelay": "1h2m3.5s"})
WAITS: list[tuple[Exchange, float | None]] = [
    (exchange("chat-upstream-429-quota"), 32.581),
    (exchange("chat-upstream-429-errorinfo"), 3723.5),
    (exchange("cooling-model-cooldown"), 1),
    (exchange("cooling-model-cooldown-2"), 2),
    (exchange("passthrough-model-cooldown"), 1),
    (exchange("antigravity-cooling-model-cooldown"), 3724),
    (exchange("antigravity-cooling-short"), 41.996656408),
    (exchange("chat-upstream-429-plain"), None),
    (exchange("chat-upstream-429-empty"), None),
    (refused(429, google(INFO), **{"Retry-After": "9"}), 9),
    (refused(429, {"error": COOLING | {"reset_seconds": 61, "reset_time": "1m0s"}}), 61),
    (refused(429, {"error": COOLING | {"reset_time": "1m30s"}}), 90),
    (refused(429, google(INFO, detail("RetryInfo", retryDelay="12.5s"))), 12.5),
    (refused(429, google(INFO)), 3723.5),
    (refused(429, google(words="Your quota will reset after 1h2m3s.")), 3723),
    (refused(429, said("auth in short cooldown, 42s remaining")), 42),
    (refused(429, said("Please try again in 5 minutes.")), 300),
]


@pytest.mark.parametrize(("answer", "seconds"), WAITS)
async def test_trap_13_the_wait_is_in_the_body(answer: Exchange, seconds: float | None, told: Told) -> None:
    error = await told(answer)
    assert (error.code, error.retry_after, error.retryable) == ("rate_limited", seconds, True)


@pytest.mark.parametrize("days", [5, 7, 400])
async def test_trap_14_a_wait_of_days_is_told_and_not_slept_on(days: int, client_for: Make) -> None:
    seconds = days * 86_400
    answer = refused(429, {"error": COOLING | {"reset_seconds": seconds, "reset_time": f"{days * 24}h0m0s"}})
    async with ReplayServer(answer) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError) as caught:
            await client.generate(Request("a red fox"))
    assert caught.value.retry_after == seconds
    assert len(server.requests) == 1


@pytest.mark.parametrize("absurd", [10**400, -5, 1e308, "9" * 30, None, True, [], {"a": 1}])
async def test_trap_14_an_absurd_wait_is_none(absurd: Any, told: Told) -> None:
    error = await told(refused(429, {"error": COOLING | {"reset_seconds": absurd, "reset_time": absurd}}))
    assert (error.code, error.retry_after) == ("rate_limited", None)


UNAVAILABLE = said("auth_unavailable: no auth available (providers=gemini, model=m)", type="server_error")


@pytest.mark.parametrize("answer", [exchange("cooling-after-401"), refused(503, UNAVAILABLE)])
async def test_trap_15_accounts_set_aside_are_no_login_problem(answer: Exchange, told: Told) -> None:
    error = await told(answer)
    assert (error.code, error.retryable, error.provider) == ("no_account", True, "gemini")
    assert "log in" not in error.hint.lower()
    assert "minute" in error.hint


UNKNOWN = said("unknown provider for model gemini-3-pro-image", type="invalid_request_error", code="model_not_found")
OLD = said("unknown provider for model gemini-3-pro-image", type="server_error")
PRO = Request("a red fox", model="gemini-3-pro-image")


@pytest.mark.parametrize("answer", [refused(400, UNKNOWN), refused(502, OLD), exchange("chat-model-without-preview")])
async def test_trap_16_a_wrong_name_gets_the_nearest_served_one(answer: Exchange, told: Told) -> None:
    served = models_list("gemini-3.5-flash", "gemini-3.1-flash-image-preview", "gemini-3-pro-image-preview")
    error = await told(answer, PRO, models=served)
    assert (error.code, error.retryable) == ("model_unknown", False)
    assert "--model gemini-3-pro-image-preview" in error.hint


@pytest.mark.parametrize("answer", [refused(400, UNKNOWN), refused(502, OLD), exchange("antigravity-pro-image")])
async def test_trap_16_an_empty_list_is_a_missing_login(answer: Exchange, told: Told) -> None:
    error = await told(answer, PRO, models=exchange("no-credential-models"))
    assert error.code == "no_account"
    assert "ccs agy --auth" in error.hint


async def test_trap_16_a_list_without_picture_models_names_the_login(told: Told) -> None:
    error = await told(refused(400, UNKNOWN), PRO, models=models_list("gemini-3.5-flash", "claude-opus-4-6"))
    assert error.code == "model_unknown"
    assert "None of the 2 models" in error.hint
    assert "ccs agy --auth" in error.hint


async def test_trap_16_a_long_list_is_read_whole(told: Told) -> None:
    names = [f"text-model-number-{number}" for number in range(2_000)]
    error = await told(refused(400, UNKNOWN), PRO, models=models_list(*names, "agy/gemini-3.1-flash-image"))
    assert "--model agy/gemini-3.1-flash-image" in error.hint


@pytest.mark.parametrize("models", [refused(500, "broken"), Exchange.of(b"<html>"), Exchange.of([1]), Exchange.of({})])
async def test_trap_16_without_a_list_the_first_answer_stands(models: Exchange, told: Told) -> None:
    error = await told(refused(400, UNKNOWN), PRO, models=models)
    assert error.code == "model_unknown"
    assert "image-gen models" in error.hint


async def test_trap_16_a_body_damaged_on_its_way_is_told(told: Told) -> None:
    error = await told(exchange("chat-body-empty"))
    assert (error.code, error.title) == ("model_unknown", "The proxy read no model's name")


@pytest.mark.parametrize("name", ["chat-model-gpt-image", "chat-model-grok-imagine"])
async def test_trap_17_an_image_only_name_on_chat_is_permanent(name: str, told: Told) -> None:
    request = Request("a red fox", model=name.removeprefix("chat-model-"))
    error = await told(exchange(name), request, models=models_list("gpt-image-2", "gemini-3-pro-image-preview"))
    assert (error.code, error.http_status, error.retryable) == ("model_unknown", 503, False)
    assert error.title == "This model cannot be used this way"
    assert "--model gemini-3-pro-image-preview" in error.hint


EXPIRED = {"code": 401, "status": "UNAUTHENTICATED", "message": "Request had invalid authentication credentials."}
INVALID = detail("ErrorInfo", reason="API_KEY_INVALID", metadata={"service": "generativelanguage.googleapis.com"})
AGY = "cloudcode-pa.googleapis.com"
AGY_403 = {"code": 403, "status": "PERMISSION_DENIED", "message": "no", "details": [{"domain": AGY}]}
ACCOUNTS: list[tuple[str, Exchange, str | None, str, str]] = [
    ("no_account", exchange("chat-upstream-403"), "gemini", "Gemini API key", "Switch the service"),
    ("no_account", exchange("rotation-no-cooling-bad-key"), "gemini", "Google does not accept", "gemini-api-key"),
    ("no_account", exchange("antigravity-no-project"), "antigravity", "incomplete", "ccs agy --auth"),
    ("server_error", exchange("antigravity-expired-token"), "antigravity", "could not renew", "ccs agy --auth"),
    ("no_account", exchange("openrouter-401"), "OpenRouter", "key for OpenRouter", "openai-compatibility"),
    ("no_account", exchange("openrouter-402"), "OpenRouter", "no credit", "Add credit at OpenRouter"),
    ("no_account", exchange("openrouter-403"), "OpenRouter", "key for OpenRouter", "openai-compatibility"),
    ("no_account", refused(403, {"error": AGY_403}, traced=True), "antigravity", "Antigravity login", "agy --auth"),
    ("rate_limited", exchange("chat-upstream-429-errorinfo"), "antigravity", "Antigravity login is used up", "Wait"),
    ("rate_limited", exchange("chat-upstream-429-quota"), "gemini", "Gemini API key has no quota", "limit is 0"),
    ("rate_limited", exchange("cooling-model-cooldown"), "gemini", "resting", "Wait"),
    ("rate_limited", exchange("antigravity-cooling-short"), "antigravity", "resting", "Wait"),
    ("rate_limited", exchange("openrouter-429"), "Google", "Too many requests", "Wait"),
]


@pytest.mark.parametrize(("code", "answer", "provider", "title", "hint"), ACCOUNTS)
async def test_an_account_behind_the_proxy_is_named_with_what_to_type(
    code: str, answer: Exchange, provider: str | None, title: str, hint: str, told: Told
) -> None:
    error = await told(answer)
    assert (error.code, error.provider) == (code, provider)
    assert title in error.title
    assert hint in error.hint


OWNERS = {
    "antigravity": ("The proxy's Antigravity login was refused by Google", "ccs agy --auth"),
    "google": ("The proxy's Google account was refused by Google", "ccs agy --auth"),
    "openai": ("The proxy's OpenAI login was refused by OpenAI", "ccs codex --auth"),
    "orlike": ("The proxy's key for orlike was refused by orlike", "openai-compatibility"),
    "": ("The proxy's account was refused by the provider", "ccs agy --auth"),
}


@pytest.mark.parametrize("owner", OWNERS)
async def test_a_refused_login_is_named_by_the_list_of_models(owner: str, told: Told) -> None:
    title, step = OWNERS[owner]
    models = models_list("gemini-3-pro-image-preview", **({"owned_by": owner} if owner else {}))
    error = await told(refused(401, {"error": EXPIRED}, traced=True), models=models)
    assert (error.code, error.title, error.origin) == ("no_account", title, "provider")
    assert step in error.hint


async def test_our_key_a_login_and_a_quota_are_three_sentences(told: Told) -> None:
    ours = await told(exchange("auth-basic"))
    login = await told(refused(401, {"error": EXPIRED}, traced=True))
    quota = await told(exchange("chat-upstream-429-errorinfo"))
    assert [each.code for each in (ours, login, quota)] == ["unauthorized", "no_account", "rate_limited"]
    assert len({each.title for each in (ours, login, quota)}) == 3
    assert len({each.hint for each in (ours, login, quota)}) == 3
    assert "--api-key" in ours.hint
    assert "--api-key" not in login.hint + quota.hint
    assert quota.retry_after == 3723.5


@pytest.mark.parametrize(
    ("words", "title"), [("Missing API key", "wants a key"), ("Invalid API key", "not accept our")]
)
async def test_no_key_and_a_wrong_key_are_told_apart(words: str, title: str, told: Told) -> None:
    error = await told(refused(401, {"error": words}))
    assert (error.code, error.origin) == ("unauthorized", "proxy")
    assert title in error.title


OTHERS: list[tuple[Exchange, str, bool, str]] = [
    (exchange("safe-mode-chat"), "forbidden", False, "api-keys"),
    (exchange("chat-upstream-400-bad-ratio"), "bad_request", False, "--aspect-ratio"),
    (refused(400, said("Invalid value at 'image_size'"), traced=True), "bad_request", False, "--image-size"),
    (exchange("chat-upstream-400-location"), "bad_request", False, "another provider"),
    (exchange("chat-upstream-408"), "bad_request", True, "try again"),
    (exchange("chat-upstream-413"), "bad_request", False, "smaller references"),
    (refused(499, said("client closed request")), "bad_request", True, "try again"),
    (exchange("chat-upstream-504"), "server_error", True, "paid"),
    (exchange("chat-upstream-503-overloaded"), "server_error", True, "minute"),
    (refused(503, said("No capacity available for model x"), traced=True), "server_error", True, "minute"),
    (refused(502, "<html><head><title>502 Bad Gateway</title></head></html>"), "server_error", True, "moment"),
    (exchange("chat-upstream-502-html"), "server_error", True, "moment"),
    (exchange("chat-upstream-404"), "model_unknown", False, "image-gen models"),
    (refused(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, traced=True),
     "no_account", False, "ccs agy --auth"),
    (refused(403, {"error": "IP banned due to too many failed attempts. Try again in 30m0s"}), "forbidden", False, ""),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "retryable", "hint"), OTHERS)
async def test_each_other_refusal_says_what_to_do(
    answer: Exchange, code: str, retryable: bool, hint: str, told: Told
) -> None:
    error = await told(answer)
    assert (error.code, error.retryable) == (code, retryable)
    assert hint in error.hint
    assert "<" not in error.detail


async def test_a_time_that_lies_behind_is_no_wait(told: Told) -> None:
    assert (await told(refused(504, said("upstream timed out after 60s")))).retry_after is None
    assert (await told(refused(403, {"error": "IP banned. Try again in 30m0s"}))).retry_after == 1800


async def test_a_provider_is_blamed_only_where_one_was_asked(told: Told) -> None:
    busy = said("The service is unavailable.")
    assert (await told(refused(503, busy, traced=True))).title == "The provider is overloaded"
    assert (await told(refused(503, busy))).title == "The server failed"
    assert (await told(refused(404, "", traced=True))).code == "bad_request"


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_whose_words_they_are_is_known(status: int, told: Told) -> None:
    assert (await told(refused(status, said("boom"), traced=True))).origin == "provider"
    assert (await told(refused(status, said("boom")))).origin == "proxy"
    assert (await told(chat({"content": "No."}))).origin == "model"
