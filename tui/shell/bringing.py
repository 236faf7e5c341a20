"""``import``: the pictures of another folder brought into the library."""

import sys
from pathlib import Path

from tui import streams
from tui.domain.words import file_size, one_line
from tui.library import Library
from tui.library.importing import Imported
from tui.settings import Settings
from tui.shell.bar import ProgressBar


def bring_in(settings: Settings, source: Path, *, link: bool, recursive: bool, as_json: bool) -> int:
    """Import ``source``; the exit status is 1 where something of it could not be brought in."""
    library = Library(settings.output_dir)
    with ProgressBar("importing") as bar:
        brought = library.import_folder(
            source, link=link, recursive=recursive, told=lambda done, of, _bytes: bar.told(done, of)
        )
    for failure in brought.failures:
        streams.warn(f"{failure.path}: {failure.words}")
        if as_json:
            streams.print_json({"status": "failed", "path": str(failure.path), "words": failure.words})
    if as_json:
        for stem in brought.stems:
            streams.print_json({"status": "done", "stem": stem})
        streams.print_json(imported_object(brought))
    else:
        if not streams.is_terminal(sys.stdout):
            for stem in brought.stems:
                streams.print_line(one_line(stem, 1000))
        streams.note(_sum(brought, library.folder))
    return 1 if brought.failures else 0


def imported_object(brought: Imported) -> dict[str, object]:
    """The last line of ``import --json``."""
    return {
        "imported": len(brought.stems),
        "known": len(brought.known),
        "failed": len(brought.failures),
        "bytes": brought.bytes,
        "shared": brought.shared,
    }


def _sum(brought: Imported, folder: Path) -> str:
    number = len(brought.stems)
    told = [f"{number:,} {'generation' if number == 1 else 'generations'} came into {folder}"]
    if brought.bytes:
        told.append(f"{file_size(brought.bytes)}{f', {brought.shared:,} without a copy' if brought.shared else ''}")
    if brought.known:
        told.append(f"{len(brought.known):,} were there already")
    if brought.failures:
        told.append(f"{len(brought.failures):,} could not come")
    return f"{'; '.join(told)}."
