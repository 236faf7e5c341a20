"""What ``models`` prints: what can be asked of each model, and whether the proxy serves it."""

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from tui import streams
from tui.domain.catalogue import Listed, catalogue
from tui.domain.options import ImageModel
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line
from tui.settings import Settings

if TYPE_CHECKING:
    from tui.connect.models import ModelList


def list_models(settings: Settings, *, as_json: bool, cached: bool = False) -> int:
    """Print the models; ``cached``: from what is kept of the last answer, without asking anybody."""
    kept, health = _kept(settings) if cached else _asked(settings)
    as_of = kept.at.isoformat(timespec="seconds") if kept else None
    listed = catalogue(health.models, painters=health.painters, current=settings.model)
    if as_json:
        for each in listed:
            streams.print_json(model_object(each, health) | {"as_of": as_of})
        return 0
    today = date.today()
    if kept:
        streams.write_error(f"{one_line(kept.proxy)} {kept.as_of(today)}\n")
    for each in listed:
        for line in _lines(each, settings.model, today):
            streams.print_line(line)
    return 0


def _asked(settings: Settings) -> "tuple[ModelList | None, ProxyHealth]":
    """What the proxy says now; where it does not say, what is kept of the last time that it did."""
    from tui.checkup import look
    from tui.connect.models import keep, recall

    address, health = asyncio.run(look(settings))
    if health.models is not None:
        keep(settings.cache_dir, address, health, datetime.now(UTC))
    if health.trouble:
        streams.warn(health.trouble)
    else:
        streams.write_error(f"{health.name} at {one_line(address.label)}\n")
    kept = recall(settings.cache_dir, address) if health.models is None else None
    return kept, kept.health if kept else health


def _kept(settings: Settings) -> "tuple[ModelList | None, ProxyHealth]":
    """What is kept of the first place where the proxy may be that has ever answered."""
    from tui.connect.models import recall

    for address in _places(settings):
        kept = recall(settings.cache_dir, address)
        if kept:
            return kept, kept.health
    streams.warn("No list of a proxy is kept yet: image-gen models asks it for one.")
    return None, ProxyHealth(answers=False)


def _places(settings: Settings) -> Iterable[ProxyAddress]:
    from tui.connect.find import search

    return search(settings, os.environ).candidates


def model_object(listed: Listed, health: ProxyHealth) -> dict[str, Any]:
    """A model as ``models --json`` tells it; ``served`` is null where no proxy says.

    ``served_as`` is the id to send: its own where that is served, another spelling of it, or null.
    """
    model = listed.model
    return {
        "id": listed.name,
        "label": model.label,
        "known": model.known,
        "served": listed.served,
        "served_as": listed.name if listed.served else listed.instead,
        "on_chat_route": listed.on_chat,
        "note": listed.note,
        "owner": health.owners.get(listed.name),
        "ratios": list(model.ratios),
        "sizes": list(model.sizes),
        "pixels": {
            size: {ratio: list(table[ratio]) for ratio in model.ratios if ratio in table}
            for size, table in model.pixels.items()
            if size in model.sizes
        },
        "prices": dict(model.prices),
        "max_references": model.max_references,
        "shutdown": model.shutdown.isoformat() if model.shutdown else None,
        "successor": model.successor,
        "life_cycle": model.life_cycle_line(date.today()),
    }


def _lines(listed: Listed, chosen: str, today: date) -> Iterable[str]:
    """One line to choose by, then what can be asked of it, then what there is to know before asking."""
    model = listed.model
    mark = {True: "●" if listed.on_chat else "◌", False: "○", None: " "}[listed.served]
    words = [listed.served_words, *(["chosen"] if listed.name == chosen else [])]
    sizes = " ".join(model.sizes) if model.known else ""
    label = model.label if model.known else "not in our table"
    columns = f"{mark} {listed.name:<32} {label:<16} {sizes:<13} {_prices(model):<14}"
    yield f"{columns} {' · '.join(word for word in words if word)}".rstrip()
    if model.known:
        yield f"    {' '.join(model.ratios)} · up to {model.max_references} references"
    elif listed.on_chat:
        yield "    any ratio and size is tried"
    for line in (listed.note, model.life_cycle_line(today)):
        if line:
            yield f"    {line}"


def _prices(model: ImageModel) -> str:
    prices = sorted({price for size in model.sizes if (price := model.list_price(size)) is not None})
    if not prices:
        return ""
    span = prices if len(prices) == 1 else [prices[0], prices[-1]]
    return "–".join(f"${price:.3f}" for price in span)
