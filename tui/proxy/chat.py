"""``POST /v1/chat/completions``: read, wait a believable while, paint, answer."""

import asyncio
import base64
import hashlib
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request

from tui.domain.options import COMMON_RATIOS, DEFAULT_IMAGE_SIZE, MODELS, find_model
from tui.proxy import failures
from tui.proxy.answers import (
    EVENT_STREAM,
    JSON_PROXY,
    Answer,
    Outcome,
    Shown,
    completion,
    error,
    stream_events,
    unknown_model,
)
from tui.proxy.painting import IsCancelled, Order, paint, pixels_for
from tui.proxy.painting.references import shape_of
from tui.proxy.reading import Asked, is_json, read_chat
from tui.proxy.scenarios import Directives, directives_in
from tui.proxy.wire import Wire

DELAY_VARIABLE: Final = "IMAGE_GEN_SANDBOX_DELAY"

_SERVED: Final = frozenset(model.id for model in MODELS)
_IMAGES_ONLY: Final = (
    "gpt-image-1.5",
    "gpt-image-2",
    "grok-imagine-image",
    "grok-imagine-image-quality",
    "grok-imagine-image-2.0",
)
_SECONDS: Final[Mapping[str, float]] = {"512": 1.6, "1K": 2.2, "2K": 3.0, "4K": 4.0}
_PRO_SECONDS: Final = 0.8
_TOKENS: Final[Mapping[str, int]] = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}
_PICTURE_TOKENS: Final = 560
_BLANK_LINES: Final = 3
_HEAD_START: Final = 0.5
_WORDS: Final = "Here is your picture: {prompt}"
_THOUGHT: Final = "Composing the scene."
_NO_PICTURE: Final = "Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"


