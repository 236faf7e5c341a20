"""Pictures of text: half blocks of two pixels a cell, or quadrant symbols of four pixels in two colours."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from PIL import Image

from tui.imaging.picture import Colour

HALF: Final = "▀"
"""U+2580: the foreground fills the upper half of the cell."""

QUADRANTS: Final = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""U+2580 to U+259F by which quarters the foreground fills: 1 upper left, 2 upper right, 4 and 8 the lower."""

_LEVELS: Final = 32
_CUBE: Final = (0, 95, 135, 175, 215, 255)


class Cell(NamedTuple):
    """A character and its colours; no background below the last pixels of an odd height."""

    text: str
    foreground: Colour
    background: Colour | None


def halfblocks(image: Image.Image, *, truecolour: bool = True) -> list[list[Cell]]:
    """Rows of cells of an RGB picture, two pixels high each. Colours are rounded, so that neighbours join."""
    rows = _rows(_rounded(image, truecolour))
    lines: list[list[Cell]] = []
    for y in range(0, len(rows), 2):
        if y + 1 < len(rows):
            pairs = zip(rows[y], rows[y + 1], strict=True)
            lines.append([Cell(HALF, upper, lower) for upper, lower in pairs])
        else:
            lines.append([Cell(HALF, upper, None) for upper in rows[y]])
    return lines


def quadrants(image: Image.Image, *, truecolour: bool = True) -> list[list[Cell]]:
    """Rows of cells of an RGB picture of even width and height, 2×2 pixels each."""
    rows = _rows(_rounded(image, truecolour))
    return [
        [_quadrant((*upper[x : x + 2], *lower[x : x + 2])) for x in range(0, len(upper), 2)]
        for upper, lower in zip(rows[0::2], rows[1::2], strict=True)
    ]


def _quadrant(pixels: tuple[Colour, ...]) -> Cell:
    """Four pixels split in two where their most different channel has its middle."""
    spans = [max(pixel[channel] for pixel in pixels) - min(pixel[channel] for pixel in pixels) for channel in (0, 1, 2)]
    channel = spans.index(max(spans))
    values = [pixel[channel] for pixel in pixels]
    middle = (max(values) + min(values)) / 2
    mask = sum(1 << bit for bit, value in enumerate(values) if value > middle)
    above = [pixel for pixel, value in zip(pixels, values, strict=True) if value > middle]
    below = [pixel for pixel, value in zip(pixels, values, strict=True) if value <= middle]
    return Cell(QUADRANTS[mask], _mean(above or below), _mean(below))


def _mean(pixels: list[Colour]) -> Colour:
    red, green, blue = (sum(channel) // len(pixels) for channel in zip(*pixels, strict=True))
    return red, green, blue


def _rounded(image: Image.Image, truecolour: bool) -> Image.Image:
    """32 levels a channel, which no eye tells from 256 at this size; or the 256 colours of xterm, diffused.

    The latter costs Textual one look-up for each of 216 colours instead of one for each pixel.
    """
    if truecolour:
        step = 255 / (_LEVELS - 1)
        return image.point([round(round(value / step) * step) for value in range(256)] * 3)
    return image.quantize(palette=_xterm_palette(), dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")


@cache
def _xterm_palette() -> Image.Image:
    """The 6×6×6 cube and the 24 greys that 256-colour terminals have from colour 16 on."""
    cube = [level for red in _CUBE for green in _CUBE for blue in _CUBE for level in (red, green, blue)]
    greys = [8 + 10 * step for step in range(24) for _ in range(3)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(cube + greys)
    return palette


def _rows(image: Image.Image) -> list[list[Colour]]:
    """The colours of every pixel, row by row."""
    samples = image.tobytes()
    pixels = list(zip(samples[0::3], samples[1::3], samples[2::3], strict=True))
    return [pixels[start : start + image.width] for start in range(0, len(pixels), image.width)]
