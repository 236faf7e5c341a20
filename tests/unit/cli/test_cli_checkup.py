"""``accounts`` and ``doctor`` as a person or a script runs them: words, JSON lines, statuses, what is left behind."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from support.answers import PICTURE, chat, exchange, picture_part
from support.ccs_homes import CcsHome, usual_home
from support.command import COMMAND, image_gen, image_gen_async
from support.path_server import CHAT, PathServer, cliproxyapi, models_list
from support.replay_server import KEY, Exchange

PRO = "gemini-3-pro-image-preview"
NOBODY = ("--proxy", "http://127.0.0.1:1")
ANN = {"type": "antigravity", "email": "ann@example.com", "access_token": "canary-a", "refresh_token": "canary-r"}
PICTURE_REPLY = chat({"content": None, "images": [picture_part()]})


@pytest.fixture
def home(clean_environment: Path) -> CcsHome:
    return CcsHome(clean_environment / ".ccs")


def flags(server: PathServer, key: str = KEY) -> tuple[str, ...]:
    return ("--proxy", server.address.url, "--api-key", key)


def checks(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["check"]: each for each in objects}


def test_accounts_without_a_ccs_home_says_what_to_type(tmp_path: Path) -> None:
    done = image_gen("accounts", *NOBODY, cwd=tmp_path)
    assert done.status == 0
    assert "There is no CCS home at ~/.ccs" in done.lines[0]
    assert "ccs agy --auth" in done.lines[1]
    assert "ccs cliproxy start" in done.lines[1]


async def test_accounts_tells_the_files_and_what_the_proxy_makes_pictures_with(home: CcsHome, tmp_path: Path) -> None:
    home.write("cliproxy/auth/antigravity-ann@example.com.json", ANN | {"project_id": "p"})
    async with PathServer(cliproxyapi(exchange("antigravity-models"))) as server:
        words = await image_gen_async("accounts", *flags(server), cwd=tmp_path)
        script = await image_gen_async("accounts", "--json", *flags(server), cwd=tmp_path)
    assert words.status == script.status == 0
    assert "a…n@example.com" in words.out.decode()
    assert "makes pictures with gemini-3.1-flash-image (antigravity)." in words.lines[-1]
    account, proxy = script.objects
    assert (account["provider"], account["name"], account["state"]) == ("antigravity", "a…n@example.com", "usable")
    assert (account["folder"], account["renews"], account["expires"]) == ("auth", True, None)
    assert proxy["picture_models"] == [{"id": "gemini-3.1-flash-image", "owned_by": "antigravity"}]
    for each in (words, script):
        assert b"canary" not in each.out
        assert b"ann@" not in each.out


def test_accounts_that_cannot_all_be_read_are_told_on_standard_error(home: CcsHome, tmp_path: Path) -> None:
    home.write("cliproxy/accounts.json", "{")
    done = image_gen("accounts", "--json", *NOBODY, cwd=tmp_path)
    assert done.status == 0
    assert "accounts.json" in done.err
    assert [each["answers"] for each in done.objects] == [False]


def test_the_other_home_of_ccs_is_taken(tmp_path: Path) -> None:
    CcsHome(tmp_path / "other").write("cliproxy/auth/x.json", ANN)
    assert len(image_gen("accounts", "--json", *NOBODY, cwd=tmp_path, CCS_DIR=str(tmp_path / "other")).objects) == 2


async def test_the_doctor_ends_well_only_if_a_picture_could_be_made(home: CcsHome, tmp_path: Path) -> None:
    usual_home(home.folder)
    async with PathServer(cliproxyapi(models_list(PRO))) as server:
        well = await image_gen_async("doctor", "--json", *flags(server), cwd=tmp_path)
        (tmp_path / "file").write_text("")
        disk = await image_gen_async("doctor", "-d", "file/library", *flags(server), cwd=tmp_path)
        model = await image_gen_async("doctor", "-m", "gemini-2.5-flash-image", *flags(server), cwd=tmp_path)
        key = await image_gen_async("doctor", *flags(server, "wrong"), cwd=tmp_path)
    assert (well.status, disk.status, model.status, key.status) == (0, 6, 1, 4)
    assert all(set(each) == {"check", "ok", "level", "words", "hint"} for each in well.objects)
    found = checks(well.objects)
    assert {"program", "terminal", "settings", "library", "CCS", "proxy", "key", "models", "model"} <= set(found)
    assert found["terminal"]["words"].startswith("not asked")
    assert f"--model {PRO}" in model.out.decode()
    assert KEY.encode() not in well.out
    assert not (tmp_path / "generated_images").exists()


async def test_the_doctor_counts_the_library_and_leaves_nothing_in_it(tmp_path: Path) -> None:
    async with PathServer(cliproxyapi(models_list(PRO), **{CHAT: PICTURE_REPLY})) as server:
        await image_gen_async(*flags(server), "a red fox", cwd=tmp_path)
        before = sorted((tmp_path / "generated_images").iterdir())
        done = await image_gen_async("doctor", "--json", *flags(server), cwd=tmp_path)
    library = checks(done.objects)["library"]
    assert "can be written, 1 generation" in library["words"]
    assert library["words"].endswith("free")
    assert sorted((tmp_path / "generated_images").iterdir()) == before


async def test_nothing_is_sent_unless_a_probe_is_asked_for(tmp_path: Path) -> None:
    async with PathServer(cliproxyapi(models_list(PRO), **{CHAT: PICTURE_REPLY})) as server:
        done = await image_gen_async("doctor", "--json", *flags(server), cwd=tmp_path)
        assert server.asked_for(CHAT) == []
    assert "probe" not in checks(done.objects)


async def test_a_probe_makes_one_small_picture_tells_of_it_and_throws_it_away(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    async with PathServer(cliproxyapi(models_list(PRO), **{CHAT: PICTURE_REPLY})) as server:
        done = await image_gen_async("doctor", "--probe", "--json", *flags(server), cwd=tmp_path, TMPDIR=str(temp))
        (asked,) = server.asked_for(CHAT)
    assert done.status == 0
    words = checks(done.objects)["probe"]["words"]
    for part in (f"{PRO} gave image/png of 40×30", "0 drafts", "without C2PA", " s, 1 request sent"):
        assert part in words
    assert json.loads(asked.body)["image_config"]["image_size"] == "1K"
    assert list(temp.iterdir()) == []
    assert not (tmp_path / "generated_images").exists()


async def test_a_probe_sees_drafts_and_content_credentials(tmp_path: Path) -> None:
    signed = PICTURE + b"jumb c2pa made up"
    reply = chat({"content": None, "images": [picture_part(), picture_part(signed)]})
    async with PathServer(cliproxyapi(models_list(PRO), **{CHAT: reply})) as server:
        done = await image_gen_async("doctor", "--probe", "--json", *flags(server), cwd=tmp_path)
    words = checks(done.objects)["probe"]["words"]
    assert "1 draft," in words
    assert "with C2PA" in words


async def test_only_a_probe_sees_a_limit_and_it_does_not_wait_for_it(tmp_path: Path) -> None:
    wait = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}
    error = {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED", "details": [wait]}
    limit = Exchange.of({"error": error}, status=429)
    async with PathServer(cliproxyapi(models_list(PRO), **{CHAT: limit})) as server:
        well = await image_gen_async("doctor", *flags(server), cwd=tmp_path)
        probed = await image_gen_async("doctor", "--probe", "--json", *flags(server), cwd=tmp_path)
        assert len(server.asked_for(CHAT)) == 1
    assert (well.status, probed.status) == (0, 5)
    probe = checks(probed.objects)["probe"]
    assert (probe["level"], "Quota" in probe["words"]) == ("problem", True)
    assert probe["hint"]


def test_a_probe_where_nobody_answers_is_not_sent(tmp_path: Path) -> None:
    done = image_gen("doctor", "--probe", "--json", *NOBODY, cwd=tmp_path)
    assert done.status == 3
    assert checks(done.objects)["probe"]["words"].startswith("not sent")


def test_the_help_of_the_probe_says_that_it_may_cost_a_picture(tmp_path: Path) -> None:
    assert "cost" in image_gen("doctor", "--help", cwd=tmp_path).out.decode()


@pytest.mark.parametrize("command", ["accounts", "doctor"])
def test_looking_loads_no_screen_and_no_decoder(command: str, tmp_path: Path) -> None:
    code = "import sys, runpy; sys.argv = ['image-gen', *sys.argv[1:]]\n"
    code += "try:\n    runpy.run_module('tui', run_name='__main__', alter_sys=True)\n"
    code += "except SystemExit:\n    print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, command, *NOBODY], cwd=tmp_path, env=os.environ, capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().splitlines()[-1].split())
    assert "tui.connect.health" in loaded
    assert not loaded & {"textual", "rich", "PIL", "starlette"}


def on_a_terminal(*arguments: str, cwd: Path, columns: int) -> list[str]:
    """What the command prints where its output is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen([*COMMAND, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, stdout=theirs) as process:
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:
            # The other end is closed: that is how a terminal ends on Linux.
            os.close(ours)
        assert process.wait() == 3
    return told.decode().replace("\r\n", "\n").splitlines()


def test_on_a_terminal_columns_stay_and_words_go_on_below_their_column(tmp_path: Path) -> None:
    lines = on_a_terminal("doctor", *NOBODY, cwd=tmp_path, columns=60)
    # A path is never broken: it is there to be copied.
    assert max(len(line) for line in lines if str(tmp_path) not in line) <= 60
    (start,) = {line.index("image-gen") for line in lines if line.startswith("✓ program")}
    at = next(row for row, line in enumerate(lines) if line.startswith("✓ terminal"))
    assert lines[at + 1].startswith(" " * start)
    assert lines[at + 1][start] != " "
