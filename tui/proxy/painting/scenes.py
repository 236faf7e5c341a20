"""Open-air scenes: each lays sky, land and water from far to near and gives back where figures may stand."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from tui.proxy.painting.canvas import Box, Canvas, Point, blurred, fade, ramp
from tui.proxy.painting.colour import Colour, mix, scaled, toward_hue
from tui.proxy.painting.figures import broadleaf, flock
from tui.proxy.painting.land import (
    Ridge,
    conifer,
    grass,
    hills,
    mist,
    paint_mountain,
    paint_ridge,
    peaks,
    tree_line,
)
from tui.proxy.painting.noise import curve, field
from tui.proxy.painting.sky import Mood, mood, paint_sky
from tui.proxy.painting.water import paint_water
from tui.proxy.painting.words import Plan


@dataclass(frozen=True, slots=True)
class Stage:
    """A painted scene: its light, the ground figures stand on, and the height of water, if there is any."""

    light: Mood
    ground: Ridge | None = None
    water: float | None = None
    spot: float = 0.36


Scene = Callable[[Canvas, Plan], Stage]

_SNOW: Final[Colour] = (236, 240, 248)


def _land(plan: Plan, colour: Colour) -> Colour:
    """Ground of ``colour``, white in winter, drawn toward the prompt's colour."""
    if "snow" in plan.weather:
        return mix(colour, _SNOW, 0.82)
    if plan.has("autumn", "fall", "maple"):
        colour = mix(colour, (190, 104, 46), 0.6)
    return toward_hue(colour, plan.tint, 0.4) if plan.tint else colour


def _trees(plan: Plan, colour: Colour) -> Colour:
    """Firs of ``colour``: they keep it in winter under a little snow."""
    return mix(colour, _SNOW, 0.2) if "snow" in plan.weather else _land(plan, colour)


def mountains(canvas: Canvas, plan: Plan) -> Stage:
    """Ranges behind ranges, a lake where there is room for one, firs in front."""
    rng = plan.rng("mountains")
    wide = canvas.width > canvas.height
    horizon = canvas.height * (0.66 if wide else 0.62)
    light = mood(canvas, plan, horizon)
    paint_sky(canvas, plan, light)
    main = rng.choice((0.32, 0.42, 0.58, 0.68))
    far = peaks(canvas, plan.rng("far"), horizon, canvas.height * 0.26, summits=(0.1, 0.3, 0.55, 0.8, 0.97))
    paint_mountain(canvas, plan, light, far, horizon + 2, 0.72)
    mist(canvas, plan, horizon, canvas.height * 0.13, light.haze, 0.5)
    height = canvas.height * (0.47 if wide else 0.38)
    summits: tuple[float, ...] = (main, main + rng.choice((-0.3, 0.28)), main + rng.choice((-0.55, 0.52)))
    for _ in range(round(canvas.width / canvas.height / 1.4) - 1):
        summits = (*summits, rng.random())
    near = peaks(canvas, plan.rng("near"), horizon + 4, height, summits=summits)
    paint_mountain(canvas, plan, light, near, horizon + canvas.height * 0.04, 0.26)
    mist(canvas, plan, horizon, canvas.height * 0.1, light.haze, 0.85 if "mist" in plan.weather else 0.62)
    firs = _trees(plan, (40, 66, 58))
    shore = hills(canvas, plan.rng("shore"), horizon + canvas.height * 0.012, canvas.height * 0.016, waves=3, rough=0.5)
    far_firs = (light.depth(firs, 0.5), light.depth(firs, 0.36))
    tree_line(canvas, plan.rng("shore trees"), shore, canvas.height * 0.045, far_firs, count=_many(canvas, 110))
    water = None
    if plan.has("lake", "reflection", "fjord", "river", "boat") or rng.random() < 0.5:
        water = horizon + canvas.height * 0.045
        paint_water(canvas, plan, light, water, calm=0.92, colour=(34, 66, 92))
        flanks = _banks(canvas, plan, light, firs)
        return Stage(light, flanks, water, 1 - main)
    ground = hills(canvas, plan.rng("ground"), canvas.height * 0.84, canvas.height * 0.045, waves=1.2, rough=0.3)
    middle = hills(canvas, plan.rng("mid"), canvas.height * 0.76, canvas.height * 0.05, waves=1.6, rough=0.32)
    tree_line(
        canvas,
        plan.rng("mid trees"),
        middle,
        canvas.height * 0.085,
        (light.depth(firs, 0.3), light.depth(firs, 0.2)),
        count=_many(canvas, 80),
    )
    mist(canvas, plan, canvas.height * 0.8, canvas.height * 0.06, light.haze, 0.4)
    _meadow_floor(canvas, plan, light, ground, _land(plan, (66, 92, 56)))
    return Stage(light, ground, None, 1 - main)


