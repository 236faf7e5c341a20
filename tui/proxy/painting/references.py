"""The pictures an order starts from, and how an edit keeps them recognisable."""

import io
from typing import Final

from PIL import Image, ImageChops, ImageEnhance, ImageOps

from tui.proxy.painting.canvas import Canvas, fade, ramp
from tui.proxy.painting.colour import mix, toward_hue
from tui.proxy.painting.land import hills
from tui.proxy.painting.noise import Size, curve
from tui.proxy.painting.scenes import Stage
from tui.proxy.painting.sky import Mood, mood, paint_sky
from tui.proxy.painting.words import Plan

_MOST_PIXELS: Final = 200_000_000
_DARKER: Final = {"night": 0.5, "dusk": 0.58, "storm": 0.6}


def shape_of(data: bytes) -> Size | None:
    """Width and height of an encoded picture, None where it is none or too large to open."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (width, height) if 0 < width * height <= _MOST_PIXELS else None


def start_from(canvas: Canvas, plan: Plan, references: tuple[bytes, ...]) -> Stage:
    """Lay the references on the canvas, lit and coloured as the words ask, and give a stage for figures.

    The first reference fills the picture; further ones flow in from the right.
    """
    pictures = [_fitted(data, canvas.image.size) for data in references[:4]]
    whole = pictures[0]
    for number, picture in enumerate(pictures[1:], start=1):
        edge = number / len(pictures)
        seam = fade((256, 8), [(0.0, 0.0), (edge - 0.12, 0.0), (edge + 0.12, 1.0), (1.0, 1.0)], vertical=False)
        whole = Image.composite(picture, whole, seam.resize(whole.size))
    canvas.image = whole
    canvas.check()
    light = mood(canvas, plan, canvas.height * 0.55)
    _relight(canvas, plan, light)
    ground = hills(canvas, plan.rng("ground"), canvas.height * 0.86, canvas.height * 0.01, waves=1, rough=0.3)
    return Stage(light, ground, None, 0.3 if light.from_right else 0.7)


def _fitted(data: bytes, size: Size) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", size)
        upright = ImageOps.exif_transpose(picture)
        if "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA"):
            clear = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", clear.size, (244, 242, 238, 255)), clear)
        return ImageOps.fit(upright.convert("RGB"), size, Image.Resampling.BICUBIC)


def _relight(canvas: Canvas, plan: Plan, light: Mood) -> None:
    """Another time of day where the words name one, another tint where they name a colour, else a fresh grade."""
    picture = canvas.image
    if plan.lit_by_words:
        dim = _DARKER.get(plan.light, 1.0)
        grey = picture.convert("L")
        low, high = mix(light.shadow, (0, 0, 0), 0.2), mix(light.haze, (255, 255, 255), 0.4)
        toned = ImageOps.colorize(grey, low, high, mid=mix(light.stops[1][1], light.haze, 0.4))
        picture = Image.blend(picture, toned, 0.45)
        picture = ImageEnhance.Brightness(picture).enhance(dim)
        canvas.image = picture
        _new_sky(canvas, plan, light, grey)
        canvas.glow(light.sun, canvas.unit * 1.1, light.sun_colour, 0.4)
    elif plan.tint is None and not plan.style and not plan.weather:
        warm = ramp((8, 64), [(0.0, mix(light.haze, (255, 255, 255), 0.3)), (1.0, light.stops[1][1])])
        toned = ImageChops.soft_light(picture, warm.resize(picture.size))
        canvas.image = ImageEnhance.Color(Image.blend(picture, toned, 0.55)).enhance(1.12)
    if plan.tint is not None:
        low, high = toward_hue((34, 34, 44), plan.tint, 0.8), toward_hue((236, 232, 226), plan.tint, 0.5)
        tinted = ImageOps.colorize(
            canvas.image.convert("L"), low, high, mid=toward_hue((128, 124, 122), plan.tint, 0.9)
        )
        canvas.image = Image.blend(canvas.image, tinted, 0.5)


def _new_sky(canvas: Canvas, plan: Plan, light: Mood, grey: Image.Image) -> None:
    """The words' sky where the upper part of the reference is bright and even."""
    sky = Canvas(Image.new("RGB", canvas.image.size), canvas.is_cancelled)
    paint_sky(sky, plan, light)
    bright = curve(grey.resize(canvas.soft(canvas.whole(), 500), Image.Resampling.BOX), 0.42, 0.72)
    upper = fade(bright.size, [(0.0, 0.8), (0.3, 0.62), (0.55, 0.0), (1.0, 0.0)])
    canvas.fill(canvas.whole(), sky.image, ImageChops.multiply(bright, upper))
