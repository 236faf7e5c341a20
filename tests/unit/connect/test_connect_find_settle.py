"""Which of several places has a proxy that takes our key: asked of real servers on 127.0.0.1."""

import asyncio
import json
import os
import socket
import time

import pytest
from support.ccs_homes import MANAGEMENT_SECRET, CcsHome, usual_home
from support.keyed_proxy import KeyedProxy, running

from tui.connect import find, settling
from tui.connect.find import Search, look, search, settle
from tui.domain.proxy import ProxyAddress, Secret
from tui.settings import load_settings


@pytest.fixture
def nobody():
    """An address on this machine where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def at(url: str, *keys: str) -> list[ProxyAddress]:
    return [ProxyAddress(url, Secret(key)) for key in keys]


async def test_with_one_candidate_nobody_is_asked():
    async with running(proxy := KeyedProxy("k")):
        only = ProxyAddress(proxy.url, Secret("wrong"))
        assert await settle(Search((only,))) is only
        assert proxy.asked == []


async def test_a_refused_key_leads_to_the_next_one():
    async with running(proxy := KeyedProxy("second")):
        found = await settle(Search(tuple(at(proxy.url, "first", "second", "third"))))
        assert found.key == Secret("second")
        assert proxy.keys == ["first", "second"]


async def test_where_nothing_listens_the_next_address_is_tried(nobody):
    async with running(proxy := KeyedProxy("k")):
        found = await settle(Search((*at(nobody, "a", "b", "k"), *at(proxy.url, "k"))))
        assert found.url == proxy.url


async def test_one_lost_connection_stands_for_all_keys_of_an_address():
    async with running(lost := KeyedProxy(None, cut=True), proxy := KeyedProxy("k")):
        found = await settle(Search((*at(lost.url, "a", "b", "k"), *at(proxy.url, "k"))))
        assert found.url == proxy.url
        assert lost.keys == ["a"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<!doctype html>"), (200, b"{}"), (200, b"[]"), (404, b""), (200, b'{"data":{}}'), (302, b"")],
)
async def test_another_server_is_passed_by_and_its_other_keys_with_it(status, body):
    async with running(other := KeyedProxy(None, status, body), proxy := KeyedProxy("k")):
        found = await settle(Search((*at(other.url, "a", "b"), *at(proxy.url, "k"))))
        assert found.url == proxy.url
        assert other.keys == ["a"]


async def test_a_proxy_without_keys_takes_the_first():
    async with running(proxy := KeyedProxy(None)):
        assert (await settle(Search(tuple(at(proxy.url, "a", "b"))))).key == Secret("a")


async def test_a_list_of_models_of_any_length_is_one():
    long = json.dumps({"data": [{"id": f"model-{number}", "object": "model"} for number in range(20_000)]}).encode()
    async with running(proxy := KeyedProxy("b", body=long)):
        assert (await settle(Search(tuple(at(proxy.url, "a", "b"))))).key == Secret("b")


async def test_a_silent_server_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(settling, "_PATIENCE_OF_ONE", 0.1)
    async with running(silent := KeyedProxy(None, mute=True), proxy := KeyedProxy("k")):
        found = await settle(Search((*at(silent.url, "a", "b"), *at(proxy.url, "k"))))
        assert found.url == proxy.url
        assert silent.keys == ["a"]


async def test_all_silent_servers_together_take_no_longer_than_the_patience(monkeypatch):
    monkeypatch.setattr(settling, "PATIENCE", 0.25)
    monkeypatch.setattr(settling, "_PATIENCE_OF_ONE", 0.2)
    silent = [KeyedProxy(None, mute=True) for _ in range(5)]
    async with running(*silent):
        begun = time.monotonic()
        found = await settle(Search(tuple(each for proxy in silent for each in at(proxy.url, "a", "b"))))
        assert time.monotonic() - begun < 1
        assert found.url == silent[0].url


# Where none takes our keys


async def test_where_none_takes_a_key_it_is_the_proxy_that_answers(nobody):
    async with running(proxy := KeyedProxy("unknown")):
        found = await settle(Search((*at(nobody, "a"), *at(proxy.url, "a", "b"))))
        assert found == at(proxy.url, "a")[0]


async def test_where_nobody_answers_it_is_the_first(nobody):
    found = await settle(Search((*at(nobody, "a", "b"), *at("http://127.0.0.1:1", "a"))))
    assert found == at(nobody, "a")[0]


async def test_where_nobody_answers_what_is_in_use_stays_if_it_still_is_a_candidate(nobody):
    in_use, gone = at(nobody, "b", "gone")
    assert await settle(Search(tuple(at(nobody, "a", "b"))), otherwise=in_use) == in_use
    assert await settle(Search(tuple(at(nobody, "a", "b"))), otherwise=gone) == at(nobody, "a")[0]


async def test_a_proxy_that_answers_goes_before_one_in_use_that_is_gone(nobody):
    async with running(proxy := KeyedProxy("unknown")):
        search = Search((*at(nobody, "a"), *at(proxy.url, "a", "b")))
        assert await settle(search, otherwise=at(nobody, "a")[0]) == at(proxy.url, "a")[0]
        assert await settle(search, otherwise=at(proxy.url, "b")[0]) == at(proxy.url, "b")[0]


# From the files to the proxy


async def settled(home: CcsHome, **environ: str) -> ProxyAddress:
    given = {"CCS_DIR": str(home.folder), "IMAGE_GEN_HOME": "/nonexistent", **environ}
    return await settle(await look(load_settings({}, environ=given), given))


async def test_the_common_key_is_found_for_a_variant_whose_own_is_refused(tmp_path):
    async with running(proxy := KeyedProxy("common")):
        port = int(proxy.url.rpartition(":")[2])
        home = CcsHome(tmp_path).config(port=1, variants={"v": {"port": port, "auth": {"api_key": "variants-own"}}})
        home.generated("common", port=port, name=f"config-{port}.yaml").session(port, f"sessions-{port}.json")
        found = await settled(home)
        assert (found.url, found.key) == (proxy.url, Secret("common"))


async def test_nothing_of_the_management_is_asked_and_its_secret_never_sent(tmp_path):
    """Five tries with a wrong secret are a ban of half an hour, and a look at the usage takes it from CCS."""
    async with running(proxy := KeyedProxy("nobody-knows")):
        port = int(proxy.url.rpartition(":")[2])
        await settled(
            usual_home(tmp_path, port, "made-up-key").generated("listed", port=port, name=f"config-{port}.yaml")
        )
        assert {line for line, _ in proxy.asked} == {"GET /v1/models"}
        assert len(proxy.keys) > 1
        assert MANAGEMENT_SECRET not in proxy.keys


async def test_a_ccs_home_that_does_not_answer_leaves_what_is_known_without_it(tmp_path, monkeypatch):
    held = asyncio.Event()
    loop = asyncio.get_running_loop()

    def never(folder):
        asyncio.run_coroutine_threadsafe(held.wait(), loop).result()
        return find.CcsHome(folder, ())

    monkeypatch.setattr(find, "read_home", never)
    given = {"CCS_DIR": str(tmp_path), "CCS_PROXY_HOST": "p.example.com"}
    found = await look(load_settings({}, environ=given), given, patience=0.05)
    assert found.candidates[0].url == "http://p.example.com:8317"
    assert found.places[-1].where == str(tmp_path)
    assert "does not answer" in found.places[-1].words
    held.set()


async def test_a_look_finds_what_a_search_does(tmp_path):
    given = {"CCS_DIR": str(usual_home(tmp_path, 8400, "k").folder)}
    settings = load_settings({}, environ=given)
    assert await look(settings, given) == search(settings, given)


async def test_a_wrong_environment_of_certificates_is_no_crash(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "not-there.pem"))
    first, _ = at("https://p.example.com", "a", "b")
    assert await settle(Search(tuple(at("https://p.example.com", "a", "b")))) == first
    assert os.environ["SSL_CERT_FILE"]
