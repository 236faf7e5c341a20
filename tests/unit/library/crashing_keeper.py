"""Run as a process: lets children of its own mark, throw away, empty and import, and kills them half way.

Arguments: folder, what, count. Each of the ``count`` children is killed at another of the steps that touch a file,
spread over all of them, in a folder of its own: ``STEP/library``, and ``STEP/said`` has a line for whatever was done
before the kill. Prints a letter for each child: k for killed, w for whole.
"""

import itertools
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crashing_child import FILE_EVENTS, killed_at_step, was_killed
from support.deliveries import png, received, reply_of

from tui.domain.request import Request
from tui.library import Library

KEPT = "abcd"
ROUNDS = 3


def keep(library: Library, prompt: str) -> None:
    image = received(library.spool(), png(40, 30, shade=ord(prompt[0])), width=40, height=30)
    library.save(Request(prompt), reply_of([image]), proxy="", elapsed=1)


def furnish(folder: Path) -> None:
    """Generations that a person worked on."""
    library = Library(folder)
    library.open()
    for prompt in KEPT:
        keep(library, prompt)
    for each in library.page().generations:
        library.set_rating(library.set_notes(each, f"notes on {each.prompt}"), 4)


def mark(folder: Path, say: Callable[[str], None]) -> None:
    library = Library(folder)
    newest = library.page().generations[0]
    for number in range(ROUNDS):
        library.add_tags(newest, [f"tag {number}"])
        say(f"tag {number}")
        library.set_starred(newest, number % 2 == 0)
        say(f"star {number % 2 == 0}")


def throw(folder: Path, say: Callable[[str], None]) -> None:
    """Throw a, b and c away, bring a back, delete b, then c."""
    library = Library(folder)
    library.trash([each for each in library.page().generations if each.prompt != "d"])
    say("thrown")
    library.restore_from_trash([each for each in library.trash_contents() if each.generation.prompt == "a"])
    say("back")
    library.empty_trash([each for each in library.trash_contents() if each.generation.prompt == "b"])
    say("b deleted")
    library.empty_trash()
    say("c deleted")


def bring(folder: Path, say: Callable[[str], None]) -> None:
    library = Library(folder.parent / "into")
    library.open()
    library.import_folder(folder)
    say("all")


ACTS = {"mark": mark, "throw": throw, "import": bring}


def steps_of(act: Callable[[], None]) -> int:
    """How many steps touch a file when nobody is killed."""
    counted = itertools.count()
    reading, writing = os.pipe()

    def counting() -> None:
        sys.addaudithook(lambda event, arguments: event in FILE_EVENTS and next(counted) is None)
        act()
        os.write(writing, str(next(counted)).encode())

    was_killed(counting)
    os.close(writing)
    return int(os.read(reading, 20))


def killed_in(number: int, act: Callable[[], None]) -> None:
    killed_at_step(number)
    act()


def main() -> None:
    root, what, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    # Steps are at stake here, not power cuts.
    os.fsync = lambda descriptor: None
    template = root / "template"
    furnish(template)

    def prepared(name: str) -> Callable[[], None]:
        folder = root / name / "library"
        shutil.copytree(template, folder)
        said = os.open(root / name / "said", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        return partial(ACTS[what], folder, lambda words: os.write(said, f"{words}\n".encode()))

    total = steps_of(prepared("whole"))
    for number in sorted({1 + total * part // count for part in range(count)}):
        killed = was_killed(partial(killed_in, number, prepared(str(number))))
        sys.stdout.write("k" if killed else "w")


if __name__ == "__main__":
    main()
