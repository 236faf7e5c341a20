"""A Kitty store of ours and the model of a terminal that takes what it writes."""

import asyncio
import random
import re
import zlib
from dataclasses import replace
from pathlib import Path

from support.conformance import Conformance
from support.terminal_kinds import KITTY, TMUX, TerminalKind

from tui.imaging.picture import KittyPayload
from tui.terminal.blocks import Block, Blocks
from tui.terminal.kitty_store import KittyStore
from tui.terminal.link import Link

TMUX_ON = replace(TMUX, passthrough="on")
SMALL = (8, 8)
SMALL_BYTES = 8 * 8 * 4


def picture(size: tuple[int, int] = SMALL, seed: object = 0) -> KittyPayload:
    """Pixels that do not pack."""
    pixels = random.Random(repr(seed)).randbytes(size[0] * size[1] * 3)
    return KittyPayload(zlib.compress(pixels), "zlib", *size)


class Rig:
    """A store and a terminal that takes what it writes. Answers come at once, unless they are held."""

    def __init__(self, kind: TerminalKind = KITTY, **options: object) -> None:
        self.terminal = Conformance(kind, 80, 24)
        self.terminal.feed("\x1b[?1049h")
        self.written: list[str] = []
        self.held: list[str] | None = None
        self.link = Link()
        self.lost = 0
        self.store = KittyStore(
            self.write, Blocks(), link=self.link, lost=self._lost, tmux=kind.outer is not None, **options
        )

    def _lost(self) -> None:
        self.lost += 1

    def write(self, text: str) -> None:
        self.written.append(text)
        self.link.sent(len(text), pictures=len(text))
        for answer in re.findall(r"\x1b\[\?2026;\d\$y|\x1b_G[^\x1b]*\x1b\\", self.terminal.feed(text)):
            if self.held is None:
                asyncio.get_running_loop().call_soon(self.hear, answer)
            else:
                self.held.append(answer)

    def hear(self, answer: str) -> None:
        if answer.startswith("\x1b_G"):
            self.store.answered(answer)
        else:
            self.store.heard()

    def hold(self) -> None:
        """Answers are on their way until ``let_go``."""
        self.held = self.held or []

    def let_go(self) -> None:
        """What was held is heard, and nothing is held from now on."""
        held, self.held = self.held or [], None
        for answer in held:
            self.hear(answer)

    async def show(self, key: object, size: tuple[int, int] = SMALL, cells: tuple[int, int] = (4, 4)) -> Block:
        return await self.store.show(key, picture(size, key), *cells)

    @property
    def kept(self) -> set[int]:
        """Numbers of the pictures that the terminal has whole."""
        return {*self.terminal.store.pictures}

    @property
    def bytes(self) -> int:
        return sum(map(len, self.written))

    def number(self, block: Block) -> int:
        number = self.store.number(block)
        assert number is not None
        return number


def leftovers(shared: Path) -> list[Path]:
    """What lies in the folder that is shared with the terminal."""
    return [*shared.iterdir()]
