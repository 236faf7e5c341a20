import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.terminal import KITTY, MUTE, Persona, Terminal

APP = Path(__file__).parents[2] / "support" / "picture_app.py"
SIXEL = Persona(attributes=b"\x1b[?64;1;2;4c", name=b"XTerm(379)")
START = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[START]:
    """Starts the small app in a terminal; all are ended afterwards."""
    picture = tmp_path / "picture.png"
    Image.radial_gradient("L").convert("RGB").resize((300, 200)).save(picture)
    running: list[Terminal] = []

    def begin(persona: Persona = KITTY, leftover: str = "") -> Terminal:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        terminal = Terminal(
            (sys.executable, str(APP), str(picture), *([leftover] if leftover else [])),
            cwd=Path.cwd(),
            environment={"TERM": "xterm-256color", **kept},
            columns=80,
            rows=24,
            persona=persona,
        )
        terminal.__enter__()
        running.append(terminal)
        return terminal

    yield begin
    for terminal in running:
        terminal.__exit__(None, None, None)


def sent(terminal: Terminal) -> list[bytes]:
    """Ids of the pictures transmitted, in order."""
    return re.findall(rb"\x1b_Ga=t,f=100,t=d,i=(\d+),", terminal.raw)


def freed(raw: bytes) -> list[bytes]:
    """Ids of the pictures freed with their data, in order."""
    return re.findall(rb"\x1b_Ga=d,d=I,i=(\d+),q=2\x1b\\", raw)


def test_a_picture_is_sent_once_placed_and_freed_before_the_screen_is_left(start: START) -> None:
    terminal = start()
    terminal.wait_for("shown 1 300x200")
    assert len(sent(terminal)) == 1
    assert b"\x1b_Ga=p,U=1,i=" + sent(terminal)[0] in terminal.raw
    assert "\U0010eeee".encode() in terminal.raw
    assert freed(terminal.raw) == []
    terminal.type("\x11")
    assert terminal.wait_exit() == 0
    before, _, _ = terminal.raw.partition(b"\x1b[?1049l")
    assert freed(before) == sent(terminal)
    assert terminal.modes_now == terminal.modes_before


def test_a_picture_seen_again_costs_only_its_cells(start: START) -> None:
    terminal = start()
    terminal.wait_for("shown 1")
    terminal.press("f2")
    terminal.press("f2")
    terminal.wait_for("shown 2")
    assert len(sent(terminal)) == 1
    assert freed(terminal.raw) == []


