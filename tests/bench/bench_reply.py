"""How fast and how light a 4K reply is taken in: python tests/bench/bench_reply.py [--rounds N].

35 MB of JSON holding a 26 MB picture, served over loopback by a process of its own. Compared in one run: this
client, plain httpx with json and base64, and ``curl | jq | sed | base64 -d`` where those are installed. Times
are of one request without the start of an interpreter, the best of all rounds; memory is the peak over that of
a tiny reply.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path

PICTURE_BYTES = 26_000_000
GOAL_PIPELINE = 0.4
GOAL_MEMORY_MB = 10.0
GOAL_STALL_MS = 16.0


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def picture(size: int) -> bytes:
    """A PNG of about ``size`` bytes whose pixels are noise: nothing of it can be skipped."""
    head = struct.pack(">IIBBBBB", 4096, 4096, 8, 2, 0, 0, 0)
    pieces = [chunk(b"IDAT", os.urandom(min(8192, size - at))) for at in range(0, size, 8192)]
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), *pieces, chunk(b"IEND", b"")))


def reply(data: bytes) -> bytes:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    message = {"role": "assistant", "content": None, "images": [{"type": "image_url", "image_url": {"url": url}}]}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "native_finish_reason": "stop"}
    return json.dumps({"id": "resp", "model": "m", "choices": [choice]}).encode()


# --- the server ---------------------------------------------------------------------------------------------


def serve(folder: Path) -> None:
    """Answer POST /NAME/v1/chat/completions with the file NAME, for ever; the port goes to standard output."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        talk, _ = listener.accept()
        threading.Thread(target=answer, args=(talk, folder), daemon=True).start()


def answer(talk: socket.socket, folder: Path) -> None:
    with talk:
        head = b""
        while b"\r\n\r\n" not in head:
            head += talk.recv(65536)
        headers, _, sent = head.partition(b"\r\n\r\n")
        left = int(re.search(rb"content-length: (\d+)", headers, re.I)[1]) - len(sent)
        while left > 0:
            left -= len(talk.recv(65536))
        body = (folder / head.split(b"/")[1].decode()).read_bytes()
        talk.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        talk.sendall(body)


# --- what is measured, each in a process of its own ---------------------------------------------------------


def peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


async def longest_step(stop: asyncio.Event) -> tuple[float, float]:
    """The longest time the event loop did not come round: milliseconds by the clock, and of processor time.

    On a busy machine the clock also counts what other programs took.
    """
    clock = processor = 0.0
    while not stop.is_set():
        before, used = time.perf_counter(), time.thread_time()
        await asyncio.sleep(0)
        clock = max(clock, time.perf_counter() - before)
        processor = max(processor, time.thread_time() - used)
    return clock * 1000, processor * 1000


async def ours(base: str, folder: Path, rounds: int) -> dict[str, object]:
    from tui.domain.proxy import ProxyAddress
    from tui.domain.request import Request
    from tui.engine.client import Client

    numbers = count()

    def fresh() -> Path:
        return folder / f".incoming-{next(numbers)}"

    async def once(name: str) -> float:
        client = Client(ProxyAddress(f"{base}/{name}"), spool=fresh)
        before = time.perf_counter()
        taken = await client.generate(Request("a red fox"))
        took = time.perf_counter() - before
        await client.aclose()
        for image in taken.images:
            if image.bytes != (folder / f"{name}.png").stat().st_size:
                raise SystemExit("the picture is not what was sent")
            image.path.unlink()
        return took

    await once("tiny")
    forget_peak()
    await once("tiny")
    idle = peak_mb()
    times, peaks = [], []
    for _ in range(rounds):
        forget_peak()
        times.append(await once("large"))
        peaks.append(peak_mb() - idle)
    stalls = []
    for _ in range(rounds):
        stop = asyncio.Event()
        watch = asyncio.ensure_future(longest_step(stop))
        await once("large")
        stop.set()
        stalls.append(await watch)
    forget_peak()
    before = time.perf_counter()
    await asyncio.gather(*(once("large") for _ in range(8)))
    eight = time.perf_counter() - before
    return {
        "times": times, "mb": max(peaks), "stalls": stalls, "eight": eight, "eight_mb": peak_mb() - idle
    }  # fmt: skip


