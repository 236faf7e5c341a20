"""``history`` and the commands below it: what was made, found again, looked at and marked."""

from collections.abc import Callable
from typing import Final

import click

from tui import orders
from tui.domain.marking import Marking
from tui.domain.sorting import SORTS, Sort
from tui.orders import wrong_usage
from tui.shell.flags import Callback, config_flag, json_flag, load, offering, settings_flags, whole
from tui.shell.usage import PROGRAM, Searching

_ORDERS: Final = ", ".join(way.name for way in SORTS)

_ids: Final = click.argument(
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

    number = whole("--limit", count, 20)
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
@_ids
@click.option("--off", is_flag=True, help="Take the star away.")
@settings_flags("output_dir")
@json_flag
@config_flag
def star(names: tuple[str, ...], off: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """Star generations."""
    settings = load(flags, config)
    from tui.shell.changes import mark, star_words

    return mark(settings, names, Marking(starred=not off), star_words, as_json=orders.wants_json(as_json))


@click.command("history rate")
@click.argument("rating", metavar="0-5", type=click.UNPROCESSED)
@_ids
@settings_flags("output_dir")
@json_flag
@config_flag
def rate(rating: str, names: tuple[str, ...], as_json: bool | None, config: str | None, **flags: object) -> int:
    """Rate generations from 1 to 5, or 0 for none."""
    settings = load(flags, config)
    from tui.shell.changes import mark, rating_words

    marking = Marking(rating=whole("history rate", rating, 0, low=0, high=5))
    return mark(settings, names, marking, rating_words, as_json=orders.wants_json(as_json))


def _tags(flag: str, name: str, words: str) -> Callable[[Callback], Callback]:
    return click.option(
        flag,
        name,
        metavar="TAG",
        multiple=True,
        type=click.UNPROCESSED,
        shell_complete=offering("tag"),
        help=words,
    )


@click.command("history tag")
@_ids
@_tags("--add", "add", "A tag to add; repeatable.")
@_tags("--remove", "remove", "A tag to take away; repeatable.")
@settings_flags("output_dir")
@json_flag
@config_flag
def tag(
    names: tuple[str, ...],
    add: tuple[str, ...],
    remove: tuple[str, ...],
    as_json: bool | None,
    config: str | None,
    **flags: object,
) -> int:
    """Add tags to generations, or take some away."""
    settings = load(flags, config)
    if not (add or remove):
        raise wrong_usage("Which tags?", f'{PROGRAM} history tag {names[0]} --add winter --remove "best of"')
    from tui.shell.changes import mark, tag_words

    return mark(settings, names, Marking(add=add, remove=remove), tag_words, as_json=orders.wants_json(as_json))


@click.command("history note")
@click.argument("name", metavar="ID", type=click.UNPROCESSED, shell_complete=offering("id"))
@click.argument("words", metavar="TEXT", nargs=-1, required=True, type=click.UNPROCESSED)
@settings_flags("output_dir")
@json_flag
@config_flag
def note(name: str, words: tuple[str, ...], as_json: bool | None, config: str | None, **flags: object) -> int:
    """Write the notes of a generation.

    TEXT takes the place of all there are; - reads it from standard input, an empty one takes them away.
    """
    settings = load(flags, config)
    if len(words) > 1:
        sentence = " ".join(words)
        raise wrong_usage(
            "The notes are several words: put them in quotes", f'{PROGRAM} history note {name} "{sentence}"'
        )
    from tui.shell.changes import mark, note_words

    marking = Marking(notes=orders.read_text(words[0], "note"))
    return mark(settings, [name], marking, note_words, as_json=orders.wants_json(as_json))


@click.command("history trash")
@click.argument("names", metavar="[ID]...", nargs=-1, type=click.UNPROCESSED, shell_complete=offering("id"))
@click.option("--empty", "empties", is_flag=True, help="Delete what lies in the trash, for good.")
@click.option("--yes", is_flag=True, help="With --empty: do not ask.")
@settings_flags("output_dir")
@json_flag
@config_flag
def trash(
    names: tuple[str, ...], empties: bool, yes: bool, as_json: bool | None, config: str | None, **flags: object
) -> int:
    """Move generations to the trash, or empty it."""
    settings = load(flags, config)
    if bool(names) == empties:
        raise wrong_usage("Name what to throw away, or --empty", f"{PROGRAM} history restore lists the trash.")
    from tui.shell import trashing

    if empties:
        return trashing.empty(settings, yes=yes, as_json=orders.wants_json(as_json))
    return trashing.throw(settings, names, as_json=orders.wants_json(as_json))


@click.command("history restore")
@click.argument("names", metavar="[ID]...", nargs=-1, type=click.UNPROCESSED, shell_complete=offering("trashed"))
@click.option("--last", is_flag=True, help="All that was thrown away last.")
@settings_flags("output_dir")
@json_flag
@config_flag
def restore(names: tuple[str, ...], last: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """Bring generations back from the trash; without an ID, list it."""
    settings = load(flags, config)
    if names and last:
        raise wrong_usage("Name some, or --last", f"{PROGRAM} history restore lists the trash.")
    from tui.shell import trashing

    if not (names or last):
        return trashing.list_trash(settings, as_json=orders.wants_json(as_json))
    return trashing.restore(settings, names, last=last, as_json=orders.wants_json(as_json))


COMMANDS: Final = {str(each.name): each for each in (history, show, star, rate, tag, note, trash, restore)}
