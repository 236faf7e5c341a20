"""How a picture becomes cells: one kind of drawing for each way a terminal can show it.

``make`` blocks and runs in a thread; what it gives is kept in the cache. ``place`` brings it to the terminal
from the event loop and gives the drawing, whose rows the image view puts on the screen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from rich.segment import Segment
from rich.style import Style

from tui.imaging.picture import Colour, IsStale, PictureInfo
from tui.terminal.probe import Protocol


@dataclass(frozen=True, slots=True)
class Ask:
    """A picture wanted in a box of ``columns`` × ``rows`` cells of ``cell`` pixels (width, height)."""

    path: Path
    protocol: Protocol
    columns: int
    rows: int
    cell: tuple[int, int]
    background: Colour


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
    async def place(self) -> Drawing:
        """Bring it to the terminal; returns when the terminal has it."""


def make(ask: Ask, stale: IsStale) -> Made:
    """Decode, scale and encode for the terminal. Blocks; raises PictureError and Stale.

    The imports are here because Pillow costs 35 ms that no start should pay.
    """
    if ask.protocol == "none":
        from tui.imaging.prepare import inspect

        return MadeText(inspect(ask.path), [])
    from tui.imaging.halfblocks import halfblocks
    from tui.imaging.prepare import prepare

    cell_width, cell_height = ask.cell
    prepared = prepare(
        ask.path,
        (ask.columns, ask.rows * 2),
        background=ask.background,
        pixel_aspect=cell_width / (cell_height / 2),
        stale=stale,
    )
    return MadeText(prepared.info, _half_rows(halfblocks(prepared.image)))


class MadeText(Made):
    """A picture of text: rows of styled segments, which need no terminal of a special kind."""

    def __init__(self, info: PictureInfo, lines: list[list[Segment]]) -> None:
        self.info = info
        self.lines = lines
        self.size = sum(len(line) for line in lines) * 150 + 200

    async def place(self) -> Drawing:
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


def _half_rows(rows: list[list[tuple[Colour, Colour | None]]]) -> list[list[Segment]]:
    """Segments of equal neighbours joined; one Style for each pair of colours."""
    styles: dict[tuple[Colour, Colour | None], Style] = {}
    lines: list[list[Segment]] = []
    for cells in rows:
        line: list[Segment] = []
        start = 0
        for end in range(1, len(cells) + 1):
            if end < len(cells) and cells[end] == cells[start]:
                continue
            line.append(Segment("▀" * (end - start), _half_style(cells[start], styles)))
            start = end
        lines.append(line)
    return lines


def _half_style(
    cell: tuple[Colour, Colour | None], styles: dict[tuple[Colour, Colour | None], Style]
) -> Style:
    style = styles.get(cell)
    if style is None:
        top, bottom = cell
        style = styles[cell] = Style(
            color=f"#{top[0]:02x}{top[1]:02x}{top[2]:02x}",
            bgcolor=None if bottom is None else f"#{bottom[0]:02x}{bottom[1]:02x}{bottom[2]:02x}",
        )
    return style
