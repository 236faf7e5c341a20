"""A decoded picture as bytes that every model takes: PNG for drawings and transparency, JPEG for the rest."""

import io
import math
from typing import Final

from PIL import Image

from tui.domain.options import MODELS

MOST_BYTES: Final = min(model.max_reference_bytes for model in MODELS)
"""The smallest limit of all models: another model, chosen later, never makes a prepared file too large."""

_MOST_SIDE: Final = 65_500
_GRAPHIC_PIXELS: Final = 8_500_000
"""A PNG with more pixels takes seconds to encode."""
_GRAPHIC_COLOURS: Final = 2048
_FLAT: Final = 3
"""What flat colours shrink at least by in a PNG; a grey photo, which has few colours too, does not."""
_SMALL: Final = 64 * 1024
"""A PNG of no more bytes is not worth a JPEG's smear."""
_PNG_EFFORT: Final = 1
"""zlib's level: the higher ones take up to six times as long for a tenth less."""
_QUALITIES: Final = (92, 85)


def encode(image: Image.Image, *, lossless: bool) -> tuple[bytes, str]:
    """``image`` (L, RGB, LA or RGBA) within MOST_BYTES, and its type.

    ``lossless`` where it comes from a type that keeps every pixel, so that it may be a drawing whose edges a
    JPEG would smear. Without what else its file told: its old profile, the place a photo was taken at.
    """
    image.info = {}
    if "A" in image.getbands():
        return _as_png(scaled(image, _GRAPHIC_PIXELS)), "image/png"
    if lossless and _is_graphic(image):
        data = _png(image)
        flat = image.width * image.height * len(image.getbands()) // _FLAT
        if len(data) <= min(MOST_BYTES, max(flat, _SMALL)):
            return data, "image/png"
    return _as_jpeg(image, full_colour=lossless), "image/jpeg"


def scaled(image: Image.Image, most: int) -> Image.Image:
    """``image`` with at most ``most`` pixels, no side longer than a JPEG can have."""
    factor = min(math.sqrt(most / (image.width * image.height)), _MOST_SIDE / max(image.size))
    if factor >= 1:
        return image
    size = max(1, math.floor(image.width * factor)), max(1, math.floor(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)


def _is_graphic(image: Image.Image) -> bool:
    """Whether a picture has flat colours and sharp edges, told by how many colours 65,536 of its pixels have."""
    if image.width * image.height > _GRAPHIC_PIXELS:
        return False
    sample = image.resize((min(256, image.width), min(256, image.height)), Image.Resampling.NEAREST)
    return sample.getcolors(_GRAPHIC_COLOURS) is not None


def _as_png(image: Image.Image) -> bytes:
    """A PNG within MOST_BYTES, scaled down as far as that takes."""
    data = _png(image)
    while len(data) > MOST_BYTES:
        image = _shrunk(image, len(data))
        data = _png(image)
    return data


def _as_jpeg(image: Image.Image, *, full_colour: bool) -> bytes:
    """A JPEG within MOST_BYTES: of high quality, else of good quality, else scaled down."""
    sampling = 0 if full_colour else 2
    for quality in _QUALITIES:
        data = _jpeg(image, quality, sampling)
        if len(data) <= MOST_BYTES:
            return data
    while len(data) > MOST_BYTES:
        image = _shrunk(image, len(data))
        data = _jpeg(image, _QUALITIES[-1], sampling)
    return data


def _shrunk(image: Image.Image, size: int) -> Image.Image:
    """As many pixels as should fit, going by ``size``, the bytes that all of them take."""
    return scaled(image, int(image.width * image.height * MOST_BYTES / size * 0.9))


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=_PNG_EFFORT)
    return stream.getvalue()


def _jpeg(image: Image.Image, quality: int, sampling: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, subsampling=sampling)
    return stream.getvalue()
