"""Our key, the proxy's models under their several names, and a proxy that has nothing to serve."""

import asyncio
from dataclasses import replace

import pytest
from interop.binary import KEY, RealProxy, config
from interop.upstream import MODEL, fox

from tui.connect.health import judge
from tui.domain.proxy import Secret


async def test_a_wrong_key_is_ours(fail, proxy):
    error = await fail(replace(proxy.address, key=Secret("not-the-key")), "a fox")
    assert (error.code, error.http_status, error.origin) == ("unauthorized", 401, "proxy")
    assert error.detail == "Invalid API key"


async def test_any_key_does_where_the_proxy_has_none(running, ask, upstream):
    settings = config(upstream.url) | {"api-keys": []}
    opened = running("open", settings)
    assert await ask(replace(opened.address, key=Secret("whatever")), upstream.will(fox()).prompt)


async def test_the_models_are_told_sorted_and_the_server_named(proxy):
    health = await judge(proxy.address)
    assert (health.answers, health.name, health.trouble) == (True, "CLIProxyAPI", None)
    assert health.models is not None
    assert list(health.models) == sorted(health.models)
    assert {MODEL, "gemini-3.1-flash-image-preview"} <= set(health.models)


async def test_a_wrong_key_is_told_by_a_look(proxy):
    health = await judge(replace(proxy.address, key=Secret("not-the-key")))
    assert (health.answers, health.name, health.models) == (True, "CLIProxyAPI", None)
    assert "key" in (health.trouble or "")


async def test_a_name_that_is_not_served_gets_one_that_is(fail, proxy):
    error = await fail(proxy, "a fox", model="gemini-3-pro-image-preveiw")
    assert (error.code, error.http_status, error.origin) == ("model_unknown", 400, "proxy")
    assert MODEL in error.hint


async def test_a_model_for_another_route_is_no_server_failure(fail, proxy):
    error = await fail(proxy, "a fox", model="gpt-image-2")
    assert (error.code, error.http_status, error.retryable) == ("model_unknown", 503, False)


@pytest.fixture(scope="module")
def declared(running, upstream) -> RealProxy:
    """A proxy whose config names its models itself."""
    models = [
        {"name": MODEL, "alias": MODEL},
        {"name": "gemini-3.1-flash-image", "alias": "nano-banana-2"},
        {"name": "gemini-3-pro-image", "alias": "nano-banana-pro", "force-mapping": True},
    ]
    settings = config(upstream.url)
    settings["gemini-api-key"][0]["models"] = models
    return running("declared", settings)


async def test_an_alias_is_served_and_its_own_name_goes_upstream(ask, declared, upstream):
    take = upstream.will(fox())
    assert await ask(declared, take.prompt, model="nano-banana-2")
    assert "/models/gemini-3.1-flash-image:" in take.calls[0].path
    assert (await judge(declared.address)).models == (MODEL, "nano-banana-2", "nano-banana-pro")


async def test_the_name_behind_an_alias_is_not_served(fail, declared):
    error = await fail(declared, "a fox", model="gemini-3.1-flash-image")
    assert error.code == "model_unknown"
    assert "image-gen models" in error.hint or "nano-banana" in error.hint or MODEL in error.hint


async def test_a_prefix_is_served_and_cut_off_before_the_provider(running, ask, fail, upstream):
    settings = config(upstream.url)
    settings["gemini-api-key"][0]["prefix"] = "team"
    prefixed = running("prefix", settings)
    for name in (MODEL, f"team/{MODEL}"):
        take = upstream.will(fox())
        assert await ask(prefixed, take.prompt, model=name)
        assert f"/models/{MODEL}:" in take.calls[0].path
    assert (await fail(prefixed, "a fox", model=f"other/{MODEL}")).code == "model_unknown"


async def test_a_prefix_that_is_forced_is_offered(running, fail, upstream):
    settings = config(upstream.url, **{"force-model-prefix": True})
    settings["gemini-api-key"][0]["prefix"] = "team"
    forced = running("forced-prefix", settings)
    error = await fail(forced, "a fox")
    assert error.code == "model_unknown"
    assert f"team/{MODEL}" in error.hint


async def test_a_proxy_without_an_account_says_that_and_not_that_the_name_is_wrong(running, fail):
    empty = running("empty", config())
    error = await fail(empty, "a fox")
    assert (error.code, error.http_status) == ("no_account", 400)
    health = await judge(empty.address)
    assert (health.answers, health.models) == (True, ())
    assert "ccs agy --auth" in (health.trouble or "")


async def test_the_keys_of_the_example_file_make_it_serve_nothing(running, fail):
    safe = running("safe-mode", config(keys=("your-api-key-1",)))
    error = await fail(safe, "a fox")
    assert (error.code, error.http_status) == ("forbidden", 403)
    assert "template" in error.detail
    health = await judge(safe.address)
    assert (health.answers, health.name) == (True, "CLIProxyAPI")
    assert "your-api-key" in (health.trouble or "")


async def test_a_key_that_is_changed_while_it_runs_is_refused_and_the_new_one_taken(upstream, ask, fail, tmp_path):
    with RealProxy(config(upstream.url), tmp_path / "proxy") as proxy:
        old = proxy.address
        assert await ask(old, upstream.will(fox()).prompt)
        changed = {**proxy.settings, "api-keys": ["another-key"]}
        await asyncio.to_thread(proxy.configure, changed, lambda: not proxy.accepts(KEY))
        assert (await fail(old, "a fox")).code == "unauthorized"
        assert await ask(replace(old, key=Secret("another-key")), upstream.will(fox()).prompt)
        await asyncio.to_thread(proxy.configure, proxy.settings, lambda: proxy.accepts(KEY))
        assert await ask(old, upstream.will(fox()).prompt)
