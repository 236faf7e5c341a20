"""Any terminal from outside: every size, resizing under a picture, few colours, odd names, no UTF-8 locale."""

import re
from pathlib import Path

import pytest
from support.terminal import MUTE, Terminal, app, library, pictures

from tui.domain.proxy import ProxyAddress

QUICK = ("--model", "gemini-3.1-flash-image", "--image-size", "512")
NOBODY = ("--proxy", "http://127.0.0.1:1")
_COLOUR = re.compile(rb"[34]8;2;(\d+);(\d+);(\d+)")
_INDEXED = re.compile(rb"\x1b\[[0-9;]*[34]8;5;\d+")


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    assert b"Traceback" not in terminal.raw
    assert terminal.modes_now == terminal.modes_before


@pytest.mark.parametrize(
    ("columns", "rows", "seen"),
    [
        (1, 1, "i"),
        (10, 3, "image-gen"),
        (39, 11, "needs 40×12"),
        (60, 20, "Prompt"),
        (80, 24, "Jobs"),
        (200, 60, "Jobs"),
    ],
)
def test_it_starts_and_takes_text_at_every_size(tmp_path: Path, columns: int, rows: int, seen: str) -> None:
    with app(tmp_path, *NOBODY, columns=columns, rows=rows) as terminal:
        terminal.wait_for(lambda: terminal.modes.get(1049, False))
        terminal.wait_for(seen)
        terminal.type("kept while small")
        terminal.resize(80, 24)
        terminal.wait_for("kept while small")
        leave(terminal)


def test_resizing_while_a_picture_is_shown_keeps_prompt_and_picture(
    tmp_path: Path, sandbox_proxy: ProxyAddress
) -> None:
    flags = (*QUICK, "--proxy", sandbox_proxy.url, "--api-key", sandbox_proxy.key.reveal())
    with app(tmp_path, *flags) as terminal:
        terminal.wait_for("● ")
        terminal.type("kept at every size")
        terminal.press("enter")
        terminal.wait_for(lambda: terminal.half_blocks() > 200)
        for columns, rows in [(200, 60), (10, 3), (60, 20), (1, 1), (80, 24), (1, 40), (300, 2), (120, 40)]:
            before = len(terminal.raw)
            terminal.resize(columns, rows)
            terminal.wait_for(lambda before=before: len(terminal.raw) > before)
            if columns >= 60 and rows >= 20:
                terminal.wait_for("kept at every size")
                terminal.wait_for(lambda: terminal.half_blocks() > 100)
                assert max(map(len, terminal.lines)) <= columns
        leave(terminal)


def test_many_sizes_in_one_breath_end_at_the_last(tmp_path: Path) -> None:
    with app(tmp_path, *NOBODY) as terminal:
        terminal.wait_for("F8")
        for columns in range(119, 39, -1):
            terminal.resize(columns, max(12, columns // 3))
        terminal.resize(100, 30)
        terminal.wait_for(lambda: len(terminal.line_with("╭─ Prompt").rstrip()) == 100)
        leave(terminal)


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb", "COLORTERM": ""},
        {"TERM": "linux", "COLORTERM": ""},
        {"TERM": "vt100", "COLORTERM": ""},
        {"TERM": "xterm-16color", "COLORTERM": ""},
        {"COLORTERM": "", "LANG": "C"},
        {"LANG": "", "TERM": "tmux-256color", "TMUX": "/nowhere,1,0"},
    ],
    ids=lambda environment: ",".join(f"{name}={text}" for name, text in environment.items()),
)
def test_the_path_works_in_every_kind_of_terminal(
    tmp_path: Path, sandbox_proxy: ProxyAddress, environment: dict[str, str]
) -> None:
    flags = (*QUICK, "--proxy", sandbox_proxy.url, "--api-key", sandbox_proxy.key.reveal())
    with app(tmp_path, *flags, columns=80, rows=24, persona=MUTE, **environment) as terminal:
        terminal.wait_for("● ")
        terminal.type("ein Fuchs im Schnee, größer")
        terminal.press("enter")
        terminal.wait_for("✓ ")
        terminal.wait_for(lambda: terminal.drawn_cells() > 100)
        assert terminal.line_with("ein Fuchs im Schnee, größer")
        leave(terminal)
        # What was asked before is not drawn.
        raw = terminal.raw.partition(b"\x1b[?1049h")[2]
    assert len(pictures(tmp_path)) == 1
    if "NO_COLOR" in environment:
        assert all(len({*colour}) == 1 for colour in _COLOUR.findall(raw)), "only greys"
        assert not _INDEXED.search(raw)
    if environment.get("COLORTERM") == "":
        assert not _COLOUR.search(raw), "24 bits were not promised"
    if environment.get("TERM") in ("dumb", "linux", "vt100"):
        assert b"\x1b_G" not in raw


def test_a_folder_of_odd_files_is_shown_and_nothing_breaks(tmp_path: Path) -> None:
    folder = library(tmp_path)
    folder.mkdir(parents=True)
    (folder / "image_20260314_120000_0.png").write_bytes(b"not a picture")
    (folder / "metadata_20260314_120000.json").write_text('{"prompt": "[/bold] [@click=app.quit]go[/]"}')
    (folder / "metadata_20260314_120001.json").write_text("{ cut off")
    (folder / "image_20260314_120002_0.png").write_bytes(b"")
    with app(tmp_path, *NOBODY) as terminal:
        terminal.wait_for("[/bold] [@click=")
        terminal.press("tab")
        for _ in range(4):
            terminal.press("j")
        terminal.press("G", "g", "z")
        terminal.press("escape")
        leave(terminal)
