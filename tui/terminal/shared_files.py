"""Bytes put where a terminal on the same machine can fetch them: a temporary file, or shared memory.

By the Kitty graphics protocol ("the transmission medium") the terminal deletes both when it has read them; of
files only those whose name holds ``tty-graphics-protocol`` and that lie in a folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["file", "memory"]

MEMORY: Final = Path("/dev/shm")
"""Where Linux shows what shm_open(3) makes; elsewhere there is only the way by file."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Something a terminal may fetch, once."""

    kind: Kind
    path: Path

    @property
    def name(self) -> str:
        """What the terminal has to be told: the path of a file, the name of a memory object."""
        return str(self.path) if self.kind == "file" else f"/{self.path.name}"

    @property
    def fetched(self) -> bool:
        """The terminal has read it, and so taken it away."""
        return not self.path.exists()

    def withdraw(self) -> None:
        """Take it away, if the terminal has not."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def share(kind: Kind, data: bytes) -> Shared:
    """Put ``data`` down under a name that nobody guesses, for its owner alone. Raises OSError."""
    folder = MEMORY if kind == "memory" else Path(tempfile.gettempdir())
    path = folder / f"tty-graphics-protocol-image-gen-{os.urandom(8).hex()}"
    shared = Shared(kind, path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError:
        shared.withdraw()
        raise
    return shared
