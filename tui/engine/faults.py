"""From a failure as the server tells it to one of our errors, with its words kept and what to do next.

CLIProxyAPI sends ``X-CPA-TRACE-ID`` when it picked an account: what failed is then behind the proxy. Without
it the proxy itself refused.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tui.domain.accounts import LOGIN_COMMAND
from tui.domain.errors import (
    BadReply,
    BadRequest,
    ImageGenError,
    ModelUnknown,
    NoAccount,
    NoImage,
    RateLimited,
    Refused,
    ServerError,
    Unauthorized,
)
from tui.domain.providers import provider_named
from tui.engine.said import Said, clean_words, read_body, read_said
from tui.engine.statuses import NOT_THE_PROXY, gone, judge_status
from tui.engine.waits import told_wait

TRACE_HEADER: Final = "x-cpa-trace-id"
PROXY: Final = "proxy"
PROVIDER: Final = "provider"

_TOKEN_ENDPOINT: Final = "oauth2.googleapis.com/token"
_COOLING: Final = "model_cooldown"


def fault_from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, path: str = "", provider: str | None = None
) -> ImageGenError:
    """The error that an HTTP answer other than 2xx stands for.

    ``headers`` finds names in any case; ``path`` is what the proxy's address has behind host and port;
    ``provider`` is who stands behind the model asked for, where the answer itself may not say.
    """
    traced = TRACE_HEADER in headers
    if 300 <= status < 400:
        return _redirected(status, headers.get("location", ""))
    value = read_body(body)
    said = read_said(value)
    said = said if said.provider else replace(said, provider=provider)
    explained = isinstance(value, dict) and isinstance(value.get("error"), dict)
    if status == 404 and not traced and not explained:
        fault: ImageGenError = _nothing_there(said.words or f"{status}, and not a word more", path)
    else:
        fault = _judge(status, said, traced=traced)
    fault.http_status = status
    fault.retry_after = _wait(fault, headers, said)
    return fault


def fault_from_error_object(error: Any, *, http_status: int, traced: bool) -> ImageGenError:
    """The error that an ``error`` member stands for that came under a status of success."""
    said = read_said({"error": error})
    fault = _judge(said.status or 500, said, traced=traced)
    if isinstance(fault, Unauthorized) or (said.status == 404 and type(fault) is BadRequest):
        fault = ServerError(fault.detail, provider=fault.provider, origin=fault.origin)
    fault.http_status = http_status
    fault.retry_after = _wait(fault, {}, said)
    return fault


def tell_page(fault: BadReply, headers: Mapping[str, str]) -> None:
    """A web page under a status of success, and no provider had a part in it: another server listens there."""
    if headers.get("content-type", "").lower().startswith("text/html") and TRACE_HEADER not in headers:
        fault.title = NOT_THE_PROXY
        fault.hint = (
            "A web page answers there, no proxy for pictures: give the proxy's address with --proxy URL, "
            "or try --sandbox."
        )
        fault.retryable = False
        fault.origin = PROXY


def _wait(fault: ImageGenError, headers: Mapping[str, str], said: Said) -> float | None:
    return told_wait(headers, said.errors, said.words, limited=isinstance(fault, RateLimited))


def _redirected(status: int, location: str) -> ImageGenError:
    where = clean_words(location) or "another address"
    hint = "Give the proxy's own address with --proxy URL."
    if location.lower().startswith("https://"):
        hint = "It wants TLS: give its address with --proxy https://…, or the proxy's own address."
    return BadReply(
        f"{status}: it sends us on to {where}",
        title=NOT_THE_PROXY,
        hint=hint,
        retryable=False,
        http_status=status,
        origin=PROXY,
    )


def _nothing_there(words: str, path: str) -> BadRequest:
    """CLIProxyAPI's 404 is empty and asks for no key: the path is wrong, not the request."""
    hint = "Nothing answers at this address: --proxy wants the proxy's address without a path behind it."
    if path.strip("/"):
        hint = (
            f"The address has {clean_words(path)[:200]} behind host and port, and nothing answers there: "
            "give --proxy the address without it."
        )
    return BadRequest(words, title=NOT_THE_PROXY, hint=hint, origin=PROXY)


