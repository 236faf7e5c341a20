import fcntl
import os
import random
import select
import struct
import termios
import threading
import time
import tty
from collections.abc import Iterator

import pytest
from support.answering import Answering
from support.waiting import wait_for

from tui.terminal import early
from tui.terminal.answers import AnswerFilter
from tui.terminal.exchange import DEADLINE, LAST_DEADLINE, LONG_WAY, exchange
from tui.terminal.questions import Talk

ATTRIBUTES = b"\x1b[?62;4;22c"
KEYS = tuple(
    key.encode()
    for key in (
        "a",
        "B",
        " ",
        "é",
        "漢",
        "\r",
        "\x7f",
        "\x1b[A",
        "\x1bOP",
        "\x1b[1;5C",
        "\x1b[15~",
        "\x1bx",
        "\x1b\x1b",
    )
)
LAST = b"Z"
"""A key that ends what is typed."""
KITTY = {"attributes": b"?62;", "name": b"kitty(0.41.1)", "kitty": True, "cell": b"18;9", "text_area": b"864;1386"}


class Line:
    """A pseudo terminal: what the person's side writes, and what the program's side has not read yet."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)

    @property
    def waiting(self) -> int:
        return struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4)))[0]

    def questions(self) -> bytes:
        """Everything asked, up to its last question."""
        asked = b""
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(self.master, 4096)
        return asked

    def send(self, piece: bytes, over: threading.Event) -> None:
        """Write, and return when it was read; at once when the program asks no more."""
        os.write(self.master, piece)
        while self.waiting and not over.is_set():
            os.sched_yield()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


def conversation(
    line: Line, pieces: list[tuple[float, bytes]], deadline: float = DEADLINE, *, spare: bool = False
) -> tuple[Talk, float]:
    """A terminal sends each piece so many seconds after the one before; what was understood, and how long it took."""
    talk, over = Talk(), threading.Event()

    def terminal() -> None:
        line.questions()
        for pause, piece in pieces:
            over.wait(pause)
            line.send(piece, over)

    thread = threading.Thread(target=terminal)
    thread.start()
    begun = time.monotonic()
    exchange(talk, line.slave, line.slave, deadline, spare=spare)
    took = time.monotonic() - begun
    over.set()
    thread.join()
    return talk, took


def test_an_answer_ends_the_wait(line: Line) -> None:
    talk, took = conversation(line, [(0, ATTRIBUTES)], deadline=20)
    assert talk.done
    assert took < 10


def test_a_silent_terminal_gets_the_deadline_whatever_is_typed(line: Line) -> None:
    talk, took = conversation(line, [(0.15, b"fox"), (0.05, b"\x1b"), (0.05, b"[A")])
    assert DEADLINE <= took < LAST_DEADLINE
    assert not talk.done
    assert talk.first == 0
    assert talk.leftover == "fox\x1b[A"


def test_who_answers_late_and_goes_on_answering_gets_more_time(line: Line) -> None:
    talk, took = conversation(line, [(0.2, ATTRIBUTES[:4]), (0.12, ATTRIBUTES[4:-1]), (0, ATTRIBUTES[-1:])])
    assert talk.done
    assert talk.first > LONG_WAY
    assert took > DEADLINE
    assert talk.leftover == ""


def test_who_answers_late_and_stops_gets_no_more_than_the_deadline_again(line: Line) -> None:
    talk, took = conversation(line, [(0.2, b"\x1bP>|far away\x1b\\")])
    assert not talk.done
    assert talk.name == "far away"
    assert DEADLINE < took < LAST_DEADLINE + DEADLINE


def test_nobody_gets_more_than_the_last_deadline(line: Line) -> None:
    talk, took = conversation(line, [(0.15, b"\x1b[?1;0;9S")] * 12)
    assert not talk.done
    assert LAST_DEADLINE * 0.9 < took < LAST_DEADLINE + DEADLINE


def test_an_input_that_ends_is_no_trouble(line: Line) -> None:
    read, write = os.pipe()
    os.close(write)
    talk = Talk()
    exchange(talk, read, line.slave, 20)
    os.close(read)
    assert not talk.done


def test_the_modes_are_given_back(line: Line) -> None:
    before = termios.tcgetattr(line.slave)
    before[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(line.slave, termios.TCSANOW, before)
    exchange(Talk(), line.slave, line.slave, 0.001)
    assert termios.tcgetattr(line.slave)[3] == before[3]


def refuse_to_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As most kernels do."""
    obey = fcntl.ioctl

    def ioctl(descriptor: int, request: int, argument: bytes) -> object:
        if request == termios.TIOCSTI:
            raise OSError(5, "Input/output error")
        return obey(descriptor, request, argument)

    monkeypatch.setattr(early.fcntl, "ioctl", ioctl)


