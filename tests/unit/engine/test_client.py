"""One request over a real socket: what is sent, and what happens when the network does not do as it should."""

import asyncio
import base64
import gzip
import random
import socket
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deliveries import PNG_SIGNATURE, chunk, png
from support.replay_server import KEY, Exchange, ReplayServer
from support.waiting import wait_until

from tui import __version__
from tui.domain.errors import (
    BadReply,
    CannotConnect,
    DiskError,
    ImageGenError,
    InvalidRequest,
    ModelUnknown,
    TimedOut,
    Unauthorized,
)
from tui.domain.proxy import ProxyAddress, Secret, is_loopback
from tui.domain.request import Reference, Request
from tui.engine.client import Client
from tui.network import httpx

Make = Callable[..., Client]
FOX = Request("a red fox")
NOISE = random.Random(5).randbytes(3_000_000)
LARGE = PNG_SIGNATURE + chunk(b"IHDR", bytes.fromhex("00000400000004000802000000")) + chunk(b"IDAT", NOISE)
LARGE += chunk(b"IEND", b"")


def success(data: bytes = b"", **more: object) -> Exchange:
    url = f"data:image/png;base64,{base64.b64encode(data or png()).decode()}"
    return Exchange.of({"id": "r", "choices": [{"message": {"images": [{"image_url": {"url": url}}]}}]}, **more)


def parts_of(exchange: Exchange, size: int) -> tuple[bytes, ...]:
    body = b"".join(exchange.parts)
    return tuple(body[at : at + size] for at in range(0, len(body), size))


def files_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


async def test_the_request_is_plain(client_for: Make) -> None:
    async with ReplayServer(success()) as server, client_for(server.address) as client:
        await client.generate(FOX)
        (request,) = server.requests
    assert request.line == "POST /v1/chat/completions HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"image-gen/{__version__}"
    assert set(request.headers["accept-encoding"].split(", ")) == {"gzip", "deflate"}
    assert request.headers["content-length"] == str(len(request.body))
    assert "transfer-encoding" not in request.headers
    assert request.json() == {
        "model": "gemini-3-pro-image-preview",
        "messages": [{"role": "user", "content": "a red fox"}],
        "modalities": ["image", "text"],
        "image_config": {"aspect_ratio": "1:1", "image_size": "1K"},
    }


async def test_a_large_reference_arrives_whole(client_for: Make, tmp_path: Path) -> None:
    path = tmp_path / "reference.png"
    path.write_bytes(LARGE)
    request = Request("more snow", references=(Reference(path, "image/png", len(LARGE), ""),))
    async with ReplayServer(success()) as server, client_for(server.address) as client:
        await client.generate(request)
        picture, words = server.requests[0].json()["messages"][0]["content"]
    assert base64.b64decode(picture["image_url"]["url"].removeprefix("data:image/png;base64,")) == LARGE
    assert words == {"type": "text", "text": "more snow"}


async def test_a_reference_that_vanished_leaves_nothing_behind(client_for: Make, folder: Path) -> None:
    request = Request("x", references=(Reference(folder.parent / "gone.png", "image/png", 10, ""),))
    async with ReplayServer(success()) as server, client_for(server.address) as client:
        with pytest.raises(InvalidRequest, match=r"gone\.png"):
            await client.generate(request)
    assert not files_in(folder)


@pytest.mark.parametrize("framing", ["length", "chunks of 4 KiB", "one chunk", "gzip", "deflate"])
async def test_a_large_picture_arrives_to_the_byte(framing: str, client_for: Make) -> None:
    exchange = success(LARGE)
    body = exchange.parts[0]
    if framing in ("gzip", "deflate"):
        packed = gzip.compress(body, 1) if framing == "gzip" else zlib.compress(body, 1)
        exchange = Exchange(headers={**exchange.headers, "Content-Encoding": framing}, parts=(packed,))
    elif framing != "length":
        size = 4096 if "4" in framing else len(body)
        exchange = Exchange(headers=exchange.headers, parts=parts_of(exchange, size), chunked=True)
    async with ReplayServer(exchange) as server, client_for(server.address) as client:
        reply = await client.generate(FOX)
    assert reply.final.path.read_bytes() == LARGE


async def test_a_broken_compression_is_a_bad_reply(client_for: Make) -> None:
    exchange = Exchange(headers={"Content-Encoding": "gzip"}, parts=(b"no gzip at all",))
    async with ReplayServer(exchange) as server, client_for(server.address) as client:
        with pytest.raises(BadReply):
            await client.generate(FOX)