def _many(canvas: Canvas, count: int) -> int:
    """``count`` for a square, more for a wide picture, fewer for a tall one."""
    shape: float = (canvas.width / canvas.height) ** 0.7
    return round(count * min(3.0, max(0.6, shape)))


def _banks(canvas: Canvas, plan: Plan, light: Mood, firs: Colour) -> Ridge:
    """Dark firs on both sides of the water in front, and a strip of shore below."""
    rng = plan.rng("banks")
    near = light.depth(scaled(firs, 0.55), 0.02)
    trees = []
    unit = canvas.unit
    for side in (0, 1):
        for _ in range(9):
            away = abs(rng.gauss(0, 0.075))
            x = (away if side == 0 else 1 - away) * canvas.width
            trees.append(conifer(x, canvas.height * 1.01, unit * rng.uniform(0.2, 0.52) * (1 - away * 2.2), rng))
    base = 0.9 if plan.figures else 0.95
    ground = hills(canvas, rng, canvas.height * base, canvas.height * 0.03, waves=1.5, rough=0.4)
    snowy = "snow" in plan.weather
    box = canvas.whole()
    canvas.fill(box, near, canvas.shape(trees if snowy else [*trees, ground.outline(canvas.height)], box))
    if snowy or plan.figures:
        _meadow_floor(canvas, plan, light, ground, _land(plan, scaled(firs, 0.8)))
    else:
        grass(canvas, rng, ground, near, height=unit * 0.022, count=_many(canvas, 500))
    return ground


def _meadow_floor(canvas: Canvas, plan: Plan, light: Mood, ground: Ridge, colour: Colour) -> None:
    """Grass or snow in front, with blades, flowers or tracks."""
    rng = plan.detail_rng("floor")
    top = light.depth(mix(colour, light.sun_colour, 0.22), 0.14)
    low = mix(light.lit(scaled(colour, 0.5)), light.shadow, 0.3)
    if "snow" in plan.weather:
        low = mix(light.lit((176, 190, 222)), light.shadow, 0.22)
    paint_ridge(canvas, ground, canvas.height, (top, low), texture=0.35, seed=plan.rng("floor"))
    unit = canvas.unit
    if "snow" not in plan.weather:
        blade = light.lit(scaled(colour, 0.72))
        grass(canvas, rng, ground, light.depth(colour, 0.08), height=unit * 0.016, count=_many(canvas, 700))
        for row in range(5):
            shift = canvas.height * (0.025 + 0.042 * row)
            lower = Ridge(tuple(y + shift for y in ground.line), ground.width)
            shade = mix(blade, low, row / 5)
            size = unit * (0.02 + 0.009 * row)
            grass(canvas, rng, lower, shade, height=size, count=_many(canvas, 420))


def sea(canvas: Canvas, plan: Plan) -> Stage:
    """Open water under a big sky, islands far off, a headland on one side."""
    rng = plan.rng("sea")
    horizon = canvas.height * rng.choice((0.54, 0.58, 0.62))
    light = mood(canvas, plan, horizon)
    paint_sky(canvas, plan, light)
    rock = _land(plan, (92, 88, 92))
    for number, distance in enumerate((0.74, 0.55)):
        island = peaks(
            canvas,
            plan.rng(f"island {number}"),
            horizon + 1,
            canvas.height * (0.07 + 0.05 * number),
            summits=(rng.random(), rng.random()),
        )
        sunk = Ridge(tuple(y + canvas.height * (0.016 + 0.012 * number) for y in island.line), island.width)
        colours = (light.depth(rock, distance), light.depth(rock, min(1.0, distance + 0.15)))
        paint_ridge(canvas, sunk, horizon + 1, colours, texture=0.25, seed=plan.rng("rock"))
    mist(canvas, plan, horizon, canvas.height * 0.05, light.haze, 0.6)
    right = not light.from_right
    headland = _headland(canvas, plan, light, horizon, right=right)
    stormy = "rain" in plan.weather or plan.light == "storm" or plan.has("wave", "waves", "surf")
    colour = toward_hue((30, 86, 112), plan.tint, 0.5) if plan.tint else (30, 86, 112)
    paint_water(canvas, plan, light, horizon, calm=0.25 if stormy else 0.55, colour=colour)
    _foam(canvas, plan, light, horizon, rough=stormy)
    return Stage(light, headland, horizon, 0.8 if right else 0.2)