def _judge(status: int, said: Said, *, traced: bool) -> ImageGenError:
    """The contract's table, from the telling words to the bare status."""
    if not said.words:
        said = replace(said, words=f"{status}, and not a word more")
    fault = (
        _judge_model(said, traced=traced)
        or _judge_account(status, said, traced=traced)
        or _judge_limit(status, said)
        or _judge_prompt(status, said)
        or judge_status(status, said, traced=traced)
    )
    fault.provider = said.provider
    fault.origin = PROVIDER if traced else PROXY
    return fault


def _judge_model(said: Said, *, traced: bool) -> ImageGenError | None:
    low = said.words.lower()
    if "is only supported on /v1/images" in low:
        return ModelUnknown(
            said.words,
            title="This model cannot be used this way",
            hint="The proxy serves it on another route than the one used here, and no retry changes that: "
            "choose a Gemini image model (image-gen models lists them).",
        )
    if "unknown provider for model" in low or "model_not_found" in said.marks:
        if low.endswith("unknown provider for model"):
            return ModelUnknown(
                said.words,
                title="The proxy read no model's name",
                hint="The request was damaged on its way, or the name is empty: choose one with --model.",
            )
        return gone(said.words) if traced else ModelUnknown(said.words)
    return None


def _judge_account(status: int, said: Said, *, traced: bool) -> ImageGenError | None:
    """Faults of the accounts that the proxy works with, told by the words; our own key is never among them."""
    low = said.words.lower()
    who = provider_named(said.provider)
    if "auth_unavailable" in low or "auth_not_found" in low:
        return NoAccount(
            said.words,
            title="The proxy has set every account for this model aside",
            hint="It does so for a minute after a failure of the provider, for half an hour after a refused login: "
            "try again then, or choose another model. image-gen doctor looks at the accounts.",
            retryable=True,
        )
    if "missing project_id" in low:
        return NoAccount(said.words, title=f"The proxy's {who.account} is incomplete", hint=who.step)
    if "invalid_grant" in low or "invalid_grant" in said.marks:
        return NoAccount(said.words, title=f"The proxy's {who.account} has expired", hint=who.step)
    if _TOKEN_ENDPOINT in low and status >= 500:
        return ServerError(
            said.words,
            title=f"The proxy could not renew its {who.account}",
            hint="Look whether the proxy's machine is on the network, and try again. If it was all along, log in "
            f"again: {LOGIN_COMMAND}",
        )
    if "API_KEY_INVALID" in said.marks and traced:
        return NoAccount(
            said.words,
            title=f"{who.master} does not accept the proxy's {who.account}",
            hint=f"{who.step} Other keys that the proxy has are not tried in its place.",
        )
    return Unauthorized(said.words) if "API_KEY_INVALID" in said.marks else None


def _judge_limit(status: int, said: Said) -> ImageGenError | None:
    low = said.words.lower()
    who = provider_named(said.provider)
    if _COOLING in said.marks or "in short cooldown" in low:
        return RateLimited(
            said.words,
            title="Every account for this model is resting",
            hint="The proxy lets them rest after the provider said no. Wait, or choose another model.",
        )
    if status != 429 and "RESOURCE_EXHAUSTED" not in said.marks:
        return None
    if "limit: 0" in low:
        return RateLimited(
            said.words,
            passes=False,
            title=f"The proxy's {who.account} has no quota for this model",
            hint="Its limit is 0, whatever wait it names: choose another model, or an account with a plan that "
            "includes this one.",
        )
    if "QUOTA_EXHAUSTED" in said.marks or "quota" in low or "exhausted" in low:
        return RateLimited(
            said.words,
            title=f"The quota of the proxy's {who.account} is used up",
            hint="Wait until it opens again, choose another model, or add another account to the proxy.",
        )
    return RateLimited(said.words)


def _judge_prompt(status: int, said: Said) -> ImageGenError | None:
    if "empty_stream" in said.words.lower():
        return NoImage(
            said.words,
            title="The stream ended before it began",
            hint="The prompt was blocked, or the provider failed: a stream cannot tell which. Ask again without "
            "--stream, which can; or change the wording.",
        )
    return Refused(said.words) if status == 403 and "moderation" in said.marks else None
