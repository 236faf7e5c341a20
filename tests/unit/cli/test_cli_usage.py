import re

import pytest
from support.command import image_gen

from tui.cli import front


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["fox", "--modle", "x"], "--model"),
        (["fox", "--aspect-raito", "1:1"], "--aspect-ratio"),
        (["fox", "-r", "17:9"], "Closest to yours: 16:9"),
        (["fox", "-r", "wide"], "1:1 2:3 3:2"),
        (["fox", "-m", "gemini-2.5-flash-image", "-r", "8:1"], "21:9"),
        (["fox", "-s", "8K"], "512 1K 2K 4K"),
        (["fox", "-m", "gemini-2.5-flash-image", "-s", "4K"], "1K"),
        (["fox", "-n", "0"], "1 to 99"),
        (["fox", "-n", "many"], "1 to 99"),
        (["fox", "--timeout", "0"], "above 0"),
        (["fox", "--format", "gif"], "webp"),
        (["fox", "--proxy", "ftp://x"], "http://127.0.0.1:8317"),
        (["fox", "--model"], "--model"),
        (["fox", "-i", "missing.png"], "missing.png"),
        (["fox", "-i", "words.txt"], "words.txt"),
        (["fox", "-i", "."], "."),
        (["fox", "-o", "-", "--json"], "-o FILE"),
        (["fox", "-o", "-", "-n", "2"], "-o FILE"),
        (["fox", "-o", "no/such/folder/fox.png"], "no/such/folder"),
        (["fox", "-o", "."], "folder"),
        (["fox", "--config", "none.toml"], "none.toml"),
        (["fox", "--config", "~nobody-of-that-name/x"], "known home"),
        (["fox", "-i", "~nobody-of-that-name/x"], "known home"),
        (["fox", "-o", "~nobody-of-that-name/x"], "known home"),
        (["fox", "-o", ""], "a path"),
        (["fox", "-d", ""], "a path"),
        (["fox", "--sandbox", "--proxy", "host"], "Leave one"),
        (["a", "red", "fox"], '"a red fox"'),
        (["history", "fox", "-snow"], "history -- fox -snow"),
        (["-r", "1:1", "doctor"], "-- doctor"),
        (["-5 degrees"], "-- PROMPT"),
        (["history", "-n", "x"], "1 to"),
        (["serve"], "--sandbox"),
        (["serve", "--sandbox", "--port", "x"], "65535"),
        (["serve", "--sandbox", "--delay", "soon"], "seconds"),
        ([""], "empty"),
        ([" \n\t "], "empty"),
        ([], "-"),
        (["--json"], "PROMPT"),
        (["tui"], "terminal"),
        (["tui", "fox"], "tui takes no prompt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_usage_says_what_would_be_right(arguments, right, tmp_path):
    (tmp_path / "words.txt").write_text("no picture")
    done = image_gen(*arguments, cwd=tmp_path)
    assert done.status == 2
    assert right in done.err
    assert done.out == b""
    assert not (tmp_path / "generated_images").exists()


@pytest.mark.parametrize(
    ("data", "right"),
    [(b"", "empty"), (b"\n\n", "empty"), (b"\xff\xfe fox", "UTF-8"), (b"x" * (1024 * 1024 + 1), "1 MiB")],
    ids=["nothing", "blank", "no UTF-8", "too much"],
)
def test_a_prompt_on_standard_input_that_cannot_be_one_is_wrong_usage(data, right, tmp_path):
    done = image_gen("-", cwd=tmp_path, stdin=data)
    assert done.status == 2
    assert right in done.err


def test_a_key_in_a_wrong_command_line_is_not_shown(tmp_path):
    for arguments in (
        ["fox", "--api-key", "s3cret key"],
        ["fox", "--api-kye=s3cret"],
        ["a", "red", "fox", "--api-key", "s3cret"],
        ["fox", "--api-key", "s3cret", "-n", "0"],
    ):
        done = image_gen(*arguments, cwd=tmp_path)
        assert done.status == 2
        assert "s3cret" not in done.err


def test_control_characters_of_an_argument_do_not_reach_the_terminal(tmp_path):
    done = image_gen("fox", "-r", "\x1b[2J\x07:1", "--theme\x1b[1m", cwd=tmp_path)
    assert done.status == 2
    assert "\x1b" not in done.err
    assert "\x07" not in done.err


@pytest.mark.parametrize("name", [None, *front.places])
def test_each_command_has_help_that_names_its_flags(name, tmp_path):
    done = image_gen(*(name.split() if name and name != "help" else []), "--help", cwd=tmp_path)
    assert done.status == 0
    command = front.get_command(None, name if name and name != "help" else "generate")
    text = done.out.decode()
    for parameter in command.params:
        for flag in parameter.opts:
            if flag.startswith("-"):
                assert flag in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_help_shows_every_flag_of_the_contract_and_every_command(tmp_path):
    text = image_gen("--help", cwd=tmp_path).out.decode()
    for flag in (
        "-m, --model", "-r, --aspect-ratio", "-s, --image-size", "-n, --count", "-i, --reference",
        "-d, --output-dir", "-o, --output", "--format", "--proxy", "--api-key", "--sandbox", "--timeout",
        "--json", "--config", "--version", "--help",
    ):  # fmt: skip
        assert flag in text
    for command in ("generate", "tui", "models", "history", "serve", "doctor"):
        assert re.search(rf"^  {command}\b", text, re.MULTILINE)
    assert image_gen("help", cwd=tmp_path).out.decode() == text


def test_the_version_is_one_line(tmp_path):
    done = image_gen("--version", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert re.fullmatch(rb"image-gen \d+\.\d+\.\d+\n", done.out)


def test_an_unknown_setting_in_the_file_is_a_warning_and_no_more(tmp_path):
    (tmp_path / "settings.toml").write_text('modle = "x"')
    done = image_gen("history", cwd=tmp_path, IMAGE_GEN_HOME=str(tmp_path))
    assert done.status == 0
    assert "warning: " in done.err
    assert "model" in done.err
