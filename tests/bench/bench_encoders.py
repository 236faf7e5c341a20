"""Pixels to bytes for a terminal, ours beside others: python tests/bench/bench_encoders.py [--rounds N].

Two pictures of 780², drawn here (support/sample_pictures.py tells what they stand for): "plain" has gradients,
shapes and noise, "dense" the bytes of a photograph. All ways take turns in one run: ratios count, milliseconds are
this machine's. "look" is PSNR after a blur of 1.5 pixels, what is seen from some way off. "stall" is the longest
time that an event loop ticking each millisecond did not come round while the way worked in a thread, beside that
of an idle one. Stock is textual-image with its own defaults, without numpy as it is installed, and with it; its
packer alone gets our palette picture. chafa's command reads the picture from a file. What is not installed is left
out: textual-image 0.12 (LGPL; later ones want Python 3.12), chafa.py, chafa.
"""

import argparse
import asyncio
import importlib.util
import io
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageStat
from support.sample_pictures import dense_picture, plain_picture
from support.sixel_model import decode

from tui.imaging import kitty, sixel
from tui.imaging.picture import KittyPayload
from tui.imaging.quantise import mapped, palettes_of
from tui.imaging.sixel_tiles import Inks, sixels

SIDE = 780
GOAL_KITTY, GOAL_SIXEL, GOAL_PHOTOGRAPH, GOAL_TIME, GOAL_STALL_MS = 0.5, 0.5, 0.8, 1 / 3, 6.0
STOCK = "textual-image without numpy"
Encode = Callable[[Image.Image], bytes]
Show = Callable[[bytes], Image.Image | None]


@dataclass(slots=True)
class Way:
    """One encoder: ``show`` gives back the picture of its bytes, None where that is not measured."""

    encode: Encode
    show: Show
    wire: float = 1.0
    times: list[float] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)


def shown_sixel(data: bytes) -> Image.Image:
    """One Sixel string, or tiles with a move before each, in cells of one pixel."""
    canvas = Image.new("RGB", (SIDE, SIDE))
    size = (0, 0)
    for found in re.finditer(r"(?:\x1b\[(\d+);(\d+)H)?\x1bP([^\x1b]*)\x1b\\", data.decode("ascii")):
        tile = Image.fromarray(np.asarray(decode(found[3]))[..., :3].astype(np.uint8))
        top, left = int(found[1] or 1) - 1, int(found[2] or 1) - 1
        canvas.paste(tile, (left, top))
        size = max(size[0], left + tile.width), max(size[1], top + tile.height)
    return canvas.crop((0, 0, *size))


def shown_kitty(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def in_png(image: Image.Image, level: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=level)
    return stream.getvalue()


def octree(image: Image.Image) -> bytes:
    palette = image.quantize(255, Image.Quantize.FASTOCTREE)
    return in_png(image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG), 4)


def ours_kitty(look: kitty.Look) -> Encode:
    def encode(image: Image.Image) -> bytes:
        payload: KittyPayload = kitty.encode(image, image.size, look=look)
        assert payload.kind == "png"
        return payload.data

    return encode


def kitty_ways() -> dict[str, Way]:
    ways = {
        "PNG of RGB, level 2 (textual-image)": Way(lambda image: in_png(image, 2), shown_kitty, kitty.WIRE),
        "RGB in zlib": Way(lambda image: zlib.compress(image.tobytes(), 4), lambda _: None, kitty.WIRE),
        "RGBA as it is (chafa)": Way(lambda image: image.convert("RGBA").tobytes(), lambda _: None, kitty.WIRE),
        "PNG, octree of 255, diffused": Way(octree, shown_kitty, kitty.WIRE),
    }
    for look in ("coarse", "first", "best"):
        ways[f"ours, {look}"] = Way(ours_kitty(look), shown_kitty, kitty.WIRE)
    return ways


def ours_sixel(look: kitty.Look) -> Encode:
    def encode(image: Image.Image) -> bytes:
        picture = sixel.encode(image, image.size, (1, 1), background=(0, 0, 0), look=look)
        return "".join(f"\x1b[{tile.row + 1};{tile.column + 1}H{tile.data}" for tile in picture.tiles).encode("ascii")

    return encode


def in_our_colours(image: Image.Image, colours: int = 256) -> Image.Image:
    return mapped(image, palettes_of(image, [colours])[colours])


def sixel_ways(folder: Path) -> dict[str, Way]:
    ways = dict(stock_ways())
    if importlib.util.find_spec("chafa"):
        ways["chafa.py"] = Way(by_chafa_library, shown_sixel)
    if shutil.which("chafa"):
        ways["chafa, the whole command"] = Way(lambda image: by_chafa_command(image, folder), shown_sixel)
    for look in ("first", "best"):
        ways[f"ours, {look}"] = Way(ours_sixel(look), shown_sixel)
    return ways


def stock_ways() -> Iterator[tuple[str, Way]]:
    if not importlib.util.find_spec("textual_image"):
        return
    import textual_image._sixel as stock

    def encoded(image: Image.Image, *, numpy: bool) -> bytes:
        stock._HAS_NUMPY = numpy
        return stock.image_to_sixels(image).encode("ascii")

    yield STOCK, Way(lambda image: encoded(image, numpy=False), shown_sixel)
    yield "textual-image with numpy", Way(lambda image: encoded(image, numpy=True), shown_sixel)
    for colours in (256, 128):
        name = f"its packer, our {colours} colours"
        yield name, Way(lambda image, n=colours: encoded(in_our_colours(image, n), numpy=True), shown_sixel)
        yield f"our packer, our {colours} colours", Way(lambda image, n=colours: our_packer(image, n), shown_sixel)


