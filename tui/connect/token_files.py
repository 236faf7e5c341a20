"""The token files of CLIProxyAPI: which there are, and what is in each, while the proxy may be rewriting them.

CLIProxyAPI reads only ``*.json`` at the top of its folder, and empties a file before it writes it anew.
"""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tui.connect.small_files import Unreadable, json_object, read_small
from tui.domain.words import one_line

EMPTY_PAUSE: Final = 0.05
"""Seconds until files that were empty are read once more."""
FILES_LIMIT: Final = 10_000
"""Files of one folder that are looked at."""


def token_files(folder: Path, notes: list[str]) -> list[Path]:
    """The ``*.json`` in ``folder``, sorted; a folder that is not there has none, one that cannot be read is noted."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower().endswith(".json"):
                    names.append(entry.name)
                if len(names) > FILES_LIMIT:
                    notes.append(f"{one_line(str(folder))} holds more than {FILES_LIMIT} files; not all are shown.")
                    break
    except FileNotFoundError:
        return []
    except OSError as error:
        notes.append(f"{one_line(str(folder))} cannot be read: {error.strerror or error}.")
    return [folder / name for name in sorted(names[:FILES_LIMIT])]


def contents(paths: list[Path]) -> Iterator[tuple[Path, Mapping[str, Any] | Unreadable]]:
    """The JSON object in each file, or why there is none; a file that went away meanwhile is left out."""
    empty: list[Path] = []
    for path in paths:
        data = _bytes(path)
        if data == b"":
            empty.append(path)
        elif data is not None:
            yield path, _object(data)
    if empty:
        time.sleep(EMPTY_PAUSE)
    for path in empty:
        data = _bytes(path)
        if data is not None:
            yield path, _object(data)


def _bytes(path: Path) -> bytes | Unreadable | None:
    """None where the file is gone: a pause moves it, a log-out deletes it."""
    try:
        return read_small(path)
    except FileNotFoundError:
        return Unreadable("a link to a file that is not there") if path.is_symlink() else None
    except Unreadable as why:
        return why


def _object(data: bytes | Unreadable) -> Mapping[str, Any] | Unreadable:
    if isinstance(data, Unreadable):
        return data
    try:
        return json_object(data)
    except Unreadable as why:
        return why
