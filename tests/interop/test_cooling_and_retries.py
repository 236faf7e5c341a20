"""What the proxy does by itself after a failure: rests an account, asks again, asks another account."""

import pytest
from interop.binary import GOOGLE_KEYS, RealProxy, config
from interop.upstream import Answer, fox, google_error

from tui.domain.errors import ImageGenError

OVERLOADED = google_error(503, "UNAVAILABLE", "The model is overloaded.")
LIMITED = google_error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")
NO_LOGIN = google_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
BAD_KEY = google_error(
    400, "INVALID_ARGUMENT", "API key not valid.", {"kind": "ErrorInfo", "reason": "API_KEY_INVALID"}
)
RESTING = {"disable-cooling": False}


@pytest.fixture
def rested(fail):
    """Asks until the proxy itself says that its accounts rest: the first rest is a second, the next twice as long."""

    async def rested(proxy: RealProxy, prompt: str) -> ImageGenError:
        for _ in range(6):
            error = await fail(proxy, prompt)
            assert error.code == "rate_limited"
            if error.origin == "proxy":
                return error
        raise AssertionError("the accounts do not rest")

    return rested


async def test_a_resting_account_is_a_limit_with_its_seconds(running, fail, rested, upstream):
    cooling = running("cooling", config(upstream.url, **RESTING))
    take = upstream.will(LIMITED)
    first = await fail(cooling, take.prompt)
    assert (first.code, first.origin) == ("rate_limited", "provider")
    error = await rested(cooling, take.prompt)
    assert error.retry_after is not None
    assert 0 < error.retry_after <= 32
    assert "cooling down" in error.detail


async def test_an_account_set_aside_after_a_failure_is_no_dead_login(running, fail, upstream):
    cooling = running("set-aside", config(upstream.url, **RESTING))
    take = upstream.will(OVERLOADED)
    first, second = await fail(cooling, take.prompt), await fail(cooling, take.prompt)
    assert (first.code, second.code) == ("server_error", "no_account")
    assert second.http_status == 503
    assert second.retryable
    assert len(take.calls) == 1


async def test_the_other_models_of_a_resting_account_work(running, ask, fail, upstream):
    cooling = running("cooling-one-model", config(upstream.url, **RESTING))
    await fail(cooling, upstream.will(LIMITED).prompt)
    assert await ask(cooling, upstream.will(fox()).prompt, model="gemini-3.1-flash-image-preview")


async def test_the_proxy_asks_again_by_itself_and_we_see_one_success(running, ask, upstream):
    retrying = running("retrying", config(upstream.url, **{"request-retry": 2, "max-retry-interval": 5}))
    take = upstream.will(OVERLOADED, OVERLOADED, fox())
    assert await ask(retrying, take.prompt)
    assert len(take.calls) == 3


async def test_a_failure_for_ever_is_told_once_after_all_of_the_proxy_s_tries(running, fail, upstream):
    retrying = running("retrying", config(upstream.url, **{"request-retry": 2, "max-retry-interval": 5}))
    take = upstream.will(OVERLOADED)
    assert (await fail(retrying, take.prompt)).code == "server_error"
    assert len(take.calls) == 3


async def test_a_refusal_is_never_asked_again(running, fail, upstream):
    from interop.upstream import gemini

    retrying = running("retrying", config(upstream.url, **{"request-retry": 2, "max-retry-interval": 5}))
    for answer in (gemini(finish="IMAGE_SAFETY"), google_error(400, "INVALID_ARGUMENT", "no such ratio")):
        take = upstream.will(answer)
        await fail(retrying, take.prompt)
        assert len(take.calls) == 1


@pytest.mark.parametrize(
    ("answer", "calls"),
    [(LIMITED, 2), (NO_LOGIN, 2), (OVERLOADED, 2), (Answer(closed=True), 2)],
    ids=["429", "401", "503", "a lost connection"],
)
async def test_another_account_is_asked_when_the_first_fails(answer, calls, running, ask, upstream):
    two = running("two-accounts", config(upstream.url, google_keys=2))
    take = upstream.will(answer, fox())
    assert await ask(two, take.prompt)
    assert len(take.calls) == calls
    assert {call.key for call in take.calls} == set(GOOGLE_KEYS)


async def test_an_invalid_key_of_the_proxy_is_not_tried_in_another_place(running, fail, upstream):
    two = running("two-accounts", config(upstream.url, google_keys=2))
    take = upstream.will(BAD_KEY, fox())
    error = await fail(two, take.prompt)
    assert error.code == "no_account"
    assert len(take.calls) == 1


async def test_a_limit_of_both_accounts_is_a_limit(running, fail, rested, upstream):
    two = running("two-resting", config(upstream.url, google_keys=2, **RESTING))
    take = upstream.will(LIMITED)
    assert (await fail(two, take.prompt)).origin == "provider"
    assert {call.key for call in take.calls} == set(GOOGLE_KEYS)
    assert "cooling down" in (await rested(two, take.prompt)).detail


async def test_the_settings_of_the_proxy_s_example_make_us_wait_and_come_through(running, ask, upstream):
    settings = config(upstream.url, **RESTING, **{"request-retry": 3, "max-retry-interval": 30})
    example = running("example", settings)
    take = upstream.will(LIMITED, fox())
    assert await ask(example, take.prompt)
    assert len(take.calls) == 2
