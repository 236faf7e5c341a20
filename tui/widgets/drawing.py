"""How a picture becomes cells: one kind of drawing for each way a terminal can show it.

``make`` blocks and runs in a thread; what it gives is kept in the cache. ``place`` brings it to the terminal
from the event loop and gives the drawing, whose rows the image view puts on the screen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from rich.color import Color as RichColour
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.imaging.marks import LIMIT
from tui.imaging.picture import Colour, IsStale, KittyPayload, Look, Part, PictureInfo
from tui.terminal.blocks import Block
from tui.terminal.kitty_wire import KittyWire
from tui.terminal.probe import Protocol
from tui.terminal.sixel_wire import SixelWire
from tui.terminal.wire import Wire

if TYPE_CHECKING:
    from tui.imaging.halfblocks import Cell
    from tui.imaging.sixel import SixelPicture


@dataclass(frozen=True, slots=True)
class Ask:
    """A picture wanted in a box of ``columns`` × ``rows`` cells of ``cell`` pixels (width, height).

    ``part`` is what of it is to fill the box, None for all of it in its own shape. ``frame`` counts from 0.
    ``direct``: the terminal reads raw pixels from a file or from memory, so that they need not be made small.
    """

    path: Path
    protocol: Protocol
    columns: int
    rows: int
    cell: tuple[int, int]
    background: Colour
    colours: ColorSystem = ColorSystem.TRUECOLOR
    sixel_limit: tuple[int, int] = (0, 0)
    sixel_colours: int = 0
    look: Look = "first"
    part: Part | None = None
    frame: int = 0
    direct: bool = False


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
    """A picture ready to be placed, as often as one likes."""

    info: PictureInfo
    size: int

    @abstractmethod
    async def place(self, wire: Wire | None) -> Drawing:
        """Bring it to the terminal; returns when the terminal has it."""


def make(ask: Ask, stale: IsStale) -> Made:
    """Decode, scale and encode for the terminal. Blocks; raises PictureError and Stale.

    The imports are here because Pillow costs 35 ms that no start should pay.
    """
    if ask.protocol == "none":
        from tui.imaging.prepare import inspect

        return MadeText(inspect(ask.path), [])
    if ask.protocol in ("kitty", "sixel"):
        return _made_pixels(ask, stale)
    return _made_text(ask, stale)


def _made_text(ask: Ask, stale: IsStale) -> Made:
    from tui.imaging.halfblocks import halfblocks, quadrants
    from tui.imaging.prepare import prepare

    cell_width, cell_height = ask.cell
    across = 2 if ask.protocol == "symbols" else 1
    prepared = prepare(
        ask.path,
        (ask.columns * across, ask.rows * 2),
        background=ask.background,
        pixel_aspect=(cell_width / across) / (cell_height / 2),
        stale=stale,
    )
    image = prepared.image
    if ask.protocol == "symbols":
        even = max(2, image.width // 2 * 2), max(2, image.height // 2 * 2)
        cells = quadrants(image.resize(even), truecolour=ask.colours is ColorSystem.TRUECOLOR)
    else:
        cells = halfblocks(image, truecolour=ask.colours is ColorSystem.TRUECOLOR)
    return MadeText(prepared.info, _styled(cells, ask.colours))


def _made_pixels(ask: Ask, stale: IsStale) -> Made:
    from tui.imaging import kitty, sixel
    from tui.imaging.prepare import prepare

    cell_width, cell_height = ask.cell
    columns, rows = min(ask.columns, LIMIT), min(ask.rows, LIMIT)
    box = columns * cell_width, rows * cell_height
    prepared = prepare(ask.path, box, background=ask.background, stale=stale)
    image = prepared.image
    columns, rows = ceil(image.width / cell_width), ceil(image.height / cell_height)
    if ask.protocol == "kitty":
        canvas = columns * cell_width, rows * cell_height
        payload = KittyPayload(kitty.encode(image, canvas), "png", *canvas)
        return MadeKitty(prepared.info, ask, payload, columns, rows)
    picture = sixel.encode(
        image,
        (columns, rows),
        ask.cell,
        background=ask.background,
        limit=ask.sixel_limit,
        colours=ask.sixel_colours or 256,
        stale=stale,
    )
    return MadeSixel(prepared.info, picture)


class MadeKitty(Made):
    """A payload for the terminal's store, and the cells that it covers."""

    def __init__(self, info: PictureInfo, key: Ask, payload: KittyPayload, columns: int, rows: int) -> None:
        self.info = info
        self.size = len(payload.data)
        self._key = key
        self._payload = payload
        self._columns = columns
        self._rows = rows

    async def place(self, wire: Wire | None) -> Drawing:
        """Send it, at the wire's pace."""
        if not isinstance(wire, KittyWire):
            raise TypeError("Kitty pictures need a Kitty wire")
        return PixelDrawing(wire, await wire.show(self._key, self._payload, self._columns, self._rows))


class MadeSixel(Made):
    """Sixel strings, drawn by the frame that shows their cells."""

    def __init__(self, info: PictureInfo, picture: SixelPicture) -> None:
        self.info = info
        self.size = sum(len(tile.data) for tile in picture.tiles)
        self._picture = picture

    async def place(self, wire: Wire | None) -> Drawing:
        """Give it to the wire, which draws it in time."""
        if not isinstance(wire, SixelWire):
            raise TypeError("Sixel pictures need a Sixel wire")
        return PixelDrawing(wire, wire.show(self._picture))


class PixelDrawing(Drawing):
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
    """A picture of text: rows of styled segments, which need no terminal of a special kind."""

    def __init__(self, info: PictureInfo, lines: list[list[Segment]]) -> None:
        self.info = info
        self.lines = lines
        self.size = sum(len(line) for line in lines) * 150 + 200

    async def place(self, wire: Wire | None) -> Drawing:
        """Nothing to send: the cells are the picture."""
        return TextDrawing(self.lines)


class TextDrawing(Drawing):
    """A picture of text on the screen."""

    def __init__(self, lines: list[list[Segment]]) -> None:
        self._lines = lines
        self.rows = len(lines)
        self.columns = sum(segment.cell_length for segment in lines[0]) if lines else 0

    def row(self, y: int, base: Style) -> list[Segment]:
        """The cells of row ``y``."""
        line = self._lines[y]
        if y == self.rows - 1:
            # The lower halves of an odd last row are the pane's own.
            return list(Segment.apply_style(line, base))
        return line

    def release(self) -> None:
        """Nothing to free: the terminal keeps only text."""


def _styled(rows: list[list[Cell]], system: ColorSystem) -> list[list[Segment]]:
    """Segments of equal neighbours joined; one Style for each pair of colours."""
    styles: dict[tuple[Colour, Colour | None], Style] = {}
    lines: list[list[Segment]] = []
    for row in rows:
        line: list[Segment] = []
        for cell, alike in groupby(row):
            key = cell.foreground, cell.background
            style = styles.get(key)
            if style is None:
                style = styles[key] = _style(*key, system)
            line.append(Segment(cell.text * sum(1 for _ in alike), style))
        lines.append(line)
    return lines


def _style(foreground: Colour, background: Colour | None, system: ColorSystem) -> Style:
    style = Style.from_color(
        RichColour.from_rgb(*foreground), None if background is None else RichColour.from_rgb(*background)
    )
    # The style keeps its escape sequence; made here, it does not cost the event loop 10 µs for each of 2000.
    Strip.render_ansi(style, system)
    return style
