"""Water: what stands above it seen again below, broken by waves, with the sun's path on it."""

import random

from PIL import Image, ImageChops, ImageDraw

from tui.proxy.painting.canvas import Canvas, fade
from tui.proxy.painting.colour import Colour, mix, scaled
from tui.proxy.painting.noise import curve, plane
from tui.proxy.painting.sky import Mood
from tui.proxy.painting.words import Plan


def paint_water(canvas: Canvas, plan: Plan, light: Mood, shore: float, *, calm: float, colour: Colour) -> None:
    """Water from ``shore`` down to the bottom; ``calm`` 1 is a mirror, 0 is open sea."""
    top = round(shore)
    depth = canvas.height - top
    if depth < 4:
        return
    canvas.check()
    box = (0, top, canvas.width, canvas.height)
    rng = plan.detail_rng("water")
    mirror = _mirror(canvas, top, depth)
    first = _broken(mirror, rng, canvas.unit * (0.012 + 0.03 * (1 - calm)))
    second = _broken(mirror, rng, canvas.unit * (0.03 + 0.09 * (1 - calm)))
    size = canvas.soft(box, 1400)
    waves = plane(size, rng, depth=0.07)
    choice = curve(waves, 0.4, 0.6).resize(first.size, Image.Resampling.BILINEAR)
    water = Image.composite(first, second, choice)
    canvas.image.paste(water, box)
    tint = mix(colour, light.shadow, 0.5 if light.dark else 0.2)
    cover = fade((8, 256), [(0.0, 0.08 + 0.12 * (1 - calm)), (1.0, 0.42 + 0.3 * (1 - calm))])
    canvas.fill(box, tint, cover)
    _waves(canvas, light, box, waves, calm)
    _glitter(canvas, plan, light, top, depth)


def _mirror(canvas: Canvas, top: int, depth: int) -> Image.Image:
    """What is above the shore, upside down, as tall as the water."""
    reach = min(top, round(depth * 1.25))
    above = canvas.image.crop((0, top - reach, canvas.width, top))
    return above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((canvas.width, depth), Image.Resampling.BILINEAR)


def _broken(mirror: Image.Image, rng: random.Random, swing: float) -> Image.Image:
    """``mirror`` with its rows shaken, more the nearer they are."""
    width, height = mirror.size
    step = max(1, height // 420)
    broken = mirror.copy()
    drift = 0.0
    for row in range(0, height, step):
        near = (row / height) ** 1.2
        drift = 0.7 * drift + rng.uniform(-1, 1)
        source = min(height - step, max(0, round(row + drift * swing * near)))
        shift = round(rng.gauss(0, 0.16) * swing * (0.15 + near))
        strip = mirror.crop((-shift, source, width - shift, source + step))
        if shift > 0:
            strip.paste(mirror.crop((0, source, 1, source + step)).resize((shift, step)), (0, 0))
        elif shift < 0:
            edge = mirror.crop((width - 1, source, width, source + step)).resize((-shift, step))
            strip.paste(edge, (width + shift, 0))
        broken.paste(strip, (0, row))
    return broken


def _waves(canvas: Canvas, light: Mood, box: tuple[int, int, int, int], waves: Image.Image, calm: float) -> None:
    """Crests that catch the sky and troughs that do not."""
    step = max(1, waves.height // 160)
    slope = ImageChops.subtract(waves, ImageChops.offset(waves, 0, step), 0.4, 128)
    strength = 120 - 60 * calm
    crest = curve(slope, 0.58, 0.95, peak=strength)
    trough = curve(ImageChops.invert(slope), 0.58, 0.95, peak=strength * 1.1)
    near = fade(waves.size, [(0.0, 0.25), (0.35, 0.8), (1.0, 1.0)])
    canvas.light(box, ImageChops.multiply(crest, near), mix(light.haze, light.sun_colour, 0.5))
    canvas.shade(box, ImageChops.multiply(trough, near), scaled(light.shadow, 1.2))


def _glitter(canvas: Canvas, plan: Plan, light: Mood, top: int, depth: int) -> None:
    """The path of the sun or moon on the water."""
    if plan.light in ("grey", "storm"):
        return
    rng = plan.detail_rng("glitter")
    box = (0, top, canvas.width, canvas.height)

    def draw(pen: ImageDraw.ImageDraw, place: object) -> None:
        fine = canvas.fine
        for _ in range(620):
            near = rng.random() ** 1.4
            spread = canvas.unit * (0.02 + 0.13 * near)
            x = light.sun[0] + rng.gauss(0, 0.55) * spread
            y = depth * near
            reach = canvas.unit * (0.004 + 0.026 * near) * rng.uniform(0.4, 1.3)
            thick = max(1.0, canvas.unit * (0.0009 + 0.0024 * near) * fine)
            level = round(255 * rng.uniform(0.35, 1.0) * (1 - 0.45 * near))
            spot = (x - box[0]) * fine
            pen.ellipse((spot - reach * fine, y * fine - thick / 2, spot + reach * fine, y * fine + thick / 2), level)

    mask = canvas.mask(box, draw)
    canvas.light(box, mask, mix(light.sun_colour, (255, 255, 255), 0.3))
    glow = Image.new("L", (64, 64))
    centre = light.sun[0] / canvas.width * 64
    ImageDraw.Draw(glow).polygon([(centre - 1, 0), (centre + 1, 0), (centre + 8, 64), (centre - 8, 64)], fill=90)
    soft = glow.resize((256, 256), Image.Resampling.BICUBIC)
    canvas.light(box, soft.reduce(4).resize((256, 256), Image.Resampling.BICUBIC), light.sun_colour)
