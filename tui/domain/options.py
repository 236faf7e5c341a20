"""The one table of models, aspect ratios and image sizes; form, flags and validation come from it.

Pixels, limits and prices: Google's image-generation page and its price tables as read in November 2026.
Prices are list prices in US dollars a picture; under a subscription they are shadow prices.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tui.domain.served import bare_name, without_thinking

DEFAULT_MODEL: Final = "gemini-3-pro-image-preview"
DEFAULT_ASPECT_RATIO: Final = "1:1"
DEFAULT_IMAGE_SIZE: Final = "1K"

IMAGE_SIZES: Final = ("512", "1K", "2K", "4K")
COMMON_RATIOS: Final = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
EXTREME_RATIOS: Final = ("1:4", "4:1", "1:8", "8:1")
ASPECT_RATIOS: Final = COMMON_RATIOS + EXTREME_RATIOS

MAX_COUNT: Final = 99

_PIXELS_1K: Final[Mapping[str, tuple[int, int]]] = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
"""Gemini 3 at 1K; 2K and 4K are exactly twice and four times these."""

_PIXELS_512: Final[Mapping[str, tuple[int, int]]] = {
    "1:1": (512, 512),
    "2:3": (424, 632),
    "3:2": (632, 424),
    "3:4": (448, 600),
    "4:3": (600, 448),
    "4:5": (464, 576),
    "5:4": (576, 464),
    "9:16": (384, 688),
    "16:9": (688, 384),
    "21:9": (792, 336),
    "1:4": (256, 1024),
    "4:1": (1024, 256),
    "1:8": (192, 1536),
    "8:1": (1536, 192),
}
"""Gemini 3.1 Flash at 512. Google prints 792×168 for 21:9, which is not that ratio; 336 is."""

_PIXELS_25_FLASH: Final[Mapping[str, tuple[int, int]]] = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}


def _scaled(table: Mapping[str, tuple[int, int]], factor: int) -> dict[str, tuple[int, int]]:
    return {ratio: (width * factor, height * factor) for ratio, (width, height) in table.items()}


_PIXELS_3: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "512": _PIXELS_512,
    "1K": _PIXELS_1K,
    "2K": _scaled(_PIXELS_1K, 2),
    "4K": _scaled(_PIXELS_1K, 4),
}


@dataclass(frozen=True, slots=True)
class ImageModel:
    """What can be asked of a model.

    ``pixels`` maps size → ratio → (width, height); empty where nobody has published them.
    ``shutdown`` is the day its maker switched the name off, ``successor`` what to use instead.
    """

    id: str
    label: str
    ratios: tuple[str, ...] = ASPECT_RATIOS
    sizes: tuple[str, ...] = IMAGE_SIZES
    pixels: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    max_references: int = 14
    max_reference_bytes: int = 7_000_000
    mime: str = "image/png"
    prices: Mapping[str, float] = field(default_factory=dict)
    shutdown: date | None = None
    successor: str | None = None
    known: bool = True

    def size_in_pixels(self, ratio: str, size: str) -> tuple[int, int] | None:
        """Width and height that ``ratio`` at ``size`` gives, None where it is not published."""
        return self.pixels.get(size, {}).get(ratio)

    def list_price(self, size: str) -> float | None:
        """US dollars for one picture at ``size``, None where no price is known."""
        return self.prices.get(size)

    def is_retired(self, today: date) -> bool:
        """Whether its maker has switched the name off; a proxy may still serve it under an alias."""
        return self.shutdown is not None and self.shutdown <= today

    def life_cycle_line(self, today: date) -> str | None:
        """One sentence about the model's end, None for a living one."""
        if self.shutdown is None:
            return None
        verb = "was switched off" if self.is_retired(today) else "will be switched off"
        line = f"{self.id} {verb} by its maker on {self.shutdown.isoformat()}"
        return f"{line}; a proxy may serve it as {self.successor}" if self.successor else line


