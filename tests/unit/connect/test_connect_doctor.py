"""The doctor agrees with what is really there: real servers in each state, real files, each with what to type."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from support.answers import exchange
from support.ccs_homes import CcsHome, usual_home
from support.path_server import LIST, PathServer, cliproxyapi, models_list
from support.replay_server import KEY, Exchange

from tui.connect.accounts import read_accounts
from tui.connect.ccs_files import Place
from tui.connect.doctor import Look, examine_proxy, examine_way
from tui.connect.health import judge
from tui.connect.version import is_older, version_signs
from tui.domain.finding import Finding, worst_status
from tui.domain.proxy import ProxyAddress, ProxyHealth, Secret

PRO = "gemini-3-pro-image-preview"
FLASH = "gemini-3.1-flash-image"
PAGE = Exchange(headers={"Content-Type": "text/html"}, parts=(b"<!doctype html><title>Home</title>",))
GOOD = ProxyHealth(answers=True, name="CLIProxyAPI", models=(PRO,), owners={PRO: "google"}, skew=0.0)
ADDRESS = ProxyAddress("http://127.0.0.1:8317", Secret("s3cret-key"), "--proxy", "--api-key")
NOW = datetime.now(UTC)


@pytest.fixture
def home(tmp_path: Path) -> CcsHome:
    return CcsHome(tmp_path / ".ccs")


def look(home: CcsHome, health: ProxyHealth = GOOD, address: ProxyAddress = ADDRESS, *places: Place) -> Look:
    return Look(address, health, places, read_accounts(home.folder, NOW), NOW)


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {each.name: each for each in findings}


def examined(home: CcsHome, health: ProxyHealth = GOOD, model: str = PRO, **changes: Any) -> dict[str, Finding]:
    return by_name(examine_proxy(look(home, health, replace(ADDRESS, **changes)), model))


async def state_of(
    home: CcsHome, answers: dict[str, Exchange], *, key: str = KEY, model: str = PRO, timeout: float = 3.0
) -> list[Finding]:
    async with PathServer(answers) as server:
        address = replace(server.address, key=Secret(key))
        return examine_proxy(look(home, await judge(address, timeout=timeout), address), model)


def problems(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if not each.ok]


STATES: dict[str, tuple[Callable[[], dict[str, Exchange]], dict[str, Any], int, str, str]] = {
    "mis-keyed": (lambda: cliproxyapi(exchange("models")), {"key": "wrong"}, 4, "does not accept", "--api-key"),
    "empty": (lambda: cliproxyapi(models_list()), {}, 4, "no usable account", "ccs agy --auth"),
    "no image models": (lambda: cliproxyapi(models_list("gemini-2.5-pro")), {}, 4, "none", "ccs agy --auth"),
    "another model": (lambda: cliproxyapi(models_list(FLASH)), {}, 1, "is not served", f"--model {FLASH}"),
    "page": (lambda: {"/": PAGE, "/healthz": PAGE, LIST: PAGE}, {}, 1, "web page", "--proxy"),
    "another JSON server": (lambda: dict.fromkeys(("/", LIST), Exchange.of({"hello": 1})), {}, 1, "server", "--proxy"),
    "safe mode": (
        lambda: {"/": exchange("safe-mode-root"), "/healthz": exchange("healthz"), LIST: exchange("safe-mode-models")},
        {},
        4,
        "example keys",
        "--api-key",
    ),
    "hanging": (
        lambda: dict.fromkeys(("/", "/healthz", LIST), Exchange(hang=True)),
        {"timeout": 0.2},
        3,
        "does not answer",
        "",
    ),
    "slow list": (
        lambda: cliproxyapi(Exchange(hang=True)),
        {"timeout": 0.2},
        3,
        "no list of its models",
        "ccs cliproxy restart",
    ),
}


@pytest.mark.parametrize("name", STATES)
async def test_each_state_is_told_in_one_problem_with_what_to_type(home: CcsHome, name: str) -> None:
    answers, more, status, words, hint = STATES[name]
    findings = await state_of(home, answers(), **more)
    assert worst_status(findings) == status
    (problem,) = problems(findings)
    assert words in problem.words
    assert hint in problem.hint
    assert problem.hint


async def test_a_proxy_that_works_well_has_no_problem(home: CcsHome) -> None:
    findings = await state_of(home, cliproxyapi(exchange("models")))
    assert problems(findings) == []
    assert worst_status(findings) == 0


async def test_a_usual_model_that_is_not_served_gives_way_and_is_no_problem(home: CcsHome) -> None:
    async with PathServer(cliproxyapi(models_list(FLASH))) as server:
        findings = examine_proxy(look(home, await judge(server.address), server.address), PRO, chosen=False)
    model = by_name(findings)["model"]
    assert (model.level, model.hint, worst_status(findings)) == ("note", f"--model {FLASH}", 0)
    assert f"{FLASH} takes its place" in model.words


async def test_a_proxy_with_a_key_of_its_own_needs_no_login(home: CcsHome) -> None:
    usual_home(home.folder)
    async with PathServer(cliproxyapi(models_list(PRO))) as server:
        found = by_name(examine_proxy(look(home, await judge(server.address), server.address), PRO))
    assert found["accounts"].ok
    assert found["accounts"].hint == ""


@pytest.mark.parametrize(("has_home", "command"), [(True, "ccs cliproxy start"), (False, "ccs agy --auth")])
async def test_where_nothing_listens_the_one_command_is_that_for_this_machine(
    home: CcsHome, has_home: bool, command: str
) -> None:
    if has_home:
        usual_home(home.folder)
    async with PathServer({}) as server:
        address = server.address
    found = by_name(examine_proxy(look(home, await judge(address), address), PRO))
    assert "Nothing answers" in found["proxy"].words
    assert found["proxy"].hint.startswith(command)
    assert found["proxy"].exit_status == 3
    assert "models" not in found


async def test_a_proxy_that_a_person_named_is_theirs_to_start(home: CcsHome) -> None:
    usual_home(home.folder)
    async with PathServer({}) as server:
        address = replace(server.address, source="--proxy")
    found = by_name(examine_proxy(look(home, await judge(address), address), PRO))
    assert "--proxy URL" in found["proxy"].hint


async def test_a_clock_that_goes_wrong_is_seen_by_the_proxys_date(home: CcsHome) -> None:
    late = Exchange.of({"object": "list", "data": [{"id": PRO}]})
    late.headers["Date"] = formatdate(time.time() - 600, usegmt=True)
    clock = by_name(await state_of(home, cliproxyapi(late)))["clock"]
    assert (clock.level, clock.words[:23]) == ("note", "ours is 10 min ahead of")
    assert examined(home)["clock"].level == "ok"
    assert "clock" not in examined(home, replace(GOOD, skew=None))
    assert "behind" in examined(home, replace(GOOD, skew=-90.0))["clock"].words


def test_a_token_from_the_future_is_noted(home: CcsHome) -> None:
    token = {"type": "antigravity", "refresh_token": "r", "project_id": "p", "timestamp": (time.time() + 3600) * 1000}
    home.write("cliproxy/auth/a.json", token)
    accounts = examined(home)["accounts"]
    assert (accounts.level, "future" in accounts.words) == ("note", True)


def test_every_place_is_told_and_one_that_cannot_be_read_is_no_problem(home: CcsHome) -> None:
    places = (Place("CCS_PROXY_PORT", "not a port", ok=False), Place("config.yaml", "port 8317, a key"))
    told = [each for each in examine_proxy(look(home, GOOD, ADDRESS, *places), PRO) if each.name == "looked at"]
    assert [(each.level, each.words) for each in told] == [
        ("note", "CCS_PROXY_PORT: not a port"),
        ("ok", "config.yaml: port 8317, a key"),
    ]


def test_where_address_and_key_came_from_is_said_and_the_key_is_not(home: CcsHome) -> None:
    findings = examine_proxy(look(home), PRO)
    assert "(--proxy)" in by_name(findings)["proxy"].words
    assert "--api-key" in by_name(findings)["key"].words
    assert "s3cret" not in repr(findings)


@pytest.mark.parametrize(
    ("model", "served", "words"),
    [
        (PRO, (PRO,), f"{PRO} is served;"),
        (FLASH, (f"agy/{FLASH}",), f"is served as agy/{FLASH}"),
        (f"{FLASH}-preview", (FLASH,), f"is served as {FLASH}"),
    ],
)
def test_under_which_id_the_model_is_served_is_said(
    home: CcsHome, model: str, served: tuple[str, ...], words: str
) -> None:
    finding = examined(home, replace(GOOD, models=served), model)["model"]
    assert (finding.ok, words in finding.words) == (True, True)


def test_the_end_of_a_retired_model_is_said_with_its_date(home: CcsHome) -> None:
    assert "2026-06-25" in examined(home)["model"].words
    assert "2026-06-25" in examined(home, replace(GOOD, models=(FLASH,)))["model"].words


def test_a_proxy_open_to_every_network_is_one_quiet_note(home: CcsHome) -> None:
    assert "network" not in examined(home)
    usual_home(home.folder)
    network = examined(home)["network"]
    assert (network.level, network.exit_status) == ("note", 0)
    assert "ccs tokens --api-key" in network.hint
    assert "network" not in examined(home, url="http://192.0.2.1:8317")


def test_that_failed_requests_are_kept_is_said_of_cliproxyapi_alone(home: CcsHome) -> None:
    privacy = examined(home)["privacy"]
    assert "prompt and pictures" in privacy.words
    assert privacy.level == "note"
    assert "privacy" not in examined(home, replace(GOOD, name="sandbox"))


def test_a_certificate_that_nobody_looks_at_is_noted(home: CcsHome) -> None:
    assert examined(home, url="https://127.0.0.1:1", insecure=True)["proxy"].level == "note"


def test_the_version_is_what_ccs_wrote_down_for_this_port(home: CcsHome) -> None:
    usual_home(home.folder, 8444)
    home.write("cliproxy/bin/original/.version", "v6.9.45\n")
    assert version_signs(home.folder, "http://127.0.0.1:8444") == ("7.2.140", "sessions-8444.json")
    assert version_signs(home.folder, "http://127.0.0.1:8317") == ("6.9.45", "bin/original/.version")
    assert examined(home)["version"].level == "note"
    assert "does not tell" in examined(CcsHome(home.folder / "none"))["version"].words


@pytest.mark.parametrize("content", ["", "{", '{"port": 8317, "version": 3}', '{"version": "new\\u001b[2J"}', "[]"])
def test_a_session_file_that_tells_no_version_is_passed_over(home: CcsHome, content: str) -> None:
    home.write("cliproxy/sessions.json", content)
    assert version_signs(home.folder, "http://127.0.0.1:8317") == ("", "")
    assert version_signs(home.folder, "http://[oops") == ("", "")


def test_versions_are_compared_by_their_numbers() -> None:
    assert is_older("7.2.9", "7.2.140")
    assert not is_older("7.10.0", "7.2.140")


def test_the_first_screen_hears_only_of_the_way_to_the_proxy(home: CcsHome) -> None:
    names = {each.name for each in examine_way(look(home))}
    assert names == {"CCS", "proxy", "key", "models"}
