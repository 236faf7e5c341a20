"""How fast the library reads and saves, each against the plain way of doing the same in the same run.

Run it: python tests/bench/bench_library.py [folder]. The folder should lie on the disk that is measured.
"""

import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.deliveries import chunk, png, received, reply_of

from tui.domain.request import Request
from tui.library import Library

GENERATIONS = 5_000
STARTED = datetime(2026, 1, 1)
REQUEST = Request("a red fox in a birch forest at dawn, watercolour, soft light")


def seconds(act: Callable[[], object], times: int = 7) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def without_sync(act: Callable[[], object]) -> None:
    real, os.fsync = os.fsync, lambda descriptor: None
    try:
        act()
    finally:
        os.fsync = real


def fill(library: Library) -> None:
    for number in range(GENERATIONS):
        image = received(library.spool(), png())
        started = STARTED + timedelta(seconds=37 * number)
        library.save(REQUEST, reply_of([image], id=str(number)), proxy="http://h", elapsed=9, started=started)


def list_plainly(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.is_file() for entry in entries)


def pages(folder: Path) -> None:
    library = Library(folder)
    without_sync(lambda: fill(library))
    plain = seconds(lambda: list_plainly(folder))

    def list_and_load() -> None:
        list_plainly(folder)
        for path in sorted(folder.glob("metadata_*.json"))[-200:]:
            json.loads(path.read_bytes())

    by_hand = seconds(list_and_load)
    cold = seconds(lambda: Library(folder).page())
    warm_library = Library(folder)
    os.utime(folder, (1_700_000_000, 1_700_000_000))
    warm_library.page()
    warm = seconds(warm_library.page)
    middle = warm_library.page(count=2_500).next
    deep = seconds(lambda: warm_library.page(before=middle))
    one = seconds(lambda: warm_library.load(warm_library.page(count=1).generations[0].stem))
    print(f"page of 200 of {GENERATIONS}, first look   {cold * 1e3:7.1f} ms  {cold / plain:6.1f} × scandir")
    print(f"  the same by hand (glob, json.loads)   {by_hand * 1e3:7.1f} ms  {by_hand / plain:6.1f} × scandir")
    print(f"page of 200, folder unchanged           {warm * 1e3:7.1f} ms  {warm / plain:6.1f} × scandir")
    print(f"page of 200 from the middle             {deep * 1e3:7.1f} ms  {deep / plain:6.1f} × scandir")
    print(f"one generation                          {one * 1e3:7.1f} ms")
    print(f"os.scandir of the folder                {plain * 1e3:7.1f} ms")


def saves(folder: Path) -> None:
    library = Library(folder)
    library.open()
    for label, size in (("1.5 MB", 1_500_000), ("26 MB", 26_000_000)):
        data = png(extra=[chunk(b"prVt", os.urandom(8_192)) for _ in range(size // 8_192)])
        times = 30 if size < 10_000_000 else 7
        replies = [reply_of([received(library.spool(), data)]) for _ in range(times)]
        spooled = iter(replies)
        ours = seconds(lambda spooled=spooled: library.save(REQUEST, next(spooled), proxy="http://h", elapsed=9), times)
        paths = [received(library.spool(), data).path for _ in range(times)]
        plain_paths = iter(paths)

        def plainly(plain_paths: object = plain_paths) -> None:
            """One picture and its metadata: hash, sync, rename."""
            path = next(plain_paths)
            hashlib.sha256(path.read_bytes()).hexdigest()
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
            path.rename(path.with_name(f"plain-{path.name}"))
            told = path.with_suffix(".json")
            with told.open("w") as stream:
                json.dump({"prompt": REQUEST.prompt}, stream)
                stream.flush()
                os.fsync(stream.fileno())

        plain = seconds(plainly, times)
        print(f"save of {label:>6}                          {ours * 1e3:7.1f} ms  {ours / plain:6.2f} × by hand")


def main() -> None:
    place = sys.argv[1] if len(sys.argv) > 1 else None
    for measure in (pages, saves):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            measure(Path(folder))


if __name__ == "__main__":
    main()
