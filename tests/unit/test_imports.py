"""What the command loads before it must: asked of a fresh interpreter."""

import json
import subprocess
import sys

import pytest

HEAVY = {"textual", "rich", "PIL", "httpx", "starlette", "uvicorn", "numpy"}

PROBE = """
import json, runpy, sys
sys.argv = ["image-gen", *json.loads(sys.argv[1])]
try:
    runpy.run_module("tui", run_name="__main__", alter_sys=True)
except SystemExit:
    sys.stdout.flush()
print("\\n" + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded_by(tmp_path, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(arguments)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["-h"],
        ["doctor", "--help"],
        ["history", "show", "--help"],
        ["fox", "--help"],
        ["fox", "--modle", "x"],
        [""],
    ],
)
def test_version_help_and_wrong_usage_load_nothing_heavy(arguments, tmp_path):
    assert not loaded_by(tmp_path, *arguments) & (HEAVY | {"msgspec", "asyncio", "platformdirs"})


def test_the_version_is_answered_before_click_and_the_domain_are_loaded(tmp_path):
    assert "click" in loaded_by(tmp_path, "--help")
    assert not loaded_by(tmp_path, "--version") & {"click", "dataclasses", "typing"}


@pytest.mark.parametrize("arguments", [["history"], ["stats"], ["models", "--cached"]])
def test_what_is_kept_is_shown_without_network_and_screen(arguments, tmp_path):
    assert not loaded_by(tmp_path, *arguments) & HEAVY


def test_a_search_of_the_library_loads_no_network_no_decoder_and_no_screen(tmp_path):
    (tmp_path / "generated_images").mkdir()
    (tmp_path / "generated_images" / "fox.png").write_bytes(b"")
    assert not loaded_by(tmp_path, "history", "fox") & HEAVY
    assert not loaded_by(tmp_path, "stats") & HEAVY


def test_what_the_prompt_does_not_need_is_not_read(tmp_path):
    code = "import sys; from tui.cli import run; run(sys.argv[1:]); print([n for n in sys.modules if 'tui.shell' in n])"
    done = subprocess.run(
        [sys.executable, "-c", code, "-m", "gemini-3-pro-image", "fox", "-r", "wide"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "['tui.shell', 'tui.shell.flags', 'tui.shell.usage']\n"


def test_a_headless_generation_loads_no_screen_and_no_decoder(tmp_path, sandbox_proxy):
    key = sandbox_proxy.key.reveal()
    loaded = loaded_by(tmp_path, "a fox", "--proxy", sandbox_proxy.url, "--api-key", key)
    assert list((tmp_path / "generated_images").glob("image_*"))
    assert not loaded & (HEAVY - {"httpx"})


def test_the_sandbox_runs_in_its_own_process_and_loads_no_server_here(tmp_path):
    loaded = loaded_by(tmp_path, "a fox", "--sandbox")
    assert list((tmp_path / "generated_images").glob("image_*"))
    assert not loaded & {"starlette", "uvicorn", "PIL", "textual", "rich"}


def test_garbage_is_collected_again_once_the_work_begins(tmp_path, sandbox_proxy):
    code = "import gc, sys; sys.argv = ['image-gen', *sys.argv[1:]]; from tui.__main__ import main\n"
    code += "try:\n    main()\nexcept SystemExit:\n    print(gc.isenabled())"
    flags = ["a fox", "--proxy", sandbox_proxy.url, "--api-key", sandbox_proxy.key.reveal()]
    done = subprocess.run(
        [sys.executable, "-c", code, *flags], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "True"
