"""Reading the small files of other programs: bounded, never stuck at a pipe, every fault as words."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FILE_LIMIT: Final = 1024 * 1024
"""Bytes of one file that are read; those we look at have a few hundred."""


class Unreadable(Exception):
    """A file that is there and cannot be read; its text says why, without the file's name and content."""


def read_small(path: Path) -> bytes:
    """The bytes of a regular file of at most 1 MiB; links are followed.

    Raises FileNotFoundError where there is none, Unreadable for any other reason.
    """
    try:
        # Without O_NONBLOCK a pipe in the place of a file would hold us until somebody writes.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            data = _read_regular(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Unreadable("cannot be read: no usable name") from None
    if len(data) > FILE_LIMIT:
        raise Unreadable("larger than 1 MiB")
    return data


def _read_regular(descriptor: int) -> bytes:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise Unreadable("a folder, not a file" if stat.S_ISDIR(mode) else "no ordinary file")
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(FILE_LIMIT + 1)


def json_object(data: bytes) -> Mapping[str, Any]:
    """The JSON object that ``data`` is. Raises Unreadable, which quotes nothing of it, for anything else."""
    if not data.strip():
        raise Unreadable("empty")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object")
    return value
