"""Every finish reason of the facts' table, plain and streamed: in plain words, with what to do and whether to retry."""

from collections.abc import Awaitable, Callable

import pytest
from support.answers import chat, delta, exchange, stream
from support.replay_server import Exchange

from tui.domain.errors import ImageGenError, NoImage, Refused

Told = Callable[..., Awaitable[ImageGenError]]

REASONS = {
    "no_image": ("no_image", True, "picture"),
    "image_safety": ("refused", False, "wording"),
    "safety": ("refused", False, "wording"),
    "prohibited_content": ("refused", False, "something else"),
    "image_prohibited_content": ("refused", False, "something else"),
    "recitation": ("refused", True, "style or the subject"),
    "image_recitation": ("refused", True, "style or the subject"),
    "blocklist": ("refused", False, "take it out"),
    "spii": ("refused", False, "take them out"),
    "language": ("no_image", False, "English"),
    "max_tokens": ("no_image", True, "smaller or simpler"),
    "malformed_response": ("no_image", True, "try again"),
    "image_other": ("no_image", True, "try again"),
    "other": ("no_image", True, "try again"),
    "malformed_function_call": ("no_image", True, "try again"),
    "unexpected_tool_call": ("no_image", True, "try again"),
    "too_many_tool_calls": ("no_image", True, "try again"),
    "missing_thought_signature": ("no_image", False, "Start anew"),
    "pup_limited_disabled": ("no_account", False, "another account"),
    "model_armor": ("refused", False, "wording"),
    "jailbreak": ("refused", False, "wording"),
    "content_filter": ("refused", False, "wording"),
    "refusal": ("refused", False, "wording"),
    "length": ("no_image", True, "smaller or simpler"),
}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("spelling", [str.lower, str.upper])
@pytest.mark.parametrize("reason", REASONS)
async def test_each_reason_has_its_words(
    reason: str, spelling: Callable[[str], str], streamed: bool, told: Told
) -> None:
    code, retryable, step = REASONS[reason]
    spelled = spelling(reason)
    error = await told(stream([delta("stop", spelled)]) if streamed else chat(None, spelled))
    assert (error.code, error.retryable, error.finish_reason, error.http_status) == (code, retryable, reason, 200)
    assert step in error.hint
    assert error.title not in (Refused.default_title, NoImage.default_title)
    assert reason in error.detail


RECORDED = {
    "chat-finish-blocklist": "refused",
    "chat-finish-image-other": "no_image",
    "chat-finish-image-prohibited-content": "refused",
    "chat-finish-image-recitation": "refused",
    "chat-finish-language": "no_image",
    "chat-finish-malformed-function-call": "no_image",
    "chat-finish-max-tokens": "no_image",
    "chat-finish-other": "no_image",
    "chat-finish-recitation": "refused",
    "chat-finish-spii": "refused",
    "stream-finish-image-other": "no_image",
    "stream-finish-malformed-function-call": "no_image",
    "stream-finish-max-tokens": "no_image",
    "stream-finish-safety": "refused",
}


@pytest.mark.parametrize("name", RECORDED)
async def test_each_recorded_reason_is_told(name: str, told: Told) -> None:
    error = await told(exchange(name))
    assert error.code == RECORDED[name]
    assert error.finish_reason == name.split("-finish-")[1].replace("-", "_")


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (exchange("chat-finish-max-tokens-with-text"), "I will draw a"),
        (exchange("openrouter-refusal"), "Blocked by policy."),
        (exchange("openrouter-choice-error"), "Provider returned no image"),
        (chat({"content": "I would rather not."}, "image_safety"), "I would rather not."),
        (stream([delta(content="I would "), delta("stop", "safety", content="rather not.")]), "I would rather not."),
    ],
)
async def test_the_models_own_words_are_kept_beside_a_reason(answer: Exchange, detail: str, told: Told) -> None:
    error = await told(answer)
    assert detail in error.detail
    assert error.origin == "model"


async def test_thoughts_are_shown_where_nothing_else_was_said(told: Told) -> None:
    error = await told(exchange("chat-thought-text-only"))
    assert (error.code, error.title) == ("no_image", "The model thought and made no picture")
    assert error.detail


@pytest.mark.parametrize("reason", ["new\x1b[31m_reason", "a" * 500, "new\n\n\nreason", "[bold]new[/]"])
async def test_an_odd_reason_is_shown_safely(reason: str, told: Told) -> None:
    error = await told(chat(None, reason))
    assert error.code == "no_image"
    assert len(error.title) < 120
