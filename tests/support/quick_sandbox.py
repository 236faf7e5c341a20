"""The sandbox in a process of its own, which lays a mosaic instead of painting: the pixels ordered, for little work.

What is painted is proved where the painting is. Who only needs a picture from somewhere need not wait for a good one:
at 512 × 512 it takes a quarter of a second.
"""

import io
import random
import sys

from PIL import Image

from tui.proxy import chat
from tui.proxy.__main__ import main
from tui.proxy.painting import IsCancelled, Order, PaintingCancelled, paint

_STONES = 16
_FORMATS = {"image/png": "PNG", "image/webp": "WEBP"}


def mosaic(order: Order, is_cancelled: IsCancelled = bool, *, noisy: bool = False) -> bytes:
    """Stones of many colours, the same for the same order; what is to pack badly is painted as ever."""
    if noisy:
        return paint(order, is_cancelled, noisy=True)
    if is_cancelled():
        raise PaintingCancelled
    stones = random.Random(order.digest()).randbytes(_STONES * _STONES * 3)
    small = Image.frombytes("RGB", (_STONES, _STONES), stones)
    out = io.BytesIO()
    whole = small.resize((order.width, order.height), Image.Resampling.NEAREST)
    whole.save(out, _FORMATS.get(order.mime, "JPEG"), compress_level=1)
    return out.getvalue()


if __name__ == "__main__":
    chat.paint = mosaic
    sys.exit(main())
