"""How fast the app is on the screen: python tests/bench/bench_start.py [--rounds N].

Compared in one run, taking turns: a bare Textual app with five panes, and image-gen with a proxy that is not
there, on an empty library and on one of 1,000 generations. All in a real PTY of 120×40 whose terminal answers
at once. First paint is the moment the prompt's frame was written, the echo that of a key pressed at that
moment, both from the start of the process. Below, the command's short answers against ``python -c pass``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.deliveries import png
from support.terminal import COMMAND, Terminal, app, library

GOAL_PAINT = 1.5
GOAL_WORDS = 6.0
GENERATIONS = 1000
KEY = "§"
"""Nothing else on the screen has it."""


def bare() -> None:
    """Five panes with frames, one of them an editor with the focus: as little as an app like ours can be."""
    from textual.app import App, ComposeResult
    from textual.containers import Horizontal, Vertical
    from textual.widgets import Static, TextArea

    class Bare(App[None]):
        CSS = """
        Static, TextArea { border: round gray; }
        #preview { width: 3fr; } #side { width: 1fr; } #history { height: 2fr; } #jobs { height: 1fr; }
        TextArea { height: 6; } #options { height: 3; }
        """

        def compose(self) -> ComposeResult:
            with Horizontal():
                yield Static("Preview", id="preview")
                with Vertical(id="side"):
                    yield Static("History", id="history")
                    yield Static("Jobs", id="jobs")
            yield TextArea(id="prompt")
            yield Static("Options", id="options")

        def on_mount(self) -> None:
            editor = self.query_one(TextArea)
            editor.border_title = "Prompt"
            self.screen.set_focus(editor)

    Bare().run()


@dataclass(frozen=True, slots=True)
class Start:
    paint: float
    echo: float
    written: int
    rss_mb: float


def rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def start(terminal: Terminal) -> Start:
    with terminal:
        paint = terminal.echo(terminal.started_at, "Prompt")
        pressed = terminal.type(KEY)
        echo = terminal.echo(pressed, KEY) + pressed - terminal.started_at
        return Start(paint, echo, len(terminal.raw), rss_mb(terminal.process.pid))


def fill(folder: Path) -> None:
    """A library of small pictures, made a minute apart."""
    library(folder).mkdir(parents=True)
    picture = png(64, 64)
    for number in range(GENERATIONS):
        made = datetime(2026, 3, 14, 12).astimezone() + timedelta(minutes=number)
        name = f"image_{made:%Y%m%d_%H%M%S}_0.png"
        told = {"schema": 1, "id": str(number), "created_at": made.isoformat(), "prompt": f"a red fox, {number}"}
        image = {"file": name, "mime": "image/png", "width": 64, "height": 64, "bytes": len(picture), "role": "final"}
        (library(folder) / name).write_bytes(picture)
        (library(folder) / f"metadata_{made:%Y%m%d_%H%M%S}.json").write_text(
            json.dumps({**told, "model": "gemini-3-pro-image-preview", "images": [image]})
        )


def starts(folder: Path, rounds: int) -> None:
    nobody = ("--proxy", "http://127.0.0.1:1")
    fill(folder / "full")
    ways: dict[str, Callable[[], Terminal]] = {
        "bare Textual": lambda: app(folder / "bare", command=[sys.executable, __file__, "--bare"]),
        "image-gen": lambda: app(folder / "empty", *nobody),
        f"image-gen, {GENERATIONS:,} generations": lambda: app(folder / "full", *nobody),
    }
    results: dict[str, list[Start]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            measured = start(way())
            # The first round compiles modules and fills the disk's cache.
            if number:
                results[name].append(measured)
    base = results["bare Textual"]
    print(f"{'':32}{'paint ms':>9}{'× bare':>8}{'echo ms':>9}{'× bare':>8}{'KiB':>7}{'RSS MB':>8}")
    for name, each in results.items():
        paint, echo = median(each, "paint"), median(each, "echo")
        print(
            f"{name:32}{paint * 1000:9.0f}{paint / median(base, 'paint'):8.2f}"
            f"{echo * 1000:9.0f}{echo / median(base, 'echo'):8.2f}"
            f"{median(each, 'written') / 1024:7.0f}{median(each, 'rss_mb'):8.0f}"
        )
    print(f"goal: first paint at most {GOAL_PAINT} × bare")


def median(results: Sequence[Start], field: str) -> float:
    return statistics.median(float(getattr(each, field)) for each in results)


def words(folder: Path, rounds: int) -> None:
    ways = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "image-gen --version": [*COMMAND, "--version"],
        "image-gen --help": [*COMMAND, "--help"],
    }
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds * 4 + 1):
        for name, command in ways.items():
            before = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
            if number:
                times[name].append(time.perf_counter() - before)
    base = statistics.median(times["python -c pass"])
    for name, each in times.items():
        print(f"{name:32}{statistics.median(each) * 1000:9.1f}{statistics.median(each) / base:8.2f}")
    print(f"goal: --version at most {GOAL_WORDS:g} × python -c pass")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.bare:
        bare()
        return
    with tempfile.TemporaryDirectory() as folder:
        starts(Path(folder), given.rounds)
        print()
        words(Path(folder), given.rounds)


if __name__ == "__main__":
    main()
