"""One thread beside those that prepare pictures: it takes a share of the work on the picture that is waited for.

It only computes, and waits for nothing: the end of the program is not held up by it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Result = TypeVar("Result")

_THREAD: Final = ThreadPoolExecutor(1, "beside")


def beside(work: Callable[[], Result]) -> Future[Result]:
    """Have ``work`` done meanwhile, in the order of asking. It must be short, and never read or wait."""
    return _THREAD.submit(work)
