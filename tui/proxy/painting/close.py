"""Scenes seen from near or from far away: city, space, under water, table, flower, portrait, pure form."""

import math
import random
from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from tui.proxy.painting.canvas import Canvas, Point, blurred, fade, ramp, smooth
from tui.proxy.painting.colour import Colour, from_hue, mix, scaled, toward_hue
from tui.proxy.painting.figures import draw_figure
from tui.proxy.painting.land import Ridge, hills, mist, paint_ridge
from tui.proxy.painting.noise import curve, field
from tui.proxy.painting.outlines import FIGURES
from tui.proxy.painting.scenes import SCENES, Scene, Stage
from tui.proxy.painting.sky import Mood, mood, paint_sky
from tui.proxy.painting.water import paint_water
from tui.proxy.painting.words import Plan

Draw = Callable[[ImageDraw.ImageDraw, Callable[[Point], Point]], None]


def _oval(centre: Point, reach: tuple[float, float]) -> list[Point]:
    """An ellipse as an outline."""
    return [
        (centre[0] + math.cos(turn / 40 * math.tau) * reach[0], centre[1] + math.sin(turn / 40 * math.tau) * reach[1])
        for turn in range(80)
    ][:40]


def city(canvas: Canvas, plan: Plan) -> Stage:
    """Rows of towers fading into the distance, windows lit, a wet street or river in front."""
    horizon = canvas.height * 0.74
    light = mood(canvas, plan, horizon)
    paint_sky(canvas, plan, light)
    canvas.glow((canvas.width / 2, horizon), canvas.unit * 0.9, mix(light.haze, (255, 180, 120), 0.4), 0.5)
    stone = toward_hue((92, 98, 122), plan.tint, 0.4) if plan.tint else (92, 98, 122)
    for number, (tall, distance) in enumerate(((0.5, 0.6), (0.56, 0.36), (0.44, 0.08))):
        _towers(canvas, plan, light, horizon, (tall * canvas.height, distance), stone, number)
        mist(canvas, plan, horizon, canvas.height * 0.1, light.haze, 0.42 - 0.14 * number)
    paint_water(canvas, plan, light, horizon, calm=0.86, colour=(24, 36, 60))
    return Stage(light, None, horizon, 0.5)


