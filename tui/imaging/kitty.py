"""The payload of a picture for a terminal that speaks the Kitty graphics protocol.

JPEG is not in the protocol, and RGB takes six times the bytes of a palette: so a PNG of up to 256 colours, with
as much diffusion as the bytes allow; exact where a picture is small that way. What each way takes is foretold from
what it usually takes and from strips of the picture, so that only one is made whole.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import Image

from tui.imaging.picture import KittyPayload, Look
from tui.imaging.quantise import Palette, exact, mapped, palettes_of
from tui.imaging.strips import strips_of

WIRE: Final = 4 / 3
"""Bytes on the way for each byte of a payload, which goes as base64."""

BUDGET: Final[dict[Look, float]] = {"coarse": 0.05, "first": 0.5, "best": 1.0}
"""Bytes on the way for each drawn pixel, at most, base64 included."""

_LEVELS: Final[dict[Look, int]] = {"coarse": 2, "first": 2, "best": 4}
"""Of zlib: 4 saves a twentieth of the bytes for half as much time again, 9 as much again for six times the time."""

_FRAME: Final = 69
"""Bytes of a palette PNG without the palette and the pixels."""

_HEAD: Final = 1024
"""Bytes of a palette PNG that are not pixels, at most."""

_SMOOTH: Final = 0.6
"""Part of the bytes up to which a palette leaves hope that all colours fit too: they take twice as many or more."""

_SURE: Final = 0.85
"""Part of the bytes up to which what a way usually takes is not looked at more closely."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How to make a picture small: by fewer colours, by diffusing less of the error, by fewer pixels a side.

    ``usual`` is what it takes of the bytes of 256 colours, none of the error diffused, in pictures
    for which that is too much.
    """

    colours: int
    dither: float
    scale: float
    usual: float


_WAYS: Final = (
    *(_Way(256, dither, 1, usual) for dither, usual in ((1, 1.25), (0.6, 1.17), (0.35, 1.08), (0, 1))),
    *(_Way(colours, 0, 1, usual) for colours, usual in ((224, 0.97), (192, 0.93), (160, 0.89), (144, 0.86))),
    *(_Way(colours, 0, 1, usual) for colours, usual in ((128, 0.83), (112, 0.8), (96, 0.76), (80, 0.72), (64, 0.68))),
    *(_Way(colours, 0, 0.75, usual) for colours, usual in ((256, 0.6), (160, 0.54), (96, 0.46))),
    *(_Way(colours, 0, 0.6, usual) for colours, usual in ((256, 0.4), (160, 0.35), (96, 0.31))),
    *(_Way(colours, 0, 0.5, usual) for colours, usual in ((256, 0.29), (160, 0.26), (96, 0.23), (64, 0.2))),
    *(
        _Way(64, 0, scale, usual)
        for scale, usual in ((0.4, 0.13), (0.33, 0.1), (0.25, 0.06), (0.2, 0.04), (0.15, 0.03))
    ),
)
"""From the best look to the least bytes."""

_PLAIN: Final = next(way for way in _WAYS if way.usual == 1)
_COARSE: Final = tuple(way for way in _WAYS if way.scale <= 0.5)


def encode(image: Image.Image, canvas: tuple[int, int], *, look: Look = "first", direct: bool = False) -> KittyPayload:
    """The RGB ``image`` in the middle of ``canvas`` pixels with nothing around it, for so good a ``look``.

    ``direct``: the bytes need not be few, as the terminal reads them from a file or from memory; then they are
    the pixels themselves. A payload of fewer pixels than the canvas is for the terminal to scale up.
    """
    if direct:
        return _raw(image, canvas)
    room, level = int(BUDGET[look] / WIRE * image.width * image.height) + _HEAD, _LEVELS[look]
    own = exact(image, 256 if image.size == canvas else 255)
    if own is not None:
        payload = _png(*own, canvas, _corner(image, canvas), level)
        if look == "best" or len(payload.data) <= room:
            return payload
    ladder = _Ladder(image, canvas, room, level)
    if look == "coarse":
        return ladder.best_of(_COARSE)
    whole = _lossless(image, canvas, room, level) if own is None and ladder.is_smooth() else None
    return ladder.best_of(_WAYS) if whole is None else whole


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


def _lossless(image: Image.Image, canvas: tuple[int, int], room: int, level: int) -> KittyPayload | None:
    """All its colours, if that takes no more than ``room`` bytes, as PNG or as plain RGB, whichever is less."""
    sample = strips_of(image, share=40)
    some = room * sample.height / image.height
    as_png = len(_saved(sample, level))
    # It is rare that zlib alone does better, and it never does twice as well on what has so many colours.
    as_zlib = len(zlib.compress(sample.tobytes(), level)) if as_png <= 2 * some else as_png
    if min(as_png, as_zlib) > some:
        return None
    if image.size == canvas and as_zlib < as_png:
        payload = KittyPayload(zlib.compress(image.tobytes(), level), "zlib", *canvas)
    else:
        framed = image if image.size == canvas else _framed(image, canvas)
        payload = KittyPayload(_saved(framed, level), "png", *canvas)
    return payload if len(payload.data) <= room else None


class _Ladder:
    """The ways to make one picture small, tried on strips of it; palettes are found once."""

    def __init__(self, image: Image.Image, canvas: tuple[int, int], room: int, level: int) -> None:
        self._image = image
        self._canvas = canvas
        self._room = room
        self._level = level
        self._strips = strips_of(image)
        self._spare = 0 if image.size == canvas else 1
        self._palettes = palettes_of(image, {min(way.colours, 256 - self._spare) for way in _WAYS})
        self._plain = self._foretold(_PLAIN)

    def is_smooth(self) -> bool:
        """Whether a palette alone makes it so small that all its colours may fit too."""
        return self._plain <= _SMOOTH * self._room

    def best_of(self, ways: tuple[_Way, ...]) -> KittyPayload:
        """The best look of ``ways`` that takes no more bytes than there is room; the smallest where all take more."""
        for way in ways[self._first_within(ways) :]:
            payload = self._made(way)
            if len(payload.data) <= self._room:
                break
        return payload

    def _first_within(self, ways: tuple[_Way, ...]) -> int:
        """The place of the first of ``ways``, which go from many bytes to few, that seems to fit."""
        low, high, unit = 0, len(ways) - 1, self._plain
        while low < high:
            place = next((each for each in range(low, high) if ways[each].usual * unit <= self._room), high)
            if place == high or (place == 0 and ways[0].usual * unit <= _SURE * self._room):
                return place
            foretold = self._plain if ways[place] is _PLAIN else self._foretold(ways[place])
            if foretold <= self._room:
                high = place
            else:
                low = place + 1
            unit = foretold / ways[place].usual
        return high

    def _foretold(self, way: _Way) -> float:
        strips = self._strips if way.scale == 1 else _scaled(self._strips, way.scale)
        palette = self._palette(way.colours)
        reduced = mapped(strips, palette, way.dither)
        reduced.putpalette(palette.tobytes())
        head = _FRAME + palette.size
        return head + (len(_saved(reduced, self._level)) - head) * self._image.height / self._strips.height

    def _palette(self, colours: int) -> Palette:
        return self._palettes[min(colours, 256 - self._spare)]

    def _made(self, way: _Way) -> KittyPayload:
        """The whole picture that way."""
        palette = self._palette(way.colours)
        if way.scale == 1:
            corner = _corner(self._image, self._canvas)
            return _png(mapped(self._image, palette, way.dither), palette, self._canvas, corner, self._level)
        canvas = max(1, round(self._canvas[0] * way.scale)), max(1, round(self._canvas[1] * way.scale))
        small, corner = _within(self._image, self._canvas, canvas)
        return _png(mapped(small, palette, way.dither), palette, canvas, corner, self._level)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.5)


def _within(image: Image.Image, canvas: tuple[int, int], small: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """The picture for the smaller canvas, and its corner there: exactly where it was, so that nothing jumps later.

    Pixels of the smaller canvas that it would fill in part are left out.
    """
    corner, starts, ends, box = _corner(image, canvas), [0, 0], [0, 0], [0.0] * 4
    for axis in (0, 1):
        step = canvas[axis] / small[axis]
        # Whole numbers: what fills the canvas fills the smaller one.
        starts[axis] = min(-(-corner[axis] * small[axis] // canvas[axis]), small[axis] - 1)
        ends[axis] = max(starts[axis] + 1, (corner[axis] + image.size[axis]) * small[axis] // canvas[axis])
        box[axis] = max(0.0, starts[axis] * step - corner[axis])
        box[axis + 2] = min(float(image.size[axis]), ends[axis] * step - corner[axis])
        if box[axis + 2] <= box[axis]:
            box[axis], box[axis + 2] = 0.0, float(image.size[axis])
    size = ends[0] - starts[0], ends[1] - starts[1]
    area = (box[0], box[1], box[2], box[3])
    return image.resize(size, Image.Resampling.BICUBIC, area, reducing_gap=1.5), (starts[0], starts[1])


def _png(
    picture: Image.Image, palette: Palette, canvas: tuple[int, int], corner: tuple[int, int], level: int
) -> KittyPayload:
    """A P picture at ``corner`` of ``canvas``; around it a palette entry of its own that is clear."""
    framed, colours, clear = picture, palette.tobytes(), None
    if picture.size != canvas:
        clear = len(palette)
        framed, colours = Image.new("P", canvas, clear), colours + bytes(3)
        framed.paste(picture, corner)
    framed.putpalette(colours)
    return KittyPayload(_saved(framed, level, clear), "png", *canvas)


def _saved(image: Image.Image, level: int, clear: int | None = None) -> bytes:
    stream = io.BytesIO()
    if clear is None:
        image.save(stream, "PNG", compress_level=level)
    else:
        image.save(stream, "PNG", compress_level=level, transparency=clear)
    return stream.getvalue()
