"""What an error stands for whose words tell nothing in particular: its HTTP status decides, and who spoke."""

from typing import Final

from tui.domain.errors import (
    BadRequest,
    Forbidden,
    ImageGenError,
    ModelUnknown,
    NoAccount,
    ServerError,
    Unauthorized,
)
from tui.domain.providers import provider_named
from tui.engine.said import Said

NOT_THE_PROXY: Final = "The address is not that of the proxy"
_TAKES_NO_REQUEST: Final = (
    "What listens there is another server, one that takes no requests for pictures: give the proxy's address with "
    "--proxy URL. image-gen doctor says what it is."
)
_BUSY: Final = ("overloaded", "no capacity", "unavailable", "high demand")


def judge_status(status: int, said: Said, *, traced: bool) -> ImageGenError:
    """The contract's table by status; ``traced``: the proxy had picked an account, so a provider spoke."""
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
        return gone(words) if named else BadRequest(words)
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
    if status == 501 and not traced:
        return ServerError(words, title=NOT_THE_PROXY, hint=_TAKES_NO_REQUEST, retryable=False)
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
    if status == 405:
        return BadRequest(words, title=NOT_THE_PROXY, hint=_TAKES_NO_REQUEST)
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


def gone(words: str) -> ModelUnknown:
    """A model that the provider has no more, or never had."""
    return ModelUnknown(
        words,
        title="The provider does not serve this model",
        hint="The proxy may list it all the same: choose another with --model (image-gen models lists them).",
    )
