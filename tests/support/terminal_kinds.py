"""Kinds of terminals: what each answers, keeps and draws. Seen in kitty and xterm, else by reading."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from support.cell_screen import Colour
from support.kitty_model import QUOTA
from support.terminal_language import Token, numbers

TRUECOLOUR: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class TerminalKind:
    """What kind of terminal this is. Whatever is left empty gets no answer.

    ``attributes``: parameters of the primary device attributes. ``modes``: the private modes whose state it tells.
    ``window``: it tells sizes by ``CSI 14/16/18 t``. ``pixels``: the device (TIOCGWINSZ) has a size in pixels.
    ``colours``: how many it knows. ``tells_style``: it answers DECRQSS for SGR. ``strict``: any delete drops a
    transmission on its way. ``repeats``: placeholders that REP draws, at most. ``below``: a Sixel leaves the
    cursor below itself. ``passthrough``: a tmux stands between us and ``outer``, and how it is set.
    """

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    attributes: str = ""
    version: str = ""
    modes: frozenset[int] = frozenset()
    window: bool = False
    pixels: bool = True
    keyboard: bool = False
    tells_style: bool = False
    graphics: bool = False
    placeholders: bool = False
    files: bool = False
    memory: bool = False
    strict: bool = False
    repeats: int = 0
    quota: int = QUOTA
    sixel: bool = False
    sixel_limit: tuple[int, int] = (0, 0)
    sixel_colours: int = 0
    below: bool = True
    colours: int = TRUECOLOUR
    passthrough: Literal["", "off", "on", "all"] = ""
    outer: "TerminalKind | None" = None

    def knows(self, colour: Colour) -> bool:
        """Whether it can show text in this colour."""
        if colour is None or self.colours == TRUECOLOUR:
            return True
        return isinstance(colour, int) and colour < self.colours


def answer(
    kind: TerminalKind, token: Token, *, size: tuple[int, int], cell: tuple[int, int], modes: Mapping[int, bool]
) -> str:
    """The answer to a control sequence that is a question; empty where there is none.

    ``size`` is columns and lines, ``cell`` a cell's width and height in pixels.
    """
    body, name = token.body, token.name
    if name == "c" and body in ("", "0"):
        return f"\x1b[?{kind.attributes}c" if kind.attributes else ""
    if name == "c" and body in (">", ">0"):
        return "\x1b[>1;0;0c" if kind.attributes else ""
    if name == "q" and body in (">", ">0"):
        return f"\x1bP>|{kind.version}\x1b\\" if kind.version else ""
    if name == "$p" and body.startswith("?"):
        return _mode(kind, numbers(body)[0], modes)
    if name == "t" and kind.window and body in ("14", "16", "18"):
        told = {
            "14": (4, size[1] * cell[1], size[0] * cell[0]),
            "16": (6, cell[1], cell[0]),
            "18": (8, size[1], size[0]),
        }[body]
        return f"\x1b[{';'.join(map(str, told))}t"
    if name == "S" and re.fullmatch(r"\?[12];1;0", body) and kind.sixel:
        return _sixel_limits(kind, body[1], size, cell)
    if name == "u" and body == "?":
        return "\x1b[?0u" if kind.keyboard else ""
    return "\x1b[0n" if name == "n" and body == "5" and kind.attributes else ""


def _mode(kind: TerminalKind, mode: int, modes: Mapping[int, bool]) -> str:
    """DECRPM: 1 set, 2 reset, 0 not known."""
    if not kind.modes and not kind.sixel:
        return ""
    state = (1 if modes.get(mode) else 2) if mode in kind.modes else 0
    return f"\x1b[?{mode};{state}$y"


def _sixel_limits(kind: TerminalKind, item: str, size: tuple[int, int], cell: tuple[int, int]) -> str:
    if item == "1":
        return f"\x1b[?1;0;{kind.sixel_colours}S" if kind.sixel_colours else ""
    width, height = kind.sixel_limit if kind.sixel_limit[0] else (size[0] * cell[0], size[1] * cell[1])
    return f"\x1b[?2;0;{width};{height}S"


_BOTH: Final = frozenset({2026, 2048})

KITTY: Final = TerminalKind(
    "kitty",
    {"TERM": "xterm-kitty", "COLORTERM": "truecolor"},
    attributes="62;",
    version="kitty(0.41.1)",
    modes=_BOTH,
    window=True,
    keyboard=True,
    tells_style=True,
    graphics=True,
    placeholders=True,
    strict=True,
    repeats=1000,
)
"""As the rig's: it sees none of our files."""

KITTY_HERE: Final = replace(KITTY, name="kitty-here", files=True, memory=True)
"""On the same machine: it reads our files and our memory."""

GHOSTTY: Final = TerminalKind(
    "ghostty",
    {"TERM": "xterm-ghostty", "COLORTERM": "truecolor"},
    attributes="62;22",
    version="ghostty 1.1.3",
    modes=_BOTH,
    window=True,
    keyboard=True,
    tells_style=True,
    graphics=True,
    placeholders=True,
)
WEZTERM: Final = TerminalKind(
    "wezterm",
    {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    attributes="65;4;6;18;22",
    version="WezTerm 20240203-110809-5046fc22",
    modes=frozenset({2026}),
    window=True,
    graphics=True,
    sixel=True,
    sixel_colours=256,
    below=False,
)
"""It answers the Kitty query, but a placeholder is a character to it; it draws Sixel."""

XTERM: Final = TerminalKind(
    "xterm",
    {"TERM": "xterm-256color"},
    attributes="64;1;2;4;6;9;15;16;17;18;21;22;28",
    version="XTerm(379)",
    tells_style=True,
    sixel=True,
    sixel_limit=(1000, 765),
    sixel_colours=1024,
)
"""With Sixel compiled in; window operations are off."""

FOOT: Final = TerminalKind(
    "foot",
    {"TERM": "foot", "COLORTERM": "truecolor"},
    attributes="62;4;22",
    version="foot(1.16.2)",
    modes=_BOTH,
    window=True,
    keyboard=True,
    tells_style=True,
    sixel=True,
    sixel_colours=1024,
)
PLAIN: Final = TerminalKind("plain", {"TERM": "xterm-256color"}, attributes="1;2", pixels=False, colours=256)
SIXTEEN: Final = TerminalKind("sixteen", {"TERM": "xterm-16color"}, attributes="1;2", pixels=False, colours=16)
SILENT: Final = TerminalKind("silent", {"TERM": "xterm-256color"}, pixels=False, colours=256)

_TMUX: Final = {"TERM": "tmux-256color", "COLORTERM": "truecolor", "TMUX": "/tmp/tmux-none/default,1,0"}
TMUX: Final = TerminalKind(
    "tmux",
    _TMUX,
    attributes="1;2;4",
    version="tmux 3.5a",
    window=True,
    repeats=1000,
    passthrough="all",
    outer=KITTY,
)
TMUX_OFF: Final = TerminalKind(
    "tmux-off", _TMUX, attributes="1;2", version="tmux 3.3a", repeats=2, passthrough="off", outer=KITTY
)
EVERY: Final = (KITTY, KITTY_HERE, GHOSTTY, WEZTERM, XTERM, FOOT, PLAIN, SIXTEEN, SILENT, TMUX, TMUX_OFF)
