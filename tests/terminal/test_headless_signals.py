"""Stopping the real command: signals, a reader that goes away, and the line a person sees meanwhile."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest
from support.command import COMMAND, image_gen, leftovers, on_a_terminal, pictures, start
from support.replay_server import KEY, Exchange, ReplayServer
from support.waiting import wait_for, wait_until


def environment_of(server):
    return {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}


async def finish(process):
    out, err = await asyncio.to_thread(process.communicate, timeout=30)
    assert b"Traceback" not in err
    return process.returncode, out, err.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_closes_the_socket_leaves_nothing_and_is_status_130(number, tmp_path):
    async with ReplayServer(Exchange(hang=True)) as server:
        process = start("fox", cwd=tmp_path, environment=environment_of(server))
        await asyncio.wait_for(server.arrived.wait(), 20)
        os.killpg(process.pid, number)
        status, out, err = await finish(process)
        await asyncio.wait_for(server.requests[0].client_left.wait(), 5)
    assert (status, out) == (130, b"")
    assert "Interrupted" in err
    assert pictures(tmp_path) == leftovers(tmp_path) == []


async def test_a_signal_in_the_middle_of_a_picture_leaves_no_part_of_it(tmp_path):
    head = b'{"choices":[{"message":{"images":[{"image_url":{"url":"data:image/png;base64,'
    halfway = Exchange(
        parts=(head, b"iVBORw0KGgo" * 100_000), headers={"Content-Type": "application/json"}, hang=True, chunked=True
    )
    async with ReplayServer(halfway) as server:
        process = start("fox", cwd=tmp_path, environment=environment_of(server))
        await wait_until(lambda: leftovers(tmp_path), 20)
        os.killpg(process.pid, signal.SIGINT)
        status, _, _ = await finish(process)
    assert status == 130
    assert pictures(tmp_path) == leftovers(tmp_path) == []


async def test_all_requests_are_on_their_way_at_once_and_each_that_was_not_done_is_a_line(tmp_path):
    async with ReplayServer(Exchange(hang=True)) as server:
        process = start("fox", "-n", "6", "--json", cwd=tmp_path, environment=environment_of(server))
        await wait_until(lambda: len(server.requests) == 6, 20)
        os.killpg(process.pid, signal.SIGINT)
        status, out, _ = await finish(process)
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 130
    assert [line["error"]["code"] for line in lines] == ["interrupted"] * 6


def test_ctrl_c_ends_the_command_and_the_sandbox_inside_it(tmp_path):
    process = start("fox sandbox:timeout", "--sandbox", "--json", cwd=tmp_path)
    wait_for(lambda: children_of(process.pid) and (tmp_path / "generated_images").exists(), 20)
    (sandbox,) = children_of(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert not Path(f"/proc/{sandbox}").exists()


def children_of(pid):
    """The processes that any thread of ``pid`` started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def test_ctrl_c_while_it_is_still_starting_is_quiet_too(tmp_path):
    process = start("fox sandbox:timeout", "--sandbox", "--json", cwd=tmp_path)
    wait_for(lambda: children_of(process.pid), 20)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert json.loads(out)["error"]["code"] == "interrupted"


def test_a_prompt_typed_on_a_terminal_is_asked_for_and_ctrl_c_ends_it_quietly(tmp_path):
    controller, terminal = pty.openpty()
    process = start("-", cwd=tmp_path, stdin=terminal)
    assert b"Ctrl+D" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    os.close(terminal)
    os.close(controller)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")


async def test_a_second_signal_ends_it_at_once(tmp_path):
    async with ReplayServer(Exchange(hang=True)) as server:
        process = start("fox", cwd=tmp_path, environment=environment_of(server))
        await asyncio.wait_for(server.arrived.wait(), 20)
        os.kill(process.pid, signal.SIGSTOP)
        os.kill(process.pid, signal.SIGINT)
        os.kill(process.pid, signal.SIGTERM)
        os.kill(process.pid, signal.SIGCONT)
        status, _, _ = await finish(process)
    assert status == 130


def test_a_reader_that_goes_away_stops_the_printing_and_not_the_work(painting_proxy, tmp_path):
    environment = {"IMAGE_GEN_PROXY": painting_proxy.url, "IMAGE_GEN_API_KEY": painting_proxy.key.reveal()}
    process = start("fox", "-n", "3", cwd=tmp_path, environment=environment)
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(30) == 0
    assert b"Traceback" not in err
    assert b"Exception" not in err
    assert len(pictures(tmp_path)) == 3
    process.stderr.close()


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["history"], ["models", "--json"]])
def test_a_reader_that_goes_away_is_met_quietly_by_every_command(arguments, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    process = start(*arguments, cwd=tmp_path, stdout=writer)
    os.close(writer)
    err = process.stderr.read()
    process.wait(30)
    process.stderr.close()
    assert b"Traceback" not in err
    assert b"Exception" not in err


def test_closed_standard_streams_are_no_crash(painting_proxy, tmp_path):
    environment = {"IMAGE_GEN_PROXY": painting_proxy.url, "IMAGE_GEN_API_KEY": painting_proxy.key.reveal()}
    script = 'exec "$@" <&- >&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *COMMAND, "fox"],
        cwd=tmp_path,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert len(pictures(tmp_path)) == 1


def test_progress_is_one_line_rewritten_in_place_and_cleared_at_the_end(painting_proxy, tmp_path):
    environment = {"IMAGE_GEN_PROXY": painting_proxy.url, "IMAGE_GEN_API_KEY": painting_proxy.key.reveal()}
    arguments = ("fox sandbox:slow=1", "-n", "2", "-m", "gemini-3-pro-image")
    shown, out = on_a_terminal(*arguments, cwd=tmp_path, **environment)
    assert len(out.splitlines()) == 2
    assert "the model is at work" in shown
    assert "of 2 done" in shown
    assert re.search(r"\b1 s\b", shown)
    assert "\n" not in shown
    assert shown.endswith("\r\x1b[K")
    assert "\x1b[36m" in shown


def test_progress_has_no_colour_where_none_is_wanted(painting_proxy, tmp_path):
    environment = {"IMAGE_GEN_PROXY": painting_proxy.url, "IMAGE_GEN_API_KEY": painting_proxy.key.reveal()}
    shown, _ = on_a_terminal("fox", cwd=tmp_path, NO_COLOR="1", **environment)
    assert "at work" in shown or "starting" in shown
    assert not re.search(r"\x1b\[[0-9;]*m", shown)


def test_a_terminal_that_cannot_be_steered_gets_no_progress(painting_proxy, tmp_path):
    environment = {"IMAGE_GEN_PROXY": painting_proxy.url, "IMAGE_GEN_API_KEY": painting_proxy.key.reveal()}
    shown, _ = on_a_terminal("fox", "-m", "gemini-3-pro-image", cwd=tmp_path, TERM="dumb", **environment)
    assert shown == ""


def test_no_terminal_gets_no_progress(painting_proxy, tmp_path):
    environment = {"IMAGE_GEN_PROXY": painting_proxy.url, "IMAGE_GEN_API_KEY": painting_proxy.key.reveal()}
    assert image_gen("fox", "-m", "gemini-3-pro-image", cwd=tmp_path, **environment).err == ""
