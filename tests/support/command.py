"""The real command, run as a person or a script runs it: another process, its own folder, a clean environment."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "tui")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the command ended and what it printed."""

    status: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.decode().splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The lines of ``--json``; every line must be an object."""
        objects = [json.loads(line) for line in self.lines]
        assert all(isinstance(each, dict) for each in objects)
        return objects


def image_gen(*arguments: str, cwd: Path, stdin: bytes | None = None, **environment: str) -> Outcome:
    """Run the command to its end; ``environment`` is added to that of the test."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        input=stdin if stdin is not None else b"",
        capture_output=True,
        timeout=60,
        check=False,
    )
    err = done.stderr.decode()
    assert "Traceback" not in err, err
    return Outcome(done.returncode, done.stdout, err)


async def image_gen_async(*arguments: str, cwd: Path, **environment: str) -> Outcome:
    """The same beside a server that runs in the test's own event loop."""
    return await asyncio.to_thread(image_gen, *arguments, cwd=cwd, **environment)


def start(*arguments: str, cwd: Path, **options: Any) -> "subprocess.Popen[bytes]":
    """Start the command as the leader of a process group of its own, as a shell does."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, **options.pop("environment", {})}
    return subprocess.Popen([*COMMAND, *arguments], cwd=cwd, env=environment, process_group=0, **{**pipes, **options})


def on_a_terminal(*arguments: str, cwd: Path, status: int = 0, **environment: str) -> tuple[str, str]:
    """What the command writes to standard error while that is a terminal, and its standard output."""
    controller, terminal = pty.openpty()
    process = start(*arguments, cwd=cwd, stderr=terminal, environment=environment)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            # How Linux says that the other end is closed.
            break
        if not piece:
            break
        shown += piece
    assert process.stdout is not None
    out = process.stdout.read()
    process.stdout.close()
    assert process.wait(30) == status
    os.close(controller)
    return shown.decode(), out.decode()


def pictures(folder: Path) -> list[Path]:
    return sorted((folder / "generated_images").glob("image_*"))


def leftovers(folder: Path) -> list[Path]:
    """Hidden files in the library: what is on its way, or was left behind."""
    library = folder / "generated_images"
    return sorted(library.glob(".*")) if library.is_dir() else []
