"""Figures put into a scene: filled, shaded, lit along their edge, standing on their shadow."""

import math
import random

from PIL import Image, ImageChops, ImageDraw

from tui.proxy.painting.canvas import Box, Canvas, Outline, Point, blurred, fade, ramp
from tui.proxy.painting.colour import Colour, brightness, mix, scaled
from tui.proxy.painting.noise import curve, field
from tui.proxy.painting.outlines import FIGURES, PAINTS, Figure, parsed
from tui.proxy.painting.sky import Mood

_GLOW: Colour = (255, 206, 120)


def draw_figure(
    canvas: Canvas,
    name: str,
    foot: Point,
    height: float,
    light: Mood,
    *,
    colour: Colour | None = None,
    flip: bool = False,
    shadow: bool = True,
    reflection: bool = False,
) -> None:
    """Paint ``name`` standing at ``foot``, ``height`` pixels tall; on water it has a ``reflection``."""
    figure = FIGURES[name]
    own = mix(figure.colour, colour, 0.62) if colour else figure.colour
    parts = [(paint, _placed(figure, line, foot, height, flip)) for paint, line in figure.parts]
    spread = height * 0.12
    xs = [x for _, outline in parts for x, _ in outline]
    ys = [y for _, outline in parts for _, y in outline]
    box = canvas.clip((min(xs) - spread, min(ys) - spread, max(xs) + spread, max(ys) + spread))
    if box is None:
        return
    if shadow:
        _ground_shadow(canvas, (min(xs) + max(xs)) / 2, foot[1], (max(xs) - min(xs)) * 0.56, light)
    whole = canvas.shape([outline for _, outline in parts], box)
    lit = _lit(own, light)
    for paint, outline in parts:
        _paint_part(canvas, box, paint, outline, lit, light)
    _model(canvas, box, whole, height, light)
    for paint, outline in parts:
        if paint == "glow":
            _shine(canvas, box, outline, light)
    if reflection:
        _reflect(canvas, box, whole, foot[1] - height * 0.02)


