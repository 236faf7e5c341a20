"""Land: ridges of mountains, hills, dunes, and trees in rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from tui.proxy.painting.canvas import Box, Canvas, Point, fade, ramp
from tui.proxy.painting.colour import Colour, mix, scaled
from tui.proxy.painting.noise import curve, field, profile, relief
from tui.proxy.painting.sky import Mood
from tui.proxy.painting.words import Plan

_POINTS = 900


@dataclass(frozen=True, slots=True)
class Ridge:
    """The upper edge of a piece of land: heights in pixels at evenly spaced places from left to right."""

    line: tuple[float, ...]
    width: int

    @property
    def top(self) -> float:
        """The highest place."""
        return min(self.line)

    def points(self) -> list[Point]:
        """The edge as points."""
        last = len(self.line) - 1
        return [(index / last * self.width, y) for index, y in enumerate(self.line)]

    def at(self, x: float) -> float:
        """The height at ``x``."""
        place = min(max(x / self.width, 0.0), 1.0) * (len(self.line) - 1)
        index = min(int(place), len(self.line) - 2)
        share = place - index
        return self.line[index] * (1 - share) + self.line[index + 1] * share

    def outline(self, bottom: float) -> list[Point]:
        """Everything below the edge down to ``bottom``."""
        return [*self.points(), (self.width, bottom), (0.0, bottom)]


def hills(canvas: Canvas, rng: random.Random, base: float, swing: float, *, waves: float, rough: float) -> Ridge:
    """Rolling land around ``base``; ``rough`` 0.3 is soft, 0.55 is rock."""
    octaves = 4 if rough < 0.35 else 9
    waves *= max(1.0, canvas.width / canvas.height) ** 0.7
    line = profile(rng, _POINTS, waves=waves, octaves=octaves, roughness=rough)
    return Ridge(tuple(base - value * swing for value in line), canvas.width)


def peaks(canvas: Canvas, rng: random.Random, base: float, height: float, *, summits: Sequence[float]) -> Ridge:
    """A range with ``summits`` at these shares of the width, jagged all over."""
    jag = profile(rng, _POINTS, waves=5, octaves=9, roughness=0.56)
    shape = [0.0] * _POINTS
    stretch = (canvas.width / canvas.height) ** 0.5
    tops = [(place, rng.uniform(0.72, 1.0) if number else 1.0) for number, place in enumerate(summits)]
    slopes = [(rng.uniform(0.24, 0.4) / stretch, rng.uniform(0.24, 0.4) / stretch) for _ in tops]
    for index in range(_POINTS):
        x = index / (_POINTS - 1)
        for (place, top), (left, right) in zip(tops, slopes, strict=True):
            away = abs(x - place) / (left if x < place else right)
            shape[index] = max(shape[index], top * max(0.0, 1 - away) ** 1.18)
        shape[index] = max(shape[index], 0.16) + jag[index] * (0.04 + 0.13 * shape[index])
    return Ridge(tuple(base - value * height for value in shape), canvas.width)


def paint_ridge(
    canvas: Canvas, ridge: Ridge, bottom: float, colours: tuple[Colour, Colour], *, texture: float, seed: random.Random
) -> Box | None:
    """Fill the land below ``ridge`` from the first colour to the second, with some ``texture``."""
    box = canvas.clip((0, ridge.top - 2, canvas.width, bottom))
    if box is None:
        return None
    mask = canvas.shape([ridge.outline(bottom)], box)
    size = canvas.soft(box, 1024)
    paint = ramp(size, [(0.0, colours[0]), (1.0, colours[1])])
    if texture:
        cells = (22.0, max(2.0, 26 * size[1] / size[0]))
        ground = relief(field(size, seed, cells=cells, octaves=6, roughness=0.6), strength=2.2)
        paint = Image.blend(paint, ImageChops.overlay(paint, Image.merge("RGB", (ground,) * 3)), texture)
    canvas.fill(box, paint, mask)
    return box


def paint_mountain(canvas: Canvas, plan: Plan, light: Mood, ridge: Ridge, bottom: float, distance: float) -> None:
    """A range with a lit and a shaded side, rock, and snow where it is high or cold."""
    rng = plan.rng(f"mountain {distance}")
    box = canvas.clip((0, ridge.top - 2, canvas.width, bottom))
    if box is None:
        return
    rock = mix((96, 98, 118), (116, 96, 92), rng.random())
    base, foot = light.depth(rock, distance), light.depth(scaled(rock, 0.9), min(1.0, distance + 0.38))
    mask = canvas.shape([ridge.outline(bottom)], box)
    size = canvas.soft(box, 1400)
    tall = max(2.0, 12 * size[1] / size[0])
    rough = field(size, rng, cells=(16, tall), octaves=7, roughness=0.6)
    faces = curve(relief(rough, step=max(2, size[0] // 220), strength=3.2, right=light.from_right), 0.22, 0.78)
    shaded = mix(base, light.shadow, 0.62 * (1 - distance))
    lit = mix(base, light.sun_colour, 0.34 * (1 - distance))
    paint = Image.composite(ramp(size, [(0, lit), (1, foot)]), ramp(size, [(0, shaded), (1, foot)]), faces)
    canvas.fill(box, paint, mask)
    _facets(canvas, light, ridge, box, rng, mix(shaded, light.shadow, 0.25), 0.6 * (1 - distance))
    snow_line = 0.62 if "snow" in plan.weather or plan.has("snow", "snowy", "glacier", "alps") else 0.36
    _snow(canvas, light, ridge, box, faces, rng, snow_line, distance)


def _facets(
    canvas: Canvas, light: Mood, ridge: Ridge, box: Box, rng: random.Random, colour: Colour, strength: float
) -> None:
    """The far side of every summit in shadow, down a crooked line."""
    tall = box[3] - ridge.top
    outlines = []
    for x, y in _summits(ridge):
        depth = (box[3] - y) * rng.uniform(0.8, 1.0)
        if depth < tall * 0.1:
            continue
        side = -1 if light.from_right else 1
        spine, place, drift = [(x, y)], 0.0, 0.0
        while place < 1.0:
            place += rng.uniform(0.03, 0.07)
            drift += rng.uniform(-0.085, 0.1)
            spine.append((x + side * drift * depth * 0.5, y + place * depth))
        reach = depth * rng.uniform(0.7, 1.1)
        spine.append((x + side * reach, y + depth))
        edge = [(x + side * reach * step / 24, ridge.at(x + side * reach * step / 24)) for step in range(25)]
        outlines.append([*reversed(spine), *edge])
    mask = canvas.shape(outlines, box)
    inside = canvas.shape([ridge.outline(box[3])], box)
    mask = ImageChops.multiply(mask, inside)
    down = fade(mask.size, [(0.0, strength), (0.45, strength * 0.75), (0.85, 0.0), (1.0, 0.0)])
    canvas.fill(box, colour, ImageChops.multiply(mask, down))


def _summits(ridge: Ridge) -> list[Point]:
    """The places higher than everything near them."""
    span = len(ridge.line) // 22
    points = ridge.points()
    return [
        points[index]
        for index in range(len(points))
        if points[index][1] == min(ridge.line[max(0, index - span) : index + span + 1])
    ]


def _snow(
    canvas: Canvas,
    light: Mood,
    ridge: Ridge,
    box: Box,
    faces: Image.Image,
    rng: random.Random,
    share: float,
    distance: float,
) -> None:
    tall = box[3] - ridge.top
    line = ridge.top + tall * share
    jag = profile(rng, _POINTS, waves=26, octaves=5, roughness=0.7)
    lower = [
        max(y, min(line, y + (line - y) * 0.75) + wobble * tall * 0.1)
        for y, wobble in zip(ridge.line, jag, strict=True)
    ]
    outline = [*ridge.points(), *reversed(Ridge(tuple(lower), ridge.width).points())]
    mask = canvas.shape([outline], box)
    white = light.depth((250, 250, 255), distance * 0.8)
    shade = light.depth(mix((168, 182, 220), light.shadow, 0.28), distance * 0.8)
    size = faces.size
    paint = Image.composite(Image.new("RGB", size, white), Image.new("RGB", size, shade), curve(faces, 0.3, 0.7))
    patchy = curve(faces.resize(mask.size, Image.Resampling.BILINEAR), 0.02, 0.35)
    canvas.fill(box, paint, ImageChops.multiply(mask, patchy))


def mist(canvas: Canvas, plan: Plan, y: float, thickness: float, colour: Colour, strength: float) -> None:
    """A bank of mist lying around ``y``."""
    box = canvas.clip((0, y - thickness, canvas.width, y + thickness))
    if box is None:
        return
    size = canvas.soft(box, 640)
    rng = plan.detail_rng(f"mist {round(y / canvas.height * 40)}")
    drift = field(size, rng, cells=(3, 2), octaves=4)
    body = fade(size, [(0.0, 0.0), (0.5, strength), (1.0, 0.0)])
    canvas.fill(box, colour, ImageChops.multiply(body, curve(drift, -0.35, 0.75)))


def conifer(x: float, foot: float, height: float, rng: random.Random) -> list[Point]:
    """The outline of a fir tree."""
    tiers = 7 if height < 60 else 11
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(tiers):
        share = (tier + 1) / tiers
        reach = height * 0.21 * share**0.85 * rng.uniform(0.8, 1.15)
        y = foot - height + height * 0.93 * share
        inner = reach * rng.uniform(0.45, 0.62)
        right += [(x + reach, y), (x + inner, y - height * 0.03)]
        left += [(x - reach * rng.uniform(0.85, 1.1), y), (x - inner, y - height * 0.03)]
    trunk = height * 0.02
    return [
        (x, foot - height),
        *right,
        (x + trunk, foot - height * 0.06),
        (x + trunk, foot + height * 0.05),
        (x - trunk, foot + height * 0.05),
        (x - trunk, foot - height * 0.06),
        *reversed(left),
    ]


def tree_line(
    canvas: Canvas, rng: random.Random, ridge: Ridge, height: float, colours: tuple[Colour, Colour], *, count: int
) -> None:
    """Fir trees along ``ridge`` and the land below them."""
    trees = []
    for _ in range(count):
        x = rng.uniform(-0.02, 1.02) * canvas.width
        trees.append(conifer(x, ridge.at(x) + height * 0.08, height * rng.uniform(0.45, 1.1), rng))
    box = canvas.clip((0, ridge.top - height * 1.15, canvas.width, canvas.height))
    if box is None:
        return
    mask = canvas.shape([*trees, ridge.outline(canvas.height)], box)
    canvas.fill(box, ramp(canvas.soft(box), [(0.0, colours[0]), (1.0, colours[1])]), mask)


def grass(canvas: Canvas, rng: random.Random, ridge: Ridge, colour: Colour, *, height: float, count: int) -> None:
    """Blades of grass standing on ``ridge``."""
    box = canvas.clip((0, ridge.top - height * 1.4, canvas.width, max(ridge.line) + height * 0.5))
    if box is None:
        return

    def draw(pen: ImageDraw.ImageDraw, place: object) -> None:
        fine = canvas.fine
        for _ in range(count):
            x = rng.uniform(0, canvas.width)
            foot = ridge.at(x) + height * 0.4
            tall, lean = height * rng.uniform(0.4, 1.3), height * rng.uniform(-0.4, 0.4)
            half = height * 0.03
            blade = [(x - half, foot), (x + lean * 0.4, foot - tall * 0.6), (x + lean, foot - tall), (x + half, foot)]
            pen.polygon([((px - box[0]) * fine, (py - box[1]) * fine) for px, py in blade], fill=255)

    canvas.fill(box, colour, canvas.mask(box, draw))
