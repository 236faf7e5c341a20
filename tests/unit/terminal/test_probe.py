import fcntl
import json
import os
import re
import struct
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.terminal import Terminal

from tui.terminal.probe import DEADLINE, cell_size, probe

CHILD = """
import json, sys, termios, time
from dataclasses import asdict
from tui.terminal.probe import probe
before = termios.tcgetattr(0)
begun = time.monotonic()
facts = asdict(probe(sys.argv[2]))
facts["seconds"] = time.monotonic() - begun
facts["restored"] = termios.tcgetattr(0) == before
facts["leftover"] = facts["leftover"].decode("latin-1")
facts["modules"] = [name for name in sys.modules if name.split(".")[0] in ("textual", "rich", "PIL")]
open(sys.argv[1], "w").write(json.dumps(facts))
"""


@dataclass(frozen=True)
class Answering:
    """A terminal that answers what it knows, in order; ``keys`` are typed in the middle of the answers."""

    kitty: bool = False
    cell: bytes = b""
    name: bytes = b""
    sixel: bytes = b""
    attributes: bytes = b"\x1b[?62;22c"
    keys: bytes = b""

    def answers(self, question: bytes) -> bytes:
        asked = re.search(rb"\x1b_Gi=(\d+),s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\", question)
        if asked is None:
            return b""
        assert question.endswith(b"\x1b[c")
        first = b"\x1b_Gi=%b;OK\x1b\\" % asked[1] if self.kitty else b""
        name = b"\x1bP>|%b\x1b\\" % self.name if self.name else b""
        return first + self.keys + self.cell + self.sixel + name + self.keys + self.attributes


KITTY = Answering(kitty=True, cell=b"\x1b[6;18;9t", name=b"kitty(0.41.1)", attributes=b"\x1b[?62;c")
XTERM = Answering(
    name=b"XTerm(379)",
    sixel=b"\x1b[?1;0;1024S\x1b[?2;0;1000;765S",
    attributes=b"\x1b[?64;1;2;4;6;9;15;16;17;18;21;22;28c",
)
SILENT = Answering(attributes=b"")


class Sized(Terminal):
    """A terminal whose size, in cells and pixels, is said by the test."""

    winsize = (40, 120, 0, 0)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", *self.winsize))


class WithPixels(Sized):
    winsize = (40, 120, 120 * 9 + 4, 40 * 18 + 4)


class Empty(Sized):
    winsize = (0, 0, 0, 0)


def ask(
    folder: Path,
    persona: Answering,
    *,
    force: str = "auto",
    kind: type[Terminal] = Sized,
    typed: bytes = b"",
    **environment: str,
) -> tuple[dict, bytes]:
    """The facts that a child in such a terminal finds, and all that it wrote to the terminal."""
    out = folder / "facts.json"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    command = (sys.executable, "-c", CHILD, str(out), force)
    environment = {"TERM": "xterm-256color", **kept, **environment}
    with kind(command, cwd=Path.cwd(), environment=environment, persona=persona, typed=typed) as terminal:
        assert terminal.wait_exit() == 0, terminal.raw
        facts = json.loads(out.read_text())
        assert facts["restored"]
        assert facts["modules"] == []
        return facts, terminal.raw


def test_kitty_is_recognised_with_its_cell_and_colours(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, KITTY, TERM="xterm-kitty")
    assert (facts["protocol"], facts["cell_width"], facts["cell_height"]) == ("kitty", 9, 18)
    assert facts["truecolor"]
    assert facts["name"] == "kitty(0.41.1)"
    assert "kitty(0.41.1)" in facts["why"]
    assert facts["leftover"] == ""
    assert facts["seconds"] < DEADLINE


def test_xterm_is_recognised_with_its_sixel_limits(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, XTERM)
    assert facts["protocol"] == "sixel"
    assert (facts["sixel_width"], facts["sixel_height"], facts["sixel_colours"]) == (1000, 765, 1024)
    assert (facts["cell_width"], facts["cell_height"]) == (10, 20)
    assert facts["truecolor"]


def test_pixels_of_the_window_come_before_the_answer(tmp_path: Path) -> None:
    answering = Answering(cell=b"\x1b[6;30;15t")
    assert ask(tmp_path, answering, kind=WithPixels)[0]["cell_width"] == 9
    assert ask(tmp_path, answering)[0]["cell_width"] == 15


def test_a_silent_terminal_costs_the_deadline_and_no_more(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, SILENT)
    assert facts["protocol"] == "half"
    assert 0.3 <= facts["seconds"] < 0.8
    assert "did not answer" in facts["why"]


def test_keys_typed_meanwhile_are_kept_in_order_and_do_not_prolong_the_wait(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, Answering(kitty=True, name=b"kitty(0.41.1)", keys="fox é\x1b[A\r".encode()))
    assert facts["protocol"] == "kitty"
    assert facts["leftover"].encode("latin-1").decode() == "fox é\x1b[A\r" * 2


def test_half_an_answer_at_the_deadline_goes_on_to_the_driver(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, Answering(keys=b"a", attributes=b"\x1b[?62;"))
    assert facts["leftover"] == "aa\x1b[?62;"


@pytest.mark.parametrize(
    ("name", "protocol"),
    [
        (b"kitty(0.27.1)", "half"),
        (b"ghostty 1.2.0", "kitty"),
        (b"WezTerm 20240203", "half"),
        (b"Konsole 24.08", "half"),
        (b"", "half"),
    ],
)
def test_only_terminals_with_placeholders_get_kitty_pictures(tmp_path: Path, name: bytes, protocol: str) -> None:
    assert ask(tmp_path, Answering(kitty=True, name=name))[0]["protocol"] == protocol


def test_kitty_pictures_without_placeholders_give_way_to_sixel(tmp_path: Path) -> None:
    answering = Answering(kitty=True, name=b"WezTerm 20240203", attributes=b"\x1b[?65;4;6;18;22c")
    assert ask(tmp_path, answering)[0]["protocol"] == "sixel"


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": ""},
        {"TERM": "dumb"},
        {"TERM": "linux"},
        {"TERM_PROGRAM": "Apple_Terminal"},
        {"TMUX": "/tmp/tmux-0/default,1,0"},
        {"TERM": "screen.xterm-256color"},
    ],
)
def test_terminals_that_would_print_a_question_are_not_asked(tmp_path: Path, environment: dict[str, str]) -> None:
    facts, written = ask(tmp_path, KITTY, **environment)
    assert facts["protocol"] == "half"
    assert written == b""
    assert facts["seconds"] < 0.1


