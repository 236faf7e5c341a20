"""Traps in finding a proxy and judging it (facts, E): where it is, with which key, what it can do."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.answers import exchange
from support.ccs_homes import MANAGEMENT_SECRET, CcsHome, usual_home
from support.command import image_gen_async
from support.path_server import CHAT, LIST, PathServer, cliproxyapi, models_list
from support.replay_server import KEY, Exchange

from tui.connect.accounts import read_accounts
from tui.connect.ccs import listens_everywhere
from tui.connect.find import Search, search, settle
from tui.connect.health import judge
from tui.domain.proxy import Secret
from tui.proxy.server import HOST
from tui.settings import load_settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def found_in(home: CcsHome, **environ: str) -> Search:
    given = {"CCS_DIR": str(home.folder), "IMAGE_GEN_HOME": "/nonexistent", **environ}
    return search(load_settings({}, environ=given), given)


@pytest.fixture
def home(tmp_path: Path) -> CcsHome:
    return CcsHome(tmp_path / "ccs")


@pytest.mark.parametrize("names", [("models", "models-after-restart")])
async def test_trap_27_the_list_has_no_order_of_its_own(names: tuple[str, str]) -> None:
    lists = []
    for name in names:
        async with PathServer(cliproxyapi(exchange(name))) as server:
            lists.append(await judge(server.address))
    served = [health.models for health in lists]
    assert served[0] == served[1] == tuple(sorted(served[0] or ()))
    assert lists[0].image_models == ("gemini-3-pro-image-preview", "gemini-3.1-flash-image-preview")


async def test_trap_27_a_name_that_is_not_listed_is_tried_all_the_same(tmp_path: Path) -> None:
    answers = cliproxyapi(models_list("gemini-3.5-flash"), **{CHAT: exchange("chat-success-png")})
    async with PathServer(answers) as server:
        flags = ("--proxy", server.address.url, "--api-key", KEY, "-m", "team/nano-banana-9")
        outcome = await image_gen_async(*flags, "a red fox", cwd=tmp_path)
    assert outcome.status == 0
    assert json.loads(server.asked_for(CHAT)[0].body)["model"] == "team/nano-banana-9"


async def test_trap_30_a_customised_port_and_key_are_found_by_the_command(home: CcsHome, tmp_path: Path) -> None:
    answers = cliproxyapi(exchange("models"), **{CHAT: exchange("chat-success-png")})
    async with PathServer(answers) as server:
        usual_home(home.folder, server.port, "old-key", KEY)
        outcome = await image_gen_async("a red fox", cwd=tmp_path, CCS_DIR=str(home.folder))
    assert (outcome.status, len(outcome.lines)) == (0, 1)
    assert server.asked_for(CHAT)[0].headers["authorization"] == f"Bearer {KEY}"


async def test_trap_30_a_remote_proxy_gets_its_own_token(home: CcsHome) -> None:
    remote = {"enabled": True, "host": "proxy.example", "protocol": "https", "auth_token": "theirs"}
    home.config(remote=remote, key="ours")
    first = found_in(home).candidates[0]
    assert (first.url, first.key.reveal()) == ("https://proxy.example:443", "theirs")


async def test_trap_30_a_key_that_is_refused_leads_to_the_next(home: CcsHome) -> None:
    async with PathServer(cliproxyapi(exchange("models"))) as server:
        usual_home(home.folder, server.port, "old-key", KEY)
        assert (await settle(found_in(home))).key == Secret(KEY)


def test_trap_31_an_address_with_a_providers_path_is_rebuilt(home: CcsHome) -> None:
    home.profile("gemini", "http://127.0.0.1:8444/api/provider/gemini", "made-up")
    found = found_in(home)
    assert "http://127.0.0.1:8444" in [each.url for each in found.candidates]
    assert not any("provider" in each.url for each in found.candidates)


def test_trap_32_the_management_secret_is_never_taken_for_a_key(home: CcsHome) -> None:
    usual_home(home.folder, 8317, "a-key")
    found = found_in(home)
    assert MANAGEMENT_SECRET not in {each.key.reveal() for each in found.candidates}
    assert MANAGEMENT_SECRET not in str(found)


async def test_trap_32_and_38_neither_management_nor_the_usage_queue_is_asked(home: CcsHome, tmp_path: Path) -> None:
    async with PathServer(cliproxyapi(exchange("models"))) as server:
        usual_home(home.folder, server.port, KEY)
        for command in ("doctor", "models", "accounts"):
            await image_gen_async(command, cwd=tmp_path, CCS_DIR=str(home.folder))
    assert server.asked
    assert {each.path for each in server.asked} <= {"/", "/healthz", LIST}
    assert not any(MANAGEMENT_SECRET in str(each.headers) for each in server.asked)


def token(**members: Any) -> dict[str, Any]:
    return {
        "type": "antigravity",
        "email": "ann@example.com",
        "access_token": "x",
        "refresh_token": "y",
        "project_id": "p",
        "expired": "2099-01-02T04:04:04+00:00",
    } | members


def test_trap_33_a_gemini_login_is_no_sign_of_pictures(home: CcsHome) -> None:
    nested = {"type": "gemini", "email": "ann@example.com", "project_id": "p", "token": {"access_token": "x"}}
    home.write("cliproxy/auth/gemini-ann@example.com-p.json", nested)
    (account,) = read_accounts(home.folder, NOW).accounts
    assert (account.provider, account.counts) == ("gemini", False)
    assert "ccs agy --auth" in account.hint


async def test_trap_33_what_makes_pictures_is_judged_by_the_list() -> None:
    async with PathServer(cliproxyapi(exchange("gemini-oauth-file-models"))) as server:
        health = await judge(server.address)
    assert health.image_models == ()
    assert "ccs agy --auth" in (health.trouble or "")


def test_trap_34_paused_and_disabled_logins_are_both_seen(home: CcsHome) -> None:
    home.write("cliproxy/auth/antigravity-ann@example.com.json", token(disabled=True))
    home.write("cliproxy/auth-paused/antigravity-bob@example.com.json", token(email="bob@example.com"))
    home.write("cliproxy/auth/antigravity-cleo@example.com.json", token(email="cleo@example.com"))
    states = {each.file.name: each.state for each in read_accounts(home.folder, NOW).accounts}
    assert states == {
        "antigravity-ann@example.com.json": "disabled",
        "antigravity-bob@example.com.json": "paused",
        "antigravity-cleo@example.com.json": "usable",
    }


PAGE = Exchange(headers={"Content-Type": "text/html"}, parts=(b"<html><body>It works!</body></html>",))


async def test_trap_35_a_page_at_the_root_is_no_proxy() -> None:
    async with PathServer({"/": PAGE, "/healthz": PAGE, LIST: PAGE}) as server:
        health = await judge(server.address)
    assert not health.answers
    assert health.trouble


async def test_trap_35_safe_mode_is_told_from_the_list(tmp_path: Path) -> None:
    answers = {"/": exchange("safe-mode-root"), "/healthz": exchange("safe-mode-healthz")}
    answers |= {LIST: exchange("safe-mode-models"), CHAT: exchange("safe-mode-chat")}
    async with PathServer(answers) as server:
        health = await judge(server.address)
        flags = ("--proxy", server.address.url, "--api-key", KEY)
        outcome = await image_gen_async(*flags, "a red fox", cwd=tmp_path)
    assert "api-keys" in (health.trouble or "")
    assert outcome.status == 4
    assert "The proxy still has its example keys" in outcome.err


def test_trap_39_a_proxy_open_to_every_network_is_warned_of_and_ours_is_not_one(home: CcsHome) -> None:
    usual_home(home.folder, 8317)
    assert listens_everywhere(home.folder)
    home.write("cliproxy/config.yaml", 'host: "127.0.0.1"\nport: 8317\napi-keys: ["ccs-internal-managed"]\n')
    assert not listens_everywhere(home.folder)
    assert HOST == "127.0.0.1"


async def test_new_6_the_doctor_says_that_failed_requests_are_kept(home: CcsHome, tmp_path: Path) -> None:
    async with PathServer(cliproxyapi(exchange("models"))) as server:
        usual_home(home.folder, server.port, KEY)
        outcome = await image_gen_async("doctor", cwd=tmp_path, CCS_DIR=str(home.folder))
    assert "prompt and pictures included" in outcome.out.decode()


async def test_the_doctor_and_the_command_agree_on_a_wrong_key(tmp_path: Path) -> None:
    answers = cliproxyapi(exchange("models"), **{CHAT: exchange("auth-basic")})
    async with PathServer(answers) as server:
        flags = ("--proxy", server.address.url, "--api-key", "wrong")
        asked = await image_gen_async(*flags, "a red fox", cwd=tmp_path)
        doctor = await image_gen_async("doctor", *flags, cwd=tmp_path)
    assert asked.status == doctor.status == 4
    assert "--api-key" in asked.err
