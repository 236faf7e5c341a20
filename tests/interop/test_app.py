"""The app in a terminal against a real proxy: it finds it, and comes through when the key changes or the proxy goes."""

from functools import partial
from pathlib import Path

import yaml
from interop.binary import RealProxy, config
from interop.test_command import CUSTOM, ccs_home
from interop.upstream import Upstream, fox, google_error
from support.canary import kept, told
from support.terminal import Terminal, app, pictures


def ask(terminal: Terminal, prompt: str) -> None:
    terminal.press("ctrl+l")
    terminal.type(prompt)
    terminal.press("enter")


def come_through(terminal: Terminal, upstream: Upstream, folder: Path) -> None:
    """Ask until another picture is there: a refusal makes the app look again, the next request goes out better."""
    before = len(pictures(folder))
    for _ in range(4):
        failed = terminal.screen.count("✗ failed")
        ask(terminal, upstream.will(fox()).prompt)
        terminal.wait_for(partial(is_over, terminal, folder, before, failed))
        if len(pictures(folder)) > before:
            return
    raise AssertionError("no picture after four requests")


def is_over(terminal: Terminal, folder: Path, before: int, failed: int) -> bool:
    return len(pictures(folder)) > before or terminal.screen.count("✗ failed") > failed


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0


def test_a_home_is_all_it_needs(upstream: Upstream, tmp_path: Path) -> None:
    ccs = ccs_home(tmp_path / "ccs", config(upstream.url, keys=(CUSTOM,)))
    with ccs.proxy as proxy, app(tmp_path, CCS_DIR=str(ccs.home)) as terminal:
        terminal.wait_for(f"● CLIProxyAPI 127.0.0.1:{proxy.settings['port']}")
        terminal.wait_for("2 image models")
        ask(terminal, upstream.will(fox()).prompt)
        terminal.wait_for("✓ done")
        terminal.wait_for(lambda: len(pictures(tmp_path)) == 1)
        leave(terminal)
        assert told(terminal.raw, [CUSTOM]) == []
    assert kept(tmp_path, [CUSTOM], but=ccs.home) == {}


def test_a_refusal_is_told_in_the_app_as_headless(upstream: Upstream, proxy: RealProxy, tmp_path: Path) -> None:
    take = upstream.will(google_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."))
    ccs = ccs_home(tmp_path / "ccs", config(upstream.url, keys=(CUSTOM,)))
    with ccs.proxy, app(tmp_path, CCS_DIR=str(ccs.home)) as terminal:
        terminal.wait_for("● ")
        ask(terminal, take.prompt)
        terminal.wait_for("✗ failed")
        terminal.press("tab", "tab", "enter")
        terminal.wait_for("What to do")
        terminal.wait_for("Request had invalid authentication credentials.")
        terminal.press("escape")
        terminal.wait_for(lambda: "What to do" not in terminal.screen)
        leave(terminal)


def test_a_key_that_changes_while_the_app_runs_is_found_again(upstream: Upstream, tmp_path: Path) -> None:
    """One file is the proxy's config and the place where we look for its key."""
    ccs = ccs_home(tmp_path / "ccs", config(upstream.url, keys=(CUSTOM,)))
    with ccs.proxy as proxy, app(tmp_path, CCS_DIR=str(ccs.home)) as terminal:
        terminal.wait_for("● ")
        ask(terminal, upstream.will(fox()).prompt)
        terminal.wait_for("✓ done")
        changed = {**proxy.settings, "api-keys": ["a-newer-key-10ff"]}
        proxy.configure(changed, lambda: proxy.accepts("a-newer-key-10ff"))
        come_through(terminal, upstream, tmp_path)
        leave(terminal)


def test_a_proxy_that_comes_after_the_app_is_found(upstream: Upstream, tmp_path: Path) -> None:
    ccs = ccs_home(tmp_path / "ccs", config(upstream.url, keys=(CUSTOM,)))
    with app(tmp_path, CCS_DIR=str(ccs.home)) as terminal:
        terminal.wait_for(lambda: "○" in terminal.screen or "✗" in terminal.screen)
        ask(terminal, upstream.will(fox()).prompt)
        terminal.wait_for("✗ failed")
        with ccs.proxy:
            ask(terminal, upstream.will(fox()).prompt)
            terminal.wait_for("✓ done")
            terminal.wait_for("● CLIProxyAPI")
            leave(terminal)


def test_what_is_found_is_the_file_the_proxy_runs_with(upstream: Upstream, tmp_path: Path) -> None:
    ccs = ccs_home(tmp_path / "ccs", config(upstream.url, keys=(CUSTOM,)))
    assert yaml.safe_load(ccs.proxy.config_file.read_text())["api-keys"] == [CUSTOM]
    assert ccs.proxy.config_file == ccs.home / "cliproxy" / "config.yaml"