async def plain(base: str, folder: Path, rounds: int) -> dict[str, object]:
    import httpx

    async def once(name: str) -> float:
        before = time.perf_counter()
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            got = await client.post(f"{base}/{name}/v1/chat/completions", json={"prompt": "a red fox"})
        url = got.json()["choices"][0]["message"]["images"][0]["image_url"]["url"]
        (folder / "plain.png").write_bytes(base64.b64decode(url.partition(",")[2]))
        return time.perf_counter() - before

    await once("tiny")
    forget_peak()
    await once("tiny")
    idle = peak_mb()
    times = [await once("large") for _ in range(rounds)]
    return {"times": times, "mb": peak_mb() - idle}


def pipeline(base: str, folder: Path, rounds: int) -> dict[str, object]:
    command = (
        f"curl -s -X POST -d '{{}}' {base}/large/v1/chat/completions"
        " | jq -r '.choices[0].message.images[0].image_url.url'"
        f" | sed 's/^data:[^,]*,//' | base64 -d > {folder}/pipeline.png"
    )
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        subprocess.run(["sh", "-c", command], check=True)
        times.append(time.perf_counter() - before)
    return {"times": times}


def measured(way: str, base: str, folder: Path, rounds: int) -> dict[str, object]:
    if way == "pipeline":
        return pipeline(base, folder, rounds)
    ways: dict[str, Callable[..., object]] = {"ours": ours, "plain": plain}
    return asyncio.run(ways[way](base, folder, rounds))


def in_a_process(way: str, base: str, folder: Path, rounds: int) -> dict[str, object]:
    command = [sys.executable, __file__, "--way", way, "--base", base, "--folder", str(folder)]
    done = subprocess.run([*command, "--rounds", str(rounds)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def report(folder: Path, rounds: int) -> None:
    for name, size in (("large", PICTURE_BYTES), ("tiny", 2000)):
        data = picture(size)
        (folder / f"{name}.png").write_bytes(data)
        (folder / name).write_bytes(reply(data))
    with subprocess.Popen(
        [sys.executable, __file__, "--way", "serve", "--folder", str(folder)], stdout=subprocess.PIPE, text=True
    ) as server:
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            results = {way: in_a_process(way, base, folder, rounds) for way in ("ours", "plain")}
            if all(map(shutil.which, ("curl", "jq", "sed", "base64"))):
                results["pipeline"] = in_a_process("pipeline", base, folder, rounds)
        finally:
            server.kill()
    seconds = {way: min(each["times"]) for way, each in results.items()}
    ours_, plain_ = results["ours"], results["plain"]
    print(f"ours      {seconds['ours'] * 1000:7.0f} ms")
    print(f"plain     {seconds['plain'] * 1000:7.0f} ms   ours is {seconds['ours'] / seconds['plain']:.2f} of it")
    if "pipeline" in seconds:
        ratio = seconds["ours"] / seconds["pipeline"]
        print(f"pipeline  {seconds['pipeline'] * 1000:7.0f} ms   ours is {ratio:.2f} of it (goal {GOAL_PIPELINE})")
    print(f"memory    {ours_['mb']:7.1f} MB over a tiny reply (goal {GOAL_MEMORY_MB:g}); plain {plain_['mb']:.0f} MB")
    clock, processor = (statistics.median(each) for each in zip(*ours_["stalls"], strict=True))
    worst = max(each for each, _ in ours_["stalls"])
    print(f"stall     {clock:7.1f} ms, longest step of the event loop, median of rounds (goal {GOAL_STALL_MS:g});")
    print(f"          {processor:7.1f} ms of it processor time; {worst:.1f} ms in the worst round")
    print(f"8 at once {ours_['eight'] * 1000:7.0f} ms, {ours_['eight_mb']:.1f} MB")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--way", choices=("serve", "ours", "plain", "pipeline"), help=argparse.SUPPRESS)
    arguments.add_argument("--base", help=argparse.SUPPRESS)
    arguments.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.way == "serve":
        serve(given.folder)
    elif given.way:
        print(json.dumps(measured(given.way, given.base, given.folder, given.rounds)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            report(Path(folder), given.rounds)


if __name__ == "__main__":
    main()
