"""What the rest of the program hears of a picture on its way to the screen: facts, pixels, and why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from PIL import Image

Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0 to 255 each."""

IsStale: TypeAlias = Callable[[], bool]
"""Asked while decoding: True once nobody waits for the result any more."""


class PictureError(Exception):
    """A file cannot be shown; ``words`` is one sentence for the person."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


class Stale(Exception):
    """Nobody waits for this picture any more: the decode was given up half way."""


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """A picture as it lies on disk: pixels as it is meant to be seen (turned upright), type, and nature.

    ``frames`` is 1 for what does not play.
    """

    width: int
    height: int
    mime: str
    animated: bool = False
    transparent: bool = False
    frames: int = 1


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """A picture scaled for one box: ``image`` is RGB, at most the box's pixels, its sides in proportion."""

    image: Image.Image
    info: PictureInfo

    @property
    def width(self) -> int:
        """Width of the file's picture in pixels, not of ``image``."""
        return self.info.width

    @property
    def height(self) -> int:
        """Height of the file's picture in pixels, not of ``image``."""
        return self.info.height

    @property
    def mime(self) -> str:
        """The type that the bytes show, such as ``image/png``."""
        return self.info.mime

    @property
    def animated(self) -> bool:
        """True when there are more frames than the one shown."""
        return self.info.animated


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a picture in its own upright pixels, from ``left``, ``top`` up to ``right``, ``bottom``."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels of the picture."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels of the picture."""
        return self.bottom - self.top


Look: TypeAlias = Literal["coarse", "first", "best"]
"""How good a picture has to be: at once from its thumbnail, soon and small on the wire, or as good as it gets."""


PayloadKind: TypeAlias = Literal["png", "zlib", "rgb", "rgba"]
"""How a Kitty-like terminal is to read a payload: a PNG, RGB packed by zlib, RGB or RGBA as it is."""


@dataclass(frozen=True, slots=True)
class KittyPayload:
    """A picture of ``width`` × ``height`` pixels in the bytes that a Kitty-like terminal reads."""

    data: bytes
    kind: PayloadKind
    width: int
    height: int


def never_stale() -> bool:
    """The answer of a caller that always waits."""
    return False


def fitted(
    width: int,
    height: int,
    box: tuple[int, int],
    pixel_aspect: float = 1.0,
    multiple: tuple[int, int] = (1, 1),
) -> tuple[int, int]:
    """The largest size in proportion to ``width`` × ``height`` that fits ``box``, at least 1×1.

    ``pixel_aspect`` is width over height of one pixel of the box (a half block is seldom square). The sides
    are the nearest whole multiples of ``multiple``, at least one each.
    """
    fit = _fitted(width, height, box, pixel_aspect)
    across, down = (max(1, round(side / step)) * step for side, step in zip(fit, multiple, strict=True))
    return across, down


def _fitted(width: int, height: int, box: tuple[int, int], pixel_aspect: float) -> tuple[int, int]:
    box_width, box_height = max(1, box[0]), max(1, box[1])
    shape = width / height / pixel_aspect
    if shape >= box_width / box_height:
        return box_width, max(1, min(box_height, round(box_width / shape)))
    return max(1, min(box_width, round(box_height * shape))), box_height
