"""The sandbox as a child: found by pipe, reachable from here only, and gone when its parent is."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from support.waiting import wait_for

from tui.domain.errors import InvalidRequest, ServerError
from tui.proxy import child
from tui.proxy.child import start_sandbox
from tui.proxy.server import HOST, SandboxServer

PARENT = """
import asyncio, json, sys
from tui.proxy.child import start_sandbox
async def main():
    sandbox = await start_sandbox(delay=0)
    sys.stdout.write(json.dumps({"url": sandbox.address.url, "pid": sandbox.pid}) + "\\n")
    sys.stdout.flush()
    await asyncio.Event().wait()
asyncio.run(main())
"""


def proc(pid: int, name: str) -> bytes:
    """What the system tells about a process."""
    return Path(f"/proc/{pid}/{name}").read_bytes()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def test_it_is_ready_when_it_is_given_back_and_gone_when_stopped() -> None:
    sandbox = await start_sandbox(delay=0)
    try:
        assert sandbox.address.source == "sandbox"
        async with httpx.AsyncClient(trust_env=False) as plain:
            answer = await plain.get(f"{sandbox.address.url}/healthz")
        assert answer.json() == {"status": "ok"}
    finally:
        started = time.monotonic()
        sandbox.stop()
        elapsed = time.monotonic() - started
    assert elapsed < 0.3
    assert not is_alive(sandbox.pid)
    sandbox.stop()


async def test_the_key_is_in_no_argument_list_and_in_no_environment() -> None:
    sandbox = await start_sandbox(delay=0)
    try:
        key = sandbox.address.key.reveal().encode()
        assert len(key) > 20
        assert key not in proc(sandbox.pid, "cmdline")
        assert key not in proc(sandbox.pid, "environ")
        assert key.decode() not in repr(sandbox.address)
    finally:
        sandbox.stop()


async def test_it_listens_on_this_machine_only() -> None:
    sandbox = await start_sandbox(delay=0)
    try:
        port = int(sandbox.address.url.rpartition(":")[2])
        listening = [
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in proc(sandbox.pid, f"net/{table}").decode().splitlines()[1:]
            if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
        ]
    finally:
        sandbox.stop()
    assert listening == [f"0100007F:{port:04X}"]


def test_it_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        told = json.loads(parent.stdout.readline())
        assert is_alive(told["pid"])
        parent.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_alive(told["pid"]), timeout=5)


async def test_a_folder_called_tui_in_the_way_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tui").mkdir()
    (tmp_path / "tui" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    monkeypatch.chdir(tmp_path)
    sandbox = await start_sandbox(delay=0)
    sandbox.stop()


async def test_a_child_that_cannot_start_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no luck today >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(child.sys, "executable", str(broken))
    with pytest.raises(ServerError) as caught:
        await start_sandbox()
    assert caught.value.title == "The sandbox did not come up"
    assert caught.value.detail == "no luck today"


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidRequest, match=f"port {port}"):
            SandboxServer(port=port)


def test_it_announces_itself_and_ends_with_an_interrupt() -> None:
    script = "from tui.proxy.server import serve; serve(port=0, delay=0, announce=True, key='a-key-of-mine')"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().decode() for _ in range(5)]
        url = said[0].split()[-1]
        opened = httpx.get(f"{url}/v1/models", headers={"Authorization": "Bearer a-key-of-mine"}, trust_env=False)
        os.kill(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=10)
    assert said[0].startswith("image-gen sandbox listens on http://127.0.0.1:")
    assert opened.status_code == 200
    assert "a-key-of-mine" in said[1]
    assert complaints == b""
