"""Things seen close: a table by the window, a flower, a portrait with a landscape in its silhouette."""

import math
import random
from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from tui.proxy.painting.canvas import Canvas, Point, blurred, fade, ramp, smooth
from tui.proxy.painting.close import ALL_SCENES
from tui.proxy.painting.colour import Colour, from_hue, mix, scaled, toward_hue
from tui.proxy.painting.figures import draw_figure
from tui.proxy.painting.land import hills
from tui.proxy.painting.noise import curve, field
from tui.proxy.painting.scenes import Scene, Stage
from tui.proxy.painting.sky import Mood, mood
from tui.proxy.painting.words import Plan


def bokeh(
    canvas: Canvas, plan: Plan, tones: list[Colour], *, count: int, top: float = 0.0, bottom: float = 1.0
) -> None:
    """Lights out of focus: soft discs with a brighter rim."""
    rng = plan.detail_rng("bokeh")
    box = canvas.whole()
    for tone in tones:

        def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
            for _ in range(count):
                x = rng.uniform(0, canvas.width)
                y = canvas.height * rng.uniform(top, bottom)
                size = canvas.unit * rng.uniform(0.02, 0.075) * canvas.fine
                spot = place((x, y))
                edges = (spot[0] - size, spot[1] - size, spot[0] + size, spot[1] + size)
                level = rng.randrange(26, 88)
                pen.ellipse(edges, fill=level, outline=min(255, level * 2), width=max(1, round(size * 0.06)))

        mask = canvas.mask(box, draw)
        canvas.light(box, blurred(mask, canvas.unit * 0.003), tone)


def still(canvas: Canvas, plan: Plan) -> Stage:
    """A table in soft window light with a cup, books, a candle, a vase."""
    light = mood(canvas, plan, canvas.height * 0.7)
    rng = plan.rng("table")
    box = canvas.whole()
    night = light.dark
    wall = mix((62, 58, 76), (30, 28, 46), 0.5) if night else mix((206, 190, 170), light.haze, 0.3)
    if plan.tint is not None:
        wall = toward_hue(wall, plan.tint, 0.6)
    canvas.fill(box, ramp(canvas.soft(box), [(0.0, scaled(wall, 0.82)), (0.6, wall), (1.0, scaled(wall, 0.7))]))
    canvas.glow(
        (canvas.width * (0.85 if light.from_right else 0.15), canvas.height * 0.1),
        canvas.unit * 1.3,
        light.sun_colour,
        0.55,
    )
    warm: list[Colour] = [(255, 196, 120), (255, 226, 180), mix(light.sun_colour, (255, 150, 120), 0.4)]
    bokeh(canvas, plan, warm, count=8 if night else 6, top=0.02, bottom=0.55)
    edge = canvas.height * 0.68
    wood = toward_hue((136, 88, 56), plan.tint, 0.25) if plan.tint else (136, 88, 56)
    _table(canvas, plan, light, edge, wood)
    names = [name for name in plan.figures if name in _THINGS] or ["cup"]
    if "cup" in names and len(names) == 1:
        names.append(rng.choice(("books", "vase", "candle")))
    for number, name in enumerate(names[:3]):
        place = (0.5, 0.24, 0.77)[number] if len(names) > 1 else 0.5
        if number == 0 and len(names) == 2:
            place = 0.56
        scale = 0.36 if number == 0 else 0.3
        foot = (canvas.width * place, canvas.height * (0.84 if number == 0 else 0.77))
        _THINGS[name](canvas, plan, light, foot, canvas.unit * scale)
    ground = hills(canvas, rng, canvas.height * 0.8, 1, waves=1, rough=0.3)
    return Stage(light, ground, None, 0.78)


def _table(canvas: Canvas, plan: Plan, light: Mood, edge: float, wood: Colour) -> None:
    box = canvas.clip((0, edge, canvas.width, canvas.height))
    if box is None:
        return
    size = canvas.soft(box, 1200)
    near, far = light.lit(scaled(wood, 0.62)), mix(light.lit(wood), light.sun_colour, 0.28)
    planks = field(size, plan.rng("wood"), cells=(3, 40), octaves=5, roughness=0.62)
    paint = ramp(size, [(0.0, far), (1.0, near)])
    streaks = curve(planks, 0.3, 0.8, peak=120)
    paint = Image.composite(Image.new("RGB", size, scaled(near, 0.62)), paint, streaks)
    canvas.fill(box, paint)
    top = canvas.clip((0, edge - canvas.height * 0.02, canvas.width, edge + canvas.height * 0.02))
    if top is not None:
        canvas.shade(top, fade((8, 64), [(0.0, 0.0), (0.5, 0.5), (0.56, 0.0), (1.0, 0.0)]), (60, 50, 60))


