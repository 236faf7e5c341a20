"""What is in the air: rain, snow, sparks, drifting mist."""

from collections.abc import Callable

from PIL import ImageDraw

from tui.proxy.painting.canvas import Canvas, Point, blurred
from tui.proxy.painting.land import mist
from tui.proxy.painting.sky import Mood
from tui.proxy.painting.words import Plan

_CLOSE_SETTINGS = frozenset({"space", "still", "flower", "abstract", "geometric", "underwater", "portrait"})


def paint_weather(canvas: Canvas, plan: Plan, light: Mood) -> None:
    """Everything the prompt's weather puts between us and the scene."""
    if plan.setting in _CLOSE_SETTINGS:
        return
    if "mist" in plan.weather:
        for share in (0.55, 0.72, 0.86):
            mist(canvas, plan, canvas.height * share, canvas.height * 0.13, light.haze, 0.42)
    if "rain" in plan.weather:
        _rain(canvas, plan)
    if "snow" in plan.weather and plan.has("snowfall", "blizzard", "falling", "snowy", "snowing", "storm"):
        _flakes(canvas, plan, 520)
    elif "snow" in plan.weather:
        _flakes(canvas, plan, 150)
    if "fireflies" in plan.weather:
        _sparks(canvas, plan)


def _rain(canvas: Canvas, plan: Plan) -> None:
    rng = plan.detail_rng("rain")
    lean = rng.uniform(0.12, 0.3) * rng.choice((-1, 1))

    def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
        for _ in range(900):
            near = rng.random() ** 2
            x, y = rng.uniform(-0.2, 1.2) * canvas.width, rng.uniform(-0.1, 1) * canvas.height
            reach = canvas.unit * (0.02 + 0.06 * near)
            ends = [place((x, y)), place((x + lean * reach, y + reach))]
            pen.line(
                ends,
                fill=round(40 + 90 * near),
                width=max(1, round(canvas.unit * canvas.fine * (0.0007 + 0.0012 * near))),
            )

    box = canvas.whole()
    canvas.light(box, canvas.mask(box, draw), (200, 214, 230))


def _flakes(canvas: Canvas, plan: Plan, count: int) -> None:
    rng = plan.detail_rng("flakes")
    box = canvas.whole()
    for low, high, blur, share in (
        (0.0008, 0.0022, 0.0, 0.7),
        (0.002, 0.0045, 0.001, 0.26),
        (0.006, 0.012, 0.004, 0.04),
    ):

        def draw(
            pen: ImageDraw.ImageDraw,
            place: Callable[[Point], Point],
            low: float = low,
            high: float = high,
            share: float = share,
        ) -> None:
            for _ in range(round(count * share)):
                x, y = place((rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)))
                size = canvas.unit * canvas.fine * rng.uniform(low, high)
                pen.ellipse((x - size, y - size, x + size, y + size), fill=rng.randrange(120, 230))

        mask = canvas.mask(box, draw)
        canvas.fill(box, (252, 252, 255), blurred(mask, canvas.unit * blur) if blur else mask)


def _sparks(canvas: Canvas, plan: Plan) -> None:
    rng = plan.detail_rng("sparks")
    for _ in range(46):
        spot = (rng.uniform(0, canvas.width), canvas.height * rng.uniform(0.4, 0.98))
        reach = canvas.unit * rng.uniform(0.008, 0.026)
        canvas.glow(spot, reach, (230, 255, 130), 0.85, power=2.4)
        canvas.glow(spot, reach * 0.25, (255, 255, 220), 1.0, power=1.0)
