"""The painter's whole way: plan, scene, style, bytes."""

import io
import random

from PIL import Image

from tui.proxy.painting.order import IsCancelled, Order, PaintingCancelled


def paint(order: Order, is_cancelled: IsCancelled = bool, *, noisy: bool = False) -> bytes:
    """The encoded picture of ``order``; raises PaintingCancelled soon after ``is_cancelled`` turns true."""
    if is_cancelled():
        raise PaintingCancelled
    rng = random.Random(order.digest())
    small = Image.new("RGB", (4, 4))
    small.putdata([tuple(rng.randrange(256) for _ in range(3)) for _ in range(16)])
    picture = small.resize((order.width, order.height), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, order.mime.removeprefix("image/").upper())
    return out.getvalue()
