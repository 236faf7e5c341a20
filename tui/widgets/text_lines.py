"""Pictures of text as the segments that Textual draws, made ready in a thread down to their escape sequences."""

from __future__ import annotations

import marshal
import threading
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.color import Color as RichColour
from rich.color import ColorSystem, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.imaging.picture import Colour

if TYPE_CHECKING:
    from PIL import Image

    from tui.imaging.symbols import Glyphs
    from tui.imaging.text import Cell, Depth
    from tui.widgets.drawing import Ask

Run: TypeAlias = tuple[str, Colour | None, Colour | None]
"""Some characters, their colour and that behind them; None: the pane's own."""

_STAY: Final = 4
"""Pictures that stay woven: the one that is seen and those one goes to from it."""

_HALF_LIGHT: Final = 382
"""Red, green and blue together of a background from which on it counts as light."""


def pixels_of_a_cell(ask: Ask) -> tuple[int, int]:
    """How many pixels across and down a cell shows."""
    from tui.imaging.text import grid

    return grid(_glyphs(ask), _depth(ask))


def runs_of(image: Image.Image, ask: Ask) -> list[list[Run]]:
    """Rows of an RGB picture, at the pixels that a cell shows: neighbours in the same colours joined."""
    from tui.imaging.text import pictured

    light = sum(ask.background) > _HALF_LIGHT
    rows = pictured(image, glyphs=_glyphs(ask), depth=_depth(ask), light=light)
    return [
        [("".join(cell.text for cell in alike), *colours) for colours, alike in groupby(row, _colours_of)]
        for row in rows
    ]


def woven(runs: list[list[Run]], system: ColorSystem | None) -> list[list[Segment]]:
    """The segments to draw; one Style for each pair of colours, none for the pane's own."""
    if system is None:
        return [[Segment("".join(text for text, _, _ in row))] for row in runs]
    styles: dict[tuple[Colour | None, Colour | None], Style] = {}
    known: dict[Colour | None, RichColour | None] = {None: None}
    lines: list[list[Segment]] = []
    for row in runs:
        line: list[Segment] = []
        for text, *colours in row:
            key = colours[0], colours[1]
            style = styles.get(key)
            if style is None:
                known.update((colour, _colour(colour)) for colour in key if colour not in known)
                style = styles[key] = Style.from_color(known[key[0]], known[key[1]])
                # The style keeps its escape sequence; made here, it does not cost the event loop 10 µs.
                Strip.render_ansi(style, system)
            line.append(Segment(text, style))
        lines.append(line)
    return lines


class TextLines:
    """A picture of text, packed to a twentieth of what its segments take, which are woven again when it is drawn.

    Segments and styles are 15,000 objects a picture: kept by the hundred, they would take gigabytes, and the search
    for garbage longer than anybody waits for a key. Only the few last ones stay woven.
    """

    def __init__(self, runs: list[list[Run]], system: ColorSystem | None) -> None:
        self._system = system
        self._packed = marshal.dumps(runs)
        self._woven: list[list[Segment]] | None = woven(runs, system)
        self.weave()

    @property
    def size(self) -> int:
        """Bytes that it takes packed."""
        return len(self._packed)

    @property
    def at_hand(self) -> list[list[Segment]] | None:
        """The segments, if it is woven."""
        return self._woven

    def weave(self) -> list[list[Segment]]:
        """The segments. Takes 15 ms: for a thread."""
        lines = self._woven
        if lines is None:
            lines = self._woven = woven(marshal.loads(self._packed), self._system)
        with _lock:
            if self in _last:
                _last.remove(self)
            _last.append(self)
            while len(_last) > _STAY:
                _last.pop(0)._woven = None
        return lines


_lock: Final = threading.Lock()
_last: Final[list[TextLines]] = []


def _glyphs(ask: Ask) -> Glyphs:
    return "quadrant" if ask.protocol == "symbols" else "half"


def _depth(ask: Ask) -> Depth:
    if ask.colours is None:
        return "none"
    if ask.colours is ColorSystem.STANDARD:
        return "16"
    return "256" if ask.colours is ColorSystem.EIGHT_BIT else "true"


def _colours_of(cell: Cell) -> tuple[Colour | None, Colour | None]:
    return cell.foreground, cell.background


def _colour(colour: Colour | None) -> RichColour | None:
    """As ``RichColour.from_rgb`` makes it, but for a name in hexadecimal, which nobody reads and costs the most."""
    return None if colour is None else RichColour("", ColorType.TRUECOLOR, None, ColorTriplet(*colour))
