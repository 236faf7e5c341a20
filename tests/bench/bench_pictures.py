"""Pictures in the terminal, from outside: python tests/bench/bench_pictures.py [--quick].

Our command and an app with textual-image's own widget take turns on the same pictures in a real PTY of 120×40
cells of 10×20 pixels; chafa's whole command stands beside them where it is installed. Milliseconds are this
machine's, ratios are what counts. "next": key to the last byte of a picture never shown before. "echo": a second
key 30 ms after the picture's, until its effect is written. --memory: resident memory while so many pictures are
looked at, in each kind of terminal. --hold: a key held down over so many pictures, whose thumbnails are there, and
beside it without pictures ("none"), which is what text alone costs.
--grid: twelve small pictures, from the key to the last byte.
"""

import argparse
import io
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.bench_app import picture
from bench.bench_start import rss_mb
from support.terminal import COMMAND, KITTY, XTERM, Persona, Terminal, app

QUIET = 0.12
"""Seconds without a byte after which a picture counts as drawn."""

REST = 1.5
"""Seconds in which the app may refine what it shows and prepare what comes next."""

SIXEL = replace(XTERM, attributes=b"\x1b[?64;1;2;4c", name=b"XTerm(379)")
PERSONAS: dict[str, Persona] = {"kitty": KITTY, "sixel": SIXEL, "half": XTERM, "none": XTERM}
REPEAT = 1 / 30
"""Seconds between two keys of one that is held down."""
SIGNS = "§µ¶÷×ñßðþøæ"


@dataclass(slots=True)
class Figures:
    """What one program did in one kind of terminal: seconds and bytes."""

    next: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    echo: list[float] = field(default_factory=list)
    bytes_next: list[int] = field(default_factory=list)
    bytes_back: list[int] = field(default_factory=list)
    dialog: list[int] = field(default_factory=list)
    stalls: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        def ms(values: list[float]) -> str:
            return f"{statistics.median(values) * 1000:8.0f}" if values else "       –"

        def kib(values: list[int]) -> str:
            return f"{statistics.median(values) / 1024:9.1f}" if values else "        –"

        p95 = sorted(self.echo)[int(0.95 * (len(self.echo) - 1))] * 1000 if self.echo else 0.0
        stall = f"{max(self.stalls) * 1000:7.0f}" if self.stalls else "      –"
        return (
            f"{name:26}{ms(self.next)}{ms(self.first)}{ms(self.back)}{ms(self.echo)}{p95:8.1f}"
            f"{kib(self.bytes_next)}{kib(self.bytes_back)}{kib(self.dialog)}{stall}"
        )


HEAD = (
    f"{'':26}{'next':>8}{'first':>8}{'back':>8}{'echo':>8}{'p95':>8}{'KiB next':>9}{'KiB back':>9}{'dialog':>9}"
    f"{'stall':>7}"
)


