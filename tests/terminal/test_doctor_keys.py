"""``image-gen doctor`` asks the terminal, and what a person types meanwhile is the shell's."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.terminal import COMMAND, KITTY, XTERM, Persona, Terminal

SCRIPT = "{doctor}; IFS= read -r line; printf 'the shell got <%s>\\n' \"$line\""


@dataclass(frozen=True, slots=True)
class Typing(Persona):
    """Somebody types right before the last answer, and right behind it."""

    before: bytes = b""
    behind: bytes = b""

    def answers(self, question: bytes) -> bytes:
        # By name: a dataclass with slots is another class than the one that ``super`` means here.
        told = Persona.answers(self, question)
        return told.replace(self.attributes, self.before + self.attributes + self.behind)


def doctor(folder: Path, persona: Persona, typed: bytes = b"") -> Terminal:
    """A shell that runs the command and then reads a line."""
    command = shlex.join([*COMMAND, "doctor", "--proxy", "http://127.0.0.1:1"])
    environment = {**os.environ, "IMAGE_GEN_HOME": str(folder / "home"), "TERM": "xterm-256color"}
    script = ["sh", "-c", SCRIPT.format(doctor=command)]
    return Terminal(script, cwd=folder, environment=environment, persona=persona, typed=typed)


def test_what_was_typed_before_it_began_is_left_and_the_terminal_not_asked(tmp_path: Path) -> None:
    with doctor(tmp_path, KITTY, b"make test\n") as terminal:
        terminal.wait_for("the shell got <make test>")
        terminal.wait_exit()
        assert b"\x1b[c" not in terminal.raw
        assert "keys are typed already" in terminal.screen


def test_what_is_typed_behind_the_last_answer_is_left(tmp_path: Path) -> None:
    with doctor(tmp_path, Typing(behind=b"make test\n")) as terminal:
        terminal.wait_for("the shell got <make test>")
        terminal.wait_exit()
        assert "is lost" not in terminal.screen


def test_what_is_typed_between_the_answers_is_given_back_or_told(tmp_path: Path) -> None:
    with doctor(tmp_path, Typing(before=b"make ", behind=b"test\n")) as terminal:
        terminal.wait_for("the shell got <")
        terminal.wait_exit()
        lost = "is lost: 'make '" in terminal.screen
        assert ("the shell got <test>" if lost else "the shell got <make test>") in terminal.screen


@pytest.mark.parametrize("persona", [XTERM, KITTY])
def test_the_terminal_is_as_before(tmp_path: Path, persona: Persona) -> None:
    with doctor(tmp_path, persona) as terminal:
        terminal.wait_for("pictures")
        terminal.type("a\n")
        terminal.wait_for("the shell got <a>")
        terminal.wait_exit()
        assert terminal.modes_now == terminal.modes_before
