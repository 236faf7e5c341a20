"""``image-gen "a red fox"`` with no flag: the proxy of a person's CCS home, whatever its port and key."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from support.ccs_homes import MANAGEMENT_SECRET, CcsHome, usual_home
from support.command import image_gen, image_gen_async, pictures
from support.deliveries import png
from support.keyed_proxy import KeyedProxy, running
from support.raw_proxy import picture_reply

from tui.domain.proxy import ProxyAddress

FLASH = ("--model", "gemini-3.1-flash-image")


@pytest.fixture
def ccs(clean_environment: Path) -> CcsHome:
    """The CCS home of the person who runs the command."""
    return CcsHome(clean_environment / ".ccs")


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.fixture
def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_port_and_key_of_ccs_are_found_without_a_flag(tmp_path, ccs, sandbox_proxy: ProxyAddress):
    usual_home(ccs.folder, port_of(sandbox_proxy.url), sandbox_proxy.key.reveal())
    done = image_gen("a red fox", *FLASH, cwd=tmp_path)
    assert (done.status, len(done.lines)) == (0, 1)
    assert len(pictures(tmp_path)) == 1


def test_a_key_that_ccs_forgot_to_hand_on_is_found_in_the_generated_file(tmp_path, ccs, sandbox_proxy: ProxyAddress):
    port = port_of(sandbox_proxy.url)
    usual_home(ccs.folder, port, "key-before-last").generated(
        "another", sandbox_proxy.key.reveal(), port=port, name=f"config-{port}.yaml"
    )
    assert image_gen("a red fox", *FLASH, cwd=tmp_path).status == 0


def test_an_address_on_this_machine_takes_the_key_from_ccs(tmp_path, ccs, sandbox_proxy: ProxyAddress):
    usual_home(ccs.folder, 1, sandbox_proxy.key.reveal())
    assert image_gen("a red fox", *FLASH, "--proxy", sandbox_proxy.url, cwd=tmp_path).status == 0


def test_a_damaged_home_leaves_what_can_be_read(tmp_path, ccs, sandbox_proxy: ProxyAddress):
    usual_home(ccs.folder, port_of(sandbox_proxy.url), sandbox_proxy.key.reveal())
    ccs.write("config.yaml", "cliproxy: [\n").write("broken.settings.json", "{")
    assert image_gen("a red fox", *FLASH, cwd=tmp_path).status == 0


def test_with_the_proxy_stopped_its_place_is_said_and_what_to_type(tmp_path, ccs, free_port):
    usual_home(ccs.folder, free_port, "some-key-0123")
    done = image_gen("a red fox", cwd=tmp_path)
    assert done.status == 3
    assert f"127.0.0.1:{free_port}" in done.err
    assert "ccs cliproxy start" in done.err
    assert "some-key-0123" not in done.err


def test_with_a_key_that_nobody_wrote_down_that_is_said(tmp_path, ccs, sandbox_proxy: ProxyAddress):
    usual_home(ccs.folder, port_of(sandbox_proxy.url), "wrong-key-0123")
    done = image_gen("a red fox", cwd=tmp_path)
    assert done.status == 4
    assert "--api-key" in done.err
    assert "wrong-key-0123" not in done.err


async def test_a_key_that_is_named_is_the_only_one_sent_and_the_management_is_left_alone(tmp_path, ccs):
    async with running(proxy := KeyedProxy("nobody-knows")):
        usual_home(ccs.folder, port_of(proxy.url), "found-key-0123").generated("listed-key")
        given = await image_gen_async("a red fox", "--proxy", proxy.url, "--api-key", "given", cwd=tmp_path)
        assert given.status == 4
        assert set(proxy.keys) == {"given"}
        proxy.asked.clear()
        await image_gen_async("a red fox", cwd=tmp_path)
        assert "found-key-0123" in proxy.keys
        assert MANAGEMENT_SECRET not in proxy.keys
        assert {line for line, _ in proxy.asked} <= {"GET /v1/models", "POST /v1/chat/completions"}


async def test_insecure_makes_a_picture_and_says_that_the_certificate_is_not_checked(tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("x.example.com").configure_cert(context)
    body = picture_reply(png(16, 16))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async with await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context) as server:
        where = ("--proxy", f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", "--api-key", "k")
        refused = await image_gen_async("a red fox", *where, cwd=tmp_path)
        assert refused.status == 3
        assert "certificate" in refused.err
        assert "--insecure" in refused.err
        done = await image_gen_async("a red fox", *where, "--insecure", cwd=tmp_path)
        assert done.status == 0
        assert "certificate" in done.err
        assert "not checked" in done.err
        by_environment = await image_gen_async("a red fox", *where, cwd=tmp_path, IMAGE_GEN_INSECURE="1")
        assert by_environment.status == 0
