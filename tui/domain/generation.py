"""A generation: what one request gave, as it is kept in the library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tui.domain.words import one_line


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture on disk. ``missing`` when the file is gone.

    ``role`` is ``final``, ``draft`` (an interim picture of the model) or ``copy`` (converted by us).
    """

    path: Path
    mime: str
    width: int
    height: int
    bytes: int
    sha256: str = ""
    role: str = "final"
    missing: bool = False


@dataclass(frozen=True, slots=True)
class GenerationWarning:
    """Something about a generation that a person should know, by code and in words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class UserMarks:
    """What a person added. ``rating`` is 0 to 5, 0 for none."""

    starred: bool = False
    rating: int = 0
    tags: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ReplySummary:
    """What the server said beside the pictures; every member may be missing."""

    id: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    text: str | None = None
    reasoning: str | None = None
    usage: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KeptReference:
    """A reference as the metadata names it."""

    file: str
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class MadeWith:
    """What another program wrote into its picture beside prompt and model; empty where it says nothing.

    ``size`` is the one it was made at, ``768×512``: the picture may have been enlarged since.
    """

    program: str = ""
    negative_prompt: str = ""
    seed: str = ""
    steps: str = ""
    size: str = ""

    @property
    def words(self) -> str:
        """Program and settings on a line, without the prompts: ``ComfyUI · seed 5 · 20 steps · at 512×768``."""
        told = (("", self.program, ""), ("seed ", self.seed, ""), ("", self.steps, " steps"), ("at ", self.size, ""))
        return " · ".join(f"{before}{value}{after}" for before, value, after in told if value)


@dataclass(frozen=True, slots=True)
class Generation:
    """One row of the history.

    ``stem`` is the time stamp in its file names, suffix included (``20261122_103000-2``). ``metadata`` is
    None for a picture that has no metadata file. ``damage`` says in words what is wrong with a metadata
    file that could not be read. ``foreign`` is true for what another program wrote; ``made_with`` is what
    that one told in the picture, None where it told nothing.
    """

    id: str
    stem: str
    created_at: datetime
    prompt: str
    model: str = ""
    aspect_ratio: str = ""
    image_size: str = ""
    references: tuple[KeptReference, ...] = ()
    parent: str | None = None
    proxy: str = ""
    reply: ReplySummary = field(default_factory=ReplySummary)
    images: tuple[ImageFile, ...] = ()
    elapsed: float | None = None
    warnings: tuple[GenerationWarning, ...] = ()
    user: UserMarks = field(default_factory=UserMarks)
    metadata: Path | None = None
    foreign: bool = False
    damage: str | None = None
    made_with: MadeWith | None = None

    @property
    def final_image(self) -> ImageFile | None:
        """The picture to show: the last that is neither draft nor copy, else the last, None where there is none."""
        finals = [image for image in self.images if image.role not in ("draft", "copy")]
        shown = finals or list(self.images)
        return shown[-1] if shown else None

    @property
    def picture(self) -> ImageFile | None:
        """The picture to show, None where there is none or its file is gone."""
        image = self.final_image
        return None if image is None or image.missing else image

    @property
    def title(self) -> str:
        """What it is called in one line: its prompt, where it has none the stem of its files."""
        return one_line(self.prompt) or self.stem
