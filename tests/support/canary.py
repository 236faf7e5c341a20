"""Secrets that must not get out, and the search for them in all that a program wrote."""

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from PIL import Image

LONG_KEY: Final = "canary-9f3c51d7e2a04b68-key"
SHORT_KEY: Final = "k3~9z"
ODD_KEY: Final = "o'dd$1%&*()[bold]<i>{0}\\d^~|`key\"+"
KEYS: Final = (LONG_KEY, SHORT_KEY, ODD_KEY)

_FRAMES: Final = re.compile(r"[\s│┃║▌▐▎▏]+")


def spellings(secret: str) -> set[bytes]:
    """A secret as it stands, and as JSON, HTML, a URL, Python's repr and base64 would write it."""
    written = {
        secret, json.dumps(secret)[1:-1], html.escape(secret), quote(secret), quote(secret, safe=""), repr(secret)[1:-1]
    }  # fmt: skip
    coded = base64.b64encode(secret.encode()).rstrip(b"=") if len(secret) > 8 else b""
    return {each.encode() for each in written} | ({coded[:-1]} if coded else set())


def told(what: bytes | str, secrets: Iterable[str]) -> list[str]:
    """The secrets that stand in ``what``."""
    data = what.encode() if isinstance(what, str) else what
    return [secret for secret in secrets if any(each in data for each in spellings(secret))]


def seen(screen: str, secrets: Iterable[str]) -> list[str]:
    """The secrets that a person can read on a screen, also where a line breaks or a frame divides them."""
    return told(_FRAMES.sub("", screen), secrets)


def kept(folder: Path, secrets: Iterable[str], *, but: Path | None = None) -> Mapping[str, list[str]]:
    """The files below ``folder`` that hold a secret, in name, bytes or the text chunks of a picture."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not (but and path.is_relative_to(but)):
            leaks = told(b"\n".join((str(path).encode(), path.read_bytes(), _chunks(path))), secrets)
            if leaks:
                found[str(path)] = leaks
    return found


def _chunks(path: Path) -> bytes:
    """What a picture says in words, unpacked."""
    if path.suffix not in (".png", ".jpg", ".webp"):
        return b""
    with Image.open(path) as picture:
        return repr(picture.info).encode() + str(dict(picture.info)).encode()
