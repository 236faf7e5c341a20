"""How long the command takes to say something, and to bring home a picture, beside the least that Python can do.

Run it alone on a quiet machine: ``python tests/bench/bench_commands.py``. The ways take turns; medians count.
"""

import base64
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROUNDS = 15
BIN = Path(sys.executable).parent
COMMAND = str(BIN / "image-gen")

MINIMAL_SCRIPT = """
import base64, json, sys, httpx
body = {"model": "m", "messages": [{"role": "user", "content": "fox"}], "modalities": ["image", "text"],
        "image_config": {"aspect_ratio": "1:1", "image_size": "1K"}}
answer = httpx.post(sys.argv[1] + "/v1/chat/completions", json=body, headers={"Authorization": "Bearer k"})
url = json.loads(answer.text)["choices"][0]["message"]["images"][0]["image_url"]["url"]
open("fox.png", "wb").write(base64.b64decode(url.partition(",")[2]))
"""


def picture(size: int) -> bytes:
    """A PNG of noise with about ``size`` bytes; only its header and end are looked at."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from support.deliveries import chunk, png

    plain = png(1024, 1024)
    filler = chunk(b"fiLl", random.Random(1).randbytes(size))
    return plain[:-12] + filler + plain[-12:]


def serve(body: bytes) -> ThreadingHTTPServer:
    """A server that answers every POST with ``body``."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def reply(data: bytes) -> bytes:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    message = {"role": "assistant", "content": None, "images": [{"type": "image_url", "image_url": {"url": url}}]}
    return json.dumps({"id": "x", "model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}).encode()


def seconds(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of ``command``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(ways: dict[str, Callable[[], tuple[float, float]]]) -> None:
    """Print the medians of each way in ms, wall and CPU, and their ratios to the first."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(way())
    medians = {name: [statistics.median(each) for each in zip(*pairs, strict=True)] for name, pairs in times.items()}
    base_wall, base_cpu = next(iter(medians.values()))
    for name, (wall, cpu) in medians.items():
        print(
            f"  {name:<42} wall {wall * 1000:6.1f} ms × {wall / base_wall:5.2f}"
            f"   cpu {cpu * 1000:6.1f} ms × {cpu / base_cpu:5.2f}"
        )


def main() -> None:
    os.environ["IMAGE_GEN_API_KEY"] = "k"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["IMAGE_GEN_HOME"] = name
        python = sys.executable
        print("Start")
        compare(
            {
                "python -c pass": lambda: seconds([python, "-c", "pass"], folder),
                "image-gen --version (goal: 6, better 2)": lambda: seconds([COMMAND, "--version"], folder),
                "image-gen --help": lambda: seconds([COMMAND, "--help"], folder),
                "image-gen history": lambda: seconds([COMMAND, "history"], folder),
            }
        )
        server = serve(reply(picture(1_500_000)))
        url = f"http://127.0.0.1:{server.server_port}"
        print("A reply of 1.5 MB (1K)")
        compare(
            {
                "minimal httpx script": lambda: seconds([python, "-c", MINIMAL_SCRIPT, url], folder),
                "image-gen fox (goal: 1.2)": lambda: seconds([COMMAND, "fox", "--proxy", url], folder),
                "image-gen fox -n 8": lambda: seconds([COMMAND, "fox", "-n", "8", "--proxy", url], folder),
            }
        )
        server.shutdown()


if __name__ == "__main__":
    main()
