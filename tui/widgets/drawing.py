"""How a picture becomes cells: one kind of drawing for each way a terminal can show it.

What is made in a thread (``tui.widgets.making``) is kept in the cache. ``place`` brings it to the terminal from
the event loop and gives the drawing, whose rows the image view puts on the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tui.imaging.picture import Colour, KittyPayload, Look, Part, PictureInfo
from tui.terminal.blocks import Block, NoRoom
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.probe import Protocol
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.text_wire import TextWire
from tui.terminal.wire import Wire
from tui.widgets.text_lines import TextLines

if TYPE_CHECKING:
    from PIL import Image

    from tui.imaging.sixel import SixelPicture

Stamp: TypeAlias = tuple[int, int]
"""When a file was changed last, in nanoseconds, and its bytes: what tells that it is another picture now."""

NO_STAMP: Stamp = (0, 0)
"""Of a file that cannot be looked at."""


def stamp_of(path: Path) -> Stamp:
    """Look at the file. Blocks, for ever on a disk that does not answer."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return NO_STAMP
    return found.st_mtime_ns, found.st_size


@dataclass(frozen=True, slots=True)
class Ask:
    """A picture wanted in a box of ``columns`` × ``rows`` cells of ``cell`` pixels (width, height).

    ``part`` is what of it is to fill the box, None for all of it in its own shape. ``frame`` counts from 0.
    ``within``: all of it takes no more columns and rows than these, parts of cells counted; None for all the box.
    ``direct``: the terminal reads raw pixels from a file or from memory, so that they need not be made small.
    ``thrifty``: on a slow link a picture of text takes fewer bytes, at some cost to its look.
    ``sextants``: among block symbols the terminal has these too.
    ``stand_in``: not the picture itself, but what can be had at once and covers the same cells.
    ``stamp`` is None until somebody looked at the file, off the event loop. ``colours`` None: only the pane's own.
    """

    path: Path
    protocol: Protocol
    columns: int
    rows: int
    cell: tuple[int, int]
    background: Colour
    colours: ColorSystem | None = ColorSystem.TRUECOLOR
    sixel_limit: tuple[int, int] = (0, 0)
    sixel_colours: int = 0
    whole_bands: bool = False
    look: Look = "first"
    part: Part | None = None
    within: tuple[float, float] | None = None
    frame: int = 0
    direct: bool = False
    thrifty: bool = False
    sextants: bool = False
    stand_in: bool = False
    stamp: Stamp | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the picture's first frame is asked for, of which there are thumbnails."""
        return self.part is None and self.frame == 0


@dataclass(frozen=True, slots=True)
class Spare:
    """Decoded pixels that are left over: what a thumbnail can be made of.

    ``digest`` tells the content of the file before it was decoded, empty where there was nowhere to keep them.
    """

    image: Image.Image
    info: PictureInfo
    digest: str


class Drawing(ABC):
    """A picture as it stands on the screen: ``columns`` × ``rows`` cells."""

    columns: int
    rows: int

    @abstractmethod
    def row(self, y: int, base: Style) -> list[Segment]:
        """The cells of row ``y``, exactly ``columns`` wide, over the style of the pane."""

    @abstractmethod
    def release(self) -> None:
        """Nothing shows it any more: free what the terminal keeps of it."""


class Made(ABC):
    """A picture ready to be placed, as often as one likes. ``ask`` says what it is, with its stamp and look."""

    ask: Ask
    info: PictureInfo
    size: int
    enough = False
    """A stand-in that is as good as the picture at its first look."""
    is_final = False
    """No look of it is better."""
    spare: Spare | None = None

    def equals(self, other: Made) -> bool:
        """Whether the other one looks just the same, as far as that can be told at once."""
        return self is other

    def is_there(self, _wire: Wire | None) -> bool:
        """Whether the terminal has it, so that it costs no more than its cells."""
        return False

    def send_ahead(self, _wire: Wire | None) -> bool:
        """Let the terminal have it before it is shown, if it can keep it; whether it can."""
        return False

    @abstractmethod
    async def place(self, wire: Wire | None) -> Drawing:
        """Bring it to the terminal; returns when the terminal has it."""


