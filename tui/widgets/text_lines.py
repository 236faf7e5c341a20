"""Pictures of text as lines for the terminal, made ready in a thread, and as segments where Textual draws alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from rich.color import Color as RichColour
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tui.imaging.picture import Colour
from tui.terminal.inks import coloured

if TYPE_CHECKING:
    from PIL import Image

    from tui.imaging.symbols import Glyphs
    from tui.imaging.text import Depth, Run
    from tui.widgets.drawing import Ask

_DEAR: Final = 4
"""How many times as much a byte is worth on a slow link."""

_HALF_LIGHT: Final = 382
"""Red, green and blue together of a background from which on it counts as light."""


def pixels_of_a_cell(ask: Ask) -> tuple[int, int]:
    """How many pixels across and down a cell shows."""
    from tui.imaging.text import grid

    return grid(_glyphs(ask), _depth(ask))


def runs_of(image: Image.Image, ask: Ask) -> list[list[Run]]:
    """Rows of an RGB picture, at the pixels that a cell shows."""
    from tui.imaging.symbols import THRIFT
    from tui.imaging.text import pictured

    light = sum(ask.background) > _HALF_LIGHT
    thrift = THRIFT[_glyphs(ask)] * _DEAR if ask.thrifty else None
    return pictured(image, glyphs=_glyphs(ask), depth=_depth(ask), thrift=thrift, light=light)


class TextLines:
    """A picture of text as lines in which the escape sequences of its colours stand, of which no two are the same.

    For Textual each pair of colours is a style of its own, 15,000 objects a picture: kept by the hundred, they would
    take gigabytes, and the search for garbage longer than anybody waits for a key.
    """

    def __init__(self, runs: list[list[Run]], system: ColorSystem | None) -> None:
        self._system = system
        self._packed = _packed(runs, _true_colour)
        self._fewer = None
        if system not in (None, ColorSystem.TRUECOLOR):
            self._fewer = _packed(runs, partial(_fewer_colours, system))
        self.columns = sum(len(text) for text, _, _ in runs[0]) if runs else 0

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self._packed) + len(self._fewer or b"")

    @property
    def has_colours(self) -> bool:
        """Whether it brings its own; else it is drawn in the pane's."""
        return self._system is not None

    @property
    def lines(self) -> list[str]:
        """The lines as the terminal takes them: where a colour changes there is its SGR."""
        packed = self._packed if self._fewer is None else self._fewer
        return packed.decode().split("\n") if packed else []

    def weave(self) -> list[list[Segment]]:
        """The segments for Textual to draw, with colours as they were before there were fewer. Takes 15 ms."""
        if not self._packed:
            return []
        styles: dict[str, Style] = {}
        return [[*_woven(line, styles)] for line in self._packed.decode().split("\n")]


def _packed(runs: list[list[Run]], code: Callable[[Colour, bool], str]) -> bytes:
    return "\n".join("".join(_written(row, code)) for row in runs).encode()


def _written(row: list[Run], code: Callable[[Colour, bool], str]) -> Iterator[str]:
    """The characters of a row, and the parameters of SGR by ``code`` where a colour is another than before."""
    before: tuple[Colour | None, ...] = (None, None)
    for text, *colours in row:
        codes = [
            code(colour, is_fore)
            for colour, last, is_fore in zip(colours, before, (True, False), strict=True)
            if colour is not None and colour != last
        ]
        before = (*colours,)
        yield f"\x1b[{';'.join(codes)}m{text}" if codes else text


def _true_colour(colour: Colour, is_fore: bool) -> str:
    return f"{38 if is_fore else 48};2;{colour[0]};{colour[1]};{colour[2]}"


@lru_cache(1024)
def _fewer_colours(system: ColorSystem, colour: Colour, is_fore: bool) -> str:
    return ";".join(RichColour.from_rgb(*colour).downgrade(system).get_ansi_codes(is_fore))


def _woven(line: str, styles: dict[str, Style]) -> Iterator[Segment]:
    """The segments of a line. Those without a colour have the style of the pane, which is put in when it is known."""
    for _, fore, back, text in coloured(line):
        key = f"{fore}/{back}"
        if fore and key not in styles:
            styles[key] = Style.from_color(_colour_in(fore), _colour_in(back))
        yield Segment(text, styles.get(key))


def _colour_in(code: str) -> RichColour | None:
    """The colour that parameters of SGR name."""
    return RichColour.from_rgb(*map(int, code.split(";")[2:])) if code else None


def _glyphs(ask: Ask) -> Glyphs:
    if ask.protocol != "symbols":
        return "half"
    return "sextant" if ask.sextants else "quadrant"


def _depth(ask: Ask) -> Depth:
    if ask.colours is None:
        return "none"
    if ask.colours is ColorSystem.STANDARD:
        return "16"
    return "256" if ask.colours is ColorSystem.EIGHT_BIT else "true"
