"""The canary in objects: whoever prints, logs or formats one of ours, with all its locals, sees no key."""

import io
import logging
import traceback
from pathlib import Path

import pytest
from rich.console import Console
from rich.traceback import Traceback
from support.canary import KEYS, LONG_KEY, ODD_KEY, told
from support.ccs_homes import MANAGEMENT_SECRET, usual_home
from support.echo_proxy import SCENES, EchoProxy

from tui.connect.find import search
from tui.connect.health import judge
from tui.domain.errors import ImageGenError
from tui.domain.proxy import ProxyAddress, Secret
from tui.domain.request import Request
from tui.engine.client import Client
from tui.settings import load_settings


def client_for(address: ProxyAddress, folder: Path) -> Client:
    names = iter(range(1000))
    return Client(address, spool=lambda: folder / str(next(names)))


def every_form(value: object) -> str:
    return "\n".join((repr(value), str(value), f"{value}", f"{value!a}", repr([value]), repr({"it": value})))


@pytest.mark.parametrize("key", KEYS, ids=["long", "short", "odd"])
def test_no_object_that_holds_a_key_shows_it(key: str, tmp_path: Path) -> None:
    usual_home(tmp_path / "ccs", 8317, key)
    environ = {"CCS_DIR": str(tmp_path / "ccs"), "CCS_PROXY_AUTH_TOKEN": key, "IMAGE_GEN_API_KEY": key}
    settings = load_settings({"api_key": key}, environ=environ)
    found = search(settings, environ)
    assert key in [each.key.reveal() for each in found.candidates]
    client = client_for(ProxyAddress(key=Secret(key)), tmp_path)
    for each in (Secret(key), ProxyAddress(key=Secret(key)), settings, found, found.candidates, client, vars(client)):
        assert told(every_form(each), [key, MANAGEMENT_SECRET]) == []


def test_a_secret_is_equal_to_its_like_and_still_shows_nothing() -> None:
    assert Secret(LONG_KEY) == Secret(LONG_KEY)
    assert told(every_form({Secret(LONG_KEY): 1}), [LONG_KEY]) == []


@pytest.mark.parametrize("key", [LONG_KEY, ODD_KEY], ids=["long", "odd"])
@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene != "stream"])
async def test_no_error_shows_the_key_in_any_form(scene: str, key: str, tmp_path: Path) -> None:
    with EchoProxy(elsewhere="http://127.0.0.1:1") as proxy:
        async with client_for(ProxyAddress(proxy.url, Secret(key)), tmp_path) as client:
            with pytest.raises(ImageGenError) as caught:
                await client.generate(Request(f"a fox echo:{scene}"))
    error = caught.value
    shown = [every_form(error), repr(error.args), repr(error.as_dict()), repr(vars(error))]
    shown.append("".join(traceback.format_exception(error)))
    assert told("\n".join(shown), [key]) == []


async def test_no_reply_shows_the_key(tmp_path: Path) -> None:
    with EchoProxy() as proxy:
        async with client_for(ProxyAddress(proxy.url, Secret(LONG_KEY)), tmp_path) as client:
            reply = await client.generate(Request("a fox"))
    assert told(every_form(reply), [LONG_KEY]) == []


@pytest.mark.parametrize("key", KEYS, ids=["long", "short", "odd"])
async def test_no_look_at_a_proxy_shows_the_key(key: str) -> None:
    with EchoProxy(refuses=lambda given: True) as refusing, EchoProxy() as serving:
        for proxy in (refusing, serving):
            health = await judge(ProxyAddress(proxy.url, Secret(key)))
            assert told(every_form(health), [key]) == []


def test_a_traceback_with_its_locals_shows_no_address_s_key() -> None:
    """What the app prints when it breaks: every local of every frame."""
    address = ProxyAddress(key=Secret(LONG_KEY))
    settings = load_settings({"api_key": LONG_KEY}, environ={})
    out = io.StringIO()
    try:
        raise RuntimeError(f"{address} {settings}")
    except RuntimeError as error:
        shown = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
        Console(file=out, width=200).print(shown)
    assert "locals" in out.getvalue()
    assert told(out.getvalue().replace(__file__, ""), [LONG_KEY]) == []


async def test_what_is_sent_is_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever switches on every log for a bug report gives nothing away but what the server said."""
    caplog.set_level(logging.DEBUG)
    with EchoProxy() as proxy:
        address = ProxyAddress(proxy.url, Secret(LONG_KEY))
        async with client_for(address, tmp_path) as client:
            await client.generate(Request("a fox"))
        await judge(address)
    said = [record.getMessage() for record in caplog.records]
    assert any("send_request_headers" in each for each in said)
    ours = [each for each in said if "return_value=" not in each and "HTTP Request:" not in each]
    assert told("\n".join(ours), [LONG_KEY]) == []
