"""Randomness with a shape: fractal fields, profiles, grain; the same seed gives the same field at any size."""

import random
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageOps

Size = tuple[int, int]
SOFT = 1024
"""Soft fields are made no longer than this and enlarged: nothing in them is finer."""


def soft_size(size: Size, longest: int = SOFT) -> Size:
    """``size`` in small, its shape kept."""
    factor = min(1.0, longest / max(size))
    return max(2, round(size[0] * factor)), max(2, round(size[1] * factor))


def field(
    size: Size, rng: random.Random, *, cells: tuple[float, float], octaves: int = 5, roughness: float = 0.5
) -> Image.Image:
    """A fractal field of mode L, stretched over the whole range. ``cells`` are the coarsest bumps across."""
    total = Image.new("L", size, 128)
    weights = [roughness**octave for octave in range(octaves)]
    seen = 0.0
    for octave, weight in enumerate(weights):
        columns = max(2, round(cells[0] * 2**octave) + 2)
        rows = max(2, round(cells[1] * 2**octave) + 2)
        bumps = Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows))
        if columns > size[0] * 2 or rows > size[1] * 2:
            break
        seen += weight
        total = Image.blend(total, bumps.resize(size, Image.Resampling.BICUBIC), weight / seen)
    return ImageOps.autocontrast(total, cutoff=0.5)


def plane(size: Size, rng: random.Random, *, depth: float = 0.16, octaves: int = 6) -> Image.Image:
    """A field seen in perspective, far at the top, near at the bottom: clouds, waves, floors."""
    side = 768
    flat = field((side, side), rng, cells=(7, 7), octaves=octaves, roughness=0.58)
    width, height = size
    fall = (1 - depth) / (depth * height)
    data = (side / width, side / 2 * fall, 0.0, 0.0, -side / height, float(side), 0.0, fall)
    return flat.transform(size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR)


def relief(height: Image.Image, *, step: int = 2, strength: float = 3.0, right: bool = True) -> Image.Image:
    """``height`` lit from one side: 128 is flat."""
    moved = ImageChops.offset(height, step if right else -step, step)
    return ImageChops.subtract(height, moved, 1.0 / strength, 128)


def curve(image: Image.Image, low: float, high: float, *, peak: float = 255.0) -> Image.Image:
    """A smooth step from ``low`` to ``high`` (of 0 to 1), ``peak`` above."""
    table = []
    for value in range(256):
        share = min(1.0, max(0.0, (value / 255 - low) / max(1e-6, high - low)))
        table.append(round(peak * share * share * (3 - 2 * share)))
    return image.point(table)


def profile(rng: random.Random, points: int, *, waves: float, octaves: int, roughness: float) -> list[float]:
    """A line of ``points`` values around 0, about -1 to 1, with ``waves`` coarse waves."""
    line = [0.0] * points
    weight, total = 1.0, 0.0
    for octave in range(octaves):
        steps = max(1, round(waves * 2**octave))
        knots = [rng.uniform(-1, 1) for _ in range(steps + 3)]
        if steps > points * 2:
            break
        _add_wave(line, knots, steps, weight)
        total += weight
        weight *= roughness
    return [value / total * 1.6 for value in line]


def _add_wave(line: list[float], knots: Sequence[float], steps: int, weight: float) -> None:
    last = max(1, len(line) - 1)
    for index in range(len(line)):
        place = index / last * steps
        knot = min(int(place), steps)
        share = place - knot
        smooth = share * share * (3 - 2 * share)
        line[index] += weight * (knots[knot] * (1 - smooth) + knots[knot + 1] * smooth)


@lru_cache(maxsize=2)
def _grain_tile(strength: int) -> Image.Image:
    """A square of fine grain around 128, triangular so that it also hides the steps of a gradient."""
    side = 512
    rng = random.Random(f"grain {strength}")
    first = Image.frombytes("L", (side, side), rng.randbytes(side * side))
    second = Image.frombytes("L", (side, side), rng.randbytes(side * side))
    both = ImageChops.add(first, second, 2.0)
    return both.point([round(128 + (value - 128) / 128 * strength) for value in range(256)])


def grained(picture: Image.Image, *, strength: int = 4) -> Image.Image:
    """``picture`` with a little film grain, which also dithers its soft gradients."""
    tile = _grain_tile(strength)
    width, height = picture.size
    grain = Image.new("L", picture.size)
    turns = (None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180)
    tiles = [tile if turn is None else tile.transpose(turn) for turn in turns]
    for row, top in enumerate(range(0, height, tile.height)):
        for column, left in enumerate(range(0, width, tile.width)):
            grain.paste(tiles[(row * 2 + column * 3 + row * column) % 4], (left, top))
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), 1.0, -128)
