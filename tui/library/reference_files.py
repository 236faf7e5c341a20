"""Pictures to start from, made into files that every model takes: type, size, upright, in sRGB.

What models take: PNG, JPEG, WebP and HEIC of up to 7 MB each (Vertex AI, the image models' pages, November 2026).
They look at a few megapixels of it and pay no heed to orientation tags and colour profiles.
"""

import contextlib
import importlib
import io
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from PIL import Image, ImageCms, UnidentifiedImageError

from tui.domain import picture
from tui.domain.errors import InvalidRequest
from tui.library.reference_encoding import MOST_BYTES, encode, scaled
from tui.library.references import NAME_ANOTHER
from tui.pillow import DAMAGE, orientation_of, turned, with_samples

MOST_PIXELS: Final = 25_000_000
"""More than the largest picture a model gives (12288×1536), and what most cameras make."""

_ENOUGH_PIXELS: Final = 12_000_000
"""What a JPEG with more than MOST_PIXELS may be halved to while it is decoded, which is quick and takes no memory."""

_FORMATS: Final = (
    *("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"),
    *("JPEG2000", "PPM", "ICO", "ICNS", "PSD", "QOI", "SGI"),
)
_TAKEN: Final = ("image/png", "image/jpeg", "image/webp")
_TAKEN_MODES: Final = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")

_one_at_a_time: Final = threading.Lock()
"""A decoded picture takes up to a gigabyte; a dozen chosen at once wait for each other."""


@dataclass(frozen=True, slots=True)
class Source:
    """A person's file by its header: type, pixels as they are seen, and whether it can be sent as it is.

    ``turned`` where an orientation tag says that the pixels do not lie upright.
    """

    mime: str
    width: int
    height: int
    turned: bool = False
    sent_as_it_is: bool = False


def look(path: Path) -> Source:
    """What lies at ``path``. InvalidRequest where it cannot be sent in any form, OSError where it cannot be read."""
    with path.open("rb") as stream:
        facts = picture.identify(stream)
        whole = facts is not None and picture.is_whole(stream, facts.mime)
    if facts is not None:
        _check_pixels(path, facts.width, facts.height)
    if facts is not None and facts.mime == "image/heic" and not _opens_heic():
        return _heic_as_it_is(path, facts)
    with _opened(path, is_picture=facts is not None) as image:
        _check_pixels(path, *image.size)
        orientation = orientation_of(image)
        width, height = image.size if orientation < 5 else image.size[::-1]
        mime = facts.mime if facts is not None else Image.MIME.get(image.format or "", "image/x-unknown")
        fits = path.stat().st_size <= MOST_BYTES and width * height <= MOST_PIXELS
        simple = mime in _TAKEN and whole and image.mode in _TAKEN_MODES and not _has_more(path, image, mime)
        return Source(mime, width, height, orientation != 1, fits and simple and orientation == 1)


def encoded(path: Path) -> tuple[bytes, str]:
    """The picture as it is sent, within MOST_BYTES and MOST_PIXELS, and its type. Raises as ``look`` does.

    The first frame, upright, 8 bits a channel, in sRGB.
    """
    with _one_at_a_time, _opened(path) as image:
        _check_pixels(path, *image.size)
        lossless = image.format not in ("JPEG", "MPO", "WEBP", "AVIF", "HEIF")
        upright = _upright(image)
        return encode(upright, lossless=lossless)


def _heic_as_it_is(path: Path, facts: picture.PictureFacts) -> Source:
    """Models take HEIC; only what is too large for them would have to be opened here."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InvalidRequest(
            f"{path.name} is a HEIC picture of {size / 1e6:.1f} MB; {MOST_BYTES / 1e6:.0f} MB can be sent.",
            hint="Save it as JPEG and choose that, or let us open it: pip install pillow-heif",
        )
    return Source(facts.mime, facts.width, facts.height, sent_as_it_is=True)


def _opens_heic() -> bool:
    """Whether Pillow can read HEIC here: with the package pillow-heif, where somebody installed it."""
    try:
        importlib.import_module("pillow_heif").register_heif_opener()
    except (ImportError, AttributeError):
        return False
    return "HEIF" in Image.OPEN


@contextlib.contextmanager
def _opened(path: Path, *, is_picture: bool = True) -> Iterator[Image.Image]:
    """The file as Pillow's lazy image; what is wrong with it leaves as InvalidRequest.

    ``is_picture`` where its first bytes are those of one, so that it must be damaged if it cannot be read.
    """
    formats = (*_FORMATS, "HEIF") if "HEIF" in Image.OPEN else _FORMATS
    with path.open("rb") as stream:
        try:
            with Image.open(stream, formats=formats) as image:
                yield image
        except DAMAGE as problem:
            if isinstance(problem, UnidentifiedImageError) and not is_picture:
                raise InvalidRequest(f"{path.name} is not a picture.", hint=NAME_ANOTHER) from problem
            raise InvalidRequest(
                f"{path.name} is damaged or cut off.", hint="Save it again from another program, or leave it out."
            ) from problem


def _check_pixels(path: Path, width: int, height: int) -> None:
    if width * height > picture.MAX_PIXELS:
        limit = picture.MAX_PIXELS // 1_000_000
        raise InvalidRequest(
            f"{path.name} says it has {width}×{height} pixels; more than {limit} megapixels are not opened.",
            hint=f"Make it smaller first: models look at a few megapixels. Up to {limit} are scaled here.",
        )


def _has_more(path: Path, image: Image.Image, mime: str) -> bool:
    """Whether a file has frames or bits that not every model takes: an animation, a PNG of 16 bits."""
    if mime == "image/jpeg":
        return False
    if mime == "image/png":
        with path.open("rb") as stream:
            stream.seek(24)
            if stream.read(1) == b"\x10":
                return True
    return bool(getattr(image, "is_animated", False))


def _upright(image: Image.Image) -> Image.Image:
    """Decoded, at most MOST_PIXELS, turned upright, in sRGB: L, RGB, LA or RGBA."""
    if image.mode in ("RGB", "L") and image.width * image.height > MOST_PIXELS:
        factor = math.sqrt(_ENOUGH_PIXELS / (image.width * image.height))
        image.draft(image.mode, (round(image.width * factor), round(image.height * factor)))
    image.load()
    # Read only now: Pillow turns some types (TIFF) upright by itself while it loads them.
    orientation = orientation_of(image)
    profile = image.info.get("icc_profile")
    plain = scaled(with_samples(image), MOST_PIXELS)
    alpha = plain.getchannel("A") if "A" in plain.getbands() and plain.mode in ("LA", "RGBA") else None
    flat = _in_srgb(plain.convert(plain.mode.removesuffix("A")) if alpha is not None else plain, profile)
    if alpha is not None and cast("tuple[float, float]", alpha.getextrema())[0] < 255:
        flat.putalpha(alpha)
    return turned(flat, orientation)


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """L or RGB, through the colour profile that the file carries where it is of use."""
    converted: Image.Image | None = None
    if isinstance(profile, bytes) or image.mode == "LAB":
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = (
                ImageCms.getOpenProfile(io.BytesIO(profile))
                if isinstance(profile, bytes)
                else ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
            )
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    flat = converted if converted is not None else image
    return flat if flat.mode in ("L", "RGB") else flat.convert("RGB")
