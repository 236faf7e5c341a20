"""A look at real servers on 127.0.0.1, with what a real CLIProxyAPI was recorded to answer."""

import asyncio
import json
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.path_server import LIST, PathServer, cliproxyapi, models_list
from support.replay_server import KEY, Exchange, recorded

from tui.connect.health import judge
from tui.domain.proxy import ProxyAddress, Secret

RECORDED = recorded("probing")
PAGE = Exchange(parts=(b"<!DOCTYPE html><title>Fox's Router</title>",), headers={"Content-Type": "text/html"})
PAINTERS = models_list("gemini-3-pro-image", "gemini-2.5-flash-image")


async def look(answers, *, key=KEY, timeout=3.0, source="default"):
    async with PathServer(answers) as server:
        address = ProxyAddress(server.address.url, Secret(key), key_source=source)
        return await judge(address, timeout=timeout)


async def test_cliproxyapi_is_known_by_its_greeting_and_its_models_are_sorted():
    health = await look(cliproxyapi(RECORDED["models"]))
    assert (health.answers, health.name, health.trouble, health.key_refused) == (True, "CLIProxyAPI", None, False)
    assert health.models == tuple(sorted(health.models))
    assert health.image_models == ("gemini-3-pro-image-preview", "gemini-3.1-flash-image-preview")
    assert health.owners["gemini-3-pro-image-preview"] == "google"


async def test_trap_27_the_order_of_the_list_means_nothing():
    first = await look(cliproxyapi(RECORDED["models"]))
    assert RECORDED["models"].parts != RECORDED["models-after-restart"].parts
    assert await look(cliproxyapi(RECORDED["models-after-restart"])) == first


async def test_our_own_sandbox_is_known_by_its_greeting(sandbox_proxy):
    health = await judge(sandbox_proxy)
    assert (health.answers, health.name, health.trouble) == (True, "sandbox", None)
    assert "gemini-3-pro-image-preview" in health.models


async def test_the_key_goes_only_where_it_is_asked_for_and_healthz_is_asked_first():
    async with PathServer(cliproxyapi(PAINTERS)) as server:
        await judge(server.address)
    keys = {each.path: each.headers["authorization"] for each in server.asked if "authorization" in each.headers}
    assert keys == {LIST: f"Bearer {KEY}"}
    assert server.asked[0].path == "/healthz"


async def test_trap_41_the_user_agent_is_plain_and_traps_38_nothing_is_asked_but_three_addresses():
    async with PathServer(cliproxyapi(PAINTERS)) as server:
        await judge(server.address)
    assert {each.path for each in server.asked} == {"/healthz", "/", LIST}
    for each in server.asked:
        agent = each.headers.get("user-agent", "").lower()
        assert not [word for word in ("claude", "grok", "codex") if word in agent]
        assert "anthropic-version" not in each.headers


async def test_a_wrong_key_is_told_as_ours_with_where_it_is_from_and_never_shown():
    health = await look(cliproxyapi(RECORDED["models"]), key="wrong-key", source="CCS config.yaml")
    assert (health.answers, health.name, health.key_refused, health.models) == (True, "CLIProxyAPI", True, None)
    assert "does not accept our key (CCS config.yaml)." in health.trouble
    assert "--api-key" in health.trouble
    assert "wrong-key" not in repr(health)


@pytest.mark.parametrize("name", ["no-credential-models", "antigravity-disabled-models", "gemini-oauth-file-models"])
async def test_trap_33_an_empty_list_says_which_login_is_missing_and_what_to_type(name):
    health = await look(cliproxyapi(RECORDED[name]))
    assert (health.answers, health.models) == (True, ())
    assert "no usable account" in health.trouble
    assert "ccs agy --auth" in health.trouble
    assert "a ccs gemini login serves none" in health.trouble


async def test_a_list_without_a_model_for_pictures_says_so_whose_it_is_and_what_to_type():
    health = await look(cliproxyapi(models_list("gpt-5.5", "gpt-5.5-mini", owned_by="openai")))
    assert health.image_models == ()
    assert "2 models and none that makes pictures (of openai)" in health.trouble
    assert "ccs agy --auth" in health.trouble


async def test_traps_17_and_18_models_of_the_images_route_alone_are_told_as_that():
    health = await look(cliproxyapi(models_list("gpt-5.5", "gpt-image-2", owned_by="openai")))
    assert health.image_models == ()
    assert "only as gpt-image-2, which is not on the chat route" in health.trouble


@pytest.mark.parametrize(
    ("name", "painters"),
    [
        ("antigravity-models", ("gemini-3.1-flash-image",)),
        ("prefix-forced-models", ("team/gemini-3-pro-image-preview", "team/gemini-3.1-flash-image-preview")),
        ("openrouter-models", ("gemini-3-pro-image-preview", "google/gemini-2.5-flash-image")),
    ],
)
async def test_each_kind_of_login_has_its_models_for_pictures(name, painters):
    health = await look(cliproxyapi(RECORDED[name]))
    assert (health.image_models, health.trouble) == (painters, None)


async def test_what_a_list_itself_says_of_pictures_counts_more_than_the_name():
    row = {"architecture": {"output_modalities": ["image"]}}
    health = await look({LIST: models_list("acme/painter-9", **row)})
    assert (health.image_models, health.trouble) == (("acme/painter-9",), None)


async def test_trap_35_template_keys_put_cliproxyapi_in_safe_mode_behind_a_page_with_200():
    paths = {"/": "safe-mode-root", "/healthz": "safe-mode-healthz", LIST: "safe-mode-models"}
    async with PathServer({path: RECORDED[name] for path, name in paths.items()}, key=None) as server:
        health = await judge(server.address)
    assert (health.answers, health.name) == (True, "CLIProxyAPI")
    assert "your-api-key" in health.trouble
    assert "--api-key" in health.trouble


