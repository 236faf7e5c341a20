"""Whoever cancels really cancels: the provider hears of it, through the proxy, within a second."""

import asyncio
import os
import signal
import threading
import time

import pytest
from interop.binary import KEY, RealProxy, config
from interop.upstream import Answer, fox, gemini, text
from support.command import start
from support.waiting import wait_for

from tui.domain.errors import ImageGenError

SILENT = Answer(after=threading.Event())


async def test_cancelling_while_the_provider_works_reaches_the_provider(ask, proxy, upstream):
    take = upstream.will(Answer(events=fox().events, after=threading.Event()))
    asking = asyncio.create_task(ask(proxy, take.prompt))
    call = await asyncio.to_thread(take.wait)
    before = time.monotonic()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(call.left.wait, 5)
    assert call.left_at - before < 1
    assert len(take.calls) == 1


async def test_a_timeout_reaches_the_provider(fail, proxy, upstream):
    take = upstream.will(SILENT)
    error = await fail(proxy, take.prompt, timeout=0.5)
    assert error.code == "timeout"
    assert await asyncio.to_thread(take.calls[0].left.wait, 1)


async def test_one_of_two_is_cancelled_and_the_other_comes(ask, proxy, upstream):
    gate = threading.Event()
    doomed, kept = upstream.will(SILENT), upstream.will(Answer(events=fox().events, after=gate))
    asking = [asyncio.create_task(ask(proxy, take.prompt)) for take in (doomed, kept)]
    for take in (doomed, kept):
        await asyncio.to_thread(take.wait)
    asking[0].cancel()
    assert await asyncio.to_thread(doomed.calls[0].left.wait, 1)
    gate.set()
    assert (await asking[1]).final.mime == "image/png"
    assert not kept.calls[0].left.is_set() or len(kept.calls) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_command_reaches_the_provider(number, proxy, upstream, tmp_path):
    take = upstream.will(SILENT)
    with start(take.prompt, "--proxy", proxy.url, "--api-key", KEY, cwd=tmp_path) as process:
        call = take.wait()
        before = time.monotonic()
        os.kill(process.pid, number)
        assert call.left.wait(5)
        assert call.left_at - before < 1
        assert process.wait(5) == 130
    assert len(take.calls) == 1
    assert list((tmp_path / "generated_images").glob(".incoming*")) == []


async def test_a_proxy_killed_at_work_is_a_lost_connection(upstream, fail, tmp_path):
    with RealProxy(config(upstream.url), tmp_path / "proxy") as proxy:
        take = upstream.will(SILENT)
        asking = asyncio.create_task(fail(proxy, take.prompt))
        await asyncio.to_thread(take.wait)
        proxy.stop()
        error = await asking
        assert error.code in ("cannot_connect", "bad_reply", "server_error")
        assert (await fail(proxy, "a fox")).code == "cannot_connect"


async def test_a_stream_that_is_left_reaches_the_provider(ask, proxy, upstream):
    said = gemini(text("Here it comes. "))
    take = upstream.will(Answer(events=said.events[:1], end="silence"))
    asking = asyncio.create_task(ask(proxy, take.prompt, stream=True))
    call = await asyncio.to_thread(take.wait)
    assert call.streamed
    asking.cancel()
    with pytest.raises((asyncio.CancelledError, ImageGenError)):
        await asking
    assert await asyncio.to_thread(call.left.wait, 1)


async def test_the_proxy_is_none_the_worse_for_those_who_left(ask, proxy, upstream):
    take = upstream.will(SILENT, fox())
    asking = asyncio.create_task(ask(proxy, take.prompt))
    call = await asyncio.to_thread(take.wait)
    asking.cancel()
    await asyncio.to_thread(wait_for, call.left.is_set)
    assert (await ask(proxy, take.prompt)).final.mime == "image/png"
