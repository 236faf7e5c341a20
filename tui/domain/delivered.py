"""Delivered against requested: whether the picture has the ratio, the pixels and the model that were asked for.

The type of the file is never a difference: nothing in a request asks for one, and the models choose between PNG
and JPEG by themselves. What the proxy announces wrongly does no harm either, since the bytes are looked at.
"""

import math
import re
from typing import Final

from tui.domain.generation import Generation, GenerationWarning
from tui.domain.options import ASPECT_RATIOS, DEFAULT_MODEL, ImageModel, find_model, ratio_value
from tui.domain.reply import ReceivedImage, Reply
from tui.domain.request import Request
from tui.domain.served import bare_name
from tui.domain.words import one_line

MARK: Final = "△"
"""Stands wherever something came otherwise than it was asked for."""

RATIO: Final = "ratio_mismatch"
SIZE: Final = "size_mismatch"
MODEL: Final = "model_mismatch"

RATIO_TOLERANCE: Final = 1.04
"""Models give pixels a few per cent off their own table (1408×768 for 1376×768): that is no difference."""
SIDE_TOLERANCE: Final = 1.10
"""Sizes are a factor of two apart, on each side; ratios of one size differ by up to six per cent."""

PREVIEW_25: Final = "gemini-2.5-flash-image-preview"
"""What CLIProxyAPI v7.2.140 rewrites for this id alone: a white picture and a sentence stand for the ratio."""

_NO_NAME: Final = "model"
"""What CLIProxyAPI says where the provider named no model."""
_ORNAMENTS: Final = re.compile(r"\([^()]*\)$|:[^:]*$")
"""A thinking level, ``X(high)``, and a variant of OpenRouter's, ``X:free``: not of the model's name."""


def differences(request: Request, reply: Reply) -> tuple[GenerationWarning, ...]:
    """What came otherwise than it was asked for: ratio, size, model, each with its likely reason.

    Empty for a picture within tolerance, of unknown pixels, or of a size that the model's maker has not published.
    """
    if not reply.images:
        return ()
    told = one_line(reply.summary.model or "", 80)
    model = _model_difference(request, told)
    answered = _answering(request, told)
    ratio = _ratio_difference(request, reply.final, answered)
    size = _size_difference(request, reply.final, answered)
    return tuple(each for each in (ratio, size, model) if each is not None)


def is_other(generation: Generation) -> bool:
    """Whether something came otherwise than it was asked for."""
    return any(warning.code in (RATIO, SIZE, MODEL) for warning in generation.warnings)


def asked_words(generation: Generation) -> str | None:
    """``4K 16:9`` where the picture has another size or ratio, with only that of the two which differs."""
    codes = {warning.code for warning in generation.warnings}
    asked = (generation.image_size if SIZE in codes else "", generation.aspect_ratio if RATIO in codes else "")
    return " ".join(part for part in asked if part) or None


def loses(model: str, *, has_references: bool) -> str | None:
    """One sentence for an id that loses options on its way through CLIProxyAPI, None for all others."""
    if bare_name(model) != PREVIEW_25:
        return None
    lost = "size and ratio beside a reference" if has_references else "the size"
    return f"CLIProxyAPI drops {lost} for {PREVIEW_25}; gemini-2.5-flash-image goes through as asked."


def _ratio_difference(request: Request, got: ReceivedImage, answered: ImageModel) -> GenerationWarning | None:
    if not (got.width and got.height):
        return None
    shape = got.width / got.height
    off = {
        ratio: _off(shape, ratio, answered, request.image_size) for ratio in {*answered.ratios, request.aspect_ratio}
    }
    # At 3:4 2.5 Flash gives 0.73, at 4:5 it gives 0.78: nearer to 0.75 than tolerance, but nearer to itself.
    if off[request.aspect_ratio] <= min(RATIO_TOLERANCE, *off.values()):
        return None
    came = _ratio_name(shape)
    words = f"{came} ({got.width}×{got.height})" if came else f"{got.width}×{got.height}"
    return GenerationWarning(RATIO, f"Asked for {request.aspect_ratio}, got {words}.{_why_ratio(request)}")


