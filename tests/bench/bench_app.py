"""Whether the app answers the keys while it works, and how heavy it grows: python tests/bench/bench_app.py.

A proxy in a process of its own gives a 4096² PNG of about 26 MB, which takes a second to come through. Keys go
into the prompt one by one, each as soon as the one before was seen on a real PTY of 120×40; first with nothing
to do, then from Enter until the picture is on the screen: it arrives, is saved, is scaled and drawn. A second
run of the same has a watch inside that tells how long the event loop did not come round. Last, resident memory
after 100 generations of 1024².
"""

import argparse
import io
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.bench_start import rss_mb
from bench.loop_watch import watch
from support.raw_proxy import KEY, RawProxy, picture_reply
from support.terminal import KITTY, XTERM, Persona, Terminal, app, metadata

GOAL_ECHO_MS = 50.0
GOAL_RSS_MB = 60.0
GENERATIONS = 100
IDLE_KEYS = 60
ARRIVES_IN = 1.0
LETTERS = "bcdfghjkqvwxz"
"""Three of them in a row are on no screen but where they were typed."""


def picture(side: int, noise: int) -> bytes:
    """A PNG of ``side``², as hard to squeeze as a photograph when ``noise`` is high."""
    from PIL import Image

    shades = [Image.effect_noise((side, side), noise) for _ in range(3)]
    slope = Image.linear_gradient("L").resize((side, side))
    out = io.BytesIO()
    Image.merge("RGB", [Image.blend(shade, slope, 0.6) for shade in shades]).save(out, "PNG", compress_level=1)
    return out.getvalue()


def serve(path: Path, seconds: float) -> None:
    """Be the proxy that gives ``path`` as a picture, until standard input ends."""
    with RawProxy(picture_reply(path.read_bytes()), seconds=seconds) as proxy:
        print(proxy.url, flush=True)
        sys.stdin.read()


