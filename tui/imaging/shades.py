"""Pictures of text in few colours: the 16 of a console, or none but light and dark, by shades and half blocks.

Each cell is ``▀``, ``▄``, one colour, or a mixture of two by ``░▒▓``, whichever is nearest to the eye (distances
in Oklab, B. Ottosson 2020); what is left of the difference goes on to the cells beside and below it, as light.
Backgrounds are of the 8 dark colours, as the Linux console has no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.intp]

VGA: Final = (
    *((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)),
    *((85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255), (85, 255, 255)),
    (255, 255, 255),
)
"""The 16 colours as the Linux console shows them, and by which whoever looks for the nearest finds each."""

_XTERM: Final = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255)),
    (255, 255, 255),
)

_PARTS: Final = {"░": 0.25, "▒": 0.5, "▓": 0.75}
"""How much of the cell the foreground fills; U+2591 to U+2593 are named so."""

_CONTRAST: Final = 0.05
"""What a mixture of colours far apart costs: it is seen as a pattern, not as a colour."""

_HANDED_ON: Final = 0.75

_HUE: Final = np.array([[1.0], [1.6], [1.6]], np.float32)
"""What an error of hue counts beside one of lightness: so that grey is mixed of greys."""

_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
"""Linear sRGB to Oklab by way of the eye's three cones (B. Ottosson, "A perceptual color space", 2020)."""


@dataclass(frozen=True, slots=True)
class Shade:
    """A way to fill a cell: the symbol, and the numbers of its colours among those given."""

    text: str
    foreground: int
    background: int


class Eye:
    """What light does to the eye: colours mix as light, and differ as they are seen."""

    def light(self, samples: Floats) -> Floats:
        """sRGB of 0 to 255 as light of 0 to 1 (IEC 61966-2-1)."""
        share = samples / 255
        light: Floats = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return light

    def seen(self, light: Floats) -> Floats:
        """Light in Oklab, hues further apart."""
        cones: Floats = np.cbrt(light @ _TO_CONES.T)
        lab: Floats = cones @ (_TO_LAB * _HUE).T
        return lab


class Plain(Eye):
    """Five steps from black to white as terminals draw them: even ones. True light would leave the dark empty."""

    def light(self, samples: Floats) -> Floats:
        """Samples of 0 to 255 as 0 to 1."""
        share: Floats = samples / np.float32(255)
        return share

    def seen(self, light: Floats) -> Floats:
        """As it is."""
        return light


def shaded(pixels: npt.NDArray[np.uint8], colours: Floats, lit: int, eye: Eye) -> list[list[Shade]]:
    """Rows of cells of an RGB picture (height × width × 3, even height) in ``colours`` (n × 3, 0 to 255).

    Backgrounds are among the first ``lit`` colours.
    """
    light = eye.light(pixels.astype(np.float32))
    palette = eye.light(colours)
    row = _Row(palette, _mixtures(palette, lit, eye), lit, eye)
    columns = light.shape[1]
    lines: list[list[Shade]] = []
    # With one column more at each end, for what is handed on beyond them.
    error = np.zeros((columns + 2, 3), np.float32)
    for y, (upper, lower) in enumerate(zip(light[0::2], light[1::2], strict=True)):
        wanted = np.stack((upper, lower))
        line: dict[int, Shade] = {}
        below = np.zeros_like(error)
        for turn in (0, 1):
            # Every second cell first, whose neighbours then make up for it: else whole runs would turn at once.
            places = np.arange((y + turn) % 2, columns, 2)
            here = wanted[:, places] + error[places + 1]
            shades, shown = row.chosen(here)
            line.update(zip(places.tolist(), shades, strict=True))
            left = np.clip((here.mean(axis=0) - shown) * _HANDED_ON, -0.4, 0.4)
            beside = below if turn else error
            beside[places] += left / 4
            beside[places + 2] += left / 4
            below[places + 1] += left / 2
        error = below
        lines.append([line[column] for column in range(columns)])
    return lines


def console_colours() -> Floats:
    """The 16 colours as they are seen: half way between the Linux console's and xterm's."""
    both: Floats = np.array([VGA, _XTERM], np.float32).mean(axis=0)
    return both


@dataclass(frozen=True, slots=True)
class _Mixtures:
    """All shades of one colour over another: the light they give (n × 3), and what their pattern costs."""

    shades: tuple[Shade, ...]
    light: Floats
    cost: Floats


@dataclass(frozen=True, slots=True)
class _Row:
    """How the cells of a row are chosen."""

    palette: Floats
    mixtures: _Mixtures
    lit: int
    eye: Eye

    def chosen(self, wanted: Floats) -> tuple[list[Shade], Floats]:
        """The cells for ``wanted`` (2 × columns × 3, light), and the light that they give, mean of a cell."""
        mixtures, lit = self.mixtures, self.lit
        seen = self.eye.seen(np.clip(wanted, 0, 1))
        to_colour = _distance(seen[:, :, None], self.eye.seen(self.palette)[None, None])
        near, near_dark = to_colour.argmin(axis=2), to_colour[:, :, :lit].argmin(axis=2)
        least, least_dark = to_colour.min(axis=2), to_colour[:, :, :lit].min(axis=2)
        to_mixture = _distance(seen[:, :, None], self.eye.seen(mixtures.light)[None, None]).sum(axis=0) + mixtures.cost
        mixed = to_mixture.argmin(axis=1)
        costs = np.stack((to_mixture.min(axis=1), least[0] + least_dark[1], least_dark[0] + least[1]))
        line: list[Shade] = []
        shown = np.empty_like(wanted[0])
        for column, way in enumerate(costs.argmin(axis=0).tolist()):
            if way == 0:
                line.append(mixtures.shades[mixed[column]])
                shown[column] = mixtures.light[mixed[column]]
                continue
            pair = (near[0, column], near_dark[1, column]) if way == 1 else (near[1, column], near_dark[0, column])
            line.append(Shade(" ▀▄"[way], int(pair[0]), int(pair[1])))
            shown[column] = self.palette[list(pair)].mean(axis=0)
        return line, shown


def _mixtures(palette: Floats, lit: int, eye: Eye) -> _Mixtures:
    """Plain colours first: among equals the simplest is taken."""
    count = len(palette)
    shades = [Shade(" ", dark, dark) for dark in range(lit)]
    shades += [Shade("█", bright, 0) for bright in range(lit, count)]
    shades += [
        Shade(text, bright, dark) for text in _PARTS for bright in range(count) for dark in range(lit) if bright != dark
    ]
    parts = np.array([_PARTS.get(shade.text, 1.0) for shade in shades], np.float32)[:, None]
    above = palette[[shade.foreground for shade in shades]]
    below = palette[[shade.background for shade in shades]]
    apart = _distance(eye.seen(above), eye.seen(below)) * np.where(parts[:, 0] < 1, _CONTRAST, 0)
    return _Mixtures(tuple(shades), above * parts + below * (1 - parts), apart.astype(np.float32))


def _distance(one: Floats, other: Floats) -> Floats:
    squares: Floats = ((one - other) ** 2).sum(axis=-1)
    return squares
