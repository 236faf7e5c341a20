"""What a person adds to a generation, and other changes to a metadata file that keep all the rest of it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.library import files
from tui.library.metadata import Document, document_again, image_entry, to_bytes
from tui.library.names import metadata_name
from tui.library.reading import carried_document, read_document


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes and threads of ours from editing in ``folder`` meanwhile, if it can be locked."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Some network file systems have no locks on folders; the last writer wins there."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as problem:
        if problem.errno not in files.NO_LOCKS:
            raise


def edit(folder: Path, generation: Generation, change: Callable[[Document], None]) -> None:
    """Read the metadata again, let ``change`` alter it, write it whole; unknown members stay.

    A picture without metadata gets a file. DiskError where that fails, or where the file is damaged and
    writing it would lose what it holds.
    """
    path = folder / metadata_name(generation.stem)
    with files.disk_errors("The metadata cannot be written"), alone_in(folder):
        try:
            document = read_document(path)
        except FileNotFoundError:
            document = _fresh(folder, generation)
            change(document)
            files.write_new(path, _encoded(document))
            files.sync_folder(folder)
        except ValueError as problem:
            raise DiskError(
                f"{path.name} is {problem}.",
                title="The metadata is damaged",
                hint="Repair or remove that file first; it is left as it is.",
            ) from problem
        else:
            change(document)
            files.rewrite(path, _encoded(document))


def set_member(document: Document, name: str, value: object) -> None:
    """Set one member of ``user``."""
    user = document.get("user")
    if not isinstance(user, dict):
        user = {}
        document["user"] = user
    user[name] = value


def _fresh(folder: Path, generation: Generation) -> Document:
    """A document for a generation without one: what its picture carries, with its files as they are now."""
    images = [
        replace(image, sha256=files.digest(image.path), bytes=image.path.stat().st_size)
        for image in generation.images
        if not image.missing
    ]
    carried = carried_document(folder, tuple(image.path.name for image in images))
    document = carried or document_again(generation)
    document["images"] = [image_entry(image) for image in images]
    return document


def _encoded(document: Document) -> bytes:
    try:
        return to_bytes(document)
    except RecursionError as problem:
        raise DiskError("It is nested too deeply.", title="The metadata is damaged") from problem
