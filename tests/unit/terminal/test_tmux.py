import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.answering import Answering
from support.terminal import Terminal

from tui.terminal.questions import Talk
from tui.terminal.tmux import Tmux, ask_tmux, parse_tmux
from tui.terminal.verdict import TURN_ON, Around, judge

CHILD = """
import json, sys
from dataclasses import asdict
from tui.terminal.probe import probe
facts = asdict(probe(deadline=float(sys.argv[2])))
del facts["leftover"]
facts["can"] = sorted(facts["can"])
open(sys.argv[1], "w").write(json.dumps(facts))
"""
KITTY = Answering(
    attributes=b"?62;", name=b"kitty(0.41.1)", kitty=True, memory=True, files=True, cell=b"18;9", synchronized=True
)
FOOT = Answering(attributes=b"?62;4;22;29", name=b"foot(1.16.2)", cell=b"18;9")
HAS_ALL = "all" if subprocess.run(["tmux", "-V"], check=True, capture_output=True).stdout >= b"tmux 3.4" else ""
LONG = 20.0


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="tmux-"))
    yield folder
    shutil.rmtree(folder)


def inside(
    folder: Path, outer: Answering, passthrough: str, *, prefix: str = "", deadline: float = LONG
) -> tuple[dict, str, bytes]:
    """The facts found in a tmux that is shown in ``outer``, its pane's title before and after, what outer was sent."""
    (folder / "conf").write_text(f"set -g allow-passthrough {passthrough}\nset -g escape-time 0\n")
    socket = str(folder / "s")
    title = "tmux display-message -p '#{pane_title}'"
    child = shlex.join([sys.executable, "-c", CHILD, str(folder / "facts"), str(deadline)])
    script = (
        # What the outer terminal is called is known as soon as it has answered tmux.
        "until [ -n \"$(tmux display-message -p '#{client_termtype}')\" ]; do :; done\n"
        f"{title} >{folder}/before\n{prefix} {child}\n{title} >{folder}/after\n"
    )
    (folder / "script").write_text(script)
    command = ["tmux", "-S", socket, "-f", str(folder / "conf"), "new-session", f"sh {folder / 'script'}"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    environment = {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    outer = replace(outer)
    with Terminal(command, cwd=Path.cwd(), environment=environment, persona=outer) as terminal:
        assert terminal.wait_exit() == 0, terminal.screen
    before, after = (folder / "before").read_text(), (folder / "after").read_text()
    assert before == after
    return json.loads((folder / "facts").read_text()), before, outer.asked


def test_with_passthrough_kitty_behind_tmux_is_asked_and_answers(short_folder: Path) -> None:
    facts, _, asked = inside(short_folder, KITTY, "on")
    assert facts["protocol"] == "kitty"
    assert facts["tmux"]
    assert facts["passthrough"] == "on"
    assert facts["name"] == "kitty(0.41.1)"
    assert "answered through tmux" in facts["why"]
    assert dict(facts["answers"])["Kitty pictures"] == "yes, in text too"
    assert facts["truecolor"]
    # Files and memory are the terminal's, and where it runs nobody behind tmux knows.
    assert facts["direct"] == ""
    assert asked.count(b"a=q") == 1


def test_without_passthrough_kitty_is_not_asked_and_the_reason_says_what_to_type(short_folder: Path) -> None:
    facts, _, asked = inside(short_folder, KITTY, "off")
    assert facts["protocol"] == "half"
    assert facts["passthrough"] == ""
    assert TURN_ON in facts["why"]
    assert "kitty(0.41.1)" in facts["why"]
    assert b"a=q" not in asked
    assert not facts["late"]


def test_the_value_all_counts_where_tmux_has_it(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, KITTY, "all")
    assert facts["passthrough"] == HAS_ALL
    assert facts["protocol"] == ("kitty" if HAS_ALL else "half")


def test_sixel_behind_tmux_is_left_alone_unless_tmux_says_so(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, FOOT, "on")
    assert facts["protocol"] == "half"
    assert dict(facts["lacks"])["kitty"] == "foot(1.16.2) behind tmux draws none"
    assert "sixel" in dict(facts["lacks"])


def test_behind_ssh_tmux_is_known_by_term_and_what_it_passes_on_by_the_answer(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, KITTY, "on", prefix="env -u TMUX")
    assert (facts["protocol"], facts["tmux"], facts["passthrough"]) == ("kitty", True, "on")


def test_behind_ssh_a_tmux_that_passes_nothing_on_does_not_cost_the_deadline(short_folder: Path) -> None:
    facts, _, asked = inside(short_folder, KITTY, "off", prefix="env -u TMUX")
    assert (facts["protocol"], facts["tmux"], facts["passthrough"]) == ("half", True, "")
    assert TURN_ON in facts["why"]
    assert b"a=q" not in asked


def test_a_tmux_that_nothing_tells_of_is_known_by_its_name_and_keeps_its_title(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, KITTY, "on", prefix="env -u TMUX TERM=xterm-256color")
    assert facts["protocol"] == "half"
    assert "tmux" in facts["why"]
    assert not facts["tmux"]


def test_a_tmux_that_does_not_answer_is_given_up(short_folder: Path) -> None:
    slow = short_folder / "tmux"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    environment = {"PATH": f"{short_folder}:/usr/bin:/bin", "TMUX": "/nowhere,1,0"}
    assert ask_tmux(environment, 0.05) is None
    assert ask_tmux({**environment, "PATH": "/usr/bin:/bin"}, LONG) is None
    assert ask_tmux({**environment, "PATH": str(short_folder / "nothing")}, LONG) is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            "3.5a|/dev/pts/3|xterm-kitty|256,RGB,title|kitty(0.41.1)\nall\n",
            Tmux("3.5a", "/dev/pts/3", "xterm-kitty", "kitty(0.41.1)", frozenset({"256", "RGB", "title"}), "all"),
        ),
        ("3.3a|/dev/pts/3|||\noff\n", Tmux("3.3a", "/dev/pts/3")),
        # The option came with 3.3; before, everything got through.
        ("3.2a|/dev/pts/3|foot|sixel|\n", Tmux("3.2a", "/dev/pts/3", "foot", "", frozenset({"sixel"}), "on")),
        ("next-3.6|/dev/pts/3|foot||\n", Tmux("next-3.6", "/dev/pts/3", "foot")),
        ("3.4|t|x||a|b\non\n", Tmux("3.4", "t", "x", "a|b", frozenset(), "on")),
        ("", None),
        ("no server running\n", None),
    ],
)
def test_what_tmux_tells_is_understood(told: str, expected: Tmux | None) -> None:
    assert parse_tmux(told) == expected


