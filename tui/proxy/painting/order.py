"""What is to be painted, and how many pixels it has."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tui.domain.options import find_model, normalise_size, ratio_value

IsCancelled = Callable[[], bool]

_LONG_SIDE: Final = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
_STEP: Final = 8


class PaintingCancelled(Exception):
    """The client left; the picture is of no use any more."""


@dataclass(frozen=True, slots=True)
class Order:
    """A picture to paint: words, exact pixels, type, and the bytes of the pictures to start from.

    The same order gives the same bytes. ``attempt`` 0, 1, 2 … are different takes of one scene.
    """

    prompt: str
    width: int
    height: int
    mime: str = "image/png"
    model: str = ""
    references: tuple[bytes, ...] = ()
    attempt: int = 0

    def digest(self) -> bytes:
        """Everything that distinguishes this order, as 32 bytes."""
        whole = hashlib.sha256()
        for part in (self.prompt, f"{self.width}x{self.height}", self.mime, self.model, f"{self.attempt}"):
            whole.update(part.encode("utf-8", "replace") + b"\0")
        for reference in self.references:
            whole.update(hashlib.sha256(reference).digest())
        return whole.digest()


def pixels_for(model: str, ratio: str, size: str) -> tuple[int, int]:
    """Width and height of a picture: the published ones, else the size's area in the ratio's shape.

    A ratio or size nobody knows counts as 1:1 and 1K.
    """
    published = find_model(model).size_in_pixels(ratio, size)
    if published is not None:
        return published
    side = _LONG_SIDE.get(normalise_size(size), 1024)
    shape = math.sqrt(min(max(ratio_value(ratio) or 1.0, 1 / 16), 16.0))
    return _whole(side * shape), _whole(side / shape)


def _whole(length: float) -> int:
    return max(_STEP, round(length / _STEP) * _STEP)