def _headland(canvas: Canvas, plan: Plan, light: Mood, horizon: float, *, right: bool) -> Ridge:
    """A cliff that comes in from one side and falls to the water."""
    rough = hills(canvas, plan.rng("cliff"), 0, canvas.height * 0.022, waves=5, rough=0.58)
    points = len(rough.line)
    line = []
    for index, wobble in enumerate(rough.line):
        share = index / (points - 1)
        inward = share if right else 1 - share
        rise = min(1.0, max(0.0, (inward - 0.62) / 0.15))
        tall = canvas.height * (0.13 * rise * rise * (3 - 2 * rise) + 0.05 * max(0.0, inward - 0.75))
        line.append(horizon + 3 - tall + wobble * rise if rise > 0 else horizon + 4)
    cliff = Ridge(tuple(line), canvas.width)
    grassy = _land(plan, (88, 100, 70))
    colours = (light.depth(mix(grassy, light.sun_colour, 0.2), 0.1), light.depth((74, 66, 70), 0.2))
    paint_ridge(canvas, cliff, horizon + 2, colours, texture=0.75, seed=plan.rng("cliff face"))
    grass(canvas, plan.rng("cliff grass"), cliff, colours[0], height=canvas.unit * 0.008, count=0)
    return cliff


def _foam(canvas: Canvas, plan: Plan, light: Mood, horizon: float, *, rough: bool) -> None:
    """White crests in long broken lines, wider the nearer they come."""
    rng = plan.detail_rng("foam")
    box = (0, round(horizon), canvas.width, canvas.height)
    depth = canvas.height - horizon

    def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
        for _ in range(130 if rough else 46):
            near = rng.random() ** 1.15
            y = horizon + depth * near
            x = rng.uniform(-0.05, 1.05) * canvas.width
            reach = canvas.unit * (0.012 + 0.1 * near * rng.random())
            thick = canvas.unit * (0.0008 + 0.0042 * near) * (1.3 if rough else 0.8)
            bend = thick * rng.uniform(0.5, 2.0)
            line = [(x + reach * step / 8, y - bend * math.cos(step / 8 * 1.5)) for step in range(-8, 9)]
            back = [(px, py + thick * (1 - abs(number - 8) / 9)) for number, (px, py) in enumerate(line)]
            pen.polygon([place(point) for point in [*line, *reversed(back)]], fill=rng.randrange(70, 200))

    canvas.light(box, canvas.mask(box, draw), light.lit((240, 246, 250)))


def harbour(canvas: Canvas, plan: Plan) -> Stage:
    """A town along the quay, masts, lamps, all of it again in still water."""
    horizon = canvas.height * 0.6
    light = mood(canvas, plan, horizon)
    paint_sky(canvas, plan, light)
    hill = hills(canvas, plan.rng("hill"), horizon - canvas.height * 0.12, canvas.height * 0.08, waves=1.4, rough=0.4)
    green = _land(plan, (74, 92, 78))
    paint_ridge(
        canvas,
        hill,
        horizon + 2,
        (light.depth(green, 0.55), light.depth(green, 0.7)),
        texture=0.4,
        seed=plan.rng("hill side"),
    )
    mist(canvas, plan, horizon - canvas.height * 0.04, canvas.height * 0.06, light.haze, 0.45)
    _houses(canvas, plan, light, horizon)
    _masts(canvas, plan, light, horizon)
    paint_water(canvas, plan, light, horizon + canvas.height * 0.012, calm=0.8, colour=(28, 58, 84))
    return Stage(light, None, horizon + canvas.height * 0.012, 0.5)


