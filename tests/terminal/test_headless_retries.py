"""What the real command sends again by itself, counted by the server, and what it says meanwhile."""

import asyncio
import base64
import json
import os
import re
import signal
import time
from pathlib import Path

import pytest
from support.command import image_gen_async, leftovers, on_a_terminal, pictures, start
from support.deliveries import PNG_SIGNATURE, chunk, png
from support.replay_server import KEY, Exchange, ReplayServer
from support.waiting import wait_until

URL = f"data:image/png;base64,{base64.b64encode(png(1024, 1024)).decode()}"
GOOD = Exchange.of({"id": "x", "choices": [{"message": {"images": [{"image_url": {"url": URL}}]}}]})
FAILED = Exchange.of({"error": {"message": "overloaded", "code": 503}}, status=503)
LOST = Exchange(closed=True)
PLAIN = {
    "model": "gemini-3-pro-image-preview",
    "messages": [{"role": "user", "content": "fox"}],
    "modalities": ["image", "text"],
    "image_config": {"aspect_ratio": "1:1", "image_size": "1K"},
}


def limited(seconds: float) -> Exchange:
    error = {"code": "model_cooldown", "message": "All credentials are cooling down", "reset_seconds": seconds}
    return Exchange.of({"error": error}, status=429)


def environment_of(server: ReplayServer) -> dict[str, str]:
    return {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}


async def run(tmp_path: Path, *arguments: str, answers: list[Exchange], **more: str):
    async with ReplayServer(answers) as server:
        done = await image_gen_async("fox", *arguments, cwd=tmp_path, **environment_of(server), **more)
        return done, server.requests


@pytest.mark.parametrize(
    ("first", "title"),
    [
        (FAILED, "The server failed"),
        (LOST, "The connection was lost before an answer"),
        (limited(0.2), "Every account for this model is resting"),
    ],
    ids=["503", "lost", "limit"],
)
async def test_one_more_request_is_made_and_said(first, title, tmp_path):
    done, requests = await run(tmp_path, "--json", answers=[first, GOOD])
    assert done.status == 0
    assert len(requests) == 2
    assert requests[0].body == requests[1].body
    assert len(re.findall(rf"^image-gen: {title}; trying again in \d s, at \d\d:\d\d:\d\d\.$", done.err, re.M)) == 1
    assert done.objects[0]["warnings"] == [{"code": "retried", "message": "2 requests were made for this picture."}]
    assert [str(path) for path in pictures(tmp_path)] == [done.objects[0]["images"][0]["path"]]


async def test_a_second_failure_is_the_end_and_says_how_many_requests_were_made(tmp_path):
    done, requests = await run(tmp_path, "--json", answers=[FAILED])
    assert (done.status, len(requests)) == (1, 2)
    assert done.objects[0]["error"]["hint"].endswith("2 requests were made.")
    assert "2 requests were made." in done.err


@pytest.mark.parametrize(
    ("answer", "status", "arguments", "environment"),
    [
        (FAILED, 1, ["--retries", "0"], {}),
        (LOST, 3, [], {"IMAGE_GEN_RETRIES": "0"}),
        (limited(0.2), 5, ["--retries", "0"], {}),
    ],
    ids=["503", "lost", "limit"],
)
async def test_it_can_be_switched_off(answer, status, arguments, environment, tmp_path):
    done, requests = await run(tmp_path, *arguments, answers=[answer], **environment)
    assert (done.status, len(requests)) == (status, 1)
    assert "trying again" not in done.err


async def test_a_cooldown_of_five_days_ends_it_at_once_with_the_day_and_the_time(tmp_path):
    begun = time.monotonic()
    done, requests = await run(tmp_path, "--json", answers=[limited(432_000)])
    assert time.monotonic() - begun < 20
    assert (done.status, len(requests)) == (5, 1)
    assert done.objects[0]["error"]["retry_after"] == 432_000
    assert re.search(r"in 120 h 0 min \(at \d{4}-\d\d-\d\d \d\d:\d\d\)", done.err)


async def test_a_wait_above_the_limit_is_not_sat_out(tmp_path):
    done, requests = await run(tmp_path, "--wait-limit", "5", answers=[limited(6)])
    assert (done.status, len(requests)) == (5, 1)
    assert "Another try makes sense in 6 s" in done.err


async def test_the_wait_is_not_counted_in_the_time_of_a_request(tmp_path):
    done, requests = await run(tmp_path, "--timeout", "1", answers=[limited(1.5), GOOD])
    assert (done.status, len(requests)) == (0, 2)


async def test_a_signal_in_a_wait_ends_it_at_once(tmp_path):
    async with ReplayServer([limited(90)]) as server:
        process = start("fox", "--json", cwd=tmp_path, environment=environment_of(server))
        told = await asyncio.to_thread(process.stderr.readline)
        assert b"trying again in 9" in told
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        out, err = await asyncio.to_thread(process.communicate, timeout=20)
        assert time.monotonic() - begun < 5
        assert len(server.requests) == 1
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert leftovers(tmp_path) == []


