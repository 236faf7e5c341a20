"""The way to the terminal: how much went over it, how fast it is, and how freely pictures may use it."""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median_low
from typing import Final, Literal, TypeAlias

from tui.domain.words import file_size

LinkMode: TypeAlias = Literal["auto", "full", "economy", "off"]

Asker: TypeAlias = Literal["frame", "store"]
"""Who asks how far the terminal is: behind a frame of text, or behind pictures."""

SLOW_BELOW: Final = 200_000
"""Bytes a second under which a picture would be waited for; a local terminal takes many millions."""

FAST_ABOVE: Final = 400_000
"""Bytes a second from which a link counts as fast again. Between the two it stays what it was."""

ENOUGH: Final = 8 * 1024
"""Bytes that a judgement needs, beside those of the slowest measurement."""

SMALL: Final = 512
"""Bytes under which an answer tells how long any answer takes, not how fast the link is."""

LARGE: Final = 16 * 1024
"""Bytes from which a single answer tells the rate; smaller ones only in a stream of them."""

RECENT: Final = 7
"""Small answers whose middle counts as what any answer takes: a terminal that draws lets all of them wait."""

SURE: Final = 0.4
"""Seconds, beside the slowest measurement, that a link must have been busy to be called slow."""

WINDOW: Final = 96 * 1024
"""About so many bytes, the latest, are what the rate is measured by."""

MOST: Final = 0.6
"""What part of the bytes must have been taken slowly, that a link is called slow: a terminal that draws, or has no
turn on a busy machine, takes nothing for a while and then much at once."""

FEW: Final = 0.25
"""What part of them at least, that it goes on to be called so."""

LOST: Final = 4.0
"""Seconds, or ``_TRIPS`` round trips, after which a question counts as never answered: tmux asks nobody while another
window is before ours."""

WORTH_ASKING: Final = 4 * 1024
"""Bytes of frames behind which a question is worth its own few."""

GIVEN_UP: Final = 2
"""Lost questions in a row after which no frame is measured any more: the terminal does not answer."""

AT_LEAST: Final = 6
"""Measurements that the rate is told by, however large they are."""

_TRIPS: Final = 8

_LEAST: Final = 0.002
"""Seconds under which a measurement is one of our own clock."""

_AT_ONCE: Final = 0.0001
"""Seconds between the answers to several questions that a terminal had read together."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A ping on its way: when it was written, and behind how many bytes that nothing else was asked about.

    ``streamed``: the link had no rest since the last one.
    """

    at: float
    size: int
    streamed: bool
    asker: Asker


@dataclass(frozen=True, slots=True)
class _Sample:
    """So many bytes kept the link busy for so many seconds; ``quick`` of them were taken as by a fast one."""

    size: int
    busy: float
    quick: int


