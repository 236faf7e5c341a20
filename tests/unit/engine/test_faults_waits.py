"""How long to wait is read from every place that tells it, and from nothing else."""

import email.utils
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.engine.waits import go_seconds, told_wait
from tui.network import httpx

NOTHING = httpx.Headers()
LONGEST = 10**9


def spoken(words: str, *, limited: bool = True) -> float | None:
    return told_wait(NOTHING, (), words, limited=limited)


def go_text(nanoseconds: int) -> str:
    """As Go's time.Duration writes itself: ``1h2m3.5s``, ``41.996656408s``, ``1.5ms``, ``250µs``."""
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if nanoseconds < size * 1000 and nanoseconds and nanoseconds < 1_000_000_000:
            return f"{_decimal(nanoseconds, size)}{unit}"
    minutes, rest = divmod(nanoseconds, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(rest, 10**9)}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    digits = f"{rest:0{len(str(size)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


@given(st.integers(0, LONGEST * 10**9 - 1))
def test_any_duration_of_go_is_read_back(nanoseconds: int) -> None:
    seconds = go_seconds(go_text(nanoseconds))
    assert seconds == pytest.approx(nanoseconds / 1e9, rel=1e-12, abs=1e-9)


@given(st.integers(1, LONGEST * 10**8), st.sampled_from(["reset after {}.", "{} remaining", "retry in {}"]))
def test_a_duration_in_words_is_read(nanoseconds: int, words: str) -> None:
    seconds = spoken(f"Your quota is gone, {words.format(go_text(nanoseconds))}")
    assert seconds == pytest.approx(nanoseconds / 1e9, rel=1e-12, abs=1e-9)


@given(st.integers(0, 10**15), st.integers(0, 999_999_999))
def test_any_duration_of_google_is_read(seconds: int, nanoseconds: int) -> None:
    text = f"{seconds}.{nanoseconds:09d}".rstrip("0").rstrip(".") + "s"
    told = told_wait(NOTHING, [{"details": [{"retryDelay": text}]}], "", limited=True)
    expected = seconds + nanoseconds / 1e9
    assert told == (pytest.approx(expected) if expected < LONGEST and len(str(seconds)) <= 12 else None)


SAID: list[tuple[str, float | None]] = [
    ("Your quota will reset after 1h2m3s.", 3723),
    ("auth in short cooldown, 42s remaining", 42),
    ("auth in short cooldown, 41.996656408s remaining", 41.996656408),
    ("Please retry in 32.581s.", 32.581),
    ("try again in 5 minutes", 300),
    ("Try again in 1 minute.", 60),
    ("in 30 seconds", 30),
    ("after 500ms", 0.5),
    ("try again in 1 hour and 5 minutes", 3900),
    ("12 minutes remaining", 720),
    ("wait for it", None),
    ("in 3 steps", None),
    ("limit: 0, model: gemini-3-pro-image", None),
    ("after 5 models", None),
    ("", None),
]


@pytest.mark.parametrize(("words", "seconds"), SAID)
def test_the_wait_in_a_sentence_is_read(words: str, seconds: float | None) -> None:
    assert spoken(words) == seconds


@pytest.mark.parametrize("words", ["timed out after 60s", "stopped after 10s", "done in 30 seconds"])
def test_what_lies_behind_is_no_wait(words: str) -> None:
    assert spoken(words, limited=False) is None
    assert spoken(f"{words}. Try again in 7s", limited=False) == 7


@given(st.integers(0, 999_999_999))
def test_a_header_of_seconds_comes_before_all_else(seconds: int) -> None:
    headers = httpx.Headers({"Retry-After": str(seconds)})
    assert told_wait(headers, [{"reset_seconds": 7}], "after 9s", limited=True) == seconds


@given(st.integers(-(10**6), 10**6))
def test_a_header_with_a_date_is_read(offset: int) -> None:
    date = email.utils.formatdate(time.time() + offset, usegmt=True)
    told = told_wait(httpx.Headers({"Retry-After": date}), (), "", limited=True)
    assert told == pytest.approx(max(0, offset), abs=3)


@pytest.mark.parametrize("zone", ["+9999", "+999999999999999999", "-2359", "XYZ"])
def test_a_date_in_a_zone_that_is_none_is_never_a_fault(zone: str) -> None:
    told = told_wait({"retry-after": f"Mon, 01 Jan 2024 00:00:00 {zone}"}, (), "", limited=True)
    assert told in (None, 0)


def test_a_date_without_a_zone_is_taken_as_utc() -> None:
    date = (datetime.now(UTC) + timedelta(seconds=100)).strftime("%a, %d %b %Y %H:%M:%S")
    assert told_wait(httpx.Headers({"Retry-After": date}), (), "", limited=True) == pytest.approx(100, abs=3)


ORDER = [
    {"reset_seconds": 1},
    {"reset_time": "2s"},
    {"details": [{"metadata": {"quotaResetDelay": "4s"}}, {"retryDelay": "3s"}]},
    {"details": [{"metadata": {"quotaResetDelay": "4s"}}]},
]


def test_the_sources_have_an_order() -> None:
    whole: dict[str, Any] = {}
    for number, source in reversed(list(enumerate(ORDER))):
        whole |= source
        assert told_wait(NOTHING, [whole], "after 5s", limited=True) == number + 1


def test_an_outer_error_comes_before_the_one_packed_into_it() -> None:
    assert told_wait(NOTHING, [{"reset_seconds": 1}, {"reset_seconds": 2}], "", limited=True) == 1
    assert told_wait(NOTHING, [{"message": "m"}, {"reset_seconds": 2}], "", limited=True) == 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["reset_seconds", "reset_time", "details", "retryDelay", "metadata", "quotaResetDelay"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
latin = st.text(st.characters(max_codepoint=255), max_size=60)


@given(latin, st.lists(json_values, max_size=3), st.text(max_size=200), st.booleans())
def test_junk_is_no_wait_and_never_a_fault(header: str, errors: list[Any], words: str, limited: bool) -> None:
    told = told_wait({"retry-after": header}, errors, words, limited=limited)
    assert told is None or 0 <= told < LONGEST


dates = st.from_regex(re.compile(r"(Mon|Tue|), [0-9]{1,3} (Jan|Feb|X) [0-9]{1,6} [0-9:]{1,9} ?[-+A-Z0-9]{0,12}"))


@given(dates)
def test_an_odd_date_is_never_a_fault(header: str) -> None:
    told = told_wait({"retry-after": header}, (), "", limited=True)
    assert told is None or 0 <= told < LONGEST


numbers = st.from_regex(re.compile(r"(in|after|again in) [0-9.]{1,40} ?(h|m|s|ms|minutes|days|hours)( remaining)?"))


@given(numbers)
def test_an_odd_number_in_words_is_never_a_fault(words: str) -> None:
    told = spoken(words)
    assert told is None or 0 <= told < LONGEST
