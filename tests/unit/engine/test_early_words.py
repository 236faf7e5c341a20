"""Early words of a stream: in order, seldom enough to draw, bounded, and never the key."""

import asyncio
import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from support.replay_server import KEY, Exchange, ReplayServer
from support.waiting import wait_until

from tui.domain.errors import ImageGenError
from tui.domain.request import Request
from tui.engine.client import Client
from tui.engine.hearing import SHOWN, Sending

Make = Callable[..., Client]
FOX = Request("a red fox")


def event(**delta: object) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\n"


def stream(*parts: bytes, **more: bool) -> Exchange:
    return Exchange(headers={"Content-Type": "text/event-stream"}, parts=parts, chunked=True, **more)


async def heard_of(client_for: Make, *parts: bytes, until: Callable[[list[str]], object]) -> list[str]:
    """What is told of a stream that goes silent after ``parts``."""
    told: list[str] = []
    async with ReplayServer(stream(*parts, hang=True)) as server, client_for(server.address, stream=True) as client:
        running = asyncio.ensure_future(client.generate(FOX, told.append))
        await wait_until(lambda: until(told))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return told


async def test_each_telling_is_all_that_was_said_so_far(client_for: Make) -> None:
    parts = [event(content=f"{number} ") for number in range(200)]
    whole = "".join(f"{number} " for number in range(200)).strip()
    told = await heard_of(client_for, *parts, until=lambda told: told and told[-1] == whole)
    assert all(later.startswith(earlier) for earlier, later in pairwise(told))
    assert len(told) < 20


async def test_the_last_words_are_told_though_nothing_comes_behind_them(client_for: Make) -> None:
    told = await heard_of(
        client_for, event(content="one "), event(content="two"), until=lambda told: told[-1:] == ["one two"]
    )
    assert told[-1] == "one two"


async def test_thoughts_are_told_until_the_model_says_something(client_for: Make) -> None:
    thinking = event(reasoning_content="A fox, then.")
    assert (await heard_of(client_for, thinking, until=bool))[-1] == "A fox, then."
    both = await heard_of(client_for, thinking, event(content="Here."), until=lambda told: told[-1:] == ["Here."])
    assert both[-1] == "Here."


async def test_however_much_is_said_only_the_end_is_told(client_for: Make) -> None:
    parts = [event(content="x" * 10_000) for _ in range(100)]
    told = await heard_of(
        client_for, *parts, event(content=" end"), until=lambda told: told and told[-1].endswith("end")
    )
    assert {len(each) for each in told} == {SHOWN}


@pytest.mark.parametrize("parts", [(KEY,), (KEY[:9], KEY[9:]), ("x" * 3 * SHOWN + KEY, "end"), tuple(KEY)])
async def test_the_key_is_never_told(parts: tuple[str, ...], client_for: Make) -> None:
    events = [event(content=part) for part in ("say ", *parts, " ready")]
    told = await heard_of(client_for, *events, until=lambda told: told and told[-1].endswith("ready"))
    assert "…" in told[-1]
    assert KEY not in "".join(told)


async def test_an_answer_in_one_piece_tells_nothing_early(client_for: Make) -> None:
    told: list[str] = []
    answer = Exchange.of({"id": "r", "choices": [{"message": {"content": "No."}}]})
    async with ReplayServer(answer) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError):
            await client.generate(FOX, told.append)
    assert told == []


async def test_how_far_a_request_came_is_noted(client_for: Make) -> None:
    for answer, seen in ((Exchange(closed=True), (True, False)), (Exchange.of({}, status=503), (True, True))):
        sending = Sending()
        async with ReplayServer(answer) as server, client_for(server.address) as client:
            address = server.address
            with pytest.raises(ImageGenError):
                await client.generate(FOX, sending=sending)
        assert (sending.sent, sending.heard) == seen
    sending = Sending()
    async with client_for(address) as client:
        with pytest.raises(ImageGenError):
            await client.generate(FOX, sending=sending)
    assert (sending.sent, sending.heard) == (False, False)
