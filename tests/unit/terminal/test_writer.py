import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tui.terminal.writer import Writer

MUCH = "0123456789abcdef" * 65_536
"""A megabyte: more than any pipe takes."""


@dataclass
class Pipe:
    """A writer, and the other end of what it writes to."""

    read: int
    write: int
    drained: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        file = io.TextIOWrapper(io.FileIO(self.write, "w", closefd=False))
        self.writer = Writer(file, self.drained.set)
        self.writer.start()

    def take(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += os.read(self.read, size - len(found))
        return found


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe(*os.pipe())
    yield made
    threading.Thread(target=made.writer.stop, daemon=True).start()
    for descriptor in (made.read, made.write):
        os.close(descriptor)


def test_nobody_waits_for_a_terminal_that_takes_nothing(pipe: Pipe) -> None:
    for _ in range(100):
        pipe.writer.write(MUCH[:20_000])
    assert pipe.writer.backlog > 1_000_000
    assert len(pipe.take(2_000_000)) == 2_000_000
    assert pipe.drained.wait(5)
    assert pipe.writer.backlog == 0


def test_everything_is_written_in_order_before_the_end(pipe: Pipe) -> None:
    texts = [f"{number} é漢\n" * 50 for number in range(400)]
    for text in texts:
        pipe.writer.write(text)
    ending = threading.Thread(target=pipe.writer.stop)
    ending.start()
    wanted = "".join(texts).encode()
    assert pipe.take(len(wanted)) == wanted
    ending.join(5)
    assert not pipe.writer.is_alive()


def test_a_terminal_that_does_not_wait_gets_everything_all_the_same(pipe: Pipe) -> None:
    os.set_blocking(pipe.write, False)
    pipe.writer.write(MUCH)
    assert pipe.take(len(MUCH)) == MUCH.encode()


def test_a_terminal_that_is_gone_keeps_nobody() -> None:
    read, write = os.pipe()
    pipe = Pipe(read, write)
    os.close(read)
    pipe.writer.write("anyone there?")
    pipe.writer.join(5)
    assert not pipe.writer.is_alive()
    pipe.writer.write(MUCH)
    assert pipe.writer.backlog == 0
    pipe.writer.stop()
    os.close(write)