def _towers(
    canvas: Canvas, plan: Plan, light: Mood, foot: float, size: tuple[float, float], stone: Colour, number: int
) -> None:
    tall, distance = size
    rng = plan.rng(f"towers {number}")
    unit = canvas.unit
    centre = plan.rng("centre").uniform(0.35, 0.65)
    shapes: list[list[Point]] = []
    panes: list[list[Point]] = []
    x = -unit * 0.05
    while x < canvas.width:
        wide = unit * rng.uniform(0.05, 0.12) * (0.8 + 0.25 * number)
        middle = (x + wide / 2) / canvas.width
        height = tall * rng.uniform(0.32, 1.0) * (0.45 + 0.55 * math.exp(-(((middle - centre) / 0.3) ** 2)))
        _tower(shapes, (x, foot, wide, height), rng)
        _panes(panes, (x, foot, wide, height), unit * (0.0048 + 0.0026 * number), rng, dark=light.dark)
        x += wide * rng.uniform(0.75, 1.08)
    box = canvas.clip((0, foot - tall * 1.4, canvas.width, foot))
    if box is None:
        return
    stone = scaled(stone, 1.0 - 0.22 * number)
    body = light.depth(stone, distance)
    near = ramp(
        (8, 128),
        [(0.0, mix(body, light.shadow, 0.35 * (1 - distance))), (1.0, light.depth(stone, min(1, distance + 0.2)))],
    )
    canvas.fill(box, near, canvas.shape(shapes, box))
    lamp = (255, 214, 140) if light.dark else mix(body, (226, 238, 250), 0.5)
    alpha = round(255 * (1 - distance * 0.75) * (1.0 if light.dark else 0.55))
    mask = canvas.shape(panes, box).point([value * alpha // 255 for value in range(256)])
    canvas.fill(box, lamp, mask)
    if light.dark and number == 2:
        canvas.light(box, blurred(mask, unit * 0.012), (255, 150, 70))


def _tower(shapes: list[list[Point]], place: tuple[float, float, float, float], rng: random.Random) -> None:
    x, foot, wide, height = place
    top = foot - height
    shapes.append([(x, foot), (x, top), (x + wide, top), (x + wide, foot)])
    kind = rng.random()
    if kind < 0.3:
        inset, rise = wide * 0.2, height * 0.08
        shapes.append(
            [(x + inset, top), (x + inset, top - rise), (x + wide - inset, top - rise), (x + wide - inset, top)]
        )
        top -= rise
    elif kind < 0.37:
        shapes.append([(x, top), (x + wide / 2, top - wide * 0.8), (x + wide, top)])
        top -= wide * 0.75
    elif kind < 0.46:
        shapes.append([(x, top), (x, top - wide * 0.35), (x + wide, top)])
    if rng.random() < 0.3:
        thin = wide * 0.03
        shapes.append([(x + wide / 2 - thin, top), (x + wide / 2, top - height * 0.2), (x + wide / 2 + thin, top)])


def _panes(
    panes: list[list[Point]], place: tuple[float, float, float, float], size: float, rng: random.Random, *, dark: bool
) -> None:
    x, foot, wide, height = place
    columns = max(2, int(wide / (size * 1.7)))
    rows = max(2, min(64, int(height / (size * 2.4))))
    share = rng.uniform(0.18, 0.5) if dark else 0.85
    step = (wide * 0.86) / columns
    for row in range(rows):
        top = foot - height + height * (row + 0.5) / rows
        whole_floor = rng.random() < 0.06
        for column in range(columns):
            if not whole_floor and rng.random() > share:
                continue
            left = x + wide * 0.07 + step * (column + 0.2)
            panes.append([(left, top), (left + step * 0.6, top), (left + step * 0.6, top + size), (left, top + size)])


def space(canvas: Canvas, plan: Plan) -> Stage:
    """Nebula, stars of all sizes, a planet with its night side, perhaps with a ring."""
    light = mood(canvas, plan, canvas.height * 0.9)
    rng = plan.rng("space")
    hue = rng.random()
    wanted = plan.tint or from_hue(hue, 0.7, 0.5)
    box = canvas.whole()
    size = canvas.soft(box, 900)
    canvas.fill(box, ramp(size, [(0.0, (6, 6, 18)), (1.0, (14, 10, 32))]))
    detail = plan.detail_rng("nebula")
    warp = field(size, rng, cells=(2.2, 2.2), octaves=7, roughness=0.58)
    for number, (shift, low) in enumerate(((0.0, 0.42), (0.16, 0.5), (-0.2, 0.56), (0.42, 0.64))):
        cloud = field(size, detail, cells=(2.5 + number, 2.5 + number), octaves=7, roughness=0.6)
        body = ImageChops.multiply(curve(cloud, low - 0.1, low + 0.42), curve(warp, 0.25, 0.85))
        tone = toward_hue(from_hue(hue + shift, 0.75, 0.52), wanted, 0.35 if number else 0.8)
        canvas.light(box, body, tone)
    dust = curve(field(size, detail, cells=(4, 4), octaves=7, roughness=0.6), 0.52, 0.86, peak=210)
    canvas.shade(box, dust, (30, 20, 40))
    _starfield(canvas, plan)
    if plan.has("galaxy", "spiral"):
        _galaxy(canvas, plan)
    elif not plan.has("nebula") or "planet" in plan.figures:
        side = rng.choice((0.3, 0.7))
        _planet(canvas, plan, (canvas.width * side, canvas.height * 0.45), canvas.unit * 0.24)
    dark = Mood(light.stops, light.sun, (255, 240, 220), light.haze, (8, 8, 22), True, light.from_right, canvas.height)
    return Stage(dark, None, None, 0.68 if rng.random() < 0.5 else 0.32)


def _starfield(canvas: Canvas, plan: Plan) -> None:
    rng = plan.detail_rng("stars")
    layer = Image.new("L", canvas.image.size)
    pen = ImageDraw.Draw(layer)
    unit = canvas.unit / 1000
    for _ in range(1500):
        x, y, bright = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), rng.random() ** 5
        radius = unit * (0.45 + 1.4 * bright)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=round(80 + 175 * bright))
    canvas.light(canvas.whole(), layer, (240, 242, 255))
    for _ in range(14):
        spot = (rng.uniform(0, canvas.width), rng.uniform(0, canvas.height))
        colour = rng.choice(((190, 210, 255), (255, 226, 190), (255, 200, 200)))
        reach = unit * rng.uniform(8, 26)
        canvas.glow(spot, reach, colour, 0.9, power=3.4)
        canvas.glow(spot, reach * 0.22, (255, 255, 255), 1.0, power=1.2)


