"""Run as a process: saves, trashes and marks in children of its own that are killed half way.

Arguments: folder, how ("steps" or "moments"), count. Prints one line for each child: a letter for how it
ended, k for killed and w for whole.
"""

import itertools
import os
import random
import signal
import sys
import time
from pathlib import Path

from saving_child import save
from support.deliveries import png

from tui.library import Library

FILE_EVENTS = {"open", "os.link", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.scandir"}
BIG = png(600, 600, shade=9)


def killed_at_step(number: int) -> None:
    """Die by SIGKILL just before the ``number``-th step that touches a file."""
    steps = itertools.count(1)

    def step(event: str, arguments: object) -> None:
        if event in FILE_EVENTS and next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)


def killed_after(seconds: float) -> None:
    """Die by the timer's signal, wherever the process stands then."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def work(library: Library) -> None:
    save(library, "first", BIG)
    page = library.page(count=2)
    library.set_starred(page.generations[0], True)
    library.restore(library.trash(page.generations[-1:]))
    library.convert(page.generations[0], "jpeg")


def main() -> None:
    folder, how, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    library = Library(folder)
    library.open()
    work(library)
    begun = time.monotonic()
    work(library)
    longest = 1.3 * (time.monotonic() - begun)
    chance = random.Random(20261122)
    for number in range(1, count + 1):
        child = os.fork()
        if child == 0:
            if how == "steps":
                killed_at_step(number)
            else:
                killed_after(chance.uniform(0.0001, longest))
            work(library)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
        killed = os.WIFSIGNALED(status)
        # How long the work takes changes with what else the machine does: the kills follow it.
        longest *= 1.2 if killed else 0.7
        sys.stdout.write("k" if killed else "w")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
