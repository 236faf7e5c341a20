"""What went wrong between us and the proxy before any answer, told in words."""

import socket
import ssl
from typing import Final

from tui.domain.errors import CannotConnect
from tui.engine.said import clean_words
from tui.network import causes, httpx

CONNECT_SECONDS: Final = 5.0

_PLACE_HINT: Final = "Look at the address: --proxy URL wants one like http://127.0.0.1:8317."
_LOST_HINT: Final = (
    "Look whether the proxy still runs, then try again. The picture may have been made and paid for all the same."
)
_TRUST_HINT: Final = (
    "Its certificate is not trusted here: use its right name, name your own authority with SSL_CERT_FILE, or take "
    "it unchecked with --insecure."
)
_PLAIN_HINT: Final = "It does not speak TLS there: try the same address with http:// in front."
_OTHER_HINT: Final = "Something else listens there: give the proxy's own address with --proxy URL."


def may_pass(error: Exception) -> bool:
    """Whether connecting again in a moment can go better: nobody listened, the network was away."""
    chain = list(causes(error))
    return isinstance(error, httpx.ConnectError) and not any(
        isinstance(cause, ssl.SSLError | socket.gaierror) for cause in chain
    )


def connection_fault(error: Exception, label: str) -> CannotConnect:
    """The error for ``error``, which ended the talk with the proxy at ``label`` before it answered."""
    chain = list(causes(error))
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return CannotConnect(f"{label}: {clean_words(str(error))}", hint=_PLACE_HINT, retryable=False)
    if isinstance(error, httpx.ConnectTimeout):
        return CannotConnect(f"{label}: no connection within {CONNECT_SECONDS:g} seconds.")
    if isinstance(error, httpx.ProxyError):
        return CannotConnect(f"{label}: {clean_words(str(error))}", hint="Look at HTTP_PROXY and HTTPS_PROXY.")
    if isinstance(error, httpx.ConnectError):
        return _no_connection(error, chain, label)
    words = clean_words(str(error)) or "the connection was lost"
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in words:
        title = "What answers there does not speak HTTP"
        return CannotConnect(f"{label}: {words}", title=title, hint=_OTHER_HINT, retryable=False)
    return CannotConnect(f"{label}: {words}", title="The connection was lost before an answer", hint=_LOST_HINT)


def _no_connection(error: Exception, chain: list[BaseException], label: str) -> CannotConnect:
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CannotConnect(f"{label}: {cause.verify_message}", hint=_TRUST_HINT, retryable=False)
        if isinstance(cause, ssl.SSLError):
            words = f"{label} does not speak TLS as expected: {clean_words(str(cause.reason or cause))}"
            return CannotConnect(words, hint=_PLAIN_HINT, retryable=False)
        if isinstance(cause, socket.gaierror):
            return CannotConnect(f"{label}: there is no such name ({cause.strerror}).", hint=_PLACE_HINT)
    spoken = [cause.strerror for cause in chain if isinstance(cause, OSError) and cause.strerror]
    words = spoken[-1] if spoken else clean_words(str(error))
    if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
        words = "nothing listens there."
    return CannotConnect(f"{label}: {words}")