def our_packer(image: Image.Image, colours: int) -> bytes:
    palette = palettes_of(image, [colours])[colours]
    indexes = np.asarray(mapped(image, palette), np.uint8)
    (whole,) = sixels(indexes[None], Inks(palette), 0.0, lambda: False)
    return whole.encode("ascii")


def by_chafa_library(image: Image.Image) -> bytes:
    import chafa

    config = chafa.CanvasConfig()
    config.cell_width, config.cell_height = 10, 20
    config.width, config.height = image.width // 10, image.height // 20
    config.pixel_mode = chafa.PixelMode.CHAFA_PIXEL_MODE_SIXELS
    canvas = chafa.Canvas(config)
    kind = chafa.PixelType.CHAFA_PIXEL_RGB8
    canvas.draw_all_pixels(kind, image.tobytes(), image.width, image.height, image.width * 3)
    return bytes(canvas.print(chafa.TermDb().get_fallback_info()))


def by_chafa_command(image: Image.Image, folder: Path) -> bytes:
    file = folder / f"{zlib.crc32(image.tobytes())}.png"
    if not file.exists():
        image.save(file, compress_level=1)
    # Where it cannot ask a terminal, chafa has cells of 8 × 8 pixels.
    size = ["-s", f"{image.width // 8}x{image.height // 8}", "--font-ratio", "1"]
    return subprocess.run(["chafa", "-f", "sixel", *size, file], capture_output=True, check=True).stdout


def look_of(image: Image.Image, other: Image.Image | None) -> float | None:
    if other is None:
        return None
    if abs(other.width - image.width) > 8 or abs(other.height - image.height) > 8:
        raise ValueError(f"a picture of {other.size} came back")
    image = image if other.size == image.size else image.resize(other.size)
    blurred = [each.filter(ImageFilter.GaussianBlur(1.5)) for each in (image, other)]
    error = sum(ImageStat.Stat(ImageChops.difference(*blurred)).sum2) / (image.width * image.height * 3)
    return float(10 * np.log10(65025 / error)) if error else float("inf")


async def stall(work: Callable[[], object]) -> float:
    """The longest time between two ticks of a millisecond while ``work`` runs in a thread."""
    worst = 0.0
    running = asyncio.create_task(asyncio.to_thread(work))
    before = time.perf_counter()
    while not running.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        worst, before = max(worst, now - before - 0.001), now
    await running
    return worst


def measure(ways: dict[str, Way], image: Image.Image, rounds: int) -> float:
    """Every way in turn; returns the stall of an idle loop."""
    idle: list[float] = []
    for number in range(rounds + 1):
        for way in ways.values():
            before = time.perf_counter()
            way.encode(image)
            if number:
                way.times.append(time.perf_counter() - before)
                way.stalls.append(asyncio.run(stall(lambda way=way: way.encode(image))))
        idle.append(asyncio.run(stall(lambda: time.sleep(0.05))))
    return statistics.median(idle)


def report(title: str, ways: dict[str, Way], image: Image.Image, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Measure and print; gives time, bytes a pixel and stall over idle of each way."""
    idle = measure(ways, image, rounds)
    base = ways.get(STOCK) or next(iter(ways.values()))
    unit = statistics.median(base.times)
    print(f"\n{title:38}{'ms':>7}{'× first':>9}{'B/px':>8}{'look dB':>9}{'stall ms':>10}   (idle {idle * 1000:.1f})")
    results: dict[str, tuple[float, float, float]] = {}
    for name, way in ways.items():
        data = way.encode(image)
        size = len(data) * way.wire / (image.width * image.height)
        look = look_of(image, way.show(data))
        took, stalled = statistics.median(way.times), statistics.median(way.stalls)
        results[name] = took, size, (stalled - idle) * 1000
        seen = "–" if look is None else f"{look:.1f}"
        print(f"{name:38}{took * 1000:7.0f}{took / unit:9.2f}{size:8.3f}{seen:>9}{stalled * 1000:10.1f}")
    return results


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7)
    rounds = arguments.parse_args().rounds
    goals: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        for kind, picture in (("plain", plain_picture(SIDE)), ("dense", dense_picture(SIDE))):
            found = report(f"Kitty, {kind}", kitty_ways(), picture, rounds)
            goals.append((f"Kitty first, {kind}: bytes a pixel on the way", found["ours, first"][1], GOAL_KITTY))
            goals.append((f"Kitty first, {kind}: ms of stall over idle", found["ours, first"][2], GOAL_STALL_MS))
            found = report(f"Sixel, {kind}", sixel_ways(Path(name)), picture, rounds)
            took, size, stalled = found["ours, first"]
            if kind == "plain":
                goals.append(("Sixel first, plain: bytes a pixel", size, GOAL_SIXEL))
            elif STOCK in found:
                goals.append(("Sixel first, dense: × stock's bytes", size / found[STOCK][1], GOAL_PHOTOGRAPH))
            if STOCK in found:
                goals.append((f"Sixel first, {kind}: × stock's time", took / found[STOCK][0], GOAL_TIME))
            goals.append((f"Sixel first, {kind}: ms of stall over idle", stalled, GOAL_STALL_MS))
    print()
    for what, value, most in goals:
        print(f"{what:48}{value:8.2f}   goal ≤ {most:.2f}   {'reached' if value <= most else 'MISSED'}")


if __name__ == "__main__":
    main()
