"""The ``image-gen`` command: words and flags in, one of the things the program does out.

Only click is imported here; what a command needs it imports when it runs.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeVar

import click

from tui import __version__, orders, streams
from tui.domain.errors import DiskError, ImageGenError, Interrupted, InvalidRequest
from tui.orders import wrong_usage
from tui.settings import BY_NAME, Settings, load_settings, path_of

PROGRAM: Final = "image-gen"
DEFAULT_COMMAND: Final = "generate"
_REQUEST_FLAGS: Final = ("model", "aspect_ratio", "image_size", "count")
_PROXY_FLAGS: Final = ("proxy", "api_key", "insecure", "sandbox")
_SENDING_FLAGS: Final = ("timeout", "stream", "retries", "wait_limit")
_BROKEN_PIPE: Final = 141
"""What a shell reports for a program that SIGPIPE ended."""

_Callback = TypeVar("_Callback", bound=Callable[..., Any])


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command with ``arguments`` (the program's own where None) and leave with its exit status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command; the exit status is that of the contract."""
    try:
        status = front.main(args=route(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.UsageError as problem:
        return _tell(_in_our_words(problem))
    except ImageGenError as problem:
        return _tell(problem)
    except (KeyboardInterrupt, click.Abort):
        return Interrupted.exit_status
    except BrokenPipeError:
        streams.abandon_stdout()
        return _BROKEN_PIPE
    except OSError as problem:
        words = ": ".join(str(part) for part in (problem.filename, problem.strerror or problem) if part)
        return _tell(DiskError(words, title="The disk said no"))
    return int(status or 0)


def route(arguments: Sequence[str]) -> list[str]:
    """``arguments`` with the command's name in front.

    The first word that is no flag and no flag's value is the command if it is a command's name; else it is
    a prompt. Behind ``--`` there are only prompts. Help asked of nobody in particular stays, and whoever asks
    for the version gets it, whatever else is there.
    """
    words = list(_words(arguments))
    if any(word == "--version" for _, word in words):
        return ["--version"]
    index = next((at for at, word in words if word == "-" or not word.startswith("-")), None)
    if index is not None and arguments[index] in front.commands:
        return [arguments[index], *arguments[:index], *arguments[index + 1 :]]
    if index is None and "--" not in arguments:
        for flag in ("--help", "-h"):
            if flag in arguments:
                return [flag]
    return [DEFAULT_COMMAND, *arguments]


def _words(arguments: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Every word before ``--`` that is no flag's value, with its place."""
    valued = _flags_with_values()
    index = 0
    while index < len(arguments) and arguments[index] != "--":
        yield index, arguments[index]
        index += 2 if arguments[index] in valued else 1


def _flags_with_values() -> frozenset[str]:
    return frozenset(
        name
        for command in front.commands.values()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.is_flag
        for name in parameter.opts
    )


def _tell(problem: ImageGenError) -> int:
    streams.tell(problem)
    return problem.exit_status


def _in_our_words(problem: click.UsageError) -> InvalidRequest:
    """What click says of a wrong command line, with what would be right."""
    command = (problem.ctx.command if problem.ctx else None) or generate
    place = PROGRAM if command in (front, generate) else f"{PROGRAM} {command.name}"
    hint = f"{place} --help lists what it takes."
    if not isinstance(problem, click.NoSuchOption):
        return wrong_usage(problem.format_message().rstrip("."), hint)
    name = problem.option_name
    near = _nearest_flags(command, name)
    if near:
        return wrong_usage(f"There is no flag {name}", f"Did you mean {' or '.join(near)}? {hint}")
    if command is history and not name.startswith("--"):
        hint += f" What a query leaves out goes behind --: {PROGRAM} history -- fox -snow"
        return wrong_usage(f"There is no flag {name}", hint)
    if command is not generate and name in _flags_of(generate):
        picture = f'For a picture of the word "{command.name}": {PROGRAM} {name} … -- {command.name}'
        return wrong_usage(f"{command.name} has no flag {name}", f"{hint} {picture}")
    if not name.startswith("--"):
        hint += f" A prompt that begins with - goes behind --: {PROGRAM} -- PROMPT"
    return wrong_usage(f"There is no flag {name}", hint)


def _flags_of(command: click.Command) -> list[str]:
    return [name for each in command.params if isinstance(each, click.Option) for name in each.opts]


def _nearest_flags(command: click.Command, name: str) -> list[str]:
    from difflib import get_close_matches

    known = [flag for flag in (*_flags_of(command), "--help") if flag.startswith("--")]
    return get_close_matches(name, known, n=2, cutoff=0.6) if name.startswith("--") else []


class Front(click.Group):
    """The group whose help is that of its default command, with the commands below."""

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
            formatter.write_dl([(name, each.get_short_help_str(90)) for name, each in self.commands.items()])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table, not of the alphabet."""
        return list(self.commands)


class Plain(click.Command):
    """A command that takes no prompt, and says how to get a picture of the words it was given."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse words that follow the command's name."""
        rest = super().parse_args(ctx, args)
        if ctx.args:
            words = " ".join([str(self.name), *ctx.args])
            raise wrong_usage(f"{self.name} takes no prompt", f'For a picture of these words: {PROGRAM} "{words}"')
        return rest


class Searching(click.Command):
    """A command that takes a query, and tells in its help what a query can say."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The flags, then what stands in a query."""
        from tui.domain.query.keys import FORMS

        super().format_options(ctx, formatter)
        with formatter.section("Query"):
            formatter.write_dl(FORMS)
            formatter.write_text("What begins with - looks like a flag: it goes behind --.")


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        streams.print_line(f"{PROGRAM} {__version__}")
        ctx.exit()


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def front() -> None:
    """Make AI images from the terminal.

    Without a PROMPT the app opens. With a PROMPT, or - to read it from standard input, pictures are made
    at once and their paths printed. A word that is a command's name is the command: -- before it makes it
    a prompt.
    """


def _settings_flags(*names: str) -> Callable[[_Callback], _Callback]:
    """Flags for rows of the settings table, in the order named."""

    def decorate(callback: _Callback) -> _Callback:
        for name in reversed(names):
            row = BY_NAME[name]
            is_switch = "/" in row.flag
            default = f" [default: {row.default}]" if row.default is not None else ""
            callback = click.option(
                *row.flags,
                name,
                default=None,
                metavar=None if is_switch else row.metavar,
                help=f"{row.help}{default}",
                type=None if is_switch else click.UNPROCESSED,
            )(callback)
        return callback

    return decorate


_config_flag: Final = click.option(
    "--config", metavar="FILE", type=click.UNPROCESSED, help="Another settings file. [default: the usual one]"
)
_json_flag: Final = click.option(
    "--json", "as_json", is_flag=True, default=None, help="One JSON object a line on standard output."
)


@front.command(DEFAULT_COMMAND)
@click.argument("words", metavar="[PROMPT]", nargs=-1, type=click.UNPROCESSED)
@_settings_flags(*_REQUEST_FLAGS)
@click.option(
    "-i",
    "--reference",
    "references",
    metavar="FILE",
    multiple=True,
    type=click.UNPROCESSED,
    help="Picture to start from; repeatable, up to the model's limit.",
)
@_settings_flags("output_dir")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.UNPROCESSED,
    help="Also copy the picture to FILE; - writes it to standard output.",
)
@_settings_flags("format", *_PROXY_FLAGS, *_SENDING_FLAGS)
@_json_flag
@_config_flag
def generate(
    words: tuple[str, ...],
    references: tuple[str, ...],
    output: str | None,
    as_json: bool | None,
    config: str | None,
    **flags: object,
) -> int:
    """Make pictures of PROMPT (the default command)."""
    settings = _load(flags, config)
    if not words:
        _refuse_flags_of_a_prompt({"--json": as_json, "--output": output, "--reference": references})
        return _open_app(settings)
    order = orders.take(words, references, output, as_json, settings)
    from tui import headless

    return headless.run(order)


def _refuse_flags_of_a_prompt(given: Mapping[str, object]) -> None:
    for flag, value in given.items():
        if value:
            raise wrong_usage(f"{flag} needs a PROMPT", f'For example: {PROGRAM} "a red fox" {flag} …')


def _load(flags: Mapping[str, object], config: str | None) -> Settings:
    """The settings that hold; what the settings file says that is unknown goes to standard error."""
    import os

    settings = load_settings(
        flags, environ=os.environ, config=path_of(config, "--config") if config is not None else None
    )
    for warning in settings.warnings:
        streams.warn(warning)
    return settings


def _open_app(settings: Settings) -> int:
    if not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stdout)):
        raise wrong_usage(
            "Give a PROMPT: the app needs a terminal for input and output",
            f'{PROGRAM} "a red fox" makes a picture; {PROGRAM} - reads the prompt from standard input.',
        )
    from tui.start import run_app

    return run_app(settings)


