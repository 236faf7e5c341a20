"""Cells of the terminal, and the colours and attributes that they are written with, each made once.

Two cells are the same if they are the same object: so rows are compared at the speed of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

SGR: Final = re.compile(r"\x1b\[([0-9;]*)m")

MOST_PICTURED: Final = 20_000
"""Cells of pictures that an ink keeps: of some that are gone, and of those on the screen."""

MOST_INKS: Final = 12_000
"""Inks that are kept before those are dropped that no cell has: a picture of half blocks brings thousands."""


class Cell:
    """What stands in a cell; never changed. ``width``: cells that it takes, 0 for what belongs to the one on the left.

    ``sure``: every terminal gives it this width. No dataclass: a new picture brings thousands of them at once.
    """

    __slots__ = ("ink", "sure", "text", "width")

    def __init__(self, ink: Ink, text: str, width: int = 1, *, sure: bool = True) -> None:
        self.ink = ink
        self.text = text
        self.width = width
        self.sure = sure


class _Cells(dict[str, Cell]):
    """Cells of one ink by their text; a missing one is made as an ordinary character."""

    def __init__(self, ink: Ink) -> None:
        self._ink = ink

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = Cell(self._ink, text)
        return cell


class Ink:
    """Colours and attributes of cells, as parameters of SGR (ECMA-48 8.3.117).

    ``attributes``, ``fore`` and ``back`` are the parts of ``sgr``, empty where it has none. ``pictured``: the ink
    of a picture's cells, of which only ``back`` matters.
    """

    __slots__ = ("_inks", "attributes", "back", "cells", "fore", "pictured", "sgr", "tail")

    def __init__(self, inks: Inks, sgr: str, *, pictured: bool = False) -> None:
        self._inks = inks
        self.sgr = sgr
        self.attributes, self.fore, self.back = parts_of(sgr)
        self.pictured = pictured
        self.cells = _Cells(self)
        self.tail = Cell(self, "", 0)

    @property
    def behind(self) -> Ink:
        """The ink of a picture's cells over this background."""
        return self._inks.pictured(self.back)

    def coloured(self, fore: str) -> Ink:
        """The ink of this background under another foreground."""
        return self._inks[f"{fore};{self.back}" if self.back else fore]

    def unit(self, text: str, width: int, *, sure: bool) -> list[Cell]:
        """The ``width`` cells of a wide character, or of characters that belong together."""
        cell = self.cells.get(text)
        if cell is None:
            cell = self.cells[text] = Cell(self, text, width, sure=sure)
        return [cell, *[self.tail] * (width - 1)]

    def after(self, before: Ink) -> str:
        """What to write to go on with this ink after the one ``before``."""
        if self is before:
            return ""
        if (before.attributes and before.attributes != self.attributes) or not self.sgr:
            return f"\x1b[0;{self.sgr}m" if self.sgr else "\x1b[m"
        parts = []
        if self.attributes != before.attributes:
            parts.append(self.attributes)
        if self.fore != before.fore:
            parts.append(self.fore or "39")
        if self.back != before.back:
            parts.append(self.back or "49")
        return f"\x1b[{';'.join(parts)}m" if parts else ""


class Inks(dict[str, Ink]):
    """The inks in use by their SGR parameters; a missing one is made."""

    def __init__(self) -> None:
        self._pictured: dict[str, Ink] = {}
        self.plain = self[""]

    def __missing__(self, sgr: str) -> Ink:
        ink = self[sgr] = Ink(self, sgr)
        return ink

    def pictured(self, back: str) -> Ink:
        """The ink of a picture's cells over a background."""
        ink = self._pictured.get(back)
        if ink is None:
            ink = self._pictured[back] = Ink(self, back, pictured=True)
        return ink

    def drop_pictured(self) -> None:
        """A picture is gone: do not keep the cells of all that ever were."""
        for ink in self._pictured.values():
            if len(ink.cells) > MOST_PICTURED:
                ink.cells.clear()

    def keep(self, used: set[Ink]) -> None:
        """Drop all others."""
        self.clear()
        self._pictured = {ink.back: ink for ink in used if ink.pictured}
        self.update({ink.sgr: ink for ink in used if not ink.pictured})
        self[""] = self.plain


def parts_of(sgr: str) -> tuple[str, str, str]:
    """Attributes, foreground and background of SGR parameters."""
    if sgr.startswith("38;2;"):
        # The usual case of a picture's cell: Textual writes attributes first, then these.
        fore, found, back = sgr.partition(";48;2;")
        if fore.count(";") == 4 and back.count(";") == (2 if found else 0):
            return "", fore, f"48;2;{back}" if found else ""
    attributes: list[str] = []
    colours = {"3": "", "4": ""}
    numbers = iter(sgr.split(";"))
    for number in numbers:
        if number in ("38", "48"):
            kind = next(numbers, "")
            rest = [kind, *(next(numbers, "") for _ in range({"2": 3, "5": 1}.get(kind, 0)))]
            colours[number[0]] = ";".join((number, *rest))
        elif (len(number) == 2 and number[0] in "34") or (number[:1] == "9" and len(number) == 2):
            colours["4" if number[0] == "4" else "3"] = "" if number in ("39", "49") else number
        elif number[:2] == "10" and len(number) == 3:
            colours["4"] = number
        elif number:
            attributes.append(number)
    return ";".join(attributes), colours["3"], colours["4"]


def coloured(line: str) -> Iterator[tuple[str, str, str, str]]:
    """The pieces of a line at its SGRs: the SGR's parameters, foreground and background from there on, and text.

    An SGR may name one of the two colours only; the other one stays. Empty is what there was none of yet.
    """
    sgr = fore = back = ""
    for number, part in enumerate(SGR.split(line)):
        if number % 2:
            sgr = part
            _, new_fore, new_back = parts_of(part)
            fore, back = new_fore or fore, new_back or back
        elif part:
            yield sgr, fore, back, part
