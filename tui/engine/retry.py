"""Whether a request that failed is sent again by itself, and after what pause.

Every request may be a picture that is paid for, and the proxy may try again on its own side: so at most one more
is made unless the settings say otherwise, and only where the failure was chance (a 5xx, a connection lost before a
byte of an answer) or a limit that says when it ends.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tui.domain.errors import CannotConnect, ImageGenError, RateLimited, ServerError

if TYPE_CHECKING:
    from tenacity.wait import wait_base

SHORTEST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 2.0
"""Seconds between a failure by chance and the next request, drawn anew each time."""

SPREAD: Final = 1.0
"""Seconds, at most, that a job comes later than a limit ends: not all at the same moment, and none too early."""

_MAYBE_MADE: Final = (504, 524)
"""Somebody on the way lost patience: the picture may have been made, and paid for, all the same."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``retries`` is how often one job's request is sent again, whatever the reason; 0 never waits either.

    ``wait_limit`` is the longest wait, in seconds, that is sat through when a limit names its end.
    """

    retries: int = 1
    wait_limit: float = 120.0

    def pause(self, error: ImageGenError, *, resent: int, unanswered: bool) -> float | None:
        """Seconds until the request is sent again, None where that is left to the person.

        ``resent`` is how often it was before; ``unanswered``: it was sent, and not a byte came back.
        """
        if resent >= self.retries or not error.retryable:
            return None
        if isinstance(error, RateLimited):
            return self._rest(error)
        if _is_chance(error) or (isinstance(error, CannotConnect) and unanswered):
            return _drawn(_between(SHORTEST_PAUSE, LONGEST_PAUSE))
        return None

    def _rest(self, error: RateLimited) -> float | None:
        told = error.retry_after
        if told is None or not error.passes or not 0 <= told <= self.wait_limit:
            return None
        return told + _drawn(_between(0.0, SPREAD))


def _is_chance(error: ImageGenError) -> bool:
    """A real 5xx; what came under a status of success has been answered in full, or in part."""
    status = error.http_status
    return isinstance(error, ServerError) and status is not None and status >= 500 and status not in _MAYBE_MADE


def _between(low: float, high: float) -> "wait_base":
    from tenacity import wait_random

    return wait_random(low, high)


def _drawn(strategy: "wait_base") -> float:
    """The seconds that a strategy of tenacity's gives for the next try."""
    from tenacity import AsyncRetrying, RetryCallState

    return float(strategy(RetryCallState(AsyncRetrying(), None, (), {})))


@dataclass(frozen=True, slots=True)
class Pause:
    """A time to wait: until when (``time.monotonic``), and for what."""

    until: float
    error: ImageGenError


@dataclass(slots=True)
class Rests:
    """The limits that are known to hold, by what they hold for: a model at a proxy."""

    _known: dict[Hashable, Pause] = field(default_factory=dict)

    def begin(self, what: Hashable, pause: Pause) -> None:
        """A limit was met; one that is known and ends later stays."""
        known = self._known.get(what)
        if known is None or known.until < pause.until:
            self._known[what] = pause

    def end(self, what: Hashable) -> None:
        """It does not hold any more: a request went through."""
        self._known.pop(what, None)

    def ahead(self, what: Hashable, now: float) -> Pause | None:
        """The limit that holds for ``what``, None where none does."""
        known = self._known.get(what)
        if known is not None and known.until <= now:
            del self._known[what]
            return None
        return known
