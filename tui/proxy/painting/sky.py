"""The sky: its light, the sun or moon, clouds, stars, aurora."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tui.proxy.painting.canvas import Box, Canvas, Point, blurred, fade, ramp
from tui.proxy.painting.colour import Colour, at, mix, scaled, toward_hue
from tui.proxy.painting.noise import curve, field, plane
from tui.proxy.painting.words import Plan

_SKIES: Final[Mapping[str, tuple[Colour, ...]]] = {
    "day": ((38, 98, 178), (84, 150, 214), (158, 202, 232), (222, 236, 238)),
    "golden": ((58, 92, 142), (142, 150, 164), (238, 188, 132), (255, 226, 170)),
    "sunset": ((38, 34, 84), (132, 58, 110), (236, 104, 82), (255, 196, 112)),
    "dawn": ((88, 118, 176), (172, 160, 198), (246, 184, 176), (255, 226, 196)),
    "dusk": ((14, 20, 56), (46, 56, 116), (138, 100, 150), (244, 168, 132)),
    "night": ((4, 8, 26), (10, 20, 52), (22, 42, 86), (48, 74, 116)),
    "grey": ((122, 138, 152), (158, 172, 182), (192, 202, 206), (220, 224, 222)),
    "storm": ((20, 24, 36), (44, 52, 66), (88, 98, 108), (142, 146, 146)),
}
"""Zenith, upper, lower, horizon."""

_SUNS: Final[Mapping[str, Colour]] = {
    "day": (255, 250, 230),
    "golden": (255, 222, 150),
    "sunset": (255, 170, 90),
    "dawn": (255, 214, 180),
    "dusk": (255, 170, 130),
    "night": (226, 234, 255),
    "grey": (250, 250, 244),
    "storm": (214, 220, 226),
}
_SUN_HEIGHTS: Final[Mapping[str, float]] = {
    "day": 0.34,
    "golden": 0.72,
    "sunset": 0.88,
    "dawn": 0.82,
    "dusk": 0.97,
    "night": 0.3,
    "grey": 0.5,
    "storm": 0.5,
}
"""How far down from the top to the horizon."""

_STARS: Final = 900


@dataclass(frozen=True, slots=True)
class Mood:
    """The light of a scene. ``sun`` is where sun or moon stands; ``haze`` what distance fades into."""

    stops: tuple[tuple[float, Colour], ...]
    sun: Point
    sun_colour: Colour
    haze: Colour
    shadow: Colour
    dark: bool
    from_right: bool
    horizon: float

    def depth(self, colour: Colour, distance: float) -> Colour:
        """``colour`` seen from afar: ``distance`` 0 is here, 1 is gone."""
        return mix(self.lit(colour), self.haze, distance)

    def lit(self, colour: Colour) -> Colour:
        """``colour`` in this light."""
        warm = tuple(part * (0.35 + 0.65 * light / 255) for part, light in zip(colour, self.sun_colour, strict=True))
        dim = 0.42 if self.dark else 1.0
        red, green, blue = (round(part * dim) for part in warm)
        return mix((red, green, blue), self.shadow, 0.3 if self.dark else 0.06)


def mood(canvas: Canvas, plan: Plan, horizon: float) -> Mood:
    """The light of ``plan`` for a horizon at ``horizon`` pixels from the top."""
    colours = list(_SKIES[plan.light])
    if plan.tint is not None:
        share = 0.62 if plan.light not in ("day", "night") else 0.5
        colours = [toward_hue(colour, plan.tint, share) for colour in colours]
    rng = plan.rng("sun")
    side = rng.choice((0.24, 0.3, 0.36, 0.64, 0.7, 0.76))
    height = _SUN_HEIGHTS[plan.light] + plan.detail_rng("sun").uniform(-0.05, 0.04)
    dark = plan.light in ("night", "dusk", "storm")
    haze = mix(colours[-1], colours[-2], 0.35)
    return Mood(
        stops=((0.0, colours[0]), (0.36, colours[1]), (0.72, colours[2]), (1.0, colours[3])),
        sun=(canvas.width * side, horizon * height),
        sun_colour=_SUNS[plan.light],
        haze=haze,
        shadow=mix(scaled(colours[0], 0.7), (18, 20, 34), 0.35),
        dark=dark,
        from_right=side > 0.5,
        horizon=horizon,
    )


def paint_sky(canvas: Canvas, plan: Plan, light: Mood, *, clouds: float | None = None) -> None:
    """Everything above the horizon; ``clouds`` 0 to 1 is how much of it they cover."""
    bottom = min(canvas.height, math.ceil(light.horizon * 1.04) + 2)
    box = (0, 0, canvas.width, bottom)
    canvas.fill(canvas.whole(), light.haze)
    canvas.fill(box, ramp(canvas.soft(box), light.stops))
    if plan.light in ("night", "dusk"):
        _stars(canvas, plan, box, strength=1.0 if plan.light == "night" else 0.4)
    if "aurora" in plan.weather:
        _aurora(canvas, plan, light)
    _sun(canvas, plan, light)
    cover = _cover(plan) if clouds is None else clouds
    if cover > 0:
        _clouds(canvas, plan, light, box, cover)
    if "lightning" in plan.weather:
        _lightning(canvas, plan, light)


def _cover(plan: Plan) -> float:
    if plan.light in ("grey", "storm"):
        return 0.9
    if plan.has("cloudless", "clear"):
        return 0.0
    if plan.has("cloud", "clouds", "cloudy"):
        return 0.75
    if plan.light == "night":
        return 0.22
    return plan.detail_rng("cover").choice((0.3, 0.42, 0.5, 0.6))


def _sun(canvas: Canvas, plan: Plan, light: Mood) -> None:
    x, y = light.sun
    unit = canvas.unit
    if plan.light in ("grey", "storm"):
        canvas.glow((x, y), unit * 0.7, light.sun_colour, 0.28, power=1.6)
        return
    if plan.light == "night":
        _moon(canvas, plan, light)
        return
    canvas.glow((x, y), unit * 1.25, light.sun_colour, 0.42, power=2.2)
    canvas.glow((x, y), unit * 0.5, light.sun_colour, 0.55, power=2.6)
    radius = unit * (0.028 if plan.light == "day" else 0.05)
    canvas.glow((x, y), radius * 3.2, (255, 250, 236), 0.8, power=1.5)
    _disc(canvas, (x, y), radius, mix(light.sun_colour, (255, 255, 250), 0.62))


def _disc(canvas: Canvas, centre: Point, radius: float, colour: Colour) -> Box | None:
    x, y = centre
    box = canvas.clip((x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2))
    if box is None:
        return None

    def draw(pen: ImageDraw.ImageDraw, place: object) -> None:
        left, top = (x - radius - box[0]) * canvas.fine, (y - radius - box[1]) * canvas.fine
        pen.ellipse((left, top, left + 2 * radius * canvas.fine, top + 2 * radius * canvas.fine), fill=255)

    canvas.fill(box, colour, canvas.mask(box, draw))
    return box


def _moon(canvas: Canvas, plan: Plan, light: Mood) -> None:
    x, y = light.sun
    big = plan.has("moon", "moonlit", "moonlight", "full-moon")
    radius = canvas.unit * (0.085 if big else 0.05)
    canvas.glow((x, y), radius * 9, (120, 150, 220), 0.4, power=2.4)
    canvas.glow((x, y), radius * 3, (190, 206, 245), 0.6, power=2.0)
    box = canvas.clip((x - radius, y - radius, x + radius, y + radius))
    if box is None:
        return
    side = max(8, round(radius * 2))
    seas = field((min(side, 400),) * 2, plan.rng("moon"), cells=(3, 3), octaves=5, roughness=0.55)
    face = Image.composite(
        Image.new("RGB", seas.size, (246, 244, 232)),
        Image.new("RGB", seas.size, (206, 210, 218)),
        curve(seas, 0.12, 0.6),
    ).resize((side, side), Image.Resampling.BICUBIC)
    disc = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(disc).ellipse((2, 2, side * 2 - 3, side * 2 - 3), fill=255)
    if plan.has("crescent"):
        ImageDraw.Draw(disc).ellipse((-side * 0.55, -side * 0.25, side * 1.45, side * 1.75), fill=18)
    left, top = round(x - radius), round(y - radius)
    canvas.image.paste(face, (left, top), disc.reduce(2))


def _stars(canvas: Canvas, plan: Plan, box: Box, *, strength: float) -> None:
    """Stars in a thousand sizes, and a faint band of the galaxy."""
    rng = plan.detail_rng("stars")
    if strength > 0.8:
        size = canvas.soft(box)
        band = curve(field(size, rng, cells=(4, 4), octaves=6, roughness=0.6), 0.42, 0.95, peak=105)
        tilt = fade((size[0] * 2, size[1] * 2), [(0, 0), (0.34, 0), (0.5, 1), (0.66, 0), (1, 0)])
        tilt = tilt.rotate(rng.uniform(-40, 40), Image.Resampling.BILINEAR)
        left, top = size[0] // 2, size[1] // 2
        tilt = tilt.crop((left, top, left + size[0], top + size[1]))
        canvas.light(box, ImageChops.multiply(band, tilt), (150, 160, 220))
    layer = Image.new("L", (box[2], box[3]))
    pen = ImageDraw.Draw(layer)
    unit = canvas.unit / 1000
    for _ in range(round(_STARS * strength)):
        x, y = rng.uniform(0, box[2]), box[3] * rng.random() ** 1.25
        bright = rng.random() ** 4
        radius = unit * (0.5 + 1.35 * bright)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=round((70 + 185 * bright) * strength))
    if unit < 2:
        layer = layer.filter(ImageFilter.GaussianBlur(0.45 * max(1.0, unit)))
    canvas.light(box, layer, (236, 240, 255))
    for _ in range(round(9 * strength)):
        spot = (rng.uniform(0, box[2]), box[3] * rng.random() * 0.7)
        canvas.glow(spot, unit * rng.uniform(7, 16), (190, 210, 255), 0.7, power=3)


def _clouds(canvas: Canvas, plan: Plan, light: Mood, box: Box, cover: float) -> None:
    """Banks of cloud in perspective, bright toward the sun, dark below."""
    rng = plan.detail_rng("clouds")
    size = canvas.soft(box, 1024)
    thick = plane(size, rng, depth=0.2).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    streaks = field(size, rng, cells=(3, 6), octaves=5, roughness=0.5)
    body = Image.blend(thick, streaks, 0.36)
    low = 0.78 - 0.5 * cover
    alpha = curve(body, low, low + 0.26, peak=236)
    alpha = ImageChops.multiply(alpha, fade(size, [(0, 0.9), (0.75, 0.85), (0.97, 0.15), (1, 0)]))
    shift = max(1, size[1] // 46)
    lit = ImageChops.subtract(body, ImageChops.offset(body, shift if light.from_right else -shift, -shift), 0.75, 128)
    under = curve(lit, 0.25, 0.8)
    bright, dim = _cloud_colours(plan, light)
    paint = Image.composite(ramp(size, bright), ramp(size, dim), under)
    canvas.fill(box, paint, alpha)
    near = Image.new("L", size)
    spot = (light.sun[0] / canvas.width * size[0], light.sun[1] / box[3] * size[1])
    reach = max(size) * 0.3
    ImageDraw.Draw(near).ellipse((spot[0] - reach, spot[1] - reach * 0.6, spot[0] + reach, spot[1] + reach * 0.6), 150)
    near = blurred(near, reach * 0.5)
    canvas.light(box, ImageChops.multiply(ImageChops.multiply(near, alpha), under), light.sun_colour)


def _cloud_colours(plan: Plan, light: Mood) -> tuple[list[tuple[float, Colour]], list[tuple[float, Colour]]]:
    top, horizon = light.stops[0][1], light.stops[-1][1]
    sun = light.sun_colour
    if plan.light == "night":
        return [(0.0, (54, 66, 104)), (1.0, (70, 88, 128))], [(0.0, (12, 18, 42)), (1.0, (26, 40, 76))]
    if plan.light == "storm":
        return [(0.0, (92, 100, 112)), (1.0, (176, 178, 174))], [(0.0, (18, 22, 32)), (1.0, (70, 78, 88))]
    if plan.light == "grey":
        return [(0.0, (206, 212, 216)), (1.0, (236, 238, 236))], [(0.0, (132, 146, 158)), (1.0, (196, 204, 208))]
    bright = mix(sun, (255, 255, 255), 0.45)
    dim = mix(at(light.stops, 0.3), scaled(top, 0.9), 0.35)
    return [(0.0, mix(bright, top, 0.18)), (1.0, mix(bright, horizon, 0.3))], [
        (0.0, dim),
        (1.0, mix(dim, horizon, 0.55)),
    ]


def _aurora(canvas: Canvas, plan: Plan, light: Mood) -> None:
    """Curtains of light: thin columns hung along a winding line."""
    rng = plan.detail_rng("aurora")
    box = (0, 0, canvas.width, min(canvas.height, math.ceil(light.horizon)))
    width, height = canvas.soft(box, 420)
    for number in range(3):
        curtain = Image.new("L", (width, height))
        pen = ImageDraw.Draw(curtain)
        phase, wave = rng.uniform(0, 6.3), rng.uniform(1.2, 2.4)
        base = height * rng.uniform(0.5, 0.82)
        flicker = [rng.random() for _ in range(width // 3 + 2)]
        for x in range(width):
            turn = math.sin(phase + x / width * 6.3 * wave) + 0.5 * math.sin(phase * 2 + x / width * 6.3 * wave * 2.3)
            foot = base + turn * height * 0.09
            bright = 0.35 + 0.65 * flicker[x // 3] * (0.6 + 0.4 * math.cos(x / width * 6.3 * wave + phase))
            reach = height * (0.34 + 0.3 * flicker[(x // 3 + 7) % len(flicker)])
            _curtain_line(pen, x, foot, reach, bright)
        curtain = curtain.filter(ImageFilter.GaussianBlur(width / 260))
        colours = ((90, 255, 170), (70, 235, 200), (150, 120, 255))
        canvas.light(box, curtain.point([min(255, value * 5 // 4) for value in range(256)]), colours[number])
        upper = ImageChops.multiply(curtain, fade((width, height), [(0, 1), (0.45, 0.5), (0.7, 0), (1, 0)]))
        canvas.light(box, blurred(upper, width / 90), (196, 80, 220))


def _curtain_line(pen: ImageDraw.ImageDraw, x: int, foot: float, reach: float, bright: float) -> None:
    parts = 9
    for part in range(parts):
        share = part / parts
        level = round(210 * bright * (1 - share) ** 1.7)
        pen.line((x, foot - reach * share, x, foot - reach * (share + 1 / parts)), fill=level)
    pen.line((x, foot, x, foot + reach * 0.05), fill=round(120 * bright))


def _lightning(canvas: Canvas, plan: Plan, light: Mood) -> None:
    rng = plan.detail_rng("lightning")
    x, y = canvas.width * rng.uniform(0.2, 0.8), 0.0
    points = [(x, y)]
    while y < light.horizon:
        y += light.horizon * rng.uniform(0.03, 0.08)
        x += canvas.unit * rng.uniform(-0.05, 0.05)
        points.append((x, y))
    layer = Image.new("L", canvas.image.size)
    pen = ImageDraw.Draw(layer)
    pen.line(points, fill=255, width=max(1, round(canvas.unit / 260)), joint="curve")
    for number in range(2, len(points) - 2, 3):
        fork = [points[number]]
        for _ in range(4):
            last = fork[-1]
            fork.append((last[0] + canvas.unit * rng.uniform(-0.06, 0.06), last[1] + canvas.unit * 0.03))
        pen.line(fork, fill=150, width=max(1, round(canvas.unit / 500)))
    canvas.light(canvas.whole(), blurred(layer, canvas.unit / 40), (120, 140, 255))
    canvas.light(canvas.whole(), blurred(layer, canvas.unit / 160), (190, 200, 255))
    canvas.light(canvas.whole(), layer, (255, 255, 255))


def bloom(canvas: Canvas, *, threshold: float = 0.72, strength: float = 0.35) -> None:
    """Let what is bright shine over its edges."""
    small = canvas.image.resize(canvas.soft(canvas.whole(), 400), Image.Resampling.BOX)
    bright = curve(small.convert("L"), threshold, 1.0)
    shine = ImageChops.multiply(small, Image.merge("RGB", (bright, bright, bright)))
    shine = shine.filter(ImageFilter.GaussianBlur(9)).point([round(value * strength) for value in range(256)] * 3)
    canvas.image = ImageChops.screen(canvas.image, shine.resize(canvas.image.size, Image.Resampling.BILINEAR))
