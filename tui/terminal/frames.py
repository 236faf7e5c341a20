"""Textual's frames on their way to the terminal: only what differs goes out, and only as fast as it is taken."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Final

from tui.terminal.blocks import RUN
from tui.terminal.link import Asker, Link
from tui.terminal.painter import Easel, Painter
from tui.terminal.portions import Portions
from tui.terminal.screen import Screen

SYNC_START: Final = "\x1b[?2026h"
SYNC_END: Final = "\x1b[?2026l"
PING: Final = "\x1b[?2026$p"
"""Whether synchronized output is on: harmless, answered by all that know DECRQM, and known to Textual."""

MOST_WAITING: Final = 8 * 1024
"""Bytes that may wait for the terminal's device before frames wait for them."""

PATIENCE: Final = 1.0
"""Seconds that frames wait, on a slow link, for the answer that the last one has arrived."""

SETTLED: Final = 0.25
"""Seconds after which Textual has drawn everything for a terminal of another size."""

AT_ONCE: Final = 4 * 1024
"""Characters, about, that go out in one go on a slow link: a key's echo waits for no more."""


PIECE: Final = 2 * 1024
"""Characters of text, at least, behind which there is a question of their own."""

_BEGINS: Final = re.compile(r"\x1b\[[0-9;]*[mH]")
_STRING: Final = re.compile(r"\x1b[P_\]]")

TRIALS: Final = 4
"""Questions behind nothing, at most, before the first portion of a picture."""


