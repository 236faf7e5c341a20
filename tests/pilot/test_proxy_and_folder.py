"""Where nothing answers, or nothing can be written, the app says so and one key helps."""

from pathlib import Path

import pytest
from support.app import NOBODY, Home, Person, text_of
from textual.widgets import Input

from tui.domain.errors import DiskError
from tui.screens.entry import FolderEntry


async def test_no_proxy_at_the_start_is_said_with_what_was_tried_and_the_key_that_helps(home: Home) -> None:
    async with home.open(proxy=NOBODY) as person:
        screen = person.screen()
        status = text_of(person.app.status_line)
        assert "✗" in status
        assert "127.0.0.1:1" in screen
        assert "F8" in person.seen_in(person.app.preview)
        assert "sandbox" in person.seen_in(person.app.preview)
        assert person.app.health is not None
        assert person.app.health.trouble
        assert person.app.health.trouble[:30] in status
        assert person.app.focused is person.app.prompt.editor


async def test_what_the_status_line_says_fits_every_width(home: Home) -> None:
    async with home.open(proxy=NOBODY) as person:
        for width in (40, 60, 80, 120, 200):
            await person.resize(width, 30)
            line = text_of(person.app.status_line)
            assert len(line) == width
            assert "✗" in line


async def test_a_job_without_a_proxy_fails_in_words_and_can_be_run_again_after_f8(home: Home) -> None:
    async with home.open(proxy=NOBODY) as person:
        await person.paste("a fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["failed"])
        assert "The proxy cannot be reached" in person.seen_in(person.app.jobs_pane)
        assert person.prompt == "a fox"
        await person.press("f8")
        await person.until(lambda: person.app.address.source == "sandbox" and person.app.health)
        assert person.app.health is not None
        assert person.app.health.trouble is None
        assert "sandbox" in text_of(person.app.status_line)
        await person.go_to("jobs")
        await person.press("r")
        await person.until(lambda: person.states == ["done", "failed"])
        assert [each.prompt for each in person.listed] == ["a fox"]
        assert list(home.library.glob("metadata_*.json"))


async def test_started_with_the_sandbox_it_paints_at_once(home: Home) -> None:
    async with home.open(proxy=NOBODY, sandbox=True) as person:
        await person.paste("a fox")
        await person.press("enter")
        await person.until(lambda: person.states == ["done"])
        assert person.app.address.source == "sandbox"


async def test_a_proxy_that_answers_is_named_with_its_models(home: Home) -> None:
    async with home.open() as person:
        line = text_of(person.app.status_line)
        assert "●" in line
        assert home.proxy.label in line
        assert "image models" in line


async def test_f9_moves_the_library_and_later_pictures_go_there(home: Home, tmp_path: Path) -> None:
    home.keep("in the first")
    other = tmp_path / "elsewhere" / "pictures"
    async with home.open() as person:
        await person.write("sandbox:png fox")
        await person.press("f9")
        assert isinstance(person.app.screen, FolderEntry)
        assert person.app.screen.query_one(Input).value == str(home.library)
        await person.press("ctrl+a", "ctrl+k", "ctrl+u")
        await person.paste(str(other))
        await person.press("enter")
        await person.until(lambda: other.is_dir() and not person.listed)
        assert person.prompt == "sandbox:png fox"
        await person.press("enter")
        await person.idle()
        assert person.states == ["done"]
        assert len(list(other.glob("metadata_*.json"))) == 1
        assert len(list(home.library.glob("metadata_*.json"))) == 1


async def test_escape_in_the_folder_dialog_changes_nothing(home: Home) -> None:
    home.keep("in the first")
    async with home.open() as person:
        await person.press("f9", "escape")
        assert person.app.screen is person.app.panes
        assert len(person.listed) == 1


async def until_unsaved(person: Person) -> Path:
    await person.paste("a fox")
    await person.press("enter")
    await person.until(lambda: person.states == ["failed"])
    error = person.jobs[0].error
    assert isinstance(error, DiskError)
    (kept,) = error.kept
    return kept


async def test_a_folder_that_cannot_be_written_keeps_the_picture_and_f9_saves_it_elsewhere(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    home.library.write_text("a file where the folder should be")
    other = tmp_path / "elsewhere"
    async with home.open() as person:
        assert "The library cannot be opened" in person.foot
        kept = await until_unsaved(person)
        assert kept.stat().st_size > 0
        assert "F9" in person.foot
        assert "kept" in person.foot
        await person.press("f9")
        assert "1 received and not saved yet" in person.screen()
        await person.press("ctrl+a", "ctrl+k", "ctrl+u")
        await person.paste(str(other))
        await person.press("enter")
        await person.until(lambda: person.states == ["done"])
        await person.until(lambda: [each.prompt for each in person.listed] == ["a fox"])
        assert len(list(other.glob("image_*"))) == 1
        assert not kept.exists()
        assert person.prompt == "a fox"


async def test_a_folder_that_cannot_be_opened_is_said_and_the_app_goes_on(home: Home, tmp_path: Path) -> None:
    home.keep("in the first")
    (tmp_path / "file").write_text("no folder")
    async with home.open() as person:
        await person.press("f9", "ctrl+a", "ctrl+k", "ctrl+u")
        await person.paste(str(tmp_path / "file"))
        await person.press("enter")
        await person.until(lambda: "✗" in person.foot)
        assert len(person.listed) == 1
        await person.write("fox")
        assert person.prompt == "fox"


async def test_a_library_removed_while_the_app_runs_is_made_anew(home: Home) -> None:
    home.keep("gone soon")
    async with home.open() as person:
        for path in home.library.iterdir():
            path.unlink()
        home.library.rmdir()
        await person.paste("a fox")
        await person.press("enter")
        await person.idle()
        assert person.states == ["done"]
        assert len(list(home.library.glob("metadata_*.json"))) == 1
        await person.press("ctrl+r")
        await person.until(lambda: [each.prompt for each in person.listed] == ["a fox"])
