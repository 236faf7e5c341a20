"""What the app and doctor find out about a terminal, from outside; no answer and no key goes astray."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from support.answering import Answering
from support.terminal import Terminal, app

from tui.domain.proxy import ProxyAddress

KITTY = Answering(
    attributes=b"?62;",
    name=b"kitty(0.41.1)",
    kitty=True,
    memory=True,
    cell=b"18;9",
    text_area=b"864;1386",
    synchronized=True,
    colour=b"0;48:2:1:2:3",
)
NOBODY = ("--proxy", "http://127.0.0.1:1")
SENTENCE = "The quick brown fox jumps over the lazy dog."


class Holding(Answering):
    """It answers when the test says so."""

    held = b""

    def answers(self, question: bytes) -> bytes:
        self.held += super().answers(question)
        return b""


def test_doctor_says_what_is_drawn_and_why_with_every_answer(tmp_path: Path) -> None:
    with app(tmp_path, "doctor", *NOBODY, persona=replace(KITTY), TERM="xterm-kitty", COLORTERM="") as terminal:
        terminal.wait_for("✓ model")
        screen = " ".join(terminal.screen.split())
    assert "kitty(0.41.1), TERM=xterm-kitty, 24-bit colours" in screen
    assert "Kitty pictures, because kitty(0.41.1) answered that it draws them." in screen
    for answer in ("Sixel: no", "a cell: 9×18 pixels", "all cells: 1386×864 pixels", "direct: shared memory is read"):
        assert answer in screen


def test_doctor_says_it_where_what_is_forced_can_hardly_work(tmp_path: Path) -> None:
    with app(tmp_path, "doctor", *NOBODY, IMAGE_GEN_IMAGES="sixel", persona=replace(KITTY)) as terminal:
        terminal.wait_for("✓ model")
        screen = " ".join(terminal.screen.split())
    assert "• pictures Sixel pictures, because the setting says so. They will hardly be seen" in screen


def test_a_terminal_that_answered_for_24_bit_colours_gets_them_without_colorterm(tmp_path: Path) -> None:
    for colour, exact in ((b"0;48:2::1:2:3", True), (b"0;48:5:16", False)):
        persona = Answering(attributes=b"?61;6;22", colour=colour)
        folder = tmp_path / str(exact)
        with app(folder, *NOBODY, persona=persona, TERM="xterm-256color", COLORTERM="") as terminal:
            terminal.wait_for("Prompt")
            terminal.wait_for("F1 help")
            frames = terminal.raw.partition(b"\x1b[?1049h")[2]
        assert (b"48;2;" in frames) is exact


def test_the_way_pictures_are_drawn_changes_at_once_and_nothing_stays_behind(
    tmp_path: Path, sandbox_proxy: ProxyAddress
) -> None:
    flags = ("--model", "gemini-3.1-flash-image", "--proxy", sandbox_proxy.url, "--api-key", sandbox_proxy.key.reveal())
    with app(tmp_path, *flags, persona=replace(KITTY), TERM="xterm-kitty") as terminal:
        terminal.wait_for("● ")
        terminal.type("fox\r")
        terminal.wait_for(lambda: terminal.raw.count(b"a=p,U=1") == 1)
        _choose(terminal, "Pictures: half blocks")
        terminal.wait_for(lambda: terminal.half_blocks() > 200)
        assert b"a=d,d=I" in terminal.raw
        _choose(terminal, "Link: off")
        terminal.wait_for(lambda: terminal.half_blocks() == 0)
        _choose(terminal, "Pictures: as the terminal can")
        terminal.wait_for(lambda: terminal.raw.count(b"a=p,U=1") >= 2)
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


def _choose(terminal: Terminal, name: str) -> None:
    terminal.press("ctrl+p")
    terminal.wait_for("Search for commands")
    # What is typed differs from what is found by its first letter.
    terminal.type(name.lower())
    terminal.wait_for(name)
    terminal.press("down", "enter")
    terminal.wait_for(lambda: name not in terminal.screen)


@pytest.mark.parametrize("seed", range(4))
def test_keys_and_late_answers_in_pieces_never_mix(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    persona = Holding(**{name: getattr(KITTY, name) for name in ("attributes", "name", "kitty", "cell", "text_area")})
    with app(tmp_path, *NOBODY, persona=persona, TERM="xterm-kitty", typed=SENTENCE[:4].encode()) as terminal:
        terminal.wait_for(lambda: persona.held.endswith(b"?62;c"))
        answers = persona.held.decode().replace("\x1b\\", "\0").split("\x1b")[1:]
        parts = [("\x1b" + each).replace("\0", "\x1b\\") for each in answers]
        up_at = chance.randrange(len(SENTENCE) - 4)
        places = sorted(chance.randrange(len(SENTENCE)) for _ in parts)
        for at, key in enumerate(SENTENCE[4:]):
            while places and places[0] <= at:
                places.pop(0)
                answer = parts.pop(0)
                cut = chance.randrange(len(answer))
                terminal.type(answer[:cut])
                terminal.type(answer[cut:])
            terminal.type(key)
            if at == up_at:
                terminal.wait_for(lambda: terminal.modes.get(1049, False))
        terminal.type("".join(parts))
        terminal.wait_for(SENTENCE)
        terminal.type("!")
        terminal.wait_for(f"{SENTENCE}!")
        screen = terminal.screen
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    for trace in ("Gi=", "kitty(0.41.1)", "?62", "[6;", "864"):
        assert trace not in screen
