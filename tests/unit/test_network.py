"""Connections to a proxy: whom they trust, and that the key never goes to anybody else. Real TLS on 127.0.0.1."""

import asyncio
import contextlib
import itertools
import json
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import pytest
import trustme
import truststore
from support.replay_server import KEY, Exchange, ReplayServer

from tui import network
from tui.connect.find import Search, settle
from tui.connect.health import judge
from tui.domain.errors import ImageGenError
from tui.domain.proxy import ProxyAddress, Secret
from tui.domain.request import Request
from tui.engine.client import Client

MODELS = Exchange.of({"object": "list", "data": [{"id": "gemini-3-pro-image"}]})
REDIRECTS = (301, 302, 303, 307, 308)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def own_authority(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority's certificate in a file, as SSL_CERT_FILE names one."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


class TlsServer(ReplayServer):
    """The replay server behind TLS, with a certificate for ``name``."""

    def __init__(self, authority: trustme.CA, answer: Exchange, name: str = "127.0.0.1") -> None:
        super().__init__(answer)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, key_type=trustme.KeyType.ECDSA).configure_cert(self.context)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=2**20, ssl=self.context)
        return self

    def tls_address(self, **more: bool) -> ProxyAddress:
        return ProxyAddress(f"https://127.0.0.1:{self.port}", Secret(KEY), **more)


@pytest.fixture
def ask(tmp_path: Path):
    names = itertools.count()

    async def ask(address: ProxyAddress) -> ImageGenError:
        """What asking for a picture ends with; none of these servers gives one."""
        async with Client(address, spool=lambda: tmp_path / f"spool-{next(names)}") as client:
            with pytest.raises(ImageGenError) as caught:
                await client.generate(Request("a fox"))
        return caught.value

    return ask


async def opened(address: ProxyAddress) -> network.httpx.AsyncClient:
    return await asyncio.to_thread(network.open_client, address, timeout=5)


async def open_to(server: TlsServer, **more: bool) -> int:
    """The status of one GET."""
    async with await opened(server.tls_address(**more)) as client:
        return (await client.get(f"https://127.0.0.1:{server.port}/v1/models")).status_code


# Certificates


async def test_a_certificate_that_nobody_vouches_for_is_refused(authority, ask):
    async with TlsServer(authority, MODELS) as server:
        with pytest.raises(network.httpx.ConnectError, match="certificate"):
            await open_to(server)
        fault = await ask(server.tls_address())
        assert fault.code == "cannot_connect"
        health = await judge(server.tls_address())
        assert not health.answers
        assert "--insecure" in health.trouble
        assert server.requests == []


async def test_insecure_takes_any_certificate_and_says_so_in_the_address(authority, ask):
    async with TlsServer(authority, MODELS, name="another.example.com") as server:
        assert await open_to(server, insecure=True) == 200
        assert (await judge(server.tls_address(insecure=True))).models == ("gemini-3-pro-image",)
        assert (await ask(server.tls_address(insecure=True))).code == "bad_reply"
        assert server.tls_address(insecure=True).is_unchecked
        first = server.tls_address(insecure=True)
        found = await settle(Search((first, ProxyAddress("http://127.0.0.1:1", Secret(KEY)))))
        assert found is first


async def test_an_authority_of_ones_own_is_named_by_ssl_cert_file(authority, own_authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(own_authority))
    async with TlsServer(authority, MODELS) as server:
        assert await open_to(server) == 200


async def test_a_certificate_for_another_host_is_refused_by_an_authority_of_ones_own_too(
    authority, own_authority, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(own_authority))
    async with TlsServer(authority, MODELS, name="another.example.com") as server:
        with pytest.raises(network.httpx.ConnectError, match="certificate"):
            await open_to(server)


async def test_a_certificate_file_that_is_not_there_is_told(authority, ask, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    async with TlsServer(authority, MODELS) as server:
        fault = await ask(server.tls_address())
        assert fault.code == "cannot_connect"
        assert "SSL_CERT_FILE" in fault.hint


def test_the_systems_own_trust_store_decides_where_nobody_named_another(monkeypatch):
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(network._trust(ProxyAddress("https://p.example.com"), here=False), truststore.SSLContext)
    assert isinstance(network._trust(ProxyAddress("https://127.0.0.1:1"), here=True), truststore.SSLContext)


def test_plain_http_on_this_machine_reads_no_certificates():
    code = (
        "import sys\nfrom tui.network import open_client\nfrom tui.domain.proxy import ProxyAddress\n"
        "open_client(ProxyAddress(), timeout=1)\nprint('truststore' in sys.modules, 'yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]


# Redirects


@contextlib.asynccontextmanager
async def sent_elsewhere(status: int) -> "AsyncIterator[tuple[ReplayServer, ReplayServer]]":
    """A proxy that sends everybody to another origin, and that one."""
    async with ReplayServer(MODELS) as other:
        location = f"http://127.0.0.1:{other.port}/v1/chat/completions"
        async with ReplayServer(Exchange(status, {"Location": location})) as proxy:
            yield proxy, other


@pytest.mark.parametrize("status", REDIRECTS)
async def test_a_redirect_to_another_origin_never_gets_the_key_or_the_prompt(status, ask):
    async with sent_elsewhere(status) as (proxy, other):
        fault = await ask(proxy.address)
        assert fault.code == "bad_reply"
        assert str(other.port) in fault.detail
        assert other.connections == 0


@pytest.mark.parametrize("status", REDIRECTS)
async def test_looks_at_a_proxy_follow_no_redirect_either(status):
    async with sent_elsewhere(status) as (proxy, other):
        health = await judge(proxy.address)
        assert health.trouble
        nobody = ProxyAddress("http://127.0.0.1:1", Secret(KEY))
        await settle(Search((proxy.address, nobody)))
        assert any(each.headers.get("authorization") == f"Bearer {KEY}" for each in proxy.requests)
        assert other.connections == 0


# What is sent of ourselves


async def test_we_say_who_we_are_and_nothing_that_changes_the_answers_form():
    """CLIProxyAPI has other lists of models for the user agents of some programs."""
    async with ReplayServer(MODELS) as server, await opened(server.address) as client:
        await client.get(f"http://127.0.0.1:{server.port}/v1/models")
        headers = server.requests[0].headers
        assert headers["user-agent"].startswith("image-gen/")
        assert not {"anthropic-version", "cookie", "referer"} & headers.keys()
        assert json.dumps(headers).isascii()
