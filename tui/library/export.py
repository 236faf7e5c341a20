"""Pictures in other places and other types: copies only, what was delivered is never touched."""

import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from tui.domain import picture
from tui.domain.errors import DiskError
from tui.domain.generation import ImageFile
from tui.domain.picture import MAX_PIXELS
from tui.library import files

if TYPE_CHECKING:
    from PIL.Image import Image

AS_DELIVERED: Final = "as-delivered"
MIMES: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
QUALITY: Final = 95
_CANNOT_CONVERT: Final = "The picture cannot be converted"


def wanted_mime(mime: str, format: str) -> str:
    """The type a picture of type ``mime`` has in ``format``; ValueError for a format that there is not."""
    if format == AS_DELIVERED:
        return mime
    if format not in MIMES:
        raise ValueError(f"format is one of {AS_DELIVERED} {' '.join(MIMES)}, not {format!r}")
    return MIMES[format]


def export(image: ImageFile, target: Path, format: str) -> Path:
    """Write ``image`` to ``target`` in ``format``, over what is there, by one rename; DiskError.

    A folder gets the picture under its own name. What is no regular file (a device, a pipe) is written into.
    """
    mime = wanted_mime(image.mime, format)
    with files.disk_errors("The picture cannot be written"):
        place = target.expanduser().absolute()
        if place.is_dir():
            suffix = image.path.suffix if mime == image.mime else f".{picture.EXTENSIONS[mime]}"
            place = place / f"{image.path.stem}{suffix}"
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                write_as(image, mime, stream)
            return place
        _replace(image, mime, Path(os.path.realpath(place)))
        return place


def _replace(image: ImageFile, mime: str, place: Path) -> None:
    hidden = place.with_name(f".image-gen-{os.getpid()}-{secrets.token_hex(8)}")
    try:
        with hidden.open("xb") as stream:
            write_as(image, mime, stream)
            stream.flush()
            os.fsync(stream.fileno())
        hidden.replace(place)
    except (OSError, DiskError):
        files.remove(hidden)
        raise
    files.sync_folder(place.parent)


def write_as(image: ImageFile, mime: str, stream: BinaryIO) -> None:
    """Write the picture's bytes, or those of its conversion to ``mime``. OSError, DiskError."""
    if mime == image.mime:
        with image.path.open("rb") as source:
            shutil.copyfileobj(source, stream, 1 << 20)
        return
    _check_pixels(image.path)
    # Pillow takes 100 ms to load and is needed only here.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(image.path) as opened:
            turned = ImageOps.exif_transpose(opened)
            _encode(turned, mime, stream)
    except (UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise DiskError(str(problem), title=_CANNOT_CONVERT, hint="Keep it as it was delivered.") from problem


def _check_pixels(path: Path) -> None:
    with path.open("rb") as stream:
        facts = picture.identify(stream)
    if facts is not None and facts.width * facts.height > MAX_PIXELS:
        raise DiskError(
            f"It declares {facts.width}×{facts.height} pixels.",
            title=_CANNOT_CONVERT,
            hint="It is left as it is.",
        )


def _encode(source: "Image", mime: str, stream: BinaryIO) -> None:
    """Encode at full quality with the colour profile, as long as that still fits the pixels."""
    painted = _on_white(source) if mime == "image/jpeg" else _without_print_colours(source)
    same_colours = _colours(source) == _colours(painted)
    profile = source.info.get("icc_profile") if same_colours else None
    if mime == "image/jpeg":
        painted.save(stream, "JPEG", quality=QUALITY, subsampling=0, icc_profile=profile)
    elif mime == "image/webp":
        painted.save(stream, "WEBP", quality=QUALITY, icc_profile=profile)
    else:
        painted.save(stream, "PNG", icc_profile=profile)


def _colours(source: "Image") -> str:
    """Which colours the numbers mean, alpha aside: what a profile must fit."""
    if source.mode in ("L", "LA", "1") or source.mode.startswith(("I", "F")):
        return "grey"
    return "print" if source.mode == "CMYK" else "RGB"


def _on_white(source: "Image") -> "Image":
    """The picture as JPEG can hold it; what shines through is white."""
    from PIL import Image

    if source.has_transparency_data:
        above = source.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", above.size, "white"), above).convert("RGB")
    if source.mode in ("RGB", "L", "CMYK"):
        return source
    return source.convert("L" if _colours(source) == "grey" else "RGB")


def _without_print_colours(source: "Image") -> "Image":
    return source.convert("RGB") if source.mode == "CMYK" else source
