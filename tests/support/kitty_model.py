"""What a terminal keeps of Kitty pictures: one store for each screen, filled and emptied by commands.

By https://sw.kovidgoyal.net/kitty/graphics-protocol/ and by what kitty 0.41 was seen to do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL import Image
from support.kitty_payload import Payloads, Refused

QUOTA: Final = 320 * 1024 * 1024
"""Bytes of pixels that kitty keeps for one screen."""

CHUNK: Final = 4096
"""Characters of base64 in one command, at most."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Cells that a picture covers; ``virtual``: by placeholders. ``number`` is 0 where it was given none."""

    number: int
    columns: int
    rows: int
    virtual: bool


@dataclass(slots=True)
class Picture:
    """Pixels (height, width, RGBA) under an id, and where they are placed. ``size``: bytes that count."""

    number: int
    pixels: np.ndarray
    size: int
    used: int
    placements: list[Placement] = field(default_factory=list)
    fitted: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)

    def fit(self, width: int, height: int) -> np.ndarray:
        """The picture as large as it fits into so many pixels, its shape kept, centred, clear around it."""
        if (width, height) not in self.fitted:
            image = Image.fromarray(self.pixels)
            scale = min(width / image.width, height / image.height)
            size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
            canvas = Image.new("RGBA", (width, height))
            if size != image.size:
                image = image.resize(size, Image.Resampling.BILINEAR)
            canvas.paste(image, ((width - size[0]) // 2, (height - size[1]) // 2))
            self.fitted[width, height] = np.asarray(canvas)
        return self.fitted[width, height]


@dataclass(slots=True)
class _Loading:
    keys: dict[str, str]
    chunks: list[str] = field(default_factory=list)


class KittyStore:
    """The pictures of one screen. ``problems`` is everything that a well-behaved program would not have done."""

    def __init__(
        self, problems: list[str], *, quota: int = QUOTA, files: bool = False, memory: bool = False, strict: bool = True
    ) -> None:
        self.pictures: dict[int, Picture] = {}
        self.evicted: list[int] = []
        self.received = 0
        """Transmissions taken whole."""
        self._problems = problems
        self._quota = quota
        self._payloads = Payloads(files=files, memory=memory)
        self._strict = strict
        """As kitty 0.41: any delete drops a transmission on its way."""
        self._loading: _Loading | None = None
        self._clock = 0

    @property
    def size(self) -> int:
        """Bytes of pixels kept."""
        return sum(picture.size for picture in self.pictures.values())

    @property
    def loading(self) -> int | None:
        """The id under which chunks are coming in."""
        return None if self._loading is None else int(self._loading.keys.get("i", "0"))

    def command(self, data: str) -> str:
        """Obey what stands between APC G and ST; the answer, empty where none is due."""
        head, _, payload = data.partition(";")
        try:
            keys = dict(pair.split("=", 1) for pair in head.split(",") if pair)
        except ValueError:
            self._problems.append(f"no Kitty command: {head!r}")
            return ""
        if len(payload) > CHUNK:
            self._problems.append(f"a chunk of {len(payload)} characters")
        if self._loading is not None and self._continues(keys):
            return self._chunk(keys, payload)
        action = keys.get("a", "t")
        if action in "tTq":
            return self._begin(keys, payload)
        if action == "p":
            return self._answered(keys, lambda: self._place(keys))
        if action == "d":
            self._delete(keys)
        else:
            self._problems.append(f"not modelled: {head}")
        return ""

    def _continues(self, keys: dict[str, str]) -> bool:
        if keys.keys() <= {"m", "q"}:
            return True
        if keys.get("a", "t") in "tT" and keys.get("t", "d") == "d":
            # kitty looks at no key but m and q of what comes next: two pictures would become one.
            self._problems.append(f"picture {keys.get('i')} begins within picture {self.loading}")
            return True
        return False

    def _begin(self, keys: dict[str, str], payload: str) -> str:
        if "a" not in keys and "i" not in keys:
            self._problems.append("a chunk of nothing")
            return ""
        if keys.get("m", "0") != "1":
            return self._answered(keys, lambda: self._take(keys, payload))
        if keys.get("t", "d") != "d":
            self._problems.append("only direct data comes in chunks")
        self._loading = _Loading(keys)
        return self._chunk(keys, payload)

    def _chunk(self, keys: dict[str, str], payload: str) -> str:
        assert self._loading is not None
        if len(payload) % 4 and keys.get("m", "0") == "1":
            self._problems.append(f"a chunk of {len(payload)} characters in the middle")
        self._loading.chunks.append(payload)
        if keys.get("m", "0") == "1":
            return ""
        loading, self._loading = self._loading, None
        # kitty listens to the last chunk's q alone.
        whole = {**loading.keys, "q": keys.get("q", "0")}
        return self._answered(whole, lambda: self._take(whole, "".join(loading.chunks)))

    def _answered(self, keys: dict[str, str], act: Callable[[], None]) -> str:
        quiet = int(keys.get("q", "0"))
        try:
            act()
        except Refused as refused:
            if keys.get("a") != "q":
                self._problems.append(f"{refused} ({','.join(f'{key}={value}' for key, value in keys.items())})")
            return "" if quiet >= 2 else _answer(keys, str(refused))
        return "" if quiet >= 1 else _answer(keys, "OK")

    # --- pictures that come

    def _take(self, keys: dict[str, str], payload: str) -> None:
        if keys.get("a") == "q" and "i" not in keys:
            raise Refused("EINVAL:a query needs an id")
        pixels, size = self._payloads.pixels(keys, payload)
        if keys.get("a") == "q":
            return
        self._clock += 1
        number = int(keys.get("i", "0")) or max(self.pictures, default=0) + 1
        # Under the same id there is another picture now, placed nowhere.
        self.pictures[number] = Picture(int(keys.get("I", "0")), pixels, size, self._clock)
        self.received += 1
        if keys.get("a") == "T":
            self._place({**keys, "i": str(number)})
        self._evict(number)

    def _evict(self, newest: int) -> None:
        """Over the quota: what is placed nowhere goes first, then what was used longest ago."""
        while self.size > self._quota and len(self.pictures) > 1:
            old = min(
                (number for number in self.pictures if number != newest),
                key=lambda number: (bool(self.pictures[number].placements), self.pictures[number].used),
            )
            del self.pictures[old]
            self.evicted.append(old)

    # --- placing and freeing

    def _place(self, keys: dict[str, str]) -> None:
        number = int(keys.get("i", "0"))
        picture = self.pictures.get(number)
        if picture is None:
            raise Refused("ENOENT:no such picture")
        self._clock += 1
        picture.used = self._clock
        placement = Placement(
            int(keys.get("p", "0")), int(keys.get("c", "0")), int(keys.get("r", "0")), keys.get("U") == "1"
        )
        if placement.number:
            # The same number is the same placement; without one, each is another.
            picture.placements = [one for one in picture.placements if one.number != placement.number]
        picture.placements.append(placement)

    def _delete(self, keys: dict[str, str]) -> None:
        what = keys.get("d", "a")
        loading = self.loading
        numbers = self._meant(what.lower(), keys)
        if loading is not None and (self._strict or loading in numbers):
            if loading not in numbers:
                self._problems.append(f"a delete between its chunks dropped picture {loading}")
            self._loading = None
        for number in numbers & self.pictures.keys():
            picture = self.pictures[number]
            before = len(picture.placements)
            picture.placements = [one for one in picture.placements if not _hit(one, what.lower(), keys)]
            touched = what.lower() != "a" or len(picture.placements) < before
            if what.isupper() and touched and not picture.placements:
                del self.pictures[number]

    def _meant(self, what: str, keys: dict[str, str]) -> set[int]:
        """The ids that a delete is about."""
        if what == "a":
            return {*self.pictures}
        if what == "i":
            return {int(keys.get("i", "0"))}
        if what == "r":
            known = {*self.pictures, *(() if self.loading is None else (self.loading,))}
            return {number for number in known if int(keys.get("x", "0")) <= number <= int(keys.get("y", "0"))}
        if what == "n":
            named = [number for number, picture in self.pictures.items() if picture.number == int(keys.get("I", "0"))]
            return {*named[-1:]}
        self._problems.append(f"not modelled: a=d,d={what}")
        return set()

    def find(self, number: int, placement: int) -> tuple[Picture, Placement] | None:
        """The picture and the virtual placement that a placeholder names."""
        picture = self.pictures.get(number)
        if picture is None:
            return None
        found = [one for one in picture.placements if one.virtual and placement in (0, one.number)]
        if len({(one.columns, one.rows) for one in found}) > 1:
            words = f"which placement of picture {number} shows is left to chance"
            if words not in self._problems:
                self._problems.append(words)
        return (picture, found[0]) if found else None


def _hit(placement: Placement, what: str, keys: dict[str, str]) -> bool:
    """Whether a delete takes this placement away. Those by placeholders are spared unless they are named."""
    if what == "a":
        return not placement.virtual
    named = int(keys.get("p", "0"))
    return named in (0, placement.number)


def _answer(keys: dict[str, str], words: str) -> str:
    told = [f"{key}={keys[key]}" for key in ("i", "I", "p") if key in keys]
    return f"\x1b_G{','.join(told)};{words}\x1b\\" if told else ""
