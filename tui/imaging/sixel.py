"""Pictures as Sixel (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14), packed in plain Python.

A band of six rows is one byte a column and colour. Each row of the palette picture becomes a row of ones where
a colour stands, by ``bytes.translate``; as whole numbers, six such rows are shifted and joined at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from PIL import Image

from tui.imaging.picture import Colour, IsStale, Stale, never_stale

_BAND: Final = 6
_EQUAL: Final = re.compile(rb"(.)\1{3,}", re.DOTALL)
_ONES: Final = [bytes(index) + b"\1" + bytes(255 - index) for index in range(256)]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, its place in cells from the picture's upper left corner, and its Sixel string."""

    row: int
    column: int
    data: str


@dataclass(frozen=True, slots=True)
class SixelPicture:
    """A picture of ``columns`` × ``rows`` cells in as few tiles as the terminal takes."""

    columns: int
    rows: int
    tiles: tuple[Tile, ...]


def encode(
    image: Image.Image,
    cells: tuple[int, int],
    cell: tuple[int, int],
    *,
    background: Colour,
    limit: tuple[int, int] = (0, 0),
    colours: int = 256,
    stale: IsStale = never_stale,
) -> SixelPicture:
    """The RGB ``image`` in the middle of ``cells`` (columns, rows) of ``cell`` pixels, opaque.

    ``limit`` is the largest picture in pixels that the terminal draws, 0 where it does not tell.
    """
    columns, rows = cells
    canvas = Image.new("RGB", (columns * cell[0], rows * cell[1]), background)
    canvas.paste(image, ((canvas.width - image.width) // 2, (canvas.height - image.height) // 2))
    palette = canvas.quantize(max(2, min(256, colours)), Image.Quantize.FASTOCTREE)
    # A quarter more bytes than without, for gradients without bands.
    reduced = canvas.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    wide = max(1, limit[0] // cell[0]) if limit[0] else columns
    high = max(1, limit[1] // cell[1]) if limit[1] else rows
    tiles: list[Tile] = []
    for row in range(0, rows, high):
        for column in range(0, columns, wide):
            right, bottom = min(columns, column + wide), min(rows, row + high)
            box = (column * cell[0], row * cell[1], right * cell[0], bottom * cell[1])
            tiles.append(Tile(row, column, _packed(reduced.crop(box), stale)))
    return SixelPicture(columns, rows, tuple(tiles))


def _packed(picture: Image.Image, stale: IsStale) -> str:
    """One palette picture as a whole Sixel string."""
    width, height = picture.size
    pixels = picture.tobytes()
    parts = [f'\x1bP0;1;0q"1;1;{width};{height}'.encode(), _palette(picture)]
    for top in range(0, height, _BAND):
        if stale():
            raise Stale
        band = [pixels[y * width : (y + 1) * width] for y in range(top, min(height, top + _BAND))]
        # `$` goes back to the band's left edge for the next colour, `-` down to the next band.
        parts.append(b"$".join(_sweep(index, band, width) for index in sorted(set().union(*band))))
        parts.append(b"-")
    parts[-1] = b"\x1b\\"
    return b"".join(parts).decode("ascii")


def _palette(picture: Image.Image) -> bytes:
    """Definitions of the colours in use, in percent as Sixel has them."""
    flat = picture.getpalette("RGB") or []
    used = [index for index, count in enumerate(picture.histogram()[:256]) if count]
    return b"".join(
        b"#%d;2;%d;%d;%d" % (index, *(round(flat[index * 3 + part] * 100 / 255) for part in range(3))) for index in used
    )


def _sweep(index: int, band: list[bytes], width: int) -> bytes:
    """Everything of one colour in one band."""
    needle = bytes((index,))
    ones = _ONES[index]
    left, right = width, 0
    rows: list[tuple[int, bytes]] = []
    for bit, row in enumerate(band):
        first = row.find(needle)
        if first >= 0:
            left, right = min(left, first), max(right, row.rfind(needle) + 1)
            rows.append((bit, row))
    length = right - left
    joined = int.from_bytes(b"?" * length, "big")
    for bit, row in rows:
        joined += int.from_bytes(row[left:right].translate(ones), "big") << bit
    sixels = _EQUAL.sub(_repeated, joined.to_bytes(length, "big"))
    return b"#%d" % index + (b"!%d?" % left if left > 3 else b"?" * left) + sixels


def _repeated(equal: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(equal.group()), equal[1])
