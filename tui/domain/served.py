"""Names of models against a proxy's list of them: which make pictures, under which id, and what comes nearest.

The lists of CLIProxyAPI v7.2.140 carry no modalities, come in any order, and hold the same model under several
ids: with and without ``-preview``, behind the prefix of a login (``agy/…``, ``team/…``). With
``force-model-prefix`` only the prefixed id is accepted, so an id is always sent as the list spells it.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

_PICTURE_WORDS: Final = (
    *("image", "imagine", "banana", "flux", "seedream", "ideogram", "recraft", "riverflow"),
    "stable-diffusion",
)
_IMAGES_ROUTE: Final = ("gpt-image", "grok-imagine", "dall-e", "chatgpt-image")
_PREVIEW: Final = "-preview"
_THINKING: Final = re.compile(r"\([^()]*\)$")
"""A thinking level behind a name, ``X(high)``: the proxy takes it off and looks for ``X``."""

_PRO, _FLASH, _BANANA, _LITE, _FLASH_25, _OTHER, _IMAGEN = range(7)
"""The families, best first; Imagen last, since it takes no references and works in few set-ups."""

_FAMILIES: Final = (
    (_IMAGEN, re.compile(r"imagen(?![a-z])")),
    (_LITE, re.compile(r"flash-lite.*image")),
    (_PRO, re.compile(r"3(\.\d+|-\d(?=-))?-pro-image|banana-pro")),
    (_FLASH, re.compile(r"3[.-]1-flash-image|banana-2(?![.\d])")),
    (_FLASH_25, re.compile(r"2\.5-flash-image")),
    (_BANANA, re.compile(r"banana")),
)


def makes_pictures(name: str) -> bool:
    """Whether a model's name speaks of pictures that the chat route gives."""
    bare = bare_name(name).lower()
    return any(word in bare for word in _PICTURE_WORDS) and not is_on_images_route(name)


def is_on_images_route(name: str) -> bool:
    """Whether CLIProxyAPI serves ``name`` on ``/v1/images/…`` alone: its chat route answers 503 for ever."""
    return bare_name(name).lower().startswith(_IMAGES_ROUTE)


def bare_name(name: str) -> str:
    """``name`` without the prefix of a login or a provider: ``team/X`` is ``X``."""
    return name.rsplit("/", 1)[-1]


def without_thinking(name: str) -> str:
    """``name`` without a thinking level behind it: ``X(high)`` is ``X``."""
    return _THINKING.sub("", name)


def served_as(name: str, served: Collection[str]) -> str | None:
    """The id to send for ``name``, None where no spelling of it is served.

    ``name`` itself before all others; then with or without ``-preview``; then behind another prefix or none.
    """
    ids = sorted(served)
    if name in ids:
        return name
    plain = without_thinking(name)
    level = name[len(plain) :]
    found = plain if plain in ids else _other_spelling(plain, ids)
    return f"{found}{level}" if found is not None else None


def _other_spelling(name: str, ids: list[str]) -> str | None:
    twin = _twin(name)
    if twin in ids:
        return twin
    for wanted in (bare_name(name), bare_name(twin)):
        for each in sorted(ids, key=lambda each: each.count("/")):
            if bare_name(each) == wanted:
                return each
    return None


def _twin(name: str) -> str:
    return name.removesuffix(_PREVIEW) if name.endswith(_PREVIEW) else f"{name}{_PREVIEW}"


def nearest_served(name: str, served: Collection[str]) -> str | None:
    """The best other model of ``served`` that makes pictures, None where there is none.

    Another spelling of ``name`` first, then its family, then the families in the order of what they can do.
    """
    others = [each for each in pictures_of(served) if each != name]
    family = family_of(name)
    spelled = served_as(without_thinking(name), others)

    def rank(each: str) -> tuple[bool, bool, int, bool, int, str]:
        own = family_of(each)
        return each != spelled, own != family, own, each.endswith(_PREVIEW), each.count("/"), each

    return min(others, key=rank, default=None)


def pictures_of(served: Iterable[str]) -> Iterator[str]:
    """Those of ``served`` that make pictures by their names."""
    return (each for each in served if makes_pictures(each))


def family_of(name: str) -> int:
    """A number for the family of ``name``: the lower, the more can be asked of it."""
    bare = bare_name(name).lower()
    return next((family for family, form in _FAMILIES if form.search(bare)), _OTHER)


def route_note(name: str) -> str | None:
    """What is odd about asking ``name`` for a picture through CLIProxyAPI, None where nothing is."""
    bare = bare_name(name).lower()
    if is_on_images_route(name):
        return "not on the chat route"
    if family_of(name) == _IMAGEN:
        return "service account only"
    return "loses the size" if bare == "gemini-2.5-flash-image-preview" else None
