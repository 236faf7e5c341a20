"""Every row of the exit status table, through a real proxy that behaves badly."""

import base64
import os
import socket
import subprocess
from pathlib import Path

import pytest
from support.command import COMMAND, image_gen, image_gen_async, leftovers, pictures
from support.deliveries import png
from support.replay_server import KEY, Exchange, ReplayServer

STATUS_OF_CODE = {
    "refused": 1, "no_image": 1, "bad_reply": 1, "server_error": 1, "bad_request": 1, "model_unknown": 1,
    "cannot_connect": 3, "timeout": 3,
    "unauthorized": 4, "forbidden": 4, "no_account": 4,
    "rate_limited": 5,
}  # fmt: skip
FAILED_KEYS = ["status", "prompt", "model", "error"]
ERROR_KEYS = ["code", "title", "detail", "hint", "http_status", "finish_reason", "retryable", "retry_after"]


@pytest.fixture
def sandbox(sandbox_proxy):
    return {"IMAGE_GEN_PROXY": sandbox_proxy.url, "IMAGE_GEN_API_KEY": sandbox_proxy.key.reveal()}


@pytest.fixture(autouse=True)
def nothing_is_sent_again(monkeypatch):
    """What is sent again by itself has a file of its own."""
    monkeypatch.setenv("IMAGE_GEN_RETRIES", "0")


def good() -> Exchange:
    url = f"data:image/png;base64,{base64.b64encode(png(1024, 1024)).decode()}"
    message = {"content": None, "images": [{"image_url": {"url": url}}]}
    return Exchange.of({"id": "x", "choices": [{"message": message, "finish_reason": "stop"}]})


@pytest.mark.parametrize(("code", "status"), STATUS_OF_CODE.items())
def test_each_failure_has_the_status_of_the_contract_and_tells_what_to_do(code, status, sandbox, tmp_path):
    done = image_gen(f"fox sandbox:{code}", "--json", "--timeout", "3", cwd=tmp_path, **sandbox)
    assert done.status == status
    (line,) = done.objects
    assert list(line) == FAILED_KEYS
    error = line["error"]
    assert list(error) == ERROR_KEYS
    assert (line["status"], error["code"]) == ("failed", code)
    assert error["title"]
    assert error["hint"]
    assert error["title"] in done.err
    assert pictures(tmp_path) == leftovers(tmp_path) == []


def test_without_json_a_failure_leaves_standard_output_empty(sandbox, tmp_path):
    done = image_gen("fox sandbox:rate_limited", cwd=tmp_path, **sandbox)
    assert (done.status, done.out) == (5, b"")
    assert "in 33 s" in done.err


def test_where_nothing_listens_it_is_status_3_with_what_to_do(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = image_gen("fox", "--proxy", url, cwd=tmp_path)
    assert done.status == 3
    assert "--sandbox" in done.err


async def test_of_several_failures_the_worst_counts_and_what_succeeded_is_kept(tmp_path):
    answers = [
        Exchange.of({"error": {"message": "slow down"}}, status=429),
        good(),
        Exchange.of({"error": {"message": "broken"}}, status=500),
        good(),
    ]
    async with ReplayServer(answers) as server:
        environment = {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}
        done = await image_gen_async("fox", "-n", "4", "--json", cwd=tmp_path, **environment)
    assert done.status == 5
    assert sorted(line["status"] for line in done.objects) == ["done", "done", "failed", "failed"]
    assert len(pictures(tmp_path)) == 2


def test_the_same_failure_of_several_requests_is_told_once(sandbox, tmp_path):
    done = image_gen("fox sandbox:refused", "-n", "3", cwd=tmp_path, **sandbox)
    assert done.status == 1
    assert done.err.count("image-gen:") == 1


@pytest.mark.parametrize("library", ["file/pictures", "/proc/pictures", "file"])
def test_a_library_that_cannot_be_made_is_status_6_before_anything_is_asked(library, sandbox, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = image_gen("fox", "-d", library, "--json", cwd=tmp_path, **sandbox)
    assert done.status == 6
    (line,) = done.objects
    assert line["error"]["code"] == "disk"
    assert "--output-dir" in line["error"]["hint"]


def test_a_copy_that_cannot_be_written_is_status_6_and_the_picture_is_kept(sandbox, tmp_path):
    done = image_gen("fox", "-o", "/dev/full", cwd=tmp_path, **sandbox)
    assert done.status == 6
    assert "The picture cannot be written" in done.err
    assert "/dev/full: No space left on device" in done.err
    assert "-o" in done.err
    assert Path("/dev/full").is_char_device()
    assert [str(path) for path in pictures(tmp_path)] == done.lines


def test_a_full_disk_behind_standard_output_is_status_6_and_the_picture_is_kept(sandbox, tmp_path):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "fox"],
            cwd=tmp_path,
            env={**os.environ, **sandbox},
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 6
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
    assert b"Standard output cannot be written" in done.stderr
    assert len(pictures(tmp_path)) == 1


async def test_the_words_of_a_server_reach_the_terminal_without_control_characters(tmp_path):
    words = "no\x1b[2J\x07way \u202eevil\x9b31m"
    async with ReplayServer(Exchange.of({"error": {"message": words}}, status=500)) as server:
        environment = {"IMAGE_GEN_PROXY": server.address.url, "IMAGE_GEN_API_KEY": KEY}
        plain = await image_gen_async("fox", cwd=tmp_path, **environment)
        lines = await image_gen_async("fox", "--json", cwd=tmp_path, **environment)
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(plain.err)
    assert "no[2Jway evil31m" in plain.err
    assert lines.out.isascii()
    assert not {0x1B, 0x07, 0x7F} & set(lines.out)
    assert lines.objects[0]["error"]["detail"] == "no[2Jway evil31m"