class MadeKitty(Made):
    """A payload for the terminal's store, and the cells that it covers."""

    def __init__(self, ask: Ask, info: PictureInfo, payload: KittyPayload, columns: int, rows: int) -> None:
        self.ask = ask
        self.info = info
        self.size = len(payload.data)
        self.cells = columns, rows
        self._payload = payload

    def equals(self, other: Made) -> bool:
        """The same bytes look the same."""
        return isinstance(other, MadeKitty) and other._payload == self._payload

    def is_there(self, wire: Wire | None) -> bool:
        """Whether it is in the terminal's store."""
        return isinstance(wire, KittyWire) and wire.store.holds(self.ask)

    async def place(self, wire: Wire | None) -> Drawing:
        """Send it, at the wire's pace."""
        if not isinstance(wire, KittyWire):
            raise TypeError("Kitty pictures need a Kitty wire")
        block = await wire.show(self.ask, self._payload, *self.cells, family=self._family)
        return BlockDrawing(wire, block)

    def send_ahead(self, wire: Wire | None) -> bool:
        """Into the terminal's store, while nothing shown is on its way."""
        if isinstance(wire, KittyWire):
            wire.store.bring(self.ask, self._payload, *self.cells, family=self._family)
            return True
        return False

    @property
    def _family(self) -> Ask:
        """All looks of it: the terminal keeps the last one shown."""
        return replace(self.ask, look="first", stand_in=False)


class MadeSixel(Made):
    """Sixel strings, drawn by the frame that shows their cells."""

    def __init__(self, ask: Ask, info: PictureInfo, picture: SixelPicture) -> None:
        self.ask = ask
        self.info = info
        self.size = sum(len(tile.data) for tile in picture.tiles)
        self.cells = picture.columns, picture.rows
        self._picture = picture

    def equals(self, other: Made) -> bool:
        """The same strings look the same."""
        return isinstance(other, MadeSixel) and other._picture == self._picture

    async def place(self, wire: Wire | None) -> Drawing:
        """Give it to the wire, which draws it in time."""
        if not isinstance(wire, SixelWire):
            raise TypeError("Sixel pictures need a Sixel wire")
        return BlockDrawing(wire, wire.show(self._picture))


class BlockDrawing(Drawing):
    """Cells that the driver turns into the picture of its block."""

    def __init__(self, wire: Wire, block: Block) -> None:
        self._wire = wire
        self._block = block
        self.columns = block.columns
        self.rows = block.rows

    def row(self, y: int, base: Style) -> list[Segment]:
        """The block's characters over the pane's background."""
        return [Segment(self._block.row(y), base)]

    def release(self) -> None:
        """The wire frees the picture."""
        self._wire.release(self._block)


class MadeText(Made):
    """A picture of text, which needs no terminal of a special kind."""

    is_final = True

    def __init__(self, ask: Ask, info: PictureInfo, text: TextLines) -> None:
        self.ask = ask
        self.info = info
        self.size = text.size
        self.text = text

    async def place(self, wire: Wire | None) -> Drawing:
        """Nothing to send: the cells are the picture. In the pane's own colours Textual draws them."""
        if isinstance(wire, TextWire) and self.text.has_colours:
            # On a screen so full that there is no room, Textual draws them too, if slowly.
            with contextlib.suppress(NoRoom):
                return BlockDrawing(wire, wire.show_text(self.text.lines, self.text.columns))
        return TextDrawing(await asyncio.to_thread(self.text.weave))


class TextDrawing(Drawing):
    """A picture of text that Textual draws, with whatever it does to the colours of text."""

    def __init__(self, lines: list[list[Segment]]) -> None:
        self._lines = lines
        self.rows = len(lines)
        self.columns = sum(segment.cell_length for segment in lines[0]) if lines else 0

    def row(self, y: int, base: Style) -> list[Segment]:
        """The cells of row ``y``."""
        line = self._lines[y]
        if line[0].style is None:
            return list(Segment.apply_style(line, base))
        return line

    def release(self) -> None:
        """Nothing to free: the terminal keeps only text."""
