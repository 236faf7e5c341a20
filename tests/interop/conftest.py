"""Promises held against a real CLIProxyAPI: the binary is named by CLIPROXYAPI, its provider is a fake of ours."""

import itertools
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from interop.binary import VARIABLE, RealProxy, config
from interop.upstream import MODEL, Upstream

from tui.domain.errors import ImageGenError
from tui.domain.proxy import ProxyAddress
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.engine.client import Client

Start = Callable[..., RealProxy]
Ask = Callable[..., Awaitable[Reply]]
Fail = Callable[..., Awaitable[ImageGenError]]


def pytest_configure(config: pytest.Config) -> None:
    """Without a binary nothing here can be promised, and that is said instead of being passed over."""
    binary = os.environ.get(VARIABLE, "")
    if not binary:
        raise pytest.UsageError(f"tests/interop needs a CLIProxyAPI: set {VARIABLE}=/path/to/cli-proxy-api.")
    if not os.access(binary, os.X_OK):
        raise pytest.UsageError(f"{VARIABLE}={binary}: there is no program that can be run.")


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream
        assert [(call.path, call.texts) for call in upstream.strays] == [], "calls with a prompt that no test sent"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a proxy with a config; the same name gives the same process again. All end with the session."""
    started: dict[str, RealProxy] = {}

    def start(name: str, settings: Mapping[str, Any], **more: Any) -> RealProxy:
        if name not in started:
            proxy = RealProxy(settings, tmp_path_factory.mktemp(name), **more)
            started[name] = proxy
            proxy.start()
        return started[name]

    yield start
    for proxy in started.values():
        proxy.stop()


@pytest.fixture(scope="session")
def proxy(running: Start, upstream: Upstream) -> RealProxy:
    """The proxy as CCS sets it up, with one Google account behind it."""
    return running("standard", config(upstream.url))


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Asks a proxy through the engine, as the program does; pictures lie in the test's folder."""

    spool = tmp_path / "spool"
    spool.mkdir()
    names = itertools.count()

    async def ask(where: RealProxy | ProxyAddress, prompt: str, *, model: str = MODEL, **client: Any) -> Reply:
        address = where.address if isinstance(where, RealProxy) else where
        async with Client(address, spool=lambda: spool / f"{next(names)}", **client) as asking:
            return await asking.generate(Request(prompt, model=model))

    return ask


@pytest.fixture
def failing(tmp_path: Path) -> Callable[[Awaitable[Reply]], Awaitable[ImageGenError]]:
    """The error that something awaited ends with; no file may stay behind."""

    async def failing(asked: Awaitable[Reply]) -> ImageGenError:
        kept = set((tmp_path / "spool").iterdir())
        with pytest.raises(ImageGenError) as caught:
            await asked
        assert set((tmp_path / "spool").iterdir()) == kept
        return caught.value

    return failing


@pytest.fixture
def fail(ask: Ask, failing: Callable[[Awaitable[Reply]], Awaitable[ImageGenError]]) -> Fail:
    """Asks as ``ask`` does where a failure is expected, and gives the error."""

    async def fail(*where: Any, **how: Any) -> ImageGenError:
        return await failing(ask(*where, **how))

    return fail
