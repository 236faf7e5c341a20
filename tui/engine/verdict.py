"""From an answer that came under a status of success to a Reply, or to the reason why there is no picture."""

from dataclasses import replace
from typing import Final

from tui.domain.errors import BadReply, DiskError, ImageGenError, NoImage, Refused, ServerError
from tui.domain.generation import GenerationWarning, ReplySummary
from tui.domain.picture import MAX_PIXELS, identify, is_whole
from tui.domain.reply import ReceivedImage, Reply
from tui.engine.answer import Answer, Choice
from tui.engine.endings import PLAIN_ENDS, ending_of
from tui.engine.faults import fault_from_error_object
from tui.engine.passage import Blob
from tui.engine.said import clean_words

_LOST: Final = "The picture vanished while it arrived"


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
            damages.append(clean_words(str(why)))
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
    telling = [reason for reason in reasons if reason not in PLAIN_ENDS and reason != "error"]
    return next(iter(telling or reasons), None)


def _why_no_picture(answer: Answer, damages: list[str], *, http_status: int, traced: bool) -> ImageGenError:
    if answer.error:
        return fault_from_error_object(answer.error, http_status=http_status, traced=traced)
    words = clean_words(answer.refusal or answer.text or "")
    ending = ending_of(_telling_end(answer))
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
        return ending.fault(words or f"Finish reason: {clean_words(_telling_end(answer) or '')}.")
    if not answer.complete:
        return BadReply(words, title="The answer was cut off")
    return _nothing_came(answer, words)


def _nothing_came(answer: Answer, words: str) -> ImageGenError:
    """No picture, no error, no telling end."""
    if answer.refusal:
        return Refused(words, origin="model")
    if not answer.choices and not answer.streamed:
        return _no_choice(answer)
    if "error" in [choice.finish for choice in answer.choices.values()]:
        return ServerError(words, origin="provider")
    ended = any(choice.finish or choice.native_finish for choice in answer.choices.values())
    if answer.streamed and not ended:
        return _swallowed(words)
    if words:
        return NoImage(words, title="The model answered in words" if ended else None, origin="model")
    return NoImage(
        clean_words(answer.reasoning or "") or "Neither a picture nor a word nor a reason.",
        title="The model thought and made no picture" if answer.reasoning else "The answer is empty",
        hint="The prompt may have been blocked, or the account has nothing left for this size. "
        "Change the wording, ask for a smaller size, or try again later.",
        origin="model" if answer.reasoning else "",
    )


def _swallowed(words: str) -> NoImage:
    """CLIProxyAPI drops an error that Google sends in mid-stream, and ends the stream as if all were well."""
    return NoImage(
        words or "The stream ended without a word.",
        title="The stream ended without a picture or a reason",
        hint="The provider most likely failed in the middle, and the proxy kept its words to itself. Try again; "
        "without --stream the reason is told.",
        origin="model" if words else "",
    )


def _no_choice(answer: Answer) -> ImageGenError:
    """CLIProxyAPI's two empty answers: that to a blocked prompt has an id, that of a faulty upstream none."""
    if not answer.promised:
        return BadReply("It is no chat completion: it has no choices.")
    if answer.id:
        return Refused(
            "It came without a choice: so the proxy passes on a blocked prompt, and the reason is lost.",
            title="The prompt was blocked",
            hint="Nobody says why: change the wording, or leave a reference out.",
        )
    return BadReply(
        "It came without a choice and without an id.",
        title="The provider gave no real answer",
        hint="A web page, an error or nothing came in place of an answer: try again in a moment.",
    )


def _linked(link: str) -> ImageGenError:
    return BadReply(
        f"The picture came as a link: {clean_words(link[:500])}",
        title="The picture is only a link",
        hint="Links in answers are not followed; open it yourself, or use a provider that sends pictures.",
        retryable=False,
    )
