"""The table of models joined with what a proxy serves: every list of models that a person sees comes from here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from tui.domain.options import MODELS, ImageModel, find_model
from tui.domain.served import bare_name, family_of, is_on_images_route, makes_pictures, route_note, served_as

_PLACES: Final = {model.id: place for place, model in enumerate(MODELS)}
_PREVIEW: Final = "-preview"


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as a list shows it.

    ``name`` is the id to send. ``served`` is whether the proxy's list has it, None where no list is known;
    ``instead`` the id under which another spelling of it is served. ``on_chat`` is false for ids that
    give pictures on ``/v1/images/…`` alone.
    """

    name: str
    model: ImageModel
    served: bool | None = None
    instead: str | None = None
    on_chat: bool = True

    @property
    def served_words(self) -> str:
        """``served``, ``served as team/X``, ``not served``; empty where no list is known."""
        if self.served is None:
            return ""
        if self.served:
            return "served" if self.on_chat else "served elsewhere"
        return f"served as {self.instead}" if self.instead else "not served"

    @property
    def note(self) -> str | None:
        """What is odd about asking for it, None where nothing is."""
        return route_note(self.name)

    def retired_words(self, today: date) -> str:
        """When its maker switched the name off, or will; empty for a living one."""
        shutdown = self.model.shutdown
        if shutdown is None:
            return ""
        return f"{'retired' if self.model.is_retired(today) else 'retires'} {shutdown.isoformat()}"


def catalogue(
    served: Collection[str] | None, *, painters: Collection[str] = (), current: str | None = None
) -> tuple[Listed, ...]:
    """What can be chosen: the served models that make pictures, the rest of the table, what is not on the chat route.

    ``painters`` are served ids that make pictures whatever they are called; ``current`` is listed in any case.
    """
    if served is None:
        names = dict.fromkeys([*_PLACES, *([current] if current else [])])
        return tuple(Listed(name, find_model(name)) for name in names)
    there = sorted((name for name in served if makes_pictures(name) or name in painters), key=_place)
    elsewhere = sorted(name for name in served if is_on_images_route(name) and name not in there)
    shown = {*there, *elsewhere}
    absent = [name for name in dict.fromkeys([*_PLACES, *([current] if current else [])]) if name not in shown]
    return (
        *(Listed(name, find_model(name), True) for name in there),
        *(_absent(name, served) for name in absent),
        *(Listed(name, find_model(name), True, on_chat=False) for name in elsewhere),
    )


def _absent(name: str, served: Collection[str]) -> Listed:
    """A model that is no picture model of the list: a person may have chosen one whose name says nothing."""
    return Listed(name, find_model(name), name in served, served_as(name, served) if name not in served else None)


def _place(name: str) -> tuple[int, int, bool, int, str]:
    """In the table's order; then by family, plain ids before prefixed ones."""
    bare = bare_name(name)
    place = _PLACES.get(bare, _PLACES.get(bare.removesuffix(_PREVIEW), len(_PLACES)))
    return place, family_of(name), bare.endswith(_PREVIEW) and bare not in _PLACES, name.count("/"), name
