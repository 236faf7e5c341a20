"""The canary: whatever runs and whatever goes wrong, a key is in no output and no file, and goes to the proxy alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.canary import KEYS, LONG_KEY, ODD_KEY, SHORT_KEY, kept, seen, told
from support.ccs_homes import MANAGEMENT_SECRET, CcsHome, usual_home
from support.command import Outcome, image_gen
from support.echo_proxy import SCENES, EchoProxy
from support.raw_proxy import RawProxy
from support.terminal import Terminal, app

TOKENS = ("ya29.canary-access-77c0", "1//canary-refresh-a41b", "canary-client-secret-5d", "canary-remote-token-90e")
PERSON = "canary.person@example.com"
SECRETS = (*KEYS, *TOKENS, MANAGEMENT_SECRET, PERSON)


@dataclass
class Run:
    """The command run again and again in one folder; all that it said is kept."""

    folder: Path
    said: bytes = b""

    def __call__(self, *arguments: str, stdin: bytes | None = None, **environment: str) -> Outcome:
        done = image_gen(*arguments, cwd=self.folder, stdin=stdin, **environment)
        self.said += done.out + done.err.encode()
        return done

    def leaks(self, *secrets: str) -> object:
        """Where secrets came out: in what was said, or in files below the folder."""
        return (told(self.said, secrets), kept(self.folder, secrets, but=self.folder / "ccs")) if secrets else None


NONE: object = ([], {})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """All that the command keeps lies below the folder."""
    monkeypatch.setenv("IMAGE_GEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMAGE_GEN_RETRIES", "0")
    return Run(tmp_path)


@pytest.fixture
def elsewhere() -> Iterator[RawProxy]:
    """Another server, which nobody was told to trust."""
    with RawProxy(b"{}") as server:
        yield server


@pytest.fixture
def proxy(elsewhere: RawProxy) -> Iterator[EchoProxy]:
    with EchoProxy(elsewhere=elsewhere.url) as proxy:
        yield proxy
    assert elsewhere.connections == 0


def ccs_home(folder: Path, port: int, key: str) -> CcsHome:
    """A home full of secrets: logins of three kinds, the management's secret, a remote server that is off."""
    home = usual_home(folder, port, key)
    remote = {"enabled": False, "host": "", "auth_token": TOKENS[3], "management_key": MANAGEMENT_SECRET}
    home.config(port=port, key=key, remote=remote)
    home.generated(key, port=port)
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    login = {"access_token": TOKENS[0], "refresh_token": TOKENS[1], "expired": later, "email": PERSON}
    nested = {"access_token": TOKENS[0], "refresh_token": TOKENS[1], "client_secret": TOKENS[2], "expiry": later}
    home.write(f"cliproxy/auth/antigravity-{PERSON}.json", {"type": "antigravity", "project_id": "p", **login})
    home.write("cliproxy/auth/gemini-a.json", {"type": "gemini", "token": nested, "email": PERSON})
    home.write("cliproxy/auth-paused/codex-b.json", {"type": "codex", **login, "id_token": TOKENS[2]})
    home.write("cliproxy/auth/broken.json", f'{{"type": "antigravity", "access_token": "{TOKENS[0]}", "refresh_to')
    return home


def scenes(run: Run, *flags: str, **environment: str) -> dict[str, int]:
    """Every scene of the proxy once, plain and as JSON in turn; the exit status of each."""
    status = {}
    for number, scene in enumerate(SCENES):
        form = ("--json",) if number % 2 else ()
        streamed = ("--stream",) if scene == "stream" else ()
        status[scene] = run(f"a fox echo:{scene}", *form, *streamed, *flags, **environment).status
    return status


