"""What a proxy served is known when it is away, and only an answer replaces an answer."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.connect.models import FILE_NAME, MAX_PROXIES, keep, recall
from tui.domain.proxy import ProxyAddress, ProxyHealth, Secret

NOW = datetime(2026, 11, 25, 10, 42, tzinfo=UTC)
HERE = ProxyAddress("http://127.0.0.1:8317", Secret("a-key-that-stays-secret"))
SERVING = ProxyHealth(
    True, "CLIProxyAPI", ("acme/p", "gemini-3-pro-image"), owners={"acme/p": "acme"}, painters=frozenset({"acme/p"})
)


def test_what_was_served_is_recalled_by_another_process_with_its_time(tmp_path):
    keep(tmp_path / "cache", HERE, SERVING, NOW)
    listed = recall(tmp_path / "cache", HERE)
    assert (listed.models, listed.owners, listed.painters) == (SERVING.models, SERVING.owners, SERVING.painters)
    assert listed.at == NOW
    assert listed.health.image_models == SERVING.image_models
    assert not listed.health.answers


def test_as_of_names_the_day_where_it_is_not_today(tmp_path):
    listed = keep(tmp_path, HERE, SERVING, NOW)
    local = NOW.astimezone()
    assert listed.as_of(local.date()) == f"as of {local:%H:%M}"
    assert listed.as_of(local.date() + timedelta(days=1)) == f"as of {local:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "health",
    [
        ProxyHealth(False, trouble="Nothing answers."),
        ProxyHealth(True, "CLIProxyAPI", trouble="The key is refused.", key_refused=True),
    ],
)
def test_a_refused_key_or_a_proxy_that_is_away_wipes_nothing(health, tmp_path):
    keep(tmp_path, HERE, SERVING, NOW)
    assert keep(tmp_path, HERE, health, NOW + timedelta(hours=1)) is None
    assert recall(tmp_path, HERE).at == NOW


def test_each_proxy_has_its_own_list_and_an_empty_answer_is_one(tmp_path):
    there = ProxyAddress("https://proxy.example")
    keep(tmp_path, HERE, SERVING, NOW)
    keep(tmp_path, there, ProxyHealth(True, models=()), NOW)
    assert recall(tmp_path, HERE).models == SERVING.models
    assert recall(tmp_path, there).models == ()
    assert recall(tmp_path, ProxyAddress("http://127.0.0.1:9")) is None


def test_neither_key_nor_login_is_written_and_the_file_is_its_owners_alone(tmp_path):
    folder = tmp_path / "cache"
    keep(folder, ProxyAddress("http://ann:hush-word@127.0.0.1:8317", HERE.key), SERVING, NOW)
    text = (folder / FILE_NAME).read_text()
    assert "hush-word" not in text
    assert HERE.key.reveal() not in text
    assert recall(folder, HERE).models == SERVING.models
    assert (folder / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_sandbox_leaves_nothing_behind(tmp_path):
    listed = keep(tmp_path, ProxyAddress(source="sandbox"), SERVING, NOW)
    assert listed.models == SERVING.models
    assert list(tmp_path.iterdir()) == []


def test_only_the_proxies_asked_last_are_kept(tmp_path):
    for number in range(MAX_PROXIES + 3):
        keep(tmp_path, ProxyAddress(f"http://127.0.0.1:{number + 1}"), SERVING, NOW + timedelta(minutes=number))
    kept = json.loads((tmp_path / FILE_NAME).read_text())["proxies"]
    assert sorted(kept) == sorted(f"http://127.0.0.1:{number + 1}" for number in range(3, MAX_PROXIES + 3))


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert keep(tmp_path / "file", HERE, SERVING, NOW).models == SERVING.models
    assert recall(tmp_path / "file", HERE) is None


def test_many_at_once_leave_a_whole_file_and_nothing_else(tmp_path):
    def write(number):
        for _ in range(10):
            keep(tmp_path, ProxyAddress(f"http://127.0.0.1:{number}"), SERVING, NOW)
            whole.append(bool(json.loads((tmp_path / FILE_NAME).read_text())["proxies"]))

    whole: list[bool] = []
    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert whole == [True] * 40
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@given(damage=st.binary(max_size=60) | st.sampled_from([b"[]", b'{"schema":1,"proxies":{"x":1}}', b"[" * 9999]))
def test_a_damaged_file_is_no_list_and_is_made_anew(damage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    (folder / FILE_NAME).write_bytes(damage)
    assert recall(folder, HERE) is None
    keep(folder, HERE, SERVING, NOW)
    assert recall(folder, HERE).models == SERVING.models


def test_names_that_somebody_wrote_into_the_file_carry_no_control_characters(tmp_path):
    row = {"at": NOW.isoformat(), "models": ["a\u001b[2Jb", " "]}
    (tmp_path / FILE_NAME).write_text(json.dumps({"schema": 1, "proxies": {HERE.url: row}}))
    assert recall(tmp_path, HERE).models == ("a[2Jb",)
