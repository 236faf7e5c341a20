"""A file that a person names as a picture to start from, and the copy of it that is sent where models want another."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.domain import picture
from tui.domain.errors import InvalidRequest
from tui.domain.request import Reference
from tui.library import files, reference_cache

if TYPE_CHECKING:
    from tui.library.reference_files import Source

NAME_ANOTHER: Final = "Name a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC file."
_CHOOSE_AGAIN: Final = "Choose the reference again, or leave it out."


def reference_from(path: Path, cache: Path) -> Reference:
    """Read, recognise and hash a reference, and prepare a copy where models do not take it as it is.

    The type is what the bytes say, the path is made absolute. ``cache`` is the program's cache folder. Decodes
    and encodes up to a second: not for the event loop. InvalidRequest if the file is missing, unreadable or no
    picture; DiskError if there is nowhere to put the copy.
    """
    place = path.expanduser().absolute()
    try:
        if not place.exists():
            raise InvalidRequest(f"There is no file {path}.", hint=NAME_ANOTHER)
        if not place.is_file():
            raise InvalidRequest(f"{path} is not a file.", hint=NAME_ANOTHER)
        # Pillow takes 100 ms to load and is needed only here.
        from tui.library.reference_files import look

        source = look(place)
        sha256 = files.digest(place)
        if source.sent_as_it_is:
            return Reference(place, source.mime, place.stat().st_size, sha256)
        return _reference(place, sha256, source, _prepared(place, sha256, cache / reference_cache.FOLDER))
    except OSError as problem:
        raise InvalidRequest(f"{path} cannot be read: {problem.strerror}.", hint=NAME_ANOTHER) from problem


def sent_file(reference: Reference) -> Path:
    """The file whose bytes are sent; a prepared copy that was cleaned away is made again.

    InvalidRequest where that cannot be, since the person's own file went or changed meanwhile.
    """
    if reference.prepared is None or reference.prepared.exists():
        return reference.sent
    try:
        if files.digest(reference.path) != reference.sha256:
            raise InvalidRequest(f"{reference.path} has changed since it was chosen.", hint=_CHOOSE_AGAIN)
        return _prepared(reference.path, reference.sha256, reference.prepared.parent)
    except OSError as problem:
        raise InvalidRequest(f"{reference.path}: {problem.strerror}", hint=_CHOOSE_AGAIN) from problem


def _prepared(place: Path, sha256: str, folder: Path) -> Path:
    """The prepared copy of the file at ``place``, from the cache where it is there."""
    from tui.library.reference_encoding import MOST_BYTES
    from tui.library.reference_files import encoded

    stem = f"{sha256}-{MOST_BYTES}"
    found = reference_cache.find(folder, stem)
    if found is not None:
        return found
    data, mime = encoded(place)
    return reference_cache.keep(folder, f"{stem}.{picture.EXTENSIONS[mime]}", data)


def _reference(place: Path, sha256: str, source: "Source", sent: Path) -> Reference:
    """The reference with its prepared copy, and in words what was changed."""
    with sent.open("rb") as stream:
        facts = picture.identify(stream)
        size = stream.seek(0, os.SEEK_END)
    if facts is None:
        raise InvalidRequest(f"{sent} is not what was put there.", hint="Delete it, and choose the reference again.")
    changes = [f"sent as {facts.mime.removeprefix('image/').upper()}"]
    if source.turned:
        changes.append("upright")
    if (facts.width, facts.height) != (source.width, source.height):
        changes.append(f"{facts.width}×{facts.height}")
    return Reference(place, facts.mime, size, sha256, sent, own_mime=source.mime, note=", ".join(changes))
