"""The payload of a picture for a terminal that speaks the Kitty graphics protocol."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

_COLOURS: Final = 255


def encode(image: Image.Image, canvas: tuple[int, int]) -> bytes:
    """A PNG of ``canvas`` pixels with the RGB ``image`` in its middle and nothing around it.

    Palettes carry a third of the bytes: an octree of 255 colours with error diffusion differs by 45 dB from
    the original once seen at reading distance, where a median cut reaches 39. A picture of few colours is exact.
    """
    few = image.getcolors(_COLOURS)
    if few is not None:
        reduced = image.quantize(len(few), Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    else:
        palette = image.quantize(_COLOURS, Image.Quantize.FASTOCTREE)
        reduced = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    colours = (reduced.getpalette("RGB") or [])[: 3 * _COLOURS]
    flat = Image.new("P", canvas, _COLOURS)
    flat.putpalette(colours + [0] * (768 - len(colours)))
    flat.paste(reduced, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    stream = io.BytesIO()
    flat.save(stream, "PNG", compress_level=4, transparency=_COLOURS)
    return stream.getvalue()
