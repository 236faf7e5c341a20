"""Where the figures of a prompt go in a finished scene."""

import random
from typing import Final

from tui.proxy.painting.canvas import Canvas, Point
from tui.proxy.painting.colour import Colour, mix, scaled
from tui.proxy.painting.figures import broadleaf, draw_figure, flock
from tui.proxy.painting.land import Ridge, hills, paint_ridge
from tui.proxy.painting.outlines import FIGURES
from tui.proxy.painting.scenes import Stage
from tui.proxy.painting.words import Plan

_AFLOAT: Final = frozenset({"boat", "whale"})
_ALOFT: Final = frozenset({"balloon", "rocket", "dragon", "bird", "jellyfish"})
_BUILDINGS: Final = frozenset({"lighthouse", "cabin", "castle", "windmill", "train"})
_OWN_FIGURES: Final = frozenset({"still", "flower", "abstract", "geometric"})
"""Settings that place their things themselves, or have none."""

_MOST: Final = 2


def place_figures(canvas: Canvas, plan: Plan, stage: Stage) -> None:
    """Paint up to two of the figures the prompt names, and what always goes with them."""
    if plan.setting in _OWN_FIGURES or plan.setting == "portrait":
        return
    names = [name for name in plan.figures if name in FIGURES][:_MOST]
    if "person" in plan.words and "umbrella" in names:
        names = ["umbrella"]
    if plan.has("umbrella"):
        names = [name for name in names if name != "wanderer"]
    ground = stage.ground
    if ground is None and any(name not in _AFLOAT | _ALOFT for name in names) and plan.setting != "underwater":
        ground = _foreground(canvas, plan, stage)
    for number, name in enumerate(names):
        colour = plan.figure_colour if number == 0 else None
        if plan.setting == "underwater":
            _swim(canvas, plan, stage, name, colour)
        elif name in _AFLOAT and stage.water is not None:
            _float(canvas, plan, stage, name, colour)
        elif name in _ALOFT:
            _fly(canvas, plan, stage, name, colour)
        else:
            _stand(canvas, plan, stage, ground, (name, number), colour)
    if "tree" in plan.figures and plan.setting not in ("meadow", "forest", "space") and ground is not None:
        x = canvas.width * (1 - stage.spot)
        leaf = (236, 164, 186) if plan.has("cherry", "sakura", "blossom") else (96, 132, 70)
        broadleaf(canvas, (x, ground.at(x) + 3), canvas.unit * 0.42, stage.light, plan.rng("tree"), leaf)
    if "lanterns" in plan.figures:
        _lanterns(canvas, plan)


def _foreground(canvas: Canvas, plan: Plan, stage: Stage) -> Ridge:
    """Dark ground along the bottom, for a scene that has none."""
    ground = hills(canvas, plan.rng("foreground"), canvas.height * 0.9, canvas.height * 0.02, waves=1.2, rough=0.35)
    tone = mix(stage.light.lit((66, 62, 70)), stage.light.shadow, 0.6)
    paint_ridge(canvas, ground, canvas.height, (tone, scaled(tone, 0.5)), texture=0.4, seed=plan.rng("ground"))
    return ground


def _stand(
    canvas: Canvas, plan: Plan, stage: Stage, ground: Ridge | None, place: tuple[str, int], colour: Colour | None
) -> None:
    name, number = place
    x = (stage.spot if number == 0 else 1 - stage.spot) * canvas.width
    foot = (ground.at(x) if ground else canvas.height * 0.9) + canvas.height * 0.012
    tall = FIGURES[name].tall * canvas.unit * (1.0 if name in _BUILDINGS else 1.12) * (1.0 if number == 0 else 0.9)
    tall = min(tall, (foot - canvas.height * 0.06) * 0.96)
    if name not in _BUILDINGS:
        foot = min(canvas.height * 0.975, foot + canvas.height * 0.035)
    if name == "owl":
        foot = _stump(canvas, stage, (x, foot), tall)
    draw_figure(canvas, name, (x, foot), tall, stage.light, colour=colour, flip=x < canvas.width / 2)


def _stump(canvas: Canvas, stage: Stage, foot: Point, tall: float) -> float:
    """Something to sit on; gives the height of its top."""
    x, y = foot
    top = y - tall * 0.3
    box = canvas.clip((x - tall * 0.3, top - 4, x + tall * 0.3, y + 4))
    if box is not None:
        half = tall * 0.17
        trunk = [
            (x - half, top),
            (x + half, top - tall * 0.03),
            (x + half * 1.1, y - half * 0.4),
            (x + half * 1.7, y),
            (x - half * 1.7, y),
            (x - half * 1.1, y - half * 0.4),
        ]
        canvas.fill(box, mix(stage.light.lit((70, 54, 46)), stage.light.shadow, 0.4), canvas.shape([trunk], box))
    return top + tall * 0.02


