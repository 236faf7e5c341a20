"""When to look at the proxy again: after a failure that says something about it, and now and then while idle."""

import time
from collections.abc import Callable
from typing import Final

from tui.domain.errors import ImageGenError
from tui.domain.job import Job, JobState
from tui.domain.proxy import ProxyHealth

EVERY: Final = 30.0
"""Seconds between two looks while nothing else tells how the proxy is."""

LONGEST_LOOK: Final = 20.0
"""Seconds after which a look that never ended is forgotten: it was dropped for another."""

_TELLING: Final = frozenset({"cannot_connect", "unauthorized", "no_account", "model_unknown"})


class ProxyWatch:
    """Asks for looks by ``look``, never two at once; whoever looks tells when one is over."""

    def __init__(self, look: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._looking_since: float | None = None
        self._looked_at: float | None = None
        self._wanted = False

    @property
    def is_looking(self) -> bool:
        """Whether a look is on its way."""
        return self._looking_since is not None and self._clock() - self._looking_since < LONGEST_LOOK

    def began(self) -> None:
        """A look is on its way that somebody else asked for."""
        self._looking_since = self._clock()

    def look(self) -> None:
        """Look now; where a look is on its way already, once more behind it."""
        if self.is_looking:
            self._wanted = True
            return
        self._wanted = False
        self.began()
        self._look()

    def moved(self) -> None:
        """Another proxy is in use: what is on its way was about the one before."""
        self._looking_since = None
        self.look()

    def ended(self) -> None:
        """A look is over."""
        self._looking_since = None
        self._looked_at = self._clock()
        if self._wanted:
            self.look()

    def tick(self, *, idle: bool, visible: bool) -> None:
        """Look if the last look is old, unless jobs tell how the proxy is, or nobody sees it."""
        is_fresh = self._looked_at is not None and self._clock() - self._looked_at < EVERY
        if idle and visible and not is_fresh and not self.is_looking:
            self.look()

    def heard(self, job: Job, health: ProxyHealth | None) -> None:
        """A job changed: its end may tell that the proxy is not what the last look, ``health``, made of it."""
        if job.state is JobState.FAILED and job.error is not None:
            self.failed(job.error)
        elif job.state is JobState.DONE and health is not None and health.trouble:
            self.look()

    def failed(self, error: ImageGenError) -> None:
        """A request failed; some failures say that the proxy is not what it was."""
        if error.code in _TELLING:
            self.look()
