"""Small pictures of pictures, kept on disk: what was seen once is there again before its file is decoded.

A thumbnail is a WebP file named by the content of its picture, so that a moved or renamed picture keeps it and
a changed one gets another. It carries the picture's facts, so that nothing of the picture need be opened. The
folder is a cache: any file in it may be deleted, foreign and damaged ones are ignored and replaced, several
programs may use it at once, and where it cannot be written nothing but time is lost.

Everything here blocks and may be called from any thread.
"""

from __future__ import annotations

import io
import os
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
from PIL import ExifTags, Image

from tui.imaging.picture import IsStale, PictureInfo, fitted, never_stale
from tui.imaging.prepare import reduced
from tui.pillow import DAMAGE

Side: TypeAlias = Literal[256, 896]
"""The longer side of a thumbnail in pixels: for a grid, and for a pane. Smaller pictures are kept as they are."""

GRID: Final = 256
PANE: Final = 896
LIMIT: Final = 512 * 1024 * 1024

_LEAST_PANE: Final = 600
"""A picture made for a pane at least this wide or high is kept as the pane's thumbnail: no second decode for it."""

_QUALITY: Final = 80
_BLOCK: Final = 16 * 1024
_SAMPLES: Final = 4
_UNPACKED: Final = (b"BM", b"II*\0", b"MM\0*")
_TOUCH_AFTER: Final = 3600.0
_LEFT_OVER: Final = 3600.0
_PRUNE_PARTS: Final = 32


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small upright picture in sRGB, RGB or RGBA, and the facts of the picture that it stands for."""

    image: Image.Image
    info: PictureInfo


class Thumbnails:
    """The thumbnails in ``folder``, at most ``limit`` bytes of them: those used longest ago go first."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        # The first one written looks how much is there already.
        self._written = limit

    def get(self, path: Path, side: Side = PANE) -> Thumbnail | None:
        """The thumbnail of the picture in ``path``, if there is one. Never raises for what is in either file."""
        digest = content_digest(path)
        return None if digest is None else self.find(digest, side)

    def find(self, digest: str, side: Side = PANE) -> Thumbnail | None:
        """As ``get``, for who has the ``content_digest`` of the picture already."""
        return self._read(self._place(digest, side))

    def put(self, path: Path, image: Image.Image, info: PictureInfo, digest: str) -> bool:
        """Keep thumbnails made of ``image``: upright, sRGB, all of the picture's first frame, at any size.

        The sides that it is too small for are left out, and so is a transparent picture without its transparency.
        ``digest`` is ``content_digest`` of the file before it was decoded: nothing is kept of one that is another
        by now. True when one is kept now.
        """
        if (info.transparent and image.mode != "RGBA") or content_digest(path) != digest:
            return False
        kept = False
        whole = max(info.width, info.height)
        least: dict[Side, int] = {PANE: _LEAST_PANE, GRID: GRID}
        for side in least:
            if max(image.size) >= min(whole, least[side]):
                kept = self._write(digest, side, image, info) or kept
        return kept

    def make(self, path: Path, stale: IsStale = never_stale, side: Side = PANE) -> Thumbnail:
        """The thumbnail that is there, or else one made of the picture, which is then kept.

        Raises PictureError when the picture cannot be shown, and Stale.
        """
        digest = content_digest(path)
        found = None if digest is None else self.find(digest, side)
        if found is not None:
            return found
        image, info = reduced(path, PANE, stale)
        if digest is not None:
            self.put(path, image, info, digest)
        return Thumbnail(_shrunk(image, side), info)

    def prune(self) -> int:
        """Remove what is over the limit, used longest ago first, and what broken-off writes left. Bytes that stay."""
        with self._lock:
            self._written = 0
        now = time.time()
        files: list[tuple[float, int, Path]] = []
        for found in _files(self._folder):
            with suppress(FileNotFoundError):
                facts = found.stat()
                if found.suffix == ".tmp" and facts.st_mtime < now - _LEFT_OVER:
                    found.unlink()
                else:
                    files.append((facts.st_mtime, facts.st_size, found))
        size = sum(length for _, length, _ in files)
        if size <= self._limit:
            return size
        # A little more than must be, so that the next one written finds room.
        goal = self._limit - self._limit // _PRUNE_PARTS
        for _, length, found in sorted(files):
            if size <= goal:
                break
            if _removed(found):
                size -= length
        return size

    def _place(self, digest: str, side: Side) -> Path:
        return self._folder / digest[:2] / f"{digest[2:]}-{side}.webp"

    def _read(self, place: Path) -> Thumbnail | None:
        try:
            data = place.read_bytes()
        except OSError:
            return None
        thumbnail = decode(data)
        if thumbnail is not None:
            _touch(place)
        return thumbnail

    def _write(self, digest: str, side: Side, image: Image.Image, info: PictureInfo) -> bool:
        place = self._place(digest, side)
        small = _shrunk(image, side)
        before = self._read(place)
        if before is not None and max(before.image.size) >= max(small.size):
            return True
        data = encode(Thumbnail(small, info))
        if not _written(place, data):
            return False
        with self._lock:
            self._written += len(data)
            full = self._written > self._limit // _PRUNE_PARTS
        if full:
            self.prune()
        return True


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a thumbnail's EXIF description holds, as JSON."""

    width: int
    height: int
    mime: str
    frames: int
    transparent: bool


