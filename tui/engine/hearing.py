"""What is noticed of one request while it is on its way: that it was sent, the first byte, the first words."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from tui.engine.answer import Answer

_EVERY: Final = 0.1
"""Seconds between two tellings of the words."""

SHOWN: Final = 2000
"""Characters of the words that are told, the last ones."""

_CONNECTED: Final = ("connect_tcp.complete", "start_tls.complete")


class Sending:
    """Notes by httpcore's ``trace`` extension how far one request came.

    ``sent``: it began to go out, so it may have been received. ``heard``: at least one byte of an answer came,
    be it half a status line.
    """

    def __init__(self) -> None:
        self.sent = False
        self.heard = False

    @property
    def unanswered(self) -> bool:
        """It may have been received, and nothing came back."""
        return self.sent and not self.heard

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore at every step; its events are named ``room.step.outcome``."""
        if event.endswith("send_request_headers.started"):
            self.sent = True
        elif event.endswith(_CONNECTED):
            # What was read to set up TLS is no answer.
            self.heard = False
            self._listen(info.get("return_value"))

    def _listen(self, stream: Any) -> None:
        """Listen at a connection: a head that breaks off is otherwise told in the same words as silence."""
        read = stream.read

        async def heard(*arguments: Any, **named: Any) -> Any:
            piece = await read(*arguments, **named)
            self.heard = self.heard or bool(piece)
            return piece

        stream.read = heard


class EarlyWords:
    """Tells what a streamed answer has said so far, at most ten times a second, without ``secret``.

    The words are the model's, or its thoughts as long as it has said nothing else.
    """

    def __init__(self, hear: Callable[[str], None], secret: str) -> None:
        self._hear = hear
        self._secret = secret
        self._loop = asyncio.get_running_loop()
        self._count = 0
        self._told_at = -_EVERY
        self._timer: asyncio.TimerHandle | None = None

    def note(self, answer: Answer) -> None:
        """More of the answer may have come."""
        count = len(answer.words) + len(answer.thoughts)
        if count == self._count:
            return
        self._count = count
        if self._timer is None:
            wait = self._told_at + _EVERY - self._loop.time()
            self._timer = self._loop.call_later(max(0.0, wait), self._tell, answer)

    def close(self) -> None:
        """Tell no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self, answer: Answer) -> None:
        self._timer, self._told_at = None, self._loop.time()
        text = _end_of(answer.words) or _end_of(answer.thoughts)
        if self._secret:
            text = text.replace(self._secret, "…")
        if text:
            self._hear(text[-SHOWN:])


def _end_of(parts: list[str]) -> str:
    """The last part of a text, longer than what is shown of it: a secret at its very beginning may be cut."""
    kept: list[str] = []
    size = 0
    for part in reversed(parts):
        kept.append(part[-2 * SHOWN :])
        size += len(kept[-1])
        if size >= 2 * SHOWN:
            break
    return "".join(reversed(kept)).strip()
