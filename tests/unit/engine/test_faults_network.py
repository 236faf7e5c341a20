"""What goes wrong before an answer is told by its cause: who listens there, what it speaks, whom it is trusted by."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.domain.errors import CannotConnect
from tui.domain.proxy import ProxyAddress, Secret
from tui.domain.request import Request
from tui.engine.client import Client

Make = Callable[..., Client]


async def fault_of(
    client_for: Make, first: bytes, *, scheme: str = "http", tls: ssl.SSLContext | None = None
) -> CannotConnect:
    """The error for a server whose first words are ``first``."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first:
            writer.write(first)
            await writer.drain()
        await reader.read(65536)
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        address = ProxyAddress(f"{scheme}://127.0.0.1:{port}", Secret("k"))
        async with client_for(address) as client:
            with pytest.raises(CannotConnect) as caught:
                await client.generate(Request("a red fox"))
    assert str(port) in caught.value.detail
    return caught.value


async def test_another_language_than_http_is_told(client_for: Make) -> None:
    error = await fault_of(client_for, b"220 mail.example ESMTP\r\n\r\n")
    assert error.title == "What answers there does not speak HTTP"
    assert "--proxy" in error.hint
    assert not error.retryable


async def test_a_connection_that_closes_without_a_word_was_lost(client_for: Make) -> None:
    error = await fault_of(client_for, b"")
    assert error.title == "The connection was lost before an answer"
    assert "paid" in error.hint


async def test_https_in_front_of_plain_http_says_which_to_type(client_for: Make) -> None:
    error = await fault_of(client_for, b"HTTP/1.1 400 Bad Request\r\n\r\n", scheme="https")
    assert "with http:// in front" in error.hint
    assert not error.retryable


@pytest.fixture(scope="module")
def unknown_authority(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody vouches for."""
    folder: Path = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    name = ["-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", *kind, *name, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_certificate_that_nobody_vouches_for_names_the_way_round(
    client_for: Make, unknown_authority: ssl.SSLContext
) -> None:
    error = await fault_of(client_for, b"", scheme="https", tls=unknown_authority)
    assert "--insecure" in error.hint
    assert "self-signed certificate" in error.detail
    assert not error.retryable