def test_a_pane_that_goes_takes_its_picture_off_the_screen(start: START) -> None:
    terminal = start()
    terminal.wait_for("shown 1")
    terminal.wait_for("\U0010eeee")
    terminal.press("f5")
    terminal.wait_for(lambda: "\U0010eeee" not in terminal.screen)
    assert terminal.process.poll() is None
    terminal.type("\x11")
    assert terminal.wait_exit() == 0
    before, _, _ = terminal.raw.partition(b"\x1b[?1049l")
    assert freed(before) == sent(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_app_in_order(start: START, number: signal.Signals) -> None:
    terminal = start()
    terminal.wait_for("shown 1")
    os.kill(terminal.process.pid, number)
    assert terminal.wait_exit() == 128 + number
    before, _, after = terminal.raw.partition(b"\x1b[?1049l")
    assert freed(before) == sent(terminal)
    assert b"\x1b[?25h" in after
    assert terminal.modes_now == terminal.modes_before


def test_what_was_typed_during_the_probe_comes_first_and_in_order(start: START) -> None:
    terminal = start(leftover="a red fox é漢")
    terminal.wait_for("shown 1")
    terminal.type(" in snow")
    terminal.wait_for("a red fox é漢")
    terminal.wait_for("in snow")


def test_late_answers_are_never_typed_into_the_prompt(start: START) -> None:
    terminal = start(MUTE)
    terminal.wait_for("shown 1")
    answers = (
        "\x1b_Gi=153659325;OK\x1b\\",
        "\x1b[6;18;9t",
        "\x1bP>|kitty(0.41.1)\x1b\\",
        "\x1b[?62;c",
        "\x1b[?1;0;256S",
    )
    terminal.type("fox" + "".join(answers) + "es")
    terminal.wait_for("foxes")
    for answer in answers:
        terminal.type(answer[:4])
        terminal.type(answer[4:])
    terminal.type("!")
    terminal.wait_for("foxes!")


def test_half_an_answer_that_gets_no_rest_is_given_to_the_keys_again(start: START) -> None:
    terminal = start(MUTE)
    terminal.wait_for("shown 1")
    terminal.type("a\x1b[?62")
    terminal.wait_for("a")
    terminal.wait_for(lambda: "62" in terminal.screen)


def test_after_a_suspension_the_picture_is_sent_again(start: START) -> None:
    terminal = start()
    terminal.wait_for("shown 1")
    first = sent(terminal)
    terminal.press("f3")
    terminal.wait_for("shown 2")
    before, _, _ = terminal.raw.partition(b"paused")
    assert freed(before) == first
    assert len(set(sent(terminal))) == 2


def test_frames_stay_synchronized_although_the_driver_asks_the_same_question(start: START) -> None:
    terminal = start()
    terminal.wait_for("shown 1")
    terminal.type("x")
    terminal.wait_for("x")
    terminal.wait_for(lambda: b"\x1b[?2026h" in terminal.raw.rpartition(b"\x1b_Ga=p")[2])


def tiles(terminal: Terminal) -> Counter[bytes]:
    """How often each tile of a Sixel was sent to its place."""
    return Counter(re.findall(rb"\x1b\[[0-9;]+H\x1bP0;1;0q[^\x1b]*\x1b\\", terminal.raw))


def test_of_a_sixel_what_was_under_a_dialog_comes_back_when_it_closes_and_only_then(start: START) -> None:
    terminal = start(SIXEL)
    terminal.wait_for("shown 1")
    terminal.wait_for(lambda: tiles(terminal))
    terminal.type("hello")
    terminal.wait_for("hello")
    terminal.press("f4")
    terminal.wait_for("a dialog")
    assert {*tiles(terminal).values()} == {1}
    terminal.press("escape")
    terminal.wait_for(lambda: 2 in tiles(terminal).values())
    assert 1 in tiles(terminal).values()


def test_pictures_drawn_another_way_leave_nothing_behind_and_come_back(start: START) -> None:
    # Not one that repeats placeholders: pyte does not.
    terminal = start(replace(KITTY, name=b"ghostty 1.2"))
    terminal.wait_for("shown 1")
    terminal.press("f6")
    terminal.wait_for("shown 2")
    terminal.wait_for(lambda: terminal.half_blocks() > 100)
    assert "\U0010eeee" not in terminal.screen
    assert freed(terminal.raw) == sent(terminal)
    terminal.press("f6")
    terminal.wait_for("shown 3")
    terminal.wait_for(lambda: "\U0010eeee" in terminal.screen and not terminal.half_blocks())
    assert len(set(sent(terminal))) == 2


def test_sixel_drawn_another_way_leaves_nothing_behind_and_comes_back(start: START) -> None:
    terminal = start(SIXEL)
    terminal.wait_for("shown 1")
    terminal.press("f6")
    terminal.wait_for(lambda: terminal.half_blocks() > 100)
    terminal.press("f6")
    terminal.wait_for("shown 3")
    terminal.wait_for(lambda: {*tiles(terminal).values()} == {2})


def test_a_dialog_over_a_picture_and_away_again_costs_little(start: START) -> None:
    terminal = start()
    terminal.wait_for("shown 1")
    terminal.wait_for("\U0010eeee")
    before = len(terminal.raw)
    terminal.press("f4")
    terminal.wait_for("a dialog")
    terminal.press("escape")
    terminal.wait_for(lambda: "a dialog" not in terminal.screen)
    assert len(terminal.raw) - before < 6_000


def test_a_terminal_without_pictures_gets_half_blocks(start: START) -> None:
    terminal = start(Persona())
    terminal.wait_for("shown 1")
    terminal.wait_for(lambda: terminal.half_blocks() > 100)
    assert b"\x1b_Ga=t" not in terminal.raw


def test_xterm_gets_its_sixels_again_when_one_comes_back_to_its_window(start: START) -> None:
    terminal = start(SIXEL)
    terminal.wait_for("shown 1 300x200")
    terminal.wait_for(lambda: tiles(terminal))
    terminal.type("\x1b[O\x1b[I")
    terminal.wait_for(lambda: {*tiles(terminal).values()} == {2})