def _reflect(canvas: Canvas, box: Box, whole: Image.Image, line: float) -> None:
    """The figure upside down below ``line``, broken by small waves."""
    level = round(line)
    tall = min(level - box[1], canvas.height - level)
    if tall < 4:
        return
    above = (box[0], level - tall, box[2], level)
    picture = canvas.image.crop(above).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mask = whole.crop((0, level - tall - box[1], whole.width, level - box[1])).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    mask = ImageChops.multiply(mask, fade(mask.size, [(0.0, 0.7), (0.5, 0.36), (1.0, 0.0)]))
    rng = random.Random("reflection")
    step = max(1, tall // 90)
    for row in range(0, tall, step):
        shift = round(rng.gauss(0, 0.5) * canvas.unit * 0.006 * (0.2 + row / tall))
        strip = (0, row, mask.width, min(tall, row + step))
        spot = (box[0] + shift, level + row)
        canvas.image.paste(picture.crop(strip), spot, mask.crop(strip))


def _placed(figure: Figure, line: str, foot: Point, height: float, flip: bool) -> list[Point]:
    side = -1 if flip else 1
    scale = height / 100
    return [(foot[0] + side * (x - 50) * scale * figure.wide, foot[1] + (y - 100) * scale) for x, y in parsed(line)]


def _lit(colour: Colour, light: Mood) -> Colour:
    """A near thing keeps more of its colour than the land does, also at night."""
    return mix(light.lit(colour), colour, 0.45 if light.dark else 0.6)


def _paint_part(canvas: Canvas, box: Box, paint: str, outline: Outline, lit: Colour, light: Mood) -> None:
    if paint == "glow":
        colour = _GLOW if light.dark else (112, 124, 138)
    elif paint in PAINTS:
        colour = _lit(PAINTS[paint], light)
    else:
        colour = {
            "body": lit,
            "back": mix(scaled(lit, 0.66), light.shadow, 0.25),
            "dark": mix(scaled(lit, 0.22), light.shadow, 0.4),
            "light": mix(lit, light.lit((250, 244, 234)), 0.84),
        }[paint]
    mask = canvas.shape([outline], box)
    canvas.fill(box, colour, mask)


def _model(canvas: Canvas, box: Box, whole: Image.Image, height: float, light: Mood) -> None:
    """Roundness: darker below and away from the light, a bright rim toward it, a little fur or grain."""
    away = -1 if light.from_right else 1
    reach = max(2, round(height * 0.075))
    soft = blurred(whole, height * 0.05)
    moved = ImageChops.offset(soft, -away * reach, -reach)
    dark = ImageChops.multiply(ImageChops.subtract(whole, moved), whole)
    canvas.shade(box, dark.point([round(value * 0.72) for value in range(256)]), scaled(light.shadow, 1.25))
    low = ImageChops.multiply(whole, fade(whole.size, [(0.0, 0.0), (0.45, 0.05), (1.0, 0.5)]))
    canvas.shade(box, low, mix(light.shadow, (90, 80, 90), 0.3))
    rim = ImageChops.subtract(
        whole, ImageChops.offset(whole, away * max(1, round(height * 0.013)), max(1, round(height * 0.008)))
    )
    rim = ImageChops.multiply(blurred(rim, max(0.6, height * 0.004)), whole)
    canvas.light(box, rim.point([round(value * 0.85) for value in range(256)]), light.sun_colour)
    grain = curve(field(canvas.soft(box, 500), random.Random("coat"), cells=(26, 40), octaves=3), 0.35, 0.75)
    canvas.shade(
        box,
        ImageChops.multiply(whole, grain.resize(whole.size).point([value // 6 for value in range(256)])),
        (70, 60, 70),
    )


def _shine(canvas: Canvas, box: Box, outline: Outline, light: Mood) -> None:
    if not light.dark:
        return
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    middle = (sum(xs) / len(xs), sum(ys) / len(ys))
    canvas.glow(middle, max(max(xs) - min(xs), max(ys) - min(ys)) * 2.4, _GLOW, 0.5, power=2.0)


def _ground_shadow(canvas: Canvas, x: float, y: float, half: float, light: Mood) -> None:
    """A soft dark ellipse on the ground, drawn out away from the light."""
    lean = half * (0.5 if light.from_right else -0.5) * -1
    box = canvas.clip((x - half * 1.9, y - half * 0.28, x + half * 1.9, y + half * 0.3))
    if box is None:
        return
    size = canvas.soft(box, 200)
    mask = Image.new("L", size)
    scale = size[0] / (box[2] - box[0])
    centre = ((x + lean * 0.4 - box[0]) * scale, (y + half * 0.02 - box[1]) * scale)
    reach = (half * 1.15 * scale, half * 0.12 * scale)
    ImageDraw.Draw(mask).ellipse(
        (centre[0] - reach[0], centre[1] - reach[1], centre[0] + reach[0], centre[1] + reach[1]), fill=190
    )
    canvas.shade(box, blurred(mask, max(1.0, half * 0.06 * scale)), scaled(light.shadow, 0.9))


def broadleaf(canvas: Canvas, foot: Point, height: float, light: Mood, rng: random.Random, leaf: Colour) -> None:
    """A tree with a crown of leaves or blossoms, lit from the sun's side."""
    x, y = foot
    limbs: list[tuple[Point, Point, float]] = []
    tips: list[Point] = []
    _grow(limbs, tips, (x, y), -math.pi / 2 + rng.uniform(-0.08, 0.08), height * 0.27, height * 0.05, rng, 7)
    reach = height * 0.85
    box = canvas.clip((x - reach, y - height * 1.25, x + reach, y + height * 0.06))
    if box is None:
        return

    def draw(pen: ImageDraw.ImageDraw, place: object) -> None:
        fine = canvas.fine
        for (x1, y1), (x2, y2), thick in limbs:
            ends = [((px - box[0]) * fine, (py - box[1]) * fine) for px, py in ((x1, y1), (x2, y2))]
            pen.line(ends, fill=255, width=max(1, round(thick * fine)))

    _ground_shadow(canvas, x, y, height * 0.3, light)
    wood = mix(light.lit((78, 56, 46)), light.shadow, 0.35)
    canvas.fill(box, wood, canvas.mask(box, draw))
    side = 1 if light.from_right else -1
    for share, colour, size in (
        (0.0, mix(scaled(leaf, 0.5), light.shadow, 0.4), 0.04),
        (0.45, scaled(leaf, 0.82), 0.03),
        (1.0, mix(leaf, light.sun_colour, 0.34), 0.021),
    ):
        _leaves(canvas, box, tips, height, rng, light.lit(colour), (share, side, size))


def _grow(
    limbs: list[tuple[Point, Point, float]],
    tips: list[Point],
    start: Point,
    angle: float,
    length: float,
    thick: float,
    rng: random.Random,
    forks: int,
) -> None:
    end = (start[0] + math.cos(angle) * length, start[1] + math.sin(angle) * length)
    limbs.append((start, end, thick))
    tips.append(end)
    if not forks:
        return
    for turn in (rng.uniform(-0.75, -0.25), rng.uniform(0.2, 0.75)):
        _grow(limbs, tips, end, angle + turn, length * rng.uniform(0.68, 0.8), thick * 0.66, rng, forks - 1)


def _leaves(
    canvas: Canvas,
    box: Box,
    tips: list[Point],
    height: float,
    rng: random.Random,
    colour: Colour,
    layer: tuple[float, int, float],
) -> None:
    share, side, size = layer
    crown = [tip for tip in tips if tip[1] < box[3] - height * 0.36] or tips

    def draw(pen: ImageDraw.ImageDraw, place: object) -> None:
        fine = canvas.fine
        for _ in range(1500):
            x, y = rng.choice(crown)
            radius = height * size * rng.uniform(0.35, 1.0)
            x += rng.gauss(0, height * 0.045) + side * share * height * 0.035
            y += rng.gauss(0, height * 0.04) - share * height * 0.045
            spot = ((x - box[0]) * fine, (y - box[1]) * fine)
            wide = radius * fine
            pen.ellipse((spot[0] - wide, spot[1] - wide * 0.8, spot[0] + wide, spot[1] + wide * 0.8), fill=255)

    canvas.fill(box, colour, canvas.mask(box, draw))


def flock(canvas: Canvas, rng: random.Random, centre: Point, size: float, colour: Colour, *, count: int) -> None:
    """Birds far away, each two strokes of a pen."""
    reach = size * 9
    box = canvas.clip((centre[0] - reach, centre[1] - reach * 0.5, centre[0] + reach, centre[1] + reach * 0.5))
    if box is None:
        return

    def draw(pen: ImageDraw.ImageDraw, place: object) -> None:
        fine = canvas.fine
        for _ in range(count):
            x, y = centre[0] + rng.gauss(0, 0.4) * reach, centre[1] + rng.gauss(0, 0.16) * reach
            span = size * rng.uniform(0.5, 1.2)
            lift = span * rng.uniform(0.15, 0.5)
            wing = [
                (x - span, y - lift * 0.4),
                (x - span * 0.5, y - lift),
                (x, y),
                (x + span * 0.5, y - lift),
                (x + span, y - lift * 0.4),
            ]
            under = [(x + span * 0.45, y - lift * 0.72), (x, y + span * 0.12), (x - span * 0.45, y - lift * 0.72)]
            pen.polygon([((px - box[0]) * fine, (py - box[1]) * fine) for px, py in [*wing, *under]], fill=255)

    canvas.fill(box, colour, canvas.mask(box, draw))


def paint_for(name: str, wanted: Colour | None) -> Colour:
    """The colour a figure takes: as said, else its own."""
    return wanted or FIGURES[name].colour


def is_pale(colour: Colour) -> bool:
    """Whether a figure of ``colour`` needs something dark behind it."""
    return brightness(colour) > 0.6


__all__ = ["broadleaf", "draw_figure", "flock", "is_pale", "paint_for", "ramp"]
