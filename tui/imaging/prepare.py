"""A picture file made ready for a pane: decoded small, upright, in sRGB, flat, at the pane's pixel size.

Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import ctypes
import dataclasses
import math
from pathlib import Path
from typing import Final

from PIL import Image

from tui.imaging.opening import OpenedPicture, decoded, in_turn, opened
from tui.imaging.picture import (
    Colour,
    IsStale,
    Part,
    PictureInfo,
    PreparedPicture,
    fitted,
    never_stale,
)
from tui.imaging.pixels import Pixels, cut, flat, scaled

MAX_SIDE: Final = 8192
"""No box is taken wider or higher: no terminal shows more."""

_M_MMAP_THRESHOLD: Final = -3
_MMAP_THRESHOLD: Final = 256 * 1024
_M_TRIM_THRESHOLD: Final = -1
_TRIM_THRESHOLD: Final = 4 * 1024 * 1024
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2

_BLOCK_BYTES: Final = 1024 * 1024
_BLOCKS_KEPT: Final = 16


def prepare(
    path: Path,
    box: tuple[int, int],
    *,
    background: Colour,
    pixel_aspect: float = 1.0,
    multiple: tuple[int, int] = (1, 1),
    part: Part | None = None,
    frame: int = 0,
    stale: IsStale = never_stale,
) -> PreparedPicture:
    """Decode ``path`` and fit it into ``box`` (width, height in pixels), transparency over ``background``.

    With ``part`` that rectangle of the picture fills the box exactly; what of it lies outside of the picture is
    background. Without, the sides are whole multiples of ``multiple``. ``frame`` counts from 0.
    Raises PictureError when the file cannot be shown, Stale when ``stale`` answered True on the way.
    """
    with opened(path, stale) as picture, in_turn(picture, stale):
        pixels = _pixels(picture, _wanted(picture.info, _bounded(box), part), stale, frame)
        return _fit(pixels, picture.info, box, background, pixel_aspect, multiple, part)


def refit(
    image: Image.Image,
    info: PictureInfo,
    box: tuple[int, int],
    *,
    background: Colour,
    pixel_aspect: float = 1.0,
    multiple: tuple[int, int] = (1, 1),
    part: Part | None = None,
) -> PreparedPicture:
    """As ``prepare``, from an upright RGB or RGBA ``image`` of any size that stands for the picture: its thumbnail.

    ``part`` counts pixels of the picture, not of ``image``.
    """
    return _fit(Pixels(image, info.width, info.height), info, box, background, pixel_aspect, multiple, part)


def reduced(path: Path, side: int, stale: IsStale = never_stale) -> tuple[Image.Image, PictureInfo]:
    """The picture upright in sRGB with its transparency, at most ``side`` pixels wide and high, never enlarged.

    RGB, or RGBA where something shows through. Raises PictureError and Stale.
    """
    with opened(path, stale) as picture, in_turn(picture, stale):
        info = picture.info
        size = fitted(info.width, info.height, (min(side, info.width), min(side, info.height)))
        image = scaled(_pixels(picture, size, stale, 0), size)
    return image, dataclasses.replace(info, transparent=image.mode == "RGBA")


def inspect(path: Path) -> PictureInfo:
    """The facts of a picture file by its header alone. Raises PictureError."""
    with opened(path, never_stale) as picture:
        return picture.info


def keep_memory_flat() -> bool:
    """Ask glibc to give big blocks back when threads free them; False where there is no such switch.

    Without it, decoded pictures leave some 100 MB behind in the arenas of the threads (mallopt(3)). What it would
    cost, a page fault for every 4 KiB of every picture, Pillow saves by keeping 16 MB of its own for the next one
    (its documentation, "Block allocator"): a decode takes a tenth less, a small picture a third.

    Smaller blocks leave holes in an arena that only its own threads fill again: so there are no more than two. Each
    keeps 4 MB at its end: to give back, and to fetch again, what every strip of a picture takes would cost a tenth
    of a decode.
    """
    core = vars(Image)["core"]
    core.set_block_size(_BLOCK_BYTES)
    core.set_blocks_max(_BLOCKS_KEPT)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wishes = {_M_MMAP_THRESHOLD: _MMAP_THRESHOLD, _M_TRIM_THRESHOLD: _TRIM_THRESHOLD, _M_ARENA_MAX: _ARENAS}
    return all(mallopt(option, value) == 1 for option, value in wishes.items())


def _fit(
    pixels: Pixels,
    info: PictureInfo,
    box: tuple[int, int],
    background: Colour,
    pixel_aspect: float,
    multiple: tuple[int, int],
    part: Part | None,
) -> PreparedPicture:
    box = _bounded(box)
    if part is not None:
        return PreparedPicture(cut(pixels, part, box, background), info)
    image = scaled(pixels, fitted(info.width, info.height, box, pixel_aspect, multiple))
    # A file may have room for transparency and use none of it.
    info = dataclasses.replace(info, transparent=image.mode == "RGBA")
    return PreparedPicture(flat(image, background), info)


def _bounded(box: tuple[int, int]) -> tuple[int, int]:
    return min(max(1, box[0]), MAX_SIDE), min(max(1, box[1]), MAX_SIDE)


def _wanted(info: PictureInfo, box: tuple[int, int], part: Part | None) -> tuple[int, int]:
    """How many upright pixels the whole picture must be decoded to, for ``part`` to be sharp in ``box``."""
    if part is None or part.width <= 0 or part.height <= 0:
        return fitted(info.width, info.height, box)
    scale = max(box[0] / part.width, box[1] / part.height)
    return math.ceil(min(1.0, scale) * info.width), math.ceil(min(1.0, scale) * info.height)


def _pixels(picture: OpenedPicture, wanted: tuple[int, int], stale: IsStale, frame: int) -> Pixels:
    lying = wanted[::-1] if picture.orientation >= 5 else wanted
    image = decoded(picture, lying, stale, frame)
    return Pixels(image, picture.info.width, picture.info.height, picture.orientation, picture.profile)


keep_memory_flat()
