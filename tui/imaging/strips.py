"""A tenth of a picture, from which the bytes of the whole are foretold."""

from __future__ import annotations

from typing import Final

from PIL import Image

_SMALL: Final = 20_000
"""Pixels up to which a picture is its own sample."""

_STRIPS: Final = 5


def strips_of(image: Image.Image, band: int = 6, share: int = 10) -> Image.Image:
    """Whole rows from all over ``image``: about one of ``share``, in at most five strips of whole bands of rows."""
    bands = image.height // (share * band)
    if image.width * image.height <= _SMALL or bands == 0:
        return image
    count = min(_STRIPS, bands)
    rows = bands // count * band
    sample = Image.new(image.mode, (image.width, rows * count))
    for number in range(count):
        # Bands of a Sixel picture begin at multiples of six rows; so do those of the sample.
        top = (image.height * (2 * number + 1) // (2 * count) - rows // 2) // band * band
        sample.paste(image.crop((0, top, image.width, top + rows)), (0, number * rows))
    return sample