class ChatRoute:
    """Answers chat requests; counts how often each was asked, so that every take differs."""

    def __init__(self, *, delay: float | None = None) -> None:
        self._delay = configured_delay() if delay is None else delay
        self._takes: Counter[bytes] = Counter()
        self._first_asked: dict[str, float] = {}
        self._painters = ThreadPoolExecutor(max_workers=4, thread_name_prefix="painter")

    async def answer(self, request: Request, wire: Wire) -> None:
        """Answer one request; everything stops when the client leaves."""
        body = await request.body()
        encoding = request.headers.get("content-encoding", "identity").lower()
        if encoding not in ("", "identity") and not is_json(body):
            words = f"Invalid request: unsupported request content encoding: {encoding}"
            return await wire.send(error(400, words, content_type=JSON_PROXY))
        asked = await asyncio.to_thread(read_chat, body)
        return await wire.while_there(self._answer(asked, wire))

    async def _answer(self, asked: Asked, wire: Wire) -> None:
        if asked.model in _IMAGES_ONLY:
            words = f"model {asked.model} is only supported on /v1/images/generations and /v1/images/edits"
            return await wire.send(error(503, words))
        if asked.model not in _SERVED:
            return await wire.send(unknown_model(asked.named))
        directives = directives_in(asked.prompt)
        if complaint := _complaint(asked, directives):
            return await wire.send(complaint)
        return await self._perform(asked, directives, wire)

    async def _perform(self, asked: Asked, directives: Directives, wire: Wire) -> None:
        failure = directives.failure()
        name = failure.name if failure else ""
        if name == "cannot_connect":
            return await wire.hang_up()
        if name == "timeout":
            return await wire.until_gone()
        if turned_away := self._limited(asked, directives):
            return await wire.send(turned_away)
        started = time.monotonic()
        seconds = self._seconds(asked)
        if name in failures.ANSWERS:
            await asyncio.sleep(min(seconds, _HEAD_START))
            return await wire.send(failures.ANSWERS[name](asked.model))
        if directives.names & {"keepalive", "keepalive_error"}:
            return await self._with_blank_lines(asked, directives, wire, seconds)
        outcome = await self._outcome(asked, directives, name)
        answer = await asyncio.to_thread(_packed, outcome, asked.stream)
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - started)))
        if name == "cut":
            return await wire.break_off(answer, share=0.5)
        return await wire.send(answer, seconds=directives.seconds)

    def _limited(self, asked: Asked, directives: Directives) -> Answer | None:
        """The refusal of a prompt whose limit, counted from its first request, still holds."""
        if not directives.limit:
            return None
        now = time.monotonic()
        left = self._first_asked.setdefault(asked.prompt, now) + directives.limit - now
        if left <= 0:
            return None
        return (
            failures.cooldown(asked.model, math.ceil(left)) if "limited" in directives.names else failures.overloaded()
        )

    async def _with_blank_lines(self, asked: Asked, directives: Directives, wire: Wire, seconds: float) -> None:
        painting = asyncio.ensure_future(self._outcome(asked, directives, ""))
        try:
            await wire.start(Answer(traced=True))
            for _ in range(_BLANK_LINES):
                await asyncio.sleep(min(1.0, seconds / _BLANK_LINES))
                await wire.write(b"\n")
            if "keepalive_error" in directives.names:
                await wire.write(failures.html_502().body)
            else:
                await wire.write(await asyncio.to_thread(_packed_body, await painting))
            await wire.end()
        finally:
            painting.cancel()

    async def _outcome(self, asked: Asked, directives: Directives, failure: str) -> Outcome:
        if made := failures.OUTCOMES.get(failure):
            return made(asked.model)
        if not asked.wants_images:
            return failures.OUTCOMES["text_only"](asked.model)
        orders = self._orders(asked, directives)
        big = "big" in directives.names
        shown = await asyncio.gather(*(self._paint(order, big=big) for order in orders))
        outcome = _told(asked, directives, tuple(shown))
        if failure == "bad_reply":
            return _damaged(outcome)
        return outcome

    def _orders(self, asked: Asked, directives: Directives) -> list[Order]:
        """What to paint, drafts first, the final picture last."""
        order = _order(asked, directives)
        key = order.digest()
        take = asked.seed if asked.seed is not None else self._takes[key]
        self._takes[key] += 1
        final = replace(order, attempt=take)
        drafts = [
            replace(final, width=final.width // 2, height=final.height // 2, attempt=take + 1000 + number)
            for number in range(2 if "drafts" in directives.names else 0)
        ]
        second = [replace(final, attempt=take + 2000)] if "two" in directives.names else []
        return [*drafts, *second, final]

    async def _paint(self, order: Order, *, big: bool) -> Shown:
        """Paint in a thread; a cancel makes the painter lay down its brush at the next layer."""
        left = threading.Event()

        def work() -> Shown:
            data = paint(order, left.is_set, noisy=big)
            return Shown(order.mime, base64.b64encode(data).decode("ascii"))

        try:
            return await asyncio.get_running_loop().run_in_executor(self._painters, work)
        finally:
            left.set()

    def _seconds(self, asked: Asked) -> float:
        """The whole time of an answer: as configured, else a believable while for model and size."""
        if self._delay is not None:
            return self._delay
        spread = hashlib.sha256(asked.prompt.encode("utf-8", "replace")).digest()[0] / 255 * 0.6
        slower = _PRO_SECONDS if "pro" in asked.model else 0.0
        return _SECONDS.get(asked.image_size or DEFAULT_IMAGE_SIZE, 2.2) + slower + spread


def configured_delay() -> float | None:
    """The seconds IMAGE_GEN_SANDBOX_DELAY says, None where it says none."""
    text = os.environ.get(DELAY_VARIABLE, "").strip()
    return max(0.0, float(text)) if text.replace(".", "", 1).isdecimal() else None


def _complaint(asked: Asked, directives: Directives) -> Answer | None:
    """Google's refusal of an option, None where everything is in order."""
    model = find_model(asked.model)
    place = "Invalid value at 'generation_config.image_config."
    if asked.aspect_ratio is not None and asked.aspect_ratio not in model.ratios:
        offered = ", ".join(model.ratios)
        return failures.bad_argument(f"{place}aspect_ratio' ({asked.aspect_ratio}). Supported values are: {offered}.")
    if asked.image_size is not None and asked.image_size not in model.sizes:
        offered = ", ".join(model.sizes)
        return failures.bad_argument(f"{place}image_size' ({asked.image_size}). Supported values are: {offered}.")
    if asked.candidates > 1:
        return failures.bad_argument("Multiple candidates is not enabled for this model")
    if any(reference is None or shape_of(reference) is None for reference in asked.references):
        return failures.bad_argument(_NO_PICTURE)
    if directives.unknown:
        words = ", ".join(f"sandbox:{name}" for name in directives.unknown)
        return failures.bad_argument(f"The sandbox has no scenario {words}. GET /sandbox lists them all.")
    return None


def _order(asked: Asked, directives: Directives) -> Order:
    model = find_model(asked.model)
    references = tuple(each for each in asked.references if each is not None)
    ratio = asked.aspect_ratio or _ratio_like(references)
    size = asked.image_size or DEFAULT_IMAGE_SIZE
    if "big" in directives.names:
        size = "4K"
    width, height = pixels_for(asked.model, ratio, size)
    if "wrong_size" in directives.names:
        width, height = max(8, width * 3 // 4), max(8, height * 5 // 8)
    mime = model.mime
    for name in ("png", "jpeg", "webp"):
        if name in directives.names:
            mime = f"image/{name}"
    if "big" in directives.names:
        mime = "image/png"
    return Order(directives.prompt, width, height, mime, asked.model, references)


def _ratio_like(references: tuple[bytes, ...]) -> str:
    """Without a ratio the picture takes the first reference's shape, else it is square."""
    shape = shape_of(references[0]) if references else None
    if shape is None:
        return "1:1"
    wanted = shape[0] / shape[1]
    return min(COMMON_RATIOS, key=lambda ratio: abs(_shape(ratio) / wanted - 1))


def _shape(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return int(width) / int(height)


def _told(asked: Asked, directives: Directives, shown: tuple[Shown, ...]) -> Outcome:
    bare = "no_usage" in directives.names
    drafts = "drafts" in directives.names
    digest = hashlib.sha256(asked.prompt.encode("utf-8", "replace")).hexdigest()
    return Outcome(
        id="" if bare else f"resp-sandbox-{digest[:12]}",
        model="model" if bare else asked.model,
        images=shown,
        text=_WORDS.format(prompt=directives.prompt or "untitled") if "text" in directives.names else None,
        reasoning=_THOUGHT if drafts else None,
        usage=None if bare else _usage(asked, pictures=len(shown), thinking=drafts),
    )


def _usage(asked: Asked, *, pictures: int, thinking: bool) -> dict[str, Any]:
    asked_tokens = 1 + len(asked.prompt) * 10 // 38 + _PICTURE_TOKENS * len(asked.references)
    made = _TOKENS.get(asked.image_size or DEFAULT_IMAGE_SIZE, 1120) * (1 if thinking else pictures)
    thought = 310 if thinking else 0
    usage: dict[str, Any] = {
        "completion_tokens": made,
        "total_tokens": asked_tokens + made + thought,
        "prompt_tokens": asked_tokens,
    }
    if thinking:
        usage["completion_tokens_details"] = {"reasoning_tokens": thought}
    return usage


def _damaged(outcome: Outcome) -> Outcome:
    """A picture that ends half way in an answer that looks whole, as a cut provider's answer becomes."""
    last = outcome.images[-1]
    half = last.base64[: len(last.base64) // 8 * 4]
    return Outcome("", "model", images=(Shown(last.mime, half),), finish_reason=None)


def _packed_body(outcome: Outcome) -> bytes:
    return completion(outcome).body


def _packed(outcome: Outcome, stream: bool) -> Answer:
    if not stream:
        return completion(outcome)
    if outcome.blocked:
        return error(500, failures.EMPTY_STREAM, traced=True)
    body = b"".join(stream_events(outcome))
    return Answer(200, body, EVENT_STREAM, traced=True, headers={"Cache-Control": "no-cache"})


__all__ = ["DELAY_VARIABLE", "ChatRoute", "IsCancelled", "configured_delay"]
