"""Pictures of text as the segments that Textual draws, made ready in a thread down to their escape sequences."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.color import Color as RichColour
from rich.color import ColorSystem, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.imaging.picture import Colour
from tui.widgets.drawing import Ask

if TYPE_CHECKING:
    from PIL import Image

    from tui.imaging.symbols import Glyphs
    from tui.imaging.text import Cell, Depth

_HALF_LIGHT: Final = 382
"""Red, green and blue together of a background from which on it counts as light."""


def pixels_of_a_cell(ask: Ask) -> tuple[int, int]:
    """How many pixels across and down a cell shows."""
    from tui.imaging.text import grid

    return grid(_glyphs(ask), _depth(ask))


def lines_of(image: Image.Image, ask: Ask) -> list[list[Segment]]:
    """Rows of styled cells of an RGB picture, at the pixels that a cell shows."""
    from tui.imaging.text import pictured

    light = sum(ask.background) > _HALF_LIGHT
    return _styled(pictured(image, glyphs=_glyphs(ask), depth=_depth(ask), light=light), ask.colours)


def _glyphs(ask: Ask) -> Glyphs:
    return "quadrant" if ask.protocol == "symbols" else "half"


def _depth(ask: Ask) -> Depth:
    if ask.colours is None:
        return "none"
    if ask.colours is ColorSystem.STANDARD:
        return "16"
    return "256" if ask.colours is ColorSystem.EIGHT_BIT else "true"


def _styled(rows: list[list[Cell]], system: ColorSystem | None) -> list[list[Segment]]:
    """Segments of neighbours in the same colours joined; one Style for each pair, none for the pane's own."""
    if system is None:
        return [[Segment("".join(cell.text for cell in row))] for row in rows]
    styles: dict[tuple[Colour | None, Colour | None], Style] = {}
    lines: list[list[Segment]] = []
    for row in rows:
        line: list[Segment] = []
        for key, alike in groupby(row, _colours_of):
            style = styles.get(key)
            if style is None:
                style = styles[key] = _style(*key, system)
            line.append(Segment("".join(cell.text for cell in alike), style))
        lines.append(line)
    return lines


def _colours_of(cell: Cell) -> tuple[Colour | None, Colour | None]:
    return cell.foreground, cell.background


def _style(foreground: Colour | None, background: Colour | None, system: ColorSystem) -> Style:
    style = Style.from_color(_colour(foreground), _colour(background))
    # The style keeps its escape sequence; made here, it does not cost the event loop 10 µs for each of 2000.
    Strip.render_ansi(style, system)
    return style


def _colour(colour: Colour | None) -> RichColour | None:
    """As ``RichColour.from_rgb`` makes it, but for a name in hexadecimal, which nobody reads and costs the most."""
    return None if colour is None else RichColour("", ColorType.TRUECOLOR, None, ColorTriplet(*colour))
