"""The painter's whole way: plan, scene or references, figures, weather, style, bytes."""

import io
import random
from typing import Final

from PIL import Image, ImageChops

from tui.proxy.painting.canvas import Canvas
from tui.proxy.painting.indoors import EVERY_SCENE
from tui.proxy.painting.noise import grained
from tui.proxy.painting.order import IsCancelled, Order
from tui.proxy.painting.references import start_from
from tui.proxy.painting.scenes import Stage, sky_birds
from tui.proxy.painting.sky import bloom
from tui.proxy.painting.staging import place_figures
from tui.proxy.painting.styles import apply_style
from tui.proxy.painting.weather import paint_weather
from tui.proxy.painting.words import Plan, plan

_WITH_BIRDS: Final = frozenset({"mountains", "sea", "harbour", "meadow", "desert"})
_FLAT_STYLES: Final = frozenset({"pixels", "poster"})
_HUFFMAN_ONLY: Final = 2


def paint(order: Order, is_cancelled: IsCancelled = bool, *, noisy: bool = False) -> bytes:
    """The encoded picture of ``order``; raises PaintingCancelled soon after ``is_cancelled`` turns true.

    ``noisy`` makes a PNG that hardly packs: about 26 MB at 4096 × 4096.
    """
    canvas = Canvas(Image.new("RGB", (order.width, order.height)), is_cancelled)
    canvas.check()
    wanted = plan(order.prompt, attempt=order.attempt)
    stage = _scene(canvas, wanted, order)
    if wanted.setting in _WITH_BIRDS and not stage.light.dark and not order.references:
        sky_birds(canvas, wanted, stage.light)
    place_figures(canvas, wanted, stage)
    paint_weather(canvas, wanted, stage.light)
    bloom(canvas)
    canvas.check()
    apply_style(canvas, wanted)
    canvas.check()
    picture = canvas.image if wanted.style in _FLAT_STYLES else grained(canvas.image)
    if noisy:
        return _noisy(picture, order)
    return _encoded(picture, order.mime)


def _scene(canvas: Canvas, wanted: Plan, order: Order) -> Stage:
    if order.references:
        return start_from(canvas, wanted, order.references)
    return EVERY_SCENE[wanted.setting](canvas, wanted)


def _encoded(picture: Image.Image, mime: str) -> bytes:
    out = io.BytesIO()
    if mime == "image/png":
        picture.save(out, "PNG", compress_level=1)
    elif mime == "image/webp":
        picture.save(out, "WEBP", quality=88, method=1)
    else:
        picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def _noisy(picture: Image.Image, order: Order) -> bytes:
    """``picture`` under noise of four bits, as a PNG."""
    rng = random.Random(order.digest())
    noise = Image.frombytes("RGB", picture.size, rng.randbytes(picture.width * picture.height * 3))
    noise = noise.point([value >> 4 for value in range(256)] * 3)
    out = io.BytesIO()
    ImageChops.add(picture, noise).save(out, "PNG", compress_type=_HUFFMAN_ONLY)
    return out.getvalue()
