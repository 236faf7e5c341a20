"""The wait for answers: one write, one deadline, and whatever a person types meanwhile is kept."""

from __future__ import annotations

import os
import select
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tui.terminal.answers import AnswerFilter
from tui.terminal.early import Modes, give_back, unechoed, unedited, waiting
from tui.terminal.questions import Talk

DEADLINE: Final = 0.3
"""Seconds for all questions together."""

LONG_WAY: Final = 0.1
"""Seconds: whose first answer takes longer is far away, and gets more time as long as answers go on coming."""

PASSED_ON: Final = 0.1
"""Seconds that an answer through tmux may come behind tmux's own, where nobody knows whether any comes."""

LAST_DEADLINE: Final = 1.0
"""Seconds, however far away."""


def exchange(talk: Talk, source: int, sink: int, deadline: float = DEADLINE, *, spare: bool = False) -> None:
    """Write the questions of ``talk`` at once and read until its last answer or ``deadline`` (seconds).

    Leaves in ``talk`` what was answered, and what was typed meanwhile, in order. The beginning of an answer or
    of a key goes on as well: the driver puts it together with its rest. The terminal's modes are as before.

    ``spare``: the keys are somebody else's. Nothing is asked when some wait already (``talk.ahead``), no byte behind
    the last answer is read, and text from between the answers is given back where the kernel allows it.
    """
    with _changed(source, unechoed if spare else unedited), suppress(OSError):
        talk.ahead = spare and waiting(source) > 0
        if talk.ahead:
            return
        os.write(sink, talk.questions().encode())
        _listen(talk, source, deadline, 1 if spare else 4096)
        # Of what begins with ESC nobody knows whether it is a key or an answer of another kind.
        if spare and talk.leftover and "\x1b" not in talk.leftover:
            talk.leftover = "" if give_back(source, talk.leftover.encode("latin-1")) else talk.leftover


def _listen(talk: Talk, source: int, deadline: float, most: int) -> None:
    """Read answers, at most so many bytes at once."""
    answers = AnswerFilter(talk.take, due=True)
    begun = time.monotonic()
    end = begun + deadline
    while not talk.done and (left := end - time.monotonic()) > 0:
        if not select.select([source], [], [], left)[0]:
            break
        # Latin-1 keeps every byte; the typed ones go on as bytes.
        read = os.read(source, most).decode("latin-1")
        if not read:
            break
        before = talk.heard
        talk.leftover += answers.feed(read)
        if talk.heard == before and not answers.begun:
            continue
        now = time.monotonic()
        talk.first, talk.last = talk.first or now - begun, now - begun
        if talk.way == "perhaps tmux" and talk.attributes:
            # What passes on the rest takes little longer than what answers itself.
            end = min(end, now + PASSED_ON)
        elif talk.first > LONG_WAY:
            end = max(end, min(now + deadline, begun + LAST_DEADLINE))
    talk.leftover += answers.release()


@contextmanager
def _changed(descriptor: int, change: Callable[[Modes], Modes]) -> Iterator[None]:
    """A terminal with other modes meanwhile; anything else is left as it is."""
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    termios.tcsetattr(descriptor, termios.TCSANOW, change(before))
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
