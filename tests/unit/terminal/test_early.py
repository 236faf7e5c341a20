import json
import os
import sys
import termios
from pathlib import Path

import pytest
from support.terminal import Terminal

from tui.terminal.early import EarlyKeys, early_keys, unedited

CHILD = """
import json, os, signal, sys, termios
from tui.terminal.early import early_keys
before = termios.tcgetattr(0)
try:
    with early_keys() as early:
        inside = termios.tcgetattr(0)
        print("ready", flush=True)
        more = os.read(0, 100)
        if more == b"k":
            signal.raise_signal(signal.SIGTERM)
finally:
    after = termios.tcgetattr(0)
    told = {
        "typed": early.typed.decode(), "more": more.decode(), "told": early.modes == before, "back": after == before,
        "edits": bool(inside[3] & termios.ICANON), "echoes": bool(inside[3] & termios.ECHO),
        "interrupts": bool(inside[3] & termios.ISIG),
    }
    open(sys.argv[1], "w").write(json.dumps(told))
"""


def run(folder: Path, typed: bytes, then: str) -> tuple[dict, int]:
    command = (sys.executable, "-c", CHILD, str(folder / "told"))
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color"}
    with Terminal(command, cwd=Path.cwd(), environment=environment, typed=typed) as terminal:
        terminal.wait_for("ready")
        terminal.type(then)
        status = terminal.wait_exit()
    return json.loads((folder / "told").read_text()), status


def test_what_was_typed_before_comes_first_and_enter_stays_enter(tmp_path: Path) -> None:
    told, status = run(tmp_path, b"a fox\r and \x1b[A", "\r")
    assert (told["typed"], told["more"], status) == ("a fox\r and \x1b[A", "\r", 0)
    assert (told["edits"], told["echoes"], told["interrupts"]) == (False, False, True)
    assert told["told"]
    assert told["back"]


def test_a_signal_gives_the_terminal_back_too(tmp_path: Path) -> None:
    told, status = run(tmp_path, b"", "k")
    assert status == 128 + 15
    assert told["back"]


def test_without_a_terminal_there_are_no_early_keys() -> None:
    read, write = os.pipe()
    with early_keys(read) as early:
        assert early == EarlyKeys()
    os.close(read)
    os.close(write)


def test_in_somebody_elses_terminal_nothing_is_touched() -> None:
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    with early_keys(slave) as early:
        assert early == EarlyKeys()
        assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("flag", ["ICRNL", "INLCR", "IGNCR", "IXON", "IXOFF"])
def test_keys_come_as_they_are_pressed(flag: str) -> None:
    modes = [getattr(termios, flag), 0, 0, termios.ISIG | termios.ICANON, 0, 0, [b"\0"] * 32]
    assert unedited(modes)[0] == 0
    assert unedited(modes)[3] == termios.ISIG
