"""The sandbox as a child process of the app: started, found, and gone with its parent."""

import asyncio
import atexit
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Final

from tui.domain.errors import CannotConnect, ServerError
from tui.domain.proxy import ProxyAddress, Secret

READY_WITHIN: Final = 15.0
"""Seconds a child may take until it says where it is."""

_STOP_WITHIN: Final = 0.3
_WORDS_KEPT: Final = 2000


class Sandbox:
    """A running sandbox; ``address`` is where it answers and with which key."""

    def __init__(self, address: ProxyAddress, process: "subprocess.Popen[bytes]") -> None:
        self.address = address
        self._process = process
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """The process id of the child."""
        return self._process.pid

    def stop(self) -> None:
        """End the child now; does nothing the second time."""
        atexit.unregister(self.stop)
        _end(self._process)


async def start_sandbox(*, delay: float | None = None) -> Sandbox:
    """Start a sandbox on a free port of 127.0.0.1 and wait until it is ready.

    The key comes back through a pipe and is in no argument list. The child ends by itself when this process
    does, however that happens. Raises ServerError with the child's own words if it ends before it is ready,
    CannotConnect if it says nothing within READY_WITHIN seconds.
    """
    words = await asyncio.to_thread(tempfile.TemporaryFile)
    process: subprocess.Popen[bytes] | None = None
    address: ProxyAddress | None = None
    try:
        process = await asyncio.to_thread(_launch, delay, words)
        line = await asyncio.wait_for(asyncio.to_thread(_first_line, process), READY_WITHIN)
        address = _address(line, words)
    except TimeoutError as problem:
        raise CannotConnect(
            _last_words(words), title="The sandbox did not come up", hint="Try again in a moment."
        ) from problem
    finally:
        if address is None and process is not None:
            _end(process)
        words.close()
    return Sandbox(address, process)


def _launch(delay: float | None, words: IO[bytes]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-P", "-m", "tui.proxy", "--port", "0"]
    if delay is not None:
        command += ["--delay", f"{delay:g}"]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=_environment(),
            start_new_session=True,
        )
    except OSError as problem:
        raise ServerError(str(problem), title="The sandbox cannot be started") from problem


def _environment() -> dict[str, str]:
    """Ours, and the way to this very package: a folder called ``tui`` where we stand must not win."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _first_line(process: "subprocess.Popen[bytes]") -> bytes:
    return process.stdout.readline() if process.stdout else b""


def _address(line: bytes, words: IO[bytes]) -> ProxyAddress:
    try:
        told = json.loads(line)
        return ProxyAddress(told["url"], Secret(told["key"]), source="sandbox")
    except (ValueError, TypeError, KeyError) as problem:
        raise ServerError(
            _last_words(words), title="The sandbox did not come up", hint="image-gen doctor says more."
        ) from problem


def _last_words(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read().decode("utf-8", "replace").strip()[-_WORDS_KEPT:]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the child, close our ends of its pipes, and take its exit status so that no zombie stays."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.poll()
