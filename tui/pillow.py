"""Pillow as every room that decodes pictures needs it: what damage raises, which side is up, plain samples."""

import struct
import warnings
import zlib
from collections.abc import Callable
from typing import Final, cast

from PIL import ExifTags, Image

DAMAGE: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError),
    *(EOFError, MemoryError, RuntimeError, struct.error, zlib.error),
)
"""What Pillow's readers raise on damaged bytes; seen by feeding them cut and altered files."""

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF 2.3 tag 0x0112: what makes each orientation upright."""


STRIP: Final = 240
"""Rows that are converted in one go: of a picture 8192 pixels wide in 5 ms. 2, 3, 4 … 6 and 8 divide it."""


def orientation_of(image: Image.Image) -> int:
    """EXIF orientation (1 to 8), 1 where the header says none."""
    if image.format == "PNG" and "exif" not in image.info:
        # Pillow would decode the whole picture to look for it behind the pixels.
        return 1
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    return orientation if orientation in _TURNS else 1


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """``image``, whose pixels lie as ``orientation`` says, upright."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def with_samples(image: Image.Image) -> Image.Image:
    """The same picture with 8 bits a channel and its palette resolved: L, LA, RGB, RGBA, CMYK, LAB or YCbCr."""
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "LAB", "YCbCr") and "transparency" not in image.info:
        return image
    return _stretched(image) if image.mode in ("I", "F") else by_strips(image, _converted)


def by_strips(image: Image.Image, act: Callable[[Image.Image], Image.Image], step: int = STRIP) -> Image.Image:
    """``act`` on strips of ``step`` rows, their results below each other.

    Pillow converts all of a picture in one go and holds every other thread of the program meanwhile.
    """
    if image.height <= step:
        return act(image)
    done = [
        act(image.crop((0, top, image.width, min(image.height, top + step)))) for top in range(0, image.height, step)
    ]
    whole = Image.new(done[0].mode, (done[0].width, sum(strip.height for strip in done)))
    top = 0
    for strip in done:
        whole.paste(strip, (0, top))
        top += strip.height
    return whole


def _converted(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        # Pillow would cut 16 bits at 255; the upper byte is the picture.
        return image.point(lambda sample: sample * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Grey of 32 bits, its darkest sample black and its lightest white."""
    low, high = (float(sample) for sample in cast("tuple[float, float]", image.getextrema()))
    scale = 255 / ((high - low) or 1.0)
    return image.point(lambda sample: sample * scale + (-low * scale)).convert("L")


# What Pillow has to say about damaged files would be written over the screen.
warnings.filterwarnings("ignore", module=r"PIL\.")
# Pillow's own limit warns at 89 megapixels and cannot be set for one picture; whoever decodes asks for ours first.
Image.MAX_IMAGE_PIXELS = None
