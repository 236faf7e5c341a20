"""A look at real servers on 127.0.0.1, with what a real CLIProxyAPI was recorded to answer."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.connect.health import judge
from tui.domain.proxy import ProxyAddress, Secret

KEY = "right-key"
JSON = {"Content-Type": "application/json"}
ROOT = (200, {"message": "CLI Proxy API Server", "endpoints": ["GET /v1/models"]})
HEALTHZ = (200, {"status": "ok"})
MODELS = (200, {"object": "list", "data": [{"id": "b", "object": "model"}, {"id": "a"}]})
MISSING = (404, None)


@dataclass
class Routes:
    """What each path answers: status and JSON, bytes, or None for an empty body; ``headers`` for all."""

    answers: dict
    headers: dict
    asked: list

    def reply(self, path, authorization):
        self.asked.append((path, authorization))
        status, body = self.answers.get(path, MISSING)
        if path == "/v1/models" and authorization != f"Bearer {KEY}":
            status, body = 401, {"error": "Invalid API key"}
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n{fields}\r\n".encode() + data


@asynccontextmanager
async def server(answers, **headers):
    routes = Routes(answers, headers, [])

    async def talk(reader, writer):
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                lowered = {name.lower(): value for name, value in fields.items()}
                writer.write(routes.reply(head.split()[1], lowered.get("authorization")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        yield ProxyAddress(f"http://127.0.0.1:{port}", Secret(KEY)), routes


async def look(answers, *, key=KEY, **headers):
    async with server(answers, **headers) as (address, _):
        return await judge(ProxyAddress(address.url, Secret(key)))


async def test_cliproxyapi_is_known_by_its_greeting_and_its_models_are_sorted():
    health = await look({"/": ROOT, "/healthz": HEALTHZ, "/v1/models": MODELS})
    assert (health.answers, health.name, health.models, health.trouble) == (
        True, "CLIProxyAPI", ("a", "b"), None,
    )  # fmt: skip


async def test_our_own_sandbox_is_known_by_its_greeting(sandbox_proxy):
    health = await judge(sandbox_proxy)
    assert (health.answers, health.name, health.trouble) == (True, "sandbox", None)
    assert "gemini-3-pro-image-preview" in health.models


async def test_the_key_goes_only_where_it_is_asked_for():
    async with server({"/": ROOT, "/healthz": HEALTHZ, "/v1/models": MODELS}) as (address, routes):
        await judge(address)
    assert {path: key for path, key in routes.asked if key} == {"/v1/models": f"Bearer {KEY}"}


async def test_a_wrong_key_is_told_as_ours_and_never_shown():
    health = await look({"/": ROOT, "/v1/models": MODELS}, key="wrong-key")
    assert health.answers
    assert health.name == "CLIProxyAPI"
    assert "key" in health.trouble
    assert "--api-key" in health.trouble
    assert "wrong-key" not in repr(health)


async def test_no_account_is_an_empty_list_of_models():
    health = await look({"/": ROOT, "/v1/models": (200, {"data": [], "object": "list"})})
    assert health.answers
    assert health.models == ()
    assert "account" in health.trouble


async def test_template_keys_put_cliproxyapi_in_safe_mode():
    headers = {"X-CPA-SAFE-MODE": "example-api-key"}
    body = {"error": "unsafe_example_api_key", "message": "…"}
    health = await look({"/": (200, b"<!doctype html>"), "/v1/models": (403, body)}, **headers)
    assert health.name == "CLIProxyAPI"
    assert "your-api-key" in health.trouble


@pytest.mark.parametrize(
    "models",
    [(200, b"<!doctype html><title>Router</title>"), (200, {"hello": 1}), (404, None), (302, None), (200, b"[1]")],
    ids=["a web page", "other JSON", "not found", "elsewhere", "a list"],
)
async def test_another_server_is_no_proxy(models):
    health = await look({"/": (200, b"<html>"), "/healthz": (200, b"ok"), "/v1/models": models})
    assert not health.answers
    assert health.name == "another server"
    assert "--proxy" in health.trouble


async def test_any_server_with_a_model_list_will_do():
    health = await look({"/v1/models": MODELS})
    assert (health.answers, health.models, health.trouble) == (True, ("a", "b"), None)


async def test_where_nothing_listens_the_address_and_what_to_do_are_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        health = await judge(ProxyAddress(f"http://127.0.0.1:{port}"))
    assert not health.answers
    assert health.trouble.startswith(f"Nothing answers at 127.0.0.1:{port}.")
    assert "--sandbox" in health.trouble


async def test_a_server_that_is_silent_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        health = await judge(ProxyAddress(f"http://127.0.0.1:{port}"), timeout=0.2)
    assert not health.answers
    assert "does not answer" in health.trouble


async def test_what_speaks_no_http_is_told_as_that():
    async def greet(_reader, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        health = await judge(ProxyAddress(f"http://127.0.0.1:{port}"))
    assert not health.answers
    assert "does not answer as a proxy does" in health.trouble


async def test_https_to_a_plain_server_is_told_as_that():
    async def refuse(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        health = await judge(ProxyAddress(f"https://127.0.0.1:{port}"))
    assert not health.answers
    assert "http:// or https://" in health.trouble


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://", "gopher://x", "http://[::1"])
async def test_an_address_that_is_none_is_trouble_and_no_crash(url):
    health = await judge(ProxyAddress(url))
    assert not health.answers
    assert "no usable address" in health.trouble


async def test_an_http_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await look({"/": ROOT, "/v1/models": MODELS})).answers


async def test_control_characters_of_a_server_do_not_stay_in_model_names():
    health = await look({"/": ROOT, "/v1/models": (200, {"data": [{"id": "a\x1b[2J\nb"}]})})
    assert health.models == ("a[2J b",)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "id", "x"]), inner),
    max_leaves=9,
)


@given(models=json_values, root=json_values, status=st.sampled_from([200, 204, 400, 401, 403, 429, 500]))
async def test_whatever_json_a_server_answers_the_verdict_is_in_words(models, root, status):
    health = await look({"/": (200, {"message": root}), "/v1/models": (status, {"data": models})})
    assert health.trouble or health.models
