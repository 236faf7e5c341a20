"""From the words and flags of a command line to an order, or to what is wrong with them."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tui import streams
from tui.domain.errors import InvalidRequest
from tui.domain.request import Reference, Request
from tui.settings import ENVIRONMENT_PREFIX, Settings, parse_switch, path_of

_GLANCE: Final = 0.1
"""Seconds until it is seen that a key was pressed to end it all."""

STANDARD: Final = "-"
"""Standard input as a prompt, standard output as a file."""

LONGEST_PROMPT: Final = 1024 * 1024
"""Bytes of a prompt on standard input; whoever sends more did not mean to."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for: ``settings.count`` times ``request``.

    ``output`` is a file that gets a copy of the picture; ``to_stdout`` writes its bytes to standard output.
    """

    request: Request
    settings: Settings
    output: Path | None = None
    to_stdout: bool = False
    as_json: bool = False


def wrong_usage(title: str, hint: str) -> InvalidRequest:
    """A wrong command line, and what would be right."""
    return InvalidRequest(title=title, hint=hint)


def take(
    words: Sequence[str],
    references: Sequence[str],
    output: str | None,
    as_json: bool | None,
    settings: Settings,
) -> Order:
    """The order. Raises InvalidRequest for anything that would be known only after a picture was paid for."""
    json_lines = wants_json(as_json)
    target = output if output is not None else _environment("OUTPUT")
    target_file = _output_file(target, settings.count, json_lines)
    prompt = read_prompt(words)
    request = Request(
        prompt=prompt,
        model=settings.model,
        aspect_ratio=settings.aspect_ratio,
        image_size=settings.image_size,
        references=_references(references, settings.cache_dir),
    )
    return Order(
        request=request,
        settings=settings,
        output=target_file,
        to_stdout=target == STANDARD,
        as_json=json_lines,
    )


def wants_json(flag: bool | None) -> bool:
    """Whether ``--json`` or ``IMAGE_GEN_JSON`` asks for an object a line."""
    text = _environment("JSON")
    return bool(flag) or (text is not None and parse_switch(text, f"{ENVIRONMENT_PREFIX}JSON"))


def read_prompt(words: Sequence[str]) -> str:
    """The prompt of a command line: its one word, or standard input for ``-``."""
    if len(words) > 1:
        sentence = " ".join(words)
        raise wrong_usage("The prompt is several words: put it in quotes", f'image-gen "{sentence}"')
    return read_text(words[0], "prompt")


def read_text(word: str, name: str) -> str:
    """A word of a command line, or standard input for ``-``; ``name`` is what it is, for what is said of it."""
    if word == STANDARD:
        return _from_stdin(name)
    try:
        word.encode()
    except UnicodeEncodeError:
        raise wrong_usage(f"The {name} is not UTF-8", "Use a UTF-8 locale, or pass it on standard input.") from None
    return word


def _from_stdin(name: str) -> str:
    if sys.stdin is None:
        raise wrong_usage("Standard input is closed", f"Give the {name} as one word, in quotes.")
    if streams.is_terminal(sys.stdin):
        streams.write_error(f"Type the {name}; Ctrl+D on an empty line ends it.\n")
        data = _typed(sys.stdin.fileno())
    else:
        data = sys.stdin.buffer.read(LONGEST_PROMPT + 1)
    if len(data) > LONGEST_PROMPT:
        raise wrong_usage("Standard input holds more than 1 MiB", f"A {name} is some words or pages of text.")
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise wrong_usage(
            f"Standard input is not UTF-8: byte {error.start + 1} is wrong",
            "Convert it first: iconv -t UTF-8 FILE",
        ) from None


def _typed(terminal: int) -> bytes:
    """What is typed until Ctrl+D, as far as it may be a prompt."""
    import select

    data = b""
    while len(data) <= LONGEST_PROMPT:
        # A Ctrl+C that came just before a read would wait in it for the next line.
        if not select.select([terminal], [], [], _GLANCE)[0]:
            continue
        line = os.read(terminal, LONGEST_PROMPT)
        if not line:
            break
        data += line
    return data


def _references(files: Sequence[str], cache: Path) -> tuple[Reference, ...]:
    from_environment = _environment("REFERENCE")
    if not files and from_environment is not None:
        files = from_environment.split(os.pathsep)
    if not files:
        return ()
    from tui.library import reference_from

    return tuple(reference_from(path_of(name, "--reference"), cache) for name in files)


def _output_file(target: str | None, count: int, json_lines: bool) -> Path | None:
    """The file for the copy, None for standard output or no copy."""
    if target is None:
        return None
    if target == STANDARD:
        _check_standard_output(count, json_lines)
        return None
    path = path_of(target, "--output")
    if path.is_dir():
        raise wrong_usage(f"--output {target} is a folder", "Name a file in it, or choose the library with -d.")
    if not path.parent.is_dir():
        raise wrong_usage(f"--output: there is no folder {path.parent}", "Make it first, or name another file.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise wrong_usage(f"--output {target} cannot be written", "Name a file that you may write.")
    return path


def _check_standard_output(count: int, json_lines: bool) -> None:
    if json_lines:
        raise wrong_usage("-o - and --json exclude each other", "With --json, name a file: -o FILE")
    if count > 1:
        raise wrong_usage(f"-o - takes one picture, not {count}", "Leave -n out, or name a file: -o FILE")
    if streams.is_terminal(sys.stdout):
        raise wrong_usage(
            "Standard output is a terminal, and a picture is no text", "Redirect it, or name a file: -o FILE"
        )


def _environment(name: str) -> str | None:
    """The variable's text; None where it is unset or empty."""
    return os.environ.get(ENVIRONMENT_PREFIX + name) or None
