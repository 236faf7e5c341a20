"""A real CLIProxyAPI as a process: its config, its folders, its start and its end."""

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import yaml
from support.waiting import wait_for

from tui.domain.proxy import ProxyAddress, Secret

VARIABLE: Final = "CLIPROXYAPI"
KEY: Final = "interop-key-51e0a7"
GOOGLE_KEYS: Final = ("made-up-google-key-a", "made-up-google-key-b")
_NOWHERE: Final = "http://127.0.0.1:9"
"""What the binary would fetch from the network at its start goes here: nobody listens."""


def config(upstream: str = "", *, keys: tuple[str, ...] = (KEY,), google_keys: int = 1, **more: Any) -> dict[str, Any]:
    """As CCS sets it up: no cooldowns, no retries, no keep-alives; ``google_keys`` accounts at ``upstream``."""
    accounts = [{"api-key": key, "base-url": upstream} for key in GOOGLE_KEYS[:google_keys]] if upstream else []
    return {
        "host": "127.0.0.1",
        "api-keys": list(keys),
        "remote-management": {"secret-key": "", "disable-control-panel": True},
        "disable-cooling": True,
        "request-retry": 0,
        "max-retry-interval": 0,
        "routing": {"strategy": "round-robin"},
        "gemini-api-key": accounts,
        **more,
    }


def antigravity_token(upstream: str, **more: Any) -> dict[str, Any]:
    """A token file as the proxy's login writes it, whose provider is our upstream; far from expiry."""
    return {
        "type": "antigravity",
        "access_token": "made-up-access-token",
        "refresh_token": "made-up-refresh-token",
        "expires_in": 86400,
        "expired": (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds"),
        "email": "ann@example.com",
        "project_id": "made-up-project",
        "base_url": upstream,
        **more,
    }


class RealProxy:
    """The binary that ``CLIPROXYAPI`` names, with ``settings`` and token files, ready inside its ``with`` block.

    ``config_file`` is where its config lies; it is written here, with a free port.
    """

    def __init__(
        self, settings: Mapping[str, Any], folder: Path, *, tokens: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.folder = folder
        self.auth = folder / "auth"
        self.auth.mkdir(parents=True, exist_ok=True)
        for name, token in (tokens or {}).items():
            (self.auth / name).write_text(json.dumps(token))
        self.settings = {"port": free_port(), "auth-dir": str(self.auth), **settings}
        self.config_file = folder / "config.yaml"
        self.config_file.write_text(yaml.safe_dump(self.settings, sort_keys=False))
        self._log = (folder / "output.log").open("wb")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['port']}"

    @property
    def address(self) -> ProxyAddress:
        """Where it is, with the first of its keys."""
        keys = self.settings.get("api-keys") or [KEY]
        return ProxyAddress(self.url, Secret(keys[0]))

    def configure(self, settings: Mapping[str, Any], until: Callable[[], object]) -> None:
        """Put another config in place of the one it runs with, and wait until it shows."""
        self.change(self.config_file, yaml.safe_dump(dict(settings), sort_keys=False), until)

    def change(self, path: Path, text: str, until: Callable[[], object]) -> None:
        """Write a file that the proxy watches, and wait until it shows; what it missed is written again."""
        for patience in (2.0, 4.0, 8.0):
            path.write_text(text)
            try:
                wait_for(until, patience)
            except AssertionError:
                # A change is not seen while the proxy is still starting to watch.
                continue
            return
        raise AssertionError(f"the proxy does not see {path.name}")

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        environment = {**os.environ, "HTTP_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE, "NO_PROXY": "127.0.0.1"}
        environment |= {"WRITABLE_PATH": str(self.folder)}
        self._process = subprocess.Popen(
            [os.environ[VARIABLE], "-config", str(self.config_file), "-local-model"],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        wait_for(self._is_ready)

    def stop(self) -> None:
        """End the process; nothing listens afterwards."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def models(self, key: str = "") -> set[str]:
        """The ids it serves; empty as long as it does not take ``key``."""
        headers = {"Authorization": f"Bearer {key or self.address.key.reveal()}"}
        try:
            with _direct.open(urllib.request.Request(f"{self.url}/v1/models", headers=headers)) as answer:
                return {row["id"] for row in json.load(answer)["data"]}
        except urllib.error.HTTPError:
            return set()

    def accepts(self, key: str) -> bool:
        """Whether it takes ``key``."""
        headers = {"Authorization": f"Bearer {key}"}
        try:
            with _direct.open(urllib.request.Request(f"{self.url}/v1/models", headers=headers)) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._log.close()
        if error is not None:
            error.add_note((self.folder / "output.log").read_text()[-2000:])

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "output.log").read_text()
        try:
            with _direct.open(f"{self.url}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False


_direct: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
