"""Pixels out of what a Kitty graphics command brings: in itself, in a file, or in shared memory."""

import base64
import binascii
import io
import tempfile
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

MARK: Final = "tty-graphics-protocol"
"""What the name of a file must have in it that the terminal may delete."""

MEMORY: Final = Path("/dev/shm")


class Refused(Exception):
    """The answer to a command that cannot be obeyed, such as ``ENODATA:…``."""


class Payloads:
    """Reads payloads; ``files`` and ``memory`` say whether the terminal is on the program's machine."""

    def __init__(self, *, files: bool, memory: bool) -> None:
        self._files = files
        self._memory = memory

    def pixels(self, keys: dict[str, str], payload: str) -> tuple[np.ndarray, int]:
        """Pixels (height, width, RGBA) and how many bytes of them count for the quota. Raises Refused."""
        try:
            data = base64.b64decode(payload, validate=True)
        except binascii.Error:
            raise Refused("EINVAL:no base64") from None
        medium = keys.get("t", "d")
        if medium != "d":
            data = self._from_outside(medium, data.decode(), keys)
        if keys.get("o") == "z":
            try:
                data = zlib.decompress(data)
            except zlib.error:
                raise Refused("EINVAL:no zlib stream") from None
        kind = keys.get("f", "32")
        if kind == "100":
            try:
                image = Image.open(io.BytesIO(data)).convert("RGBA")
            except OSError:
                raise Refused("EBADPNG:no picture") from None
            return np.asarray(image), image.width * image.height * 4
        depth = {"24": 3, "32": 4}.get(kind)
        width, height = int(keys.get("s", "0")), int(keys.get("v", "0"))
        if depth is None or not (width and height):
            raise Refused("EINVAL:no format or no size")
        wanted = width * height * depth
        if len(data) < wanted:
            raise Refused(f"ENODATA:{len(data)} bytes of {wanted}")
        flat = np.frombuffer(data[:wanted], np.uint8).reshape(height, width, depth)
        if depth == 3:
            flat = np.dstack((flat, np.full((height, width), 255, np.uint8)))
        return flat, wanted

    def _from_outside(self, medium: str, name: str, keys: dict[str, str]) -> bytes:
        """By file (f), by a file that we delete (t), by shared memory (s)."""
        path = MEMORY / name.lstrip("/") if medium == "s" else Path(name)
        if medium not in "fts" or not (self._memory if medium == "s" else self._files):
            raise Refused("EBADF:Failed to open file")
        try:
            data = path.read_bytes()
        except OSError:
            raise Refused("EBADF:Failed to open file") from None
        ours = path.is_relative_to(tempfile.gettempdir()) or path.is_relative_to(MEMORY)
        if medium == "s" or (medium == "t" and MARK in name and ours):
            path.unlink()
        start = int(keys.get("O", "0"))
        length = int(keys.get("S", "0")) or len(data)
        return data[start : start + length]
