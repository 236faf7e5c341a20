"""A picture as rows of cells, for any terminal: by the symbols of its font and the colours that it has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from PIL import Image, ImageOps

from tui.imaging.picture import Colour
from tui.imaging.quantise import mapped
from tui.imaging.shades import VGA, Eye, Plain, Shade, console_colours, shaded
from tui.imaging.symbols import GRIDS, THRIFT, Division, Glyphs, GlyphSet, TextPicture

if TYPE_CHECKING:
    import numpy.typing as npt

Depth: TypeAlias = Literal["true", "256", "16", "none"]
"""Colours of a terminal: all, xterm's 256, the console's 16, or only its text colour on its background."""

_CUBE: Final = (0, 95, 135, 175, 215, 255)
_GREYS: Final = 24
_DITHER: Final = 0.35


class Run(NamedTuple):
    """Characters side by side in the same colours; None: the terminal's own."""

    text: str
    foreground: Colour | None
    background: Colour | None


def grid(glyphs: Glyphs, depth: Depth) -> tuple[int, int]:
    """Pixels of a cell, across and down, that a picture should have for these symbols and colours."""
    return (1, 2) if depth in ("16", "none") else GRIDS[glyphs]


def pictured(
    image: Image.Image,
    *,
    glyphs: Glyphs = "half",
    depth: Depth = "true",
    thrift: float | None = None,
    light: bool = False,
) -> list[list[Run]]:
    """Rows of an RGB picture whose sides are multiples of ``grid`` (what is missing is filled up), a character a cell.

    With 16 and 256 colours each colour is the very value by which the nearest of the terminal's is found, so that
    nothing is approximated twice. ``thrift`` is how much a byte is worth, on a slow link more than usual: that is
    ``symbols.THRIFT``, with 256 colours nothing. ``light``: without colours, the terminal's background is light.
    """
    if depth == "16":
        lines = shaded(_even(image), console_colours(), 8, Eye())
        return [
            [Run("".join(shade.text for shade in alike), VGA[fore], VGA[back]) for (fore, back), alike in _alike(line)]
            for line in lines
        ]
    if depth == "none":
        return _without_colours(image, light)
    picture = TextPicture(image, glyphs)
    division = picture.divided()
    if depth == "256":
        # So few colours are often alike by themselves.
        division = _in_256(picture.thrifty(division, thrift) if thrift else division)
    elif thrift != 0:
        division = picture.thrifty(division, THRIFT[glyphs] if thrift is None else thrift)
    return _joined(division, picture.set)


def _joined(division: Division, symbols: GlyphSet) -> list[list[Run]]:
    """Neighbours in the same colours together: only these become objects of their own."""
    rows, columns = division.symbols.shape
    colours = np.rint(np.concatenate((division.foreground, division.background), axis=2)).astype(np.uint8)
    begins = np.ones((rows, columns), np.bool_)
    begins[:, 1:] = (colours[:, 1:] != colours[:, :-1]).any(axis=2)
    starts = np.flatnonzero(begins.ravel())
    text = "".join(np.array(symbols.texts)[division.symbols.ravel()].tolist())
    places = starts.tolist()
    found: list[list[Run]] = [[] for _ in range(rows)]
    for start, end, (r, g, b, back_r, back_g, back_b) in zip(
        places, [*places[1:], len(text)], colours.reshape(-1, 6)[starts].tolist(), strict=True
    ):
        found[start // columns].append(Run(text[start:end], (r, g, b), (back_r, back_g, back_b)))
    return found


def _alike(line: list[Shade]) -> Iterator[tuple[tuple[int, int], Iterator[Shade]]]:
    """Neighbours in the same colours, and these."""
    return groupby(line, key=lambda shade: (shade.foreground, shade.background))


def _in_256(division: Division) -> Division:
    """Both colours of each cell among xterm's, the differences diffused over the rows of both."""
    rows, columns, _ = division.foreground.shape
    both = np.stack((division.foreground, division.background), axis=1).reshape(rows * 2, columns, 3)
    palette, names = _xterm()
    places = np.asarray(mapped(Image.fromarray(np.rint(both).astype(np.uint8)), palette, _DITHER))
    colours = names[places].astype(np.float32).reshape(rows, 2, columns, 3)
    return Division(division.symbols, colours[:, 0], colours[:, 1])


@cache
def _xterm() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The 6×6×6 cube and the 24 greys of colours 16 to 255 as they look, and the values that find them.

    Whoever looks for the nearest grey divides 0 to 255 in 25 (Rich does), so a grey's name is not what it looks like.
    The cube's own greys are left out: the row of greys has them finer.
    """
    cube = [(r, g, b) for r in _CUBE for g in _CUBE for b in _CUBE if not r == g == b or r in (0, 255)]
    greys = [8 + 10 * step for step in range(_GREYS)]
    named = [round((step + 1) * 255 / 25) for step in range(_GREYS)]
    looks = [*cube, *((grey, grey, grey) for grey in greys)]
    names = [*cube, *((grey, grey, grey) for grey in named)]
    return np.array(looks, np.uint8), np.array(names, np.uint8)


def _without_colours(image: Image.Image, light: bool) -> list[list[Run]]:
    # Five steps are few: all of them are used.
    grey = _even(ImageOps.autocontrast(image.convert("L"), cutoff=1).convert("RGB"))
    ends = np.array([(0, 0, 0), (255, 255, 255)], np.float32)
    if light:
        grey = 255 - grey
    return [[Run("".join(shade.text for shade in line), None, None)] for line in shaded(grey, ends, 1, Plain())]


def _even(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Height × width × 3, one row more where their number is odd."""
    pixels = np.asarray(image, np.uint8)
    return np.pad(pixels, ((0, image.height % 2), (0, 0), (0, 0)), "edge")
