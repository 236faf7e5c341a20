"""The commands that look at the proxy, or are one."""

import gc
from typing import Final

import click

from tui import orders
from tui.orders import wrong_usage
from tui.shell.flags import PROXY_FLAGS, config_flag, json_flag, load, settings_flags, whole
from tui.shell.usage import PROGRAM, Plain


@click.command("models", cls=Plain)
@click.option("--cached", is_flag=True, help="From the list kept of the proxy's last answer; nobody is asked.")
@settings_flags(*PROXY_FLAGS)
@json_flag
@config_flag
def models(cached: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """List the models: ratios, sizes, list prices, and whether the proxy serves them."""
    settings = load(flags, config)
    from tui import model_list

    return model_list.list_models(settings, as_json=orders.wants_json(as_json), cached=cached)


@click.command("accounts", cls=Plain)
@settings_flags(*PROXY_FLAGS)
@json_flag
@config_flag
def accounts(as_json: bool | None, config: str | None, **flags: object) -> int:
    """List the accounts behind the proxy: usable, paused, expired; which can make pictures."""
    settings = load(flags, config)
    from tui import account_list

    return account_list.list_accounts(settings, as_json=orders.wants_json(as_json))


@click.command("doctor", cls=Plain)
@click.option(
    "--probe", is_flag=True, help="Also make one small picture and throw it away; it may cost as much as a picture."
)
@settings_flags("model", "output_dir", *PROXY_FLAGS, "timeout")
@json_flag
@config_flag
def doctor(probe: bool, as_json: bool | None, config: str | None, **flags: object) -> int:
    """Look at everything between here and a picture, and say what is wrong and what to type."""
    settings = load(flags, config)
    from tui import checkup

    return checkup.examine(settings, as_json=orders.wants_json(as_json), probe=probe)


@click.command("serve", cls=Plain)
@click.option("--sandbox", is_flag=True, help="Our own proxy, painting pictures: no account, no network.")
@click.option("--port", metavar="PORT", type=click.UNPROCESSED, help="0 takes a free one. [default: 8317]")
@click.option("--delay", metavar="SECONDS", type=click.UNPROCESSED, help="How long a picture takes.")
@config_flag
def serve(sandbox: bool, port: str | None, delay: str | None, config: str | None) -> int:
    """Run a proxy for other programs on 127.0.0.1."""
    if not sandbox:
        raise wrong_usage("serve needs --sandbox", f"{PROGRAM} serve --sandbox paints pictures for everyone.")
    number = whole("--port", port, 8317, low=0, high=65535)
    settings = load({"sandbox_delay": delay}, config)
    from tui.proxy.server import serve as run_server

    gc.enable()
    run_server(port=number, delay=settings.sandbox_delay, announce=True, key=None)
    return 0


COMMANDS: Final = {str(each.name): each for each in (models, accounts, doctor, serve)}
