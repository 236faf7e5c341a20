"""Colours and how they mix: 8-bit RGB triples, interpolated in a roughly linear light."""

import colorsys
from collections.abc import Sequence

Colour = tuple[int, int, int]
Stops = Sequence[tuple[float, Colour]]

_GAMMA = 1.8


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """``share`` 0 is ``first``, 1 is ``second``; mixed as light, so that middles do not turn muddy."""
    share = min(1.0, max(0.0, share))
    mixed = []
    for one, other in zip(first, second, strict=True):
        light = (one / 255) ** _GAMMA * (1 - share) + (other / 255) ** _GAMMA * share
        mixed.append(round(255 * light ** (1 / _GAMMA)))
    return (mixed[0], mixed[1], mixed[2])


def scaled(colour: Colour, factor: float) -> Colour:
    """``colour`` darker (below 1) or brighter (above 1)."""
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return (red, green, blue)


def at(stops: Stops, place: float) -> Colour:
    """The colour of a gradient at ``place``."""
    before = stops[0]
    for stop in stops:
        if stop[0] >= place:
            width = stop[0] - before[0]
            return mix(before[1], stop[1], (place - before[0]) / width if width else 0.0)
        before = stop
    return stops[-1][1]


def toward_hue(colour: Colour, hue: Colour, share: float) -> Colour:
    """``colour`` with its hue and saturation drawn toward ``hue``'s, its lightness kept."""
    _, lightness, _ = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    wanted, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in hue))
    red, green, blue = colorsys.hls_to_rgb(wanted, lightness, saturation * 0.85)
    return mix(colour, (round(red * 255), round(green * 255), round(blue * 255)), share)


def from_hue(hue: float, saturation: float, lightness: float) -> Colour:
    """A colour by hue, saturation and lightness, each 0 to 1."""
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, lightness, saturation)
    return (round(red * 255), round(green * 255), round(blue * 255))


def brightness(colour: Colour) -> float:
    """How bright an eye finds it, 0 to 1."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255