def _galaxy(canvas: Canvas, plan: Plan) -> None:
    rng = plan.rng("galaxy")
    centre = (canvas.width * 0.5, canvas.height * 0.5)
    layer = Image.new("L", canvas.image.size)
    pen = ImageDraw.Draw(layer)
    reach = canvas.unit * 0.46
    tilt, turn = 0.42, rng.uniform(0, 6)
    for _ in range(9000):
        share = abs(rng.gauss(0, 0.42))
        arm = rng.randrange(2) * math.pi + share * 5.2 + turn + rng.gauss(0, 0.24)
        x = math.cos(arm) * share * reach
        y = math.sin(arm) * share * reach * tilt
        size = canvas.unit / 1000 * rng.uniform(0.4, 1.3)
        spot = (centre[0] + x * 0.94 - y * 0.34, centre[1] + x * 0.34 + y * 0.94)
        pen.ellipse((spot[0] - size, spot[1] - size, spot[0] + size, spot[1] + size), fill=rng.randrange(60, 230))
    canvas.light(
        canvas.whole(),
        blurred(layer, canvas.unit * 0.012).point([min(255, v * 3) for v in range(256)]),
        (110, 130, 255),
    )
    canvas.light(canvas.whole(), layer, (226, 230, 255))
    canvas.glow(centre, reach * 0.6, (255, 214, 170), 0.85, power=2.4)
    canvas.glow(centre, reach * 0.2, (255, 250, 230), 1.0, power=1.5)


def _planet(canvas: Canvas, plan: Plan, centre: Point, radius: float) -> None:
    rng = plan.rng("planet")
    side = round(min(900, radius * 2))
    tone = plan.figure_colour or plan.tint or from_hue(rng.random(), 0.45, 0.55)
    if plan.has("mars"):
        tone = (204, 96, 60)
    banded = plan.has("saturn", "jupiter") or rng.random() < 0.5
    cells = (2.0, 9.0) if banded else (4.0, 4.0)
    ground = field((side, side), rng, cells=cells, octaves=6, roughness=0.52)
    face = Image.composite(
        Image.new("RGB", ground.size, mix(tone, (255, 244, 226), 0.5)),
        Image.new("RGB", ground.size, mix(scaled(tone, 0.5), (20, 30, 60), 0.25)),
        curve(ground, 0.2, 0.8),
    )
    away = Image.radial_gradient("L").resize((side * 2, side * 2), Image.Resampling.BICUBIC)
    start = (round(side * 0.72), round(side * 0.78))
    night = curve(ImageChops.invert(away.crop((start[0], start[1], start[0] + side, start[1] + side))), 0.28, 0.86)
    face = ImageChops.multiply(face, Image.merge("RGB", (night, night, night)))
    disc = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(disc).ellipse((2, 2, side * 2 - 3, side * 2 - 3), fill=255)
    left, top, wide = round(centre[0] - radius), round(centre[1] - radius), round(radius * 2)
    ringed = plan.has("saturn", "ring", "rings") or rng.random() < 0.55
    if ringed:
        _ring(canvas, centre, radius, tone, back=True)
    canvas.glow(
        (centre[0] - radius * 0.1, centre[1] - radius * 0.1), radius * 1.55, mix(tone, (180, 210, 255), 0.5), 0.5
    )
    canvas.image.paste(
        face.resize((wide, wide), Image.Resampling.BICUBIC),
        (left, top),
        disc.resize((wide, wide), Image.Resampling.BOX),
    )
    if ringed:
        _ring(canvas, centre, radius, tone, back=False)


def _ring(canvas: Canvas, centre: Point, radius: float, tone: Colour, *, back: bool) -> None:
    box = canvas.clip(
        (centre[0] - radius * 2.4, centre[1] - radius * 1.3, centre[0] + radius * 2.4, centre[1] + radius * 1.3)
    )
    if box is None:
        return

    def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
        start = (math.pi, math.tau) if back else (0.0, math.pi)
        for band in range(26):
            if band in (9, 10, 17):
                continue
            reach = radius * (1.42 + band * 0.03)
            line = []
            for step in range(61):
                turn = start[0] + (start[1] - start[0]) * step / 60
                x, y = math.cos(turn) * reach, math.sin(turn) * reach * 0.24
                line.append(place((centre[0] + x * 0.96 + y * 0.28, centre[1] - x * 0.28 + y * 0.96)))
            level = 120 + 90 * (band * 37 % 11) // 11
            pen.line(line, fill=level, width=max(1, round(radius * 0.024 * canvas.fine)))

    canvas.fill(box, mix(tone, (255, 240, 214), 0.6), canvas.mask(box, draw))


