from dataclasses import replace
from pathlib import Path

import pytest

from tui.terminal.questions import Talk
from tui.terminal.tmux import Tmux, ask_tmux, parse_tmux
from tui.terminal.verdict import Around, Verdict, judge

LONG = 20.0


def test_a_tmux_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    slow = tmp_path / "tmux"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TMUX": "/nowhere,1,0"}
    assert ask_tmux(environment, 0.05) is None
    assert ask_tmux({**environment, "PATH": "/usr/bin:/bin"}, LONG) is None
    assert ask_tmux({**environment, "PATH": str(tmp_path / "nothing")}, LONG) is None


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


def judged(tmux: Tmux, *, own: str = "1;2", outer: str | None = "62;", wraps: bool = True, **heard: object) -> Verdict:
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
    assert judged(SIXEL, own="1;2", wraps=False).best == "symbols"
    # tmux 3.5a claims Sixel in kitty as well.
    assert (
        judged(replace(SIXEL, terminal="xterm-kitty", features=frozenset()), own="1;2;4", wraps=False).best == "symbols"
    )


def test_kitty_that_tmux_knows_but_that_did_not_answer_can_be_chosen_all_the_same() -> None:
    tmux = Tmux("3.5a", terminal="xterm-kitty", terminal_name="kitty(0.41.1)", passthrough="on")
    verdict = judged(tmux, outer=None)
    assert verdict.best == "symbols"
    assert "kitty" in verdict.can
    assert "chosen all the same" in verdict.because


def test_a_terminal_without_placeholders_behind_tmux_gets_no_kitty_pictures() -> None:
    tmux = Tmux("3.5a", terminal="xterm-256color", terminal_name="WezTerm 2024", passthrough="on")
    verdict = judged(tmux, kitty=True, name="WezTerm 2024")
    assert verdict.best == "symbols"
    assert "place Kitty pictures in text" in verdict.because


@pytest.mark.parametrize(
    "tmux", [Tmux(terminal="tmux-256color"), Tmux(terminal="screen"), Tmux(terminal_name="tmux 3.4")]
)
def test_a_tmux_in_another_one_wraps_nothing(tmux: Tmux) -> None:
    assert tmux.is_nested
    verdict = judged(replace(tmux, passthrough="on"), wraps=False)
    assert verdict.best == "half"
    assert "another tmux" in verdict.because