@pytest.mark.parametrize(
    "models",
    [PAGE, Exchange.of({"hello": 1}), Exchange(status=404), Exchange.of([1]), Exchange.of({"data": {}})],
    ids=["a page", "other JSON", "not found", "a list", "no list"],
)
async def test_trap_35_a_web_page_is_no_proxy_and_its_title_is_told(models):
    health = await look({"/": PAGE, LIST: models})
    assert (health.answers, health.name) == (False, "another server")
    assert health.trouble.startswith("A web page (Fox's Router) answers at 127.0.0.1:")
    assert "--proxy URL" in health.trouble


async def test_another_server_is_told_by_what_it_calls_itself():
    health = await look({LIST: Exchange(status=404, headers={"Server": "files/1.2"})})
    assert not health.answers
    assert health.trouble.startswith("Another server (files/1.2) answers at 127.0.0.1:")


async def test_a_redirect_is_told_and_neither_followed_nor_given_the_key():
    async with PathServer(cliproxyapi(PAINTERS)) as elsewhere:
        away = Exchange(status=302, headers={"Location": f"{elsewhere.address.url}/v1/models"})
        health = await look({"/": away, LIST: away})
        assert not health.answers
        assert f"--proxy {elsewhere.address.url}" in health.trouble
        assert elsewhere.asked == []


async def test_trap_31_an_address_with_the_path_that_ccs_writes_is_put_right():
    async with PathServer(cliproxyapi(PAINTERS)) as server:
        url = server.address.url
        health = await judge(ProxyAddress(f"{url}/api/provider/gemini", server.address.key))
    assert (health.answers, health.name) == (True, "CLIProxyAPI")
    assert health.trouble.endswith(f"--proxy {url}")


async def test_any_server_with_a_list_of_models_will_do():
    health = await look({LIST: PAINTERS})
    assert (health.answers, health.name, health.trouble) == (True, "proxy", None)
    assert health.models == ("gemini-2.5-flash-image", "gemini-3-pro-image")


async def test_a_list_that_never_comes_is_not_taken_for_a_proxy_that_is_away():
    health = await look(cliproxyapi(Exchange(hang=True)), timeout=0.2)
    assert (health.answers, health.name) == (True, "CLIProxyAPI")
    assert "gives no list of its models within 0.2 s" in health.trouble


async def test_a_greeting_that_never_comes_does_not_hide_the_list():
    health = await look({"/healthz": Exchange(hang=True), "/": Exchange(hang=True), LIST: PAINTERS}, timeout=0.4)
    assert (health.answers, health.trouble) == (True, None)


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
        async with asyncio.timeout(2):
            health = await judge(ProxyAddress(f"http://127.0.0.1:{port}"), timeout=0.2)
    assert not health.answers
    assert "does not answer within 0.2 s" in health.trouble


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


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory):
    """A certificate for localhost that nobody vouches for."""
    folder = tmp_path_factory.mktemp("certificate")
    names = {"-keyout": folder / "key.pem", "-out": folder / "cert.pem"}
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    words += ["-subj", "/CN=localhost", *(str(each) for pair in names.items() for each in pair)]
    subprocess.run(words, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(names["-out"], names["-keyout"])
    return context


async def test_a_certificate_that_nobody_vouches_for_is_told_with_the_flag_that_allows_it(own_certificate):
    async def leave(_reader, writer):
        writer.close()

    async with await asyncio.start_server(leave, "127.0.0.1", 0, ssl=own_certificate) as listener:
        port = listener.sockets[0].getsockname()[1]
        health = await judge(ProxyAddress(f"https://127.0.0.1:{port}"))
    assert not health.answers
    assert "certificate" in health.trouble
    assert "--insecure" in health.trouble


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://", "gopher://x", "http://[::1"])
async def test_an_address_that_is_none_is_trouble_and_no_crash(url):
    health = await judge(ProxyAddress(url))
    assert not health.answers
    assert "no usable address" in health.trouble


async def test_an_http_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await look(cliproxyapi(PAINTERS))).answers


async def test_control_characters_of_a_server_stay_in_no_name_and_no_title():
    health = await look(cliproxyapi(models_list("a\x1b[2J\nbanana", owned_by="x\x1b]0;y\x07")))
    assert health.models == ("a[2J banana",)
    assert health.owners == {"a[2J banana": "x]0;y"}
    page = Exchange(parts=(b"<html><title>\x1b[31mred\x07</title>",))
    assert "(red)" in (await look({"/": page, LIST: page})).trouble.replace("[31m", "")


@pytest.mark.parametrize("ahead", [-3600, 0, 7200])
async def test_how_far_our_clock_is_from_the_proxys_is_told(ahead):
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=ahead), usegmt=True)
    models = Exchange(parts=PAINTERS.parts, headers={"Date": date})
    health = await look(cliproxyapi(models))
    assert health.skew == pytest.approx(ahead, abs=2)
    assert health == await look(cliproxyapi(PAINTERS))


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 2026 99:99:99 GMT", ""])
async def test_a_date_that_is_none_tells_no_skew(date):
    models = Exchange(parts=PAINTERS.parts, headers={"Date": date})
    assert (await look(cliproxyapi(models))).skew is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "id", "x", "owned_by", "architecture", "output_modalities"]), inner)
    ),
    max_leaves=9,
)


@given(models=json_values, root=json_values, status=st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 500]))
async def test_whatever_json_a_server_answers_the_verdict_is_in_words(models, root, status):
    body = b"" if status == 204 else json.dumps({"data": models}).encode()
    health = await look({"/": Exchange.of({"message": root}), LIST: Exchange(status, {}, (body,))})
    assert health.trouble or health.image_models
