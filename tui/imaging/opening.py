"""A picture file opened for decoding: its facts by the header, its frame, and every failure as one sentence.

A decode that nobody waits for ends at its next read. Big pictures are decoded one at a time, so that memory
stays bounded whatever is asked. Everything here blocks.
"""

from __future__ import annotations

import contextlib
import io
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from tui.domain.picture import MAX_PIXELS
from tui.imaging.picture import IsStale, PictureError, PictureInfo, Stale
from tui.imaging.png_strips import File, Rows, decode, rows_of, step_to
from tui.pillow import DAMAGE, orientation_of, with_samples

FORMATS: Final = tuple(
    str(plugin.format)
    for plugin in (
        PngImagePlugin.PngImageFile,
        JpegImagePlugin.JpegImageFile,
        WebPImagePlugin.WebPImageFile,
        GifImagePlugin.GifImageFile,
        BmpImagePlugin.BmpImageFile,
        TiffImagePlugin.TiffImageFile,
        AvifImagePlugin.AvifImageFile,
    )
)
"""What is decoded. Others that Pillow knows start programs (EPS) or are no pictures of ours."""

_PLAYED: Final = ("PNG", "WEBP", "GIF", "AVIF")
"""What plays. The pictures of a TIFF are pages, those of a camera's JPEG (MPO) are views."""

_BIG_PIXELS: Final = 4_000_000
_PATIENCE: Final = 0.02
"""Seconds between two looks, while waiting for a turn, whether anybody still waits for the picture."""

_big_one = threading.Lock()

NOT_A_PICTURE: Final = "This file is not a picture that can be shown."
DAMAGED: Final = "The picture is damaged or ends too early."


@dataclass(frozen=True, slots=True)
class OpenedPicture:
    """A file as Pillow's lazy ``image``, its facts, and how its pixels lie (EXIF orientation, 1 to 8).

    ``file`` is what it is read from.
    """

    image: Image.Image
    info: PictureInfo
    orientation: int
    file: File

    @property
    def profile(self) -> bytes | None:
        """The ICC profile that the file carries."""
        profile = self.image.info.get("icc_profile")
        return profile if isinstance(profile, bytes) else None


@contextlib.contextmanager
def opened(path: Path, stale: IsStale) -> Iterator[OpenedPicture]:
    """The picture in ``path``; every failure inside the block leaves as PictureError, or Stale when given up."""
    with _read(path) as file:
        watched = _Watched(file, stale)
        try:
            with Image.open(cast("IO[bytes]", watched), formats=FORMATS) as image:
                yield _look(image, watched)
        except UnidentifiedImageError as error:
            raise PictureError(NOT_A_PICTURE) from error
        except DAMAGE as error:
            raise PictureError(DAMAGED) from error


def decoded(picture: OpenedPicture, at_least: tuple[int, int], stale: IsStale, frame: int = 0) -> Image.Image:
    """The pixels of one frame with 8 bits a channel, as they lie in the file.

    A JPEG and most large PNGs are decoded as small as ``at_least`` allows. It counts pixels as they lie in the
    file. Raises PictureError for a frame that is not there.
    """
    if frame >= picture.info.frames:
        raise PictureError(f"The picture has only {picture.info.frames} frames.")
    image = picture.image
    if (rows := _rows(picture)) is not None:
        image = decode(picture.file, rows, step_to(at_least, rows))
    else:
        if frame:
            image.seek(frame)
        elif image.mode in ("RGB", "L", "CMYK"):
            image.draft(image.mode, at_least)
        image.load()
    if stale():
        raise Stale
    return with_samples(image)


def _rows(picture: OpenedPicture) -> Rows | None:
    """How the pixels of a large PNG lie, if it is one that can be decoded by strips."""
    image = picture.image
    if image.format != "PNG" or picture.info.frames > 1 or "transparency" in image.info:
        return None
    rows = rows_of(picture.file)
    return rows if rows is not None and (rows.mode, rows.width, rows.height) == (image.mode, *image.size) else None


@contextlib.contextmanager
def in_turn(picture: OpenedPicture, stale: IsStale) -> Iterator[None]:
    """Decode inside of this: it waits for the turn of a big picture. Raises Stale when nobody waits any more."""
    big = picture.info.width * picture.info.height > _BIG_PIXELS
    while big and not _big_one.acquire(timeout=_PATIENCE):
        if stale():
            raise Stale
    try:
        if stale():
            raise Stale
        yield
    finally:
        if big:
            _big_one.release()


class _Watched(io.RawIOBase):
    """A file that ends the decode reading it, by raising Stale, once nobody waits for the picture."""

    def __init__(self, file: BinaryIO, stale: IsStale) -> None:
        super().__init__()
        self._file = file
        self._stale = stale

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if self._stale():
            raise Stale
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _read(path: Path) -> BinaryIO:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise PictureError("This is not a file.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise PictureError("The file is gone.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not possible"
        raise PictureError(f"The file cannot be read: {reason}.") from error


def _look(image: Image.Image, file: File) -> OpenedPicture:
    """Facts of an opened picture. Raises PictureError for absurd sizes."""
    width, height = image.size
    if width < 1 or height < 1:
        raise PictureError(NOT_A_PICTURE)
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise PictureError(f"The picture says it is {width}×{height}; over {limit} megapixels none is decoded.")
    orientation = orientation_of(image)
    if orientation >= 5:
        width, height = height, width
    frames = _frames(image) if image.format in _PLAYED else 1
    mime = "image/jpeg" if image.format == "MPO" else Image.MIME.get(image.format or "", "")
    info = PictureInfo(width, height, mime, frames > 1, image.has_transparency_data, frames)
    return OpenedPicture(image, info, orientation, file)


def _frames(image: Image.Image) -> int:
    """How many frames; a GIF is read through for it, without decoding any."""
    if not getattr(image, "is_animated", False):
        return 1
    frames = int(getattr(image, "n_frames", 1))
    if image.tell():
        image.seek(0)
    return frames
