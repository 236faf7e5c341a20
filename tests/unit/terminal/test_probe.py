import fcntl
import json
import os
import re
import struct
import sys
import termios
import time
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest
from support.answering import Answering
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
facts["can"] = sorted(facts["can"])
facts["modules"] = [name for name in sys.modules if name.split(".")[0] in ("textual", "rich", "PIL")]
open(sys.argv[1], "w").write(json.dumps(facts))
"""


KITTY = Answering(
    attributes=b"?62;",
    name=b"kitty(0.41.1)",
    kitty=True,
    files=True,
    memory=True,
    cell=b"18;9",
    text_area=b"864;1386",
    synchronized=True,
    colour=b"0;48:2:1:2:3",
)
XTERM = Answering(
    attributes=b"?64;1;2;4;6;9;15;16;17;18;21;22;28",
    name=b"XTerm(379)",
    sixel_colours=b"1024",
    sixel_size=b"1000;765",
    colour=b"0;48:5:16",
)
GHOSTTY = Answering(attributes=b"?62;22", name=b"ghostty 1.2.0", kitty=True, memory=True, cell=b"34;16")
WEZTERM = Answering(attributes=b"?65;4;6;18;22;52", name=b"WezTerm 20240203-110809-5046fc22", kitty=True, files=True)
FOOT = Answering(attributes=b"?62;4;22;29", name=b"foot(1.16.2)", sixel_colours=b"1024", sixel_size=b"1200;800")
KONSOLE = Answering(attributes=b"?62;1;4", name=b"Konsole 24.08.0", kitty=True)
ITERM2 = Answering(attributes=b"?62;4", name=b"iTerm2 3.5.0", cell=b"16;8")
WINDOWS = Answering(attributes=b"?61;4;6;7;14;21;22;23;24;28;32;42", colour=b"0;48;2;1;2;3", cell=b"20;10")
VTE = Answering(attributes=b"?61;1;21;22", name=b"VTE(7600)")
NAMELESS = Answering(attributes=b"?6")
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
    environment = {"TERM": "xterm-256color", "TMPDIR": str(folder), **kept, **environment}
    persona = replace(persona)
    with kind(command, cwd=Path.cwd(), environment=environment, persona=persona, typed=typed) as terminal:
        assert terminal.wait_exit() == 0, terminal.raw
        facts = json.loads(out.read_text())
        assert facts["restored"]
        assert facts["modules"] == []
        assert shared(folder) == []
        return facts, terminal.raw


def shared(folder: Path) -> list[Path]:
    """What was put down for the terminal and not taken away."""
    return [*folder.glob("tty-graphics-protocol*")]


@pytest.mark.parametrize(
    ("persona", "term", "protocol", "can", "truecolor"),
    [
        (KITTY, "xterm-kitty", "kitty", "kitty", True),
        (replace(KITTY, name=b""), "xterm-kitty", "kitty", "kitty", True),
        (replace(KITTY, name=b"kitty(0.27.1)"), "xterm-kitty", "symbols", "", True),
        (GHOSTTY, "xterm-ghostty", "kitty", "kitty", True),
        (XTERM, "xterm-256color", "sixel", "sixel", True),
        (WEZTERM, "xterm-256color", "sixel", "sixel", True),
        (replace(WEZTERM, attributes=b"?65;6;18;22"), "xterm-256color", "symbols", "", True),
        (FOOT, "foot", "sixel", "sixel", True),
        (KONSOLE, "xterm-256color", "sixel", "sixel", True),
        (ITERM2, "xterm-256color", "sixel", "sixel", True),
        (WINDOWS, "xterm-256color", "sixel", "sixel", True),
        (VTE, "xterm-256color", "symbols", "", True),
        (NAMELESS, "alacritty", "symbols", "", True),
        (NAMELESS, "xterm-16color", "half", "", False),
        (replace(NAMELESS, colour=b"0;48;5;16"), "xterm-256color", "half", "", False),
        # 4 as the terminal's class is no Sixel.
        (replace(NAMELESS, attributes=b"?4"), "xterm-256color", "half", "", False),
    ],
)
def test_each_kind_of_terminal_gets_the_best_that_it_answered_for(
    tmp_path: Path, persona: Answering, term: str, protocol: str, can: str, truecolor: bool
) -> None:
    facts, _ = ask(tmp_path, persona, TERM=term)
    assert facts["protocol"] == facts["best"] == protocol
    assert set(facts["can"]) == {"half", "symbols", "none", *can.split()}
    assert facts["truecolor"] is truecolor
    assert facts["sextants"] is persona.name.startswith((b"kitty(", b"ghostty", b"WezTerm", b"foot(", b"VTE("))
    assert set(dict(facts["lacks"])) == {"kitty", "sixel"} - set(facts["can"])
    assert not facts["late"]
    assert facts["leftover"] == ""


def test_what_kitty_answered_is_known_in_numbers_and_in_words(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, KITTY, TERM="xterm-kitty")
    assert (facts["cell_width"], facts["cell_height"]) == (9, 18)
    assert facts["text_area"] == [1386, 864]
    assert facts["synchronized"]
    assert facts["name"] == "kitty(0.41.1)"
    assert facts["why"] == "Kitty pictures, because kitty(0.41.1) answered that it draws them."
    answers = dict(facts["answers"])
    assert answers["Kitty pictures"] == "yes, in text too"
    assert answers["Sixel"] == "no"
    assert answers["a cell"] == "9×18 pixels"
    assert answers["all cells"] == "1386×864 pixels"
    assert answers["answers"].startswith("the last after")
    assert facts["round_trip"] > 0


def test_what_xterm_answered_is_known_in_numbers_and_in_words(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, XTERM)
    assert (facts["sixel_width"], facts["sixel_height"], facts["sixel_colours"]) == (1000, 765, 1024)
    assert (facts["cell_width"], facts["cell_height"]) == (10, 20)
    assert facts["text_area"] is None
    answers = dict(facts["answers"])
    assert answers["Sixel"] == "yes, 1,024 colours, at most 1000×765 pixels"
    assert answers["Kitty pictures"] == "no"
    assert dict(facts["lacks"])["kitty"] == "it draws none"


@pytest.mark.parametrize(
    ("persona", "direct"),
    [
        (KITTY, "file"),
        (replace(KITTY, files=False), "memory"),
        (replace(KITTY, files=False, memory=False), ""),
        # It says OK, but what is shared with it would stay.
        (replace(KITTY, keeps_files=True), ""),
        (XTERM, ""),
    ],
)
def test_a_terminal_reads_our_files_or_memory_only_if_they_are_gone_afterwards(
    tmp_path: Path, persona: Answering, direct: str
) -> None:
    facts, written = ask(tmp_path, persona)
    assert facts["direct"] == direct
    (memory,) = re.findall(rb"a=q,t=s,f=24;([^\x1b]+)", written)
    assert not Path(f"/dev/shm{b64decode(memory).decode()}").exists()


def test_pixels_of_the_window_come_before_the_answer(tmp_path: Path) -> None:
    answering = replace(NAMELESS, cell=b"30;15")
    assert ask(tmp_path, answering, kind=WithPixels)[0]["cell_width"] == 9
    assert ask(tmp_path, answering)[0]["cell_width"] == 15


def test_a_silent_terminal_costs_the_deadline_and_no_more(tmp_path: Path) -> None:
    facts, written = ask(tmp_path, SILENT)
    assert facts["protocol"] == "half"
    assert DEADLINE <= facts["seconds"] < 3 * DEADLINE
    assert "did not answer" in facts["why"]
    assert facts["late"]
    assert facts["direct"] == ""
    assert written.count(b"\x1b[c") == 1


def test_keys_typed_meanwhile_are_kept_in_order_and_do_not_prolong_the_wait(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, replace(KITTY, keys="fox é\x1b[A\r".encode()))
    assert facts["protocol"] == "kitty"
    assert facts["leftover"].encode("latin-1").decode() == "fox é\x1b[A\r" * 2


def test_half_an_answer_at_the_deadline_goes_on_to_the_driver(tmp_path: Path) -> None:
    class Halting(Answering):
        def answers(self, question: bytes) -> bytes:
            return super().answers(question).removesuffix(b"22c")

    facts, _ = ask(tmp_path, Halting(keys=b"a", name=b"a"))
    assert facts["leftover"] == "aa\x1b[?62;"
    assert facts["late"]


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": ""},
        {"TERM": "dumb"},
        {"TERM": "linux"},
        {"TERM_PROGRAM": "Apple_Terminal"},
        {"STY": "1.pts-0.host"},
        {"TERM": "screen.xterm-256color"},
    ],
)
def test_terminals_that_would_print_a_question_are_not_asked(tmp_path: Path, environment: dict[str, str]) -> None:
    facts, written = ask(tmp_path, KITTY, **environment)
    assert facts["protocol"] == "half"
    assert written == b""
    assert facts["seconds"] < DEADLINE
    assert dict(facts["answers"])["asked"].startswith("nothing, because ")
    assert set(dict(facts["lacks"])) == {"kitty", "sixel"}


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


def test_where_text_is_forced_nothing_is_asked_that_an_odd_terminal_prints(tmp_path: Path) -> None:
    facts, written = ask(tmp_path, KITTY, force="half")
    assert b"\x1b_" not in written
    assert b"\x1bP" not in written
    # The name is enough to offer the rest.
    assert facts["best"] == "kitty"
    assert "kitty" in facts["can"]


def test_what_is_forced_against_all_answers_says_so(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, XTERM, force="kitty")
    assert facts["protocol"] == "kitty"
    assert "hardly be seen, because it draws none" in facts["why"]


def test_an_unknown_wish_says_what_is_known(tmp_path: Path) -> None:
    facts, _ = ask(tmp_path, KITTY, IMAGE_GEN_IMAGES="jpeg")
    assert facts["protocol"] == "half"
    assert "auto, kitty, sixel, half, symbols, none" in facts["why"]


def test_without_a_terminal_nothing_is_asked() -> None:
    read, write = os.pipe()
    begun = time.monotonic()
    facts = probe(environ={"TERM": "xterm-kitty"}, source=read, output=write, sink=write)
    os.close(write)
    assert facts.protocol == "half"
    assert "not a terminal" in facts.why
    assert os.read(read, 10) == b""
    assert time.monotonic() - begun < DEADLINE
    assert cell_size(read) is None
    os.close(read)


def test_an_interrupted_probe_leaves_modes_and_folders_as_they_were(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "from tui.terminal.probe import probe; probe(deadline=60)")
    environment = {"TERM": "xterm-kitty", "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    with Sized(command, cwd=Path.cwd(), environment=environment, persona=replace(SILENT)) as terminal:
        terminal.wait_for(lambda: b"\x1b[c" in terminal.raw)
        assert len(shared(tmp_path)) == 1
        terminal.press("ctrl+c")
        assert terminal.wait_exit() != 0
        assert terminal.modes_now == terminal.modes_before
    assert shared(tmp_path) == []


def test_nothing_is_asked_where_standard_output_goes_elsewhere(tmp_path: Path) -> None:
    child = CHILD.replace("import json", "import os; os.dup2(os.open(os.devnull, os.O_WRONLY), 1)\nimport json")
    command = (sys.executable, "-c", child, str(tmp_path / "out"), "auto")
    environment = {"TERM": "xterm-kitty", "PATH": os.environ["PATH"]}
    with Sized(command, cwd=Path.cwd(), environment=environment, persona=replace(KITTY)) as terminal:
        assert terminal.wait_exit() == 0
        assert terminal.raw == b""
    assert json.loads((tmp_path / "out").read_text())["protocol"] == "half"


def test_colours_are_known_from_the_environment_too() -> None:
    read, write = os.pipe()
    nowhere = {"source": read, "output": write, "sink": write}
    assert probe(environ={"COLORTERM": "truecolor"}, **nowhere).truecolor
    assert probe(environ={"TERM": "xterm-direct"}, **nowhere).truecolor
    assert probe(environ={"TERM": "xterm-ghostty"}, **nowhere).truecolor
    assert not probe(environ={"TERM": "xterm-256color"}, **nowhere).truecolor
    assert not probe(environ={"TERM": "dumb", "COLORTERM": "truecolor"}, **nowhere).truecolor
    os.close(read)
    os.close(write)