def test_no_failure_and_no_success_tells_the_key(run: Run, proxy: EchoProxy) -> None:
    flags = ("--proxy", proxy.url, "--api-key", LONG_KEY)
    status = scenes(run, *flags)
    assert {scene for scene, each in status.items() if each == 0} == {"stream"}
    assert run("a fox", "-n", "2", "--json", *flags).status == 0
    assert run("a fox", "-o", "copy.png", "--format", "webp", *flags).status == 0
    assert run("-", "-i", "copy.png", *flags, stdin=b"from standard input").status == 0
    assert proxy.heard.count(LONG_KEY.encode()) == len(proxy.requests)
    assert run.leaks(LONG_KEY) == NONE


@pytest.mark.parametrize("key", [SHORT_KEY, ODD_KEY], ids=["short", "odd"])
def test_a_key_of_another_kind_is_not_told_by_a_failure(key: str, run: Run, proxy: EchoProxy) -> None:
    environment = {"IMAGE_GEN_PROXY": proxy.url, "IMAGE_GEN_API_KEY": key}
    for scene in ("401", "object", "page", "redirect", "rubbish", "limit"):
        assert run(f"a fox echo:{scene}", "--json", **environment).status != 0
    assert proxy.heard.count(key.encode()) == len(proxy.requests)
    assert run.leaks(key) == NONE


def test_no_list_and_no_look_tells_a_secret_of_a_ccs_home(run: Run, proxy: EchoProxy) -> None:
    ccs_home(run.folder / "ccs", proxy.port, LONG_KEY)
    environment = {"CCS_DIR": str(run.folder / "ccs")}
    assert run("a fox", **environment).status == 0
    for command in ("models", "accounts", "doctor", "history"):
        for form in ((), ("--json",)):
            run(command, *form, **environment)
    run("doctor", "--probe", **environment)
    assert run.leaks(*SECRETS) == NONE
    assert told(proxy.heard, set(SECRETS) - {LONG_KEY}) == []
    assert_only_in_authorization(proxy, LONG_KEY)


def test_a_refused_key_is_not_told_by_any_look(run: Run, elsewhere: RawProxy) -> None:
    with EchoProxy(elsewhere=elsewhere.url, refuses=lambda key: True) as proxy:
        ccs_home(run.folder / "ccs", proxy.port, LONG_KEY)
        for command in (("a fox",), ("a fox", "--json"), ("models",), ("accounts",), ("doctor",), ("doctor", "--json")):
            run(*command, CCS_DIR=str(run.folder / "ccs"))
        assert run.leaks(*SECRETS) == NONE
        assert told(proxy.heard, set(SECRETS) - {LONG_KEY}) == []
        assert_only_in_authorization(proxy, LONG_KEY)


def test_files_that_are_damaged_where_a_secret_stands_do_not_tell_it(run: Run) -> None:
    home = ccs_home(run.folder / "ccs", 1, LONG_KEY)
    home.write(
        "config.yaml", f'cliproxy:\n  auth:\n    api_key: "{LONG_KEY}\n   management_secret: [{MANAGEMENT_SECRET}'
    )
    home.write("cliproxy/config.yaml", f"api-keys:\n  - {LONG_KEY}: [\n {MANAGEMENT_SECRET}: :")
    home.write("cliproxy/sessions.json", f'{{"port": "{LONG_KEY}", ')
    environment = {"CCS_DIR": str(run.folder / "ccs")}
    for command in (("a fox",), ("doctor",), ("doctor", "--json"), ("models",), ("accounts", "--json")):
        run(*command, **environment)
    assert run.leaks(*SECRETS) == NONE


def test_a_key_in_the_wrong_place_is_refused_without_being_told(run: Run) -> None:
    spaced = f"{LONG_KEY} and more"
    for arguments, environment in (
        (("a fox", "--api-key", spaced), {}),
        (("a fox",), {"IMAGE_GEN_API_KEY": spaced}),
        (("a fox", "--proxy", f"http://me:{LONG_KEY}@127.0.0.1:1"), {}),
        (("a fox",), {"IMAGE_GEN_PROXY": f"http://127.0.0.1:1/?key={LONG_KEY}"}),
    ):
        assert run(*arguments, **environment).status == 2
    settings = run.folder / "home" / "settings.toml"
    settings.parent.mkdir()
    for text in (f'api_key = ["{LONG_KEY}"]', f'api_key = "{LONG_KEY}', f'api_kye = "{LONG_KEY}"'):
        settings.write_text(text)
        run("history")
    settings.unlink()
    assert run.leaks(LONG_KEY) == NONE


