"""What a terminal can show, and the choice of how pictures are drawn in it: the same answers, any wish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast, get_args

from tui.terminal.early import Modes

Protocol: TypeAlias = Literal["kitty", "sixel", "half", "symbols", "none"]
Direct: TypeAlias = Literal["", "file", "memory"]
Passthrough: TypeAlias = Literal["", "on", "all"]

DEFAULT_CELL: Final = (10, 20)
"""Pixels of a cell where nobody tells: about the shape of most fonts."""

ALWAYS: Final[frozenset[Protocol]] = frozenset({"half", "symbols", "none"})
"""What needs nothing of a terminal but text."""

LABELS: Final[dict[Protocol, str]] = {
    "kitty": "Kitty pictures",
    "sixel": "Sixel pictures",
    "half": "Half blocks",
    "symbols": "Block symbols",
    "none": "No pictures",
}


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What was found out: how pictures are drawn, a cell in pixels, colours, and why so in one sentence.

    ``leftover`` is what the person typed meanwhile, to be read before anything else. ``name`` is what the
    terminal calls itself (XTVERSION). ``tmux`` is True when Kitty pictures have to be wrapped for tmux. The
    Sixel limits are 0 where the terminal did not tell. ``modes`` are the terminal's own, to be given back.
    """

    protocol: Protocol = "half"
    cell_width: int = DEFAULT_CELL[0]
    cell_height: int = DEFAULT_CELL[1]
    truecolor: bool = False
    why: str = ""
    leftover: bytes = b""
    name: str = ""
    tmux: bool = False
    sixel_width: int = 0
    sixel_height: int = 0
    sixel_colours: int = 0
    modes: Modes | None = None
    wish: str = "auto"
    """What was wished for: ``auto``, a protocol, or a word that is none."""
    best: Protocol = "half"
    """What ``auto`` takes."""
    because: str = ""
    """Why that is the best, to stand behind a comma."""
    can: frozenset[Protocol] = ALWAYS
    """What could be drawn; anything else can only be forced."""
    lacks: tuple[tuple[Protocol, str], ...] = ()
    """For protocols that are not in ``can``: why not, to stand behind a comma."""
    answers: tuple[tuple[str, str], ...] = ()
    """Each question and its answer, in words for a person."""
    direct: Direct = ""
    """The terminal was seen to read our temporary files, or our shared memory."""
    text_area: tuple[int, int] | None = None
    """Width and height of all cells together in pixels, None where the terminal did not tell."""
    synchronized: bool = False
    """The terminal knows synchronized output (DEC mode 2026)."""
    round_trip: float = 0.0
    """Seconds from the questions to the last answer; 0 where not all came."""
    passthrough: Passthrough = ""
    """Whether tmux passes on what is wrapped for it: while our window is shown, or always."""
    sextants: bool = False
    """The terminal draws sextants (U+1FB00 and on) itself, which few fonts have."""
    late: bool = False
    """Not everything that was asked has been answered: answers may still come."""


def choose(facts: TerminalFacts, wish: str, *, link: str = "auto") -> TerminalFacts:
    """``facts`` with the protocol that ``wish`` means, and why. Pure; nothing is asked again.

    A protocol that is wished for is taken, also where it cannot work; then the reason says so. With the
    ``link`` off no pictures are drawn at all.
    """
    protocol, why = _chosen(facts, wish.strip().lower() or "auto", link)
    return replace(facts, protocol=protocol, why=why, wish=wish)


def _chosen(facts: TerminalFacts, wish: str, link: str) -> tuple[Protocol, str]:
    if link == "off":
        return "none", f"{LABELS['none']}, because the link setting is off."
    if wish == "auto":
        return facts.best, _sentence(facts.best, facts.because)
    if wish not in get_args(Protocol):
        known = ", ".join(("auto", *get_args(Protocol)))
        return "half", f"{LABELS['half']}, because “{wish}” is none of {known}."
    wanted = cast("Protocol", wish)
    said = f"{LABELS[wanted]}, because the setting says so."
    reason = dict(facts.lacks).get(wanted, "")
    if wanted in facts.can:
        return wanted, said
    return wanted, f"{said} They will hardly be seen{f', because {reason}' if reason else ''}."


def _sentence(protocol: Protocol, because: str) -> str:
    return f"{LABELS[protocol]}, because {because}." if because else f"{LABELS[protocol]}."
