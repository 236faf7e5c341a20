"""What a person adds to a generation, and other changes to a metadata file that keep all the rest of it."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tui.domain import tags
from tui.domain.errors import DiskError
from tui.domain.generation import Generation
from tui.domain.marking import Marked, Marking
from tui.library import files
from tui.library.metadata import Document, document_again, image_entry, to_bytes, user_marks
from tui.library.names import metadata_name
from tui.library.reading import carried_document, read_document

Members = dict[str, Any]
"""Some members of ``user`` in a metadata file."""


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
    """Read the metadata again, let ``change`` alter it, write it whole if it did; unknown members stay.

    A picture without metadata gets a file. DiskError where that fails, or where the file is damaged and
    writing it would lose what it holds.
    """
    path = folder / metadata_name(generation.stem)
    with files.disk_errors("The metadata cannot be written"):
        with alone_in(folder):
            written = _edit(path, generation, change)
        if written:
            files.sync_folder(folder)


def _edit(path: Path, generation: Generation, change: Callable[[Document], None]) -> bool:
    """Whether anything was altered, and written."""
    try:
        document, write = read_document(path), files.rewrite
    except FileNotFoundError:
        document, write = _fresh(generation), files.write_new
    except ValueError as problem:
        raise DiskError(
            f"{path.name} is {problem}.",
            title="The metadata is damaged",
            hint="Repair or remove that file first; it is left as it is.",
        ) from problem
    if not _altered(document, change):
        return False
    write(path, _encoded(document))
    return True


def _altered(document: Document, change: Callable[[Document], None]) -> bool:
    """Let ``change`` alter the document; whether it did."""
    before = _encoded(document)
    change(document)
    return _encoded(document) != before


def set_member(document: Document, name: str, value: object) -> None:
    """Set one member of ``user``."""
    user = document.get("user")
    if not isinstance(user, dict):
        user = {}
        document["user"] = user
    user[name] = value


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit did to ``user``: all of it before, and the changed members before and after."""

    user: Members
    before: Members
    after: Members

    def of(self, current: Generation, now: Generation) -> Marked:
        """The same, as told of a generation that was read shortly before, and after."""
        return Marked(replace(current, user=user_marks(self.user)), now, self.before, self.after)


def mark(folder: Path, generation: Generation, marking: Marking) -> Change:
    """Change what ``marking`` names, as one writer among others.

    Raises DiskError, and InvalidRequest where there would be too many tags.
    """
    made = Change({}, {}, {})

    def change(document: Document) -> None:
        made.user.update(user_of(document))
        made.after.update(_wanted(marking, made.user))
        made.before.update({name: made.user[name] for name in made.after if name in made.user})
        for name, value in made.after.items():
            set_member(document, name, value)

    edit(folder, generation, change)
    return made


def put_back(
    folder: Path, generation: Generation, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Change | None:
    """Let the members in ``after`` be as ``before`` has them; None, and nothing done, where one is another by now."""
    made = Change({}, dict(after), dict(before))
    names = {*before, *after}
    fits = True

    def change(document: Document) -> None:
        nonlocal fits
        user = user_of(document)
        made.user.update(user)
        fits = all((name in user) == (name in after) and user.get(name) == after.get(name) for name in names)
        for name in names if fits else ():
            if name in before:
                set_member(document, name, before[name])
            else:
                user.pop(name, None)

    edit(folder, generation, change)
    return made if fits else None


def user_of(document: Document) -> Members:
    """The member ``user`` of a document, an empty one where it is none."""
    user = document.get("user")
    return user if isinstance(user, dict) else {}


def _wanted(marking: Marking, user: Members) -> Members:
    """The members that ``marking`` sets; tags that are added and removed, by those that ``user`` has."""
    wanted: Members = {}
    if marking.starred is not None:
        wanted["starred"] = marking.starred
    if marking.rating is not None:
        wanted["rating"] = marking.rating
    if marking.notes is not None:
        wanted["notes"] = marking.notes
    if marking.tags is not None or marking.add or marking.remove:
        wanted["tags"] = list(_wanted_tags(marking, user.get("tags")))
    return wanted


def _wanted_tags(marking: Marking, have: object) -> tuple[str, ...]:
    told = have if isinstance(have, list) else []
    kept = tuple(each for each in told if isinstance(each, str)) if marking.tags is None else marking.tags
    return tags.with_tags(tags.without_tags(kept, marking.remove), marking.add)


def _fresh(generation: Generation) -> Document:
    """A document for a generation without one: what its picture carries, with its files as they are now."""
    images = [
        replace(image, sha256=files.digest(image.path), bytes=image.path.stat().st_size)
        for image in generation.images
        if not image.missing
    ]
    carried = carried_document([image.path for image in images])
    document = carried or document_again(generation)
    document["images"] = [image_entry(image) for image in images]
    return document


def _encoded(document: Document) -> bytes:
    try:
        return to_bytes(document)
    except RecursionError as problem:
        raise DiskError("It is nested too deeply.", title="The metadata is damaged") from problem
