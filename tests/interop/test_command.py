"""The installed command against a real proxy: a CCS home is all it needs, and each state is told as it is."""

import http.server
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from interop.binary import KEY, RealProxy, antigravity_token, config
from interop.upstream import Answer, Upstream, fox, google_error, painted, said
from PIL import Image
from support.command import Outcome, image_gen, pictures

CUSTOM = "a-key-of-my-own-77ad"


@dataclass(frozen=True)
class Ccs:
    """A made-up CCS home, and the proxy that runs with the very config that lies in it."""

    home: Path
    proxy: RealProxy

    def run(self, *arguments: str, cwd: Path, **environment: str) -> Outcome:
        return image_gen(*arguments, cwd=cwd, CCS_DIR=str(self.home), **environment)


def ccs_home(folder: Path, settings: Mapping[str, Any], tokens: Mapping[str, Mapping[str, Any]] | None = None) -> Ccs:
    """As CCS lays it out: its own config above, the proxy's in ``cliproxy``, token files in ``cliproxy/auth``."""
    proxy = RealProxy(settings, folder / "cliproxy", tokens=tokens)
    own = {
        "version": 13,
        "cliproxy": {"backend": "original"},
        "cliproxy_server": {"remote": {"enabled": False, "host": ""}, "local": {"port": proxy.settings["port"]}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(own))
    return Ccs(folder, proxy)


@pytest.fixture
def ccs(tmp_path: Path, upstream: Upstream) -> Ccs:
    """Another port than the usual one, and a key that is nobody's default."""
    return ccs_home(tmp_path / "ccs", config(upstream.url, keys=(CUSTOM,)))


def test_a_prompt_and_no_flag_is_a_picture(ccs, upstream, tmp_path):
    take = upstream.will(fox(), prompt="a red fox")
    with ccs.proxy:
        done = ccs.run("a red fox", cwd=tmp_path)
    assert (done.status, len(take.calls)) == (0, 1), done.err
    (path,) = done.lines
    assert Path(path).is_file()
    with Image.open(path) as picture:
        assert picture.size == (64, 36)
    (metadata,) = (tmp_path / "generated_images").glob("metadata_*.json")
    kept = json.loads(metadata.read_text())
    assert (kept["prompt"], kept["proxy"]) == ("a red fox", ccs.proxy.url)
    assert CUSTOM not in metadata.read_text() + done.err


def test_the_old_key_in_the_home_is_passed_over_for_the_one_that_is_taken(ccs, upstream, tmp_path):
    """``ccs tokens`` may leave another key in config.yaml than the proxy runs with."""
    own = yaml.safe_load((ccs.home / "config.yaml").read_text())
    own["cliproxy"]["auth"] = {"api_key": "an-older-key"}
    (ccs.home / "config.yaml").write_text(yaml.safe_dump(own))
    with ccs.proxy:
        done = ccs.run(upstream.will(fox()).prompt, cwd=tmp_path)
    assert done.status == 0, done.err


def test_a_home_in_the_person_s_folder_is_found(upstream, tmp_path):
    ccs = ccs_home(Path(os.environ["HOME"]) / ".ccs", config(upstream.url, keys=(CUSTOM,)))
    with ccs.proxy:
        done = image_gen(upstream.will(fox()).prompt, cwd=tmp_path)
    assert done.status == 0, done.err


def test_four_at_once_are_four_pictures(ccs, upstream, tmp_path):
    take = upstream.will(fox())
    with ccs.proxy:
        done = ccs.run(take.prompt, "-n", "4", "--json", cwd=tmp_path)
    assert [each["status"] for each in done.objects] == ["done"] * 4
    assert (len(take.calls), len(pictures(tmp_path))) == (4, 4)


def test_a_reference_goes_out_as_a_picture_beside_the_words(ccs, upstream, tmp_path):
    (tmp_path / "start.png").write_bytes(painted(size=(16, 16)))
    take = upstream.will(fox())
    with ccs.proxy:
        done = ccs.run(take.prompt, "-i", "start.png", cwd=tmp_path)
    assert done.status == 0, done.err
    parts = take.calls[0].body["contents"][-1]["parts"]
    data = [part.get("inlineData") or part.get("inline_data") for part in parts]
    assert [("mime_type" in each or "mimeType" in each) for each in data if each] == [True]
    assert [part["text"] for part in parts if "text" in part] == [take.prompt]


def test_a_failure_that_passes_is_tried_once_more_by_itself(ccs, upstream, tmp_path):
    take = upstream.will(google_error(503, "UNAVAILABLE", "Overloaded."), fox())
    with ccs.proxy:
        done = ccs.run(take.prompt, cwd=tmp_path)
    assert (done.status, len(take.calls)) == (0, 2), done.err


def test_no_retry_is_no_retry(ccs, upstream, tmp_path):
    take = upstream.will(google_error(503, "UNAVAILABLE", "Overloaded."), fox())
    with ccs.proxy:
        done = ccs.run(take.prompt, "--retries", "0", cwd=tmp_path)
    assert (done.status, len(take.calls)) == (1, 1), done.err


def test_a_long_limit_is_told_and_not_waited_for(ccs, upstream, tmp_path):
    limit = google_error(429, "RESOURCE_EXHAUSTED", "Quota.", {"kind": "RetryInfo", "retryDelay": "432000s"})
    take = upstream.will(limit)
    with ccs.proxy:
        done = ccs.run(take.prompt, "--json", cwd=tmp_path)
    assert (done.status, len(take.calls)) == (5, 1)
    assert done.objects[0]["error"]["retry_after"] == 432000


def test_a_short_limit_is_waited_for(ccs, upstream, tmp_path):
    limit = google_error(429, "RESOURCE_EXHAUSTED", "Quota.", {"kind": "RetryInfo", "retryDelay": "0.5s"})
    take = upstream.will(limit, fox())
    with ccs.proxy:
        done = ccs.run(take.prompt, cwd=tmp_path)
    assert (done.status, len(take.calls)) == (0, 2), done.err
    assert take.calls[1].at - take.calls[0].at >= 0.5


def test_a_stream_is_asked_for_when_wanted(ccs, upstream, tmp_path):
    take = upstream.will(fox())
    with ccs.proxy:
        done = ccs.run(take.prompt, "--stream", cwd=tmp_path)
    assert done.status == 0, done.err
    assert take.calls[0].streamed


def test_the_models_are_those_that_are_served(ccs, tmp_path):
    with ccs.proxy:
        done = ccs.run("models", "--json", cwd=tmp_path)
    assert done.status == 0
    served = {each["id"]: each["served"] for each in done.objects}
    assert served["gemini-3-pro-image-preview"] is True
    assert CUSTOM not in done.out.decode() + done.err


@dataclass(frozen=True)
class State:
    """A state of the proxy: how its config differs, and what the command and the doctor must say of it."""

    status: int
    words: str
    settings: Mapping[str, Any]
    running: bool = True
    key: str = CUSTOM


STATES = {
    "stopped": State(3, "nothing listens", {}, running=False),
    "another key": State(4, "key", {}, key="another-key"),
    "empty": State(4, "account", {"gemini-api-key": []}),
    "the example's keys": State(4, "template", {"api-keys": ["your-api-key-1"]}, key="your-api-key-1"),
}


@pytest.mark.parametrize("name", STATES)
def test_each_state_is_told_with_what_to_type_and_the_doctor_agrees(name, upstream, tmp_path):
    state = STATES[name]
    ccs = ccs_home(tmp_path / "ccs", {**config(upstream.url, keys=(CUSTOM,)), **state.settings})
    shown = {**ccs.proxy.settings, "api-keys": [state.key]}
    if state.running:
        ccs.proxy.start()
    try:
        # The file that is found may not be the one the proxy runs with: it was changed, or belongs to another.
        (tmp_path / "found" / "cliproxy").mkdir(parents=True)
        (tmp_path / "found" / "config.yaml").write_text((ccs.home / "config.yaml").read_text())
        (tmp_path / "found" / "cliproxy" / "config.yaml").write_text(yaml.safe_dump(shown))
        told = image_gen("a red fox", cwd=tmp_path, CCS_DIR=str(tmp_path / "found"))
        doctor = image_gen("doctor", "--json", cwd=tmp_path, CCS_DIR=str(tmp_path / "found"))
    finally:
        ccs.proxy.stop()
    assert told.status == state.status, told.err
    assert state.words in told.err.lower()
    assert len(told.err.splitlines()) <= 3, told.err
    assert doctor.status != 0, doctor.out


class Page(http.server.BaseHTTPRequestHandler):
    """A web server that has nothing to do with pictures."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._greet
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        return

    def _greet(self) -> None:
        body = b"<!doctype html><title>Welcome</title><p>It works!"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_another_server_on_the_port_is_told_as_such(upstream, tmp_path):
    """A page in place of the proxy: the command and the doctor say so."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = {**config(keys=(CUSTOM,)), "port": server.server_address[1]}
        ccs = ccs_home(tmp_path / "ccs", settings)
        told = ccs.run("a red fox", cwd=tmp_path)
        doctor = ccs.run("doctor", "--json", cwd=tmp_path)
        server.shutdown()
    assert told.status == 1, told.err
    assert "It works!" in told.err
    assert doctor.status != 0


def test_the_doctor_finds_a_proxy_that_works_well(ccs, tmp_path):
    with ccs.proxy:
        done = ccs.run("doctor", "--json", cwd=tmp_path)
    assert done.status == 0, done.out
    assert CUSTOM not in done.out.decode() + done.err


def test_an_antigravity_login_is_seen_by_accounts_and_makes_a_picture(upstream, tmp_path):
    tokens = {"antigravity-ann@example.com.json": antigravity_token(upstream.url)}
    ccs = ccs_home(tmp_path / "ccs", config(keys=(CUSTOM,)), tokens)
    take = upstream.will(fox())
    with ccs.proxy:
        accounts = ccs.run("accounts", cwd=tmp_path)
        made = ccs.run(take.prompt, "-m", "gemini-3.1-flash-image", cwd=tmp_path)
    assert made.status == 0, made.err
    shown = accounts.out.decode() + accounts.err
    assert "antigravity" in shown.lower()
    for secret in ("ann@example.com", "made-up-access-token", "made-up-refresh-token", CUSTOM):
        assert secret not in shown


def test_the_key_given_by_hand_comes_before_all_that_is_found(ccs, upstream, tmp_path):
    with ccs.proxy:
        wrong = ccs.run("a fox", "--api-key", "by-hand", cwd=tmp_path)
        right = ccs.run(upstream.will(fox()).prompt, "--api-key", CUSTOM, "--proxy", ccs.proxy.url, cwd=tmp_path)
    assert wrong.status == 4
    assert right.status == 0, right.err
    assert KEY not in right.err


def test_a_page_from_the_provider_is_no_markup_on_the_screen(ccs, upstream, tmp_path):
    take = upstream.will(said("<html><title>Error 502</title><b>bad</b> [red]x[/red]", 502, "text/html"))
    with ccs.proxy:
        done = ccs.run(take.prompt, "--retries", "0", cwd=tmp_path)
    assert done.status == 1
    assert "<b>" not in done.err
    assert "[red]x[/red]" in done.err


def test_a_provider_that_never_answers_ends_with_the_timeout(ccs, upstream, tmp_path):
    take = upstream.will(Answer(after=threading.Event()))
    with ccs.proxy:
        done = ccs.run(take.prompt, "--timeout", "1", "--retries", "0", cwd=tmp_path)
        assert take.calls[0].left.wait(2)
    assert done.status == 3
