"""Asking a server of the test with the real client, and what came of it."""

from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from support.answers import is_readable
from support.path_server import CHAT, LIST, PathServer
from support.replay_server import KEY, Exchange, ReplayServer

from tui.domain.errors import ImageGenError
from tui.domain.reply import Reply
from tui.domain.request import Request
from tui.engine.client import Client

FOX = Request("a red fox")


def files_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where pictures arrive; empty when nothing was left behind."""
    path = tmp_path / "spool"
    path.mkdir()
    return path


@pytest.fixture
def client_for(spool: Path) -> Callable[..., Client]:
    numbers = count()

    def fresh() -> Path:
        return spool / f".incoming-{next(numbers)}"

    def make(address: object, **options: object) -> Client:
        return Client(address, spool=fresh, **{"timeout": 20, **options})

    return make


@pytest.fixture
def ask(client_for: Callable[..., Client]) -> Callable[..., Awaitable[Reply]]:
    """One request to a server that gives this answer (and this list of models): the reply, or its error raised."""

    async def send(answer: Exchange, request: Request = FOX, *, models: Exchange | None = None) -> Reply:
        server = ReplayServer(answer) if models is None else PathServer({CHAT: answer, LIST: models})
        async with server, client_for(server.address) as client:
            return await client.generate(request)

    return send


@pytest.fixture
def told(ask: Callable[..., Awaitable[Reply]], spool: Path) -> Callable[..., Awaitable[ImageGenError]]:
    """The same for an answer that gives no picture: the error, which says all that every error has to say."""

    async def send(answer: Exchange, request: Request = FOX, *, models: Exchange | None = None) -> ImageGenError:
        before = files_in(spool)
        with pytest.raises(ImageGenError) as caught:
            await ask(answer, request, models=models)
        error = caught.value
        assert is_readable(error.title)
        assert is_readable(error.detail)
        assert is_readable(error.hint)
        assert KEY not in str(error.as_dict())
        assert files_in(spool) == before
        return error

    return send
