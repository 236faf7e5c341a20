"""Takes the README's pictures: the real app, in a real kitty and a real xterm, on a virtual screen.

Run it as ``python screenshots/take.py [NAME …]`` with image-gen installed in the same Python. It needs Xvfb, xdotool,
ImageMagick's ``import``, kitty and xterm in the PATH, and nothing from the network: the sandbox paints.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = ("Xvfb", "xdotool", "import", "convert", "kitty", "xterm")
PATIENCE = 60.0
PROMPTS = (
    ("lighthouse on a cliff, storm clouds, oil painting", "3:2"),
    ("city skyline at night, neon rain, reflections", "16:9"),
    ("desert dunes under a huge moon", "1:1"),
    ("harbour at dawn, mist, watercolor", "4:3"),
    ("forest in autumn, sun rays, birds", "3:4"),
    ("mountain lake, snow, aurora", "16:9"),
    ("a red fox in deep snow", "1:1"),
)


@dataclass(frozen=True)
class Shot:
    """A picture to take: in which terminal, at which size in cells, after which keys."""

    name: str
    terminal: str
    columns: int
    rows: int
    steps: tuple[tuple[str, str], ...]
    environment: dict[str, str] = field(default_factory=dict)


SHOTS = (
    Shot(
        "main-kitty",
        "kitty",
        120,
        40,
        (
            ("type", "a red fox in deep snow, golden hour"),
            ("key", "Return"),
            ("generations", "8"),
            ("type", ", 35 mm film sandbox:slow=60"),
            ("key", "Return"),
            ("settle", "3"),
            ("backspaces", "16"),
            ("settle", "1"),
        ),
    ),
    Shot("main-xterm", "xterm", 80, 24, (("key", "Tab"), ("key", "j"), ("key", "j"), ("key", "f"), ("settle", "2"))),
    Shot(
        "failure-kitty",
        "kitty",
        120,
        40,
        (
            ("type", "a portrait nobody may see sandbox:image_safety"),
            ("key", "Return"),
            ("settle", "2"),
            ("key", "Tab"),
            ("key", "Tab"),
            ("key", "Return"),
            ("settle", "1"),
        ),
    ),
    Shot(
        "grid-kitty", "kitty", 120, 40, (("key", "Tab"), ("key", "v"), ("settle", "2"), ("key", "l"), ("settle", "1"))
    ),
    Shot(
        "compare-kitty",
        "kitty",
        120,
        40,
        (
            ("type", "a red fox in deep snow at night, northern lights"),
            ("key", "Return"),
            ("generations", "8"),
            ("key", "Tab"),
            ("key", "space"),
            ("key", "space"),
            ("key", "c"),
            ("settle", "3"),
        ),
    ),
    Shot("zoom-xterm", "xterm", 80, 24, (("key", "Tab"), ("key", "j"), ("key", "z"), ("key", "i"), ("settle", "3"))),
    Shot("help-kitty", "kitty", 120, 40, (("key", "F1"), ("settle", "1"))),
)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition; give up with a word on what did not come."""
    over = time.monotonic() + PATIENCE
    tick = threading.Event()
    while not condition():
        if time.monotonic() > over:
            sys.exit(f"take.py: {what} did not come within {PATIENCE:.0f} s")
        tick.wait(0.1)


def fill(library: Path, environment: dict[str, str]) -> None:
    """Make the generations that stand in the history."""
    for prompt, ratio in PROMPTS:
        command = [sys.executable, "-m", "tui", prompt, "--sandbox", "-d", str(library), "-r", ratio]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    newest = sorted(library.glob("metadata_*.json"))
    for path in (newest[1], newest[-2]):
        document = json.loads(path.read_text(encoding="utf-8"))
        document["user"]["starred"] = True
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