_PRO_SIZES: Final = ("1K", "2K", "4K")
_PRO_PRICES: Final = {"1K": 0.134, "2K": 0.134, "4K": 0.24}
_FLASH_PRICES: Final = {"512": 0.045, "1K": 0.067, "2K": 0.101, "4K": 0.151}


def _pro(name: str, *, shutdown: date | None = None, successor: str | None = None) -> ImageModel:
    return ImageModel(
        name,
        label="3 Pro",
        ratios=COMMON_RATIOS,
        sizes=_PRO_SIZES,
        pixels=_PIXELS_3,
        mime="image/jpeg",
        prices=_PRO_PRICES,
        shutdown=shutdown,
        successor=successor,
    )


def _flash(name: str, *, shutdown: date | None = None, successor: str | None = None) -> ImageModel:
    return ImageModel(
        name,
        label="3.1 Flash",
        pixels=_PIXELS_3,
        prices=_FLASH_PRICES,
        shutdown=shutdown,
        successor=successor,
    )


MODELS: Final[tuple[ImageModel, ...]] = (
    _pro("gemini-3-pro-image-preview", shutdown=date(2026, 6, 25), successor="gemini-3-pro-image"),
    ImageModel(
        "gemini-2.5-flash-image",
        label="2.5 Flash",
        ratios=COMMON_RATIOS,
        sizes=("1K",),
        pixels={"1K": _PIXELS_25_FLASH},
        max_references=3,
        prices={"1K": 0.039},
        shutdown=date(2026, 10, 2),
        successor="gemini-3.1-flash-image",
    ),
    _pro("gemini-3-pro-image"),
    _flash("gemini-3.1-flash-image"),
    _flash("gemini-3.1-flash-image-preview", shutdown=date(2026, 6, 25), successor="gemini-3.1-flash-image"),
    ImageModel(
        "gemini-3.1-flash-lite-image",
        label="3.1 Flash Lite",
        sizes=("1K",),
        pixels={"1K": _PIXELS_1K},
        prices={"1K": 0.0336},
    ),
    ImageModel(
        "gemini-nano-banana-2.1",
        label="Nano Banana 2.1",
        sizes=("1K", "2K", "4K"),
        pixels=_PIXELS_3,
        prices={"1K": 0.0336, "2K": 0.0504, "4K": 0.113},
    ),
)

_BY_ID: Final = {model.id: model for model in MODELS}


def find_model(name: str) -> ImageModel:
    """The table's row for ``name``; a name it lacks gets a row that allows everything.

    A provider prefix (``agy/…``, ``google/…``), a ``-preview`` ending and a thinking level (``X(high)``) do not
    matter.
    """
    bare = without_thinking(bare_name(name))
    row = _BY_ID.get(bare) or _BY_ID.get(bare.removesuffix("-preview"))
    return row or ImageModel(name, label=name, known=False)


def normalise_size(size: str) -> str:
    """``size`` as models want it: an upper-case K, ``512`` for half a K."""
    spelled = size.strip().upper()
    return {"0.5K": "512", "512PX": "512"}.get(spelled, spelled)


def nearest_ratio(ratio: str, offered: tuple[str, ...]) -> str | None:
    """The offered ratio whose shape is closest to ``ratio``, None if ``ratio`` is no W:H at all."""
    shape = ratio_value(ratio)
    if shape is None:
        return None
    return min(offered, key=lambda each: abs(math.log((ratio_value(each) or 1.0) / shape)))


def ratio_value(ratio: str) -> float | None:
    """Width over height of a ``W:H`` text, None where it is none."""
    width, colon, height = ratio.partition(":")
    if not (colon and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        return None
    return int(width) / int(height)


def nearest_size(size: str, offered: tuple[str, ...]) -> str:
    """The largest offered size that is not above ``size``, else the smallest offered."""
    order = {name: rank for rank, name in enumerate(IMAGE_SIZES)}
    rank = order.get(normalise_size(size), order[DEFAULT_IMAGE_SIZE])
    below = [name for name in offered if order.get(name, 0) <= rank]
    return below[-1] if below else offered[0]
