"""What this terminal can show, asked once before the app starts: one write, one deadline, no key lost.

The questions: a Kitty graphics query under an id of our own, the size of a cell (``CSI 16 t``), the Sixel
limits (XTSMGRAPHICS), the name (XTVERSION), and last the primary device attributes, which every terminal
answers, so that their answer ends the wait.
"""

from __future__ import annotations

import fcntl
import os
import random
import re
import select
import struct
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast, get_args

from tui.terminal.answers import AnswerFilter
from tui.terminal.early import unedited
from tui.terminal.facts import DEFAULT_CELL, LABELS, Protocol, TerminalFacts

__all__ = ["DEADLINE", "DEFAULT_CELL", "Protocol", "TerminalFacts", "cell_size", "probe"]

DEADLINE: Final = 0.3
"""Seconds for all questions together."""

_MUTE: Final = frozenset({"dumb", "unknown", "linux", "cons25", "vt100", "vt102"})
"""Values of TERM that would print a question instead of answering it."""


_TRUECOLOUR: Final = (
    "kitty(",
    "ghostty",
    "wezterm",
    "foot(",
    "iterm2",
    "konsole",
    "contour",
    "mintty",
    "vte(",
    "xterm(",
)
"""How terminals begin their names (XTVERSION) that have taken 24-bit colours since before they had names."""


@dataclass(slots=True)
class _Heard:
    """The answers, as they come in."""

    query_id: int
    kitty: bool = False
    sixel: bool = False
    done: bool = False
    name: str = ""
    cell: tuple[int, int] | None = None
    sixel_size: tuple[int, int] = (0, 0)
    sixel_colours: int = 0
    leftover: str = ""

    def take(self, answer: str) -> bool:
        """Note one answer. Everything shaped like an answer is taken, asked for or not."""
        if answer == f"\x1b_Gi={self.query_id};OK\x1b\\":
            self.kitty = True
        elif found := re.fullmatch(r"\x1b\[\?([0-9;]*)c", answer):
            self.done = True
            self.sixel = "4" in found[1].split(";")[1:]
        elif found := re.match(r"\x1bP>\|([^\x1b\x07\x9c]*)", answer):
            self.name = found[1]
        elif found := re.fullmatch(r"\x1b\[6;([0-9]+);([0-9]+)t", answer):
            self.cell = int(found[2]), int(found[1])
        elif found := re.fullmatch(r"\x1b\[\?1;0;([0-9]+)S", answer):
            self.sixel_colours = int(found[1])
        elif found := re.fullmatch(r"\x1b\[\?2;0;([0-9]+);([0-9]+)S", answer):
            self.sixel_size = int(found[1]), int(found[2])
        return True


def probe(
    force: str = "auto",
    *,
    environ: Mapping[str, str] = os.environ,
    source: int = 0,
    sink: int = 2,
    deadline: float = DEADLINE,
) -> TerminalFacts:
    """Ask the terminal behind ``source`` (read) and ``sink`` (written; Textual draws on standard error).

    ``force`` is auto, kitty, sixel, half, symbols or none; IMAGE_GEN_IMAGES decides when it is auto.
    Waits at most ``deadline`` seconds, and leaves the terminal's modes as they were.
    """
    wish = force if force != "auto" else environ.get("IMAGE_GEN_IMAGES", "auto").strip().lower() or "auto"
    silence = _reason_not_to_ask(environ, source, sink)
    # Forced text needs no answer, and a terminal that was not asked sends no late one.
    heard = _Heard(random.randrange(1, 0x7FFFFFFF))
    if silence is None and wish in ("auto", "kitty", "sixel"):
        _ask(heard, source, sink, deadline)
    protocol, why = _chosen(wish, heard, environ, silence)
    width, height = cell_size(sink) or cell_size(source) or heard.cell or DEFAULT_CELL
    return TerminalFacts(
        protocol=protocol,
        cell_width=width,
        cell_height=height,
        truecolor=_has_truecolor(heard, environ) or _knows_placeholders(heard, environ),
        why=why,
        leftover=heard.leftover.encode("latin-1"),
        name=_printable(heard.name),
        tmux="TMUX" in environ,
        sixel_width=heard.sixel_size[0],
        sixel_height=heard.sixel_size[1],
        sixel_colours=heard.sixel_colours,
    )


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
    return cell if min(cell) >= 2 else None


