"""The ``image-gen`` command: words and flags in, one of the things the program does out.

Only click is imported here; what a command needs it imports when it runs.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

import click

from tui import __version__, orders, streams
from tui.domain.errors import DiskError, ImageGenError, Interrupted
from tui.orders import wrong_usage
from tui.settings import Settings
from tui.shell.flags import PROXY_FLAGS, REQUEST_FLAGS, SENDING_FLAGS, config_flag, json_flag, load, settings_flags
from tui.shell.usage import COMPLETING, DEFAULT_COMMAND, PROGRAM, Front, Plain, in_our_words

_BROKEN_PIPE: Final = 141
"""What a shell reports for a program that SIGPIPE ended."""

_HISTORY: Final = "tui.shell.history_commands"
_LIBRARY: Final = "tui.shell.library_commands"
_PROXY: Final = "tui.shell.proxy_commands"
_OF_HISTORY: Final = ("show", "star", "rate", "tag", "note", "trash", "restore")
_PLACES: Final = {
    DEFAULT_COMMAND: "",
    "tui": "",
    **dict.fromkeys(("history", *(f"history {each}" for each in _OF_HISTORY)), _HISTORY),
    "stats": _LIBRARY,
    "verify": _LIBRARY,
    "reindex": _LIBRARY,
    "import": _LIBRARY,
    "models": _PROXY,
    "accounts": _PROXY,
    "doctor": _PROXY,
    "serve": _PROXY,
    "completion": _LIBRARY,
    "help": "",
}
"""Every command, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command with ``arguments`` (the program's own where None) and leave with its exit status."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command; the exit status is that of the contract."""
    try:
        if COMPLETING in os.environ:
            from tui.shell.completing import answer

            return answer(front, os.environ[COMPLETING], arguments)
        status = front.main(args=front.route(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.UsageError as problem:
        return _tell(in_our_words(problem, front))
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


def _tell(problem: ImageGenError) -> int:
    streams.tell(problem)
    return problem.exit_status


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        streams.print_line(f"{PROGRAM} {__version__}")
        ctx.exit()


@click.group(
    cls=Front,
    places=_PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
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


@front.command(DEFAULT_COMMAND)
@click.argument("words", metavar="[PROMPT]", nargs=-1, type=click.UNPROCESSED)
@settings_flags(*REQUEST_FLAGS)
@click.option(
    "-i",
    "--reference",
    "references",
    metavar="FILE",
    multiple=True,
    type=click.UNPROCESSED,
    help="Picture to start from; repeatable, up to the model's limit.",
)
@settings_flags("output_dir")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.UNPROCESSED,
    help="Also copy the picture to FILE; - writes it to standard output.",
)
@settings_flags("format", *PROXY_FLAGS, *SENDING_FLAGS)
@json_flag
@config_flag
def generate(
    words: tuple[str, ...],
    references: tuple[str, ...],
    output: str | None,
    as_json: bool | None,
    config: str | None,
    **flags: object,
) -> int:
    """Make pictures of PROMPT (the default command)."""
    settings = load(flags, config)
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


def _open_app(settings: Settings) -> int:
    if not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stdout)):
        raise wrong_usage(
            "Give a PROMPT: the app needs a terminal for input and output",
            f'{PROGRAM} "a red fox" makes a picture; {PROGRAM} - reads the prompt from standard input.',
        )
    from tui.start import run_app

    return run_app(settings)


@front.command("tui", cls=Plain)
@settings_flags(*REQUEST_FLAGS, "output_dir", *PROXY_FLAGS, *SENDING_FLAGS)
@config_flag
def tui(config: str | None, **flags: object) -> int:
    """Open the app."""
    return _open_app(load(flags, config))


@front.command("help", cls=Plain)
@click.pass_context
def show_help(ctx: click.Context) -> int:
    """Show this help."""
    if ctx.parent is not None:
        click.echo(front.get_help(ctx.parent))
    return 0
