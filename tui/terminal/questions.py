"""All questions to a terminal as one piece of text, and what its answers mean."""

from __future__ import annotations

import random
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from tui.imaging.kitty_commands import in_tmux
from tui.terminal.shared_files import Shared

Way: TypeAlias = Literal["plain", "tmux", "perhaps tmux"]
"""How the terminal is reached. ``perhaps tmux``: by the looks of it, and only its answers can tell."""

SIDE: Final = 4
"""Pixels each way of the pictures that show whether the terminal reads our files: 24-bit, no compression."""

_LEAST_SIXEL: Final = 32
"""Pixels each way; a limit under that is a misunderstanding."""

_CELL_SIZES: Final = range(2, 513)
"""Pixels that a cell may have each way. Outside of it somebody counts in other units, or did not measure."""

_NAME: Final = "\x1b[>q"
_CELL: Final = "\x1b[16t"
_TEXT_AREA: Final = "\x1b[14t"
_SIXEL_LIMITS: Final = "\x1b[?1;1;0S\x1b[?2;1;0S"
_SYNCHRONIZED: Final = "\x1b[?2026$p"
_ATTRIBUTES: Final = "\x1b[c"
_EXACT_COLOUR: Final = "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m"
"""A 24-bit colour is set, asked for (DECRQSS), and taken back: who kept all three numbers has 24-bit colours."""
_KEEP_TITLE: Final = "\x1b[22;2t"
_GIVE_TITLE: Final = "\x1b[23;2t"
"""A tmux that nothing told us of would take the Kitty questions for the title of its pane."""


@dataclass(slots=True)
class Talk:
    """One round of questions, and the answers as they come in.

    ``wraps``: questions are also put to the terminal behind tmux. tmux answers for itself at once, so the first
    device attributes are its own and the second ones end the round. ``careful``: nothing is asked that an odd
    terminal prints instead of answering. ``first`` and ``last`` are when answers came, in seconds. ``ahead``: keys
    that are not ours waited already, so that nothing was asked.
    """

    way: Way = "plain"
    wraps: bool = False
    careful: bool = False
    offers: Sequence[Shared] = ()
    query: int = field(default_factory=lambda: random.randrange(1, 0x7FFFFF00))
    name: str = ""
    multiplexer: str = ""
    kitty: bool | None = None
    fetched: list[Shared] = field(default_factory=list)
    attributes: list[frozenset[str]] = field(default_factory=list)
    cell: tuple[int, int] | None = None
    text_area: tuple[int, int] | None = None
    sixel_size: tuple[int, int] = (0, 0)
    sixel_colours: int = 0
    synchronized: bool | None = None
    exact_colour: bool | None = None
    heard: int = 0
    first: float = 0.0
    last: float = 0.0
    leftover: str = ""
    ahead: bool = False

    @property
    def done(self) -> bool:
        """The last answer came."""
        return len(self.attributes) > self.wraps

    @property
    def in_tmux(self) -> bool:
        """tmux is between us and the terminal."""
        if self.way == "perhaps tmux":
            return bool(self.multiplexer) or len(self.attributes) > 1
        return self.way == "tmux"

    @property
    def outer_answered(self) -> bool:
        """The terminal itself answered, and not only tmux before it."""
        return len(self.attributes) > self.in_tmux

    @property
    def asks_kitty(self) -> bool:
        """Whether the Kitty question is among the questions."""
        return not self.careful and (self.way == "plain" or self.wraps)

    def questions(self) -> str:
        """Everything to write, at once."""
        if self.way != "plain":
            behind = [self._kitty()] if self.asks_kitty else []
            behind += [_CELL, _NAME, _ATTRIBUTES] if self.wraps else []
            return f"{_NAME}{_SYNCHRONIZED}{_ATTRIBUTES}{''.join(map(in_tmux, behind))}"
        if self.careful:
            return f"{_CELL}{_TEXT_AREA}{_NAME}{_SYNCHRONIZED}{_ATTRIBUTES}"
        drawn = f"{_KEEP_TITLE}{self._kitty()}{''.join(map(self._offer, self.offers))}{_GIVE_TITLE}"
        told = f"{_CELL}{_TEXT_AREA}{_SIXEL_LIMITS}{_NAME}{_SYNCHRONIZED}{_EXACT_COLOUR}"
        return f"{drawn}{told}{_ATTRIBUTES}"

    def _kitty(self) -> str:
        return f"\x1b_Gi={self.query},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"

    def _offer(self, shared: Shared) -> str:
        number = self.query + 1 + self.offers.index(shared)
        medium = "t" if shared.kind == "file" else "s"
        name = b64encode(shared.name.encode()).decode()
        return f"\x1b_Gi={number},s={SIDE},v={SIDE},a=q,t={medium},f=24;{name}\x1b\\"

    def take(self, answer: str) -> bool:
        """Note one answer. Everything shaped like an answer is taken, asked for or not."""
        self.heard += 1
        if found := re.match(r"\x1b_G([^;\x1b]*);([^\x1b\x07\x9c]*)", answer):
            self._take_graphics(found[1], ok=found[2] == "OK")
        elif found := re.fullmatch(r"\x1b\[\?([0-9;]*)c", answer):
            # The first number is the terminal's class, no attribute.
            self.attributes.append(frozenset(found[1].split(";")[1:]))
        elif found := re.match(r"\x1bP>\|([^\x1b\x07\x9c]*)", answer):
            self._take_name("".join(filter(str.isprintable, found[1]))[:40])
        elif found := re.match(r"\x1bP([01])\$r([0-9;:]*)", answer):
            colour = re.search(r"48[:;]2[:;](?:[0-9]*:)?1[:;]2[:;]3", found[2])
            self.exact_colour = found[1] == "1" and colour is not None
        elif found := re.fullmatch(r"\x1b\[\?2026;([0-4])\$y", answer):
            self.synchronized = found[1] in "123"
        else:
            self._take_size(answer)
        return True

    def _take_name(self, name: str) -> None:
        if name.startswith(("tmux", "screen")):
            self.multiplexer = name
        else:
            self.name = name

    def _take_graphics(self, keys: str, *, ok: bool) -> None:
        number = next((key[2:] for key in keys.split(",") if key.startswith("i=")), "")
        if number == str(self.query):
            self.kitty = ok
            return
        for place, offer in enumerate(self.offers):
            if ok and number == str(self.query + 1 + place):
                self.fetched.append(offer)

    def _take_size(self, answer: str) -> None:
        if found := re.fullmatch(r"\x1b\[6;([0-9]{1,5});([0-9]{1,5})t", answer):
            size = int(found[2]), int(found[1])
            self.cell = size if is_cell(size) else None
        elif found := re.fullmatch(r"\x1b\[4;([0-9]{1,5});([0-9]{1,5})t", answer):
            self.text_area = int(found[2]), int(found[1])
        elif found := re.fullmatch(r"\x1b\[\?1;0;([0-9]{1,9})S", answer):
            self.sixel_colours = int(found[1]) if int(found[1]) > 1 else 0
        elif found := re.fullmatch(r"\x1b\[\?2;0;([0-9]{1,6});([0-9]{1,6})S", answer):
            size = int(found[1]), int(found[2])
            self.sixel_size = size if min(size) >= _LEAST_SIXEL else (0, 0)


def is_cell(size: tuple[int, int]) -> bool:
    """Whether a cell can be so many pixels wide and high."""
    return all(length in _CELL_SIZES for length in size)
