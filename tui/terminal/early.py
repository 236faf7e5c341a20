"""Keys typed while the app is still coming up: none is lost, and Enter stays Enter.

A terminal that nobody has set yet edits lines and turns Enter into a new line, so it is set before anything
slow is imported, and given back when the app is over.
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

Modes: TypeAlias = list[Any]
"""The attributes of a terminal as termios tells them."""


@dataclass(frozen=True, slots=True)
class EarlyKeys:
    """What was typed before we came, and the terminal's modes as they were then (None: there is no terminal)."""

    typed: bytes = b""
    modes: Modes | None = None


@contextmanager
def early_keys(descriptor: int = 0) -> Iterator[EarlyKeys]:
    """From here on keys come as they are pressed; the modes before hold again afterwards, also after a signal."""
    before = _modes_of(descriptor)
    if before is None:
        yield EarlyKeys()
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    termios.tcsetattr(descriptor, termios.TCSANOW, unedited(before))
    try:
        yield EarlyKeys(_typed(descriptor, before), before)
    finally:
        # A terminal whose window was closed needs nothing back.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def unedited(modes: Modes) -> Modes:
    """Modes without echo, line editing, flow control and translation of Enter; Ctrl+C still interrupts."""
    inward, *others = unechoed(modes)
    return [inward & ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.IXOFF), *others]


def unechoed(modes: Modes) -> Modes:
    """Modes without echo and line editing: each key can be read at once. Ctrl+C still interrupts."""
    inward, outward, control, local, *speeds, characters = modes
    local &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    characters = list(characters)
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    return [inward, outward, control, local, *speeds, characters]


def waiting(descriptor: int) -> int:
    """How many bytes can be read at once. Of a terminal that edits lines only those of whole lines count."""
    count: int = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))[0]
    return count


def give_back(descriptor: int, keys: bytes) -> bool:
    """Let ``keys`` be read once more, before those typed after them; False where the kernel does not allow that.

    By TIOCSTI, which Linux has had a switch for since 6.2 (dev.tty.legacy_tiocsti), turned off by most.
    """
    before = waiting(descriptor)
    try:
        fcntl.ioctl(descriptor, termios.TIOCSTI, keys[:1])
    except OSError:
        return False
    # It stands behind what came meanwhile.
    later = os.read(descriptor, before + 1)[:before] if before else b""
    for key in keys + later if before else keys[1:]:
        fcntl.ioctl(descriptor, termios.TIOCSTI, bytes([key]))
    return True


def _modes_of(descriptor: int) -> Modes | None:
    """None where nobody types, or where we are in the background and must not ask."""
    try:
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            return None
        return termios.tcgetattr(descriptor)
    except (OSError, termios.error):
        return None


def _typed(descriptor: int, before: Modes) -> bytes:
    """What waits to be read. Where Enter was made a new line on its way in, it is Enter again."""
    count = waiting(descriptor)
    typed = os.read(descriptor, count) if count else b""
    return typed.replace(b"\n", b"\r") if before[0] & termios.ICRNL else typed
