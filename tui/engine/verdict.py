"""From an answer that came under a status of success to a Reply, or to the reason why there is no picture."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tui.domain.errors import BadReply, DiskError, ImageGenError, NoAccount, NoImage, Refused, ServerError
from tui.domain.generation import GenerationWarning, ReplySummary
from tui.domain.picture import MAX_PIXELS, identify, is_whole
from tui.domain.reply import ReceivedImage, Reply
from tui.engine.answer import Answer, Choice
from tui.engine.faults import clean_words, fault_from_error_object
from tui.engine.passage import Blob

_PLAIN_ENDS: Final = ("stop", "end_turn", "completed", "finish_reason_unspecified", "tool_calls")
"""Ends that say nothing about why there is no picture."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """What a finish reason means for a person."""

    error: type[ImageGenError]
    hint: str
    retryable: bool
    title: str | None = None


_POLICY: Final = _Ending(
    Refused, "The provider's policy forbids this, and no retry changes it: ask for something else.", False
)
_FILTERED: Final = _Ending(Refused, "The prompt or the answer was filtered: change the wording.", False)
_PICTURE_FILTERED: Final = _Ending(
    Refused,
    "The finished picture was filtered. Soften the wording; the same prompt passes now and then.",
    False,
    "The picture was filtered",
)
_RECITED: Final = _Ending(
    Refused, "It came too close to existing work: change the style or the subject, or roll again.", True
)
_INTERNAL: Final = _Ending(NoImage, "Something went wrong inside the model: try again.", True)
_CUT_SHORT: Final = _Ending(
    NoImage,
    "The model ran out of room before the picture: ask for a smaller or simpler one.",
    True,
    "The model ran out of room",
)
_NO_IMAGE: Final = _Ending(NoImage, NoImage.default_hint, True)

_ENDINGS: Final[Mapping[str, _Ending]] = {
    "safety": _FILTERED,
    "content_filter": _FILTERED,
    "refusal": _FILTERED,
    "model_armor": _FILTERED,
    "jailbreak": _FILTERED,
    "image_safety": _PICTURE_FILTERED,
    "prohibited_content": _POLICY,
    "image_prohibited_content": _POLICY,
    "recitation": _RECITED,
    "image_recitation": _RECITED,
    "blocklist": _Ending(Refused, "A word of the prompt is on a list of forbidden ones: take it out.", False),
    "spii": _Ending(Refused, "It looks like personal data of somebody: take it out.", False),
    "language": _Ending(NoImage, "The model does not speak this language: write the prompt in English.", False),
    "max_tokens": _CUT_SHORT,
    "length": _CUT_SHORT,
    "no_image": _NO_IMAGE,
    "image_other": _INTERNAL,
    "other": _INTERNAL,
    "malformed_function_call": _INTERNAL,
    "malformed_response": _INTERNAL,
    "unexpected_tool_call": _INTERNAL,
    "too_many_tool_calls": _INTERNAL,
    "missing_thought_signature": _Ending(
        NoImage, "An earlier turn came back incomplete: start anew from the picture itself.", False
    ),
    "pup_limited_disabled": _Ending(NoAccount, "The provider has limited this account.", False),
}
"""Gemini's finish reasons (FinishReason and BlockedReason of its SDK) and OpenAI's, in lower case."""


_LOST: Final = "The picture vanished while it arrived"
_POLICY_WORDS: Final = ("safety", "prohibited", "policy", "blocked", "moderation")


class _NotTaken(Exception):
    """Why a picture of a reply cannot be kept, in words; ``foreign`` when it is no picture at all."""

    def __init__(self, why: str, *, foreign: bool = False) -> None:
        super().__init__(why)
        self.foreign = foreign


def reply_from_answer(answer: Answer, *, http_status: int, trace_id: str | None) -> Reply:
    """The pictures of ``answer``, drafts first. Raises one of the contract's errors if it holds none.

    Looks into the spool files: call it off the event loop.
    """
    drafts: list[ReceivedImage] = []
    finals: list[ReceivedImage] = []
    damages: list[str] = []
    for choice in answer.choices.values():
        for image in _take_pictures(choice, damages):
            (drafts if image.role == "draft" else finals).append(image)
    if drafts or finals:
        return Reply(tuple(drafts + finals), _summary(answer), trace_id, _warnings(answer, damages))
    error = _why_no_picture(answer, damages, http_status=http_status, traced=trace_id is not None)
    error.http_status = http_status
    error.finish_reason = error.finish_reason or _telling_end(answer)
    raise error


def _take_pictures(choice: Choice, damages: list[str]) -> list[ReceivedImage]:
    """The good pictures of one choice: the last it sent is its final one, the others are drafts."""
    taken: list[ReceivedImage] = []
    last_is_good = False
    for blob in choice.pictures:
        try:
            taken.append(_take(blob))
        except _NotTaken as why:
            damages.append(str(why))
            last_is_good = last_is_good and why.foreign
        else:
            last_is_good = True
    count = len(taken) - 1 if last_is_good else len(taken)
    return [replace(image, role="draft") for image in taken[:count]] + taken[count:]


def _take(blob: Blob) -> ReceivedImage:
    try:
        return _look_at(blob)
    except OSError as error:
        raise DiskError(f"{blob.file.path.parent}: {error.strerror}", title=_LOST) from error


def _look_at(blob: Blob) -> ReceivedImage:
    file = blob.file
    with file.path.open("rb") as stream:
        facts = identify(stream) if file.size else None
        if facts is None:
            raise _NotTaken(_what_it_is(blob), foreign=True)
        if facts.width * facts.height > MAX_PIXELS:
            raise _NotTaken(f"it claims {facts.width}×{facts.height} pixels, more than anything here opens")
        if not is_whole(stream, facts.mime):
            why = f" ({blob.broken})" if blob.broken else ""
            raise _NotTaken(f"the picture was cut off after {file.size:,} bytes{why}")
    return ReceivedImage(file.path, facts.mime, facts.width, facts.height, file.size, file.sha256)


def _what_it_is(blob: Blob) -> str:
    if blob.broken and not blob.file.size:
        return blob.broken
    if not blob.file.size:
        return "it is empty"
    announced = f", announced as {blob.announced}," if blob.announced else ""
    return f"what came{announced} is no picture"


def _summary(answer: Answer) -> ReplySummary:
    """What the answer said beside its pictures; the reasons it ended are those of its last choice."""
    finish = [choice.finish for choice in answer.choices.values() if choice.finish]
    native = [choice.native_finish for choice in answer.choices.values() if choice.native_finish]
    return ReplySummary(
        id=answer.id or None,
        model=answer.model or None,
        finish_reason=finish[-1] if finish else None,
        native_finish_reason=native[-1] if native else None,
        text=answer.text,
        reasoning=answer.reasoning,
        usage=answer.usage,
    )


def _warnings(answer: Answer, damages: list[str]) -> tuple[GenerationWarning, ...]:
    warnings = [GenerationWarning("picture_damaged", f"Something else came with it: {why}") for why in damages]
    error = answer.error or next((each.error for each in answer.choices.values() if each.error), None)
    if error:
        words = fault_from_error_object(error, http_status=200, traced=True).detail
        warnings.append(GenerationWarning("ended_in_error", f"After the picture the server said: {words}"))
    elif not answer.complete:
        warnings.append(GenerationWarning("cut_off", "The connection was lost behind this picture."))
    if any(choice.links for choice in answer.choices.values()):
        warnings.append(GenerationWarning("picture_linked", "One more picture was only a link; it was not fetched."))
    return tuple(warnings)


def _telling_end(answer: Answer) -> str | None:
    """Why it ended, in lower case: the provider's reason before the proxy's, a telling one before "stop"."""
    reasons = [
        reason.lower()
        for choice in answer.choices.values()
        for reason in (choice.native_finish, choice.finish)
        if reason
    ]
    telling = [reason for reason in reasons if reason not in _PLAIN_ENDS and reason != "error"]
    return next(iter(telling or reasons), None)


def _why_no_picture(answer: Answer, damages: list[str], *, http_status: int, traced: bool) -> ImageGenError:
    if answer.error:
        return fault_from_error_object(answer.error, http_status=http_status, traced=traced)
    words = clean_words(answer.refusal or answer.text or "")
    ending = _ending(_telling_end(answer))
    error = next((choice.error for choice in answer.choices.values() if choice.error), None)
    if error and ending is None:
        return fault_from_error_object(error, http_status=http_status, traced=traced)
    if damages:
        return BadReply("; ".join(damages[:5]))
    if any(choice.links for choice in answer.choices.values()):
        return _linked(next(choice.links[0] for choice in answer.choices.values() if choice.links))
    if ending is not None:
        if error:
            words = fault_from_error_object(error, http_status=http_status, traced=traced).detail
        return _ended(ending, words or f"Finish reason: {_telling_end(answer)}.")
    if not answer.complete:
        return BadReply(words, title="The answer was cut off")
    return _nothing_came(answer, words)


def _nothing_came(answer: Answer, words: str) -> ImageGenError:
    """No picture, no error, no telling end."""
    if answer.refusal:
        return Refused(words)
    if not answer.choices and not answer.streamed:
        return _no_choice(answer)
    if "error" in [choice.finish for choice in answer.choices.values()]:
        return ServerError(words)
    if words:
        spoken = any(choice.finish or choice.native_finish for choice in answer.choices.values())
        return NoImage(words, title="The model answered in words" if spoken else None)
    return NoImage(
        clean_words(answer.reasoning or "") or "It is empty.",
        hint="The prompt may have been blocked, or the account has nothing left for this size. "
        "Change the wording, ask for a smaller size, or try again later.",
    )


def _no_choice(answer: Answer) -> ImageGenError:
    """CLIProxyAPI's two empty answers: that to a blocked prompt has an id, that of a faulty upstream none."""
    if not answer.promised:
        return BadReply("It is no chat completion: it has no choices.")
    if answer.id:
        return Refused(
            "The prompt was blocked.",
            title="The prompt was blocked",
            hint="The provider does not say why: change the wording.",
        )
    return BadReply("The provider gave the proxy no real answer.", hint="Try again in a moment.")


def _linked(link: str) -> ImageGenError:
    return BadReply(
        f"The picture came as a link: {clean_words(link[:500])}",
        title="The picture is only a link",
        hint="Links in answers are not followed; open it yourself, or use a provider that sends pictures.",
        retryable=False,
    )


def _ending(reason: str | None) -> _Ending | None:
    if reason is None or reason in _PLAIN_ENDS or reason == "error":
        return None
    known = _ENDINGS.get(reason)
    if known is not None:
        return known
    return _FILTERED if any(word in reason for word in _POLICY_WORDS) else _INTERNAL


def _ended(ending: _Ending, words: str) -> ImageGenError:
    return ending.error(words, title=ending.title, hint=ending.hint, retryable=ending.retryable)
