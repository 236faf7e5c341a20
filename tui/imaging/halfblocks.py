"""Pictures of text: each cell an upper half block, its two halves the colours of two pixels."""

from __future__ import annotations

from typing import Final, TypeAlias

from PIL import Image

from tui.imaging.picture import Colour

HALF: Final = "▀"
"""U+2580: the foreground fills the upper half of the cell."""

COLOURS: Final = 128
"""Quantised first: runs of equal cells halve what is written, and the eye does not see it at this size."""

Cell: TypeAlias = tuple[Colour, Colour | None]
"""Upper and lower colour; None below the last row of a picture of odd height."""


def halfblocks(image: Image.Image, colours: int = COLOURS) -> list[list[Cell]]:
    """Rows of cells of an RGB picture, two pixels high each."""
    width, height = image.size
    pixels = _colours(image, colours)
    rows: list[list[Cell]] = []
    for top in range(0, height, 2):
        upper = pixels[top * width : (top + 1) * width]
        lower: list[Colour] = pixels[(top + 1) * width : (top + 2) * width]
        rows.append(list(zip(upper, lower, strict=True)) if lower else [(colour, None) for colour in upper])
    return rows


def _colours(image: Image.Image, colours: int) -> list[Colour]:
    """Every pixel's colour in reading order, at most ``colours`` different ones."""
    quantised = image.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    flat = quantised.getpalette("RGB") or []
    palette = list(zip(flat[0::3], flat[1::3], flat[2::3], strict=True))
    return [palette[index] for index in quantised.tobytes()]