class Link:
    """One an app: ``link_of(app)``. For the event loop.

    The driver tells every write (``sent``). Whoever writes a question that the terminal answers in turn tells it
    (``ping_sent``, then ``heard``): the Kitty store with its bursts, any other wire's driver with a large frame
    when ``wants_ping``. The rate is the bytes over the time above what an answer takes with nothing in its way.
    """

    def __init__(self, mode: LinkMode = "auto", *, clock: Callable[[], float] = time.monotonic) -> None:
        self.written = 0
        """Bytes written in all."""
        self.pictures = 0
        """Those of them that were pictures."""
        self.last_frame = 0
        """Bytes of the last frame, without pictures sent apart from it."""
        self.rate: float | None = None
        """Bytes a second that the terminal takes; None until enough was measured."""
        self.round_trip = 0.0
        """Seconds from a question to its answer with nothing in the way, as quick as lately seen; 0 unknown."""
        self.near = False
        """The terminal was seen to read our files: it is on this machine, which may be busy, but no link is slow."""
        self.slow = False
        """Pictures would be waited for."""
        self._mode: LinkMode = mode
        self._clock = clock
        self._questions: deque[_Question] = deque()
        self._samples: deque[_Sample] = deque()
        self._small: deque[float] = deque(maxlen=RECENT)
        self._heard_at = 0.0
        self._asked = 0
        self._losses = 0
        self._listeners: list[Callable[[], object]] = []

    @property
    def mode(self) -> LinkMode:
        """What the person wants; changing it tells the listeners."""
        return self._mode

    @mode.setter
    def mode(self, mode: LinkMode) -> None:
        if mode != self._mode:
            self._mode = mode
            self._tell()

    @property
    def economical(self) -> bool:
        """Whether a picture should come small first, and its best look only when nothing else is going on."""
        return self._mode == "economy" or (self._mode == "auto" and self.slow)

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """``listener`` is called when ``mode`` or ``slow`` has changed; call what is given back to end that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def sent(self, size: int, *, pictures: int = 0, frame: bool = False) -> None:
        """So many bytes are on their way, ``pictures`` of them pictures; ``frame``: they are a frame of text."""
        self.written += size
        self.pictures += pictures
        if frame:
            self.last_frame = size - pictures

    @property
    def wants_ping(self) -> bool:
        """True when a question now would tell something, and none is on its way."""
        if self.asker is not None or self._losses >= GIVEN_UP:
            return False
        return not self.round_trip or self.written - self._asked >= WORTH_ASKING

    @property
    def knows_answers(self) -> bool:
        """Whether enough small answers were seen to tell what any answer takes."""
        return len(self._small) >= 2

    @property
    def asker(self) -> Asker | None:
        """Whose question the next answer is to; None when none is on its way."""
        self._give_up_old()
        return self._questions[0].asker if self._questions else None

    def awaits(self, asker: Asker) -> bool:
        """Whether an answer to a question of this one's is on its way."""
        self._give_up_old()
        return any(each.asker == asker for each in self._questions)

    def _give_up_old(self) -> None:
        begin = self._clock() - max(LOST, _TRIPS * self.round_trip)
        if self._questions and self._questions[0].at < begin:
            self._losses += 1
            while self._questions and self._questions[0].at < begin:
                self._questions.popleft()

    def ping_sent(self, size: int = 0, *, streamed: bool = False, asker: Asker = "store") -> None:
        """A question went out behind ``size`` bytes, which ``sent`` was told of; behind nothing: for the round trip.

        While another one is on its way, everything since that one counts. ``streamed``: it is one of many, each
        sent as soon as an earlier one was answered.
        """
        if self._questions:
            # At least a byte: it does not tell the round trip with nothing in the way.
            size = max(1, size, self.written - self._asked)
        self._asked = self.written
        self._questions.append(_Question(self._clock(), size, streamed, asker))

    def heard(self, at: float | None = None) -> float | None:
        """The oldest question was answered, at ``at`` if that is not now: the seconds it took, None if none was."""
        if not self._questions:
            return None
        now = self._clock() if at is None else at
        question = self._questions.popleft()
        took = max(0.0, now - question.at)
        self._losses = 0
        if not self.round_trip or took < self.round_trip:
            self.round_trip = took
        elif not question.size:
            # The way may have become longer: a tmux that is attached from elsewhere.
            self.round_trip += (took - self.round_trip) / 4
        if question.size < SMALL:
            self._small.append(took)
        usual = self._usual if took > self._usual else self.round_trip
        begun = max(self._heard_at, question.at + usual)
        self._heard_at = now
        if question.size >= (SMALL if question.streamed else LARGE):
            self._measured(question.size, max(0.0, now - begun))
        return took

    @property
    def _usual(self) -> float:
        """Seconds that any answer takes: a terminal that draws at the moment is no slow link."""
        return median_low(self._small) if self._small else self.round_trip

    def lost(self) -> None:
        """Whatever was asked will not be answered any more."""
        self._losses += bool(self._questions)
        self._questions.clear()

    def words(self) -> str:
        """All of it in one line, for the debug view."""
        parts = [
            f"wire {file_size(self.written)}",
            f"pictures {file_size(self.pictures)}",
            f"last frame {_small(self.last_frame)}",
        ]
        if self.rate is not None:
            parts.append(f"{file_size(round(self.rate))}/s")
        if self.round_trip:
            parts.append(f"{self.round_trip * 1000:.0f} ms")
        if self.economical:
            parts.append("economy")
        return " · ".join(parts)

    def _measured(self, size: int, busy: float) -> None:
        quick = size if busy * FAST_ABOVE < size else 0
        if self._samples and (busy < _AT_ONCE or self._samples[-1].busy < _LEAST):
            last = self._samples.pop()
            size, busy, quick = last.size + size, last.busy + busy, last.quick + quick
        self._samples.append(_Sample(size, busy, quick))
        while len(self._samples) > AT_LEAST and sum(each.size for each in self._samples) > WINDOW:
            self._samples.popleft()
        # One late answer is a busy machine, not a slow link.
        slowest = max(self._samples, key=lambda each: each.busy / each.size)
        whole = sum(each.size for each in self._samples)
        size = whole - slowest.size
        if size < ENOUGH or len(self._samples) < 3:
            return
        busy = max(_LEAST, sum(each.busy for each in self._samples) - slowest.busy)
        self.rate = size / busy
        slowly = 1 - sum(each.quick for each in self._samples) / whole
        if self.slow:
            slow = self.rate < FAST_ABOVE and slowly >= FEW
        else:
            slow = self.rate < SLOW_BELOW and slowly > MOST and busy >= SURE and not self.near
        if slow != self.slow:
            self.slow = slow
            self._tell()

    def _tell(self) -> None:
        for listener in [*self._listeners]:
            listener()


def _small(size: int) -> str:
    return f"{size} B" if size < 1000 else file_size(size)


_LINKS: weakref.WeakKeyDictionary[object, Link] = weakref.WeakKeyDictionary()


def link_of(app: object) -> Link:
    """The way to the terminal of ``app``; there is always one."""
    found = _LINKS.get(app)
    if found is None:
        found = _LINKS[app] = Link()
    return found