def _houses(canvas: Canvas, plan: Plan, light: Mood, quay: float) -> None:
    rng = plan.rng("houses")
    unit = canvas.unit
    walls = ((206, 92, 72), (226, 176, 92), (232, 220, 196), (112, 146, 164), (170, 70, 62), (210, 140, 110))
    x = -unit * 0.02
    lamps: list[Point] = []
    while x < canvas.width:
        wide = unit * rng.uniform(0.055, 0.1)
        tall = unit * rng.uniform(0.08, 0.19)
        wall = light.depth(rng.choice(walls), 0.14)
        _house(canvas, light, (x, quay, wide, tall), wall, rng, lamps)
        x += wide + (unit * rng.uniform(0.0, 0.03) if rng.random() < 0.3 else 0)
    box = canvas.clip((0, quay - unit * 0.004, canvas.width, quay + canvas.height * 0.014))
    if box is not None:
        canvas.fill(box, mix(light.lit((70, 64, 66)), light.shadow, 0.4))
    if light.dark:
        for lamp in lamps:
            canvas.glow(lamp, unit * 0.03, (255, 190, 100), 0.55)


def _house(
    canvas: Canvas,
    light: Mood,
    place: tuple[float, float, float, float],
    wall: Colour,
    rng: random.Random,
    lamps: list[Point],
) -> None:
    x, quay, wide, tall = place
    box = canvas.clip((x - 2, quay - tall * 1.5, x + wide + 2, quay + 2))
    if box is None:
        return
    peak = tall * rng.uniform(0.2, 0.36)
    body = [(x, quay), (x, quay - tall), (x + wide, quay - tall), (x + wide, quay)]
    roof = [(x - wide * 0.05, quay - tall), (x + wide * 0.5, quay - tall - peak), (x + wide * 1.05, quay - tall)]
    shade = mix(scaled(wall, 0.72), light.shadow, 0.25)
    canvas.fill(box, ramp((8, 64), [(0.0, wall), (1.0, shade)]), canvas.shape([body], box))
    canvas.fill(box, mix(light.lit((112, 66, 58)), light.shadow, 0.3), canvas.shape([roof], box))
    rows, columns = max(2, round(tall / (canvas.unit * 0.042))), max(2, round(wide / (canvas.unit * 0.024)))
    lit: list[list[Point]] = []
    dull: list[list[Point]] = []
    for row in range(rows):
        for column in range(columns):
            left = x + wide * (column + 0.3) / columns
            top = quay - tall + tall * (row + 0.28) / rows
            pane = [
                (left, top),
                (left + wide * 0.42 / columns, top),
                (left + wide * 0.42 / columns, top + tall * 0.46 / rows),
                (left, top + tall * 0.46 / rows),
            ]
            bright = light.dark and rng.random() < 0.55
            (lit if bright else dull).append(pane)
            if bright and rng.random() < 0.4:
                lamps.append((left, top))
    canvas.fill(box, mix(scaled(wall, 0.35), light.shadow, 0.4), canvas.shape(dull, box))
    if lit:
        canvas.fill(box, (255, 212, 130), canvas.shape(lit, box))


def _masts(canvas: Canvas, plan: Plan, light: Mood, quay: float) -> None:
    rng = plan.rng("masts")
    unit = canvas.unit
    shapes = []
    for _ in range(_many(canvas, 9)):
        x = rng.uniform(0.02, 0.98) * canvas.width
        tall = unit * rng.uniform(0.12, 0.3)
        half = unit * 0.0016
        foot = quay + canvas.height * 0.014
        shapes.append(
            [(x - half, foot), (x - half * 0.5, foot - tall), (x + half * 0.5, foot - tall), (x + half, foot)]
        )
        hull = unit * rng.uniform(0.035, 0.06)
        deck = foot - unit * 0.014
        shapes.append(
            [(x - hull, deck), (x + hull * 1.1, deck - unit * 0.004), (x + hull * 0.8, foot), (x - hull * 0.8, foot)]
        )
        boom = foot - tall * 0.2
        shapes.append([(x, boom - half), (x + hull * 0.9, boom), (x + hull * 0.9, boom + half * 2), (x, boom + half)])
    box = canvas.clip((0, quay - unit * 0.34, canvas.width, quay + canvas.height * 0.02))
    if box is not None:
        canvas.fill(box, mix(light.lit((58, 52, 54)), light.shadow, 0.5), canvas.shape(shapes, box))


