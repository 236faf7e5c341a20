"""Tab in bash, zsh and fish: what is offered is what the command line takes, in this library."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.app import Home
from support.command import Outcome

from tui.cli import front
from tui.shell.completing import SCRIPTS, read_line

Run = Callable[..., Outcome]
Offers = Callable[..., list[str]]


@pytest.fixture
def offers(home: Home, here: Run, monkeypatch: pytest.MonkeyPatch) -> Offers:
    """What a shell is offered for a line: zsh's own form, without what is said of each."""
    tagged = home.generations[1].metadata
    assert tagged is not None
    document = json.loads(tagged.read_text())
    tagged.write_text(json.dumps(document | {"user": {"tags": ["winter", "best of"]}}))

    def offered(line: str, shell: str = "fish") -> list[str]:
        monkeypatch.setenv("_IMAGE_GEN_COMPLETE", shell)
        done = here(f"image-gen {line}")
        assert (done.status, done.err) == (0, "")
        return [each.partition("\t")[0] for each in done.lines]

    return offered


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("", ["generate", "history", "stats", "doctor"]),
        ("hi", ["history"]),
        ("--json hi", ["history"]),
        ("history s", ["show", "star"]),
        ("-d generated_images history sh", ["show"]),
        ("history star 20260314_1203", ["20260314_120300"]),
        ("history rate 4 20260314_1203", ["20260314_120300"]),
        ("history show --pa", ["--path"]),
        ("history --sort r", ["rating"]),
        ("history model:gemini-2", ["model:gemini-2.5-flash-image"]),
        ("history fox ta", ["tag:"]),
        ("history tag:wi", ["tag:winter"]),
        ("history tag:be", ['tag:"best of"']),
        ("history is:mis", ["is:missing"]),
        ("-m gemini-3-pro-image-p", ["gemini-3-pro-image-preview"]),
        ("fox -r 16", ["16:9"]),
        ("fox --image-size 2", ["2K"]),
        ("fox --format w", ["webp"]),
        ("completion z", ["zsh"]),
    ],
)
def test_what_can_stand_there_is_offered(offers: Offers, line: str, some: list[str]) -> None:
    found = offers(line)
    assert found[: len(some)] == some if len(some) == 1 else set(some) <= set(found)


@pytest.mark.parametrize("line", ["fox hi", "-- hi", "history -- s", "history fox sh", "-m hi", "history show nothing"])
def test_where_no_command_can_stand_none_is_offered(offers: Offers, line: str) -> None:
    assert not set(offers(line)) & {"history", "star", "show"}


def test_ids_are_the_newest_first_with_their_prompts(home: Home, offers: Offers) -> None:
    stems = [each.stem for each in reversed(home.generations)]
    assert offers("history show ") == stems
    made = home.generations[2]
    assert made.id in offers(f"history show {made.id[:-6]}")


def test_bash_gets_what_follows_the_colon_and_quotes_what_needs_it(offers: Offers) -> None:
    assert offers("history model:gemini-2", "bash") == ["gemini-2.5-flash-image"]
    assert offers("fox -r 16:", "bash") == ["9"]
    assert offers('history "tag:wi', "bash") == ["tag:winter"]
    assert offers("history tag:be", "bash") == ['\\"best\\ of\\"']


def test_zsh_is_told_what_each_is(offers: Offers) -> None:
    assert offers("history --sort ra", "zsh") == ["rating:best rated first"]
    assert offers("history model:gemini-2", "zsh") == ["model\\:gemini-2.5-flash-image"]


def test_no_library_and_bad_settings_offer_nothing_and_say_nothing(here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_IMAGE_GEN_COMPLETE", "zsh")
    for line in ("history show ", "history show -d nowhere ", "history show --config none.toml 2"):
        done = here(f"image-gen {line}")
        assert (done.status, done.out, done.err) == (0, b"", "")


@pytest.mark.parametrize(
    ("text", "words", "incomplete", "quoted"),
    [
        ("image-gen", (), "", False),
        ("image-gen ", (), "", False),
        ("image-gen a b", ("a",), "b", False),
        ("image-gen a b ", ("a", "b"), "", False),
        ('image-gen "a b" c', ("a b",), "c", False),
        ('image-gen "a b', (), "a b", True),
        ("image-gen it\\'s # x", ("it's", "#"), "x", False),
        ("", (), "", False),
    ],
)
def test_a_line_is_read_as_the_shell_reads_it(text: str, words: tuple[str, ...], incomplete: str, quoted: bool) -> None:
    assert read_line(text) == (words, incomplete, quoted)


@pytest.mark.parametrize("shell", sorted(SCRIPTS))
def test_the_script_of_each_shell_is_printed(here: Run, shell: str) -> None:
    done = here("completion", shell)
    assert (done.status, done.err) == (0, "")
    assert "_IMAGE_GEN_COMPLETE" in done.out.decode()
    assert here("completion", f"/usr/bin/{shell}").out == done.out


def test_another_shell_is_told_which_there_are(here: Run) -> None:
    done = here("completion", "tcsh")
    assert (done.status, done.out) == (2, b"")
    assert "bash, zsh or fish" in done.err
    assert here("completion").status == 2


def test_bash_completes_with_the_script(home: Home, here: Run, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    program = tmp_path / "image-gen"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui "$@"\n')
    program.chmod(0o755)
    script = here("completion", "bash").out.decode()
    line = "image-gen history show 20260314_12"
    asked = f'COMP_LINE="{line}" COMP_POINT={len(line)}; _image_gen_complete {program}; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run([bash, "-c", f"{script}\n{asked}"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [each.stem for each in reversed(home.generations)]


def test_every_command_can_be_completed(offers: Offers) -> None:
    for command in front.all():
        found = offers(f"{command.name} --")
        assert "--help" in found
