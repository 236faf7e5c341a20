"""How a command line is read: which word is the command, what each takes, and what to say where one is wrong.

The name of a command below another has a space in it: ``history star``. No word of a command line is one by accident.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import click

from tui.domain.errors import InvalidRequest
from tui.orders import wrong_usage

PROGRAM: Final = "image-gen"
DEFAULT_COMMAND: Final = "generate"
COMPLETING: Final = "_IMAGE_GEN_COMPLETE"
"""The variable by which a shell asks what a line may go on with; it holds the shell's name."""


class Front(click.Group):
    """The group whose help is that of its default command, with the commands below.

    ``places`` names every command, in the order in which they are listed, with the module that has it in its
    ``COMMANDS``: that is imported when the command is wanted. The name is empty for what is added by hand.
    """

    def __init__(self, *arguments: Any, places: Mapping[str, str], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.places = places

    def get_command(self, ctx: click.Context | None, cmd_name: str) -> click.Command | None:
        """The command of that name, brought in if need be."""
        module = self.places.get(cmd_name)
        if module and cmd_name not in self.commands:
            self.commands.update(import_module(module).COMMANDS)
        return self.commands.get(cmd_name)

    def list_commands(self, ctx: click.Context | None) -> list[str]:
        """In the order of the table, not of the alphabet; without those below another."""
        return [name for name in self.places if " " not in name]

    def below(self, name: str) -> list[click.Command]:
        """The commands below the one called ``name``."""
        return [each for each in self.all() if str(each.name).startswith(f"{name} ")]

    def all(self) -> list[click.Command]:
        """Every command, those below others included."""
        return [command for name in self.places if (command := self.get_command(None, name)) is not None]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The two forms of the command line."""
        formatter.write_usage(PROGRAM, "[OPTIONS] [PROMPT]")
        formatter.write_usage(PROGRAM, "COMMAND [OPTIONS]", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The default command's flags, our own, and the commands."""
        parameters = [*self.commands[DEFAULT_COMMAND].params, *self.get_params(ctx)]
        records = [
            record for each in parameters if isinstance(each, click.Option) and (record := each.get_help_record(ctx))
        ]
        with formatter.section("Options"):
            formatter.write_dl(records)
        with formatter.section("Commands"):
            shown = [each for each in self.all() if " " not in str(each.name)]
            formatter.write_dl([(str(each.name), each.get_short_help_str(90)) for each in shown])

    def route(self, arguments: Sequence[str]) -> list[str]:
        """``arguments`` with the command's name in front.

        The first word that is no flag and no flag's value is the command if it is a command's name, together with
        the word right behind it if that names one below it; else it is a prompt. Behind ``--`` there are only
        prompts. Help asked of nobody in particular stays, and whoever asks for the version gets it, whatever else
        is there.
        """
        if "--version" in arguments and any(word == "--version" for _, word in self._words(arguments)):
            return ["--version"]
        words = self._words(arguments)
        index = next((at for at, word in words if word == "-" or not word.startswith("-")), None)
        if index is not None and arguments[index] in self.places and " " not in arguments[index]:
            name, rest = arguments[index], list(arguments[index + 1 :])
            if rest and f"{name} {rest[0]}" in self.places:
                name = f"{name} {rest.pop(0)}"
            return [name, *arguments[:index], *rest]
        if index is None and "--" not in arguments:
            for flag in ("--help", "-h"):
                if flag in arguments:
                    return [flag]
        return [DEFAULT_COMMAND, *arguments]

    def _words(self, arguments: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Every word before ``--`` that is no flag's value, with its place."""
        index = 0
        while index < len(arguments) and arguments[index] != "--":
            yield index, arguments[index]
            index += 2 if self.takes_value(arguments[index]) else 1

    def takes_value(self, word: str) -> bool:
        """Whether ``word`` is a flag with a value; the commands are brought in only where the default has no such."""
        if not word.startswith("-") or word == "-":
            return False
        for command in self._default_first():
            for option in options_of(command):
                if word in (*option.opts, *option.secondary_opts):
                    return not option.is_flag
        return False

    def _default_first(self) -> Iterator[click.Command]:
        yield self.commands[DEFAULT_COMMAND]
        yield from self.all()


class Plain(click.Command):
    """A command that takes no prompt, and says how to get a picture of the words it was given."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse words that follow the command's name."""
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            words = " ".join([str(self.name), *ctx.args])
            raise wrong_usage(f"{self.name} takes no prompt", f'For a picture of these words: {PROGRAM} "{words}"')
        return rest


class Searching(click.Command):
    """A command that takes a query, and tells in its help what a query can say."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The flags, the commands below it, then what stands in a query."""
        from tui.domain.query.keys import FORMS

        super().format_options(ctx, formatter)
        front = ctx.parent.command if ctx.parent is not None else None
        if isinstance(front, Front):
            with formatter.section("Commands"):
                formatter.write_dl(
                    [(str(each.name), each.get_short_help_str(90)) for each in front.below(self.name or "")]
                )
        with formatter.section("Query"):
            formatter.write_dl(FORMS)
            formatter.write_text("What begins with - looks like a flag: it goes behind --.")


def in_our_words(problem: click.UsageError, front: Front) -> InvalidRequest:
    """What click says of a wrong command line, with what would be right."""
    command = (problem.ctx.command if problem.ctx else None) or front
    asked = str(command.name)
    is_default = command is front or asked == DEFAULT_COMMAND
    hint = f"{PROGRAM if is_default else f'{PROGRAM} {asked}'} --help lists what it takes."
    if not isinstance(problem, click.NoSuchOption):
        return wrong_usage(problem.format_message().rstrip("."), hint)
    name = problem.option_name
    near = _nearest_flags(front.commands[DEFAULT_COMMAND] if is_default else command, name)
    if near:
        return wrong_usage(f"There is no flag {name}", f"Did you mean {' or '.join(near)}? {hint}")
    if isinstance(command, Searching) and not name.startswith("--"):
        hint += f" What a query leaves out goes behind --: {PROGRAM} {asked} -- fox -snow"
        return wrong_usage(f"There is no flag {name}", hint)
    if not is_default and name in _flags_of(front.commands[DEFAULT_COMMAND]):
        picture = f'For a picture of the word "{asked}": {PROGRAM} {name} … -- {asked}'
        return wrong_usage(f"{asked} has no flag {name}", hint if " " in asked else f"{hint} {picture}")
    if not name.startswith("--"):
        hint += f" A prompt that begins with - goes behind --: {PROGRAM} -- PROMPT"
    return wrong_usage(f"There is no flag {name}", hint)


def options_of(command: click.Command) -> list[click.Option]:
    """The flags of a command."""
    return [each for each in command.params if isinstance(each, click.Option)]


def _flags_of(command: click.Command) -> list[str]:
    return [name for each in options_of(command) for name in each.opts]


def _nearest_flags(command: click.Command, name: str) -> list[str]:
    from difflib import get_close_matches

    known = [flag for flag in (*_flags_of(command), "--help") if flag.startswith("--")]
    return get_close_matches(name, known, n=2, cutoff=0.6) if name.startswith("--") else []
