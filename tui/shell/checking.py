"""``verify``: every file of the library checked against its metadata, what is damaged told with what to do."""

import sys
from typing import Any, Final

from tui import streams
from tui.domain.words import file_size, one_line
from tui.library import Library
from tui.library.verifying import Trouble, Verified
from tui.settings import Settings
from tui.shell.bar import ProgressBar

_DAMAGED: Final = 1
"""The exit status where anything is damaged."""


def verify(settings: Settings, *, as_json: bool) -> int:
    """Print a line for each trouble; the exit status says whether anything is damaged. Nothing is changed."""
    library = Library(settings.output_dir)
    if not library.folder.is_dir():
        streams.warn(f"There is no library at {library.folder} yet.")
        return 0
    with ProgressBar("checking") as bar:
        found = library.verify(lambda done, of, _bytes: bar.told(done, of))
    for trouble in found.troubles:
        if as_json:
            streams.print_json(trouble_object(trouble, library))
        else:
            _print(trouble, library)
    if as_json:
        streams.print_json(verified_object(found))
    else:
        streams.note(_sum(found))
    return 0 if found.is_sound else _DAMAGED


def trouble_object(trouble: Trouble, library: Library) -> dict[str, Any]:
    """What ``verify --json`` tells of a trouble."""
    return {
        "kind": trouble.kind,
        "level": "note" if trouble.is_note else "problem",
        "path": str(library.folder / trouble.name),
        "stem": trouble.stem or None,
        "words": trouble.words,
        "hint": trouble.hint,
    }


def verified_object(found: Verified) -> dict[str, Any]:
    """The last line of ``verify --json``."""
    return {
        "sound": found.is_sound,
        "generations": found.generations,
        "pictures": found.pictures,
        "bytes": found.bytes,
        "problems": _problems(found),
        "notes": len(found.troubles) - _problems(found),
    }


def _print(trouble: Trouble, library: Library) -> None:
    """On a terminal with what to do below it, else kind, path, words and what to do with tabs between."""
    if not streams.is_terminal(sys.stdout):
        told = (trouble.kind, str(library.folder / trouble.name), trouble.words, trouble.hint)
        streams.print_line("\t".join(one_line(each, 10_000) for each in told))
        return
    sign = "•" if trouble.is_note else "✗"
    streams.print_beside(f"{sign} ", f"{trouble.name}: {trouble.words}")
    if trouble.hint:
        streams.print_beside("  → ", trouble.hint)


def _problems(found: Verified) -> int:
    return sum(1 for each in found.troubles if not each.is_note)


def _sum(found: Verified) -> str:
    looked = f"{found.generations:,} generations, {found.pictures:,} pictures, {file_size(found.bytes)}"
    problems = _problems(found)
    if not problems:
        return f"{looked}: nothing is damaged."
    return f"{looked}: {problems:,} {'problem' if problems == 1 else 'problems'}."
