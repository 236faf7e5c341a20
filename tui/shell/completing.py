"""Completion in bash, zsh and fish: what the word at the cursor may become, as the command line is really read.

A script calls the command with ``COMPLETING`` set to the shell's name and the line up to the cursor as its words. What
is printed is offered, a line each; where nothing is, the shell offers files.
"""

import re
import shlex
from collections.abc import Sequence
from typing import Final, NamedTuple

import click
from click.shell_completion import CompletionItem, ShellComplete

from tui import streams
from tui.domain.words import one_line
from tui.orders import wrong_usage
from tui.shell.usage import COMPLETING, DEFAULT_COMMAND, PROGRAM, Front

_BASH: Final = """\
_image_gen_complete() {
    mapfile -t COMPREPLY < <(_IMAGE_GEN_COMPLETE=bash "$1" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o nosort -o bashdefault -o default -F _image_gen_complete image-gen
"""
_ZSH: Final = """\
#compdef image-gen
_image_gen_complete() {
    local -a lines
    lines=("${(@f)$(_IMAGE_GEN_COMPLETE=zsh ${words[1]} "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
    lines=(${lines:#})
    if (( $#lines )); then _describe -V image-gen lines; else _files; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _image_gen_complete "$@"
else
    compdef _image_gen_complete image-gen
fi
"""
_FISH: Final = """\
complete -c image-gen -f -a '(_IMAGE_GEN_COMPLETE=fish image-gen (commandline -cp) 2>/dev/null)'
complete -c image-gen -s i -l reference -rF
complete -c image-gen -s o -l output -rF
complete -c image-gen -s d -l output-dir -rF
complete -c image-gen -l config -rF
"""
SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}

_NOT_PLAIN: Final = re.compile(r"([^\w@%+=:,./~-])")
_WORD_BREAKS: Final = re.compile(r".*[:=]", re.DOTALL)


class Line(NamedTuple):
    """A line up to the cursor: whole words, the one at the cursor, and whether that stands in an open quote."""

    words: tuple[str, ...]
    incomplete: str
    quoted: bool


def print_script(shell: str) -> int:
    """Print what sets completion up in ``shell``. Raises InvalidRequest for a shell that is none of ours."""
    name = shell.rpartition("/")[2]
    if name not in SCRIPTS:
        raise wrong_usage(
            f"There is no completion for {shell!r}" if shell else "Which shell?",
            f"{PROGRAM} completion bash, zsh or fish prints its script.",
        )
    streams.write_out(SCRIPTS[name].encode())
    return 0


def answer(front: Front, shell: str, arguments: Sequence[str]) -> int:
    """Print what the line in ``arguments`` may go on with, as the script of ``shell`` wants it."""
    line = read_line(" ".join(arguments))
    for item in offered(front, line):
        streams.print_line(_spelled(item, line, shell))
    return 0


def read_line(text: str) -> Line:
    """The words of a line, the command's own name left out."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    quoted = False
    try:
        words.extend(lexer)
    except ValueError:
        # The quote, or the escape, that the cursor stands in is not over.
        quoted = True
        words.append(lexer.token)
    if not quoted and text[-1:].isspace():
        words.append("")
    return Line(tuple(words[1:-1]), words[-1] if len(words) > 1 else "", quoted)


def offered(front: Front, line: Line) -> list[CompletionItem]:
    """What the word at the cursor may become: commands where one can stand, flags, values."""
    words = list(line.words)
    routed = front.route(words)
    named: dict[str, click.Command] = {}
    if "--" not in words and not (words and front.takes_value(words[-1])):
        if routed == [DEFAULT_COMMAND, *words] and all(word.startswith("-") for word in words[-1:]):
            named = {str(each.name): each for each in front.all() if " " not in str(each.name)}
        elif words and words[-1] == routed[0]:
            named = {str(each.name).removeprefix(f"{routed[0]} "): each for each in front.below(routed[0])}
    items = [
        CompletionItem(name, help=each.get_short_help_str(60))
        for name, each in named.items()
        if name.startswith(line.incomplete)
    ]
    return [*items, *ShellComplete(front, {}, PROGRAM, COMPLETING).get_completions(routed, line.incomplete)]


def _spelled(item: CompletionItem, line: Line, shell: str) -> str:
    value, words = one_line(str(item.value), 1000), one_line(item.help or "", 60)
    if shell == "fish":
        return f"{value}\t{words}"
    if shell == "zsh":
        escaped = value.replace("\\", "\\\\").replace(":", "\\:")
        return f"{escaped}:{words}" if words else escaped
    if line.quoted:
        return value
    # Bash takes what follows a colon for a word of its own: what stands before it is there already.
    before = _WORD_BREAKS.match(line.incomplete)
    return _NOT_PLAIN.sub(r"\\\1", value.removeprefix(before[0] if before else ""))
