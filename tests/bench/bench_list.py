"""How the history feels with many generations: python tests/bench/bench_list.py [--count N] [--rounds N].

In a real PTY of 120×40, our app over an empty library and over one of so many generations, whose index is there;
no pictures, so that the list alone is measured. "first rows": from the start of the process until the newest
generation was written, beside the first paint. Keys: milliseconds to the first and last byte of the answer, and its
KiB, with the search's letters echoed and answered. fzf, where it is installed, answers the same letters over the
same prompts. The figures are the machine's, ratios are what counts.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.many import generations, make_library
from support.terminal import Terminal, app

REST = 0.3
QUIET = 0.12
DOWN = "\x1b[B"
KEYS = (("Down", DOWN), ("PageDown", "\x1b[6~"), ("End", "\x1b[F"), ("Home", "\x1b[H"))


@contextmanager
def ours(folder: Path, home: Path) -> Iterator[Terminal]:
    """Our command over a library, without pictures."""
    flags = ("--proxy", "http://127.0.0.1:1", "-d", str(folder))
    with app(home, *flags, IMAGE_GEN_IMAGES="none") as terminal:
        yield terminal


def rest(terminal: Terminal, seconds: float) -> float:
    """Wait until nothing was written for so long; the moment of the last byte."""
    while True:
        last = terminal.reads[-1][0] if terminal.reads else terminal.started_at
        left = last + seconds - time.monotonic()
        if left <= 0:
            return last
        time.sleep(min(left, 0.01))


def answered(terminal: Terminal, keys: str) -> tuple[float, float, float]:
    """Milliseconds to the first and the last byte of the answer to keys, and its KiB."""
    before = len(terminal.reads)
    pressed = terminal.type(keys)
    terminal.wait_for(lambda: len(terminal.reads) > before)
    last = rest(terminal, QUIET)
    size = sum(len(data) for _, data in terminal.reads[before:])
    return (terminal.reads[before][0] - pressed) * 1000, (last - pressed) * 1000, size / 1024


def start(folder: Path, home: Path, sign: str) -> tuple[float, float]:
    """Milliseconds to the first paint and to ``sign``."""
    with ours(folder, home) as terminal:
        terminal.wait_for("Prompt")
        paint = (time.monotonic() - terminal.started_at) * 1000
        terminal.wait_for(sign)
        rows = (time.monotonic() - terminal.started_at) * 1000
        rest(terminal, REST)
    return paint, rows


def starts(full: Path, empty: Path, scratch: Path, sign: str, rounds: int) -> None:
    """First paint and first rows of both libraries, taking turns."""
    figures: dict[str, list[tuple[float, float]]] = {"empty": [], "full": []}
    for _ in range(rounds):
        figures["empty"].append(start(empty, scratch / "home-empty", "Nothing yet"))
        figures["full"].append(start(full, scratch / "home-full", sign))
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in figures.items()
    }
    for name, (paint, rows) in medians.items():
        print(f"start, {name:<5}  first paint {paint:5.0f} ms, first rows {rows:5.0f} ms")
    print(f"first paint full / empty {medians['full'][0] / medians['empty'][0]:.2f} (goal 1.05)")


def resident(terminal: Terminal) -> float:
    """MB of memory of the app's process."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def keys(full: Path, home: Path, rounds: int) -> float:
    """Moving in the list; the memory of the process."""
    with ours(full, home) as terminal:
        terminal.wait_for("History")
        terminal.press("tab")
        rest(terminal, REST)
        told: dict[str, list[tuple[float, float, float]]] = {name: [] for name, _ in KEYS}
        for _ in range(rounds):
            for name, key in KEYS:
                told[name].append(answered(terminal, key))
        for name, rows in told.items():
            first, last, size = (statistics.median(column) for column in zip(*rows, strict=True))
            print(f"{name:<10} first byte {first:5.1f} ms, last {last:5.1f} ms, {size:5.1f} KiB")
        first, last, size = answered(terminal, DOWN * 40)
        print(f"40 × Down  first byte {first:5.1f} ms, last {last:5.1f} ms, {size:5.1f} KiB")
        return resident(terminal)


def letters(full: Path, home: Path, word: str, rounds: int) -> None:
    """A search typed letter by letter: until the letter stands there, and until the count of its finds does."""
    echoes, results = [], []
    with ours(full, home) as terminal:
        terminal.wait_for("History")
        terminal.press("tab")
        rest(terminal, REST)
        for _ in range(rounds):
            answered(terminal, "/")
            for letter in word:
                before, when = len(terminal.reads), terminal.type(letter)
                terminal.wait_for(lambda before=before: len(terminal.reads) > before)
                echoes.append((terminal.reads[before][0] - when) * 1000)
                terminal.wait_for(lambda: " of " in terminal.line_with("History"))
                results.append((rest(terminal, QUIET) - when) * 1000)
            answered(terminal, "\x1b")
    for name, told in (("echo", echoes), ("rows", results)):
        told.sort()
        print(f"letter, {name}  median {statistics.median(told):5.1f} ms, p95 {told[int(len(told) * 0.95)]:5.1f} ms")


def fzf(count: int, word: str) -> None:
    """The same prompts through fzf, a whole process for each beginning of the word."""
    if shutil.which("fzf") is None:
        print("fzf is not installed")
        return
    prompts = "\n".join(each.prompt.replace("\n", " ") for each in generations(count, Path("/"))).encode()
    for end in range(1, len(word) + 1):
        began = time.monotonic()
        subprocess.run(["fzf", "-f", word[:end]], input=prompts, stdout=subprocess.DEVNULL, check=False)
        print(f"fzf -f {word[:end]:<6} {(time.monotonic() - began) * 1000:5.0f} ms")


def main() -> None:
    """All of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--word", default="fox")
    arguments.add_argument("--library", type=Path, help="one made before, with --count generations")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        full, empty = given.library or scratch / "full", scratch / "empty"
        empty.mkdir()
        if given.library is None:
            make_library(full, given.count)
        newest = f"{next(generations(1, full)).created_at:%H:%M}"
        with ours(full, scratch / "home-full") as terminal:
            began = time.monotonic()
            terminal.wait_for(newest)
            print(f"no index yet: the newest rows after {(time.monotonic() - terminal.started_at) * 1000:.0f} ms")
            terminal.wait_for(lambda: f"{given.count:,}" in terminal.line_with("History"), 600)
            print(f"the whole index after {time.monotonic() - began:.1f} s")
            rest(terminal, REST)
        starts(full, empty, scratch, newest, given.rounds)
        used = keys(full, scratch / "home-full", 10)
        with ours(empty, scratch / "home-empty") as terminal:
            terminal.wait_for("Nothing yet")
            rest(terminal, REST)
            print(f"memory {used:.0f} MB, {used - resident(terminal):+.0f} over an empty library (goal 40)")
        letters(full, scratch / "home-full", given.word, given.rounds)
        fzf(given.count, given.word)


if __name__ == "__main__":
    main()
