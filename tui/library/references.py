"""A file that a person names as a picture to start from."""

from pathlib import Path

from tui.domain import picture
from tui.domain.errors import InvalidRequest
from tui.domain.request import Reference
from tui.library import files

_HINT = "Name a PNG, JPEG or WebP file."


def reference_from(path: Path) -> Reference:
    """Read, recognise and hash a reference; InvalidRequest if it is missing, unreadable or no picture.

    The type is what the bytes say, the path is made absolute.
    """
    place = path.expanduser().absolute()
    try:
        if not place.exists():
            raise InvalidRequest(f"There is no file {path}.", hint=_HINT)
        if not place.is_file():
            raise InvalidRequest(f"{path} is not a file.", hint=_HINT)
        with place.open("rb") as stream:
            facts = picture.identify(stream)
        if facts is None:
            raise InvalidRequest(f"{path} is not a picture.", hint=_HINT)
        return Reference(place, facts.mime, place.stat().st_size, files.digest(place))
    except OSError as problem:
        raise InvalidRequest(f"{path} cannot be read: {problem.strerror}.", hint=_HINT) from problem
