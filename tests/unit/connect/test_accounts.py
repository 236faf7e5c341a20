"""The accounts in a CCS home: each state in words, every broken file a sentence, no token anywhere."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ccs_homes import CcsHome
from support.waiting import wait_for

from tui.connect import token_files
from tui.connect.accounts import read_accounts
from tui.connect.token_times import time_of
from tui.domain.accounts import Account, Accounts, short_names, shortened, span_words
from tui.domain.words import one_line

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACCESS, REFRESH = "ya29.canary-access", "1//canary-refresh"
ANN = "antigravity-ann@example.com.json"


@pytest.fixture
def home(tmp_path: Path) -> CcsHome:
    return CcsHome(tmp_path / ".ccs")


def antigravity(email: str = "ann@example.com", *, minutes: float = 50, **more: Any) -> dict[str, Any]:
    """A token that ends in so many minutes, as CLIProxyAPI writes it."""
    end = NOW + timedelta(minutes=minutes)
    return {
        "type": "antigravity",
        "access_token": ACCESS,
        "refresh_token": REFRESH,
        "expires_in": 3599,
        "timestamp": int((end - timedelta(seconds=3599)).timestamp() * 1000),
        "expired": end.isoformat(),
        "email": email,
        "project_id": "made-up-project",
        **more,
    }


def registry(*emails: str, default: str = "", paused: tuple[str, ...] = ()) -> dict[str, Any]:
    accounts = {
        email: {
            "email": email,
            "nickname": email.partition("@")[0],
            "tokenFile": f"antigravity-{email}.json",
            **({"paused": True} if email in paused else {}),
        }
        for email in emails
    }
    return {"version": 1, "providers": {"agy": {"default": default, "accounts": accounts}}}


def read(home: CcsHome) -> Accounts:
    return read_accounts(home.folder, NOW)


def only(home: CcsHome) -> Account:
    (account,) = read(home).accounts
    return account


def with_token(home: CcsHome, token: Any, name: str = ANN, folder: str = "auth") -> CcsHome:
    return home.write(f"cliproxy/{folder}/{name}", token)


@pytest.mark.parametrize(("expired", "state"), [("2020-01-02T04:04:04+00:00", "expired"), (None, "usable")])
def test_a_token_that_is_over_is_said_before_the_project_it_lacks(home: CcsHome, expired: str, state: str) -> None:
    token = {"type": "antigravity", "access_token": "x", "timestamp": 1577934245000, "expired": expired}
    account = only(with_token(home, token))
    assert account.state == state
    assert ("project" in account.words) == (state == "usable")


def test_no_home_is_told_from_a_home_without_accounts(home: CcsHome) -> None:
    assert not read(home).there
    home.folder.mkdir()
    assert (read(home).there, read(home).accounts) == (True, ())


def test_a_usable_account_says_how_long_its_token_lasts_and_when_it_was_renewed(home: CcsHome) -> None:
    account = only(with_token(home, antigravity(minutes=50)))
    assert (account.state, account.words, account.hint) == ("usable", "token for 50 min", "")
    assert account.expires == NOW + timedelta(minutes=50)
    assert account.refreshed == NOW + timedelta(minutes=50, seconds=-3599)


def test_a_token_that_ended_is_no_alarm_while_the_proxy_can_renew_it(home: CcsHome) -> None:
    account = only(with_token(home, antigravity(minutes=-3000)))
    assert (account.state, account.words, account.renews) == ("usable", "token renewed when used", True)


@pytest.mark.parametrize(("minutes", "state"), [(-5, "expired"), (59, "expiring"), (61, "usable")])
def test_a_token_that_cannot_be_renewed_is_judged_by_its_end(home: CcsHome, minutes: int, state: str) -> None:
    account = only(with_token(home, antigravity(minutes=minutes, refresh_token="", timestamp=int(NOW.timestamp()))))
    assert account.state == state
    assert "cannot be renewed" in account.words
    assert account.hint == "Log in again: ccs agy --auth"


def test_the_end_is_reckoned_from_the_issue_where_it_is_not_written(home: CcsHome) -> None:
    token = antigravity(minutes=30, refresh_token="")
    del token["expired"]
    assert only(with_token(home, token)).expires == NOW + timedelta(minutes=30)


def test_a_paused_account_is_the_file_that_was_moved_whatever_its_token_says(home: CcsHome) -> None:
    account = only(with_token(home, antigravity(minutes=-9), folder="auth-paused"))
    assert (account.state, account.counts) == ("paused", False)
    assert "resume" in account.hint


def test_a_pause_that_only_the_list_knows_is_told_as_what_it_is(home: CcsHome) -> None:
    with_token(home, antigravity())
    home.write("cliproxy/accounts.json", registry("ann@example.com", paused=("ann@example.com",)))
    account = only(home)
    assert account.state == "paused"
    assert "the proxy still uses it" in account.words


@pytest.mark.parametrize(("value", "state"), [(True, "disabled"), (False, "usable"), ("true", "usable"), (1, "usable")])
def test_only_the_value_true_disables(home: CcsHome, value: object, state: str) -> None:
    assert only(with_token(home, antigravity(disabled=value))).state == state


def test_the_default_is_marked_also_while_it_is_paused(home: CcsHome) -> None:
    with_token(home, antigravity(), folder="auth-paused")
    with_token(home, antigravity("bob@example.com"), "antigravity-bob@example.com.json")
    home.write("cliproxy/accounts.json", registry("ann@example.com", "bob@example.com", default="ann@example.com"))
    assert {each.name: each.default for each in read(home).accounts} == {
        "a…n@example.com": True,
        "b…b@example.com": False,
    }


def test_an_account_that_only_the_list_knows_is_missing(home: CcsHome) -> None:
    home.write("cliproxy/accounts.json", registry("gone@example.com"))
    account = only(home)
    assert (account.provider, account.name, account.state) == ("antigravity", "g…e@example.com", "missing")


def test_the_provider_is_what_stands_in_the_file_and_not_its_name(home: CcsHome) -> None:
    with_token(home, antigravity(), "gemini-ann@example.com.json")
    with_token(home, {"type": "Gemini", "email": "a@b.c", "token": {"expiry": "2026-11-22T13:00:00Z"}}, "a@b.c-x.json")
    with_token(home, {"type": "codex", "email": "eve@example.com", "expired": "2026-12-01T00:00:00Z"}, "x.json")
    assert {each.provider: each.state for each in read(home).accounts} == {
        "antigravity": "usable",
        "gemini": "ended",
        "codex": "usable",
    }


def test_a_service_account_has_no_end(home: CcsHome) -> None:
    whole = {"type": "vertex", "project_id": "p1", "email": "sa@p.example", "service_account": {"private_key": ACCESS}}
    assert only(with_token(home, whole, "vertex-p1.json")).state == "usable"
    assert only(with_token(home, whole | {"service_account": None}, "vertex-p1.json")).state == "damaged"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}", "names no provider"),
        (b'{"type": 3}', "names no provider"),
        (b'{"type":"antigravity"}', "no token"),
        (b" " * 1_048_577, "larger than 1 MiB"),
        (b'{"type":"antigravity","n":' + b"9" * 5000 + b"}", "not JSON"),
    ],
    ids=range(12),
)
def test_a_file_that_is_none_is_one_sentence(home: CcsHome, content: bytes, words: str) -> None:
    account = only(with_token(home, content))
    assert account.state == "damaged"
    assert words in account.words
    assert account.hint


def test_folders_links_and_pipes_in_the_place_of_a_file_hold_nobody_up(home: CcsHome) -> None:
    auth = home.folder / "cliproxy" / "auth"
    (auth / "folder.json").mkdir(parents=True)
    (auth / "loop.json").symlink_to("loop.json")
    (auth / "nothing.json").symlink_to("nowhere")
    os.mkfifo(auth / "pipe.json")
    home.write("elsewhere.txt", antigravity())
    (auth / "link.json").symlink_to(home.folder / "elsewhere.txt")
    found = {each.file.name: each for each in read(home).accounts}
    assert found.pop("link.json").state == "usable"
    assert {name: each.state for name, each in found.items()} == dict.fromkeys(found, "damaged")
    assert "a folder" in found["folder.json"].words
    assert "link to a file that is not there" in found["nothing.json"].words
    assert "cannot be read" in found["loop.json"].words
    assert "no ordinary file" in found["pipe.json"].words


def test_what_is_no_json_by_its_name_or_lies_deeper_is_passed_over(home: CcsHome) -> None:
    with_token(home, antigravity(), "readme.txt")
    with_token(home, antigravity(), "below/deep.json")
    assert read(home).accounts == ()


def test_a_file_that_is_being_written_is_read_once_more(home: CcsHome, monkeypatch: pytest.MonkeyPatch) -> None:
    with_token(home, b"")
    pauses: list[float] = []

    def write_meanwhile(seconds: float) -> None:
        pauses.append(seconds)
        with_token(home, antigravity())

    monkeypatch.setattr(token_files.time, "sleep", write_meanwhile)
    assert only(home).state == "usable"
    assert len(pauses) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"providers": 3}', '{"providers": {"agy": []}}', "[" * 99_999])
def test_a_list_that_is_none_takes_no_account_away(home: CcsHome, content: str) -> None:
    with_token(home, antigravity())
    home.write("cliproxy/accounts.json", content)
    assert only(home).state == "usable"
    assert all("accounts.json" in note for note in read(home).notes)


@pytest.mark.parametrize("file", ["../../secret.json", "/etc/passwd", "", None, 3, "a\0b"])
def test_the_list_names_no_file_outside_its_folder(home: CcsHome, file: object) -> None:
    accounts = {"x": {"email": "ann@example.com", "tokenFile": file}, "y": None}
    home.write("cliproxy/accounts.json", {"providers": {"agy": {"accounts": accounts}}})
    assert read(home).accounts == ()


def test_a_home_that_is_no_folder_and_a_folder_that_is_none_are_noted(home: CcsHome) -> None:
    home.folder.write_text("")
    assert "no folder" in read(home).notes[0]
    home.folder.unlink()
    home.write("cliproxy/auth", "")
    assert "cliproxy/auth" in read(home).notes[0]


def test_a_token_from_the_future_points_at_the_clock(home: CcsHome) -> None:
    account = only(with_token(home, antigravity(minutes=120)))
    assert "in the future" in account.words
    assert "clock" in account.hint


def test_a_thousand_accounts_are_read_in_half_a_second_and_each_has_its_own_name(home: CcsHome) -> None:
    emails = [f"user{number:04d}@example.com" for number in range(1000)]
    for email in emails:
        with_token(home, antigravity(email), f"antigravity-{email}.json")
    home.write("cliproxy/accounts.json", registry(*emails))
    # Of this process alone: the machine may be busy with other tests.
    begun = time.process_time()
    found = read(home)
    assert time.process_time() - begun < 0.5
    assert len({each.name for each in found.accounts}) == 1000
    assert found.summary() == "1000 accounts: 1000 usable"


def test_no_token_and_no_whole_e_mail_is_in_what_is_told(home: CcsHome) -> None:
    with_token(home, antigravity())
    with_token(home, antigravity(minutes=-9, refresh_token=""), "other.json")
    with_token(home, json.dumps(antigravity())[:-1], "antigravity-carla@example.com.json")
    told = repr(read(home))
    assert "canary" not in told
    assert "ann@" not in told
    assert "carla" not in told


def test_words_in_a_file_steer_no_terminal(home: CcsHome) -> None:
    account = only(with_token(home, {"type": "co\x1b[2Jdex", "email": "e\x07ve\u202e@example.com\n\n"}))
    assert (account.provider, account.name) == ("co[2jdex", "e…e@example.com")


def test_the_files_are_only_read(home: CcsHome) -> None:
    with_token(home, antigravity())
    home.write("cliproxy/accounts.json", registry("ann@example.com"))
    files = sorted(path for path in home.folder.rglob("*") if path.is_file())
    before = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    read(home)
    after = sorted(path for path in home.folder.rglob("*") if path.is_file())
    assert before == [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in after]


def test_files_that_come_and_go_while_they_are_read_are_no_fault(home: CcsHome) -> None:
    path = with_token(home, antigravity()).folder / "cliproxy" / "auth" / ANN
    rounds = []

    def churn() -> None:
        while len(rounds) < 50:
            path.write_bytes(b"")
            path.write_text(json.dumps(antigravity()))
            path.rename(path.with_name("moved.json"))
            path.with_name("moved.json").rename(path)
            rounds.append(1)

    thread = Thread(target=churn)
    thread.start()
    while thread.is_alive():
        read(home)
    wait_for(lambda: not thread.is_alive())
    assert only(home).state == "usable"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("ann@example.com", "a…n@example.com"),
        ("al@example.com", "a…@example.com"),
        ("a@example.com", "…@example.com"),
        ("made-up-project", "m…t"),
        ("@", "…@"),
        ("", "…"),
    ],
)
def test_names_are_shortened(name: str, short: str) -> None:
    assert shortened(name) == short


def test_names_that_would_look_alike_are_told_apart() -> None:
    assert short_names(["anna.smith@x", "adam.brown@x"]) == ["a…h@x", "a…n@x"]
    assert short_names(["anna.north@x", "adam.smith@x"]) == ["anna.…h@x", "adam.…h@x"]
    assert short_names(["ann@x", "adn@x", "ann@y"]) == ["a…n@x", "a…n@x (2)", "a…n@y"]


@settings(max_examples=40)
@given(st.lists(st.emails(), max_size=20, unique=True))
def test_every_name_is_another_and_none_is_whole(names: list[str]) -> None:
    short = short_names(names)
    assert len(set(short)) == len(names)
    assert not set(short) & set(names)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_anything_may_stand_where_a_time_should(value: object) -> None:
    when = time_of(value)
    assert when is None or when.tzinfo is not None


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(10**20), 10**20) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_MEMBERS = ("type", "email", "project_id", "expired", "timestamp", "expires_in", "token", "disabled", "refresh_token")


@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON | st.sampled_from(["antigravity", "gemini", "vertex"])))
def test_anything_may_stand_in_a_token_file(tmp_path_factory: pytest.TempPathFactory, token: dict[str, Any]) -> None:
    home = CcsHome(tmp_path_factory.mktemp("ccs"))
    account = only(with_token(home, token))
    assert one_line(account.words) == account.words
    assert one_line(account.name) == account.name


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (61, "1 min"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (40_000, "11 h"),
        (-432_000, "5 days"),
    ],
)
def test_spans_are_told_in_their_largest_unit(seconds: float, words: str) -> None:
    assert span_words(seconds) == words