class Frames:
    """Between Textual's driver and the writer. ``easel`` draws cells of pictures. For the event loop.

    ``put`` gives text to the writer, ``backlog`` says how many bytes wait there, ``later`` calls a function after
    so many seconds.
    """

    def __init__(
        self,
        put: Callable[[str], None],
        backlog: Callable[[], int],
        later: Callable[[float, Callable[[], None]], None],
        link: Link,
    ) -> None:
        self.screen = Screen()
        self.easel = Easel()
        self.behind = False
        """True while something wanted waits for the terminal."""
        self._painter = Painter(self.screen)
        self._put = put
        self._backlog = backlog
        self._later = later
        self._link = link
        self._size = (0, 0)
        self._held: list[str] | None = None
        self._synchronized = False
        self._answered = False
        self._portions = Portions(link)
        self._streaming = False
        self._asked_at = 0.0
        self._trials = 0

    def fit(self, columns: int, lines: int) -> None:
        """The terminal's size; after a change nothing on it is known."""
        if (columns, lines) != self._size:
            self._size = columns, lines
            self.screen.resize(columns, lines)
            self._painter.lost()
            self._later(SETTLED, self.settle)

    def changed(self, columns: int, lines: int) -> None:
        """The terminal has this size, and had another one or another font: it may show anything."""
        if (columns, lines) == self._size:
            self.screen.forget()
            self._painter.lost()
            self._later(SETTLED, self.settle)
        self.fit(columns, lines)

    def restart(self) -> None:
        """The terminal was given away and is ours again: whatever was asked or begun before is over."""
        self.screen.forget()
        self._painter.lost()
        self._link.lost()
        self._held = None
        self.behind = False
        self._later(SETTLED, self.settle)

    def doubt(self) -> None:
        """Somebody comes back to the window: others may have written text, or have covered it."""
        self.screen.doubt()
        if not self._link.economical and self.easel.doubt():
            self.behind = True
            self.catch_up()

    def settle(self) -> None:
        """Write what Textual did not, after a change that it may not know of."""
        if (self.screen.columns, self.screen.lines) != self._size:
            # A frame for another size came in between; what reaches over the edge stands in the last column.
            self.screen.resize(*self._size)
            self._painter.lost()
        self.screen.settle()
        self.behind = True
        self.catch_up()

    def write(self, data: str) -> None:
        """Take what Textual writes: a frame, the beginning or end of a synchronized one, or anything else."""
        if data == SYNC_START:
            self._synchronized = True
            self._held = []
        elif data == SYNC_END and self._held is not None:
            frame, self._held = "".join(self._held), None
            self._send(frame)
        elif self.screen.play(data):
            self._take_frame()
        else:
            self.pass_on(data)

    def pass_on(self, data: str) -> None:
        """Something that is no frame, in its place between them."""
        if self.screen.passes(data):
            self._painter.lost()
        if not data.isascii():
            data = RUN.sub(lambda run: " " * len(run[0]), data)
        if self._held is not None:
            self._held.append(data)
        else:
            self._put(data)
            self._link.sent(len(data))

    def send_pictures(self, data: str) -> None:
        """Commands of pictures, which touch no cells."""
        self._put(data)
        self._link.sent(len(data), pictures=len(data))

    def heard(self, at: float | None = None) -> Asker | None:
        """A ping was answered, at ``at`` (monotonic) if that is not now; who asked, None if nobody did.

        The answer to a frame's is taken; of another's the link is told by whoever asked.
        """
        self._answered = True
        asker = self._link.asker
        if asker == "frame":
            took = self._link.heard(at)
            if took is not None:
                self._portions.heard(took)
            self._streaming = self.behind
            self.catch_up()
            self._streaming = False
        return asker

    def catch_up(self) -> None:
        """Write what is wanted, if something waits and the terminal can take it now."""
        if self.behind and self._held is None:
            self._take_frame()

    def _take_frame(self) -> None:
        """Paint, all of it, a part, or nothing yet."""
        self.behind = self._busy()
        if self.behind:
            return
        painted = self._painter.paint(self.easel, AT_ONCE if self._link.slow else None, self._portion())
        self.behind = self._painter.unfinished
        if self._tries and not painted and self.behind and not self._waits():
            self._trials += 1
            self._ask(0)
            self._put(PING)
        elif self._held is not None:
            self._held.append(painted)
        else:
            self._send(painted)

    def _busy(self) -> bool:
        if self._backlog() > MOST_WAITING:
            return True
        return self._link.slow and self._waits()

    def _waits(self) -> bool:
        """Whether the answer that the last frame has arrived may still come."""
        return self._link.awaits("frame") and time.monotonic() - self._asked_at < PATIENCE

    def _portion(self) -> int | None:
        """Characters of pictures that go with this frame; None for all. Who answers nothing gets them in one go."""
        if not self.easel.in_portions or not self._answered:
            return None
        size = self._portions.size
        return 0 if size is not None and (self._waits() or self._tries) else size

    @property
    def _tries(self) -> bool:
        """Whether it has to be found out first how long an answer takes with nothing in the way."""
        return not self._link.knows_answers and self._trials < TRIALS

    def _send(self, frame: str) -> None:
        """A frame, with a question behind it where its answer tells something."""
        if not frame:
            return
        text = f"{SYNC_START}{frame}{SYNC_END}" if self._synchronized else frame
        size = len(text) if text.isascii() else len(text.encode())
        self._link.sent(size, frame=True)
        asks = (self.behind and not self._waits()) or self._link.wants_ping
        if (self._synchronized or self._answered) and asks and not self._link.awaits("store"):
            # On a slow link they are small enough as they are.
            pieces = [text] if self.easel.in_portions or self._link.slow else [*_pieces(text)]
            self._ask(*(len(piece.encode()) for piece in pieces))
            text = "".join(piece + PING for piece in pieces)
        self._put(text)

    def _ask(self, *sizes: int) -> None:
        """Questions go out, each behind so many bytes."""
        self._asked_at = time.monotonic()
        for number, size in enumerate(sizes):
            self._link.ping_sent(size, streamed=self._streaming or number > 0, asker="frame")
        self._portions.sent(sum(sizes))
        self._later(PATIENCE, self.catch_up)


def _pieces(text: str) -> Iterator[str]:
    """``text`` cut where a colour or a place begins, unless there are strings in it: one picture tells the rate."""
    begin = 0
    for found in _BEGINS.finditer(text) if _STRING.search(text) is None else ():
        if found.start() - begin >= PIECE and len(text) - found.start() >= PIECE:
            yield text[begin : found.start()]
            begin = found.start()
    yield text[begin:]
