"""Run as a process: works on libraries in children of its own that are killed half way.

Arguments: folder, how, count. "steps" and "moments" save, trash and mark in one library, ``count`` times. "restores"
takes the folder for a library and brings all back from its trash in copies of it, named after the step of the kill,
until ``count`` steps are enough. Prints a letter for each child: how it ended, k for killed and w for whole.
"""

import itertools
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
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


def restore_until(step: int, folder: Path) -> None:
    killed_at_step(step)
    library = Library(folder)
    for trashed in library.in_trash():
        library.restore(trashed)


def was_killed(act: Callable[[], None]) -> bool:
    """Let a child of ours ``act``; whether a signal ended it. It is an error if anything else did."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def kill_restores(template: Path, count: int) -> None:
    """Kill a restore at each of its steps, and the one after it at another step.

    Between the two the program starts anew, and in half of the copies the generation "second"
    is thrown away: its name is free then.
    """
    # Steps are at stake here, not power cuts.
    os.fsync = lambda descriptor: None
    for number, frees in itertools.product(range(1, count + 1), (False, True)):
        folder = template.with_name(f"{number}-{frees}")
        shutil.copytree(template, folder)
        killed = was_killed(partial(restore_until, number, folder))
        library = Library(folder)
        library.open()
        if frees:
            library.trash([each for each in library.page().generations if each.prompt == "second"])
        was_killed(partial(restore_until, 1 + number * 7 % 40, folder))
        sys.stdout.write("k" if killed else "w")
        if not killed and frees:
            break


def work_until(killed: Callable[[], None], library: Library) -> None:
    killed()
    work(library)


def kill_work(folder: Path, how: str, count: int) -> None:
    """Save, trash and mark again and again, killed at one step after the other or at any moment."""
    library = Library(folder)
    library.open()
    work(library)
    begun = time.monotonic()
    work(library)
    longest = 1.3 * (time.monotonic() - begun)
    chance = random.Random(20261122)
    for number in range(1, count + 1):
        moment = partial(killed_after, chance.uniform(0.0001, longest))
        killed = was_killed(partial(work_until, partial(killed_at_step, number) if how == "steps" else moment, library))
        # How long the work takes changes with what else the machine does: the kills follow it.
        longest *= 1.2 if killed else 0.7
        sys.stdout.write("k" if killed else "w")
        sys.stdout.flush()


def main() -> None:
    folder, how, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if how == "restores":
        kill_restores(folder, count)
    else:
        kill_work(folder, how, count)


if __name__ == "__main__":
    main()