def desert(canvas: Canvas, plan: Plan) -> Stage:
    """Dunes, each with a bright slope, a shaded slope, and a sharp crest between."""
    horizon = canvas.height * 0.56
    light = mood(canvas, plan, horizon)
    paint_sky(canvas, plan, light, clouds=0.25 if plan.light in ("day", "dawn") else 0.35)
    sand = toward_hue((222, 160, 98), plan.tint, 0.55) if plan.tint else (222, 160, 98)
    if plan.has("canyon", "mesa") or plan.rng("mesa").random() < 0.35:
        mesa = _mesas(canvas, plan, horizon)
        rock = mix((176, 92, 66), sand, 0.2)
        colours = (light.depth(rock, 0.5), light.depth(rock, 0.68))
        paint_ridge(canvas, mesa, horizon + 3, colours, texture=0.6, seed=plan.rng("mesa rock"))
    if plan.has("pyramid", "pyramids", "egypt"):
        _pyramids(canvas, plan, light, horizon, sand)
    mist(canvas, plan, horizon, canvas.height * 0.06, light.haze, 0.7)
    last: Ridge | None = None
    for number, (base, swing) in enumerate(((0.6, 0.035), (0.67, 0.06), (0.76, 0.085), (0.9, 0.09))):
        rng = plan.rng(f"dune {number}")
        dune = hills(
            canvas, rng, canvas.height * base, canvas.height * swing, waves=1.1 + 0.5 * (3 - number), rough=0.22
        )
        _dune(canvas, plan, light, dune, sand, 0.5 - 0.15 * number, number)
        last = dune
    return Stage(light, last, None, 0.3)


def _dune(canvas: Canvas, plan: Plan, light: Mood, dune: Ridge, sand: Colour, distance: float, number: int) -> None:
    bright = light.depth(mix(sand, light.sun_colour, 0.3), max(0.0, distance))
    low = mix(light.depth(scaled(sand, 0.6), max(0.0, distance * 0.8)), light.shadow, 0.12)
    box = paint_ridge(canvas, dune, canvas.height, (bright, low), texture=0.18, seed=plan.rng("sand"))
    if box is None:
        return
    if not number:
        return
    side = -1 if light.from_right else 1
    span = len(dune.line) // 7
    outlines = []
    points = dune.points()
    for index in range(len(points)):
        if dune.line[index] != min(dune.line[max(0, index - span) : index + span + 1]):
            continue
        valley = index
        while 0 <= valley + side < len(points) and dune.line[valley + side] >= dune.line[valley]:
            valley += side
        if abs(valley - index) < len(points) // 10:
            continue
        edge = points[index : valley + 1] if side > 0 else list(reversed(points[valley : index + 1]))
        outlines.append([*edge, *_lee(edge[0], edge[-1], canvas.height * (0.05 + 0.07 * number))])
    shade = canvas.shape(outlines, box)
    inside = canvas.shape([dune.outline(box[3])], box)
    shade = blurred(shade, max(1.0, canvas.unit * 0.004))
    down = fade(shade.size, [(0.0, 0.7), (0.5, 0.5), (1.0, 0.1)])
    colour = mix(light.depth(scaled(sand, 0.5), max(0.0, distance)), light.shadow, 0.4)
    canvas.fill(box, colour, ImageChops.multiply(ImageChops.multiply(shade, inside), down))
    _ripples(canvas, plan, box, inside, number)


def _lee(crest: Point, valley: Point, depth: float) -> list[Point]:
    """The lower edge of a dune's shaded slope, from the valley back up to the crest in one long curve."""
    span, fall = valley[0] - crest[0], valley[1] - crest[1]
    bend = (crest[0] + span * 0.12, crest[1] + fall + depth)
    line = []
    for step in range(19):
        share = step / 18
        before, between, after = (1 - share) ** 2, 2 * share * (1 - share), share**2
        line.append(
            (
                valley[0] * before + bend[0] * between + crest[0] * after,
                valley[1] * before + bend[1] * between + crest[1] * after,
            )
        )
    return line


def _ripples(canvas: Canvas, plan: Plan, box: Box, inside: Image.Image, number: int) -> None:
    """Wind in the sand, close up only."""
    if number < 2:
        return
    size = canvas.soft(box, 1400)
    rows = field(size, plan.rng(f"ripples {number}"), cells=(5, 46), octaves=2)
    fine = curve(rows, 0.5, 0.72, peak=46)
    canvas.shade(box, ImageChops.multiply(fine.resize(inside.size, Image.Resampling.BILINEAR), inside), (120, 84, 70))