def _reason_not_to_ask(environ: Mapping[str, str], source: int, sink: int) -> str | None:
    """Why no question may be written, or None."""
    if not (os.isatty(source) and os.isatty(sink)):
        return "this is not a terminal"
    term = environ.get("TERM", "")
    if not term or term in _MUTE:
        return f"TERM is {term or 'not set'}, and such a terminal prints questions instead of answering"
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Apple's Terminal prints questions instead of answering"
    if "TMUX" in environ:
        return "tmux stands between us and the terminal"
    if "STY" in environ or term.startswith("screen"):
        return "screen stands between us and the terminal"
    try:
        size = os.get_terminal_size(sink)
        ours = os.tcgetpgrp(source) == os.getpgrp()
    except OSError:
        return "the terminal does not tell its size"
    if size.columns == 0 or size.lines == 0:
        return "the terminal says it is 0×0"
    return None if ours else "we are in the background"


def _ask(heard: _Heard, source: int, sink: int, deadline: float) -> None:
    """Write all questions at once and read until the last answer or the deadline."""
    questions = (
        f"\x1b_Gi={heard.query_id},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[?1;1;0S\x1b[?2;1;0S\x1b[>q\x1b[c"
    ).encode()
    answers = AnswerFilter(heard.take)
    end = time.monotonic() + deadline
    with _raw(source):
        try:
            os.write(sink, questions)
            while not heard.done and (left := end - time.monotonic()) > 0:
                if not select.select([source], [], [], left)[0]:
                    break
                # Latin-1 keeps every byte; the typed ones go on as bytes.
                read = os.read(source, 4096).decode("latin-1")
                if not read:
                    break
                heard.leftover += answers.feed(read)
        except OSError:
            heard.done = False
    # The beginning of an answer goes on as well: the driver puts it together with its rest.
    heard.leftover += answers.release()


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """No echo, no line editing, Enter as it is; Ctrl+C still interrupts. Restored afterwards."""
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    termios.tcsetattr(descriptor, termios.TCSANOW, unedited(before))
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _chosen(wish: str, heard: _Heard, environ: Mapping[str, str], silence: str | None) -> tuple[Protocol, str]:
    """The protocol and the sentence that says why."""
    if wish in get_args(Protocol):
        return cast("Protocol", wish), f"{LABELS[cast('Protocol', wish)]}, because the setting says so."
    if wish != "auto":
        known = ", ".join(("auto", *get_args(Protocol)))
        return "half", f"{LABELS['half']}, because “{wish}” is none of {known}."
    if silence is not None:
        return "half", f"{LABELS['half']}, because {silence}."
    who = _printable(heard.name) or "the terminal"
    if heard.kitty and _knows_placeholders(heard, environ):
        return "kitty", f"{LABELS['kitty']}, because {who} answered that it draws them."
    if heard.sixel:
        return "sixel", f"{LABELS['sixel']}, because {who} answered that it draws them."
    if heard.kitty:
        return "half", f"{LABELS['half']}, because {who} is not known to place Kitty pictures in text."
    if heard.done:
        return (
            "half",
            f"{LABELS['half']}, because {who} says it draws no pictures.",
        )
    return "half", f"{LABELS['half']}, because the terminal did not answer in time."


def _knows_placeholders(heard: _Heard, environ: Mapping[str, str]) -> bool:
    """Whether the terminal places pictures by Unicode placeholders (kitty since 0.28, Ghostty).

    Others answer the Kitty query as well, but draw nothing for a placeholder.
    """
    if not heard.kitty:
        return False
    if found := re.match(r"kitty\((\d+)\.(\d+)", heard.name):
        return (int(found[1]), int(found[2])) >= (0, 28)
    if heard.name:
        return heard.name.lower().startswith("ghostty")
    return environ.get("TERM") in ("xterm-kitty", "xterm-ghostty")


def _has_truecolor(heard: _Heard, environ: Mapping[str, str]) -> bool:
    """By the environment, or by the terminal's name: COLORTERM is not sent along by ssh."""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return True
    return environ.get("TERM", "").endswith("-direct") or heard.name.lower().startswith(_TRUECOLOUR)


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:40]
