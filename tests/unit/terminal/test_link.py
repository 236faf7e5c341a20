import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.link import FAST_ABOVE, GIVEN_UP, LOST, SLOW_BELOW, Link, link_of


class Wire:
    """A link that takes ``rate`` bytes a second and answers after ``delay``, seen through its questions."""

    def __init__(self, rate: float, delay: float = 0.003) -> None:
        self.rate = rate
        self.delay = delay
        self.now = 100.0
        self.link = Link(clock=lambda: self.now)
        self.link.ping_sent()
        self.answer(0)

    def answer(self, size: int) -> None:
        self.now += self.delay + size / self.rate
        self.link.heard()

    def burst(self, size: int, pause: float = 0.0) -> None:
        self.link.sent(size, pictures=size)
        self.link.ping_sent(size, streamed=not pause)
        self.answer(size)
        self.now += pause

    def bursts(self, count: int, size: int = 4096) -> None:
        for _ in range(count):
            self.burst(size)


@pytest.mark.parametrize("rate", [32_768, 150_000, 1_000_000, 20_000_000])
@pytest.mark.parametrize("delay", [0.001, 0.05, 0.4])
def test_the_rate_is_what_the_terminal_takes_however_far_it_is(rate: float, delay: float) -> None:
    wire = Wire(rate, delay)
    wire.bursts(20, max(4096, round(rate * 0.003)))
    assert wire.link.rate == pytest.approx(rate, rel=0.05)
    assert wire.link.round_trip == pytest.approx(delay)
    assert wire.link.slow is (rate < SLOW_BELOW)


def test_bursts_without_a_pause_between_are_measured_by_what_came_between_their_answers() -> None:
    wire = Wire(50_000, 0.1)
    for _ in range(8):
        wire.link.sent(4096, pictures=4096)
        wire.link.ping_sent(4096, streamed=True)
    wire.now += 0.1
    for _ in range(8):
        wire.now += 4096 / 50_000
        wire.link.heard()
    assert wire.link.rate == pytest.approx(50_000, rel=0.05)


def test_answers_that_come_all_at_once_tell_the_rate_of_all_of_them() -> None:
    wire = Wire(10_000_000)
    for _ in range(20):
        for _ in range(16):
            wire.link.sent(16_384, pictures=16_384)
            wire.link.ping_sent(16_384, streamed=True)
        wire.now += wire.delay + 16 * 16_384 / 10_000_000
        for _ in range(16):
            wire.link.heard()
    assert wire.link.rate == pytest.approx(10_000_000, rel=0.1)


def test_what_went_by_while_nothing_was_asked_does_not_count() -> None:
    wire = Wire(100_000)
    for _ in range(10):
        wire.link.sent(50_000, frame=True)
        wire.now += 1.0
        wire.burst(20_000, pause=1.0)
    assert wire.link.rate == pytest.approx(100_000, rel=0.05)


def test_a_question_behind_another_does_not_tell_the_round_trip() -> None:
    wire = Wire(100_000)
    for _ in range(20):
        wire.link.sent(8192, pictures=8192)
        wire.link.ping_sent(8192)
        wire.link.ping_sent()
        wire.answer(8192)
        wire.link.heard()
    assert wire.link.round_trip == pytest.approx(wire.delay)


def test_one_late_answer_is_a_busy_machine_and_no_slow_link() -> None:
    wire = Wire(10_000_000)
    wire.bursts(3)
    wire.delay += 0.5
    wire.burst(4096)
    wire.delay -= 0.5
    wire.bursts(3)
    assert not wire.link.slow


@given(st.lists(st.tuples(st.sampled_from([0.003, 0.06, 0.09]), st.integers(100, 6000)), min_size=50, max_size=80))
def test_a_terminal_that_takes_its_time_to_draw_is_no_slow_link(frames: list[tuple[float, int]]) -> None:
    wire = Wire(50_000_000)
    for delay, size in frames:
        wire.delay = delay
        wire.link.sent(size, frame=True)
        if wire.link.wants_ping:
            wire.link.ping_sent(size)
            wire.answer(size)
    assert not wire.link.slow


def test_a_moment_is_not_enough_to_call_a_link_slow() -> None:
    wire = Wire(10_000_000)
    for late in (0.12, 0.1, 0.003, 0.003):
        wire.delay = late
        wire.burst(4096)
    assert not wire.link.slow


@pytest.mark.parametrize("still", [0.06, 0.3])
@pytest.mark.parametrize("together", [3, 6])
def test_a_terminal_that_stands_still_now_and_then_and_takes_everything_at_once_is_no_slow_link(
    still: float, together: int
) -> None:
    wire = Wire(50_000_000)
    for turn in range(40):
        sizes = [1046 + 700 * ((turn + number) % 4) for number in range(together)]
        for size in sizes:
            wire.link.sent(size, pictures=size)
            wire.link.ping_sent(size, streamed=True)
        wire.now += still
        for number, _ in enumerate(sizes):
            wire.now += 0.0007 * (number % 2)
            wire.link.heard()
        assert not wire.link.slow, turn


@pytest.mark.parametrize("rate", [32_768, 100_000, 150_000])
def test_a_slow_link_whose_answers_come_in_pairs_is_found_within_a_second_of_bytes(rate: int) -> None:
    wire = Wire(rate, 0.05)
    turns = 0
    while not wire.link.slow:
        for _ in range(2):
            wire.link.sent(1046, pictures=1046)
            wire.link.ping_sent(1046, streamed=True)
        # Now and then both come in one packet.
        apart = 1046 / rate if turns % 3 else 0.0
        wire.now += wire.delay + 2 * 1046 / rate - apart
        wire.link.heard()
        wire.now += apart
        wire.link.heard()
        turns += 1
        assert turns * 2 * 1046 < rate


