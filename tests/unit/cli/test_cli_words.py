"""The small decisions between an order and what is printed of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.events import JobChanged
from tui.domain.generation import Generation, ImageFile
from tui.domain.job import Job, JobState
from tui.domain.request import Request
from tui.domain.words import wait_words
from tui.headless import numbered, wanted_images
from tui.orders import Order
from tui.progress import Progress
from tui.settings import Settings


def image(name, mime, role="final"):
    return ImageFile(Path(name), mime, 1, 1, 1, role=role)


def order(form="as-delivered"):
    return Order(Request("fox"), Settings(format=form))


def generation(*images):
    return Generation("id", "stem", datetime.now(UTC), "fox", images=images)


@pytest.mark.parametrize(
    ("path", "index", "expected"),
    [
        ("fox.png", 0, "fox.png"),
        ("fox.png", 1, "fox-2.png"),
        ("a.b/fox", 9, "a.b/fox-10"),
        ("fox.tar.png", 2, "fox.tar-3.png"),
        (".fox", 1, ".fox-2"),
    ],
)
def test_the_number_of_a_copy_stands_before_its_extension(path, index, expected):
    assert numbered(Path(path), index) == Path(expected)


@given(st.lists(st.integers(0, 98), unique=True), st.text("abc.", min_size=1).filter(lambda name: name.strip(".")))
def test_no_two_copies_share_a_name(indexes, name):
    assert len({numbered(Path("folder") / name, index) for index in indexes}) == len(indexes)


def test_with_a_format_only_the_pictures_of_that_type_are_told():
    jpeg, png = image("a.jpg", "image/jpeg"), image("b.png", "image/png", role="copy")
    assert wanted_images(order("png"), generation(jpeg, png)) == (png,)
    assert wanted_images(order("jpeg"), generation(jpeg)) == (jpeg,)
    assert wanted_images(order(), generation(jpeg, png)) == (jpeg, png)
    assert wanted_images(order("webp"), generation(jpeg)) == (jpeg,)


def test_the_progress_line_says_what_goes_on_and_how_many_are_done():
    progress = Progress(3)
    assert progress.line(0.2) == "0 s · starting · 0 of 3 done"
    progress.hear(JobChanged(Job("1", Request("fox"), JobState.QUEUED)))
    assert "queued" in progress.line(1)
    progress.hear(JobChanged(Job("1", Request("fox"), JobState.RUNNING)))
    assert "the model is at work" in progress.line(1)
    progress.count_done()
    progress.count_failed()
    assert progress.line(61) == "61 s · the model is at work · 1 of 3 done · 1 failed"


def test_the_progress_line_of_one_picture_counts_nothing():
    assert Progress(1).line(4.6) == "5 s · starting"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min (at 10:32)"),
        (3724, "1 h 2 min (at 11:32)"),
        (14 * 3600, "14 h 0 min (at 2026-11-23 00:30)"),
        (600_000, "166 h 40 min (at 2026-11-29 09:10)"),
    ],
)
def test_a_long_wait_is_told_with_the_time_of_day_it_ends_at(seconds, words):
    assert wait_words(seconds, datetime(2026, 11, 22, 10, 30)) == words
