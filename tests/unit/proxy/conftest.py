"""A client of the sandbox, and what the real proxy answered to the same."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tui.domain.proxy import ProxyAddress

_RECORDED = Path(__file__).parents[2] / "recorded" / "sandbox.json"
_RECORDED_KEYS = ("ccs-internal-managed", "test-key")

MODEL = "gemini-3.1-flash-image"


@dataclass(frozen=True)
class Exchange:
    """One recorded request to the real proxy and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: str
    answer_headers: dict[str, str]


class Recorded:
    """The recorded exchanges by name."""

    def __init__(self) -> None:
        self._all: dict[str, Any] = json.loads(_RECORDED.read_text())

    def __getitem__(self, name: str) -> Exchange:
        kept = self._all[name]
        body = base64.b64decode(kept["body_base64"]) if "body_base64" in kept else kept.get("body", "").encode()
        headers = {key: value for key, value in kept["headers"].items() if key != "Host"}
        return Exchange(
            kept["method"], kept["path"], headers, body, kept["status"], kept["answer"], kept["answer_headers"]
        )


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
async def client(sandbox_proxy: ProxyAddress) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {sandbox_proxy.key.reveal()}"}
    async with httpx.AsyncClient(base_url=sandbox_proxy.url, headers=headers, timeout=30, trust_env=False) as made:
        yield made


async def replay(exchange: Exchange, address: ProxyAddress) -> httpx.Response:
    """Send the recorded request to the sandbox, with the sandbox's key where the right one stood."""
    headers = {name: _with_key(value, address) for name, value in exchange.headers.items()}
    async with httpx.AsyncClient(base_url=address.url, timeout=30, trust_env=False) as plain:
        return await plain.request(exchange.method, exchange.path, headers=headers, content=exchange.body or None)


def _with_key(value: str, address: ProxyAddress) -> str:
    for key in _RECORDED_KEYS:
        value = value.replace(key, address.key.reveal())
    return value


def chat_body(prompt: str, *, model: str = MODEL, size: str = "512", **more: Any) -> dict[str, Any]:
    """The body our client sends."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "modalities": ["image", "text"],
        "image_config": {"aspect_ratio": "1:1", "image_size": size},
        **more,
    }


def picture_in(response: httpx.Response, index: int = -1) -> tuple[str, bytes]:
    """Announced type and bytes of a picture in an answer, the last if not said."""
    url: str = response.json()["choices"][0]["message"]["images"][index]["image_url"]["url"]
    head, _, data = url.partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data, validate=True)


def form(value: object) -> object:
    """The shape of a JSON value: names in their order and types, no contents."""
    if isinstance(value, dict):
        return [(name, form(member)) for name, member in value.items()]
    if isinstance(value, list):
        return [form(item) for item in value]
    return type(value).__name__