def test_a_terminal_that_reads_our_files_is_on_no_slow_link_however_busy_the_machine_is() -> None:
    wire = Wire(50_000)
    wire.link.near = True
    wire.bursts(40)
    assert not wire.link.slow
    wire.link.near = False
    wire.bursts(1)
    assert wire.link.slow


def test_a_link_taken_for_slow_is_fast_again_when_most_is_taken_at_once() -> None:
    wire = Wire(50_000)
    wire.bursts(12)
    assert wire.link.slow
    for _ in range(12):
        for _ in range(6):
            wire.link.sent(2048, pictures=2048)
            wire.link.ping_sent(2048, streamed=True)
        wire.now += 0.3
        for _ in range(6):
            wire.link.heard()
    assert not wire.link.slow


def test_between_slow_and_fast_it_stays_what_it_was() -> None:
    wire = Wire(100_000)
    wire.bursts(12)
    told: list[bool] = []
    wire.link.subscribe(lambda: told.append(wire.link.slow))
    between = (SLOW_BELOW + FAST_ABOVE) / 2
    for rate in (between, SLOW_BELOW * 1.1, between, FAST_ABOVE * 0.9):
        wire.rate = rate
        wire.bursts(30)
    assert told == []
    wire.rate = FAST_ABOVE * 2
    wire.bursts(60)
    assert told == [False]
    wire.rate = between
    wire.bursts(60)
    assert told == [False]
    wire.rate = SLOW_BELOW / 2
    wire.bursts(60)
    assert told == [False, True]


def test_a_way_that_became_longer_is_not_taken_for_a_slow_one() -> None:
    wire = Wire(5_000_000, 0.002)
    wire.bursts(5)
    wire.delay = 0.06
    for _ in range(30):
        wire.link.ping_sent()
        wire.answer(0)
        wire.burst(32_768, pause=5.0)
    assert wire.link.round_trip == pytest.approx(0.06, rel=0.1)
    assert not wire.link.slow


@pytest.mark.parametrize(
    ("mode", "rate", "economical"),
    [("auto", 50_000, True), ("auto", 5e6, False), ("full", 50_000, False), ("economy", 5e6, True)],
)
def test_economy_is_by_measure_or_by_wish(mode: str, rate: float, economical: bool) -> None:
    wire = Wire(rate)
    wire.bursts(12)
    told: list[str] = []
    end = wire.link.subscribe(lambda: told.append(wire.link.mode))
    wire.link.mode = mode
    assert wire.link.economical is economical
    assert told == ([] if mode == "auto" else [mode])
    end()
    wire.link.mode = "off"
    assert len(told) == (mode != "auto")


def test_a_question_is_wanted_for_the_round_trip_and_after_much_and_not_where_nobody_answers() -> None:
    wire = Wire(1e6)
    link = wire.link
    assert not link.wants_ping
    link.sent(10_000, frame=True)
    assert link.wants_ping
    link.ping_sent(10_000)
    assert not link.wants_ping
    mute = Link(clock=lambda: wire.now)
    for _ in range(GIVEN_UP):
        assert mute.wants_ping
        mute.ping_sent()
        assert not mute.wants_ping
        wire.now += LOST * 1.01
    assert not mute.wants_ping
    mute.sent(100_000)
    assert not mute.wants_ping


def test_a_question_that_nobody_answers_is_given_up_and_the_next_answer_is_to_the_next_one() -> None:
    wire = Wire(1e6)
    link = wire.link
    link.ping_sent(asker="frame")
    wire.now += LOST * 0.9
    link.ping_sent(asker="store")
    assert link.asker == "frame"
    assert link.awaits("store")
    wire.now += LOST * 0.2
    assert link.asker == "store"
    assert not link.awaits("frame")
    wire.answer(0)
    assert link.asker is None


def test_the_line_of_the_debug_view() -> None:
    link = Link()
    link.sent(900_000, pictures=900_000)
    link.sent(299_660)
    link.sent(340, frame=True)
    assert link.words() == "wire 1.2 MB · pictures 900 KB · last frame 340 B"
    link.rate, link.round_trip, link.mode = 680_000, 0.0123, "economy"
    assert link.words().endswith(" · last frame 340 B · 680 KB/s · 12 ms · economy")


def steps() -> st.SearchStrategy[list[tuple[str, int]]]:
    return st.lists(st.tuples(st.sampled_from(["sent", "ping", "heard", "lost", "time"]), st.integers(0, 100_000)))


@given(steps())
def test_any_order_of_questions_and_answers_is_counted_without_a_fault(operations: list[tuple[str, int]]) -> None:
    now = 0.0
    link = Link(clock=lambda: now)
    written = 0
    outstanding = 0
    for what, number in operations:
        if what == "sent":
            link.sent(number)
            written += number
        elif what == "ping":
            link.ping_sent(number)
            outstanding += 1
        elif what == "heard":
            took = link.heard(now - number / 1e6)
            assert (took is None) is (outstanding == 0)
            outstanding = max(0, outstanding - 1)
        elif what == "lost":
            link.lost()
            outstanding = 0
        else:
            now += number / 1e5
    assert link.written == written
    assert link.rate is None or link.rate > 0


def test_each_app_has_one_link() -> None:
    class App:
        """Anything that a weak reference can be had of."""

    one, other = App(), App()
    assert link_of(one) is link_of(one)
    assert link_of(one) is not link_of(other)