def underwater(canvas: Canvas, plan: Plan) -> Stage:
    """Light falling through deep water onto a reef."""
    light = mood(canvas, plan, canvas.height * 0.12)
    box = canvas.whole()
    deep = toward_hue((6, 40, 78), plan.tint, 0.6) if plan.tint else (6, 40, 78)
    dim = 0.6 if plan.light in ("night", "dusk", "storm") else 1.0
    stops = [
        (0.0, scaled((150, 226, 226), dim)),
        (0.22, scaled((54, 160, 190), dim)),
        (0.6, mix(deep, (20, 104, 150), 0.5)),
        (1.0, deep),
    ]
    canvas.fill(box, ramp(canvas.soft(box), stops))
    _rays(canvas, plan)
    sea = Mood(
        stops=tuple(stops),
        sun=(canvas.width * 0.5, 0.0),
        sun_colour=(210, 250, 240),
        haze=mix(deep, (40, 130, 170), 0.6),
        shadow=scaled(deep, 0.6),
        dark=dim < 1,
        from_right=light.from_right,
        horizon=canvas.height * 0.1,
    )
    for number, distance in enumerate((0.8, 0.55, 0.12)):
        base = canvas.height * (0.84 + 0.055 * number)
        reef = hills(canvas, plan.rng(f"reef {number}"), base, canvas.height * 0.07, waves=2.2, rough=0.52)
        rock = mix((52, 78, 98), deep, distance)
        paint_ridge(
            canvas,
            reef,
            canvas.height,
            (mix(rock, sea.haze, distance * 0.6), scaled(rock, 0.5)),
            texture=0.6,
            seed=plan.rng("reef"),
        )
        _corals(canvas, plan.rng(f"coral {number}"), reef, sea, distance)
    _bubbles(canvas, plan)
    floor = hills(canvas, plan.rng("swim"), canvas.height * 0.66, canvas.height * 0.02, waves=1, rough=0.3)
    return Stage(sea, floor, None, 0.45)


def _rays(canvas: Canvas, plan: Plan) -> None:
    """Light falling in slanting beams from the surface."""
    box = canvas.whole()
    size = canvas.soft(box, 500)
    rng = plan.detail_rng("rays")
    rays = Image.new("L", size)
    pen = ImageDraw.Draw(rays)
    for _ in range(16):
        x, wide = rng.uniform(-0.1, 1.1) * size[0], size[0] * rng.uniform(0.01, 0.06)
        lean = (x - size[0] * 0.5) * 0.5
        pen.polygon(
            [(x, 0), (x + wide, 0), (x + wide * 2.5 + lean, size[1]), (x - wide + lean, size[1])], rng.randrange(30, 96)
        )
    rays = ImageChops.multiply(blurred(rays, size[0] / 80), fade(size, [(0.0, 1.0), (0.85, 0.1), (1.0, 0.0)]))
    canvas.light(box, rays, (180, 240, 230))


def _corals(canvas: Canvas, rng: random.Random, reef: Ridge, sea: Mood, distance: float) -> None:
    tones: list[Colour] = [(238, 110, 98), (240, 164, 84), (196, 98, 190), (96, 190, 150), (240, 214, 120)]
    for _ in range(round(9 * max(1.0, canvas.width / canvas.height))):
        x = rng.uniform(0, canvas.width)
        foot, tall = reef.at(x) + canvas.unit * 0.02, canvas.unit * rng.uniform(0.05, 0.15) * (1.1 - distance * 0.6)
        shapes = []
        for _ in range(rng.randrange(4, 9)):
            lean = rng.uniform(-0.7, 0.7)
            thick, reach = tall * rng.uniform(0.05, 0.1), tall * rng.uniform(0.5, 1.0)
            tip = (x + lean * reach, foot - reach)
            bend = (x + lean * reach * 0.25, foot - reach * 0.5)
            shapes.append(
                smooth(
                    [
                        (x - thick, foot, True),
                        (bend[0] - thick * 0.8, bend[1], False),
                        (tip[0] - thick * 0.3, tip[1], False),
                        (tip[0] + thick * 0.6, tip[1], False),
                        (bend[0] + thick * 0.9, bend[1], False),
                        (x + thick, foot, True),
                    ],
                    steps=5,
                )
            )
        box = canvas.clip((x - tall, foot - tall * 1.2, x + tall, foot + 2))
        if box is not None:
            tone = mix(rng.choice(tones), sea.haze, 0.25 + distance * 0.6)
            canvas.fill(
                box,
                ramp((4, 64), [(0.0, tone), (1.0, mix(scaled(tone, 0.5), sea.shadow, 0.3))]),
                canvas.shape(shapes, box),
            )


