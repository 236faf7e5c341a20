"""The one place of the engine that imports httpx, without the command line that comes with it.

``import httpx`` also loads ``httpx._main``, its optional command, and with it click, rich and pygments:
60 of 117 ms. httpx itself goes on without it when that import fails (that is how it behaves where its
``cli`` extra is not installed), so it is made to fail while httpx is loaded, and only then.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Final, cast

__all__ = ["httpx", "load_network"]

_COMMAND: Final = "httpx._main"


@contextmanager
def _missing(module: str) -> Iterator[None]:
    """Make ``import module`` fail inside the block, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = cast("ModuleType", None)
    try:
        yield
    finally:
        del sys.modules[module]


with _missing(_COMMAND):
    import httpx


def load_network() -> None:
    """Import what httpx leaves for its first connection: call it in a thread, it takes some 60 ms.

    anyio loads its asyncio half when it first runs something. A release of httpx that does without anyio has
    nothing to load here.
    """
    with suppress(ImportError):
        import anyio

        anyio.run(anyio.sleep, 0)