def _mesas(canvas: Canvas, plan: Plan, horizon: float) -> Ridge:
    rng = plan.rng("mesas")
    rough = hills(canvas, rng, 0, canvas.height * 0.008, waves=20, rough=0.6)
    tables = [(rng.random(), rng.uniform(0.05, 0.13), rng.uniform(0.1, 0.24)) for _ in range(4)]
    line = []
    for index, wobble in enumerate(rough.line):
        x = index / (len(rough.line) - 1)
        tall = 0.0
        for centre, half, height in tables:
            away = abs(x - centre) / half
            tall = max(tall, height * min(1.0, max(0.0, (1.15 - away) * 5)) * (1.0 if away < 1 else 0.5))
        line.append(horizon - canvas.height * tall * 0.8 + wobble)
    return Ridge(tuple(line), canvas.width)


def _pyramids(canvas: Canvas, plan: Plan, light: Mood, horizon: float, sand: Colour) -> None:
    rng = plan.rng("pyramids")
    start = rng.uniform(0.14, 0.3) * canvas.width
    for number, size in enumerate((0.22, 0.34, 0.16)):
        tall = canvas.unit * size
        x = start + number * canvas.unit * 0.36
        box = canvas.clip((x - tall, horizon - tall, x + tall, horizon + canvas.height * 0.05))
        if box is None:
            continue
        edge = x + tall * (0.18 if light.from_right else -0.18)
        foot = horizon + canvas.height * 0.04
        bright = light.depth(mix(sand, light.sun_colour, 0.3), 0.3)
        dim = light.depth(mix(scaled(sand, 0.5), light.shadow, 0.3), 0.3)
        halves = (
            [(x, horizon - tall * 0.62), (edge, foot), (x - tall, foot)],
            [(x, horizon - tall * 0.62), (edge, foot), (x + tall, foot)],
        )
        canvas.fill(box, dim if light.from_right else bright, canvas.shape([halves[0]], box))
        canvas.fill(box, bright if light.from_right else dim, canvas.shape([halves[1]], box))


def forest(canvas: Canvas, plan: Plan) -> Stage:
    """Trees behind trees in bright mist, dark trunks in front like a frame."""
    horizon = canvas.height * 0.7
    light = mood(canvas, plan, horizon)
    rng = plan.rng("forest")
    paint_sky(canvas, plan, light, clouds=0.2)
    centre = (canvas.width * rng.uniform(0.4, 0.6), canvas.height * 0.42)
    canvas.glow(centre, canvas.unit * 0.95, mix(light.haze, light.sun_colour, 0.5), 0.75 if not light.dark else 0.4)
    green = _trees(plan, (44, 88, 62))
    for number, distance in enumerate((0.82, 0.64, 0.44, 0.24)):
        base = horizon + canvas.height * (-0.06 + 0.045 * number)
        line = hills(canvas, plan.rng(f"floor {number}"), base, canvas.height * 0.02, waves=2, rough=0.4)
        tall = canvas.height * (0.3 + 0.11 * number)
        colours = (light.depth(green, distance), light.depth(scaled(green, 0.8), distance * 0.8))
        if plan.has("bamboo", "birch"):
            _stalks(canvas, plan.rng(f"stalks {number}"), line, colours, (46 - 9 * number, 0.006 + 0.004 * number))
        else:
            tree_line(canvas, plan.rng(f"trees {number}"), line, tall, colours, count=_many(canvas, 46 - 9 * number))
        mist(canvas, plan, base, canvas.height * 0.1, light.haze, 0.62 - 0.1 * number)
    if not light.dark:
        _shafts(canvas, plan, light)
    ground = hills(canvas, plan.rng("ground"), canvas.height * 0.83, canvas.height * 0.03, waves=1.3, rough=0.34)
    _meadow_floor(canvas, plan, light, ground, _land(plan, (58, 78, 46)))
    _trunks(canvas, plan, light)
    return Stage(light, ground, None, centre[0] / canvas.width)


def _stalks(
    canvas: Canvas, rng: random.Random, ground: Ridge, colours: tuple[Colour, Colour], size: tuple[int, float]
) -> None:
    """Bare stalks as tall as the picture, jointed, with a few leaves."""
    count, thick = size
    shapes = [ground.outline(canvas.height)]
    for _ in range(_many(canvas, count)):
        x, half = rng.uniform(0, canvas.width), canvas.unit * thick * rng.uniform(0.5, 1.1)
        lean = canvas.unit * rng.uniform(-0.05, 0.05)
        foot = ground.at(x) + half
        joints = rng.randrange(7, 12)
        for joint in range(joints):
            low, high = foot * (1 - joint / joints), foot * (1 - (joint + 0.97) / joints)
            left, right = x + lean * joint / joints - half, x + lean * joint / joints + half
            shapes.append([(left, low), (left, high), (right, high), (right, low)])
            reach = canvas.unit * rng.uniform(0.03, 0.09) * rng.choice((-1, 1))
            shapes.append([(left, high), (left + reach, high + abs(reach) * 0.4), (left, high + half)])
    box = canvas.whole()
    canvas.fill(box, ramp(canvas.soft(box), [(0.0, colours[0]), (1.0, colours[1])]), canvas.shape(shapes, box))


