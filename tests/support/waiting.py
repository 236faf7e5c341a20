"""Waiting for a condition; no test waits for a time."""

import asyncio
import time
from collections.abc import Callable

_STEP = 0.005


async def wait_until(predicate: Callable[[], object], timeout: float = 10) -> None:
    """Let the event loop run until ``predicate`` is true. Raises AssertionError after ``timeout`` seconds."""
    end = time.monotonic() + timeout
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"not so after {timeout} s")
        await asyncio.sleep(_STEP)


def wait_for(predicate: Callable[[], object], timeout: float = 10) -> None:
    """The same for tests without an event loop, where something else makes the condition true."""
    end = time.monotonic() + timeout
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"not so after {timeout} s")
        time.sleep(_STEP)
