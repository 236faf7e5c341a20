import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli import front
from tui.shell.usage import options_of

route = front.route
COMMANDS = (
    "generate",
    "tui",
    "history",
    "stats",
    "verify",
    "reindex",
    "models",
    "serve",
    "doctor",
    "completion",
    "help",
)
OF_HISTORY = ("show", "star", "rate", "tag", "note", "trash", "restore")


def test_the_commands_of_the_contract_are_there():
    assert set(COMMANDS) <= set(front.places)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_word_that_is_a_command_name_is_the_command(name):
    assert route([name]) == [name]
    assert route(["--json", name]) == [name, "--json"]
    assert route(["-d", "pictures", name, "-n", "3"]) == [name, "-d", "pictures", "-n", "3"]


@pytest.mark.parametrize("name", COMMANDS)
def test_behind_two_dashes_a_command_name_is_a_prompt(name):
    assert route(["--", name]) == ["generate", "--", name]
    assert route(["--json", "--", name]) == ["generate", "--json", "--", name]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_flags_value_is_no_command(name):
    assert route(["-m", name, "fox"]) == ["generate", "-m", name, "fox"]
    assert route(["--output-dir", name, "fox"]) == ["generate", "--output-dir", name, "fox"]
    assert route([f"--model={name}", "fox"]) == ["generate", f"--model={name}", "fox"]


def test_a_second_word_is_no_command():
    assert route(["fox", "doctor"]) == ["generate", "fox", "doctor"]
    assert route(["generate", "doctor"]) == ["generate", "doctor"]


def test_a_single_dash_is_a_prompt_and_no_word_opens_the_app():
    assert route(["-"]) == ["generate", "-"]
    assert route([]) == ["generate"]
    assert route(["--sandbox"]) == ["generate", "--sandbox"]


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_asked_of_nobody_is_that_of_the_program(flag):
    assert route([flag]) == [flag]
    assert route(["--sandbox", flag]) == [flag]
    assert route(["doctor", flag]) == ["doctor", flag]
    assert route(["--", flag]) == ["generate", "--", flag]


def test_the_version_is_told_wherever_it_is_asked_for():
    for arguments in (["--version"], ["--sandbox", "--version"], ["doctor", "--version"], ["fox", "--version"]):
        assert route(arguments) == ["--version"]
    assert route(["--", "--version"]) == ["generate", "--", "--version"]
    assert route(["-m", "--version", "fox"]) == ["generate", "-m", "--version", "fox"]


@pytest.mark.parametrize("name", OF_HISTORY)
def test_a_word_right_behind_history_is_the_command_below_it(name):
    assert route(["history", name, "2026"]) == [f"history {name}", "2026"]
    assert route(["-d", "x", "--json", "history", name, "2026"]) == [f"history {name}", "-d", "x", "--json", "2026"]


@pytest.mark.parametrize("name", OF_HISTORY)
def test_anywhere_else_such_a_word_is_part_of_a_query_or_a_prompt(name):
    assert route(["history", "--", name]) == ["history", "--", name]
    assert route(["history", "fox", name]) == ["history", "fox", name]
    assert route(["history", "--json", name]) == ["history", "--json", name]
    assert route([name, "history"]) == ["generate", name, "history"]
    assert route([f"history {name}"]) == ["generate", f"history {name}"]


def test_a_prompt_of_several_words_is_no_command():
    assert route(["stats of rome"]) == ["generate", "stats of rome"]
    assert route(["--", "stats"]) == ["generate", "--", "stats"]


def test_a_flag_of_another_command_has_its_value_before_the_command_too():
    assert route(["--sort", "rating", "history", "fox"]) == ["history", "--sort", "rating", "fox"]
    assert route(["--port", "0", "serve", "--sandbox"]) == ["serve", "--port", "0", "--sandbox"]


def test_a_flag_takes_a_value_in_every_command_or_in_none():
    kinds = {}
    for command in front.all():
        for option in options_of(command):
            for name in option.opts:
                kinds.setdefault(name, set()).add(option.is_flag)
    assert [name for name, found in kinds.items() if len(found) > 1] == []


words = st.lists(
    st.one_of(st.sampled_from([*COMMANDS, *OF_HISTORY, "--", "-", "-n", "--json", "-i", "fox", "--proxy=x"]), st.text())
)


@given(words)
def test_routing_loses_and_invents_no_word(arguments):
    routed = route(arguments)
    asked = [flag for flag in ("--help", "-h", "--version") if flag in arguments]
    if len(routed) == 1 and routed[0] in asked:
        return
    assert routed[0] in front.places
    rest = routed[1:] if len(routed) > len(arguments) else [*routed[0].split(), *routed[1:]]
    assert sorted(rest) == sorted(arguments)
