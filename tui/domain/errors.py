"""Every way a generation can fail, each with what happened and what to do next.

ImageGenError
├── CannotConnect     cannot_connect   nothing listens, DNS, TLS, lost before any answer   exit 3
├── TimedOut          timeout          the whole wait passed                               exit 3
├── AccessError
│   ├── Unauthorized  unauthorized     401 by the proxy itself: our key                    exit 4
│   ├── Forbidden     forbidden        403                                                 exit 4
│   └── NoAccount     no_account       the proxy has no usable account                     exit 4
├── RateLimited       rate_limited     429, cooldown, quota                                exit 5
├── ModelUnknown      model_unknown    the proxy does not serve that name                  exit 1
├── BadRequest        bad_request      any other 4xx                                       exit 1
├── Refused           refused          safety, policy, blocklist, recitation               exit 1
├── NoImage           no_image         an answer without a picture for another reason      exit 1
├── BadReply          bad_reply        not the promised shape, or cut off                  exit 1
├── ServerError       server_error     5xx, error objects under 200                        exit 1
├── DiskError         disk             the library cannot be written or read               exit 6
├── Interrupted       interrupted      we stopped: cancel, signal                          exit 130
└── InvalidRequest    usage            the request was wrong before it was sent            exit 2
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar


class ImageGenError(Exception):
    """A failure told in four parts: title, the server's words, what to do next, may a retry help.

    ``detail`` keeps the words of whoever refused, untouched. ``retry_after`` is in seconds. ``provider`` is
    the one behind the proxy that the answer names (``gemini``, ``antigravity`` …), None where it names none;
    ``origin`` whose words they are: ``proxy``, ``provider``, ``model``, or "" for our own.
    """

    code: ClassVar[str] = "server_error"
    exit_status: ClassVar[int] = 1
    default_title: ClassVar[str] = "Something went wrong"
    default_hint: ClassVar[str] = ""
    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        title: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        http_status: int | None = None,
        finish_reason: str | None = None,
        provider: str | None = None,
        origin: str = "",
    ) -> None:
        self.title = title or self.default_title
        self.detail = detail
        self.hint = self.default_hint if hint is None else hint
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.http_status = http_status
        self.finish_reason = finish_reason
        self.provider = provider
        self.origin = origin
        super().__init__(self.title)

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" if self.detail else self.title

    def as_dict(self) -> dict[str, Any]:
        """The ``error`` object of a ``--json`` line."""
        return {
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "hint": self.hint,
            "http_status": self.http_status,
            "finish_reason": self.finish_reason,
            "retryable": self.retryable,
            "retry_after": self.retry_after,
        }


class CannotConnect(ImageGenError):
    """Nothing answered: nobody listens, the name is unknown, TLS failed, or the connection was lost."""

    code = "cannot_connect"
    exit_status = 3
    default_title = "The proxy cannot be reached"
    default_hint = "Start the proxy (ccs cliproxy start), name another with --proxy URL, or try --sandbox."
    default_retryable = True


class TimedOut(ImageGenError):
    """``--timeout`` passed before the answer was whole."""

    code = "timeout"
    exit_status = 3
    default_title = "The answer took too long"
    default_hint = "Try again, ask for a smaller size, or allow more time with --timeout SECONDS."
    default_retryable = True


class AccessError(ImageGenError):
    """Somebody said who may not."""

    exit_status = 4


class Unauthorized(AccessError):
    """The proxy itself refused our key (its 401 carries no trace id)."""

    code = "unauthorized"
    default_title = "The proxy does not accept our key"
    default_hint = "Give the proxy's key (api-keys in its configuration) with --api-key KEY or IMAGE_GEN_API_KEY."


class Forbidden(AccessError):
    """403."""

    code = "forbidden"
    default_title = "The proxy forbids this"
    default_hint = "Look at the proxy's configuration: its words are above."


class NoAccount(AccessError):
    """The proxy has no usable account for this model, or its account was refused by the provider."""

    code = "no_account"
    default_title = "The proxy has no usable account for this model"
    default_hint = "Log in to a provider that makes pictures (ccs agy --auth), or choose another model."


class RateLimited(ImageGenError):
    """429, quota, or every account cooling down.

    ``passes`` is false for a limit of nothing at all: the wait that a server names with it changes nothing.
    """

    code = "rate_limited"
    exit_status = 5
    default_title = "Too many requests"
    default_hint = "Wait and try again, or choose another model."
    default_retryable = True

    def __init__(self, detail: str = "", *, passes: bool = True, **fields: Any) -> None:
        super().__init__(detail, **fields)
        self.passes = passes


class ModelUnknown(ImageGenError):
    """The proxy does not serve that name; ``nearest`` is the served one that comes nearest, where it is known."""

    code = "model_unknown"
    default_title = "The proxy does not serve this model"
    default_hint = "image-gen models lists what it serves; choose one with --model."
    nearest: str | None = None


class BadRequest(ImageGenError):
    """Any other 4xx."""

    code = "bad_request"
    default_title = "The request was not accepted"
    default_hint = "The server's words say what it did not like; change the prompt or the options."


class Refused(ImageGenError):
    """Safety, policy, blocklist, recitation, or a blocked prompt."""

    code = "refused"
    default_title = "The model refused"
    default_hint = "Change the wording of the prompt and try again."


class NoImage(ImageGenError):
    """A proper answer that holds no picture."""

    code = "no_image"
    default_title = "The answer holds no picture"
    default_hint = "Ask plainly for a picture (for example: Create an image of …) and try again."
    default_retryable = True


class BadReply(ImageGenError):
    """Not JSON, not the promised shape, not base64, not a picture, or cut off in the middle."""

    code = "bad_reply"
    default_title = "The answer is damaged"
    default_hint = "Try again; if it stays so, check that the address is that of the proxy."
    default_retryable = True


class ServerError(ImageGenError):
    """5xx, or an error object under 200."""

    code = "server_error"
    default_title = "The server failed"
    default_hint = "Try again in a moment."
    default_retryable = True


class DiskError(ImageGenError):
    """The library cannot be written or read; pictures already received lie in ``kept``."""

    code = "disk"
    exit_status = 6
    default_title = "The library cannot be written"
    default_hint = "Free some space or choose another folder with --output-dir."

    def __init__(self, detail: str = "", *, kept: Iterable[Path] = (), **fields: Any) -> None:
        super().__init__(detail, **fields)
        self.kept = tuple(kept)

    def as_dict(self) -> dict[str, Any]:
        """The same; the hint also says where the pictures are, which a script would not find otherwise."""
        told = super().as_dict()
        if self.kept:
            told["hint"] = f"{self.hint} What came is kept: {', '.join(map(str, self.kept))}".strip()
        return told


class Interrupted(ImageGenError):
    """We stopped: a cancel or a signal."""

    code = "interrupted"
    exit_status = 130
    default_title = "Interrupted"
    default_hint = "Nothing was kept of it; run it again when you like."
    default_retryable = True


class InvalidRequest(ImageGenError):
    """The request cannot be sent as it is; ``hint`` says what would be right."""

    code = "usage"
    exit_status = 2
    default_title = "The request cannot be sent"


def worst_exit_status(errors: Iterable[ImageGenError]) -> int:
    """The status for several failures: the contract's table read from the bottom (130, 6, 5, 4, 3, 2, 1)."""
    return max((error.exit_status for error in errors), default=0)