def _bubbles(canvas: Canvas, plan: Plan) -> None:
    rng = plan.detail_rng("bubbles")

    def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
        for _ in range(70):
            x, y = place((rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)))
            size = canvas.unit * canvas.fine * rng.uniform(0.001, 0.007)
            pen.ellipse(
                (x - size, y - size, x + size, y + size),
                outline=rng.randrange(70, 190),
                width=max(1, round(size * 0.22)),
            )

    canvas.light(canvas.whole(), canvas.mask(canvas.whole(), draw), (220, 250, 255))


def abstract(canvas: Canvas, plan: Plan) -> Stage:
    """Folded ribbons of colour, one over the other, each with a lit edge and a shadow."""
    rng, detail = plan.rng("ribbons"), plan.detail_rng("hues")
    light = mood(canvas, plan, canvas.height)
    hue = detail.random()
    base = plan.tint or from_hue(hue, 0.62, 0.5)
    other = from_hue(hue + detail.choice((0.08, 0.5, 0.6, 0.34)), 0.7, 0.58)
    second = plan.second_tint or other
    dark = mix(scaled(base, 0.22), (12, 12, 30), 0.5)
    box = canvas.whole()
    canvas.fill(
        box, ramp(canvas.soft(box), [(0.0, mix(base, (255, 246, 236), 0.55)), (1.0, mix(second, (255, 240, 230), 0.3))])
    )
    count = 11
    for number in range(count):
        share = number / (count - 1)
        fold = hills(
            canvas,
            random.Random(f"{plan.frame} fold {number // 2}"),
            canvas.height * (0.08 + 0.9 * share),
            canvas.height * (0.13 + 0.05 * rng.random()),
            waves=1.1 + 0.25 * rng.random(),
            rough=0.22,
        )
        tone = mix(mix(base, second, 0.5 + 0.5 * math.sin(number * 1.7 + hue * 6)), dark, share * 0.6)
        _fold(canvas, fold, mix(tone, (255, 250, 240), 0.32 * (1 - share)), scaled(tone, 0.62), plan)
    return Stage(light, None, None, 0.5)


