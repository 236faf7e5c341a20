"""The payload of a picture for a terminal that speaks the Kitty graphics protocol.

JPEG is not in the protocol, and RGB takes six times the bytes of a palette: so a PNG of up to 256 colours, with
as much diffusion as the bytes allow; exact where a picture is small that way. The bytes of each way are foretold
from strips of the picture, so that only one is made whole.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from PIL import Image

from tui.imaging.picture import KittyPayload, Look
from tui.imaging.quantise import Palette, exact, mapped, palettes_of
from tui.imaging.strips import strips_of

WIRE: Final = 4 / 3
"""Bytes on the way for each byte of a payload, which goes as base64."""

BUDGET: Final[dict[Look, float]] = {"coarse": 0.05, "first": 0.5, "best": 1.0}
"""Bytes on the way for each drawn pixel, at most, base64 included."""

_LEVEL: Final = 4
"""Of zlib: 9 saves a twentieth of the bytes for six times the time."""

_FRAME: Final = 69
"""Bytes of a palette PNG without the palette and the pixels."""

_HEAD: Final = 1024
"""Bytes of a palette PNG that are not pixels, at most."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How to make a picture small: by fewer colours, by diffusing less of the error, by fewer pixels a side."""

    colours: int
    dither: float
    scale: float = 1.0


_WAYS: Final = (
    *(_Way(256, dither) for dither in (0.85, 0.6, 0.35, 0.0)),
    *(_Way(colours, 0.0) for colours in (224, 192, 160, 144, 128, 112, 96, 80, 64)),
    *(_Way(colours, 0.0, scale) for scale in (0.75, 0.6, 0.5) for colours in (256, 160, 96)),
    *(_Way(64, 0.0, scale) for scale in (0.5, 0.4, 0.33, 0.25, 0.2, 0.15)),
)
"""From the best look to the least bytes."""

_COARSE: Final = tuple(way for way in _WAYS if way.scale <= 0.5)


def encode(image: Image.Image, canvas: tuple[int, int], *, look: Look = "first", direct: bool = False) -> KittyPayload:
    """The RGB ``image`` in the middle of ``canvas`` pixels with nothing around it, for so good a ``look``.

    ``direct``: the bytes need not be few, as the terminal reads them from a file or from memory; then they are
    the pixels themselves. A payload of fewer pixels than the canvas is for the terminal to scale up.
    """
    if direct:
        return _raw(image, canvas)
    room = int(BUDGET[look] / WIRE * image.width * image.height) + _HEAD
    own = exact(image, 256 if image.size == canvas else 255)
    if own is not None:
        payload = _png(*own, canvas, _corner(image, canvas))
        if look == "best" or len(payload.data) <= room:
            return payload
    elif look != "coarse" and (whole := _lossless(image, canvas, room)) is not None:
        return whole
    return _lossy(image, canvas, room, _COARSE if look == "coarse" else _WAYS)


def _raw(image: Image.Image, canvas: tuple[int, int]) -> KittyPayload:
    """The pixels as they are; RGBA where there is something clear around them."""
    if image.size == canvas:
        return KittyPayload(image.tobytes(), "rgb", *canvas)
    return KittyPayload(_framed(image, canvas).tobytes(), "rgba", *canvas)