def different(side: int, number: int) -> bytes:
    """A picture like no other of the row: its colours, shapes and noise depend on ``number``."""
    from PIL import Image, ImageDraw

    chance = random.Random(number)
    with Image.open(io.BytesIO(picture(side, 5))) as noise:
        ground = noise.rotate(90 * (number % 4))
    shapes = Image.new("RGB", (side, side), tuple(chance.choices(range(256), k=3)))
    draw = ImageDraw.Draw(shapes)
    for _ in range(12):
        left, top = chance.randrange(side), chance.randrange(side)
        size = chance.randrange(side // 10, side // 2)
        draw.ellipse((left, top, left + size, top + size), fill=tuple(chance.choices(range(256), k=3)))
    out = io.BytesIO()
    Image.blend(ground, shapes, 0.5).save(out, "PNG", compress_level=1)
    return out.getvalue()


def library(folder: Path, side: int, count: int) -> None:
    """``count`` different pictures as the first script left them."""
    folder.mkdir(parents=True)
    for number in range(count):
        stamp = f"20260101_1200{number:02}"
        (folder / f"image_{stamp}_0.png").write_bytes(different(side, number))
        (folder / f"metadata_{stamp}.json").write_text(json.dumps({"prompt": f"picture {number}"}))


@contextmanager
def ours(folder: Path, home: Path, kind: str, log: Path | None = None) -> Iterator[Terminal]:
    """Our command with the history in focus, at rest."""
    watched = (sys.executable, str(Path(__file__).parent / "bench_app.py"), "--inside", str(log), "--")
    command = watched if log is not None else COMMAND
    flags = ("--proxy", "http://127.0.0.1:1", "-d", str(folder))
    with app(home, *flags, command=command, persona=PERSONAS[kind], IMAGE_GEN_IMAGES=kind) as terminal:
        terminal.wait_for("History")
        terminal.wait_for("picture")
        terminal.press("tab")
        wait_quiet(terminal, REST)
        yield terminal


@contextmanager
def stock(folder: Path, home: Path, kind: str, log: Path | None = None) -> Iterator[Terminal]:
    """The stock app, at rest."""
    program = (sys.executable, str(Path(__file__).parent / "stock_app.py"), kind, str(folder))
    command = (*program, str(log)) if log is not None else program
    with app(home, command=command, persona=PERSONAS[kind]) as terminal:
        terminal.wait_for("ready")
        wait_quiet(terminal, REST)
        yield terminal


def wait_quiet(terminal: Terminal, seconds: float = QUIET) -> float:
    """Wait until nothing was written for so long; the moment of the last byte."""
    while True:
        last = terminal.reads[-1][0] if terminal.reads else terminal.started_at
        left = last + seconds - time.monotonic()
        if left <= 0:
            return last
        time.sleep(min(left, 0.02))


def written(terminal: Terminal, since: int) -> int:
    """Bytes since so many reads."""
    return sum(len(data) for _, data in terminal.reads[since:])


def step(terminal: Terminal, key: str, quiet: float = QUIET) -> tuple[float, float, int]:
    """Press a key for another picture: seconds to the first and the last byte of the answer, and its bytes."""
    before = len(terminal.reads)
    pressed = terminal.press(key)
    while len(terminal.reads) == before:
        time.sleep(0.001)
    first = terminal.reads[before][0] - pressed
    last = wait_quiet(terminal, quiet) - pressed
    return first, last, written(terminal, before)


def echo_of(terminal: Terminal, key: str, sign: str) -> float:
    """Seconds until ``sign`` was written for ``key``."""
    return terminal.echo(terminal.type(key), sign, 10)


def look(terminal: Terminal, figures: Figures, rounds: int, *, own: bool) -> None:
    """Next pictures, back again, and a dialog."""
    for _ in range(rounds):
        first, last, size = step(terminal, "j")
        figures.first.append(first)
        figures.next.append(last)
        figures.bytes_next.append(size)
        wait_quiet(terminal, REST if own else QUIET)
    for _ in range(rounds):
        _, last, size = step(terminal, "k")
        figures.back.append(last)
        figures.bytes_back.append(size)
        wait_quiet(terminal, REST if own else QUIET)
    for _ in range(2):
        before = len(terminal.reads)
        step(terminal, "f1" if own else "d", 0.4)
        step(terminal, "escape" if own else "d", 0.4)
        figures.dialog.append(written(terminal, before))


def echoes(terminal: Terminal, figures: Figures, rounds: int, *, own: bool) -> None:
    """A key while a picture is on its way. Ours: the history's cursor, which is a bar; stock: a letter."""
    for number in range(rounds):
        before = len(terminal.reads)
        terminal.press("j")
        # A person does not press two keys at once.
        time.sleep(0.03)
        if own:
            pressed = terminal.press("j")
            while terminal.reads[-1][0] < pressed:
                time.sleep(0.001)
            wait_quiet(terminal, 0.4)
            # Two steps may come in one frame; the last bar is where the second one led to.
            bars = [moment for moment, data in terminal.reads[before:] if "▌".encode() in data]
            figures.echo.append(max(0.0, bars[-1] - pressed))
        else:
            sign = SIGNS[number % len(SIGNS)]
            figures.echo.append(echo_of(terminal, sign, sign))
        wait_quiet(terminal, 0.4)


def stalls_in(log: Path, since: float) -> list[float]:
    """How long the event loop was away, each time since a moment."""
    seen = [tuple(map(float, line.split())) for line in log.read_text().splitlines()]
    return [away for moment, away in seen if moment >= since] or [0.0]


def compare(scratch: Path, side: int, kind: str, rounds: int) -> None:
    """One kind of terminal, one size of picture: a row each for ours and the stock app."""
    folder = scratch / f"p{side}"
    if not folder.exists():
        library(folder, side, 4 * rounds + 6)
    for name, opened in (("image-gen", ours), ("textual-image", stock)):
        figures, own = Figures(), opened is ours
        home = scratch / f"{name}-{side}-{kind}"
        home.mkdir(exist_ok=True)
        with opened(folder, home, kind) as terminal:
            look(terminal, figures, rounds, own=own)
            echoes(terminal, figures, rounds, own=own)
        log = home / "stalls"
        with opened(folder, home, kind, log) as terminal:
            since = time.monotonic()
            for _ in range(rounds):
                step(terminal, "j", 0.4)
        figures.stalls = stalls_in(log, since)
        print(figures.row(f"{name} {side}² {kind}"), flush=True)


def chafa_row(scratch: Path, side: int) -> None:
    """chafa's whole command on the same pictures."""
    if shutil.which("chafa") is None:
        print("chafa is not installed")
        return
    for kind in ("kitty", "sixels", "symbols"):
        times, sizes = [], []
        for path in sorted((scratch / f"p{side}").glob("*.png"))[:5]:
            begun = time.monotonic()
            done = subprocess.run(
                ["chafa", "-f", kind, "--size", "78x39", "--colors", "full", str(path)], capture_output=True, check=True
            )
            times.append(time.monotonic() - begun)
            sizes.append(len(done.stdout))
        print(f"chafa {side}² {kind:12}{statistics.median(times) * 1000:15.0f}{'':40}{sizes[0] / 1024:9.1f}")


def many(scratch: Path, count: int) -> Path:
    """A library of ``count`` pictures, of which as many differ as there are."""
    folder, few = scratch / f"many{count}", scratch / "p2048"
    if not few.exists():
        library(few, 2048, 26)
    if not folder.exists():
        folder.mkdir()
        sources = sorted(few.glob("*.png"))
        for number in range(count):
            stamp = f"20260102_{number // 3600:02}{number // 60 % 60:02}{number % 60:02}"
            (folder / f"image_{stamp}_0.png").hardlink_to(sources[number % len(sources)])
            (folder / f"metadata_{stamp}.json").write_text(json.dumps({"prompt": f"picture {number}"}))
    return folder


def memory(scratch: Path, count: int, kind: str) -> None:
    """Resident memory while ``count`` pictures are looked at, one after the other."""
    home = scratch / f"memory-{kind}"
    home.mkdir()
    marks = {20: 0.0, 100: 0.0, count: 0.0}
    with ours(many(scratch, count + 5), home, kind) as terminal:
        for number in range(1, count + 1):
            step(terminal, "j")
            if number in marks:
                wait_quiet(terminal, REST)
                marks[number] = rss_mb(terminal.process.pid)
    told = ", ".join(f"{size:.0f} MB after {number}" for number, size in marks.items())
    print(f"memory, {kind}: {told}: {marks[count] - marks[20]:+.0f} MB (goal ≤ +40)", flush=True)


def grid(scratch: Path, kind: str) -> None:
    """The grid's first screen of 12: key to the last byte, without thumbnails and with them."""
    home = scratch / f"grid-{kind}"
    home.mkdir()
    told = []
    for state in ("cold", "warm"):
        with ours(many(scratch, 14), home, kind) as terminal:
            # Shorter than the pause after which each gets its best look.
            first, last, size = step(terminal, "v", 0.4)
            told.append(f"{state} {first * 1000:.0f} to {last * 1000:.0f} ms, {size / 1024:.0f} KiB")
            wait_quiet(terminal, REST)
    print(f"grid, {kind}: {'; '.join(told)} (goal: warm ≤ 500)", flush=True)


def hold(scratch: Path, count: int, kind: str) -> None:
    """A key held down: until something is written for each of its presses, and how long the loop was away."""
    home = scratch / f"hold-{kind}"
    home.mkdir()
    folder = many(scratch, count + 5)
    log = home / "stalls"
    with ours(folder, home, kind) as terminal:
        for _ in range(len(list((scratch / "p2048").glob("*.png")))):
            step(terminal, "j")
            wait_quiet(terminal, REST)
    with ours(folder, home, kind, log) as terminal:
        since, before = time.monotonic(), len(terminal.reads)
        pressed = []
        for number in range(count):
            time.sleep(max(0.0, since + number * REPEAT - time.monotonic()))
            pressed.append(terminal.press("j"))
        over = time.monotonic()
        wait_quiet(terminal, REST)
        written = [moment for moment, _ in terminal.reads[before:]]
    echoes = sorted(next((at for at in written if at >= key), over) - key for key in pressed)
    stalls = sorted(stalls_in(log, since))
    p95 = [values[int(0.95 * (len(values) - 1))] * 1000 for values in (echoes, stalls)]
    print(
        f"hold, {kind}: echo {statistics.median(echoes) * 1000:.1f} ms, p95 {p95[0]:.1f}; loop away over 4 ms "
        f"{len(stalls)} times, p95 {p95[1]:.1f} ms, at most {stalls[-1] * 1000:.1f}",
        flush=True,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--sides", default="2048,4096")
    arguments.add_argument("--kinds", default="kitty,sixel,half")
    arguments.add_argument("--memory", type=int, default=0)
    arguments.add_argument("--hold", type=int, default=0)
    arguments.add_argument("--grid", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        kinds = given.kinds.split(",")
        for side in map(int, given.sides.split(",")) if given.rounds else ():
            print(HEAD)
            for kind in kinds:
                compare(scratch, side, kind, given.rounds)
            chafa_row(scratch, side)
        for kind in kinds if given.memory else ():
            memory(scratch, given.memory, kind)
        for kind in kinds if given.grid else ():
            grid(scratch, kind)
        for kind in ("none", *kinds) if given.hold else ():
            hold(scratch, given.hold, kind)


if __name__ == "__main__":
    main()
