"""The probe in a real tmux; collected only where there is one."""

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

from tui.terminal.exchange import PASSED_ON
from tui.terminal.verdict import TURN_ON

CHILD = """
import json, sys
from dataclasses import asdict
from tui.terminal import exchange
from tui.terminal.probe import probe
exchange.PASSED_ON = float(sys.argv[3])
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
    folder: Path, outer: Answering, passthrough: str, *, prefix: str = "", passed_on: float = LONG
) -> tuple[dict, str, bytes]:
    """The facts found in a tmux that is shown in ``outer``, its pane's title before and after, what outer was sent."""
    (folder / "conf").write_text(f"set -g allow-passthrough {passthrough}\nset -g escape-time 0\n")
    socket = str(folder / "s")
    title = "tmux display-message -p '#{pane_title}'"
    child = shlex.join([sys.executable, "-c", CHILD, str(folder / "facts"), str(LONG), str(passed_on)])
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
    assert facts["protocol"] == "symbols"
    assert facts["passthrough"] == ""
    assert TURN_ON in facts["why"]
    assert "kitty(0.41.1)" in facts["why"]
    assert b"a=q" not in asked
    assert not facts["late"]


def test_the_value_all_counts_where_tmux_has_it(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, KITTY, "all")
    assert facts["passthrough"] == HAS_ALL
    assert facts["protocol"] == ("kitty" if HAS_ALL else "symbols")


def test_sixel_behind_tmux_is_left_alone_unless_tmux_says_so(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, FOOT, "on")
    says_so = dict(facts["answers"])["tmux"].endswith(", Sixel") and dict(facts["answers"])["Sixel"] == "yes"
    assert facts["protocol"] == ("sixel" if says_so else "symbols")
    assert ("sixel" in facts["can"]) is says_so
    assert dict(facts["lacks"])["kitty"] == "foot(1.16.2) behind tmux draws none"


def test_what_xterm_behind_tmux_can_draw_is_known_though_tmux_takes_any_size(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, replace(FOOT, name=b"XTerm(379)"), "off")
    assert (facts["sixel_width"], facts["sixel_height"]) == (1000, 1000)


def test_behind_ssh_tmux_is_known_by_term_and_what_it_passes_on_by_the_answer(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, KITTY, "on", prefix="env -u TMUX")
    assert (facts["protocol"], facts["tmux"], facts["passthrough"]) == ("kitty", True, "on")


def test_behind_ssh_a_tmux_that_passes_nothing_on_does_not_cost_the_deadline(short_folder: Path) -> None:
    facts, _, asked = inside(short_folder, KITTY, "off", prefix="env -u TMUX", passed_on=PASSED_ON)
    assert (facts["protocol"], facts["tmux"], facts["passthrough"]) == ("half", True, "")
    assert TURN_ON in facts["why"]
    assert b"a=q" not in asked


def test_a_tmux_that_nothing_tells_of_is_known_by_its_name_and_keeps_its_title(short_folder: Path) -> None:
    facts, _, _ = inside(short_folder, KITTY, "on", prefix="env -u TMUX TERM=xterm-256color")
    assert facts["protocol"] == "half"
    assert "tmux" in facts["why"]
    assert not facts["tmux"]
