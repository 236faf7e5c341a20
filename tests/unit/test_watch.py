"""The proxy is looked at when it may have changed and somebody sees it, and never twice at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.errors import CannotConnect, ModelUnknown, NoAccount, RateLimited, Refused, TimedOut, Unauthorized
from tui.domain.job import Job, JobState
from tui.domain.proxy import ProxyHealth
from tui.domain.request import Request
from tui.watch import EVERY, LONGEST_LOOK, ProxyWatch


class Room:
    """A watch with a clock that a test moves."""

    def __init__(self):
        self.now = 1000.0
        self.looks = 0
        self.watch = ProxyWatch(self._look, lambda: self.now)

    def _look(self):
        self.looks += 1

    def after(self, seconds, *, idle=True, visible=True):
        self.now += seconds
        self.watch.tick(idle=idle, visible=visible)
        return self.looks


def looked_once():
    room = Room()
    room.watch.began()
    room.watch.ended()
    return room


def test_idle_and_visible_it_looks_every_thirty_seconds():
    room = looked_once()
    assert room.after(EVERY - 1) == 0
    assert room.after(1) == 1
    room.watch.ended()
    assert room.after(EVERY - 1) == 1
    assert room.after(2) == 2


@pytest.mark.parametrize("state", [{"idle": False}, {"visible": False}])
def test_with_jobs_on_their_way_or_nobody_watching_it_does_not_look(state):
    room = looked_once()
    assert room.after(10 * EVERY, **state) == 0
    assert room.after(0) == 1


@pytest.mark.parametrize("error", [CannotConnect(), Unauthorized(), NoAccount(), ModelUnknown()])
def test_a_failure_that_says_something_about_the_proxy_makes_it_look_at_once(error):
    room = looked_once()
    room.watch.failed(error)
    assert room.looks == 1


@pytest.mark.parametrize("error", [Refused(), RateLimited(), TimedOut()])
def test_other_failures_do_not(error):
    room = looked_once()
    room.watch.failed(error)
    assert room.looks == 0


def test_a_picture_from_a_proxy_that_was_thought_to_be_gone_makes_it_look_at_once():
    room = looked_once()
    done = Job("1", Request("a fox"), JobState.DONE)
    for health in (None, ProxyHealth(answers=True, models=("m",))):
        room.watch.heard(done, health)
    assert room.looks == 0
    room.watch.heard(done, ProxyHealth(answers=False, trouble="Nothing answers."))
    assert room.looks == 1


def test_a_job_that_is_on_its_way_tells_nothing_of_the_proxy():
    room = looked_once()
    for state in (JobState.RUNNING, JobState.WAITING):
        room.watch.heard(
            Job("1", Request("a fox"), state, error=CannotConnect()), ProxyHealth(answers=False, trouble="x")
        )
    assert room.looks == 0


def test_many_failures_during_one_look_make_one_more_behind_it():
    room = looked_once()
    for _ in range(20):
        room.watch.failed(CannotConnect())
    assert room.looks == 1
    room.watch.ended()
    assert room.looks == 2
    room.watch.ended()
    assert room.looks == 2


def test_another_proxy_is_looked_at_at_once():
    room = looked_once()
    room.watch.look()
    room.watch.moved()
    assert room.looks == 2
    room.watch.ended()
    assert room.looks == 2


def test_a_look_that_was_dropped_holds_nothing_up_for_ever():
    room = looked_once()
    room.watch.look()
    assert room.after(EVERY) == 2
    assert LONGEST_LOOK < EVERY


steps = st.lists(
    st.tuples(st.sampled_from(["tick", "fail", "end", "blind"]), st.floats(0, LONGEST_LOOK / 4)), max_size=60
)


@given(steps=steps)
def test_two_looks_are_never_on_their_way_at_once(steps):
    room = looked_once()
    ended = 0
    for step, seconds in steps:
        room.now += seconds
        if not room.watch.is_looking:
            ended = room.looks
        if step == "fail":
            room.watch.failed(CannotConnect())
        elif step == "end" and room.watch.is_looking:
            ended += 1
            room.watch.ended()
        elif step in ("tick", "blind"):
            room.watch.tick(idle=True, visible=step == "tick")
        assert room.looks - ended <= 1
