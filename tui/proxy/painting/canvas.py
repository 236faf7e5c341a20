"""The canvas and its brushes: gradients, masks with smooth edges, light and shade."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFilter

from tui.proxy.painting.colour import Colour, Stops, at
from tui.proxy.painting.noise import Size, soft_size
from tui.proxy.painting.order import IsCancelled, PaintingCancelled

Point = tuple[float, float]
Box = tuple[int, int, int, int]
Outline = Sequence[Point]

_STEPS = 512
_HALO = 256
_RIM = 181
"""What Pillow's radial gradient, which reaches 255 in the corners, has in the middle of an edge."""


@dataclass(slots=True)
class Canvas:
    """A picture being painted; every measure is in pixels of ``image``."""

    image: Image.Image
    is_cancelled: IsCancelled = bool
    fine: int = field(init=False)

    def __post_init__(self) -> None:
        self.fine = 2 if self.width * self.height <= 5_000_000 else 1

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.image.height

    @property
    def unit(self) -> float:
        """The length things are measured by: the short side, a little more in long pictures."""
        return min(min(self.width, self.height) * 1.25, math.sqrt(self.width * self.height))

    def check(self) -> None:
        """Raise PaintingCancelled if nobody wants the picture any more."""
        if self.is_cancelled():
            raise PaintingCancelled

    def soft(self, box: Box, longest: int = 768) -> Size:
        """The size at which something without fine detail may be made to fill ``box``."""
        return soft_size((box[2] - box[0], box[3] - box[1]), longest)

    def whole(self) -> Box:
        """The box of everything."""
        return (0, 0, self.width, self.height)

    def clip(self, box: tuple[float, float, float, float]) -> Box | None:
        """``box`` in whole pixels inside the canvas, None where nothing of it is."""
        left, top = max(0, math.floor(box[0])), max(0, math.floor(box[1]))
        right, bottom = min(self.width, math.ceil(box[2])), min(self.height, math.ceil(box[3]))
        return (left, top, right, bottom) if right > left and bottom > top else None

    def mask(self, box: Box, draw: Callable[[ImageDraw.ImageDraw, Callable[[Point], Point]], None]) -> Image.Image:
        """A mask of ``box`` drawn with smooth edges; ``draw`` gets a pen and the way to its coordinates."""
        self.check()
        size = ((box[2] - box[0]) * self.fine, (box[3] - box[1]) * self.fine)
        mask = Image.new("L", size)
        fine = self.fine

        def place(point: Point) -> Point:
            return (point[0] - box[0]) * fine, (point[1] - box[1]) * fine

        draw(ImageDraw.Draw(mask), place)
        return mask.reduce(fine) if fine > 1 else mask

    def shape(self, outlines: Iterable[Outline], box: Box) -> Image.Image:
        """The mask of filled outlines."""

        def draw(pen: ImageDraw.ImageDraw, place: Callable[[Point], Point]) -> None:
            for outline in outlines:
                pen.polygon([place(point) for point in outline], fill=255)

        return self.mask(box, draw)

    def fill(self, box: Box, paint: Image.Image | Colour, mask: Image.Image | None = None) -> None:
        """Lay ``paint`` over ``box`` where ``mask`` lets it through; a small image is enlarged."""
        size = (box[2] - box[0], box[3] - box[1])
        if isinstance(paint, Image.Image) and paint.size != size:
            paint = paint.resize(size, Image.Resampling.BILINEAR)
        if mask is not None and mask.size != size:
            mask = mask.resize(size, Image.Resampling.BILINEAR)
        self.image.paste(paint, box, mask)

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float, *, power: float = 2.0) -> None:
        """Light around ``centre``, added as light adds."""
        x, y = centre
        box = self.clip((x - radius, y - radius, x + radius, y + radius))
        if box is None:
            return
        scale = _HALO / (radius * 2)
        part = (
            max(0.0, (box[0] - x + radius) * scale),
            max(0.0, (box[1] - y + radius) * scale),
            min(float(_HALO), (box[2] - x + radius) * scale),
            min(float(_HALO), (box[3] - y + radius) * scale),
        )
        halo = disc_light(power, strength)
        self.light(box, halo.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR, part), colour)

    def light(self, box: Box, mask: Image.Image, colour: Colour) -> None:
        """Add ``colour`` as light where ``mask`` says how much."""
        table = [255 - (255 - value) * (255 - part) // 255 for part in colour for value in range(256)]
        self._through(box, mask, table)

    def shade(self, box: Box, mask: Image.Image, colour: Colour) -> None:
        """Multiply ``colour`` in where ``mask`` says how much."""
        table = [value * part // 255 for part in colour for value in range(256)]
        self._through(box, mask, table)

    def _through(self, box: Box, mask: Image.Image, table: list[int]) -> None:
        """Change what is there by ``table`` (red, green, blue) as far as ``mask`` says.

        Screening or multiplying by one colour is such a table, and cheaper than with a picture of it.
        """
        self.check()
        size = (box[2] - box[0], box[3] - box[1])
        if mask.size != size:
            mask = mask.resize(size, Image.Resampling.BILINEAR)
        self.image.paste(self.image.crop(box).point(table), box, mask)


def disc_light(power: float, strength: float) -> Image.Image:
    """A square of light that falls off from the middle to nothing at the rim."""
    table = [round(255 * strength * max(0.0, 1 - value / _RIM) ** power) for value in range(256)]
    return Image.radial_gradient("L").point(table)


def ramp(size: Size, stops: Stops, *, vertical: bool = True) -> Image.Image:
    """A gradient through ``stops``, from top to bottom or from left to right."""
    colours = [at(stops, step / (_STEPS - 1)) for step in range(_STEPS)]
    strip = Image.new("RGB", (1, _STEPS) if vertical else (_STEPS, 1))
    strip.putdata(colours)
    return strip.resize(size, Image.Resampling.BILINEAR)


def fade(size: Size, stops: Sequence[tuple[float, float]], *, vertical: bool = True) -> Image.Image:
    """A mask whose strength (0 to 1) runs through ``stops``."""
    grey: Stops = [(place, (round(255 * value),) * 3) for place, value in stops]
    return ramp(size, grey, vertical=vertical).getchannel(0)


def smooth(points: Sequence[tuple[float, float, bool]], *, steps: int = 8) -> list[Point]:
    """A closed line through ``points``, round everywhere but at those marked as corners."""
    line: list[Point] = []
    count = len(points)
    for index in range(count):
        before, start = points[index - 1], points[index]
        end, after = points[(index + 1) % count], points[(index + 2) % count]
        first = start if start[2] else before
        last = end if end[2] else after
        line.extend(_bend(first, start, end, last, step / steps) for step in range(steps))
    return line


def _bend(
    first: tuple[float, float, bool],
    start: tuple[float, float, bool],
    end: tuple[float, float, bool],
    last: tuple[float, float, bool],
    share: float,
) -> Point:
    """A Catmull-Rom curve between ``start`` and ``end``."""
    square, cube = share * share, share * share * share
    weights = (
        -0.5 * cube + square - 0.5 * share,
        1.5 * cube - 2.5 * square + 1,
        -1.5 * cube + 2 * square + 0.5 * share,
        0.5 * cube - 0.5 * square,
    )
    spots = (first, start, end, last)
    x = sum(weight * spot[0] for weight, spot in zip(weights, spots, strict=True))
    y = sum(weight * spot[1] for weight, spot in zip(weights, spots, strict=True))
    return x, y


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """``image`` out of focus by ``radius`` pixels, made in small where that looks the same."""
    shrink = max(1, int(radius / 4))
    if shrink == 1:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.resize((max(1, image.width // shrink), max(1, image.height // shrink)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / shrink)).resize(image.size, Image.Resampling.BILINEAR)