def judged(tmux: Tmux, *, own: str = "1;2", outer: str | None = "62;", wraps: bool = True, **heard: object) -> object:
    """The verdict on a tmux whose own attributes are ``own``; ``outer`` are the terminal's, None for no answer."""
    talk = Talk("tmux", wraps=wraps)
    for attributes in (own, outer) if wraps and outer is not None else (own,):
        talk.take(f"\x1b[?{attributes}c")
    for name, value in heard.items():
        setattr(talk, name, value)
    return judge(talk, Around({"TERM": "tmux-256color"}, None, tmux))


SIXEL = Tmux("3.5a", terminal="foot", features=frozenset({"sixel"}))


def test_sixel_in_tmux_takes_both_a_tmux_that_knows_it_and_a_terminal_that_does() -> None:
    assert judged(SIXEL, own="1;2;4", wraps=False).best == "sixel"
    assert judged(SIXEL, own="1;2", wraps=False).best == "half"
    # tmux 3.5a claims Sixel in kitty as well.
    assert judged(replace(SIXEL, terminal="xterm-kitty", features=frozenset()), own="1;2;4", wraps=False).best == "half"


def test_kitty_that_tmux_knows_but_that_did_not_answer_can_be_chosen_all_the_same() -> None:
    tmux = Tmux("3.5a", terminal="xterm-kitty", terminal_name="kitty(0.41.1)", passthrough="on")
    verdict = judged(tmux, outer=None)
    assert verdict.best == "half"
    assert "kitty" in verdict.can
    assert "chosen all the same" in verdict.because


def test_a_terminal_without_placeholders_behind_tmux_gets_no_kitty_pictures() -> None:
    tmux = Tmux("3.5a", terminal="xterm-256color", terminal_name="WezTerm 2024", passthrough="on")
    verdict = judged(tmux, kitty=True, name="WezTerm 2024")
    assert verdict.best == "half"
    assert "place Kitty pictures in text" in verdict.because


@pytest.mark.parametrize(
    "tmux", [Tmux(terminal="tmux-256color"), Tmux(terminal="screen"), Tmux(terminal_name="tmux 3.4")]
)
def test_a_tmux_in_another_one_wraps_nothing(tmux: Tmux) -> None:
    assert tmux.is_nested
    verdict = judged(replace(tmux, passthrough="on"), wraps=False)
    assert verdict.best == "half"
    assert "another tmux" in verdict.because
