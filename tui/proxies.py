"""The proxy in use: found before the first job is sent, judged now and then, and found again when it is gone."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from textual.app import App

from tui.connect.find import Place, Search, settle
from tui.connect.health import judge
from tui.domain.finding import Finding
from tui.domain.proxy import ProxyAddress, ProxyHealth
from tui.domain.words import with_tilde
from tui.messages import ProxyChosen, ProxyJudged, WayExamined
from tui.proxy.child import Sandbox, start_sandbox


class ProxyWork:
    """Knows the proxy in use. ``use`` sends later jobs to another; ``search`` looks for one where the address
    is no more than a guess, None where it is not to be looked for.

    ``settled`` is set once it is known where to send jobs.
    """

    def __init__(
        self,
        app: App[Any],
        address: ProxyAddress,
        use: Callable[[ProxyAddress], None],
        search: Callable[[], Awaitable[Search]] | None,
    ) -> None:
        self._app = app
        self._address = address
        self._send_to = use
        self._search = search
        self._sandbox: Sandbox | None = None
        self._places: tuple[Place, ...] = ()
        self._examined: tuple[ProxyAddress, ProxyHealth] | None = None
        self.settled = asyncio.Event()

    async def find(self) -> None:
        """Look for the proxy, then judge it; what is found comes as messages."""
        try:
            moved = await self._search_again(None)
        finally:
            self.settled.set()
        if not moved:
            await self._tell(self._address, await judge(self._address))

    async def look(self) -> None:
        """Judge the proxy, and look for another where it is gone or does not take our key: ``ccs cliproxy start``
        in another window may have given it another port or key."""
        address = self._address
        health = await judge(address)
        if (health.answers and health.models is not None) or not await self._search_again(address):
            await self._tell(address, health)

    async def _tell(self, address: ProxyAddress, health: ProxyHealth) -> None:
        self._app.post_message(ProxyJudged(address, health))
        await self._examine(address, health)

    async def _examine(self, address: ProxyAddress, health: ProxyHealth) -> None:
        """Tell what stands in the way, once for each trouble."""
        if health.trouble is None or (address, health) == self._examined:
            return
        self._examined = address, health
        findings = await asyncio.to_thread(_way, address, health, self._places)
        self._app.post_message(WayExamined(address, findings))

    async def start_sandbox(self, delay: float | None) -> None:
        """Start our own proxy, which paints a picture in ``delay`` seconds, and send later jobs to it."""
        try:
            if self._sandbox is None:
                self._sandbox = await start_sandbox(delay=delay)
            self._use(self._sandbox.address)
        finally:
            self.settled.set()

    def stop(self) -> None:
        """End the sandbox, if there is one."""
        if self._sandbox is not None:
            self._sandbox.stop()

    async def _search_again(self, otherwise: ProxyAddress | None) -> bool:
        """Whether another proxy is in use now; ``otherwise`` stays where none is better. Our own sandbox was
        chosen, and stays."""
        before = self._address
        if self._search is None or before.source == "sandbox":
            return False
        search = await self._search()
        self._places = search.places
        found = await settle(search, otherwise=otherwise)
        if found == before or self._address is not before:
            return False
        self._use(found)
        return True

    def _use(self, address: ProxyAddress) -> None:
        self._address = address
        self._send_to(address)
        self._app.post_message(ProxyChosen(address))


def _way(address: ProxyAddress, health: ProxyHealth, places: tuple[Place, ...]) -> tuple[Finding, ...]:
    """What the doctor finds on the way to this proxy. Blocking: the files of CCS are read."""
    from tui.connect.accounts import read_accounts
    from tui.connect.ccs import ccs_home
    from tui.connect.doctor import Look, examine_way

    now = datetime.now(UTC)
    look = Look(address, health, places, read_accounts(ccs_home(os.environ), now), now)
    home = os.environ.get("HOME", "")
    return tuple(replace(each, words=with_tilde(each.words, home)) for each in examine_way(look))
