"""What Textual writes from one cursor move to the next, read as cells.

The width of a character is agreed upon for most, but not for all: emoji, joined emoji, marks, icons of fonts.
Those are kept together with their neighbours as units that are only ever written whole.
"""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len

from tui.terminal.blocks import ARENAS, RUN
from tui.terminal.inks import SGR, Cell, Ink, Inks

_NARROW: Final = (
    (0x20, 0x7E),
    (0xA0, 0xAC),  # without the soft hyphen
    (0xAE, 0x2FF),
    (0x370, 0x482),  # Greek, Cyrillic
    (0x48A, 0x52F),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2027),  # dashes, quotation marks, bullets, ellipsis; without joiners and marks of direction
    (0x2030, 0x205E),
    (0x2070, 0x20C0),
    (0x2100, 0x2319),  # letter-like, arrows, mathematics; without emoji (Unicode Emoji_Presentation) from here on
    (0x231C, 0x2328),
    (0x232B, 0x23E8),
    (0x2400, 0x25FC),  # lines, blocks, shapes
    (0x25FF, 0x2613),
    (0x2616, 0x262F),
    (0x2638, 0x2647),
    (0x2654, 0x267E),
    (0x2701, 0x2704),
    (0x2706, 0x2709),
    (0x270C, 0x2727),
    (0x2729, 0x274B),
    (0x2758, 0x2794),
    (0x2798, 0x27AF),
    (0x27C0, 0x2AFF),  # Braille among them
    (0x1FB00, 0x1FBAF),  # sextants
)
_WIDE: Final = (
    (0x3000, 0x3029),
    (0x3041, 0x3096),
    (0x30A0, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFF01, 0xFF60),
)


def _class(*ranges: tuple[int, int]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


_CONTROL: Final = re.compile(r"[\x00-\x1a\x1c-\x1f\x7f-\x9f]")
_NO_CELLS: Final = re.compile(r"\x1b\[[0-9;:]*m|\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)")
_ONE_BY_ONE: Final = _class(*_NARROW, *ARENAS)
_SURE: Final = _class(*_NARROW, *ARENAS, *_WIDE)
_BASE: Final = _class(*_NARROW, *_WIDE)
_ODD: Final = re.compile(f"[^\x1b{_ONE_BY_ONE}]")
_UNITS: Final = re.compile(
    # A mark belongs to what stands before it; a joiner joins what comes after it.
    f"(?P<unsure>[{_BASE}]?(?:[^{_SURE}]|(?<=\u200d).)+)|(?P<wide>[{_class(*_WIDE)}])|(?P<narrow>[{_ONE_BY_ONE}])"
)


def read(chunk: str, inks: Inks) -> list[Cell] | None:
    """The cells of a chunk, from its first on; None if it is more than text and its style (moves, erasing)."""
    parts = SGR.split(chunk)
    if chunk.count("\x1b") != len(parts) // 2 or _CONTROL.search(chunk):
        return _read_whole(chunk, inks)
    plain = chunk.isascii()
    odd = not plain and _ODD.search(chunk) is not None
    pictured = not plain and RUN.search(chunk) is not None
    cells: list[Cell] = []
    pen = ""
    sgr = ""
    for number, part in enumerate(parts):
        if number % 2:
            sgr = part
            pen = "" if sgr in ("", "0") else f"{pen};{sgr}" if pen else sgr
        elif part:
            ink = inks[pen]
            if pictured:
                _read_pictured(part, ink, cells)
            elif odd:
                _read_odd(part, ink, cells)
            else:
                cells += map(ink.cells.__getitem__, part)
    return cells


def _read_pictured(text: str, ink: Ink, cells: list[Cell]) -> None:
    """Cells of pictures, and text beside them. A picture brings its own colours: only what is behind it matters."""
    for number, piece in enumerate(RUN.split(text)):
        if number % 2:
            cells += map(ink.behind.cells.__getitem__, piece)
        elif piece:
            _read_odd(piece, ink, cells)


def _read_whole(chunk: str, inks: Inks) -> list[Cell] | None:
    """A chunk with links, tabs or the like as one unit, as it is, but without pictures."""
    visible = _NO_CELLS.sub("", chunk)
    if "\x1b" in visible or "\n" in visible or "\r" in visible:
        return None
    whole = RUN.sub(lambda run: " " * len(run[0]), chunk)
    return inks.plain.unit(whole, max(1, cell_len(visible)), sure=False)


def _read_odd(text: str, ink: Ink, cells: list[Cell]) -> None:
    """Characters of two cells, and such as nobody knows the width of."""
    found: list[Cell] = []
    for unit in _UNITS.finditer(text):
        characters = unit.group()
        if unit.lastgroup == "narrow":
            found.append(ink.cells[characters])
        elif unit.lastgroup == "wide":
            found += ink.unit(characters, 2, sure=True)
        else:
            width = cell_len(characters)
            if width:
                found += ink.unit(characters, width, sure=False)
            else:
                _add_mark(characters, found or cells)
    width = cell_len(text)
    # Textual laid out the whole of it; where the parts come to another sum, they belong together.
    cells += found if len(found) == width or not width else ink.unit(text, width, sure=False)


def _add_mark(mark: str, cells: list[Cell]) -> None:
    """A mark without a character of its own goes over the last one."""
    at = len(cells) - 1
    while at >= 0 and not cells[at].width:
        at -= 1
    if at >= 0 and not cells[at].ink.pictured:
        base = cells[at]
        cells[at:] = base.ink.unit(base.text + mark, base.width, sure=False)
