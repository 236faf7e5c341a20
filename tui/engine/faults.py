"""From a failure as the server tells it to one of our errors, with its words kept and what to do next.

CLIProxyAPI sends ``X-CPA-TRACE-ID`` when it picked an account: what failed is then behind the proxy. Without
it the proxy itself refused.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tui.domain.errors import (
    BadReply,
    BadRequest,
    Forbidden,
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
from tui.engine.waits import told_wait

TRACE_HEADER: Final = "x-cpa-trace-id"
PROXY: Final = "proxy"
PROVIDER: Final = "provider"

_TOKEN_ENDPOINT: Final = "oauth2.googleapis.com/token"
_COOLING: Final = "model_cooldown"
_BUSY: Final = ("overloaded", "no capacity", "unavailable", "high demand")


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


def _wait(fault: ImageGenError, headers: Mapping[str, str], said: Said) -> float | None:
    return told_wait(headers, said.errors, said.words, limited=isinstance(fault, RateLimited))


def _redirected(status: int, location: str) -> ImageGenError:
    where = clean_words(location) or "another address"
    hint = "Give the proxy's own address with --proxy URL."
    if location.lower().startswith("https://"):
        hint = "It wants TLS: give its address with --proxy https://…, or the proxy's own address."
    return BadReply(
        f"{status}: it sends us on to {where}",
        title="The address is not that of the proxy",
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
    return BadRequest(words, title="The address is not that of the proxy", hint=hint, origin=PROXY)


def _judge(status: int, said: Said, *, traced: bool) -> ImageGenError:
    """The contract's table, from the telling words to the bare status."""
    if not said.words:
        said = replace(said, words=f"{status}, and not a word more")
    fault = (
        _judge_model(said, traced=traced)
        or _judge_account(status, said, traced=traced)
        or _judge_limit(status, said)
        or _judge_prompt(status, said)
        or _judge_status(status, said, traced=traced)
    )
    fault.provider = said.provider
    fault.origin = PROVIDER if traced and _COOLING not in said.marks else PROXY
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
        return ModelUnknown(said.words, title=None if not traced else "The provider does not serve this model")
    return None


def _judge_account(status: int, said: Said, *, traced: bool) -> ImageGenError | None:
    """Faults of the accounts that the proxy works with, told by the words; our own key is never among them."""
    low = said.words.lower()
    who = provider_named(said.provider)
    if "auth_unavailable" in low or "auth_not_found" in low:
        return NoAccount(
            said.words,
            title="The proxy has set every account for this model aside",
            hint="It does so for about a minute after a failure of the provider: try again then, or choose "
            "another model. If it stays so, image-gen doctor looks at the accounts.",
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
            hint=f"Look whether the proxy's machine is on the network, then try again; if it is: {who.step}",
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
            title=f"The proxy's {who.account} has no quota for this model",
            hint="Its limit is 0, so waiting does not help: choose another model, or an account with a plan "
            "that includes this one.",
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


def _judge_status(status: int, said: Said, *, traced: bool) -> ImageGenError:
    words = said.words
    if status == 401:
        return _refused_login(said) if traced else _wrong_key(words)
    if status == 402:
        return NoAccount(
            words,
            title="The account has no credit left",
            hint=f"Add credit at {provider_named(said.provider).master}, or choose another model.",
        )
    if status == 403:
        return _denied_account(said) if traced else _forbidden(said)
    if status == 404:
        named = traced and any(said.errors)
        return ModelUnknown(words, title="The provider does not serve this model") if named else BadRequest(words)
    if status >= 500:
        return _server_error(status, words, traced=traced)
    return _bad_request(status, words)


def _wrong_key(words: str) -> Unauthorized:
    return Unauthorized(words, title="The proxy wants a key" if words.lower().startswith("missing") else None)


def _refused_login(said: Said) -> NoAccount:
    who = provider_named(said.provider)
    return NoAccount(said.words, title=f"The proxy's {who.account} was refused by {who.master}", hint=who.step)


def _denied_account(said: Said) -> NoAccount:
    who = provider_named(said.provider)
    hint = f"{who.step} Or choose another model."
    if "SERVICE_DISABLED" in said.marks:
        hint = "Switch the service named above on in the account's project, or choose another model."
    return NoAccount(said.words, title=f"The proxy's {who.account} may not do this", hint=hint)


def _forbidden(said: Said) -> Forbidden:
    if "unsafe_example_api_key" in said.marks:
        return Forbidden(
            said.words,
            title="The proxy still has its example keys",
            hint="It serves nothing while your-api-key-1 … stand under api-keys in its configuration: put a key "
            "of your own there (ccs tokens --api-key KEY).",
        )
    return Forbidden(said.words)


def _server_error(status: int, words: str, *, traced: bool) -> ServerError:
    if status == 504:
        return ServerError(
            words,
            title="The provider took too long" if traced else "The answer took too long on its way",
            hint="The picture may have been made and paid for all the same; try again later.",
        )
    if traced and any(word in words.lower() for word in _BUSY):
        hint = "Try again in a minute, or choose another model."
        return ServerError(words, title="The provider is overloaded", hint=hint)
    return ServerError(words, title="The provider failed" if traced else None)


def _bad_request(status: int, words: str) -> BadRequest:
    low = words.lower()
    if status == 408:
        return BadRequest(words, hint="It took too long on the way; try again.", retryable=True)
    if status == 413:
        return BadRequest(words, hint="It is too large: use fewer or smaller references.")
    if status == 499:
        return BadRequest(
            words, title="The request was given up", hint="The proxy saw us leave; try again.", retryable=True
        )
    if "https server" in low:
        return BadRequest(words, hint="It wants TLS: give its address with --proxy https://….")
    if "location is not supported" in low:
        return BadRequest(
            words,
            title="The provider does not serve the proxy's country",
            hint="No retry changes that: choose a model of another provider.",
        )
    if "thought_signature" in low:
        return BadRequest(words, hint="Start anew from the picture itself, as a reference.")
    return BadRequest(words, hint=_option_hint(low))


def _option_hint(low: str) -> str | None:
    for option, flag in (("aspect_ratio", "--aspect-ratio"), ("aspectratio", "--aspect-ratio")):
        if option in low:
            return f"The provider does not take this aspect ratio: choose another ({flag})."
    if "image_size" in low or "imagesize" in low:
        return "The provider does not take this size: choose another (--image-size)."
    return None
