"""How long an event loop was away, told from inside it."""

import asyncio
import time
from pathlib import Path


async def watch(log: Path) -> None:
    """Note each time that is over 4 ms in ``log``, as moment and seconds; never ends."""
    with log.open("w", buffering=1) as out:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            away = time.monotonic() - before - 0.001
            if away > 0.004:
                out.write(f"{before} {away}\n")
