"""Who may come in: the five forms in which CLIProxyAPI takes a key, and its words when there is none."""

import hmac
import secrets
from collections.abc import Iterator

from starlette.requests import Request

KEY_MISSING = "Missing API key"
KEY_WRONG = "Invalid API key"


def random_key() -> str:
    """A key nobody can guess, good for one run."""
    return secrets.token_urlsafe(24)


def refusal(request: Request, key: str) -> str | None:
    """The words of the 401 for a request without ``key``, None where it carries it.

    Any one of the forms will do, whatever the others hold.
    """
    offered = list(_offered(request))
    if not offered:
        return KEY_MISSING
    wanted = key.encode()
    if any(hmac.compare_digest(each.encode(), wanted) for each in offered):
        return None
    return KEY_WRONG


def _offered(request: Request) -> Iterator[str]:
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, rest = authorization.partition(" ")
        yield rest.strip() if scheme.lower() == "bearer" else authorization
    for name in ("x-goog-api-key", "x-api-key"):
        if value := request.headers.get(name):
            yield value
    for name in ("key", "auth_token"):
        if value := request.query_params.get(name):
            yield value
