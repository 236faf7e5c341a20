"""What a picture is, told from its first bytes."""

from dataclasses import dataclass
from typing import Final

MAX_PIXELS: Final = 200_000_000
"""A picture that declares more is refused before anything decodes it."""

EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/avif": "avif",
    "image/heic": "heic",
}
"""The file extension of each type, without the dot."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Type and size in pixels as the bytes say; width and height are 0 where the header does not tell."""

    mime: str
    width: int
    height: int