def _fold(canvas: Canvas, fold: Ridge, top: Colour, low: Colour, plan: Plan) -> None:
    reach = canvas.height * 0.05
    box = canvas.clip((0, fold.top - reach, canvas.width, canvas.height))
    if box is None:
        return
    mask = canvas.shape([fold.outline(canvas.height)], box)
    shadow = blurred(mask, canvas.unit * 0.02)
    canvas.shade(box, shadow.point([value * 3 // 5 for value in range(256)]), (70, 60, 90))
    canvas.fill(box, ramp(canvas.soft(box, 300), [(0.0, top), (0.4, low), (1.0, low)]), mask)
    thin = max(1.0, canvas.unit * 0.0022)
    edge = [*fold.points(), *reversed([(x, y + thin) for x, y in fold.points()])]
    canvas.light(
        box, canvas.shape([edge], box).point([value * 3 // 4 for value in range(256)]), mix(top, (255, 255, 255), 0.5)
    )


def geometric(canvas: Canvas, plan: Plan) -> Stage:
    """A composition of discs, arcs, bars and triangles on warm paper."""
    rng, detail = plan.rng("shapes"), plan.detail_rng("paint")
    light = mood(canvas, plan, canvas.height)
    tones: list[Colour] = [(214, 66, 52), (36, 74, 128), (236, 178, 60), (30, 34, 44), (72, 140, 132), (238, 142, 108)]
    if plan.tint is not None:
        tones = [toward_hue(tone, plan.tint, 0.55) for tone in tones]
    detail.shuffle(tones)
    box = canvas.whole()
    canvas.fill(box, ramp(canvas.soft(box), [(0.0, (244, 236, 218)), (1.0, (232, 218, 194))]))
    cell = canvas.unit / 4
    columns, rows = max(1, round(canvas.width / cell)), max(1, round(canvas.height / cell))
    size = (canvas.width / columns, canvas.height / rows)
    for row in range(rows):
        for column in range(columns):
            place = (column * size[0], row * size[1], size[0], size[1])
            _tile(canvas, place, rng.randrange(8), (detail.choice(tones), detail.choice(tones)), rng)
    spot = (canvas.width * rng.uniform(0.35, 0.65), canvas.height * rng.uniform(0.35, 0.65))
    reach = canvas.unit * 0.27
    _medal(canvas, plan, light, (spot, reach), tones)
    return Stage(light, None, None, 0.5)


def _medal(canvas: Canvas, plan: Plan, light: Mood, place: tuple[Point, float], tones: list[Colour]) -> None:
    """Rings over everything, with the figure the prompt names in their middle."""
    spot, reach = place
    box = canvas.clip((spot[0] - reach, spot[1] - reach, spot[0] + reach, spot[1] + reach))
    if box is None:
        return
    disc = canvas.shape([_oval(spot, (reach * 0.98, reach * 0.98))], box)
    canvas.shade(box, blurred(disc, reach * 0.04), (150, 130, 120))
    canvas.fill(box, tones[0], disc)
    figure = next((name for name in plan.figures if name in FIGURES), None)
    if figure is None:
        canvas.fill(box, tones[2], canvas.shape([_oval(spot, (reach * 0.6, reach * 0.6))], box))
        canvas.fill(box, tones[3], canvas.shape([_oval(spot, (reach * 0.22, reach * 0.22))], box))
        return
    canvas.fill(
        box, mix(tones[2], (255, 246, 226), 0.5), canvas.shape([_oval(spot, (reach * 0.84, reach * 0.84))], box)
    )
    tall = reach * 1.05 / max(1.0, FIGURES[figure].wide)
    foot = (spot[0], spot[1] + tall * 0.52)
    draw_figure(canvas, figure, foot, tall, light, colour=plan.figure_colour, shadow=False)


def _tile(
    canvas: Canvas,
    place: tuple[float, float, float, float],
    kind: int,
    tones: tuple[Colour, Colour],
    rng: random.Random,
) -> None:
    x, y, wide, tall = place
    box = canvas.clip((x, y, x + wide, y + tall))
    if box is None:
        return
    corner = rng.randrange(4)
    at = (x + wide * (corner % 2), y + tall * (corner // 2))
    if kind in (0, 1, 2):
        canvas.fill(box, tones[1])
        canvas.fill(box, tones[0], canvas.shape([_oval(at, (wide, tall))], box))
    elif kind == 3:
        canvas.fill(box, tones[0], canvas.shape([[(x, y), (x + wide, y), (x, y + tall)]], box))
        canvas.fill(box, tones[1], canvas.shape([[(x + wide, y + tall), (x + wide, y), (x, y + tall)]], box))
    elif kind == 4:
        bars = [
            [
                (x, y + tall * step / 6),
                (x + wide, y + tall * step / 6),
                (x + wide, y + tall * (step + 0.5) / 6),
                (x, y + tall * (step + 0.5) / 6),
            ]
            for step in range(6)
        ]
        canvas.fill(box, tones[0], canvas.shape(bars, box))
    elif kind == 5:
        canvas.fill(box, tones[0])
        canvas.fill(box, tones[1], canvas.shape([_oval((x + wide / 2, y + tall / 2), (wide * 0.36, tall * 0.36))], box))
    elif kind == 6:
        for step in range(3):
            share = 1 - step / 3
            canvas.fill(box, tones[step % 2], canvas.shape([_oval(at, (wide * share, tall * share))], box))


CLOSE: Final[Mapping[str, Scene]] = {
    "city": city,
    "space": space,
    "underwater": underwater,
    "abstract": abstract,
    "geometric": geometric,
}
ALL_SCENES: Final[Mapping[str, Scene]] = {**SCENES, **CLOSE}
