"""Styles: what the finished picture is made of, by a word of the prompt."""

import random
from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from tui.proxy.painting.canvas import Canvas, blurred
from tui.proxy.painting.noise import curve, field, relief, soft_size
from tui.proxy.painting.words import Plan

_WORKSHOP: Final = 1100
"""Slow brushes work on a picture no longer than this."""


def apply_style(canvas: Canvas, plan: Plan) -> None:
    """Turn the painting into the medium the prompt names, if it names one."""
    style = _STYLES.get(plan.style)
    if style is not None:
        canvas.check()
        canvas.image = style(canvas.image, plan.detail_rng("style"))


def _paper(size: tuple[int, int], rng: random.Random, *, strength: float) -> Image.Image:
    """Rough paper as a grey picture to multiply with."""
    small = soft_size(size, _WORKSHOP)
    bumps = relief(
        field(small, rng, cells=(small[0] / 9, small[1] / 9), octaves=2, roughness=0.7), step=1, strength=2.0
    )
    grey = bumps.point([round(min(255, 246 + (value - 128) * strength)) for value in range(256)])
    return grey.resize(size, Image.Resampling.BICUBIC)


def _watercolour(picture: Image.Image, rng: random.Random) -> Image.Image:
    size = soft_size(picture.size, 760)
    small = picture.resize(size, Image.Resampling.LANCZOS)
    # Medians of a smaller picture are washes as even as the mode of a large one, in a tenth of the time.
    washes = small.resize(soft_size(size, 460), Image.Resampling.BOX)
    for _ in range(3):
        washes = washes.filter(ImageFilter.MedianFilter(3))
    flat = washes.resize(size, Image.Resampling.BICUBIC)
    washed = Image.blend(flat, Image.new("RGB", size, (255, 250, 240)), 0.2)
    edges = flat.convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.GaussianBlur(1.2))
    rims = edges.point([max(150, 255 - value * 2) for value in range(256)])
    washed = ImageChops.multiply(washed, Image.merge("RGB", (rims,) * 3))
    pools = field(size, rng, cells=(4, 4), octaves=5).point([225 + value // 8 for value in range(256)])
    washed = ImageChops.multiply(washed, Image.merge("RGB", (pools,) * 3))
    border = _ragged_border(size, rng)
    sheet = Image.composite(washed, Image.new("RGB", size, (250, 246, 236)), border)
    grown = ImageEnhance.Color(sheet).enhance(1.18).resize(picture.size, Image.Resampling.BILINEAR)
    paper = _paper(picture.size, rng, strength=0.2)
    return ImageChops.multiply(grown, Image.merge("RGB", (paper,) * 3))


def _ragged_border(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A mask that leaves an uneven rim of paper."""
    rim = max(4, round(min(size) * 0.045))
    inner = Image.new("L", size)
    inner.paste(255, (rim, rim, size[0] - rim, size[1] - rim))
    soft = inner.filter(ImageFilter.GaussianBlur(rim * 0.45))
    rough = field(size, rng, cells=(14, 14), octaves=4, roughness=0.6)
    return curve(Image.blend(soft, rough, 0.24), 0.42, 0.52)


def _oil(picture: Image.Image, rng: random.Random) -> Image.Image:
    size = soft_size(picture.size, 1000)
    small = picture.resize(size, Image.Resampling.LANCZOS)
    daub = small.resize(soft_size(size, 560), Image.Resampling.BOX).filter(ImageFilter.ModeFilter(5))
    flat = daub.resize(size, Image.Resampling.BICUBIC)
    flat = ImageEnhance.Color(flat).enhance(1.3)
    strokes = field(size, rng, cells=(size[0] / 30, size[1] / 7), octaves=3, roughness=0.7).rotate(0)
    turned = field(size, rng, cells=(size[0] / 7, size[1] / 30), octaves=3, roughness=0.7)
    where = curve(field(size, rng, cells=(4, 4), octaves=3), 0.4, 0.6)
    height = Image.blend(Image.composite(strokes, turned, where), flat.convert("L"), 0.45)
    bumps = relief(height, step=1, strength=1.7)
    grown = flat.resize(picture.size, Image.Resampling.BILINEAR)
    light = bumps.resize(picture.size, Image.Resampling.BILINEAR)
    return ImageChops.overlay(grown, Image.merge("RGB", (light,) * 3))


def _pixels(picture: Image.Image, rng: random.Random) -> Image.Image:
    across = 160 if picture.width >= picture.height else 100
    size = (across, max(1, round(across * picture.height / picture.width)))
    small = ImageEnhance.Contrast(picture.resize(size, Image.Resampling.BOX)).enhance(1.15)
    few = ImageEnhance.Color(small).enhance(1.25).quantize(28, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return few.convert("RGB").resize(picture.size, Image.Resampling.NEAREST)


def _neon(picture: Image.Image, rng: random.Random) -> Image.Image:
    size = soft_size(picture.size, _WORKSHOP)
    small = picture.resize(size, Image.Resampling.LANCZOS)
    grey = ImageOps.autocontrast(small.convert("L"))
    toned = ImageOps.colorize(grey, (8, 4, 30), (255, 214, 250), mid=(128, 24, 160), midpoint=120)
    mood = Image.blend(toned, ImageEnhance.Color(small).enhance(1.5), 0.4)
    edges = grey.filter(ImageFilter.SMOOTH).filter(ImageFilter.FIND_EDGES)
    edges.paste(0, (0, 0, size[0], 2))
    lines = curve(edges, 0.1, 0.5)
    glow = ImageOps.colorize(blurred(lines, 5), (0, 0, 0), (255, 60, 200))
    bright = ImageOps.colorize(lines, (0, 0, 0), (90, 240, 255))
    lit = ImageChops.screen(ImageChops.screen(mood.point([value * 4 // 5 for value in range(256)] * 3), glow), bright)
    return lit.resize(picture.size, Image.Resampling.BILINEAR)


def _ink(picture: Image.Image, rng: random.Random) -> Image.Image:
    size = soft_size(picture.size, _WORKSHOP)
    grey = ImageOps.autocontrast(picture.resize(size, Image.Resampling.LANCZOS).convert("L"), cutoff=1)
    dodge = ImageChops.invert(grey).filter(ImageFilter.GaussianBlur(size[0] / 150))
    pencil = ImageChops.add(grey, dodge)
    pencil = pencil.point([round(255 * (value / 255) ** 5) for value in range(256)])
    hatch = field(size, rng, cells=(size[0] / 40, size[1] / 2.5), octaves=2).point(
        [150 + value * 105 // 255 for value in range(256)]
    )
    shade = grey.point([min(255, 96 + value) for value in range(256)])
    drawn = ImageChops.multiply(pencil, ImageChops.lighter(shade, hatch))
    inked = ImageOps.colorize(drawn, (28, 26, 38), (248, 242, 228))
    paper = _paper(picture.size, rng, strength=0.14)
    return ImageChops.multiply(inked.resize(picture.size, Image.Resampling.BILINEAR), Image.merge("RGB", (paper,) * 3))


def _noir(picture: Image.Image, rng: random.Random) -> Image.Image:
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
    deep = grey.point([round(255 * (value / 255) ** 1.25) for value in range(256)])
    return _vignette(Image.merge("RGB", (deep, deep, deep)), 0.6)


def _vintage(picture: Image.Image, rng: random.Random) -> Image.Image:
    grey = picture.convert("L")
    sepia = ImageOps.colorize(grey, (44, 26, 22), (252, 236, 204), mid=(168, 120, 84))
    faded = Image.blend(picture, sepia, 0.68).point([24 + value * 222 // 255 for value in range(256)] * 3)
    return _vignette(faded, 0.5)


def _vignette(picture: Image.Image, strength: float) -> Image.Image:
    rim = Image.radial_gradient("L").point([round(255 - strength * 255 * (value / 255) ** 3) for value in range(256)])
    grown = rim.resize(picture.size, Image.Resampling.BILINEAR)
    return ImageChops.multiply(picture, Image.merge("RGB", (grown, grown, grown)))


def _poster(picture: Image.Image, rng: random.Random) -> Image.Image:
    size = soft_size(picture.size, 820)
    small = ImageEnhance.Color(picture.resize(size, Image.Resampling.LANCZOS)).enhance(1.25)
    flat = small.filter(ImageFilter.MedianFilter(3)).quantize(14, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    clean = flat.filter(ImageFilter.ModeFilter(5)).convert("RGB").resize(picture.size, Image.Resampling.BILINEAR)
    rim = max(3, round(min(picture.size) * 0.03))
    sheet = Image.new("RGB", picture.size, (244, 236, 218))
    sheet.paste(clean.crop((rim, rim, picture.width - rim, picture.height - rim)), (rim, rim))
    return sheet


def _pastel(picture: Image.Image, rng: random.Random) -> Image.Image:
    soft = Image.blend(picture, blurred(picture, max(picture.size) / 120), 0.35)
    light = soft.point([78 + value * 177 // 255 for value in range(256)] * 3)
    return ImageEnhance.Color(light).enhance(1.3)


_STYLES: Final[Mapping[str, Callable[[Image.Image, random.Random], Image.Image]]] = {
    "watercolour": _watercolour,
    "oil": _oil,
    "pixels": _pixels,
    "neon": _neon,
    "ink": _ink,
    "noir": _noir,
    "vintage": _vintage,
    "poster": _poster,
    "pastel": _pastel,
}
