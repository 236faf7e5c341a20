"""Pictures made ready for a terminal, beside other ways: python tests/bench/bench_decode.py [picture …].

Decode and scale against Pillow's plain way (load, copy, bicubic), the whole of a picture against the ``chafa``
command where it is installed, thumbnails, close looks, and pictures of text: bytes on the wire, colours set only
where they change, and the noise against the picture (PSNR; "from afar": of its quarters of a cell).
Milliseconds are this machine's; ratios are what counts.
"""

import asyncio
import io
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from PIL import Image, ImageDraw
from support.sample_pictures import dense_picture, plain_picture

from tui.imaging import kitty
from tui.imaging.picture import Part
from tui.imaging.prepare import prepare
from tui.imaging.source import Source
from tui.imaging.symbols import GRIDS, sextant
from tui.imaging.text import Depth, grid, pictured
from tui.imaging.thumbnails import GRID, PANE, Thumbnails, content_digest

BOX = (780, 780)
COLUMNS, ROWS = 78, 39
BLACK = (0, 0, 0)
WIDE, HIGH = 8, 24
"""Pixels of a cell in which the noise of text is measured."""

Cells = list[list[tuple[str, tuple[int, ...] | None, tuple[int, ...] | None]]]


def bench_picture(side: int) -> Image.Image:
    """Gradients, noise and shapes."""
    random = np.random.default_rng(side)
    down, across = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(6 * across + 3 * down) * 100 + 128, down * 200 + 20, np.cos(5 * down * across) * 90 + 120]
    samples = np.stack(waves, -1) + random.normal(0, 10, (side, side, 1))
    image = Image.fromarray(samples.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for number in range(60):
        colour = tuple(int(sample) for sample in random.integers(0, 255, 3))
        left, top = (int(place) for place in random.integers(0, side, 2))
        size = int(random.integers(side // 40, side // 6))
        (pen.ellipse if number % 2 else pen.rectangle)((left, top, left + size, top + size), fill=colour)
    return image


def in_turn(ways: dict[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """Median milliseconds of ways that take turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            taken[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    error = ((one.astype(float) - other) ** 2).mean()
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def stock(path: Path) -> Image.Image:
    image = Image.open(path)
    image.load()
    return image.copy().convert("RGB").resize(BOX, Image.Resampling.BICUBIC)


def decodes(paths: list[Path]) -> None:
    print(f"\ndecode and scale to {BOX[0]}²          ours ms   × stock   dB from a full Lanczos")
    for path in paths:
        took = in_turn({"stock": lambda p=path: stock(p), "ours": lambda p=path: prepare(p, BOX, background=BLACK)})
        shown = prepare(path, BOX, background=BLACK).image
        best = Image.open(path).convert("RGB").resize(shown.size, Image.Resampling.LANCZOS)
        ratio = took["ours"] / took["stock"]
        print(f"  {path.name:28} {took['ours']:9.0f} {ratio:9.2f} {decibels(np.asarray(shown), np.asarray(best)):9.1f}")


def whole(paths: list[Path]) -> None:
    """Decode, scale and encode for Kitty at first sight, against chafa from its start to its end."""
    if shutil.which("chafa") is None:
        return
    print("\nwhole picture for Kitty            ours ms   × the chafa command   bytes a pixel on the way")
    for path in paths:

        def ours(path: Path = path) -> float:
            image = prepare(path, BOX, background=BLACK).image
            payload = kitty.encode(image, image.size, look="first", direct=False)
            return len(payload.data) * kitty.WIRE / (image.width * image.height)

        took = in_turn({"chafa": lambda p=path: chafa(p, "-f", "kitty"), "ours": ours}, 5)
        print(f"  {path.name:28} {took['ours']:9.0f} {took['ours'] / took['chafa']:21.2f} {ours():26.3f}")


def thumbnails(folder: Path, paths: list[Path]) -> None:
    shelf = Thumbnails(folder / "thumbnails")
    print("\nthumbnails, ms                        name     256 px    pane   made of the picture")
    for path in paths:
        start = time.perf_counter()
        shelf.make(path)
        made = (time.perf_counter() - start) * 1000
        took = in_turn(
            {
                "name": lambda p=path: content_digest(p),
                "grid": lambda p=path: shelf.get(p, GRID),
                "pane": lambda p=path: shelf.get(p, PANE),
            }
        )
        print(f"  {path.name:28} {took['name']:12.2f} {took['grid']:9.1f} {took['pane']:9.1f} {made:9.0f}")


def close_looks(paths: list[Path]) -> None:
    print("\na close look, ms                    opened   1:1 crop   a quarter   all of it      MB")
    for path in paths:
        start = time.perf_counter()
        source = Source.open(path)
        opened = (time.perf_counter() - start) * 1000
        width, height = source.info.width, source.info.height
        parts = {
            "near": Part(0, 0, *BOX),
            "quarter": Part(width / 4, height / 4, width * 3 / 4, height * 3 / 4),
            "all": Part(0, 0, width, height),
        }
        took = in_turn({name: lambda p=part, s=source: s.crop(p, BOX, BLACK) for name, part in parts.items()})
        size = source.size / 2**20
        source.release()
        print(
            f"  {path.name:28} {opened:11.0f}" + "".join(f"{value:11.1f}" for value in took.values()) + f"{size:9.0f}"
        )


def text(path: Path) -> None:
    """Our pictures of text against chafa's with the same symbols."""
    print(f"\ntext, {path.name:28}   KiB   × chafa        dB    from afar     ms")
    alike = {"half": "vhalf", "quadrant": "block+quad+space", "sextant": "block+sextant+space"}
    for glyphs, symbols in alike.items():
        theirs = sent_by_chafa(path, symbols)
        across, down = GRIDS[glyphs]
        image = prepared(path, across, down)
        took = in_turn({"ours": lambda g=glyphs, i=image: pictured(i, glyphs=g)})["ours"]
        ours: Cells = [[tuple(cell) for cell in row] for row in pictured(image, glyphs=glyphs)]
        if theirs:
            their_cells = cells_in(theirs)
            size = len(theirs.encode()) / 1024
            print(f"  chafa {symbols:24} {size:7.1f} {1:9.2f} {noise(path, their_cells)}")
            # A row more or less, as chafa rounds, is none of the comparison.
            size *= len(ours) / len(their_cells)
        own = len(sent(ours).encode()) / 1024
        share = f"{own / size:9.2f}" if theirs else "        –"
        print(f"  ours {glyphs:25} {own:7.1f} {share} {noise(path, ours)} {took:6.0f}")
    for depth in ("256", "16", "none"):
        took = in_turn({depth: lambda d=depth: pictured(prepared(path, *grid("half", d)), depth=d)})[depth]
        print(f"  ours half, colours: {depth:6} {'':43} {took:12.0f}")


def prepared(path: Path, across: int, down: int) -> Image.Image:
    box = COLUMNS * across, ROWS * down
    aspect = (10 / across) / (20 / down)
    return prepare(path, box, background=BLACK, pixel_aspect=aspect, multiple=(across, down)).image


def noise(path: Path, cells: Cells) -> str:
    shown = drawn(cells)
    real = np.asarray(Image.open(path).convert("RGB").resize(shown.shape[1::-1], Image.Resampling.LANCZOS), float)
    far = [
        part.reshape(len(cells) * 4, HIGH // 4, len(cells[0]) * 2, WIDE // 2, 3).mean((1, 3)) for part in (real, shown)
    ]
    return f"{decibels(real, shown):9.2f} {decibels(*far):11.2f}"


def chafa(path: Path, *options: str) -> bytes:
    command = ["chafa", "--size", f"{COLUMNS}x{ROWS}", *options, str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def sent_by_chafa(path: Path, symbols: str) -> str:
    if shutil.which("chafa") is None:
        return ""
    return chafa(path, "-f", "symbols", "-c", "full", "--symbols", symbols).decode()


def cells_in(text: str) -> Cells:
    """What a terminal reads in chafa's output."""
    rows: Cells = [[]]
    colours: dict[int, tuple[int, ...] | None] = {38: None, 48: None}
    reverse = False
    for token in re.findall(r"\x1b\[[0-9;?]*[a-z]|\n|.", text):
        if token == "\n":
            rows.append([])
        elif not token.startswith("\x1b"):
            pair = (colours[38], colours[48])
            rows[-1].append((token, *(reversed(pair) if reverse else pair)))
        elif token.endswith("m"):
            numbers = [int(number or 0) for number in token[2:-1].split(";")]
            while numbers:
                code = numbers.pop(0)
                if code in colours:
                    colours[code], numbers = tuple(numbers[1:4]), numbers[4:]
                elif code == 0:
                    colours, reverse = {38: None, 48: None}, False
                elif code == 7:
                    reverse = True
    return [row for row in rows if row]


def sent(cells: Cells) -> str:
    out, now = io.StringIO(), (None, None)
    for row in cells:
        for letter, *colours in row:
            changes = [
                ";".join(map(str, (code, 2, *colour)))
                for code, colour, before in zip((38, 48), colours, now, strict=True)
                if colour != before
            ]
            out.write(f"\x1b[{';'.join(changes)}m{letter}" if changes else letter)
            now = tuple(colours)
        out.write("\r\n")
    return out.getvalue()


def drawn(cells: Cells) -> np.ndarray:
    canvas = np.zeros((len(cells) * HIGH, len(cells[0]) * WIDE, 3))
    for y, row in enumerate(cells):
        for x, (letter, fore, back) in enumerate(row):
            place = canvas[y * HIGH : (y + 1) * HIGH, x * WIDE : (x + 1) * WIDE]
            place[:] = np.where(shape(letter)[..., None], fore or BLACK, back or BLACK)
    return canvas


@cache
def shape(letter: str) -> np.ndarray:
    """Which pixels of a cell a block symbol fills."""
    down, across = np.mgrid[0:HIGH, 0:WIDE]
    code = ord(letter)
    quadrants = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
    if letter in quadrants:
        return (quadrants.index(letter) >> (down // (HIGH // 2) * 2 + across // (WIDE // 2)) & 1).astype(bool)
    if 0x2581 <= code <= 0x2588:
        return down >= HIGH - (code - 0x2580) * HIGH // 8
    if 0x2589 <= code <= 0x258F:
        return across < 8 - (code - 0x2588)
    if letter in "▔▕":
        return down < HIGH // 8 if letter == "▔" else across >= WIDE - 1
    mask = next(mask for mask in range(64) if sextant(mask) == letter)
    return (mask >> (down // (HIGH // 3) * 2 + across // (WIDE // 2)) & 1).astype(bool)


def stalls(path: Path) -> None:
    """The longest gap of a loop that ticks every millisecond while a thread prepares text pictures."""

    async def longest(work: Callable[[], object]) -> float:
        task = asyncio.get_running_loop().run_in_executor(None, lambda: [work() for _ in range(5)])
        worst, last = 0.0, time.perf_counter()
        while not task.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now
        return worst * 1000

    print("\nlongest stall of an event loop, ms")
    print(f"  nothing to do {asyncio.run(longest(lambda: time.sleep(0.05))):22.1f}")
    for depth in ("true", "256", "16"):
        print(f"  text, colours: {depth:12} {asyncio.run(longest(lambda d=depth: prepare_text(path, d))):9.1f}")


def prepare_text(path: Path, depth: Depth) -> None:
    pictured(prepared(path, *grid("quadrant", depth)), glyphs="quadrant", depth=depth)


def main(given: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / "2048.png", folder / "4096.png", folder / "2048.jpg"]
        for path in paths:
            bench_picture(int(path.stem)).save(path, **({"quality": 92} if path.suffix == ".jpg" else {}))
        paths += [Path(path) for path in given]
        decodes(paths)
        samples = {"plain.png": plain_picture, "dense.png": dense_picture}
        for file, drawn_by in samples.items():
            drawn_by(2048).save(folder / file)
        whole([*paths, *(folder / file for file in samples)])
        thumbnails(folder, paths)
        close_looks(paths)
        for path in (paths[0], *paths[3:]):
            text(path)
        stalls(paths[0])


if __name__ == "__main__":
    main(sys.argv[1:])