def _shafts(canvas: Canvas, plan: Plan, light: Mood) -> None:
    """Sunbeams slanting through the mist."""
    rng = plan.detail_rng("shafts")
    size = canvas.soft(canvas.whole(), 420)
    layer = Image.new("L", size)
    pen = ImageDraw.Draw(layer)
    for _ in range(9):
        x = rng.uniform(-0.1, 1.1) * size[0]
        wide = size[0] * rng.uniform(0.012, 0.05)
        lean = size[1] * (-0.42 if light.from_right else 0.42)
        level = rng.randrange(30, 84)
        pen.polygon(
            [(x, 0), (x + wide, 0), (x + wide * 2.6 + lean, size[1] * 0.95), (x + lean - wide, size[1] * 0.95)], level
        )
    layer = ImageChops.multiply(
        blurred(layer, size[0] / 90), fade(size, [(0.0, 1.0), (0.6, 0.8), (0.95, 0.0), (1.0, 0.0)])
    )
    canvas.light(canvas.whole(), layer, light.sun_colour)


def _trunks(canvas: Canvas, plan: Plan, light: Mood) -> None:
    """Two or three near trunks at the sides."""
    rng = plan.rng("trunks")
    places = [rng.uniform(0.02, 0.1), rng.uniform(0.9, 0.98)]
    if canvas.width > canvas.height:
        places.append(rng.choice((rng.uniform(0.16, 0.22), rng.uniform(0.78, 0.84))))
    shapes = []
    for place in places:
        x, half = place * canvas.width, canvas.unit * rng.uniform(0.022, 0.045)
        lean = canvas.unit * rng.uniform(-0.03, 0.03)
        foot = canvas.height * rng.uniform(0.93, 1.02)
        shapes.append(
            [
                (x + lean - half * 0.75, -5),
                (x + lean + half * 0.75, -5),
                (x + half, foot - half * 2),
                (x + half * 1.9, foot + half),
                (x - half * 1.9, foot + half),
                (x - half, foot - half * 2),
            ]
        )
        for _ in range(5):
            y = canvas.height * rng.uniform(0.03, 0.55)
            side = rng.choice((-1, 1))
            reach = canvas.unit * rng.uniform(0.08, 0.2)
            thick = half * 0.2
            shapes.append([(x + lean * 0.5, y), (x + side * reach, y - reach * 0.35), (x + lean * 0.5, y + thick * 2)])
    box = canvas.whole()
    bark = mix(light.lit((52, 42, 40)), light.shadow, 0.55)
    mask = canvas.shape(shapes, box)
    canvas.fill(box, bark, mask)
    rough = curve(field(canvas.soft(box, 900), rng, cells=(40, 8), octaves=4), 0.45, 0.75, peak=90)
    canvas.light(box, ImageChops.multiply(rough.resize(mask.size), mask), mix(bark, light.sun_colour, 0.25))


def meadow(canvas: Canvas, plan: Plan) -> Stage:
    """Rolling hills, a lone tree, flowers in front."""
    horizon = canvas.height * 0.62
    light = mood(canvas, plan, horizon)
    paint_sky(canvas, plan, light)
    green = _land(plan, (104, 142, 70))
    if plan.has("wheat", "prairie", "farm"):
        green = (206, 168, 84)
    for number, (base, swing, distance) in enumerate(((0.6, 0.05, 0.68), (0.66, 0.06, 0.45), (0.74, 0.06, 0.22))):
        rng = plan.rng(f"hill {number}")
        hill = hills(canvas, rng, canvas.height * base, canvas.height * swing, waves=1.3, rough=0.26)
        shade = mix(green, (70, 116, 84), 0.5 * distance)
        colours = (light.depth(mix(shade, light.sun_colour, 0.25), distance), light.depth(scaled(shade, 0.7), distance))
        paint_ridge(canvas, hill, canvas.height, colours, texture=0.3, seed=plan.rng("grass"))
        _hedges(canvas, plan, light, hill, shade, distance, number)
    ground = hills(canvas, plan.rng("ground"), canvas.height * 0.82, canvas.height * 0.035, waves=1.1, rough=0.28)
    _meadow_floor(canvas, plan, light, ground, green)
    spot = plan.rng("tree").choice((0.24, 0.74))
    if not ({"windmill", "cabin", "balloon", "castle"} & set(plan.figures)) or "tree" in plan.figures:
        leaf = (236, 164, 186) if plan.has("cherry", "sakura", "blossom", "spring") else mix(green, (64, 112, 52), 0.6)
        x = spot * canvas.width
        broadleaf(canvas, (x, ground.at(x) + 4), canvas.unit * 0.46, light, plan.rng("crown"), _land(plan, leaf))
    _flowers(canvas, plan, light, ground)
    return Stage(light, ground, None, 1 - spot)


