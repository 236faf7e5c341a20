"""What each reason for an end without a picture means for a person: which error, what to do, may a retry help.

The names are Gemini's (``FinishReason`` and ``BlockedReason`` of google-genai 3.4.0, which CLIProxyAPI passes
on in lower case) and those of OpenAI's form (``length``, ``content_filter``, ``refusal``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tui.domain.errors import ImageGenError, NoAccount, NoImage, Refused
from tui.engine.said import clean_words

PLAIN_ENDS: Final = ("stop", "end_turn", "completed", "finish_reason_unspecified", "tool_calls")
"""Ends that say nothing about why there is no picture."""

_POLICY_WORDS: Final = ("safety", "prohibited", "policy", "blocked", "moderation", "refus")


@dataclass(frozen=True, slots=True)
class Ending:
    """What a finish reason means for a person."""

    error: type[ImageGenError]
    title: str
    hint: str
    retryable: bool

    def fault(self, words: str) -> ImageGenError:
        """The error for it, with what the server or the model said."""
        return self.error(words, title=self.title, hint=self.hint, retryable=self.retryable, origin="model")


_CHANGE: Final = "The prompt, a reference or the answer did not pass the provider's filter: change the wording."
_FILTERED: Final = Ending(Refused, "The prompt or the answer was filtered", _CHANGE, False)
_GUARDED: Final = Ending(Refused, "A guard in front of the model refused", _CHANGE, False)
_PICTURE_FILTERED: Final = Ending(
    Refused,
    "The picture was filtered",
    "It was made, and then held back. Soften the wording; the same prompt passes now and then.",
    False,
)
_POLICY: Final = Ending(
    Refused,
    "The provider's policy forbids this",
    "No retry changes that, nor does the wording: ask for something else.",
    False,
)
_RECITED: Final = Ending(
    Refused,
    "Too close to existing work",
    "Change the style or the subject; rolling again may pass.",
    True,
)
_INTERNAL: Final = Ending(
    NoImage,
    "Something went wrong inside the model",
    "It is not your prompt: try again.",
    True,
)
_CUT_SHORT: Final = Ending(
    NoImage,
    "The model ran out of room",
    "It stopped before the picture: ask for a smaller or simpler one, with fewer references.",
    True,
)

_ENDINGS: Final[Mapping[str, Ending]] = {
    "safety": _FILTERED,
    "content_filter": _FILTERED,
    "refusal": _FILTERED,
    "model_armor": _GUARDED,
    "jailbreak": _GUARDED,
    "image_safety": _PICTURE_FILTERED,
    "prohibited_content": _POLICY,
    "image_prohibited_content": _POLICY,
    "recitation": _RECITED,
    "image_recitation": _RECITED,
    "blocklist": Ending(
        Refused,
        "A word of the prompt is forbidden",
        "The provider keeps a list of words that it never takes: find that word and take it out.",
        False,
    ),
    "spii": Ending(
        Refused,
        "It looks like personal data",
        "Names with addresses, numbers or documents of somebody: take them out.",
        False,
    ),
    "language": Ending(
        NoImage,
        "The model does not speak this language",
        "Write the prompt in English, or in another large language.",
        False,
    ),
    "max_tokens": _CUT_SHORT,
    "length": _CUT_SHORT,
    "no_image": Ending(NoImage, "The model made no picture", NoImage.default_hint, True),
    "image_other": _INTERNAL,
    "other": _INTERNAL,
    "malformed_function_call": _INTERNAL,
    "malformed_response": _INTERNAL,
    "unexpected_tool_call": _INTERNAL,
    "too_many_tool_calls": _INTERNAL,
    "missing_thought_signature": Ending(
        NoImage,
        "An earlier turn came back incomplete",
        "Start anew from the picture itself, as a reference.",
        False,
    ),
    "pup_limited_disabled": Ending(
        NoAccount,
        "The provider has limited this account",
        "Nothing more comes from it for now: use another account, or ask the provider.",
        False,
    ),
}


def ending_of(reason: str | None) -> Ending | None:
    """What ``reason`` (lower case) means; None for one that tells nothing.

    A reason that nobody here has met is shown by its own name.
    """
    if reason is None or reason in PLAIN_ENDS or reason == "error":
        return None
    known = _ENDINGS.get(reason)
    if known is not None:
        return known
    title = f"The model ended with {clean_words(reason)[:60]}"
    if any(word in reason for word in _POLICY_WORDS):
        return Ending(Refused, title, "It sounds like a refusal: change the wording.", False)
    return Ending(NoImage, title, "It is a reason that is not known here: try again, or change the prompt.", True)