@contextmanager
def served(path: Path, seconds: float) -> Iterator[tuple[str, ...]]:
    """A proxy for ``path``: the flags that name it."""
    command = [sys.executable, __file__, "--serve", str(path), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield ("--proxy", process.stdout.readline().strip(), "--api-key", KEY)
        process.stdin.close()


# --- a watch inside the app ---------------------------------------------------------------------------------


def watched(log: Path, arguments: list[str]) -> None:
    """Run the app with a task that notes each time the event loop was away, as moment and seconds."""
    from tui.app import ImageGenApp

    ready = ImageGenApp.on_ready

    def on_ready(self: ImageGenApp) -> None:
        self.run_worker(watch(log), group="watch")
        ready(self)

    ImageGenApp.on_ready = on_ready
    from tui import cli

    sys.argv = ["image-gen", *arguments]
    cli.main()


# --- what is measured ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Echoes:
    """Seconds from a key to its echo."""

    seconds: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        ms = sorted(each * 1000 for each in self.seconds)
        return f"{name:28}{len(ms):6}{statistics.median(ms):9.1f}{self.p95():9.1f}{ms[-1]:9.1f}"

    def p95(self) -> float:
        ms = sorted(each * 1000 for each in self.seconds)
        return ms[int(0.95 * (len(ms) - 1))]


def type_until(terminal: Terminal, over: Callable[[], bool], echoes: Echoes) -> None:
    """Type letters, each when the one before is on the screen, until ``over``."""
    chance = random.Random(20261122)
    typed = ""
    while not over():
        if len(typed) > 60:
            terminal.press("ctrl+l")
            typed = ""
        letter = chance.choice([each for each in LETTERS if not typed.endswith(each)])
        typed += letter
        pressed = terminal.type(letter)
        if len(typed) >= 3:
            echoes.seconds.append(terminal.echo(pressed, typed[-3:]))


def shown(terminal: Terminal, since: int, persona: Persona) -> bool:
    """Whether a whole picture has been written since the ``since``-th read."""
    new = b"".join(data for _, data in terminal.reads[since:])
    marks = ("\U0010eeee",) if persona.kitty else ("▀",)
    return sum(new.count(mark.encode()) for mark in marks) > (20 if persona.kitty else 500)


def echo_run(folder: Path, flags: tuple[str, ...], persona: Persona, rounds: int) -> tuple[Echoes, Echoes]:
    """Echoes of an idle app, and of one that takes in a large picture ``rounds`` times."""
    idle, busy = Echoes(), Echoes()
    with app(folder, *flags, persona=persona) as terminal:
        terminal.wait_for("● ")
        type_until(terminal, lambda: len(idle.seconds) >= IDLE_KEYS, idle)
        for number in range(rounds):
            since = len(terminal.reads)
            terminal.press("ctrl+l")
            terminal.type(f"picture {number}")
            terminal.press("enter", "ctrl+l")
            type_until(terminal, lambda since=since: shown(terminal, since, persona), busy)
            terminal.wait_for(lambda number=number: len(metadata(folder)) == number + 1)
    return idle, busy


def stall_run(folder: Path, flags: tuple[str, ...], persona: Persona, rounds: int) -> list[float]:
    """The longest stalls of the event loop in milliseconds, from Enter until the picture is on the screen."""
    log = folder / "stalls"
    command = [sys.executable, __file__, "--inside", str(log), "--"]
    worst = []
    with app(folder, *flags, persona=persona, command=command) as terminal:
        terminal.wait_for("● ")
        for number in range(rounds):
            since = len(terminal.reads)
            terminal.press("ctrl+l")
            terminal.type(f"picture {number}")
            entered = terminal.press("enter")
            terminal.wait_for(lambda since=since: shown(terminal, since, persona))
            over = time.monotonic()
            told = [tuple(map(float, line.split())) for line in log.read_text().splitlines()]
            worst.append(max((away * 1000 for moment, away in told if entered <= moment <= over), default=0.0))
    return worst


def memory_run(folder: Path, flags: tuple[str, ...]) -> tuple[float, float, float]:
    """Resident memory in MB at the start, after GENERATIONS, and what the process took at most."""
    with app(folder, *flags, "--count", "10") as terminal:
        terminal.wait_for("● ")
        begun = rss_mb(terminal.process.pid)
        terminal.type("a red fox")
        for number in range(GENERATIONS // 10):
            terminal.press("enter")
            terminal.wait_for(lambda number=number: len(metadata(folder)) == 10 * (number + 1), 60)
        terminal.wait_for(f"History  {GENERATIONS}")
        terminal.wait_for(lambda: terminal.half_blocks() > 500)
        status = Path(f"/proc/{terminal.process.pid}/status").read_text().splitlines()
        most = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
        return begun, rss_mb(terminal.process.pid), most


def report(folder: Path, rounds: int) -> None:
    large, small = folder / "large.png", folder / "small.png"
    large.write_bytes(picture(4096, 5))
    small.write_bytes(picture(1024, 5))
    print(f"the picture: {large.stat().st_size / 1e6:.1f} MB, 4096²; arrives in {ARRIVES_IN:g} s\n")
    print(f"{'key echo':28}{'keys':>6}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}")
    for name, persona in (("half blocks", XTERM), ("kitty", KITTY)):
        with served(large, ARRIVES_IN) as flags:
            idle, busy = echo_run(folder / name, flags, persona, rounds)
            stalls = stall_run(folder / f"{name} stalls", flags, persona, rounds)
        print(idle.row(f"{name}, idle"))
        print(busy.row(f"{name}, picture"))
        print(f"  p95 is {busy.p95() - idle.p95():.1f} ms over idle (goal {GOAL_ECHO_MS:g})")
        print(f"  longest stall of the event loop: {', '.join(f'{each:.0f}' for each in stalls)} ms")
    with served(small, 0.0) as flags:
        begun, after, most = memory_run(folder / "memory", flags)
    print(f"\nmemory at the start {begun:.0f} MB, after {GENERATIONS} generations {after:.0f} MB: ", end="")
    print(f"{after - begun:.0f} MB over (goal {GOAL_RSS_MB:g}); {most:.0f} MB at most")


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        watched(Path(sys.argv[2]), sys.argv[4:])
        return
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--seconds", type=float, default=0.0, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.serve:
        serve(given.serve, given.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        report(Path(folder), given.rounds)


if __name__ == "__main__":
    main()
