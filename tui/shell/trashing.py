"""``history trash`` and ``history restore``: away, back, and away for good; nothing goes for good unasked."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from tui import streams
from tui.domain.errors import ImageGenError, Interrupted
from tui.domain.thrown import InTrash
from tui.domain.words import file_size, one_line
from tui.listings import found_object, generation_object
from tui.orders import wrong_usage
from tui.settings import Settings
from tui.shell.cells import clip
from tui.shell.changes import Report, named
from tui.shell.naming import NEAREST, described, in_trash, nothing, shared
from tui.shell.shelf import Shelf

_MUTED: Final = "2"


def throw(settings: Settings, names: Sequence[str], *, as_json: bool) -> int:
    """Move the generations of these names to the trash, all at once; the exit status."""
    report = Report(as_json=as_json)
    with Shelf(settings) as shelf:
        generations = named(shelf, names, report)
        if not generations:
            return report.status
        try:
            shelf.library.trash(generations)
        except ImageGenError as problem:
            for each in generations:
                report.failed(each.id, problem)
            return report.status
    for each in generations:
        report.done(f"trashed  {described(each)}", {"id": each.id, "stem": each.stem, "prompt": each.prompt})
    if streams.is_terminal(sys.stderr):
        streams.note("image-gen history restore --last brings them back.")
    return report.status


def list_trash(settings: Settings, *, as_json: bool) -> int:
    """Print what lies in the trash, the last thrown away first."""
    with Shelf(settings) as shelf:
        contents = shelf.library.trash_contents()
    if not contents:
        streams.note("The trash is empty.")
    is_terminal, room = streams.is_terminal(sys.stdout), shutil.get_terminal_size().columns
    for each in contents:
        if as_json:
            streams.print_json(found_object(each))
        elif is_terminal:
            head = f"{each.trashed_at.astimezone():%Y-%m-%d %H:%M}  "
            streams.print_looks([(head, _MUTED), (clip(f"{described(each.generation)}", max(1, room - len(head))), "")])
        else:
            streams.print_line(_plain_line(each))
    if contents and is_terminal and not as_json:
        streams.note(f"{_sum(contents)}. image-gen history restore ID… or --last brings back.")
    return 0


def _plain_line(thrown: InTrash) -> str:
    """When it was thrown away, id, model, prompt, path in the trash: with tabs between and whole."""
    generation = thrown.generation
    image = generation.final_image
    when = f"{thrown.trashed_at.astimezone():%Y-%m-%d %H:%M:%S}"
    prompt = one_line(generation.prompt, 100_000)
    return "\t".join((when, generation.id, generation.model, prompt, str(image.path) if image else ""))


def restore(settings: Settings, names: Sequence[str], *, last: bool, as_json: bool) -> int:
    """Bring generations back: those of these names, or all that were thrown away ``last``. The exit status."""
    report = Report(as_json=as_json)
    with Shelf(settings) as shelf:
        contents = shelf.library.trash_contents()
        chosen = [each for each in contents if each.record == contents[0].record] if last else []
        if last and not contents:
            streams.note("The trash is empty.")
        for name in names:
            try:
                chosen.append(_in_trash(name, contents))
            except ImageGenError as problem:
                report.failed(name, problem)
        once = {(each.record, each.generation.stem): each for each in chosen}
        back = shelf.library.restore_from_trash(once.values())
    for each in back.generations:
        report.done(f"restored  {described(each)}", generation_object(each))
    for failure in back.failures:
        report.failed(None, failure)
    return report.status


def _in_trash(name: str, contents: Sequence[InTrash]) -> InTrash:
    """What is called so there. Raises InvalidRequest."""
    found = in_trash(name, contents)
    if found is not None:
        return found
    best = max((shared(name, each.generation) for each in contents), default=0)
    near = [described(each.generation) for each in contents if best and shared(name, each.generation) == best]
    raise nothing(name, near[:NEAREST], "the trash", "image-gen history restore lists what there is.")


def empty(settings: Settings, *, yes: bool, as_json: bool) -> int:
    """Delete what lies in the trash for good: asks on a terminal, wants ``yes`` elsewhere. The exit status."""
    with Shelf(settings) as shelf:
        contents = shelf.library.trash_contents()
        if contents and not yes and not _is_wanted(contents):
            streams.note("Nothing was deleted.")
            return Interrupted.exit_status
        gone = shelf.library.empty_trash(contents)
    if as_json:
        streams.print_json({"status": "done", "generations": gone.count, "bytes": gone.bytes})
    elif gone.count:
        streams.print_line(f"deleted {_counted(gone.count)}, {file_size(gone.bytes)}")
    else:
        streams.note("The trash is empty.")
    return 0


def _is_wanted(contents: Sequence[InTrash]) -> bool:
    """Ask the person. Raises InvalidRequest where nobody can be asked."""
    if not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stderr)):
        raise wrong_usage(
            "history trash --empty needs --yes where nobody can be asked",
            f"It would delete {_sum(contents)}, for good.",
        )
    streams.write_error(f"Delete {_sum(contents)}, for good? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _sum(contents: Iterable[InTrash]) -> str:
    rows = list(contents)
    return f"{_counted(len(rows))}, {file_size(sum(each.bytes for each in rows))}"


def _counted(number: int) -> str:
    return f"{number:,} generation" if number == 1 else f"{number:,} generations"
