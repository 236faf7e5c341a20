"""Recorded replies with flipped, lost, doubled and swapped bytes: each ends in a picture or one of our errors."""

import json
import random
import resource
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.replay_server import KEY, Exchange, ReplayServer, recorded

from tui.domain.errors import ImageGenError
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.engine.client import Client
from tui.engine.faults import fault_from_response
from tui.engine.spool import Spool
from tui.engine.verdict import reply_from_answer
from tui.engine.wire import ReplyReader

SEED = 20261125
SECONDS = 2.0
"""Far more than any of these small replies takes, and far less than for ever."""
WEDGES = (b"\x00", b"\xff", b'"', b"\\", b"{", b"}", b"[", b"]", b"\n\n", b"data: ", b"[DONE]", b"null", b"1e999", b":")


def is_steering(character: str) -> bool:
    """Whether a character could steer a terminal: controls other than a new line, and marks of direction."""
    return (unicodedata.category(character) == "Cc" and character != "\n") or character in "\u202a\u202e\u2066\u2069"


@cache
def whole_replies() -> tuple[Exchange, ...]:
    """Every recorded reply with a body, plain and streamed."""
    groups = ("chat", "stream", "keepalive", "cooling", "rotation", "openrouter", "antigravity")
    return tuple(each for group in groups for each in recorded(group).values() if each.parts)


def damaged(body: bytes, chance: random.Random) -> bytes:
    """``body`` with one to four damages, which may hit one another."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        upto = min(len(data), at + chance.choice((1, 1, 2, 7, 40, 700)))
        match chance.randrange(6):
            case 0:
                data[at:upto] = bytes(byte ^ (1 << chance.randrange(8)) for byte in data[at:upto])
            case 1:
                del data[at:upto]
            case 2:
                data[at:at] = data[at:upto]
            case 3:
                data[at:upto] = chance.choice(WEDGES)
            case 4:
                del data[at:]
            case _:
                data[at:at] = chance.randbytes(upto - at)
    return bytes(data)


def judged(exchange: Exchange, body: bytes, spool: Spool, sizes: Iterator[int]) -> Reply | ImageGenError:
    """What the engine makes of ``body`` under the status and headers of ``exchange``, fed in pieces."""
    if exchange.status >= 300:
        return fault_from_response(exchange.status, exchange.headers, body)
    try:
        reader = ReplyReader(spool, exchange.headers.get("Content-Type", ""))
        at = 0
        while at < len(body):
            step = next(sizes)
            reader.feed(body[at : at + step])
            at += step
        return reply_from_answer(reader.finish(), http_status=exchange.status, trace_id=None)
    except ImageGenError as error:
        return error


def assert_is_an_outcome(got: Reply | ImageGenError, folder: Path) -> None:
    """A reply has whole pictures on disk; an error says what happened and can be told to a script."""
    if isinstance(got, Reply):
        assert got.images
        for image in got.images:
            assert image.path.stat().st_size == image.bytes > 0
            assert 0 < image.width * image.height <= 200_000_000
        return
    told = json.loads(json.dumps(got.as_dict()))
    assert told["title"]
    assert told["code"] != "usage"
    steering = {each for each in got.title + got.detail + got.hint if is_steering(each)}
    assert not steering, (got.code, got.title, got.detail, got.hint)
    assert got.retry_after is None or 0 <= got.retry_after < 1e9


def files_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_damaged_replies_end_in_a_picture_or_one_of_our_errors(
    part: int, fresh: Callable[[], Path], folder: Path
) -> None:
    chance = random.Random(SEED + part)
    sizes = iter(lambda: chance.choice((1, 3, 17, 500, 65536)), 0)
    replies = whole_replies()
    pictures = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(1000):
        exchange = replies[(part * 1000 + number) % len(replies)]
        spool = Spool(fresh)
        body = damaged(b"".join(exchange.parts), chance)
        begun = time.monotonic()
        got = judged(exchange, body, spool, sizes)
        assert time.monotonic() - begun < SECONDS, (SEED + part, number)
        assert_is_an_outcome(got, folder)
        pictures += isinstance(got, Reply)
        spool.clear()
        assert not any(folder.iterdir())
    assert 0 < pictures < 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=40), st.integers(0, 60)), min_size=1, max_size=3),
)
def test_any_bytes_may_stand_anywhere_in_a_reply(
    tmp_path_factory: pytest.TempPathFactory, which: int, damages: list[tuple[float, bytes, int]]
) -> None:
    replies = whole_replies()
    exchange = replies[which % len(replies)]
    data = bytearray(b"".join(exchange.parts))
    for place, put, taken in damages:
        at = int(place * len(data))
        data[at : at + taken] = put
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(iter(folder / str(number) for number in range(1000)).__next__)
    assert_is_an_outcome(judged(exchange, bytes(data), spool, iter(lambda: 61, 0)), folder)
    spool.clear()


async def test_damaged_replies_over_a_connection_end_within_their_time(
    client_for: Callable[..., Client], folder: Path
) -> None:
    """The same through HTTP: damaged bodies whole, cut, and closed at any byte."""
    chance = random.Random(SEED)
    replies = whole_replies()
    answers = []
    for number in range(300):
        exchange = replies[number * 7 % len(replies)]
        body = damaged(b"".join(exchange.parts), chance)
        parts = (body[: len(body) // 2], body[len(body) // 2 :])
        answers.append(
            Exchange(
                exchange.status,
                exchange.headers,
                tuple(part for part in parts if part),
                chunked=bool(number % 2),
                cut=number % 3 == 0,
            )
        )
    ends = set()
    async with ReplayServer(answers) as server, client_for(server.address, timeout=5) as client:
        for _ in range(len(answers)):
            try:
                got: Reply | ImageGenError = await client.generate(Request("a red fox"))
            except ImageGenError as error:
                got = error
            assert_is_an_outcome(got, folder)
            ends.add(got.code if isinstance(got, ImageGenError) else "picture")
            if isinstance(got, Reply):
                for image in got.images:
                    image.path.unlink()
            assert not files_in(folder)
            assert isinstance(got, Reply) or KEY not in str(got.as_dict())
    assert "timeout" not in ends
    assert {"picture", "bad_reply"} < ends
