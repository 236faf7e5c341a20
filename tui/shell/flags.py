"""Flags that several commands share: rows of the settings table, ``--json``, ``--config``."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from tui import streams
from tui.orders import wrong_usage
from tui.settings import BY_NAME, Settings, load_settings, path_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

REQUEST_FLAGS: Final = ("model", "aspect_ratio", "image_size", "count")
PROXY_FLAGS: Final = ("proxy", "api_key", "insecure", "sandbox")
SENDING_FLAGS: Final = ("timeout", "stream", "retries", "wait_limit")

Callback = TypeVar("Callback", bound=Callable[..., Any])


def offering(kind: str) -> Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]:
    """What a shell may complete a value of this kind to; none is offered of a kind that is not known."""

    def offered(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from tui.shell.offers import values

        return values(kind, ctx, incomplete)

    return offered


def settings_flags(*names: str) -> Callable[[Callback], Callback]:
    """Flags for rows of the settings table, in the order named."""

    def decorate(callback: Callback) -> Callback:
        for name in reversed(names):
            row = BY_NAME[name]
            is_switch = "/" in row.flag
            default = f" [default: {row.default}]" if row.default is not None else ""
            callback = click.option(
                *row.flags,
                name,
                default=None,
                metavar=None if is_switch else row.metavar,
                help=f"{row.help}{default}",
                type=None if is_switch else click.UNPROCESSED,
                shell_complete=None if is_switch else offering(name),
            )(callback)
        return callback

    return decorate


config_flag: Final = click.option(
    "--config", metavar="FILE", type=click.UNPROCESSED, help="Another settings file. [default: the usual one]"
)
json_flag: Final = click.option(
    "--json", "as_json", is_flag=True, default=None, help="One JSON object a line on standard output."
)


def load(flags: Mapping[str, object], config: str | None) -> Settings:
    """The settings that hold; what the settings file says that is unknown goes to standard error."""
    import os

    settings = load_settings(
        flags, environ=os.environ, config=path_of(config, "--config") if config is not None else None
    )
    for warning in settings.warnings:
        streams.warn(warning)
    return settings


def whole(flag: str, text: str | None, default: int, *, low: int = 1, high: int = 100_000) -> int:
    """The whole number that ``flag`` was given. Raises InvalidRequest for anything else."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
        raise wrong_usage(f"{flag} does not take {text!r}", f"It takes a whole number from {low} to {high}.")
    return int(text)
