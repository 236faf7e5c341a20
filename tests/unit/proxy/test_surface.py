"""The sandbox answers on every route, to every key and to every refusal as CLIProxyAPI v7.2.140 does."""

import json

import httpx
import pytest
from unit.proxy.conftest import Recorded, chat_body, form, replay

from tui.domain.options import MODELS
from tui.domain.proxy import ProxyAddress
from tui.proxy.scenarios import scenario_table
from tui.proxy.server import SandboxServer

IDENTICAL = (
    "healthz", "healthz-head", "root-head", "auth-missing", "auth-wrong", "auth-basic",
    "stream-auth-missing", "chat-model-unknown", "chat-model-absent", "chat-model-null", "chat-model-not-a-string",
    "chat-model-models-prefix", "chat-body-empty", "chat-body-not-json", "chat-body-list", "chat-body-gzip",
    "chat-model-gpt-image", "images-generations-gemini", "images-edits-gemini", "images-generations-broken-json",
    "images-generations-no-model", "images-generations-no-prompt", "route-chat-trailing-slash", "route-options",
    "route-unknown", "route-unknown-root", "route-chat-get", "route-chat-no-v1", "route-chat-double-v1",
    "route-api-provider", "route-management",
)  # fmt: skip


@pytest.mark.parametrize("name", IDENTICAL)
async def test_the_answer_is_the_recorded_one_to_the_byte(
    name: str, recorded: Recorded, sandbox_proxy: ProxyAddress
) -> None:
    exchange = recorded[name]
    answer = await replay(exchange, sandbox_proxy)
    assert answer.status_code == exchange.status
    assert answer.text == exchange.answer
    for header, value in exchange.answer_headers.items():
        assert answer.headers.get(header) == value, header
    assert answer.headers.get("content-type") == exchange.answer_headers.get("Content-Type")
    assert "x-cpa-trace-id" not in answer.headers


async def test_every_answer_may_be_read_from_any_origin(client: httpx.AsyncClient) -> None:
    for path in ("/", "/healthz", "/v1/models", "/nothing"):
        assert (await client.get(path)).headers["access-control-allow-origin"] == "*"


async def test_the_root_tells_the_sandbox_from_the_real_proxy_in_the_real_ones_form(
    recorded: Recorded, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/")
    assert form(answer.json()) == form(json.loads(recorded["root"].answer))
    assert answer.json()["message"] == "image-gen sandbox"


async def test_a_scheme_with_no_key_behind_it_is_a_wrong_key(recorded: Recorded, sandbox_proxy: ProxyAddress) -> None:
    async with httpx.AsyncClient(base_url=sandbox_proxy.url, trust_env=False) as plain:
        answer = await plain.get("/v1/models", headers={"Authorization": "Bearer"})
    assert answer.text == recorded["auth-empty-bearer"].answer


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"Authorization": "Bearer KEY"}, ""),
        ({"Authorization": "bearer KEY"}, ""),
        ({"Authorization": "KEY"}, ""),
        ({"X-Api-Key": "KEY"}, ""),
        ({"X-Goog-Api-Key": "KEY"}, ""),
        ({"Authorization": "Bearer wrong", "X-Api-Key": "KEY"}, ""),
        ({}, "?key=KEY"),
        ({}, "?auth_token=KEY"),
    ],
)
async def test_each_form_of_a_key_opens(headers: dict[str, str], query: str, sandbox_proxy: ProxyAddress) -> None:
    key = sandbox_proxy.key.reveal()
    filled = {name: value.replace("KEY", key) for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=sandbox_proxy.url, trust_env=False) as plain:
        assert (await plain.get(f"/v1/models{query.replace('KEY', key)}", headers=filled)).status_code == 200
        assert (await plain.get("/v1/models")).status_code == 401


async def test_the_models_are_those_of_the_table_in_the_real_form(
    recorded: Recorded, client: httpx.AsyncClient
) -> None:
    listed = (await client.get("/v1/models")).json()
    real = json.loads(recorded["models"].answer)
    assert list(listed) == list(real)
    assert sorted(row["id"] for row in listed["data"]) == sorted(model.id for model in MODELS)
    assert {tuple(row) for row in listed["data"]} == {tuple(row) for row in real["data"]}
    assert (await client.get("/v1/models")).json() == listed


async def test_the_order_of_the_models_differs_from_run_to_run() -> None:
    orders = set()
    for _ in range(6):
        sandbox = SandboxServer(delay=0)
        async with _inside(sandbox) as inside:
            orders.add(tuple(row["id"] for row in (await inside.get("/v1/models")).json()["data"]))
        sandbox.close()
    assert len(orders) > 1


def _inside(sandbox: SandboxServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(sandbox.surface),
        base_url="http://sandbox",
        headers={"Authorization": f"Bearer {sandbox.key}"},
    )


async def test_the_scenarios_are_listed_without_a_key(sandbox_proxy: ProxyAddress) -> None:
    async with httpx.AsyncClient(base_url=sandbox_proxy.url, trust_env=False) as plain:
        listed = (await plain.get("/sandbox")).json()["scenarios"]
    assert [(row["directive"], row["does"]) for row in listed] == list(scenario_table())


async def test_a_plain_request_with_a_wrong_option_is_refused_in_googles_words(client: httpx.AsyncClient) -> None:
    for config, words in (
        ({"aspect_ratio": "16:10"}, "aspect_ratio' (16:10)"),
        ({"image_size": "1k"}, "image_size' (1k)"),
    ):
        answer = await client.post("/v1/chat/completions", json=chat_body("a fox") | {"image_config": config})
        assert answer.status_code == 400
        assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
        assert words in answer.json()["error"]["message"]
        assert "x-cpa-trace-id" in answer.headers


async def test_more_than_one_candidate_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/chat/completions", json=chat_body("a fox", n=2))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400