@pytest.mark.parametrize("chunked", [True, False])
async def test_an_answer_cut_in_the_middle_is_a_bad_reply(chunked: bool, client_for: Make, folder: Path) -> None:
    whole = success(LARGE)
    cut = Exchange(headers=whole.headers, parts=parts_of(whole, 65_536)[:-3], chunked=chunked, cut=True)
    async with ReplayServer(cut) as server, client_for(server.address) as client:
        with pytest.raises(BadReply, match="cut off"):
            await client.generate(FOX)
    assert not files_in(folder)


async def test_too_large_an_answer_is_refused_with_the_settings_name(client_for: Make, folder: Path) -> None:
    for chunked in (True, False):
        whole = success(LARGE)
        exchange = Exchange(headers=whole.headers, parts=parts_of(whole, 65_536), chunked=chunked)
        async with ReplayServer(exchange) as server, client_for(server.address, reply_limit=2**20) as client:
            with pytest.raises(BadReply, match="1 MB") as caught:
                await client.generate(FOX)
        assert "reply_limit_mb" in caught.value.hint
        assert not caught.value.retryable
        assert not files_in(folder)


async def test_nobody_listening_is_told_after_a_few_tries(client_for: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with client_for(ProxyAddress(f"http://127.0.0.1:{port}", Secret(KEY))) as client:
        with pytest.raises(CannotConnect, match="nothing listens") as caught:
            await client.generate(FOX)
    assert f"127.0.0.1:{port}" in caught.value.detail


async def test_every_request_has_a_connection_of_its_own(client_for: Make) -> None:
    """One that the server closes between two pictures would lose the second request."""
    async with ReplayServer(success()) as server, client_for(server.address) as client:
        await client.generate(FOX)
        await client.generate(FOX)
        assert server.connections == len(server.requests) == 2


async def test_a_proxy_that_starts_meanwhile_is_reached(client_for: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try finds nobody; the server comes up before the next."""
    post, failed = Client._post, asyncio.Event()

    async def noted(client: Client, *arguments: object) -> object:
        try:
            return await post(client, *arguments)
        except httpx.ConnectError:
            failed.set()
            raise

    monkeypatch.setattr(Client, "_post", noted)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        async with client_for(ProxyAddress(f"http://127.0.0.1:{port}", Secret(KEY))) as client:
            waiting = asyncio.ensure_future(client.generate(FOX))
            await failed.wait()
            held.listen()
            held.setblocking(False)
            talk, _ = await asyncio.get_running_loop().sock_accept(held)
            with talk:
                body = success().parts[0]
                await asyncio.get_running_loop().sock_recv(talk, 65_536)
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
                await asyncio.get_running_loop().sock_sendall(talk, head + body)
                assert (await waiting).final.width == 4


async def test_a_post_that_may_have_arrived_is_never_sent_twice(client_for: Make) -> None:
    async with ReplayServer(Exchange(closed=True)) as server, client_for(server.address) as client:
        with pytest.raises(CannotConnect) as caught:
            await client.generate(FOX)
        assert len(server.requests) == server.connections == 1
    assert "before an answer" in caught.value.title


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_an_error_is_not_retried_behind_ones_back(status: int, client_for: Make) -> None:
    async with ReplayServer(Exchange.of({}, status=status)) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError):
            await client.generate(FOX)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://no-such-host.invalid", "ftp://127.0.0.1", "http://[::1", "http://", "nonsense"]
)
async def test_a_wrong_address_is_told(url: str, client_for: Make) -> None:
    async with client_for(ProxyAddress(url, Secret(KEY))) as client:
        with pytest.raises(CannotConnect) as caught:
            await client.generate(FOX)
    assert "--proxy" in caught.value.hint


async def test_plain_http_behind_https_is_told(client_for: Make) -> None:
    async def complain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(complain, "127.0.0.1", 0) as server:
        address = ProxyAddress(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", Secret(KEY))
        async with client_for(address) as client:
            with pytest.raises(CannotConnect, match="TLS"):
                await client.generate(FOX)


@pytest.mark.parametrize("silent", ["before the head", "after the head", "in the middle"])
async def test_the_whole_wait_is_bounded(silent: str, client_for: Make, folder: Path) -> None:
    whole = success(LARGE)
    exchange = {
        "before the head": Exchange(hang=True),
        "after the head": Exchange(hang=True, headers=whole.headers, chunked=True),
        "in the middle": Exchange(hang=True, headers=whole.headers, parts=parts_of(whole, 65_536)[:-1], chunked=True),
    }[silent]
    async with ReplayServer(exchange) as server, client_for(server.address, timeout=0.3) as client:
        with pytest.raises(TimedOut, match=r"0\.3 seconds"):
            await client.generate(FOX)
        await asyncio.wait_for(server.requests[0].client_left.wait(), 10)
    assert not files_in(folder)


@pytest.mark.parametrize("moment", ["before the head", "in the middle"])
async def test_cancel_closes_the_socket_and_removes_the_file(moment: str, client_for: Make, folder: Path) -> None:
    whole = success(LARGE)
    middle = Exchange(hang=True, headers=whole.headers, parts=parts_of(whole, 65_536)[:-1], chunked=True)
    exchange = Exchange(hang=True) if moment == "before the head" else middle
    async with ReplayServer(exchange) as server, client_for(server.address) as client:
        task = asyncio.ensure_future(client.generate(FOX))
        await asyncio.wait_for(server.arrived.wait(), 10)
        if moment == "in the middle":
            await wait_until(lambda: any(path.stat().st_size > 1_000_000 for path in files_in(folder)))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.requests[0].client_left.wait(), 10)
    assert not files_in(folder)


async def test_many_at_once_do_not_mix(client_for: Make) -> None:
    async with ReplayServer(success(LARGE)) as server, client_for(server.address) as client:
        replies = await asyncio.gather(*(client.generate(FOX) for _ in range(8)))
    assert len({reply.final.path for reply in replies}) == 8
    assert {reply.final.sha256 for reply in replies} == {replies[0].final.sha256}


async def test_the_key_never_shows(client_for: Make) -> None:
    echo = Exchange.of({"error": {"message": f"no such key: {KEY}, Bearer {KEY}"}}, status=401)
    async with ReplayServer(echo) as server, client_for(server.address) as client:
        with pytest.raises(Unauthorized) as caught:
            await client.generate(FOX)
    assert KEY not in f"{caught.value.as_dict()}{caught.value!r}{caught.value}"
    assert "no such key" in caught.value.detail


async def test_the_key_is_not_kept_with_a_picture_whose_words_hold_it(client_for: Make) -> None:
    """What a model says goes into the metadata."""
    url = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    message = {"content": f"made with {KEY}.", "reasoning": KEY, "images": [{"image_url": {"url": url}}]}
    echo = Exchange.of({"id": KEY, "choices": [{"message": message, "error": {"message": f"late: {KEY}"}}]})
    async with ReplayServer(echo) as server, client_for(server.address) as client:
        reply = await client.generate(FOX)
    assert reply.summary.text == "made with …."
    assert KEY not in f"{reply.summary}{reply.warnings}"


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "nul\0"])
async def test_a_key_that_no_header_can_carry_is_told_without_showing_it(key: str, client_for: Make) -> None:
    async with (
        ReplayServer(success()) as server,
        client_for(ProxyAddress(server.address.url, Secret(key))) as client,
    ):
        with pytest.raises(Unauthorized) as caught:
            await client.generate(FOX)
    assert key not in caught.value.detail


async def test_a_login_in_the_address_neither_shows_nor_replaces_the_key(client_for: Make) -> None:
    async with ReplayServer(success()) as server:
        address = ProxyAddress(f"http://ann:secret-word@127.0.0.1:{server.port}", Secret(KEY))
        async with client_for(address) as client:
            await client.generate(FOX)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    async with client_for(address) as client:
        with pytest.raises(CannotConnect) as caught:
            await client.generate(FOX)
    assert "secret-word" not in str(caught.value.as_dict())


async def test_a_proxy_of_the_environment_is_not_asked_for_loopback(
    client_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with ReplayServer(success()) as server, client_for(server.address) as client:
        await client.generate(FOX)


async def test_a_proxy_of_the_environment_is_asked_for_the_rest(
    client_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ReplayServer(success()) as server:
        monkeypatch.setenv("HTTP_PROXY", server.address.url)
        async with client_for(ProxyAddress("http://proxy.example:8317", Secret(KEY))) as client:
            await client.generate(FOX)
        assert server.requests[0].line.startswith("POST http://proxy.example:8317/v1/chat/completions")


async def test_an_unusable_proxy_of_the_environment_is_told(client_for: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:9")
    async with client_for(ProxyAddress("http://proxy.example:8317", Secret(KEY))) as client:
        with pytest.raises(CannotConnect) as caught:
            await client.generate(FOX)
    assert "ALL_PROXY" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8317", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://127.9.9.9", True),
        ("http://proxy.example", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.example", False),
        ("http://[", False),
    ],
)
def test_what_is_on_this_machine_is_known(url: str, here: bool) -> None:
    assert is_loopback(url) is here


async def test_a_folder_that_cannot_be_written_is_a_disk_error(tmp_path: Path) -> None:
    async with (
        ReplayServer(success()) as server,
        Client(server.address, spool=lambda: tmp_path / "missing" / "file") as client,
    ):
        with pytest.raises(DiskError, match="missing"):
            await client.generate(FOX)


def test_a_client_opens_nothing_before_it_is_used(fresh: Callable[[], Path]) -> None:
    before = files_in(Path("/proc/self/fd"))
    client = Client(ProxyAddress("https://proxy.example"), spool=fresh)
    assert files_in(Path("/proc/self/fd")) == before
    assert client.address.url == "https://proxy.example"


UNKNOWN = Exchange.of(
    {"error": {"message": "unknown provider for model x", "type": "invalid_request_error", "code": "model_not_found"}},
    status=400,
)


@pytest.mark.parametrize(
    ("models", "code"),
    [
        (Exchange.of({"data": [], "object": "list"}), "no_account"),
        (Exchange.of({"data": [{"id": "gemini-3-pro-image"}], "object": "list"}), "model_unknown"),
        (Exchange.of({"data": None}), "model_unknown"),
        (Exchange.of([]), "model_unknown"),
        (Exchange.of(b"<html>"), "model_unknown"),
        (Exchange.of(b"[" * 100_000), "model_unknown"),
        (Exchange.of(b"[" * 4_000), "model_unknown"),
        (Exchange.of({"data": []}, status=401), "model_unknown"),
        (Exchange(closed=True), "model_unknown"),
    ],
)
async def test_an_unknown_model_of_a_proxy_that_serves_none_is_a_missing_login(
    models: Exchange, code: str, client_for: Make
) -> None:
    async with ReplayServer([UNKNOWN, models]) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError) as caught:
            await client.generate(FOX)
        asked = [request.line.rpartition(" ")[0] for request in server.requests]
        assert asked == ["POST /v1/chat/completions", "GET /v1/models"]
        assert server.requests[1].headers["authorization"] == f"Bearer {KEY}"
    assert (caught.value.code, caught.value.http_status) == (code, 400)
    assert caught.value.detail == "unknown provider for model x"


async def test_a_model_that_the_provider_lacks_needs_no_look_at_the_list(client_for: Make) -> None:
    gone = Exchange.of({"error": {"code": 404, "message": "models/x is not found"}}, status=404)
    gone.headers["X-Cpa-Trace-Id"] = "1"
    async with ReplayServer(gone) as server, client_for(server.address) as client:
        with pytest.raises(ModelUnknown):
            await client.generate(FOX)
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b'{"choices": [', b"null"])
async def test_a_damaged_answer_tells_the_status_it_came_with(body: bytes, client_for: Make) -> None:
    async with ReplayServer(Exchange.of(body)) as server, client_for(server.address) as client:
        with pytest.raises(BadReply) as caught:
            await client.generate(FOX)
    assert caught.value.http_status == 200


async def refuse_unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a server in Go does whose key check comes first: the answer, and the door shut on the rest."""
    refusal = b'{"error":"Invalid API key"}'
    line = await reader.readline()
    writer.write(b"HTTP/1.1 401 X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(refusal), refusal))
    await writer.drain()
    if line.startswith(b"POST"):
        await reader.read(1000)
        writer.transport.abort()
    writer.close()


async def test_a_key_refused_before_a_large_reference_was_read_is_told_as_that(
    client_for: Make, tmp_path: Path
) -> None:
    path = tmp_path / "reference.png"
    path.write_bytes(LARGE)
    request = Request("more snow", references=(Reference(path, "image/png", len(LARGE), ""),))
    server = await asyncio.start_server(refuse_unread, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, client_for(ProxyAddress(url, Secret(KEY))) as client:
        with pytest.raises(Unauthorized) as caught:
            await client.generate(request)
    assert (caught.value.detail, caught.value.http_status) == ("Invalid API key", 401)
