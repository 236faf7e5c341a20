"""The scenarios that end without a picture, in the bytes the real proxy sends."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from tui.proxy.answers import (
    JSON_PROXY,
    Answer,
    Outcome,
    Shown,
    error,
    google_error,
    key_refused,
    to_json,
    unknown_model,
)
from tui.proxy.keys import KEY_MISSING, KEY_WRONG

_HTML_502: Final = (
    "<!DOCTYPE html>\n<html lang=en>\n  <title>Error 502 (Server Error)!!1</title>\n"
    "  <p><b>502.</b> <ins>That’s an error.</ins>\n"
    "  <p>The server encountered a temporary error and could not complete your request."
    "<p>Please try again in 30 seconds.  <ins>That’s all we know.</ins>"
)
_PORTAL: Final = (
    "<!DOCTYPE html>\n<html>\n<head><title>Sign in to the network</title></head>\n"
    "<body><h1>Welcome</h1><p>Please sign in to use this network.</p></body>\n</html>\n"
)
_SAFE_MODE: Final = {
    "error": "unsafe_example_api_key",
    "message": (
        "Proxy API endpoints are disabled because api-keys contains template values. Open "
        "/management.html?safe-mode=configure, update api-keys in Management, then retry."
    ),
}
_QUOTA: Final = (
    "You exceeded your current quota, please check your plan and billing details. For more information on "
    "this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: "
    "generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0, model: {model}\n"
    "Please retry in 32.581s."
)
EMPTY_STREAM: Final = "empty_stream: upstream stream closed before first payload"
NO_ANSWER: Final = Outcome("", "model", blocked=True)
"""What an HTML page, ``{}`` or nothing from the provider becomes."""


def html_502() -> Answer:
    """An HTML page of Google's front door, wrapped by the proxy."""
    return error(502, _HTML_502, traced=True)


def bad_argument(message: str) -> Answer:
    """Google's 400 for a value it does not take."""
    return google_error(400, "INVALID_ARGUMENT", message)


def _rate_limited(model: str) -> Answer:
    kind = "type.googleapis.com/google.rpc."
    details = [
        {
            "@type": f"{kind}Help",
            "links": [
                {
                    "description": "Learn more about Gemini API quotas",
                    "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                }
            ],
        },
        {
            "@type": f"{kind}QuotaFailure",
            "violations": [
                {
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                    "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                    "quotaDimensions": {"location": "global", "model": model},
                }
            ],
        },
        {"@type": f"{kind}RetryInfo", "retryDelay": "32.581s"},
    ]
    return google_error(429, "RESOURCE_EXHAUSTED", _QUOTA.format(model=model), details)


def _no_account(model: str) -> Answer:
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "SERVICE_DISABLED",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        }
    ]
    message = "Generative Language API has not been used in project 000000000000 before or it is disabled."
    return google_error(403, "PERMISSION_DENIED", message, details)


def _bad_request(model: str) -> Answer:
    return bad_argument(
        "Invalid value at 'generation_config.image_config.aspect_ratio' (16:10). Supported values are: "
        "1:1, 2:3, 3:2, 3:4, 4:3, 4:5, 5:4, 9:16, 16:9, 21:9."
    )


def cooldown(model: str, seconds: int = 60) -> Answer:
    """Every account for the model rests for ``seconds``."""
    minutes, rest = divmod(seconds, 60)
    member = {
        "code": "model_cooldown",
        "message": f"All credentials for model {model} are cooling down via provider gemini",
        "model": model,
        "provider": "gemini",
        "reset_seconds": seconds,
        "reset_time": f"{minutes}m{rest}s" if minutes else f"{rest}s",
    }
    return Answer(429, to_json({"error": member}))


def overloaded() -> Answer:
    """Google's own 503."""
    return google_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def _auth_unavailable(model: str) -> Answer:
    return error(503, f"auth_unavailable: no auth available (providers=gemini, model={model})")


ANSWERS: Final[Mapping[str, Callable[[str], Answer]]] = {
    "unauthorized": lambda model: key_refused(KEY_WRONG),
    "string_error": lambda model: key_refused(KEY_MISSING),
    "forbidden": lambda model: Answer(
        403, to_json(_SAFE_MODE), JSON_PROXY, headers={"X-Cpa-Safe-Mode": "example-api-key"}
    ),
    "no_account": _no_account,
    "model_unknown": unknown_model,
    "rate_limited": _rate_limited,
    "bad_request": _bad_request,
    "server_error": lambda model: html_502(),
    "google_error": lambda model: overloaded(),
    "cooldown": cooldown,
    "auth_unavailable": _auth_unavailable,
    "html": lambda model: Answer(200, _PORTAL.encode(), "text/html; charset=utf-8"),
}
"""Scenario name → the answer for a model, the same for a plain request and for a stream."""


def _usage(completion: int, prompt: int = 11) -> dict[str, int]:
    return {
        "completion_tokens": completion,
        "total_tokens": completion + prompt,
        "prompt_tokens": prompt,
    }


def _without_picture(model: str, reason: str) -> Outcome:
    return Outcome("resp-sandbox-0001", model, finish_reason=reason, usage=_usage(12))


def _with_data(model: str, data: str) -> Outcome:
    return Outcome("resp-sandbox-0001", model, images=(Shown("image/png", data),), usage=_usage(1120))


OUTCOMES: Final[Mapping[str, Callable[[str], Outcome]]] = {
    "refused": lambda model: _without_picture(model, "image_prohibited_content"),
    "image_safety": lambda model: _without_picture(model, "image_safety"),
    "no_image": lambda model: _without_picture(model, "no_image"),
    "text_only": lambda model: Outcome(
        "resp-sandbox-0001",
        model,
        text="I can't create that image. Would you like a different one?",
        usage=_usage(12),
    ),
    "blocked": lambda model: Outcome("resp-sandbox-blocked", model, usage=_usage(0), blocked=True),
    "empty": lambda model: NO_ANSWER,
    "not_base64": lambda model: _with_data(model, "*** this is no base64 ***"),
    "not_picture": lambda model: _with_data(model, "VGhpcyBpcyBub3QgYSBwaWN0dXJlLg=="),
}
"""Scenario name → what the model said, for those under 200 that need no painting."""


def scenario_listing(table: tuple[tuple[str, str], ...]) -> bytes:
    """The table as the JSON of ``GET /sandbox``."""
    rows = [{"directive": directive, "does": sentence} for directive, sentence in table]
    return json.dumps({"scenarios": rows}, ensure_ascii=False, indent=2).encode()
