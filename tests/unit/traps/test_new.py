"""What was new to the facts by running CLIProxyAPI v7.2.140: each is lived with."""

import json
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from support.answers import chat, exchange, picture_part, refused
from support.deliveries import png
from support.path_server import models_list
from support.replay_server import KEY, Exchange, ReplayServer

from tui.connect.accounts import read_accounts
from tui.domain.errors import ImageGenError
from tui.domain.proxy import ProxyAddress, Secret, base_url
from tui.domain.reply import Reply
from tui.domain.request import Reference, Request
from tui.engine.client import Client

Ask = Callable[..., Awaitable[Reply]]
Told = Callable[..., Awaitable[ImageGenError]]
Make = Callable[..., Client]
FOX = Request("a red fox")
PICTURE = chat({"images": [picture_part()]})


async def test_new_1_an_answer_without_a_length_arrives_whole(ask: Ask) -> None:
    large = png(1200, 900, shade=3)
    body = b"".join(chat({"images": [picture_part(large)]}).parts)
    parts = tuple(body[at : at + 1024] for at in range(0, len(body), 1024))
    reply = await ask(Exchange(headers={"Content-Type": "application/json"}, parts=parts, chunked=True))
    assert reply.final.path.read_bytes() == large


ADDRESSES = ("{0}", "{0}/", "{0}/v1", "{0}/v1/", "{0}/v1/chat/completions", "{0}//", "{0}/v1//")


@pytest.mark.parametrize("typed", ADDRESSES)
async def test_new_2_addresses_are_built_without_slashes_to_spare(typed: str, client_for: Make) -> None:
    async with ReplayServer(PICTURE) as server:
        address = ProxyAddress(base_url(typed.format(server.address.url)), Secret(KEY))
        async with client_for(address) as client:
            await client.generate(FOX)
    assert server.requests[0].line == "POST /v1/chat/completions HTTP/1.1"


async def test_new_2_a_redirect_is_not_followed(told: Told) -> None:
    error = await told(exchange("route-chat-trailing-slash"))
    assert (error.code, error.http_status, error.retryable) == ("bad_reply", 307, False)
    assert error.title == "The address is not that of the proxy"


async def test_new_2_the_key_does_not_follow_a_redirect(client_for: Make) -> None:
    async with ReplayServer(PICTURE) as elsewhere:
        away = refused(307, "", Location=f"{elsewhere.address.url}/v1/chat/completions")
        async with ReplayServer(away) as server, client_for(server.address) as client:
            with pytest.raises(ImageGenError) as caught:
                await client.generate(FOX)
        assert not elsewhere.connections
        assert elsewhere.address.url in caught.value.detail


async def test_new_2_a_redirect_to_tls_says_so(told: Told) -> None:
    error = await told(refused(301, "", Location="https://proxy.example/v1/chat/completions"))
    assert "https://" in error.hint


async def test_new_2_an_empty_404_is_a_wrong_address(client_for: Make) -> None:
    async with ReplayServer(exchange("route-api-provider")) as server:
        plain, deep = server.address.url, f"{server.address.url}/api/provider/gemini"
        errors = []
        for url in (plain, deep):
            async with client_for(ProxyAddress(url, Secret(KEY))) as client:
                with pytest.raises(ImageGenError) as caught:
                    await client.generate(FOX)
            errors.append(caught.value)
    assert {(each.code, each.title) for each in errors} == {("bad_request", "The address is not that of the proxy")}
    assert "/api/provider/gemini" in errors[1].hint


TOKEN = json.dumps(
    {"type": "antigravity", "email": "ann@example.com", "access_token": "x", "refresh_token": "y"}
    | {"project_id": "p", "expired": "2099-01-02T04:04:04+00:00"}
).encode()


def test_new_3_a_token_file_that_is_being_rewritten_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "cliproxy" / "auth" / "antigravity-ann@example.com.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    writer = Thread(target=path.write_bytes, args=(TOKEN,))
    writer.start()
    (account,) = read_accounts(tmp_path, datetime.now(UTC)).accounts
    writer.join()
    assert account.state == "usable"


async def test_new_4_a_key_that_became_good_is_taken_at_the_next_request(client_for: Make) -> None:
    async with ReplayServer([exchange("auth-basic"), PICTURE]) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError) as caught:
            await client.generate(FOX)
        assert caught.value.code == "unauthorized"
        assert (await client.generate(FOX)).final.width == 40


async def test_new_4_a_login_that_appeared_is_found_at_the_next_request(told: Told, ask: Ask) -> None:
    unknown = exchange("antigravity-pro-image")
    assert (await told(unknown, models=exchange("no-credential-models"))).code == "no_account"
    assert (await told(unknown, models=models_list("gemini-3.1-flash-image"))).code == "model_unknown"
    assert (await ask(PICTURE, models=models_list("gemini-3-pro-image-preview"))).final.width == 40


async def test_new_5_a_proxy_that_stops_is_told(told: Told, client_for: Make) -> None:
    lost = await told(exchange("proxy-killed-while-waiting"))
    assert lost.code == "cannot_connect"
    assert "paid" in lost.hint
    cut = await told(exchange("proxy-killed-after-keepalive"))
    assert (cut.code, cut.retryable) == ("bad_reply", True)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = ProxyAddress(f"http://127.0.0.1:{nobody.getsockname()[1]}", Secret(KEY))
        async with client_for(address) as client:
            with pytest.raises(ImageGenError) as caught:
                await client.generate(FOX)
    assert caught.value.code == "cannot_connect"
    assert "ccs cliproxy start" in caught.value.hint


async def test_new_7_data_urls_in_any_case_are_read_and_ours_are_in_lower_case(
    ask: Ask, client_for: Make, tmp_path: Path
) -> None:
    part = picture_part()
    part["image_url"]["url"] = part["image_url"]["url"].replace("data:image/png", "DATA:Image/PNG")
    assert (await ask(chat({"images": [part]}))).final.width == 40
    path = tmp_path / "fox.png"
    path.write_bytes(png())
    request = Request("x", references=(Reference(path, "image/png", len(png()), ""),))
    async with ReplayServer(PICTURE) as server, client_for(server.address) as client:
        await client.generate(request)
    assert b'"url":"data:image/png;base64,' in server.requests[0].body


async def test_new_7_a_stream_is_asked_for_with_true_and_an_answer_in_one_piece_is_taken(client_for: Make) -> None:
    answer = exchange("stream-string-true")
    async with ReplayServer(answer) as server, client_for(server.address, stream=True) as client:
        assert (await client.generate(FOX)).final.width == 64
    assert server.requests[0].json()["stream"] is True


async def test_new_8_seconds_of_silence_before_a_429_are_waited_through(client_for: Make) -> None:
    cooling = exchange("chat-upstream-429-quota")
    async with ReplayServer(cooling) as server, client_for(server.address) as client:
        with pytest.raises(ImageGenError) as caught:
            await client.generate(FOX)
    assert (caught.value.code, len(server.requests)) == ("rate_limited", 1)