def test_the_sandbox_is_told_no_key_and_tells_none(run: Run) -> None:
    environment = {"IMAGE_GEN_API_KEY": LONG_KEY, "IMAGE_GEN_SANDBOX_DELAY": "0"}
    ccs_home(run.folder / "ccs", 1, LONG_KEY)
    assert run("a fox", "--sandbox", CCS_DIR=str(run.folder / "ccs"), **environment).status == 0
    assert run("a fox sandbox:unauthorized", "--sandbox", "--json", **environment).status == 4
    assert run.leaks(*SECRETS) == NONE


def test_the_app_shows_and_keeps_no_secret(tmp_path: Path, proxy: EchoProxy) -> None:
    ccs_home(tmp_path / "ccs", proxy.port, LONG_KEY)
    screens = []
    with app(tmp_path, CCS_DIR=str(tmp_path / "ccs")) as terminal:
        terminal.wait_for("● ")
        ask(terminal, "a fox", "✓ done", screens)
        for scene in ("401", "page", "finish"):
            ask(terminal, f"echo:{scene}", "✗ failed", screens)
            terminal.press("tab", "tab", "enter")
            terminal.wait_for("What to do")
            leave(terminal, screens, "Job ·")
            terminal.press("shift+tab", "shift+tab")
        for key, words, title in (("f1", "next pane", "Help"), ("f7", "makes pictures with", "Accounts")):
            terminal.press(key)
            terminal.wait_for(words)
            leave(terminal, screens, title)
        terminal.press("tab", "t")
        terminal.wait_for("The model says")
        leave(terminal, screens, "Words")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert told(terminal.raw, SECRETS) == []
    assert any("antigravity" in screen.lower() for screen in screens), "the accounts were not shown"
    assert [seen(screen, SECRETS) for screen in screens if seen(screen, SECRETS)] == []
    assert kept(tmp_path, SECRETS, but=tmp_path / "ccs") == {}
    assert_only_in_authorization(proxy, LONG_KEY)
    assert told(proxy.heard, set(SECRETS) - {LONG_KEY}) == []


def ask(terminal: Terminal, prompt: str, end: str, screens: list[str]) -> None:
    before = terminal.screen.count(end)
    terminal.type(prompt)
    terminal.press("enter")
    terminal.wait_for(lambda: terminal.screen.count(end) > before)
    screens.append(terminal.screen)


def leave(terminal: Terminal, screens: list[str], title: str) -> None:
    """Keep what a dialog shows, and close it; an escape and the next key must not arrive as one.

    A dialog that grows is drawn anew: its frame's foot alone may be away for a moment.
    """
    terminal.wait_for("Esc back")
    screens.append(terminal.screen)
    terminal.press("escape")
    terminal.wait_for(lambda: "Esc back" not in terminal.screen and f"─ {title}" not in terminal.screen)


def assert_only_in_authorization(proxy: EchoProxy, key: str) -> None:
    """The key goes out as the one header it belongs in, and nowhere else."""
    assert proxy.requests
    for request in proxy.requests:
        rest = request.replace(b"Authorization: Bearer " + key.encode() + b"\r\n", b"")
        assert told(rest, [key]) == []


def test_the_search_finds_what_it_should(tmp_path: Path) -> None:
    """A search that finds nothing proves nothing unless it can find."""
    for key in KEYS:
        assert told(f"x{key}x", [key]) == [key]
        assert told(json.dumps({"key": key}), [key]) == [key]
        assert seen(f"{key[:3]}│\n│ {key[3:]}", [key]) == [key]
        (tmp_path / "file").write_text(f"{key}\n")
        assert kept(tmp_path, [key]) == {str(tmp_path / "file"): [key]}