def _float(canvas: Canvas, plan: Plan, stage: Stage, name: str, colour: Colour | None) -> None:
    rng = plan.rng("afloat")
    water = stage.water or 0.0
    depth = canvas.height - water
    sun = stage.light.sun[0] / canvas.width
    x = canvas.width * (0.5 + (0.5 - sun) * rng.uniform(0.3, 0.8))
    tall = FIGURES[name].tall * canvas.unit
    if name == "boat":
        away = canvas.width * min(0.94, max(0.06, x / canvas.width + (0.26 if sun > 0.5 else -0.26)))
        draw_figure(
            canvas,
            name,
            (away, water + depth * 0.07),
            tall * 0.28,
            stage.light,
            shadow=False,
            reflection=True,
            flip=True,
        )
    line = water + depth * 0.4
    draw_figure(
        canvas,
        name,
        (x, line),
        min(tall, line * 0.9),
        stage.light,
        colour=colour,
        shadow=False,
        reflection=True,
        flip=x < canvas.width / 2,
    )


def _fly(canvas: Canvas, plan: Plan, stage: Stage, name: str, colour: Colour | None) -> None:
    rng = plan.rng("aloft")
    shrink = 1.0
    x = canvas.width * rng.uniform(0.36, 0.5) * (1 if stage.light.from_right else 1.5)
    if any(other not in _ALOFT and other in FIGURES for other in plan.figures):
        x = canvas.width * (1 - stage.spot)
        shrink = 0.72
    tall = FIGURES[name].tall * canvas.unit * (1.2 if name != "bird" else 0.9) * shrink
    foot = max(tall * 1.06, canvas.height * rng.uniform(0.42, 0.52) * shrink)
    if name == "balloon":
        tints: list[Colour] = [(236, 176, 76), (72, 128, 150), (206, 112, 140)]
        for number, tint in enumerate(tints):
            spot = (canvas.width * rng.uniform(0.08, 0.92), canvas.height * rng.uniform(0.24, 0.5))
            draw_figure(canvas, name, spot, tall * (0.36 - 0.08 * number), stage.light, colour=tint, shadow=False)
    if name == "bird":
        flock(canvas, rng, (canvas.width - x, foot * 0.7), canvas.unit * 0.016, stage.light.shadow, count=14)
    draw_figure(canvas, name, (x, foot), tall, stage.light, colour=colour, shadow=False, flip=x < canvas.width / 2)
    if name == "rocket":
        canvas.glow((x, foot + tall * 0.1), tall * 0.5, (255, 170, 80), 0.8)


def _swim(canvas: Canvas, plan: Plan, stage: Stage, name: str, colour: Colour | None) -> None:
    rng = plan.rng(f"swim {name}")
    tall = FIGURES[name].tall * canvas.unit
    flip = rng.random() < 0.5
    if name in ("fish", "jellyfish"):
        for _ in range(11 if name == "fish" else 4):
            spot = (canvas.width * rng.uniform(0.06, 0.94), canvas.height * rng.uniform(0.22, 0.78))
            size = tall * rng.uniform(0.2, 0.5)
            tint = mix(colour or FIGURES[name].colour, stage.light.haze, 0.45)
            draw_figure(canvas, name, spot, size, stage.light, colour=tint, shadow=False, flip=flip)
    middle = (canvas.width * rng.uniform(0.42, 0.58), canvas.height * 0.62)
    grown = tall * (1.5 if name == "fish" else 1.15)
    draw_figure(
        canvas, name, middle, min(grown, canvas.height * 0.6), stage.light, colour=colour, shadow=False, flip=flip
    )


def _lanterns(canvas: Canvas, plan: Plan) -> None:
    """Paper lanterns rising into the sky."""
    rng = random.Random(f"{plan.detail} lanterns")
    for _ in range(26):
        near = rng.random() ** 2
        size = canvas.unit * (0.006 + 0.028 * near)
        x, y = canvas.width * rng.random(), canvas.height * rng.uniform(0.05, 0.7)
        canvas.glow((x, y), size * 3.2, (255, 150, 60), 0.55)
        box = canvas.clip((x - size, y - size * 1.3, x + size, y + size * 1.3))
        if box is None:
            continue
        body = [
            (x - size * 0.6, y - size),
            (x + size * 0.6, y - size),
            (x + size * 0.8, y + size * 0.4),
            (x + size * 0.5, y + size),
            (x - size * 0.5, y + size),
            (x - size * 0.8, y + size * 0.4),
        ]
        canvas.fill(box, (255, 196, 110), canvas.shape([body], box))
        canvas.glow((x, y + size * 0.4), size * 0.8, (255, 246, 210), 0.8)
