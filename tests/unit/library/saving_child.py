"""Run as a process: saves generations into a folder, all started in one given second."""

import os
import sys
from datetime import datetime
from pathlib import Path

from support.deliveries import png, received, reply_of

from tui.domain.request import Request
from tui.library import Library

STARTED = datetime(2026, 11, 22, 10, 30)


def save(library: Library, prompt: str, data: bytes | None = None) -> str:
    image = received(library.spool(), data or png())
    saved = library.save(Request(prompt), reply_of([image]), proxy="http://h", elapsed=1.0, started=STARTED)
    return saved.stem


def main() -> None:
    folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    # Names are at stake here, not power cuts; a slow disk would only keep the processes apart.
    os.fsync = lambda descriptor: None
    library = Library(folder)
    library.open()
    sys.stdin.readline()
    for number in range(count):
        sys.stdout.write(f"{save(library, f'{name} {number}')}\n")


if __name__ == "__main__":
    main()
