"""The pictures an order starts from."""

import io

from PIL import Image

_MOST_PIXELS = 200_000_000


def shape_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of an encoded picture, None where it is none or too large to open."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (width, height) if 0 < width * height <= _MOST_PIXELS else None
