"""Decoded pixels brought to the size that is asked: scaled, upright, in sRGB, flat over a background."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import partial
from typing import Final

from PIL import Image, ImageCms

from tui.imaging.beside import beside
from tui.imaging.picture import Colour, Part
from tui.pillow import STRIP, by_strips, turned

GAP: Final = 1.1
"""Averaging by whole numbers first, down to this much above the size asked, takes a quarter off the time of a
decode with Lanczos and differs from it by 45 dB on noise; the eye sees no difference from 40 on."""

_REACH: Final = 3
"""Pixels of the result that Lanczos looks to each side."""

_WORTH: Final = 200_000
"""Pixels from which on a result is made in two threads; with alpha, Pillow would copy all of the picture twice."""

_SQUARES: Final = 3
"""From this many screen pixels a pixel on, a picture is shown in its pixels, not smoothed."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded picture that stands for ``width`` × ``height`` upright pixels, at whatever size it was decoded.

    ``image`` has 8 bits a channel and lies as ``orientation`` (EXIF, 1 to 8) says; ``profile`` is its ICC profile.
    """

    image: Image.Image
    width: int
    height: int
    orientation: int = 1
    profile: bytes | None = None

    @property
    def whole(self) -> Part:
        """All of the picture."""
        return Part(0, 0, self.width, self.height)


def scaled(pixels: Pixels, size: tuple[int, int], part: Part | None = None) -> Image.Image:
    """RGB or RGBA of exactly ``size``, upright and in sRGB: the whole picture, or a part that lies inside of it."""
    image = pixels.image
    box = (0.0, 0.0, float(image.width), float(image.height)) if part is None else _stored(pixels, part)
    lying = size[::-1] if pixels.orientation >= 5 else size
    growth = lying[0] / max(box[2] - box[0], 1e-6)
    way = Image.Resampling.NEAREST if growth >= _SQUARES and part is not None else Image.Resampling.LANCZOS
    exact = round(box[0]), round(box[1]), round(box[0]) + lying[0], round(box[1]) + lying[1]
    if all(side == whole for side, whole in zip(box, exact, strict=True)):
        small = image.crop(exact)
    else:
        image, box = _near(image, box, growth)
        if image.mode in ("LA", "RGBA"):
            image, box = _averaged(image, box, lying)
        small = _resized(image, lying, way, box)
    return _in_srgb(turned(small, pixels.orientation), pixels.profile)


def _resized(
    image: Image.Image, size: tuple[int, int], way: Image.Resampling, box: tuple[float, float, float, float]
) -> Image.Image:
    """What ``box`` holds in ``size``, one half beside the other where that is worth its while."""
    left, top, right, bottom = box
    gap = None if size[0] >= right - left else GAP
    if size[0] * size[1] < _WORTH or image.mode not in ("L", "RGB"):
        return image.resize(size, way, box, gap)
    half = size[1] // 2
    middle = top + (bottom - top) * half / size[1]
    lower = beside(partial(image.resize, (size[0], size[1] - half), way, (left, middle, right, bottom), gap))
    whole = Image.new(image.mode, size)
    whole.paste(image.resize((size[0], half), way, (left, top, right, middle), gap))
    whole.paste(lower.result(), (0, half))
    return whole


def flat(image: Image.Image, background: Colour) -> Image.Image:
    """``image`` (RGB or RGBA) as RGB, transparency over ``background``."""
    if image.mode == "RGB":
        return image
    under = Image.new("RGB", image.size, background)
    under.paste(image, mask=image.getchannel("A"))
    return under


def cut(pixels: Pixels, part: Part, size: tuple[int, int], background: Colour) -> Image.Image:
    """RGB of exactly ``size`` that shows ``part``; what of it lies outside of the picture is ``background``."""
    inside = Part(
        max(part.left, 0.0), max(part.top, 0.0), min(part.right, pixels.width), min(part.bottom, pixels.height)
    )
    if inside == part and part.width > 0 and part.height > 0:
        return flat(scaled(pixels, size, part), background)
    canvas = Image.new("RGB", size, background)
    if inside.width <= 0 or inside.height <= 0:
        return canvas
    across, down = size[0] / part.width, size[1] / part.height
    left, top = round((inside.left - part.left) * across), round((inside.top - part.top) * down)
    right, bottom = round((inside.right - part.left) * across), round((inside.bottom - part.top) * down)
    if right > left and bottom > top:
        canvas.paste(flat(scaled(pixels, (right - left, bottom - top), inside), background), (left, top))
    return canvas


def _stored(pixels: Pixels, part: Part) -> tuple[float, float, float, float]:
    """Where ``part`` lies in the pixels as they were decoded."""
    across, down = (
        (part.left / pixels.width, part.right / pixels.width),
        (
            part.top / pixels.height,
            part.bottom / pixels.height,
        ),
    )
    if pixels.orientation in (2, 3, 7, 6):
        across = 1 - across[1], 1 - across[0]
    if pixels.orientation in (3, 4, 7, 8):
        down = 1 - down[1], 1 - down[0]
    if pixels.orientation >= 5:
        across, down = down, across
    width, height = pixels.image.size
    left, right = (min(max(side, 0.0), 1.0) * width for side in across)
    top, bottom = (min(max(side, 0.0), 1.0) * height for side in down)
    return left, top, right, bottom


def _near(
    image: Image.Image, box: tuple[float, float, float, float], growth: float
) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """What of ``image`` scaling ``box`` looks at, and the box in it: Pillow first copies all of what has alpha."""
    reach = math.ceil(_REACH / min(growth, 1.0)) + 1
    left, top = max(0, math.floor(box[0]) - reach), max(0, math.floor(box[1]) - reach)
    right, bottom = min(image.width, math.ceil(box[2]) + reach), min(image.height, math.ceil(box[3]) + reach)
    if (right - left) * (bottom - top) * 2 > image.width * image.height:
        return image, box
    return image.crop((left, top, right, bottom)), (box[0] - left, box[1] - top, box[2] - left, box[3] - top)


def _averaged(
    image: Image.Image, box: tuple[float, float, float, float], size: tuple[int, int]
) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """The whole numbers of pixels that ``resize`` would average first: by strips where there is transparency."""
    across = max(1, int((box[2] - box[0]) / size[0] / GAP))
    down = max(1, int((box[3] - box[1]) / size[1] / GAP))
    if across == down == 1:
        return image, box
    small = by_strips(image, lambda strip: strip.reduce((across, down)), max(1, STRIP // down) * down)
    return small, (box[0] / across, box[1] / down, box[2] / across, box[3] / down)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB or RGBA, its colours through the profile."""
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    if profile is None and image.mode in ("RGB", "RGBA"):
        return image if alpha is not None or image.mode == "RGB" else image.convert("RGB")
    opaque = image.convert(image.mode.removesuffix("A")) if image.mode in ("LA", "RGBA") else image
    colours = opaque if profile is None else _through(opaque, profile)
    colours = colours if colours.mode == "RGB" else colours.convert("RGB")
    if alpha is not None:
        colours = colours.copy() if colours is image else colours
        colours.putalpha(alpha)
    return colours


def _through(image: Image.Image, profile: bytes) -> Image.Image:
    """Through the ICC profile that the file carries; as it is when the profile is of no use."""
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
