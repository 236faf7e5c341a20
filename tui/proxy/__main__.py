"""``python -m tui.proxy``: the sandbox as a child; it ends when its standard input does."""

import argparse
import asyncio
import json
import os
import sys
import threading

from tui.domain.errors import ImageGenError
from tui.proxy.server import SandboxServer


def main() -> int:
    """Say address and key as one line of JSON on standard output, then serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tui.proxy", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=None)
    options = parser.parse_args()
    try:
        sandbox = SandboxServer(port=options.port, delay=options.delay)
    except ImageGenError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_status
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.stdout.write(json.dumps({"url": sandbox.url, "key": sandbox.key}) + "\n")
    sys.stdout.flush()
    asyncio.run(sandbox.run())
    return 0


def _end_with_input() -> None:
    """Leave at once when the parent is gone: nothing here needs tidying up."""
    while os.read(sys.stdin.fileno(), 1024):
        continue
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