def left_to_read(line: Line, count: int) -> bytes:
    """So many bytes, once they have come."""
    read = b""
    while len(read) < count:
        read += os.read(line.slave, count - len(read))
    assert not line.waiting
    return read


def test_keys_of_somebody_elses_that_come_behind_the_last_answer_are_not_read(line: Line) -> None:
    talk, _ = conversation(line, [(0, b"\x1bP>|odd\x1b\\" + ATTRIBUTES + b"make test\r")], deadline=20, spare=True)
    assert (talk.done, talk.name, talk.leftover) == (True, "odd", "")
    assert left_to_read(line, 10) == b"make test\r"


def test_where_keys_of_somebody_elses_wait_already_nothing_is_asked(line: Line) -> None:
    os.write(line.master, b"make test\r")
    wait_for(lambda: line.waiting == 10)
    talk = Talk()
    exchange(talk, line.slave, line.slave, 20, spare=True)
    assert talk.ahead
    assert left_to_read(line, 10) == b"make test\r"
    assert not select.select([line.master], [], [], 0)[0]


@pytest.mark.parametrize("allowed", [True, False])
def test_text_of_somebody_elses_from_between_the_answers_is_given_back_or_told(
    line: Line, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not allowed:
        refuse_to_give_back(monkeypatch)
    talk, _ = conversation(line, [(0, b"make " + ATTRIBUTES + b"test\r")], deadline=20, spare=True)
    assert talk.done
    given = talk.leftover == ""
    assert allowed or not given
    assert talk.leftover == ("" if given else "make ")
    assert left_to_read(line, 10 if given else 5) == (b"make test\r" if given else b"test\r")


def test_what_may_be_an_odd_answer_is_not_typed_into_the_shell(line: Line) -> None:
    talk, _ = conversation(line, [(0, b"\x1b[A" + ATTRIBUTES)], deadline=20, spare=True)
    assert talk.leftover == "\x1b[A"
    assert not line.waiting


def cut(chance: random.Random, text: bytes) -> list[bytes]:
    """``text`` in pieces, cut wherever chance will."""
    at = sorted(chance.randrange(len(text) + 1) for _ in range(chance.randrange(8)))
    return [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True) if a != b]


def mixed(chance: random.Random, answers: bytes, keys: list[bytes]) -> bytes:
    """Keys, in their order, between whole answers."""
    parts: list[bytes] = []
    for piece in answers.split(b"\x1b")[1:]:
        # The end of a string (ST) belongs to its beginning.
        parts = [*parts[:-1], parts[-1] + b"\x1b" + piece] if piece == b"\\" else [*parts, b"\x1b" + piece]
    places = sorted(chance.randrange(len(parts) + 1) for _ in keys)
    for place, key in reversed([*zip(places, keys, strict=True)]):
        parts.insert(place, key)
    return b"".join(parts)


def start_up(line: Line, chance: random.Random) -> bool:
    """Keys at random moments before, between and after the answers; the driver's filter reads what is left.

    True if all answers came in time.
    """
    typed = [chance.choice(KEYS) for _ in range(chance.randrange(12))]
    early = chance.randrange(len(typed) + 1)
    talk, over = Talk(), threading.Event()

    def person() -> None:
        os.write(line.master, b"".join(typed[:early]))
        answers = Answering(**KITTY).answers(line.questions())
        for piece in cut(chance, mixed(chance, answers, typed[early:]) + LAST):
            line.send(piece, over)

    deadline = chance.choice((20.0, 20.0, 0.0, 0.0001, 0.0003))
    thread = threading.Thread(target=person)
    thread.start()
    exchange(talk, line.slave, line.slave, deadline)
    in_time = talk.done
    over.set()
    thread.join()
    answers = AnswerFilter(talk.take, due=not talk.done)
    keys = answers.feed(talk.leftover)
    while not keys.endswith(LAST.decode()):
        keys += answers.feed(os.read(line.slave, chance.randrange(1, 64)).decode("latin-1"))
    assert keys.encode("latin-1") == b"".join(typed) + LAST
    assert talk.kitty
    assert talk.name == "kitty(0.41.1)"
    return in_time


def test_no_key_is_lost_or_out_of_order_in_500_starts(line: Line) -> None:
    in_time = [start_up(line, random.Random(seed)) for seed in range(500)]
    assert any(in_time)
    assert not all(in_time)
