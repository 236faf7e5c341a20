"""What this terminal can show, asked once before the app starts: one write, one deadline, no key lost.

The questions: Kitty graphics queries under ids of our own (drawn at all, read from a file, from shared memory),
the size of a cell and of all cells in pixels, the Sixel limits (XTSMGRAPHICS), the name (XTVERSION), synchronized
output (DECRQM), 24-bit colour (DECRQSS), and last the primary device attributes, which every terminal answers, so
that their answer ends the wait. tmux is asked by its own command first.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from tui.terminal.exchange import DEADLINE, exchange
from tui.terminal.facts import DEFAULT_CELL, Protocol, TerminalFacts, choose
from tui.terminal.questions import SIDE, Talk, is_cell
from tui.terminal.shared_files import MEMORY, Kind, Shared, share
from tui.terminal.tmux import Tmux, ask_tmux
from tui.terminal.verdict import (
    Around,
    answers_in_words,
    direct_way,
    draws_sextants,
    has_truecolor,
    judge,
    passthrough_of,
)

__all__ = ["DEADLINE", "DEFAULT_CELL", "Protocol", "TerminalFacts", "cell_size", "probe"]

_MUTE: Final = frozenset({"dumb", "unknown", "linux", "cons25", "eterm", "eterm-color", "vt100", "vt102"})
"""Values of TERM that would print a question instead of answering it."""

TYPED_AHEAD: Final = "keys are typed already, which asking the terminal would lose"

XTERM_SIXEL: Final = (1000, 1000)
"""Width and height in pixels of the largest Sixel that xterm draws, where nobody set maxGraphicSize."""

_TMUX_SHARE: Final = 0.6
"""How much of the deadline tmux's own command may take."""


def probe(
    force: str = "auto",
    *,
    environ: Mapping[str, str] = os.environ,
    source: int = 0,
    output: int = 1,
    sink: int = 2,
    deadline: float = DEADLINE,
    spare: bool = False,
) -> TerminalFacts:
    """Ask the terminal behind ``source`` (read) and ``sink`` (written; Textual draws on standard error).

    ``force`` is auto, kitty, sixel, half, symbols or none; IMAGE_GEN_IMAGES decides when it is auto. Where text
    is forced, nothing is asked that a terminal might print. Nothing at all is asked where one of the three
    descriptors is no terminal. Waits at most ``deadline`` seconds, longer only for a terminal that answers
    slowly (``exchange``), and leaves the terminal's modes as they were. ``spare``: whoever asks reads no keys, so
    that they are left to others as far as can be; what cannot be is in ``leftover``.
    """
    wish = force if force != "auto" else environ.get("IMAGE_GEN_IMAGES", "auto").strip().lower() or "auto"
    end = time.monotonic() + deadline
    silence = _reason_not_to_ask(environ, source, output, sink)
    tmux = ask_tmux(environ, deadline * _TMUX_SHARE) if silence is None and "TMUX" in environ else None
    doubtful = silence is None and "TMUX" in environ and tmux is None
    if tmux is not None and not _is_around_us(tmux, environ, source):
        tmux = None
    if silence is None and tmux is None and _is_in_screen(environ):
        silence = "screen stands between us and the terminal"
    around = Around(environ, silence, tmux)
    talk = _talk(around, wish, doubtful=doubtful)
    if silence is None:
        try:
            exchange(talk, source, sink, max(0.0, end - time.monotonic()), spare=spare)
            if talk.ahead:
                around = replace(around, silence=TYPED_AHEAD)
            return choose(_conclude(talk, around, source, sink), wish)
        finally:
            for shared in talk.offers:
                shared.withdraw()
    return choose(_conclude(talk, around, source, sink), wish)


def cell_size(descriptor: int) -> tuple[int, int] | None:
    """Width and height of a cell in pixels by TIOCGWINSZ; None where the terminal does not tell."""
    try:
        packed = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("HHHH", packed)
    if not (rows and columns):
        return None
    cell = width // columns, height // rows
    return cell if is_cell(cell) else None


