"""A client that hangs up ends the work for it; others go on; the server stays awake while it paints."""

import asyncio
import threading
import time

import httpx
import pytest
from support.waiting import wait_until
from unit.proxy.conftest import chat_body, picture_in

from tui.domain.proxy import ProxyAddress
from tui.proxy import chat
from tui.proxy.painting import Order, PaintingCancelled, paint
from tui.proxy.server import SandboxServer


@pytest.fixture
def sandbox_proxy(painting_proxy: ProxyAddress) -> ProxyAddress:
    """One that has work to do."""
    return painting_proxy


async def test_hanging_up_stops_the_painter(monkeypatch: pytest.MonkeyPatch) -> None:
    started, laid_down = threading.Event(), threading.Event()

    def watched(order: Order, is_cancelled: chat.IsCancelled, *, noisy: bool) -> bytes:
        started.set()
        try:
            return paint(order, is_cancelled, noisy=noisy)
        except PaintingCancelled:
            laid_down.set()
            raise

    monkeypatch.setattr(chat, "paint", watched)
    sandbox = SandboxServer(delay=0)
    serving = asyncio.create_task(sandbox.run())
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    async with httpx.AsyncClient(base_url=sandbox.url, headers=headers, trust_env=False) as client:
        asking = asyncio.create_task(client.post("/v1/chat/completions", json=chat_body("alpine lake", size="4K")))
        await wait_until(started.is_set)
        asking.cancel()
        await wait_until(laid_down.is_set)
    sandbox.stop()
    await serving


async def test_hanging_up_ends_the_waiting_too() -> None:
    sandbox = SandboxServer(delay=60)
    serving = asyncio.create_task(sandbox.run())
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    async with httpx.AsyncClient(base_url=sandbox.url, headers=headers, trust_env=False) as client:
        asking = asyncio.create_task(client.post("/v1/chat/completions", json=chat_body("a red fox")))
        await wait_until(lambda: sandbox.surface.answering == 1)
        asking.cancel()
        await wait_until(lambda: sandbox.surface.answering == 0, timeout=2)
    sandbox.stop()
    await serving


async def test_several_requests_at_once_all_get_their_picture(client: httpx.AsyncClient) -> None:
    prompts = [f"a quiet bay number {number}" for number in range(6)]
    answers = await asyncio.gather(*(client.post("/v1/chat/completions", json=chat_body(prompt)) for prompt in prompts))
    assert len({picture_in(answer)[1] for answer in answers}) == len(prompts)


async def test_the_server_answers_others_while_it_paints(
    client: httpx.AsyncClient, sandbox_proxy: ProxyAddress
) -> None:
    painting = asyncio.create_task(
        client.post("/v1/chat/completions", json=chat_body("alpine lake", size="4K"), timeout=60)
    )
    slowest = 0.0
    async with httpx.AsyncClient(base_url=sandbox_proxy.url, trust_env=False) as other:
        for _ in range(10):
            began = time.monotonic()
            await other.get("/healthz")
            slowest = max(slowest, time.monotonic() - began)
    assert not painting.done()
    assert (await painting).status_code == 200
    assert slowest < 1.5


async def test_the_delay_is_the_whole_time_of_an_answer() -> None:
    sandbox = SandboxServer(delay=0.4)
    serving = asyncio.create_task(sandbox.run())
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    async with httpx.AsyncClient(base_url=sandbox.url, headers=headers, trust_env=False) as client:
        began = time.monotonic()
        await client.post("/v1/chat/completions", json=chat_body("geometric"))
        elapsed = time.monotonic() - began
    sandbox.stop()
    await serving
    assert 0.4 <= elapsed < 3


def test_the_delay_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_GEN_SANDBOX_DELAY", "1.5")
    assert chat.configured_delay() == 1.5
    monkeypatch.setenv("IMAGE_GEN_SANDBOX_DELAY", "soon")
    assert chat.configured_delay() is None
