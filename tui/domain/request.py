"""A request: prompt and options, immutable, and right by construction."""

from dataclasses import dataclass
from pathlib import Path

from tui.domain.errors import InvalidRequest
from tui.domain.options import (
    DEFAULT_ASPECT_RATIO,
    DEFAULT_IMAGE_SIZE,
    DEFAULT_MODEL,
    find_model,
    nearest_ratio,
    normalise_size,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture to start from: the file, what its bytes say it is, and how many there are.

    ``prepared`` is the file whose bytes are sent where the model does not take the person's own as it is
    (another type, too large, turned); then ``mime`` and ``bytes`` are those of the prepared one, ``own_mime`` is
    the type of the person's file, and ``note`` says in words what was changed. ``sha256`` is always that of the
    person's file.
    """

    path: Path
    mime: str
    bytes: int
    sha256: str
    prepared: Path | None = None
    own_mime: str = ""
    note: str = ""

    @property
    def sent(self) -> Path:
        """The file whose bytes are sent."""
        return self.prepared or self.path


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a model for one picture.

    The size is brought into the model's spelling. Raises InvalidRequest for a blank prompt, a ratio or
    size the model lacks, or more references than it takes. ``parent`` is the id of the generation this
    one started from.
    """

    prompt: str
    model: str = DEFAULT_MODEL
    aspect_ratio: str = DEFAULT_ASPECT_RATIO
    image_size: str = DEFAULT_IMAGE_SIZE
    references: tuple[Reference, ...] = ()
    parent: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_size", normalise_size(self.image_size))
        object.__setattr__(self, "aspect_ratio", self.aspect_ratio.strip())
        object.__setattr__(self, "model", self.model.strip())
        self._check_prompt()
        self._check_options()
        self._check_references()

    def _check_prompt(self) -> None:
        if not self.prompt.strip():
            raise InvalidRequest("The prompt is empty.", hint="Say in a few words what the picture shows.")
        if not self.model:
            raise InvalidRequest("The model has no name.", hint="Name one with --model, or leave it out.")

    def _check_options(self) -> None:
        model = find_model(self.model)
        if self.aspect_ratio not in model.ratios:
            nearest = nearest_ratio(self.aspect_ratio, model.ratios)
            closest = f" Closest to yours: {nearest}." if nearest else ""
            raise InvalidRequest(
                f"{model.id} has no aspect ratio {self.aspect_ratio!r}.",
                hint=f"It has {' '.join(model.ratios)}.{closest}",
            )
        if self.image_size not in model.sizes:
            raise InvalidRequest(
                f"{model.id} has no image size {self.image_size!r}.",
                hint=f"It has {' '.join(model.sizes)}.",
            )

    def _check_references(self) -> None:
        model = find_model(self.model)
        if len(self.references) > model.max_references:
            raise InvalidRequest(
                f"{model.id} takes up to {model.max_references} references, not {len(self.references)}.",
                hint="Leave some out, or choose a model that takes more.",
            )
        for reference in self.references:
            if reference.bytes > model.max_reference_bytes:
                limit = model.max_reference_bytes / 1e6
                raise InvalidRequest(
                    f"{reference.path.name} has {reference.bytes / 1e6:.1f} MB.",
                    hint=f"{model.id} takes {limit:.0f} MB a picture: make it smaller.",
                )
