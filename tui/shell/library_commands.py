"""Commands that look after the library as a whole, and the one that helps shells."""

from typing import Final

import click

from tui import orders
from tui.settings import path_of
from tui.shell.flags import config_flag, json_flag, load, offering, settings_flags
from tui.shell.usage import Plain


@click.command("stats", cls=Plain)
@settings_flags("output_dir")
@json_flag
@config_flag
def stats(as_json: bool | None, config: str | None, **flags: object) -> int:
    """Count what the library has: by day, model, size and stars."""
    settings = load(flags, config)
    from tui.shell.stats import print_stats

    return print_stats(settings, as_json=orders.wants_json(as_json))


@click.command("reindex", cls=Plain)
@settings_flags("output_dir")
@json_flag
@config_flag
def reindex(as_json: bool | None, config: str | None, **flags: object) -> int:
    """Make the index of the library anew; its files are only read."""
    settings = load(flags, config)
    from tui.shell.upkeep import reindex

    return reindex(settings, as_json=orders.wants_json(as_json))


@click.command("verify", cls=Plain)
@settings_flags("output_dir")
@json_flag
@config_flag
def verify(as_json: bool | None, config: str | None, **flags: object) -> int:
    """Check every file of the library against its metadata; say what is damaged."""
    settings = load(flags, config)
    from tui.shell import checking

    return checking.verify(settings, as_json=orders.wants_json(as_json))


@click.command("import")
@click.argument("folder", metavar="FOLDER", type=click.UNPROCESSED)
@click.option("--link", is_flag=True, help="Link the files where the file system can, instead of copying them.")
@click.option("--recursive", is_flag=True, help="From the folders in it, too.")
@settings_flags("output_dir")
@json_flag
@config_flag
def bring_in(
    folder: str, link: bool, recursive: bool, as_json: bool | None, config: str | None, **flags: object
) -> int:
    """Bring the pictures of a folder into the library; the folder stays as it is."""
    settings = load(flags, config)
    from tui.shell import bringing

    source, json_lines = path_of(folder, "import"), orders.wants_json(as_json)
    return bringing.bring_in(settings, source, link=link, recursive=recursive, as_json=json_lines)


@click.command("completion")
@click.argument("shell", metavar="bash|zsh|fish", type=click.UNPROCESSED, shell_complete=offering("shell"))
def completion(shell: str) -> int:
    """Print what makes Tab complete commands, flags, ids, tags and models.

    \b
    bash  eval "$(image-gen completion bash)"    in ~/.bashrc
    zsh   eval "$(image-gen completion zsh)"     in ~/.zshrc, behind compinit
    fish  image-gen completion fish > ~/.config/fish/completions/image-gen.fish
    """
    from tui.shell.completing import print_script

    return print_script(shell)


COMMANDS: Final = {str(each.name): each for each in (stats, verify, reindex, bring_in, completion)}