def test_a_terminal_of_no_size_is_not_asked_and_does_not_crash(tmp_path: Path) -> None:
    facts, written = ask(tmp_path, KITTY, kind=Empty)
    assert facts["protocol"] == "half"
    assert (facts["cell_width"], facts["cell_height"]) == (10, 20)
    assert written == b""


@pytest.mark.parametrize("wish", ["kitty", "sixel", "half", "symbols", "none"])
def test_what_is_forced_is_taken_by_setting_or_environment(tmp_path: Path, wish: str) -> None:
    assert ask(tmp_path, KITTY, force=wish)[0]["protocol"] == wish
    assert ask(tmp_path, KITTY, IMAGE_GEN_IMAGES=wish)[0]["protocol"] == wish
    assert ask(tmp_path, KITTY, force=wish, IMAGE_GEN_IMAGES="none")[0]["protocol"] == wish


def test_an_unknown_wish_says_what_is_known(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, KITTY, IMAGE_GEN_IMAGES="jpeg")
    assert facts["protocol"] == "half"
    assert "auto, kitty, sixel, half, symbols, none" in facts["why"]


def test_without_a_terminal_nothing_is_asked() -> None:
    read, write = os.pipe()
    begun = time.monotonic()
    facts = probe(environ={"TERM": "xterm-kitty"}, source=read, sink=write)
    os.close(write)
    assert facts.protocol == "half"
    assert "not a terminal" in facts.why
    assert os.read(read, 10) == b""
    assert time.monotonic() - begun < 0.1
    assert cell_size(read) is None
    os.close(read)


def test_colours_are_known_from_the_environment_too() -> None:
    read, write = os.pipe()
    assert probe(environ={"COLORTERM": "truecolor"}, source=read, sink=write).truecolor
    assert probe(environ={"TERM": "xterm-direct"}, source=read, sink=write).truecolor
    assert not probe(environ={"TERM": "xterm-256color"}, source=read, sink=write).truecolor
    os.close(read)
    os.close(write)