def _framed(image: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    """RGBA: the picture in the middle, clear around it."""
    framed = Image.new("RGBA", canvas)
    framed.paste(image, _corner(image, canvas))
    return framed


def _corner(image: Image.Image, canvas: tuple[int, int]) -> tuple[int, int]:
    return (canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2


def _lossless(image: Image.Image, canvas: tuple[int, int], room: int) -> KittyPayload | None:
    """All its colours, if that takes no more than ``room`` bytes, as PNG or as plain RGB, whichever is less."""
    sample = strips_of(image, share=40)
    share = sample.height / image.height
    as_png, as_zlib = len(_saved(sample)), len(zlib.compress(sample.tobytes(), _LEVEL))
    if min(as_png, as_zlib) > room * share:
        return None
    if image.size == canvas and as_zlib < as_png:
        payload = KittyPayload(zlib.compress(image.tobytes(), _LEVEL), "zlib", *canvas)
    else:
        framed = image if image.size == canvas else _framed(image, canvas)
        payload = KittyPayload(_saved(framed), "png", *canvas)
    return payload if len(payload.data) <= room else None


def _lossy(image: Image.Image, canvas: tuple[int, int], room: int, ways: tuple[_Way, ...]) -> KittyPayload:
    """The best look that takes no more than ``room`` bytes; the smallest way where none does."""
    ladder = _Ladder(image, canvas, ways)
    first = ladder.first_within(room, ways)
    for way in ways[first:]:
        payload = ladder.made(way)
        if len(payload.data) <= room:
            break
    return payload


class _Ladder:
    """The ways to make one picture small, tried on strips of it; palettes are found once."""

    def __init__(self, image: Image.Image, canvas: tuple[int, int], ways: tuple[_Way, ...]) -> None:
        self._image = image
        self._canvas = canvas
        self._strips = strips_of(image)
        self._spare = 0 if image.size == canvas else 1
        counts = {min(way.colours, 256 - self._spare) for way in ways}
        self._palettes = palettes_of(image, counts)

    def first_within(self, room: int, ways: tuple[_Way, ...]) -> int:
        """The place of the first of ``ways``, which go from many bytes to few, that seems to fit ``room``."""
        low, high = 0, len(ways) - 1
        while low < high:
            middle = (low + high) // 2
            if self._foretold(ways[middle]) <= room:
                high = middle
            else:
                low = middle + 1
        return low

    def _foretold(self, way: _Way) -> float:
        strips = self._strips if way.scale == 1 else _scaled(self._strips, way.scale)
        palette = self._palette(way.colours)
        reduced = mapped(strips, palette, way.dither)
        reduced.putpalette(palette.tobytes())
        head = _FRAME + palette.size
        return head + (len(_saved(reduced)) - head) * self._image.height / self._strips.height

    def _palette(self, colours: int) -> Palette:
        return self._palettes[min(colours, 256 - self._spare)]

    def made(self, way: _Way) -> KittyPayload:
        """The whole picture that way."""
        palette = self._palette(way.colours)
        if way.scale == 1:
            corner = _corner(self._image, self._canvas)
            return _png(mapped(self._image, palette, way.dither), palette, self._canvas, corner)
        canvas = max(1, round(self._canvas[0] * way.scale)), max(1, round(self._canvas[1] * way.scale))
        small, corner = _within(self._image, self._canvas, canvas)
        return _png(mapped(small, palette, way.dither), palette, canvas, corner)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)


def _within(image: Image.Image, canvas: tuple[int, int], small: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """The picture for the smaller canvas, and its corner there: exactly where it was, so that nothing jumps later.

    Pixels of the smaller canvas that it would fill in part are left out.
    """
    corner, starts, ends, box = _corner(image, canvas), [0, 0], [0, 0], [0.0] * 4
    for axis in (0, 1):
        step = canvas[axis] / small[axis]
        starts[axis] = min(ceil(corner[axis] / step), small[axis] - 1)
        ends[axis] = max(starts[axis] + 1, floor((corner[axis] + image.size[axis]) / step))
        box[axis] = max(0.0, starts[axis] * step - corner[axis])
        box[axis + 2] = min(float(image.size[axis]), ends[axis] * step - corner[axis])
        if box[axis + 2] <= box[axis]:
            box[axis], box[axis + 2] = 0.0, float(image.size[axis])
    size = ends[0] - starts[0], ends[1] - starts[1]
    area = (box[0], box[1], box[2], box[3])
    return image.resize(size, Image.Resampling.LANCZOS, area, reducing_gap=1.5), (starts[0], starts[1])


def _png(picture: Image.Image, palette: Palette, canvas: tuple[int, int], corner: tuple[int, int]) -> KittyPayload:
    """A P picture at ``corner`` of ``canvas``; around it a palette entry of its own that is clear."""
    framed, colours, clear = picture, palette.tobytes(), None
    if picture.size != canvas:
        clear = len(palette)
        framed, colours = Image.new("P", canvas, clear), colours + bytes(3)
        framed.paste(picture, corner)
    framed.putpalette(colours)
    return KittyPayload(_saved(framed, clear), "png", *canvas)


def _saved(image: Image.Image, clear: int | None = None) -> bytes:
    stream = io.BytesIO()
    if clear is None:
        image.save(stream, "PNG", compress_level=_LEVEL)
    else:
        image.save(stream, "PNG", compress_level=_LEVEL, transparency=clear)
    return stream.getvalue()
