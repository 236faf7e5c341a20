"""What is sent again by itself: chance once, limits as long as they are short, and nothing else."""

import inspect
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain import errors
from tui.domain.errors import (
    BadReply,
    BadRequest,
    CannotConnect,
    ImageGenError,
    NoAccount,
    NoImage,
    RateLimited,
    Refused,
    ServerError,
    TimedOut,
)
from tui.engine.retry import LONGEST_PAUSE, SHORTEST_PAUSE, SPREAD, Pause, Rests, RetryPolicy

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ImageGenError)]
SERVER = st.integers(500, 599).filter(lambda status: status not in (504, 524))
SECONDS = st.floats(0, 1e9, allow_nan=False)


@st.composite
def failures(draw: st.DrawFn) -> ImageGenError:
    error: ImageGenError = draw(st.sampled_from(KINDS))("words")
    error.http_status = draw(st.none() | st.integers(200, 599))
    error.retry_after = draw(st.none() | SECONDS)
    error.retryable = draw(st.booleans())
    return error


POLICIES = st.builds(RetryPolicy, retries=st.integers(0, 5), wait_limit=st.floats(0, 1e6))


@given(failures(), POLICIES, st.integers(0, 9), st.booleans())
def test_no_pause_is_ever_longer_than_the_person_allows(
    error: ImageGenError, policy: RetryPolicy, resent: int, unanswered: bool
) -> None:
    seconds = policy.pause(error, resent=resent, unanswered=unanswered)
    assert seconds is None or 0 <= seconds <= max(policy.wait_limit + SPREAD, LONGEST_PAUSE)


@given(failures(), POLICIES, st.integers(0, 9), st.booleans())
def test_no_more_is_sent_again_than_the_person_allows(
    error: ImageGenError, policy: RetryPolicy, resent: int, unanswered: bool
) -> None:
    if resent >= policy.retries:
        assert policy.pause(error, resent=resent, unanswered=unanswered) is None


@given(failures(), st.booleans())
def test_only_limits_real_5xx_and_unanswered_requests_are_sent_again(error: ImageGenError, unanswered: bool) -> None:
    if RetryPolicy().pause(error, resent=0, unanswered=unanswered) is None:
        return
    limited = isinstance(error, RateLimited) and error.retry_after is not None and error.retry_after <= 120
    failed = isinstance(error, ServerError) and (error.http_status or 0) >= 500
    lost = isinstance(error, CannotConnect) and unanswered
    assert error.retryable
    assert limited or failed or lost


@given(SERVER, SECONDS | st.none())
def test_a_5xx_is_sent_again_after_a_short_pause_whatever_wait_it_tells(status: int, told: float | None) -> None:
    error = ServerError("overloaded", http_status=status, retry_after=told)
    seconds = RetryPolicy().pause(error, resent=0, unanswered=False)
    assert seconds is not None
    assert SHORTEST_PAUSE <= seconds <= LONGEST_PAUSE


@given(st.floats(0, 120))
def test_a_short_limit_is_waited_for_and_never_cut_short(told: float) -> None:
    seconds = RetryPolicy().pause(RateLimited("slow", retry_after=told), resent=0, unanswered=False)
    assert seconds is not None
    assert told <= seconds <= told + SPREAD


@pytest.mark.parametrize("told", [None, 120.001, 432_000.0, -1.0, float("nan"), float("inf")])
def test_a_long_or_unknown_wait_is_left_to_the_person(told: float | None) -> None:
    assert RetryPolicy().pause(RateLimited("slow", retry_after=told), resent=0, unanswered=False) is None


def test_a_limit_of_nothing_is_never_waited_for() -> None:
    assert RetryPolicy().pause(RateLimited("limit: 0", retry_after=3, passes=False), resent=0, unanswered=False) is None


def test_pauses_differ_so_that_jobs_do_not_come_back_at_once() -> None:
    policy = RetryPolicy()
    drawn = {policy.pause(ServerError("x", http_status=503), resent=0, unanswered=False) for _ in range(20)}
    assert len(drawn) > 10


NEVER = [
    ServerError("an error under 200", http_status=200),
    ServerError("gateway timeout", http_status=504),
    ServerError("a timeout of Cloudflare's", http_status=524),
    NoAccount("auth_unavailable", http_status=503, retryable=True, retry_after=60),
    NoImage("empty_stream", http_status=500),
    Refused("policy", http_status=200, retryable=True),
    BadReply("cut", http_status=200),
    BadRequest("too late", http_status=408, retryable=True),
    TimedOut("600 s"),
    CannotConnect("another language", retryable=False),
]


@pytest.mark.parametrize("error", NEVER, ids=str)
@pytest.mark.parametrize("unanswered", [True, False])
def test_what_may_have_been_paid_for_or_will_not_change_is_never_sent_again(
    error: ImageGenError, unanswered: bool
) -> None:
    if isinstance(error, TimedOut):
        unanswered = True
    assert RetryPolicy(retries=5).pause(error, resent=0, unanswered=unanswered) is None


def test_nobody_listening_is_not_sent_again_since_nothing_was_sent() -> None:
    assert RetryPolicy().pause(CannotConnect("nothing listens"), resent=0, unanswered=False) is None


def _limits(rests: Rests, now: float) -> Iterator[str]:
    return (model for model in "ab" if rests.ahead(model, now) is not None)


def test_a_limit_holds_for_its_model_until_it_ends() -> None:
    rests, error = Rests(), RateLimited("slow")
    rests.begin("a", Pause(10.0, error))
    rests.begin("a", Pause(5.0, error))
    assert list(_limits(rests, 9.9)) == ["a"]
    assert list(_limits(rests, 10.0)) == []
    rests.begin("b", Pause(20.0, error))
    rests.end("b")
    assert list(_limits(rests, 11.0)) == []
