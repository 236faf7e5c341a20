"""Commands that look after the library as a whole, and the one that helps shells."""

from typing import Final

import click

from tui.shell.flags import offering


@click.command("completion")
@click.argument("shell", metavar="bash|zsh|fish", type=click.UNPROCESSED, shell_complete=offering("shell"))
def completion(shell: str) -> int:
    """Print the script that makes Tab complete commands, flags, ids, tags and models.

    \b
    bash  eval "$(image-gen completion bash)"    in ~/.bashrc
    zsh   eval "$(image-gen completion zsh)"     in ~/.zshrc, behind compinit
    fish  image-gen completion fish > ~/.config/fish/completions/image-gen.fish
    """
    from tui.shell.completing import print_script

    return print_script(shell)


COMMANDS: Final = {str(each.name): each for each in (completion,)}
