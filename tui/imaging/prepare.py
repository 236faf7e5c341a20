"""A picture file made ready for a pane: decoded small, upright, in sRGB, flat, at the pane's pixel size.

Everything here blocks: call it in a thread. Big pictures are decoded one at a time, so that memory stays
bounded whatever is asked; a decode that nobody waits for ends at its next read.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from tui.domain.picture import MAX_PIXELS
from tui.imaging.picture import (
    Colour,
    IsStale,
    PictureError,
    PictureInfo,
    PreparedPicture,
    Stale,
    fitted,
    never_stale,
)
from tui.pillow import DAMAGE, orientation_of, turned, with_samples

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

MAX_SIDE: Final = 8192
"""No box is taken wider or higher: no terminal shows more."""

_BIG_PIXELS: Final = 4_000_000
_big_one = threading.Lock()

_M_MMAP_THRESHOLD: Final = -3
_MMAP_THRESHOLD: Final = 256 * 1024

_NOT_A_PICTURE: Final = "This file is not a picture that can be shown."
_DAMAGED: Final = "The picture is damaged or ends too early."


def prepare(
    path: Path,
    box: tuple[int, int],
    *,
    background: Colour,
    pixel_aspect: float = 1.0,
    stale: IsStale = never_stale,
) -> PreparedPicture:
    """Decode ``path`` and fit it into ``box`` (width, height in pixels), transparency over ``background``.

    Raises PictureError when the file cannot be shown, Stale when ``stale`` answered True on the way.
    """
    box = min(max(1, box[0]), MAX_SIDE), min(max(1, box[1]), MAX_SIDE)
    with _opened(path, stale) as image:
        info, orientation = _look(image)
        with _big_one if info.width * info.height > _BIG_PIXELS else contextlib.nullcontext():
            if stale():
                raise Stale
            upright = fitted(info.width, info.height, box, pixel_aspect)
            size = upright[::-1] if orientation >= 5 else upright
            small = _scaled(image, size, stale)
        flat = _flattened(turned(small, orientation), image.info.get("icc_profile"), background)
    return PreparedPicture(flat, info)


def inspect(path: Path) -> PictureInfo:
    """The facts of a picture file by its header alone. Raises PictureError."""
    with _opened(path, never_stale) as image:
        return _look(image)[0]


def keep_memory_flat() -> bool:
    """Ask glibc to give big blocks back when threads free them; False where there is no such switch.

    Without it, decoded pictures leave some 100 MB behind in the arenas of the threads (mallopt(3)).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(_M_MMAP_THRESHOLD, _MMAP_THRESHOLD) == 1


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


@contextlib.contextmanager
def _opened(path: Path, stale: IsStale) -> Iterator[Image.Image]:
    """The file as Pillow's lazy image; every failure inside the block leaves as PictureError."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise PictureError("This is not a file.")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise PictureError("The file is gone.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not possible"
        raise PictureError(f"The file cannot be read: {reason}.") from error
    with file:
        try:
            with Image.open(cast("IO[bytes]", _Watched(file, stale)), formats=FORMATS) as image:
                yield image
        except UnidentifiedImageError as error:
            raise PictureError(_NOT_A_PICTURE) from error
        except DAMAGE as error:
            raise PictureError(_DAMAGED) from error


def _look(image: Image.Image) -> tuple[PictureInfo, int]:
    """Facts and EXIF orientation (1 to 8) of an opened picture. Raises PictureError for absurd sizes."""
    width, height = image.size
    if width < 1 or height < 1:
        raise PictureError(_NOT_A_PICTURE)
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise PictureError(f"The picture says it is {width}×{height}; over {limit} megapixels none is decoded.")
    orientation = orientation_of(image)
    if orientation >= 5:
        width, height = height, width
    # A JPEG with several pictures inside (MPO) is a camera's habit, not an animation.
    animated = image.format != "MPO" and bool(getattr(image, "is_animated", False))
    mime = "image/jpeg" if image.format == "MPO" else Image.MIME.get(image.format or "", "")
    return PictureInfo(width, height, mime, animated, image.has_transparency_data), orientation


def _scaled(image: Image.Image, size: tuple[int, int], stale: IsStale) -> Image.Image:
    """Decode and scale to ``size``; the decoder itself reduces where it can (JPEG)."""
    if image.mode in ("RGB", "L"):
        image.draft(image.mode, size)
    image.load()
    if stale():
        raise Stale
    plain = with_samples(image)
    if plain.size == size:
        return plain.copy() if plain is image else plain
    # Averaging first by whole numbers costs a third of a full Lanczos and cannot be told from it.
    return plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)


def _flattened(image: Image.Image, profile: object, background: Colour) -> Image.Image:
    """RGB in sRGB, transparency over ``background``."""
    alpha = image.getchannel("A") if "A" in image.getbands() and image.mode in ("LA", "RGBA") else None
    opaque = image.convert(image.mode.removesuffix("A")) if alpha is not None else image
    flat = _in_srgb(opaque, profile) if isinstance(profile, bytes) else opaque
    flat = flat if flat.mode == "RGB" else flat.convert("RGB")
    if alpha is None:
        return flat
    return Image.composite(flat, Image.new("RGB", flat.size, background), alpha)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Through the ICC profile that the file carries; as it is when the profile is of no use."""
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted


keep_memory_flat()