def _off(shape: float, ratio: str, model: ImageModel, size: str) -> float:
    """The factor between ``shape`` and a ratio, by its name or by the pixels published for it; 1 is exact."""
    pixels = model.size_in_pixels(ratio, size)
    wanted = [ratio_value(ratio) or 1.0, *([pixels[0] / pixels[1]] if pixels else [])]
    return min(_factor(shape, each) for each in wanted)


def _size_difference(request: Request, got: ReceivedImage, answered: ImageModel) -> GenerationWarning | None:
    asked = answered.size_in_pixels(request.aspect_ratio, request.image_size)
    if asked is None and answered.known:
        # The model that answered has no such size at all: what others mean by it counts.
        asked = find_model(DEFAULT_MODEL).size_in_pixels(request.aspect_ratio, request.image_size)
    if asked is None or not (got.width and got.height):
        return None
    if math.sqrt(_factor(asked[0] * asked[1], got.width * got.height)) <= SIDE_TOLERANCE:
        return None
    words = f"Asked for {request.image_size} ({asked[0]}×{asked[1]}), got {got.width}×{got.height}."
    return GenerationWarning(SIZE, f"{words}{_why_size(request, answered)}")


def _model_difference(request: Request, told: str) -> GenerationWarning | None:
    if not _is_other_model(request.model, told):
        return None
    words = f"Asked for {one_line(request.model, 80)}, but {told} answered."
    return GenerationWarning(MODEL, f"{words} The proxy sends the name on as another.")


def _is_other_model(asked: str, told: str) -> bool:
    """Whether two names mean two models: prefixes, ``-preview``, versions and spellings of one do not matter.

    A name that is in no table may be an alias for anything.
    """
    one, other = _plain(asked), _plain(told)
    if not one or not other or other == _NO_NAME or not find_model(_bare(asked)).known:
        return False
    known = find_model(_bare(told))
    if known.known:
        return _plain(known.id) != _plain(find_model(_bare(asked)).id)
    return not (other.startswith(one) or one.startswith(other))


def _answering(request: Request, told: str) -> ImageModel:
    """The row of the model that answered, that of the one asked for where the reply does not say."""
    asked, row = find_model(_bare(request.model)), find_model(_bare(told))
    return row if row.known and (not asked.known or _is_other_model(request.model, told)) else asked


def _bare(name: str) -> str:
    return _ORNAMENTS.sub("", bare_name(name.strip()))


def _plain(name: str) -> str:
    """A name for comparison: ``agy/Gemini-3.1-Flash-Image-preview`` is ``gemini-3-1-flash-image``."""
    return re.sub(r"[._\s]+", "-", _bare(name).lower()).removesuffix("-preview")


def _why_ratio(request: Request) -> str:
    lost = loses(request.model, has_references=True) if request.references else None
    if lost:
        return f" {lost}"
    if request.references:
        return " The model kept the shape of a reference, as some do."
    return " The model or the proxy paid no heed to the ratio."


def _why_size(request: Request, answered: ImageModel) -> str:
    lost = loses(request.model, has_references=False)
    if lost:
        return f" {lost}"
    if answered.known and len(answered.sizes) == 1:
        return f" {answered.id} has no size control."
    if request.model.startswith("agy/"):
        return " Antigravity, which serves it here, ignores the size."
    return " A login of Antigravity ignores the size; an API key does not."


def _ratio_name(shape: float) -> str | None:
    """The ratio a picture has, None where it is close to none that models offer."""
    nearest = min(ASPECT_RATIOS, key=lambda each: abs(math.log((ratio_value(each) or 1.0) / shape)))
    return nearest if _factor(ratio_value(nearest) or 1.0, shape) <= RATIO_TOLERANCE else None


def _factor(one: float, other: float) -> float:
    return max(one, other) / min(one, other)
