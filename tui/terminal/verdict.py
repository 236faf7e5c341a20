"""What follows from a terminal's answers: how pictures can be drawn, how best, and why, in words for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tui.terminal.facts import ALWAYS, Direct, Passthrough, Protocol
from tui.terminal.questions import Talk
from tui.terminal.tmux import Tmux

_TRUECOLOUR: Final = (
    "alacritty",
    "contour",
    "foot(",
    "ghostty",
    "iterm2",
    "kitty(",
    "konsole",
    "mintty",
    "rio",
    "vte(",
    "warp",
    "wezterm",
    "windows terminal",
    "xterm(",
    "xterm.js",
)
"""How terminals begin their names (XTVERSION) that have taken 24-bit colours since before they had names."""

_TRUECOLOUR_TERMS: Final = ("alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")
"""How TERM begins in terminals of which the same is true; ssh sends it along, while it does not send COLORTERM."""

_BLOCK_DRAWING: Final = ("alacritty", "contour", "foot(", "ghostty", "kitty(", "rio", "vte(", "wezterm")
"""How terminals begin their names that draw block symbols by themselves, to the edges of the cell."""

_SEXTANT_DRAWING: Final = ("foot(", "ghostty", "kitty(", "vte(", "wezterm")
"""And those whose own symbols have had the sextants for as long as they have said their names, or since 2021."""

_BLOCK_DRAWING_TERMS: Final = ("alacritty", "contour", "foot", "wezterm", "xterm-ghostty", "xterm-kitty")

_PLACING_TERMS: Final = ("xterm-kitty", "xterm-ghostty")

TURN_ON: Final = "tmux set -p allow-passthrough on"
"""What a person types in a tmux that passes nothing on."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is known without asking the terminal. ``silence`` is why it was not asked, None where it was."""

    environ: Mapping[str, str]
    silence: str | None = None
    tmux: Tmux | None = None

    @property
    def term(self) -> str:
        """The kind of terminal, by the environment."""
        return self.environ.get("TERM", "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``TerminalFacts`` says of protocols; ``best`` is the one to take, ``because`` why."""

    best: Protocol
    because: str
    lacks: Mapping[Protocol, str] = field(default_factory=dict)
    can: frozenset[Protocol] = ALWAYS


def judge(talk: Talk, around: Around) -> Verdict:
    """Which protocols can work, the best of them, and why not the others."""
    if around.silence is not None:
        return Verdict("half", around.silence, {"kitty": around.silence, "sixel": around.silence})
    reasons: dict[Protocol, str] = {"kitty": _no_kitty(talk, around), "sixel": _no_sixel(talk, around)}
    lacks = {protocol: reason for protocol, reason in reasons.items() if reason}
    can = ALWAYS | (reasons.keys() - lacks.keys())
    who = talk.name or "the terminal"
    way = f" through {talk.multiplexer or 'tmux'}" if talk.in_tmux else ""
    if "kitty" in can and (talk.kitty or talk.outer_answered):
        return Verdict("kitty", f"{who} answered{way} that it draws them", lacks, can)
    if "sixel" in can:
        told = f"{talk.multiplexer or 'tmux'} says that it draws them" if way else f"{who} answered that it draws them"
        return Verdict("sixel", told, lacks, can)
    return Verdict(_best_text(talk, around), _why_text(talk, lacks, who, way), lacks, can)


def _best_text(talk: Talk, around: Around) -> Protocol:
    """Block symbols where they are sure to fill their cells, which a font's may not.

    They are 1 dB nearer to the picture than half blocks, 2 dB from afar, in fewer bytes.
    """
    name = _name_of(talk, around)
    term = around.tmux.terminal if around.tmux is not None else around.term
    draws = name.startswith(_BLOCK_DRAWING) or (not name and term.startswith(_BLOCK_DRAWING_TERMS))
    return "symbols" if draws else "half"


def draws_sextants(talk: Talk, around: Around) -> bool:
    """Whether a terminal draws these by itself, to the edges of the cell."""
    return _name_of(talk, around).startswith(_SEXTANT_DRAWING)


def _name_of(talk: Talk, around: Around) -> str:
    """The terminal's own name in small letters, or what tmux was told; empty where nobody knows."""
    return (talk.name or (around.tmux.terminal_name if around.tmux is not None else "")).lower()


def _why_text(talk: Talk, lacks: Mapping[Protocol, str], who: str, way: str) -> str:
    if "kitty" not in lacks:
        return f"{who} did not answer{way} in time; Kitty pictures can be chosen all the same"
    if way or talk.multiplexer or talk.kitty:
        return lacks["kitty"]
    return f"{who} says it draws no pictures" if talk.done else "the terminal did not answer in time"


def _no_kitty(talk: Talk, around: Around) -> str:
    """Why Kitty pictures cannot be drawn; empty where they can."""
    if talk.in_tmux:
        return _no_kitty_in_tmux(talk, around.tmux)
    if talk.multiplexer:
        return f"{talk.multiplexer} stands between us and the terminal, and TERM does not say so"
    placing = places(talk.name, around.term)
    if not talk.asks_kitty:
        return "" if placing else f"{talk.name or 'the terminal'} is not known to draw them"
    if not talk.kitty:
        return "the terminal did not answer in time" if talk.kitty is None and not talk.done else "it draws none"
    return "" if placing else f"{talk.name or 'the terminal'} is not known to place Kitty pictures in text"


def _no_kitty_in_tmux(talk: Talk, tmux: Tmux | None) -> str:
    outer = talk.name or (tmux.terminal_name or tmux.terminal if tmux is not None else "")
    placing = places(talk.name, "") or (tmux is not None and places(tmux.terminal_name, tmux.terminal))
    if not talk.wraps:
        if tmux is not None and tmux.is_nested:
            return "tmux runs in another tmux or in screen"
        if tmux is None:
            return "tmux does not say what it passes on"
        off = "tmux passes no pictures on"
        return f"{off} to {outer}: type “{TURN_ON}” and start again" if placing else off
    if talk.kitty is False or (talk.outer_answered and not talk.kitty and talk.asks_kitty):
        return f"{outer or 'the terminal'} behind tmux draws none"
    if placing:
        return ""
    if talk.outer_answered:
        return f"{outer or 'the terminal'} behind tmux is not known to place Kitty pictures in text"
    if tmux is None:
        return f"nothing comes back through tmux: type “{TURN_ON}” where it runs, if its terminal draws them"
    return "the terminal did not answer through tmux in time"


def _no_sixel(talk: Talk, around: Around) -> str:
    """Why Sixel pictures cannot be drawn; empty where they can."""
    if around.tmux is not None:
        if not _has_sixel(talk):
            return "this tmux knows no Sixel" if talk.attributes else "tmux did not answer in time"
        return "" if "sixel" in around.tmux.features else "tmux says that its terminal draws no Sixel"
    if talk.in_tmux or talk.multiplexer:
        return "nobody says whether they get through tmux"
    if _has_sixel(talk):
        return ""
    return "it draws none" if talk.done else "the terminal did not answer in time"


def _has_sixel(talk: Talk) -> bool:
    """By the first that answered: in tmux that is tmux itself."""
    return bool(talk.attributes) and "4" in talk.attributes[0]


def places(name: str, term: str) -> bool:
    """Whether a terminal places pictures by Unicode placeholders (kitty since 0.28, Ghostty).

    Others answer the Kitty query as well, but draw nothing for a placeholder. ``name`` is by XTVERSION; ``term``
    decides where there is none.
    """
    if found := re.match(r"kitty\((\d+)\.(\d+)", name):
        return (int(found[1]), int(found[2])) >= (0, 28)
    return name.lower().startswith("ghostty") if name else term in _PLACING_TERMS


def has_truecolor(talk: Talk, around: Around) -> bool:
    """By what the terminal answered, its name, the environment, or tmux: COLORTERM is not sent along by ssh."""
    environ = around.environ
    if around.term == "dumb":
        return False
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or around.term.endswith("-direct"):
        return True
    if talk.exact_colour or around.term.startswith(_TRUECOLOUR_TERMS):
        return True
    tmux = around.tmux
    if tmux is not None and ("RGB" in tmux.features or places(tmux.terminal_name, tmux.terminal)):
        # The descriptions (terminfo) that those bring along say it too.
        return True
    return talk.name.lower().startswith(_TRUECOLOUR)


def direct_way(talk: Talk) -> Direct:
    """How the terminal was seen to fetch what we share: it answered OK, and the thing is gone."""
    kinds = {shared.kind for shared in talk.fetched if shared.fetched}
    return "file" if "file" in kinds else "memory" if "memory" in kinds else ""


def passthrough_of(talk: Talk, around: Around) -> Passthrough:
    """Whether tmux passes on what is wrapped for it; by itself, or because an answer came back."""
    if around.tmux is not None:
        return around.tmux.passthrough
    return "on" if talk.in_tmux and talk.outer_answered else ""


def answers_in_words(talk: Talk, around: Around, truecolor: bool) -> tuple[tuple[str, str], ...]:
    """Each question and its answer, for a person."""
    if around.silence is not None:
        return (("asked", f"nothing, because {around.silence}"),)
    none = "not told" if talk.done else "no answer"
    told = [("Sixel", _sixel_words(talk, none))]
    if talk.wraps or not talk.in_tmux:
        told = [("name", talk.name or none), ("Kitty pictures", _kitty_words(talk, around, none)), *told]
        told.append(("a cell", _size_words(talk.cell, none)))
    if not talk.in_tmux:
        told.append(("all cells", _size_words(talk.text_area, none)))
    known = {True: "known", False: "not known", None: none}
    told.append(("synchronized output", known[talk.synchronized]))
    told.append(("24-bit colours", "yes" if truecolor else "not known"))
    if talk.offers:
        kinds = {"file": "files of ours are read", "memory": "shared memory is read"}
        read = [kinds[shared.kind] for shared in talk.fetched if shared.fetched]
        told.append(("direct", ", ".join(read) or "neither files nor shared memory of ours are read"))
    if talk.in_tmux or talk.multiplexer:
        told.append(("tmux", around.tmux.words if around.tmux is not None else talk.multiplexer or "does not answer"))
    when = f"the last after {talk.last * 1000:.0f} ms" if talk.first else "none came"
    told.append(("answers", when + ("" if talk.done or not talk.first else ", not all in time")))
    return tuple(told)


def _kitty_words(talk: Talk, around: Around, none: str) -> str:
    if not talk.asks_kitty:
        return "not asked"
    if talk.kitty is None:
        return "no" if talk.done else none
    if not talk.kitty:
        return "no"
    return "yes, in text too" if places(talk.name, around.term) else "yes, but not known to place them in text"


def _sixel_words(talk: Talk, none: str) -> str:
    if not talk.attributes:
        return none
    if not _has_sixel(talk):
        return "no"
    colours = f", {talk.sixel_colours:,} colours" if talk.sixel_colours else ""
    width, height = talk.sixel_size
    return f"yes{colours}" + (f", at most {width}×{height} pixels" if width else "")


def _size_words(size: tuple[int, int] | None, none: str) -> str:
    return f"{size[0]}×{size[1]} pixels" if size else none
