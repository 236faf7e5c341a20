"""Sixel strings as pixels (DEC VT330/VT340 Programmer Reference Manual, volume 2, chapter 14)."""

import colorsys
import re
from functools import lru_cache
from typing import Final

import numpy as np

_TOKEN: Final = re.compile(r"![0-9]+[?-~]|#[0-9;]*|[?-~]+|[$-]|\"[0-9;]*|[\s]+")
_BITS: Final = np.arange(6, dtype=np.uint8)[:, None]

VT340: Final = (
    (0, 0, 0), (51, 51, 204), (204, 33, 33), (51, 204, 51), (204, 51, 204), (51, 204, 204), (204, 204, 51),
    (135, 135, 135), (66, 66, 66), (84, 84, 153), (153, 66, 66), (84, 153, 84), (153, 84, 153), (84, 153, 153),
    (153, 153, 84), (204, 204, 204),
)  # fmt: skip
"""The colours before any is defined."""


class BadSixel(Exception):
    """No terminal would know what to draw."""


@lru_cache(maxsize=64)
def decode(data: str) -> np.ndarray:
    """Pixels (height, width, RGBA) of what stands between DCS and ST. Raises BadSixel."""
    head, mark, body = data.partition("q")
    if not mark or re.fullmatch("[0-9;]*", head) is None:
        raise BadSixel("no Sixel string")
    parameters = [int(part or 0) for part in head.split(";")] + [0, 0]
    sketch = _Sketch()
    position = 0
    while position < len(body):
        token = _TOKEN.match(body, position)
        if token is None:
            raise BadSixel(f"not understood at {position}: {body[position : position + 20]!r}")
        position = token.end()
        sketch.take(token.group())
    return sketch.pixels(clear=parameters[1] == 1)


class _Sketch:
    """A canvas of colour numbers that grows with what is drawn; -1 is nothing."""

    def __init__(self) -> None:
        self._canvas = np.full((6, 64), -1, np.int32)
        self._colours = dict(enumerate(VT340))
        self._colour = 0
        self._x = self._y = 0
        self._raster = (0, 0)
        self._extent = (0, 0)

    def take(self, token: str) -> None:
        first = token[0]
        if first == "#":
            self._choose([int(part or 0) for part in token[1:].split(";")])
        elif first == '"':
            _, _, width, height = ([int(part or 0) for part in token[1:].split(";")] + [0] * 4)[:4]
            self._raster = (width, height)
            self._room(height, width)
        elif first == "!":
            self._draw(np.full(int(token[1:-1]), ord(token[-1]) - 63, np.uint8))
        elif first == "$":
            self._x = 0
        elif first == "-":
            self._x, self._y = 0, self._y + 6
        elif not first.isspace():
            self._draw(np.frombuffer(token.encode("ascii"), np.uint8) - np.uint8(63))

    def _choose(self, parts: list[int]) -> None:
        self._colour = parts[0]
        if len(parts) == 1:
            return
        if len(parts) != 5 or parts[1] not in (1, 2) or max(parts[4 - parts[1] :]) > 100:
            raise BadSixel(f"no colour: {parts}")
        if parts[1] == 2:
            red, green, blue = (round(part * 255 / 100) for part in parts[2:])
        else:
            # DEC's circle of hues begins with blue.
            turned = ((parts[2] + 240) % 360) / 360
            red, green, blue = (
                round(part * 255) for part in colorsys.hls_to_rgb(turned, parts[3] / 100, parts[4] / 100)
            )
        self._colours[parts[0]] = (red, green, blue)

    def _draw(self, sixels: np.ndarray) -> None:
        right = self._x + len(sixels)
        self._room(self._y + 6, right)
        drawn = ((sixels[None, :] >> _BITS) & 1).astype(bool)
        self._canvas[self._y : self._y + 6, self._x : right][drawn] = self._colour
        lowest = int(np.bitwise_or.reduce(sixels)).bit_length() if len(sixels) else 0
        self._extent = max(self._extent[0], right), max(self._extent[1], self._y + lowest if lowest else 0)
        self._x = right

    def _room(self, height: int, width: int) -> None:
        more = max(0, height - self._canvas.shape[0]), max(0, width - self._canvas.shape[1])
        if any(more):
            rows = max(more[0], self._canvas.shape[0]) if more[0] else 0
            columns = max(more[1], self._canvas.shape[1]) if more[1] else 0
            self._canvas = np.pad(self._canvas, ((0, rows), (0, columns)), constant_values=-1)

    def pixels(self, *, clear: bool) -> np.ndarray:
        width, height = max(self._raster[0], self._extent[0]), max(self._raster[1], self._extent[1])
        flat = self._canvas[:height, :width]
        table = np.zeros((max(self._colours) + 2, 4), np.uint8)
        for number, colour in self._colours.items():
            table[number] = (*colour, 255)
        # The last row answers to -1: nothing, or the background (colour 0 of the terminal).
        table[-1] = (0, 0, 0, 0 if clear else 255)
        if not set(np.unique(flat)) <= {-1, *self._colours}:
            raise BadSixel("a colour that was never defined")
        return table[flat]