async def test_on_a_terminal_the_wait_counts_down_in_one_line(tmp_path):
    async with ReplayServer([limited(2), GOOD]) as server:
        shown, out = await asyncio.to_thread(on_a_terminal, "fox", cwd=tmp_path, **environment_of(server))
    counted = re.findall(r"waiting (\d) s, until \d\d:\d\d:\d\d", shown)
    assert len(set(counted)) >= 2
    assert counted == sorted(counted, reverse=True)
    assert len(out.splitlines()) == 1
    assert shown.count("\n") == 2
    assert "image-gen: Every account" in shown
    assert "warning:" in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def events(*deltas: dict[str, object], end: bytes = b"data: [DONE]\n\n") -> tuple[bytes, ...]:
    """A stream as the proxy sends it: comments between, and both kinds of line ends."""
    bodies = [json.dumps({"id": "x", "choices": [{"index": 0, "delta": delta}]}).encode() for delta in deltas]
    return (b": keep-alive\r\n\r\n", *(b"data: " + body + b"\r\n\r\n" for body in bodies), *filter(None, (end,)))


def streamed(*deltas: dict[str, object], **more) -> Exchange:
    parts = events(*deltas, **({"end": more.pop("end")} if "end" in more else {}))
    return Exchange(headers={"Content-Type": "text/event-stream"}, parts=parts, chunked=True, **more)


PICTURE = {"images": [{"type": "image_url", "image_url": {"url": URL}}]}


@pytest.mark.parametrize("setting", ["flag", "environment", "file"])
async def test_a_stream_is_asked_for_with_one_member_more_and_nothing_else(setting, tmp_path):
    (tmp_path / "settings.toml").write_text("stream = true\n" if setting == "file" else "")
    arguments = {"flag": ["--stream"], "environment": [], "file": ["--config", "settings.toml"]}[setting]
    more = {"IMAGE_GEN_STREAM": "1"} if setting == "environment" else {}
    done, requests = await run(tmp_path, *arguments, answers=[streamed({"content": "Here."}, PICTURE)], **more)
    assert done.status == 0
    assert requests[0].json() == {**PLAIN, "stream": True}


async def test_without_being_asked_nothing_is_streamed(tmp_path):
    _, requests = await run(tmp_path, answers=[GOOD])
    assert requests[0].json() == PLAIN
    assert list(requests[0].json()) == list(PLAIN)


async def test_the_words_of_a_stream_are_seen_on_a_terminal_before_the_picture(tmp_path):
    words = "Painting \x1b[41m狐 in snow"
    async with ReplayServer([streamed({"content": words}, end=b"", hang=True)]) as server:
        arguments = ("fox", "--stream", "--timeout", "1.5")
        shown, _ = await asyncio.to_thread(on_a_terminal, *arguments, cwd=tmp_path, status=3, **environment_of(server))
    assert "· Painting [41m狐 in snow" in shown
    assert "\x1b[41m" not in shown


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (streamed({"content": "Here."}, PICTURE, end=b""), None),
        (streamed({"content": "Here."}, end=b""), "bad_reply"),
        (streamed({"content": "Here."}, end=b'data: {"error":{"message":"broke","code":502}}\n\n'), "server_error"),
        (streamed({"content": "Here."}, cut=True, end=b""), "bad_reply"),
        (streamed({"content": "No."}), "no_image"),
    ],
    ids=["no mark of the end", "no end and no picture", "an error in the middle", "cut", "only words"],
)
async def test_a_stream_that_does_not_end_well_is_told_and_never_asked_for_again(answer, code, tmp_path):
    done, requests = await run(tmp_path, "--stream", "--json", answers=[answer])
    assert len(requests) == 1
    told = done.objects[0]
    assert told.get("error", {}).get("code") == code
    if code is None:
        assert told["status"] == "done"
        assert told["warnings"]


async def test_a_line_of_64_megabytes_costs_no_memory(tmp_path):
    """48 MB of picture in one event of a stream, through the real command."""
    noise = chunk(b"IDAT", os.urandom(48_000_000))
    header = chunk(b"IHDR", bytes.fromhex("00000400000004000802000000"))
    picture = PNG_SIGNATURE + header + noise + chunk(b"IEND", b"")
    line = b'data: {"id":"x","choices":[{"delta":{"images":[{"image_url":{"url":"data:image/png;base64,'
    line += base64.b64encode(picture) + b'"}}]}}]}\n\n'
    assert len(line) > 64_000_000
    pieces = tuple(line[at : at + 65_536] for at in range(0, len(line), 65_536))
    stream = Exchange(headers={"Content-Type": "text/event-stream"}, parts=(*pieces, b"data: [DONE]\n\n"), chunked=True)
    async with ReplayServer([stream]) as server:
        process = start("fox", "--stream", cwd=tmp_path, environment=environment_of(server))
        peaks: list[int] = []
        await wait_until(lambda: process.poll() is not None or peaks.append(peak_of(process.pid)), 60)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert [path.stat().st_size for path in pictures(tmp_path)] == [pytest.approx(len(picture), abs=2000)]
    assert out
    assert max(peaks) < 120_000


def peak_of(pid: int) -> int:
    """The most memory that a process ever held, in kB; what it inherited from us is not counted."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0