def _shaded(canvas: Canvas, outline: list[Point], colour: Colour, light: Mood, *, gloss: float = 0.5) -> None:
    """A round body: bright toward the light, dark away from it, a streak of gloss."""
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    box = canvas.clip((min(xs) - 2, min(ys) - 2, max(xs) + 2, max(ys) + 2))
    if box is None:
        return
    bright, dark = mix(colour, light.sun_colour, 0.3), mix(scaled(colour, 0.34), light.shadow, 0.35)
    stops = [(0.0, mix(colour, dark, 0.3)), (0.22, bright), (0.5, colour), (0.85, dark), (1.0, mix(dark, colour, 0.3))]
    if light.from_right:
        stops = [(1 - place, tone) for place, tone in reversed(stops)]
    mask = canvas.shape([outline], box)
    canvas.fill(box, ramp(canvas.soft(box, 400), stops, vertical=False), mask)
    spot = 0.76 if light.from_right else 0.24
    streak = fade(
        (256, 8), [(0.0, 0.0), (spot - 0.09, 0.0), (spot, gloss), (spot + 0.05, 0.0), (1.0, 0.0)], vertical=False
    )
    canvas.light(box, ImageChops.multiply(streak.resize(mask.size), mask), (255, 252, 244))


def _cast(canvas: Canvas, foot: Point, half: float, light: Mood) -> None:
    """The long soft shadow of a thing on the table."""
    side = -1 if light.from_right else 1
    box = canvas.clip((foot[0] - half * 4, foot[1] - half, foot[0] + half * 4, foot[1] + half))
    if box is None:
        return
    shape = smooth(
        [
            (foot[0] - half, foot[1], False),
            (foot[0], foot[1] + half * 0.2, False),
            (foot[0] + side * half * 2.8, foot[1] + half * 0.34, False),
            (foot[0] + side * half * 2.9, foot[1] + half * 0.04, False),
            (foot[0] + half, foot[1] - half * 0.16, False),
        ]
    )
    mask = blurred(canvas.shape([shape], box), half * 0.13)
    canvas.shade(box, mask.point([value * 3 // 4 for value in range(256)]), (56, 44, 52))


def _ellipse(centre: Point, reach: tuple[float, float]) -> list[Point]:
    return [
        (centre[0] + math.cos(turn / 48 * math.tau) * reach[0], centre[1] + math.sin(turn / 48 * math.tau) * reach[1])
        for turn in range(48)
    ]


def _cup(canvas: Canvas, plan: Plan, light: Mood, foot: Point, size: float) -> None:
    x, y = foot
    glaze = plan.figure_colour or (228, 222, 210)
    lit = light.lit(glaze) if not light.dark else mix(light.lit(glaze), glaze, 0.5)
    half, tall = size * 0.5, size * 0.66
    _cast(canvas, (x, y + size * 0.03), size * 0.52, light)
    _shaded(canvas, _ellipse((x, y), (size * 0.82, size * 0.15)), scaled(lit, 0.94), light, gloss=0.3)
    _shaded(canvas, _ellipse((x, y - size * 0.02), (size * 0.56, size * 0.085)), scaled(lit, 0.76), light, gloss=0.1)
    side = 1 if not light.from_right else -1
    handle = canvas.clip((x - size * 1.1, y - size, x + size * 1.1, y))
    if handle is not None:

        def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
            left, top = place((x + side * half * 0.92 - size * 0.2, y - tall * 0.92))
            right, low = place((x + side * half * 0.92 + size * 0.2, y - tall * 0.28))
            pen.ellipse((left, top, right, low), outline=255, width=max(2, round(size * 0.062 * canvas.fine)))

        canvas.fill(handle, mix(scaled(lit, 0.62), light.shadow, 0.2), canvas.mask(handle, draw))
    body = smooth(
        [
            (x - half, y - tall, True),
            (x - half * 0.97, y - tall * 0.6, False),
            (x - half * 0.74, y - tall * 0.18, False),
            (x - half * 0.5, y - size * 0.015, True),
            (x, y + size * 0.03, False),
            (x + half * 0.5, y - size * 0.015, True),
            (x + half * 0.74, y - tall * 0.18, False),
            (x + half * 0.97, y - tall * 0.6, False),
            (x + half, y - tall, True),
        ]
    )
    _shaded(canvas, body, lit, light)
    rim = (half, size * 0.105)
    _shaded(canvas, _ellipse((x, y - tall), rim), mix(lit, (255, 255, 255), 0.25), light, gloss=0.2)
    drink = (96, 52, 30) if plan.has("coffee", "espresso", "latte", "mocha", "cocoa") else (176, 98, 40)
    if plan.has("matcha", "green"):
        drink = (120, 150, 70)
    _shaded(
        canvas, _ellipse((x, y - tall + size * 0.012), (half * 0.9, size * 0.083)), light.lit(drink), light, gloss=0.35
    )
    _steam(canvas, plan, (x, y - tall - size * 0.02), size)


def _steam(canvas: Canvas, plan: Plan, start: Point, size: float) -> None:
    rng = plan.detail_rng("steam")
    box = canvas.clip((start[0] - size * 0.6, start[1] - size * 1.15, start[0] + size * 0.6, start[1] + size * 0.05))
    if box is None:
        return

    def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
        for strand in range(3):
            phase = rng.uniform(0, 6)
            for step in range(60):
                share = step / 60
                x = start[0] + (strand - 1) * size * 0.13 + math.sin(share * 6 + phase) * size * 0.1 * share
                px, py = place((x, start[1] - share * size * 1.05))
                reach = size * canvas.fine * (0.016 + 0.055 * share)
                pen.ellipse((px - reach, py - reach, px + reach, py + reach), fill=round(84 * (1 - share) ** 1.3))

    canvas.light(box, blurred(canvas.mask(box, draw), size * 0.028), (255, 250, 244))


def _books(canvas: Canvas, plan: Plan, light: Mood, foot: Point, size: float) -> None:
    rng = plan.rng("books")
    x, y = foot
    _cast(canvas, (x, y), size * 0.62, light)
    tones: list[Colour] = [(142, 52, 46), (44, 82, 96), (206, 160, 84), (70, 84, 62), (88, 62, 92)]
    for number in range(4):
        thick, half = size * rng.uniform(0.13, 0.2), size * rng.uniform(0.5, 0.66)
        shift = size * rng.uniform(-0.06, 0.06)
        tone = light.lit(tones[(number + rng.randrange(2)) % 5])
        left, right = x + shift - half, x + shift + half
        cover = [(left, y), (left, y - thick), (right, y - thick), (right, y)]
        _shaded(canvas, cover, tone, light, gloss=0.08)
        page = [
            (left + half * 0.04, y - thick * 0.16),
            (left + half * 0.04, y - thick * 0.84),
            (right, y - thick * 0.84),
            (right, y - thick * 0.16),
        ]
        _shaded(canvas, page, light.lit((232, 222, 200)), light, gloss=0.0)
        y -= thick


def _candle(canvas: Canvas, plan: Plan, light: Mood, foot: Point, size: float) -> None:
    x, y = foot
    _cast(canvas, foot, size * 0.2, light)
    wax = plan.figure_colour or (238, 226, 200)
    body = [
        (x - size * 0.13, y),
        (x - size * 0.13, y - size * 0.7),
        (x + size * 0.13, y - size * 0.7),
        (x + size * 0.13, y),
    ]
    _shaded(canvas, body, mix(light.lit(wax), wax, 0.4), light, gloss=0.2)
    _shaded(
        canvas,
        _ellipse((x, y - size * 0.7), (size * 0.13, size * 0.03)),
        mix(wax, (255, 200, 120), 0.4),
        light,
        gloss=0.0,
    )
    flame = smooth(
        [
            (x, y - size * 1.02, True),
            (x + size * 0.05, y - size * 0.84, False),
            (x, y - size * 0.75, False),
            (x - size * 0.05, y - size * 0.84, False),
        ]
    )
    canvas.glow((x, y - size * 0.86), size * 1.5, (255, 160, 70), 0.6)
    box = canvas.clip((x - size * 0.1, y - size * 1.05, x + size * 0.1, y - size * 0.7))
    if box is not None:
        canvas.fill(box, (255, 226, 150), canvas.shape([flame], box))
    canvas.glow((x, y - size * 0.84), size * 0.2, (255, 244, 210), 0.9)


def _vase(canvas: Canvas, plan: Plan, light: Mood, foot: Point, size: float) -> None:
    x, y = foot
    rng = plan.rng("vase")
    _cast(canvas, foot, size * 0.28, light)
    tone = plan.figure_colour or from_hue(rng.random(), 0.35, 0.5)
    petals: Colour = rng.choice(((232, 120, 130), (244, 214, 120), (240, 236, 228), (196, 150, 220)))
    for stem in range(7):
        lean = (stem - 3) * 0.13 + rng.uniform(-0.03, 0.03)
        head = (x + lean * size * 1.5, y - size * rng.uniform(1.15, 1.5) + abs(lean) * size * 0.5)
        box = canvas.clip((min(x, head[0]) - 4, head[1], max(x, head[0]) + 4, y))
        if box is not None:
            thin = max(1.0, size * 0.012)
            stalk = [
                (x - thin, y - size * 0.5),
                (head[0] - thin, head[1]),
                (head[0] + thin, head[1]),
                (x + thin, y - size * 0.5),
            ]
            canvas.fill(box, light.lit((66, 100, 62)), canvas.shape([stalk], box))
        _bloom(canvas, head, size * rng.uniform(0.13, 0.18), petals, light, rng)
    body = smooth(
        [
            (x - size * 0.13, y - size * 0.74, True),
            (x - size * 0.1, y - size * 0.6, False),
            (x - size * 0.27, y - size * 0.34, False),
            (x - size * 0.16, y, True),
            (x + size * 0.16, y, True),
            (x + size * 0.27, y - size * 0.34, False),
            (x + size * 0.1, y - size * 0.6, False),
            (x + size * 0.13, y - size * 0.74, True),
        ]
    )
    _shaded(canvas, body, mix(light.lit(tone), tone, 0.3), light)


def _bloom(canvas: Canvas, centre: Point, size: float, petals: Colour, light: Mood, rng: random.Random) -> None:
    lit = mix(light.lit(petals), petals, 0.4)
    for ring, (count, reach, shade) in enumerate(((9, 1.0, 0.72), (7, 0.68, 0.9), (5, 0.4, 1.06))):
        for number in range(count):
            turn = number / count * math.tau + ring * 0.4 + rng.uniform(-0.1, 0.1)
            _petal(canvas, centre, size * reach, turn, scaled(lit, shade), scaled(lit, shade * 0.66))
    box = canvas.clip((centre[0] - size * 0.2, centre[1] - size * 0.2, centre[0] + size * 0.2, centre[1] + size * 0.2))
    if box is not None:
        canvas.fill(box, light.lit((244, 190, 80)), canvas.shape([_ellipse(centre, (size * 0.15, size * 0.15))], box))


def _petal(
    canvas: Canvas, centre: Point, reach: float, turn: float, bright: Colour, dark: Colour, *, wide: float = 0.34
) -> None:
    """One petal from ``centre`` outward, darker at its root."""
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))

    def spot(out: float, side: float) -> tuple[float, float, bool]:
        x = centre[0] + along[0] * out * reach + across[0] * side * reach
        y = centre[1] + along[1] * out * reach + across[1] * side * reach
        return x, y, out == 0.0

    outline = smooth(
        [
            spot(0.0, 0.0),
            spot(0.45, wide),
            spot(0.86, wide * 0.8),
            spot(1.0, 0.0),
            spot(0.86, -wide * 0.8),
            spot(0.45, -wide),
        ],
        steps=6,
    )
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    box = canvas.clip((min(xs), min(ys), max(xs), max(ys)))
    if box is None:
        return
    mask = canvas.shape([outline], box)
    canvas.shade(box, blurred(mask, max(1.0, reach * 0.02)), (120, 104, 112))
    far = math.hypot(
        max(abs(box[0] - centre[0]), abs(box[2] - centre[0])), max(abs(box[1] - centre[1]), abs(box[3] - centre[1]))
    )
    away = Image.radial_gradient("L").resize(mask.size, Image.Resampling.BILINEAR, _window(box, centre, far))
    share = curve(away, 0.12, 0.9 * reach / far)
    canvas.fill(
        box, Image.composite(Image.new("RGB", share.size, bright), Image.new("RGB", share.size, dark), share), mask
    )


def _window(box: tuple[int, int, int, int], centre: Point, far: float) -> tuple[float, float, float, float]:
    """The part of a 256-pixel gradient around ``centre`` that lies over ``box``."""
    scale = 128 / far
    left, top = 128 + (box[0] - centre[0]) * scale, 128 + (box[1] - centre[1]) * scale
    right, bottom = 128 + (box[2] - centre[0]) * scale, 128 + (box[3] - centre[1]) * scale
    return (max(0.0, left), max(0.0, top), min(256.0, right), min(256.0, bottom))


def flower(canvas: Canvas, plan: Plan) -> Stage:
    """One flower, close, ring upon ring of petals, everything behind it out of focus."""
    light = mood(canvas, plan, canvas.height * 0.8)
    rng, detail = plan.rng("flower"), plan.detail_rng("flower")
    box = canvas.whole()
    leaf = mix(light.lit((50, 92, 66)), light.haze, 0.14)
    canvas.fill(
        box, ramp(canvas.soft(box), [(0.0, mix(leaf, light.haze, 0.5)), (0.6, leaf), (1.0, scaled(leaf, 0.42))])
    )
    blur = field(canvas.soft(box, 300), detail, cells=(4, 4), octaves=2)
    canvas.shade(box, curve(blur, 0.3, 0.8, peak=190), scaled(leaf, 0.9))
    bokeh(canvas, plan, [mix(light.sun_colour, leaf, 0.3), mix(light.haze, leaf, 0.4)], count=9)
    tone = plan.figure_colour or plan.tint or _petal_colour(plan, detail)
    centre = (canvas.width * rng.uniform(0.44, 0.56), canvas.height * 0.45)
    size = canvas.unit * 0.4
    stem = [
        (centre[0] - size * 0.035, centre[1]),
        (centre[0] + size * 0.12, canvas.height + 4),
        (centre[0] + size * 0.24, canvas.height + 4),
        (centre[0] + size * 0.035, centre[1]),
    ]
    canvas.fill(
        box, ramp((8, 8), [(0.0, light.lit((86, 130, 74))), (1.0, light.lit((40, 70, 44)))]), canvas.shape([stem], box)
    )
    for side in (-1, 1):
        root = (centre[0] + size * 0.12, centre[1] + size * 1.05)
        _petal(
            canvas,
            root,
            size * 0.95,
            math.pi / 2 - side * 1.15,
            light.lit((92, 144, 84)),
            light.lit((34, 66, 44)),
            wide=0.2,
        )
    rays = plan.has("daisy", "sunflower", "sunflowers")
    rings = 3 if rays else 7
    for ring in range(rings):
        reach = size * (1.0 - ring * (0.07 if rays else 0.125))
        count = (21 if rays else 11) - ring
        for number in range(count):
            turn = number / count * math.tau + ring * 0.37 + rng.uniform(-0.06, 0.06)
            bright = mix(mix(tone, (255, 246, 238), 0.34 - 0.03 * ring), light.sun_colour, 0.12)
            shade = mix(scaled(tone, 0.36 + 0.03 * ring), light.shadow, 0.2)
            length = reach * rng.uniform(0.94, 1.04)
            _petal(canvas, centre, length, turn, bright, shade, wide=0.13 if rays else 0.33)
    _heart(canvas, centre, size * (0.3 if rays else 0.12), plan, light)
    canvas.glow((canvas.width * (0.9 if light.from_right else 0.1), 0), canvas.unit * 1.1, light.sun_colour, 0.35)
    return Stage(light, None, None, 0.2)


def _petal_colour(plan: Plan, detail: random.Random) -> Colour:
    if plan.has("sunflower", "sunflowers"):
        return (244, 184, 40)
    if plan.has("poppy", "poppies"):
        return (222, 58, 44)
    if plan.has("daisy", "lily", "lotus"):
        return (246, 226, 232)
    return detail.choice(((214, 60, 92), (236, 128, 150), (150, 92, 196), (244, 150, 84), (226, 74, 60)))


def _heart(canvas: Canvas, centre: Point, size: float, plan: Plan, light: Mood) -> None:
    box = canvas.clip((centre[0] - size * 1.2, centre[1] - size * 1.2, centre[0] + size * 1.2, centre[1] + size * 1.2))
    if box is None:
        return
    brown = (92, 54, 32) if plan.has("sunflower", "sunflowers") else (240, 186, 76)
    canvas.fill(box, light.lit(scaled(brown, 0.7)), canvas.shape([_ellipse(centre, (size, size))], box))
    seeds = []
    for number in range(150):
        reach, turn = size * math.sqrt(number / 150), number * 2.39996
        seeds.append(
            _ellipse(
                (centre[0] + math.cos(turn) * reach, centre[1] + math.sin(turn) * reach), (size * 0.045, size * 0.045)
            )
        )
    canvas.fill(box, light.lit(mix(brown, (255, 220, 150), 0.4)), canvas.shape(seeds, box))


_FACE: Final = (
    (52, 108, True),
    (51, 88, False),
    (44, 80, False),
    (34, 79, False),
    (26, 77, False),
    (25, 71, False),
    (27, 68, False),
    (23, 65, False),
    (25, 62, False),
    (24, 59, False),
    (17, 56, False),
    (18, 53, False),
    (24, 44, False),
    (24, 38, False),
    (23, 33, False),
    (26, 20, False),
    (36, 8, False),
    (54, 3, False),
    (72, 8, False),
    (82, 22, False),
    (83, 38, False),
    (77, 52, False),
    (75, 66, False),
    (78, 80, False),
    (90, 90, False),
    (104, 98, False),
    (112, 108, True),
)
"""A head in profile, facing left, on a square of 100."""


def portrait(canvas: Canvas, plan: Plan) -> Stage:
    """A head in profile against light paper, with a landscape living in it."""
    light = mood(canvas, plan, canvas.height)
    rng = plan.rng("portrait")
    inner_plan = rng.choice(("mountains", "forest", "sea", "meadow", "city"))
    for name in ("space", "sea", "forest", "mountains", "city", "desert"):
        if plan.has(name, name.rstrip("s")):
            inner_plan = name
    inner = Canvas(canvas.image.copy(), canvas.is_cancelled)
    ALL_SCENES[inner_plan](inner, plan)
    box = canvas.whole()
    paper = mix((244, 230, 206), light.haze, 0.2) if not light.dark else mix(light.stops[1][1], (30, 30, 54), 0.4)
    canvas.fill(box, ramp(canvas.soft(box), [(0.0, mix(paper, light.stops[0][1], 0.18)), (1.0, paper)]))
    canvas.glow(
        (canvas.width * 0.3, canvas.height * 0.4), canvas.unit * 0.9, (255, 248, 236), 0.5 if not light.dark else 0.16
    )
    size = min(canvas.height * 0.96, canvas.width * 1.2)
    left, top = canvas.width / 2 - size * 0.56, canvas.height - size * 1.0
    outline = smooth([(left + x / 100 * size, top + y / 100 * size, corner) for x, y, corner in _FACE])
    mask = canvas.shape([outline], box)
    tone = fade(mask.size, [(0.0, 1.0), (0.7, 1.0), (1.0, 0.86)])
    canvas.image.paste(inner.image, (0, 0), ImageChops.multiply(mask, tone))
    away = round(size * 0.03)
    edge = ImageChops.subtract(mask, ImageChops.offset(blurred(mask, size * 0.03), -away, -away))
    canvas.shade(box, ImageChops.multiply(edge, mask), mix(light.shadow, (60, 50, 70), 0.5))
    return Stage(light, None, None, 0.5)


def _teapot(canvas: Canvas, plan: Plan, light: Mood, foot: Point, size: float) -> None:
    x, y = foot
    tone = plan.figure_colour or (112, 132, 128)
    _cast(canvas, foot, size * 0.6, light)
    spout = smooth(
        [
            (x - size * 0.4, y - size * 0.3, True),
            (x - size * 0.72, y - size * 0.5, False),
            (x - size * 0.86, y - size * 0.72, True),
            (x - size * 0.74, y - size * 0.72, True),
            (x - size * 0.58, y - size * 0.44, False),
            (x - size * 0.36, y - size * 0.14, True),
        ]
    )
    _shaded(canvas, spout, light.lit(tone), light, gloss=0.2)
    _shaded(canvas, _ellipse((x, y - size * 0.36), (size * 0.54, size * 0.38)), light.lit(tone), light)
    _shaded(canvas, _ellipse((x, y - size * 0.72), (size * 0.2, size * 0.05)), light.lit(scaled(tone, 0.8)), light)
    _shaded(canvas, _ellipse((x, y - size * 0.8), (size * 0.07, size * 0.06)), light.lit(tone), light)


def _sitting_cat(canvas: Canvas, plan: Plan, light: Mood, foot: Point, size: float) -> None:
    draw_figure(canvas, "cat", foot, size * 1.2, light, colour=plan.figure_colour)


_THINGS: Final[Mapping[str, Callable[[Canvas, Plan, Mood, Point, float], None]]] = {
    "cup": _cup,
    "books": _books,
    "candle": _candle,
    "vase": _vase,
    "teapot": _teapot,
    "cat": _sitting_cat,
}
EVERY_SCENE: Final[Mapping[str, Scene]] = {**ALL_SCENES, "still": still, "flower": flower, "portrait": portrait}