def _conclude(talk: Talk, around: Around, source: int, sink: int) -> TerminalFacts:
    width, height = cell_size(sink) or cell_size(source) or talk.cell or DEFAULT_CELL
    verdict = judge(talk, around)
    sixel_width, sixel_height = talk.sixel_size
    if around.tmux is not None and around.tmux.terminal_name.startswith("XTerm"):
        # tmux takes any size, and hands on what xterm then does not draw.
        sixel_width, sixel_height = XTERM_SIXEL
    truecolor = has_truecolor(talk, around)
    return TerminalFacts(
        cell_width=width,
        cell_height=height,
        truecolor=truecolor,
        leftover=talk.leftover.encode("latin-1"),
        name=talk.name,
        tmux=talk.in_tmux,
        sixel_width=sixel_width,
        sixel_height=sixel_height,
        sixel_colours=talk.sixel_colours,
        best=verdict.best,
        because=verdict.because,
        can=verdict.can,
        lacks=tuple(verdict.lacks.items()),
        answers=answers_in_words(talk, around, truecolor=truecolor),
        direct=direct_way(talk),
        text_area=talk.text_area,
        synchronized=bool(talk.synchronized),
        round_trip=talk.last if talk.done else 0.0,
        passthrough=passthrough_of(talk, around),
        sextants=draws_sextants(talk, around),
        late=around.silence is None and not talk.done,
    )


def _reason_not_to_ask(environ: Mapping[str, str], source: int, output: int, sink: int) -> str | None:
    """Why no question may be written, or None."""
    if not all(map(os.isatty, (source, output, sink))):
        return "this is not a terminal"
    term = environ.get("TERM", "")
    if not term or term in _MUTE:
        return f"TERM is {term or 'not set'}, and such a terminal prints questions instead of answering"
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Apple's Terminal prints questions instead of answering"
    try:
        size = os.get_terminal_size(sink)
        ours = os.tcgetpgrp(source) == os.getpgrp()
    except OSError:
        return "the terminal does not tell its size"
    if size.columns == 0 or size.lines == 0:
        return "the terminal says it is 0×0"
    return None if ours else "we are in the background"


def _is_around_us(tmux: Tmux, environ: Mapping[str, str], source: int) -> bool:
    """Whether we are in this tmux, and not in a terminal that was started from inside it."""
    if tmux.pane_tty == os.ttyname(source):
        return True
    # script(1) and the like have a terminal of their own, and are still inside.
    return environ.get("TERM", "").startswith(("tmux", "screen")) and "STY" not in environ


def _is_in_screen(environ: Mapping[str, str]) -> bool:
    return "STY" in environ or ("TMUX" not in environ and environ.get("TERM", "").startswith("screen"))


def _talk(around: Around, wish: str, *, doubtful: bool) -> Talk:
    """What to ask, and how. Where text is forced, the terminal may be one that prints what it is asked.

    ``doubtful``: the environment names a tmux that does not answer.
    """
    pictures = wish in ("auto", "kitty", "sixel")
    if around.silence is not None:
        return Talk()
    if around.tmux is not None:
        wraps = bool(around.tmux.passthrough) and not around.tmux.is_nested
        return Talk("tmux", wraps=wraps, careful=not pictures)
    if doubtful or around.term.startswith("tmux"):
        # tmux on the other side of ssh, or busy: it cannot be asked by its command.
        return Talk("perhaps tmux", wraps=pictures, careful=True)
    return Talk(careful=not pictures, offers=_offers() if pictures else ())


def _offers() -> tuple[Shared, ...]:
    """A picture of random bytes on disk and one in memory, as far as they can be put there."""
    kinds: tuple[Kind, ...] = ("file", "memory") if MEMORY.is_dir() else ("file",)
    offers: list[Shared] = []
    for kind in kinds:
        with suppress(OSError):
            offers.append(share(kind, os.urandom(SIDE * SIDE * 3)))
    return tuple(offers)
