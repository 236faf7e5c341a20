"""Run as a process: works on a library together with others of its kind, and says what it did as JSON.

Arguments: folder, name, seconds. Begins when it gets a line; the generations that all of them mark are there already.
"""

import fcntl
import json
import sys
import time
from pathlib import Path

from saving_child import save

from tui.domain.marking import Marking
from tui.library import Library

_TAGS_EACH = 12
"""Of eight processes: 96, a generation may have a hundred."""


class Person:
    """Works on a library, and remembers what was done."""

    def __init__(self, folder: Path, name: str) -> None:
        self.library = Library(folder)
        self.library.open()
        self.name = name
        self.shared = self.library.page().generations
        self.saved: list[str] = []
        self.tags: list[list[str]] = [[] for _ in self.shared]

    def work(self, number: int) -> None:
        """Mark what all mark, save one, and throw some away, for good or not."""
        place = number % len(self.shared)
        if len(self.tags[place]) < _TAGS_EACH:
            tag = f"{self.name} {number}"
            self.library.add_tags(self.shared[place], [tag])
            self.tags[place].append(tag)
        marking = Marking(rating=number % 6) if self.name == "0" else Marking(notes=f"{self.name} {number}")
        self.library.mark(self.shared[place], marking)
        stem = save(self.library, f"{self.name} {number}")
        mine = self.library.load(stem)
        assert mine is not None
        if number % 3 == 0:
            trashed = self.library.trash([mine])
            if number % 6:
                asked = [each for each in self.library.trash_contents() if each.generation.prompt == mine.prompt]
                assert self.library.empty_trash(asked).count == 1
                return
            (back,) = self.library.restore(trashed)
            stem = back.stem
        self.saved.append(stem)


def main() -> None:
    folder, name, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    waits = [0.0]
    lock = fcntl.flock

    def timed(descriptor: int, operation: int) -> None:
        begun = time.monotonic()
        lock(descriptor, operation)
        waits.append(time.monotonic() - begun)

    fcntl.flock = timed
    person = Person(folder, name)
    sys.stdin.readline()
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end or number < len(person.shared):
        person.work(number)
        number += 1
    sys.stdout.write(json.dumps({"saved": person.saved, "tags": person.tags, "longest": max(waits), "rounds": number}))


if __name__ == "__main__":
    main()
