"""What ``models``, ``history`` and ``doctor`` print: plain columns for people, JSON lines for scripts."""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tui import streams
from tui.domain.errors import ImageGenError
from tui.domain.generation import Generation
from tui.domain.options import MODELS, ImageModel
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import one_line
from tui.settings import Settings

if TYPE_CHECKING:
    from tui.connect.doctor import Finding

_PICTURE_WORDS: Final = ("image", "imagen", "imagine", "banana")
"""How a model that makes pictures is told by its name; the proxy's list does not say."""


def list_models(settings: Settings, *, as_json: bool) -> int:
    """Print the table of models; with a proxy that answers, which of them it serves and what else."""
    address, health = asyncio.run(_look(settings))
    served = health.models
    rows = [*MODELS, *_others(served)]
    if as_json:
        for model in rows:
            streams.print_json(model_object(model, _is_served(model.id, served)))
        return 0
    if health.trouble:
        streams.warn(health.trouble)
    else:
        streams.write_error(f"{health.name} at {one_line(address.label)}\n")
    for model in rows:
        streams.print_line(_model_line(model, _is_served(model.id, served), settings.model))
        if model.known:
            streams.print_line(f"    {' '.join(model.ratios)}")
        line = model.life_cycle_line(date.today())
        if line:
            streams.print_line(f"    {line}")
    return 0


def model_object(model: ImageModel, served: bool | None) -> dict[str, Any]:
    """A model as ``models --json`` tells it; ``served`` is null where no proxy says."""
    return {
        "id": model.id,
        "label": model.label,
        "known": model.known,
        "served": served,
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


def _model_line(model: ImageModel, served: bool | None, chosen: str) -> str:
    mark = {True: "●", False: "○", None: " "}[served]
    words = {True: "served", False: "not served", None: ""}[served]
    sizes = " ".join(model.sizes) if model.known else ""
    default = "  (chosen)" if model.id == chosen else ""
    columns = f"{mark} {model.id:<32} {model.label if model.known else '':<16} {sizes:<13} {_prices(model):<14}"
    return f"{columns} {words}{default}".rstrip()


def _prices(model: ImageModel) -> str:
    prices = sorted({price for size in model.sizes if (price := model.list_price(size)) is not None})
    if not prices:
        return ""
    span = prices if len(prices) == 1 else [prices[0], prices[-1]]
    return "–".join(f"${price:.3f}" for price in span)


def _is_served(name: str, served: tuple[str, ...] | None) -> bool | None:
    """Whether a proxy that serves ``served`` serves ``name``, with or without a prefix (``agy/…``)."""
    if served is None:
        return None
    return any(each == name or each.rsplit("/", 1)[-1] == name for each in served)


def _others(served: tuple[str, ...] | None) -> list[ImageModel]:
    """What a proxy serves that makes pictures by its name and is not in the table."""
    names = {model.id for model in MODELS}
    strange = [name for name in served or () if name.rsplit("/", 1)[-1] not in names]
    return [
        ImageModel(name, label=name, known=False)
        for name in strange
        if any(word in name.lower() for word in _PICTURE_WORDS)
    ]


def list_history(settings: Settings, count: int, *, as_json: bool) -> int:
    """Print the newest ``count`` generations of the library."""
    from tui.library import Library

    library = Library(settings.output_dir)
    if not library.folder.is_dir():
        streams.warn(f"There is no library at {library.folder} yet.")
        return 0
    generations: Sequence[Generation] = library.page(count=count).generations
    for generation in generations:
        if as_json:
            streams.print_json(generation_object(generation))
        else:
            streams.print_line(_history_line(generation))
    return 0


def generation_object(generation: Generation) -> dict[str, Any]:
    """A generation as ``history --json`` tells it: as a ``done`` line does, and what a person added."""
    from tui.headless import image_object

    return {
        "id": generation.id,
        "created_at": generation.created_at.isoformat(timespec="milliseconds"),
        "prompt": generation.prompt,
        "model": generation.model,
        "aspect_ratio": generation.aspect_ratio,
        "image_size": generation.image_size,
        "images": [image_object(image) | {"missing": image.missing} for image in generation.images],
        "metadata": str(generation.metadata) if generation.metadata else None,
        "text": generation.reply.text,
        "elapsed": generation.elapsed,
        "warnings": [{"code": each.code, "message": each.message} for each in generation.warnings],
        "starred": generation.user.starred,
        "tags": list(generation.user.tags),
        "damage": generation.damage,
    }


def _history_line(generation: Generation) -> str:
    """Time, id, model, prompt, path: in columns on a terminal, else tab-separated and whole."""
    image = generation.final_image
    path = str(image.path) if image else ""
    when = f"{generation.created_at:%Y-%m-%d %H:%M:%S}"
    prompt = one_line(generation.prompt or generation.damage or "", 100_000)
    if not streams.is_terminal(sys.stdout):
        return "\t".join((when, generation.id, generation.model, prompt, path))
    room = shutil.get_terminal_size().columns - len(when) - len(generation.id) - len(path) - 36
    shown = one_line(prompt, max(24, room))
    return f"{when}  {generation.id}  {one_line(generation.model, 28):<28}  {shown}  {path}"


def examine(settings: Settings, *, as_json: bool) -> int:
    """Print what the doctor finds; the status is that of the first trouble, 0 where there is none."""
    findings = asyncio.run(_examine(settings))
    width = max(len(each.name) for each in findings)
    for each in findings:
        if as_json:
            streams.print_json({"check": each.name, "ok": each.ok, "words": each.words, "hint": each.hint})
            continue
        streams.print_line(f"{'✓' if each.ok else '✗'} {each.name:<{width}}  {each.words}")
        if each.hint:
            streams.print_line(f"  {'':<{width}}  {each.hint}")
    return max((each.exit_status for each in findings), default=0)


async def _examine(settings: Settings) -> "tuple[Finding, ...]":
    from tui.connect.doctor import examine as look

    address, health = await _look(settings)
    return await look(settings, address, health)


async def _look(settings: Settings) -> tuple[ProxyAddress, ProxyHealth]:
    """The proxy that would be used, and what a look at it finds."""
    from tui.connect.health import judge
    from tui.headless import reach_proxy

    try:
        async with reach_proxy(settings) as address:
            return address, await judge(address)
    except ImageGenError as error:
        return ProxyAddress(source="sandbox"), ProxyHealth(answers=False, trouble=f"{error} {error.hint}")
