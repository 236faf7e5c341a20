"""Starting and leaving the app: the terminal is asked before Textual is imported, and leaving never waits."""

import gc
import os
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from tui.domain.proxy import DEFAULT_KEY, DEFAULT_PROXY, ProxyAddress, Secret
from tui.settings import Settings
from tui.terminal.early import EarlyKeys, early_keys
from tui.terminal.facts import choose
from tui.terminal.probe import probe

if TYPE_CHECKING:
    from tui.app import ImageGenApp
    from tui.connect.find import Search

LEAVE_WITHIN: Final = 0.3
"""Seconds from the decision to leave until whatever still runs in threads is left behind."""

GIVE_BACK_WITHIN: Final = 5.0
"""Seconds more until a terminal that is not given back is left as it is: a busy machine may need some of them."""


def run_app(settings: Settings) -> int:
    """Run the app until the person leaves; the exit status."""
    with early_keys() as early:
        status = _run(settings, early)
    # A process that ends need not look for garbage first, which takes up to half a second.
    gc.freeze()
    return status


def _run(settings: Settings, early: EarlyKeys) -> int:
    # Nothing that is imported is garbage; the app lets it be looked for again once it is on the screen.
    gc.disable()
    from tui.first_rows import FirstRows

    first_rows = FirstRows(settings.output_dir.absolute(), settings.cache_dir)
    facts = choose(probe(settings.images), settings.images, link=settings.link)
    facts = replace(facts, leftover=early.typed + facts.leftover, modes=early.modes)
    if facts.truecolor:
        # Textual reads it when it is imported.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "truecolor")
    elif os.environ.get("TERM") == "dumb":
        # Left alone, Textual sends 24-bit colours where nothing at all is promised.
        os.environ.setdefault("TEXTUAL_COLOR_SYSTEM", "standard")
    from tui.app import ImageGenApp
    from tui.state import AppState, load_state
    from tui.terminal.driver import driver_class

    state = (load_state(settings.state_dir) or AppState()).with_settings(settings)
    over = threading.Event()

    def leave_soon() -> None:
        threading.Thread(target=_leave_at_last, args=(app, over), daemon=True).start()

    app = ImageGenApp(
        settings,
        first_guess(settings),
        facts,
        state=state,
        driver_class=driver_class(),
        leaving=leave_soon,
        search=partial(_search, settings),
        first_rows=first_rows,
    )
    app.run()
    over.set()
    return app.return_code or 0


def first_guess(settings: Settings) -> ProxyAddress:
    """The proxy as far as it is known without a file of CCS: for the first frame, which waits for nothing."""
    return ProxyAddress(
        settings.proxy or DEFAULT_PROXY,
        settings.api_key or Secret(DEFAULT_KEY),
        settings.origins.get("proxy", "default"),
        settings.origins.get("api_key", "default"),
        settings.insecure,
    )


async def _search(settings: Settings) -> "Search":
    """Imported when the frame stands: it costs some milliseconds."""
    from tui.connect.find import look

    return await look(settings, os.environ)


def _leave_at_last(app: "ImageGenApp", over: threading.Event) -> None:
    """End the process when threads (a decode, a slow disk) would keep it; the terminal is given back before."""
    if over.wait(LEAVE_WITHIN):
        return
    app.terminal_given_back.wait(GIVE_BACK_WITHIN)
    os._exit(app.return_code or 0)