def encode(thumbnail: Thumbnail) -> bytes:
    """A WebP file, lossy, of the thumbnail and its facts (EXIF 2.3 tag 0x010E)."""
    info = thumbnail.info
    facts = _Facts(info.width, info.height, info.mime, info.frames, info.transparent)
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = msgspec.json.encode(facts).decode()
    stream = io.BytesIO()
    # Method 0 packs no transparency at all: ten times the bytes.
    method = 1 if thumbnail.image.mode == "RGBA" else 0
    thumbnail.image.save(stream, "WEBP", quality=_QUALITY, method=method, exif=exif)
    return stream.getvalue()


def decode(data: bytes) -> Thumbnail | None:
    """The thumbnail in a file's bytes, None for anything else."""
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
            facts = msgspec.json.decode(image.getexif().get(ExifTags.Base.ImageDescription, ""), type=_Facts)
            if max(image.size) > PANE or facts.width < 1 or facts.height < 1 or facts.frames < 1:
                return None
            image.load()
            pixels = image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    except (*DAMAGE, msgspec.MsgspecError):
        return None
    info = PictureInfo(facts.width, facts.height, facts.mime, facts.frames > 1, facts.transparent, facts.frames)
    return Thumbnail(pixels, info)


def content_digest(path: Path) -> str | None:
    """A name for what is in a file, the same for equal files; None where it cannot be read.

    Of a file of more than 96 KiB the size, both ends and four blocks between are read: packed pictures end in
    their checksum (PNG) or in bits that any change before them shifts. Unpacked ones (BMP, TIFF) are read whole.
    """
    hashed = blake2b(digest_size=16)
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            hashed.update(size.to_bytes(8, "big"))
            head = file.read(_BLOCK)
            hashed.update(head)
            if size <= _BLOCK * (_SAMPLES + 2) or head.startswith(_UNPACKED):
                while block := file.read(1 << 20):
                    hashed.update(block)
                return hashed.hexdigest()
            for number in range(1, _SAMPLES + 2):
                file.seek((size - _BLOCK) * number // (_SAMPLES + 1))
                hashed.update(file.read(_BLOCK))
    except (OSError, ValueError):
        return None
    return hashed.hexdigest()


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    size = fitted(image.width, image.height, (min(side, image.width), min(side, image.height)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)


def _files(folder: Path) -> list[Path]:
    """Every file of ours below ``folder``."""
    found: list[Path] = []
    try:
        with os.scandir(folder) as shelves:
            names = [shelf.path for shelf in shelves if shelf.is_dir(follow_symlinks=False)]
        for name in names:
            with os.scandir(name) as entries:
                found.extend(Path(entry.path) for entry in entries if entry.name.endswith((".webp", ".tmp")))
    except OSError:
        return found
    return found


def _touch(place: Path) -> None:
    """Remember that it was used; once an hour is exact enough, and spares the disk."""
    with suppress(OSError):
        if time.time() - place.stat().st_mtime > _TOUCH_AFTER:
            os.utime(place)


def _removed(place: Path) -> bool:
    try:
        place.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _written(place: Path, data: bytes) -> bool:
    """Put ``data`` there in one step, readable by its owner only; False where that cannot be."""
    try:
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.stem}-{secrets.token_hex(4)}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return False
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(place)
    except OSError:
        _removed(temporary)
        return False
    return True