def _hedges(canvas: Canvas, plan: Plan, light: Mood, hill: Ridge, shade: Colour, distance: float, number: int) -> None:
    """Bushes and small trees along the back of a hill."""
    rng = plan.rng(f"hedge {number}")
    shapes = []
    size = canvas.unit * (0.012 + 0.012 * number)
    for _ in range(_many(canvas, 5)):
        start = rng.random()
        for step in range(rng.randrange(2, 7)):
            x = (start + step * 0.014) * canvas.width
            y = hill.at(x)
            wide, tall = size * rng.uniform(0.7, 1.3), size * rng.uniform(0.8, 1.7)
            shapes.append(
                [
                    (x + math.cos(turn / 9 * math.pi) * wide, y + size * 0.2 - math.sin(turn / 9 * math.pi) * tall)
                    for turn in range(10)
                ]
            )
    box = canvas.clip((0, hill.top - size * 3, canvas.width, max(hill.line) + size))
    if box is not None:
        colour = light.depth(mix(scaled(shade, 0.45), (30, 60, 50), 0.3), distance * 0.85)
        canvas.fill(box, colour, canvas.shape(shapes, box))


def _flowers(canvas: Canvas, plan: Plan, light: Mood, ground: Ridge) -> None:
    if "snow" in plan.weather:
        return
    rng = plan.detail_rng("flowers")
    kinds: list[Colour] = [(244, 238, 226), (246, 206, 80), (228, 92, 96), (160, 122, 214)]
    if plan.has("lavender"):
        kinds = [(150, 116, 210), (128, 96, 190), (176, 148, 226)]
    if plan.has("poppy", "poppies"):
        kinds = [(222, 58, 44), (236, 84, 60)]
    chosen = rng.sample(kinds, k=min(3, len(kinds)))
    dense = 1000 if plan.has("flower", "flowers", "lavender", "poppy", "poppies", "spring", "tulip") else 260
    box = canvas.clip((0, ground.top, canvas.width, canvas.height))
    if box is None:
        return
    for colour in chosen:
        spots = []
        for _ in range(_many(canvas, dense // 3)):
            x = rng.uniform(0, canvas.width)
            near = rng.random() ** 1.4
            spots.append(
                (x, ground.at(x) + (canvas.height - ground.at(x)) * near, canvas.unit * (0.0022 + 0.0075 * near))
            )

        def draw(
            pen: ImageDraw.ImageDraw, place: Callable[[Point], Point], spots: list[tuple[float, float, float]] = spots
        ) -> None:
            for x, y, size in spots:
                px, py = place((x, y))
                reach = size * canvas.fine
                pen.ellipse((px - reach, py - reach * 0.7, px + reach, py + reach * 0.7), fill=255)

        canvas.fill(box, light.lit(colour), canvas.mask(box, draw))


def sky_birds(canvas: Canvas, plan: Plan, light: Mood) -> None:
    """A few birds far off, where the sky has room for them."""
    rng = plan.detail_rng("birds")
    x = canvas.width * (1 - light.sun[0] / canvas.width) + canvas.unit * rng.uniform(-0.1, 0.1)
    dark = mix(scaled(light.shadow, 0.8), (30, 30, 40), 0.5)
    flock(canvas, rng, (x, light.horizon * rng.uniform(0.3, 0.5)), canvas.unit * 0.014, dark, count=11)


SCENES: Final[Mapping[str, Scene]] = {
    "mountains": mountains,
    "sea": sea,
    "harbour": harbour,
    "desert": desert,
    "forest": forest,
    "meadow": meadow,
}
