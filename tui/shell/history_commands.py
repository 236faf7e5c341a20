"""``history`` and the commands below it: what was made, found again, looked at and marked."""

from typing import Final

import click

from tui import orders
from tui.domain.sorting import SORTS, Sort
from tui.orders import wrong_usage
from tui.shell.flags import config_flag, json_flag, load, offering, settings_flags, whole
from tui.shell.usage import Searching

_ORDERS: Final = ", ".join(way.name for way in SORTS)

ids: Final = click.argument(
    "names", metavar="ID...", nargs=-1, required=True, type=click.UNPROCESSED, shell_complete=offering("id")
)


@click.command("history", cls=Searching)
@click.argument("words", metavar="[QUERY]", nargs=-1, type=click.UNPROCESSED, shell_complete=offering("query"))
@click.option("-n", "--count", "--limit", metavar="N", type=click.UNPROCESSED, help="How many. [default: 20]")
@click.option(
    "--sort",
    metavar="ORDER",
    type=click.UNPROCESSED,
    shell_complete=offering("sort"),
    help=f"{_ORDERS}. [default: newest]",
)
@click.option("--images", is_flag=True, help="Small pictures beside the rows, where the terminal can.")
@settings_flags("output_dir")
@json_flag
@config_flag
def history(
    words: tuple[str, ...],
    count: str | None,
    sort: str | None,
    images: bool,
    as_json: bool | None,
    config: str | None,
    **flags: object,
) -> int:
    """List the newest generations of the library, or those that QUERY finds."""
    settings = load(flags, config)
    from tui import listings

    number = whole("--count", count, 20)
    return listings.list_history(
        settings, number, " ".join(words), sort=_sort(sort), as_json=orders.wants_json(as_json), images=images
    )


def _sort(word: str | None) -> Sort:
    for way in SORTS:
        if ("newest" if word is None else word.lower()) == way.name:
            return way.name
    raise wrong_usage(f"--sort does not take {word!r}", f"It takes one of: {_ORDERS}.")


@click.command("history show")
@click.argument("name", metavar="ID", type=click.UNPROCESSED, shell_complete=offering("id"))
@click.option("--open", "opens", is_flag=True, help="Open the picture in the system's viewer.")
@click.option("--path", "only_path", is_flag=True, help="Print the picture's path, nothing else.")
@settings_flags("output_dir")
@json_flag
@config_flag
def show(name: str, opens: bool, only_path: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """Tell all that is known of one generation.

    ID is an id or a stem (the time in the file names), the beginning of one that begins no other, or the path of a
    picture.
    """
    settings = load(flags, config)
    from tui.shell import showing

    return showing.show(settings, name, opens=opens, only_path=only_path, as_json=orders.wants_json(as_json))


@click.command("history star")
@ids
@click.option("--off", is_flag=True, help="Take the star away.")
@settings_flags("output_dir")
@json_flag
@config_flag
def star(names: tuple[str, ...], off: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """Star generations."""
    settings = load(flags, config)
    from tui.shell import changes

    return changes.star(settings, names, on=not off, as_json=orders.wants_json(as_json))


@click.command("history rate")
@click.argument("rating", metavar="0-5", type=click.UNPROCESSED)
@ids
@settings_flags("output_dir")
@json_flag
@config_flag
def rate(rating: str, names: tuple[str, ...], as_json: bool | None, config: str | None, **flags: object) -> int:
    """Rate generations from 1 to 5; 0 takes the rating away."""
    settings = load(flags, config)
    from tui.shell import changes

    stars = whole("history rate", rating, 0, low=0, high=5)
    return changes.rate(settings, names, stars, as_json=orders.wants_json(as_json))


COMMANDS: Final = {str(each.name): each for each in (history, show, star, rate)}
