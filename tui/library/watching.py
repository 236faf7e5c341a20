"""What other programs do to a folder: the names of files that came, changed or went."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import watchfiles

POLL: Final = 1.0
"""Seconds between two looks where the folder cannot be watched."""

_GATHERED_MS: Final = 200
"""What happens within so many milliseconds is told together."""


def watch(folder: Path, stopped: threading.Event) -> Iterator[frozenset[str]]:
    """Bare names of what changed directly in ``folder``, until ``stopped``; blocks meanwhile.

    Where the system cannot watch it (a network mount, no handles left, a folder that went away) it is looked at
    once a second, and every name in it is told whenever it changed.
    """
    while not stopped.is_set():
        try:
            for changes in watchfiles.watch(
                folder,
                watch_filter=None,
                debounce=_GATHERED_MS,
                stop_event=stopped,
                rust_timeout=500,
                recursive=False,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                yield frozenset(Path(name).name for _, name in changes)
        except (OSError, RuntimeError):
            yield from _polled(folder, stopped)


def _polled(folder: Path, stopped: threading.Event) -> Iterator[frozenset[str]]:
    """Until it changed once; then watching is tried again."""
    before = _changed(folder)
    while not stopped.wait(POLL):
        now = _changed(folder)
        if now != before:
            yield _names(folder)
            return


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(each.name for each in folder.iterdir())
    except OSError:
        return frozenset()