@contextmanager
def screen() -> Iterator[str]:
    """A virtual screen; its display."""
    number = next(n for n in range(90, 200) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    server = subprocess.Popen(
        ["Xvfb", f":{number}", "-screen", "0", "2000x1300x24", "-nolisten", "tcp"], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(Path(f"/tmp/.X11-unix/X{number}").exists, "the virtual screen")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def terminal_command(shot: Shot, program: list[str]) -> list[str]:
    """How to run ``program`` in the shot's terminal."""
    if shot.terminal == "kitty":
        options = {
            "remember_window_size": "no",
            "initial_window_width": f"{shot.columns}c",
            "initial_window_height": f"{shot.rows}c",
            "font_size": "11",
            "update_check_interval": "0",
            "enable_audio_bell": "no",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["kitty", "--config", "NONE", *flags, *program]
    resources = ("XTerm*decGraphicsID: vt340", "XTerm*numColorRegisters: 1024", "XTerm*termName: xterm-256color")
    flags = [word for resource in resources for word in ("-xrm", resource)]
    size = f"{shot.columns}x{shot.rows}"
    return ["xterm", "-ti", "vt340", *flags, "-fa", "DejaVu Sans Mono", "-fs", "11", "-geometry", size, "-e", *program]


def window_of(environment: dict[str, str]) -> str:
    """The terminal's window, once it is there."""
    found: list[str] = []

    def look() -> bool:
        search = ["xdotool", "search", "--onlyvisible", "--name", "."]
        answer = subprocess.run(search, env=environment, capture_output=True, text=True, check=False)
        found[:] = answer.stdout.split()
        return bool(found)

    wait_until(look, "the terminal's window")
    return found[-1]


def picture(window: str, environment: dict[str, str], target: Path) -> bytes:
    """The window as it is now."""
    subprocess.run(["import", "-window", window, str(target)], env=environment, check=True)
    return target.read_bytes()


def settle(window: str, environment: dict[str, str], seconds: float, scratch: Path) -> None:
    """Wait ``seconds``, then until nothing but a ticking second changes any more."""
    threading.Event().wait(seconds)
    last: list[bytes] = [b""]

    def quiet() -> bool:
        now = picture(window, environment, scratch)
        same = abs(len(now) - len(last[0])) < 400
        last[0] = now
        return same

    wait_until(quiet, "a quiet screen")


def play(shot: Shot, window: str, environment: dict[str, str], library: Path, scratch: Path) -> None:
    """Press the shot's keys."""
    for kind, words in shot.steps:
        if kind == "type":
            subprocess.run(["xdotool", "type", "--delay", "15", "--", words], env=environment, check=True)
        elif kind == "key":
            subprocess.run(["xdotool", "key", words], env=environment, check=True)
        elif kind == "backspaces":
            subprocess.run(["xdotool", "key", "--repeat", words, "BackSpace"], env=environment, check=True)
        elif kind == "generations":
            wanted = int(words)
            wait_until(lambda n=wanted: len(list(library.glob("metadata_*.json"))) >= n, "the generation")
            settle(window, environment, 1.0, scratch)
        else:
            settle(window, environment, float(words), scratch)


def take(shot: Shot) -> None:
    """Take one picture."""
    with tempfile.TemporaryDirectory() as folder, screen() as display:
        home, library = Path(folder) / "home", Path(folder) / "pictures"
        environment = {
            **os.environ,
            **shot.environment,
            "IMAGE_GEN_HOME": str(home),
            "IMAGE_GEN_SANDBOX_DELAY": "0",
            "COLORTERM": "truecolor",
            "DISPLAY": display,
        }
        fill(library, environment)
        program = [sys.executable, "-m", "tui", "--sandbox", "-d", str(library)]
        terminal = subprocess.Popen(terminal_command(shot, program), env=environment, stderr=subprocess.DEVNULL)
        try:
            window = window_of(environment)
            subprocess.run(["xdotool", "windowfocus", window], env=environment, check=False)
            scratch = Path(folder) / "screen.png"
            settle(window, environment, 3.0, scratch)
            play(shot, window, environment, library, scratch)
            raw = Path(folder) / "raw.png"
            picture(window, environment, raw)
            target = HERE / f"{shot.name}.png"
            subprocess.run(
                ["convert", str(raw), "-strip", "-define", "png:compression-level=9", str(target)], check=True
            )
            print(target.relative_to(HERE.parent))
        finally:
            terminal.terminate()
            terminal.wait()


def main() -> None:
    """Take the named pictures, or all of them."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        sys.exit(f"take.py: not in the PATH: {' '.join(missing)}")
    wanted = sys.argv[1:] or [shot.name for shot in SHOTS]
    for shot in SHOTS:
        if shot.name in wanted:
            take(shot)


if __name__ == "__main__":
    main()
