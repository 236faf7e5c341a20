"""The options as a person has them set: always something the chosen model can do."""

from dataclasses import dataclass, replace

from tui.domain.options import (
    DEFAULT_ASPECT_RATIO,
    DEFAULT_IMAGE_SIZE,
    DEFAULT_MODEL,
    MAX_COUNT,
    ImageModel,
    find_model,
    nearest_ratio,
    nearest_size,
    normalise_size,
)
from tui.domain.request import Reference, Request


@dataclass(frozen=True, slots=True)
class Selection:
    """Model, aspect ratio, image size, how many, references, and the generation it starts from."""

    model: str = DEFAULT_MODEL
    aspect_ratio: str = DEFAULT_ASPECT_RATIO
    image_size: str = DEFAULT_IMAGE_SIZE
    count: int = 1
    references: tuple[Reference, ...] = ()
    parent: str | None = None

    @property
    def image_model(self) -> ImageModel:
        """The table's row for the model."""
        return find_model(self.model)

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height a picture will have, None where the model's maker does not say."""
        return self.image_model.size_in_pixels(self.aspect_ratio, self.image_size)

    def with_model(self, name: str) -> "Selection":
        """Another model; ratio and size move to the nearest ones it has."""
        model = find_model(name)
        return replace(
            self,
            model=name,
            aspect_ratio=_offered_ratio(self.aspect_ratio, model),
            image_size=nearest_size(self.image_size, model.sizes),
        )

    def with_ratio(self, ratio: str) -> "Selection":
        """Another aspect ratio, or the nearest the model has."""
        return replace(self, aspect_ratio=_offered_ratio(ratio, self.image_model))

    def with_size(self, size: str) -> "Selection":
        """Another image size, or the nearest the model has."""
        return replace(self, image_size=nearest_size(normalise_size(size), self.image_model.sizes))

    def with_count(self, count: int) -> "Selection":
        """Another number of pictures, kept between 1 and 99."""
        return replace(self, count=max(1, min(MAX_COUNT, count)))

    def requests(self, prompt: str) -> tuple[Request, ...]:
        """``count`` equal requests. Raises InvalidRequest, see ``Request``."""
        request = Request(
            prompt=prompt,
            model=self.model,
            aspect_ratio=self.aspect_ratio,
            image_size=self.image_size,
            references=self.references,
            parent=self.parent,
        )
        return (request,) * self.count


def with_model(request: Request, name: str) -> Request:
    """``request`` for another model; its ratio and size move to the nearest ones that one has."""
    wanted = Selection(aspect_ratio=request.aspect_ratio, image_size=request.image_size).with_model(name)
    return replace(request, model=name, aspect_ratio=wanted.aspect_ratio, image_size=wanted.image_size)


def step(values: tuple[str, ...], current: str, by: int) -> str:
    """The value ``by`` places further in ``values``, round the end; the first if ``current`` is not there."""
    if current not in values:
        return values[0]
    return values[(values.index(current) + by) % len(values)]


def _offered_ratio(ratio: str, model: ImageModel) -> str:
    if ratio in model.ratios:
        return ratio
    return nearest_ratio(ratio, model.ratios) or model.ratios[0]