@front.command("tui", cls=Plain)
@_settings_flags(*_REQUEST_FLAGS, "output_dir", *_PROXY_FLAGS, *_SENDING_FLAGS)
@_config_flag
def tui(config: str | None, **flags: object) -> int:
    """Open the app."""
    return _open_app(_load(flags, config))


@front.command("models", cls=Plain)
@click.option("--cached", is_flag=True, help="From the list kept of the proxy's last answer; nobody is asked.")
@_settings_flags(*_PROXY_FLAGS)
@_json_flag
@_config_flag
def models(cached: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """List the models: ratios, sizes, list prices, and whether the proxy serves them."""
    settings = _load(flags, config)
    from tui import model_list

    return model_list.list_models(settings, as_json=orders.wants_json(as_json), cached=cached)


@front.command("history", cls=Searching)
@click.argument("words", metavar="[QUERY]", nargs=-1, type=click.UNPROCESSED)
@click.option("-n", "--count", metavar="N", type=click.UNPROCESSED, help="How many, newest first. [default: 20]")
@_settings_flags("output_dir")
@_json_flag
@_config_flag
def history(
    words: tuple[str, ...], count: str | None, as_json: bool | None, config: str | None, **flags: object
) -> int:
    """List the newest generations of the library, or those that QUERY finds."""
    settings = _load(flags, config)
    from tui import listings

    number = _natural("--count", count, 20)
    return listings.list_history(settings, number, " ".join(words), as_json=orders.wants_json(as_json))


@front.command("serve", cls=Plain)
@click.option("--sandbox", is_flag=True, help="Our own proxy, painting pictures: no account, no network.")
@click.option("--port", metavar="PORT", type=click.UNPROCESSED, help="0 takes a free one. [default: 8317]")
@click.option("--delay", metavar="SECONDS", type=click.UNPROCESSED, help="How long a picture takes.")
@_config_flag
def serve(sandbox: bool, port: str | None, delay: str | None, config: str | None) -> int:
    """Run a proxy for other programs on 127.0.0.1."""
    if not sandbox:
        raise wrong_usage("serve needs --sandbox", f"{PROGRAM} serve --sandbox paints pictures for everyone.")
    number = _natural("--port", port, 8317, low=0, high=65535)
    settings = _load({"sandbox_delay": delay}, config)
    from tui.proxy.server import serve as run_server

    gc.enable()
    run_server(port=number, delay=settings.sandbox_delay, announce=True, key=None)
    return 0


@front.command("accounts", cls=Plain)
@_settings_flags(*_PROXY_FLAGS)
@_json_flag
@_config_flag
def accounts(as_json: bool | None, config: str | None, **flags: object) -> int:
    """List the accounts behind the proxy: usable, paused, expired; which can make pictures."""
    settings = _load(flags, config)
    from tui import account_list

    return account_list.list_accounts(settings, as_json=orders.wants_json(as_json))


@front.command("doctor", cls=Plain)
@click.option(
    "--probe", is_flag=True, help="Also make one small picture and throw it away; it may cost as much as a picture."
)
@_settings_flags("model", "output_dir", *_PROXY_FLAGS, "timeout")
@_json_flag
@_config_flag
def doctor(probe: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """Look at everything between here and a picture, and say what is wrong and what to type."""
    settings = _load(flags, config)
    from tui import checkup

    return checkup.examine(settings, as_json=orders.wants_json(as_json), probe=probe)


@front.command("help", cls=Plain)
@click.pass_context
def show_help(ctx: click.Context) -> int:
    """Show this help."""
    if ctx.parent is not None:
        click.echo(front.get_help(ctx.parent))
    return 0


def _natural(flag: str, text: str | None, default: int, *, low: int = 1, high: int = 100_000) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
        raise wrong_usage(f"{flag} does not take {text!r}", f"It takes a whole number from {low} to {high}.")
    return int(text)
