"""The sentences on what is wrong with a proxy: first what happened, then what to type."""

import socket
import ssl
from collections.abc import Mapping
from typing import Final

from tui.domain.accounts import LOGIN_COMMAND
from tui.domain.proxy import ProxyAddress
from tui.domain.served import is_on_images_route
from tui.domain.words import one_line

ADDRESS_HINT: Final = "Give the proxy's address with --proxy URL, or try --sandbox."
START_HINT: Final = "Start the proxy (ccs cliproxy start), name another with --proxy URL, or try --sandbox."
KEY_HINT: Final = "Give its key with --api-key KEY or IMAGE_GEN_API_KEY."
LOGIN_HINT: Final = (
    f"Type {LOGIN_COMMAND}: Antigravity serves gemini-3.1-flash-image. A Gemini API key in the proxy's config "
    "will do too; a ccs gemini login serves none."
)
"""Which logins make pictures: the catalogue of CLIProxyAPI v7.2.140 (``models.json``)."""

OTHER_LOGIN_HINT: Final = "Log in there to a provider that makes pictures, or name another proxy with --proxy URL."
SAFE_MODE: Final = (
    "CLIProxyAPI serves nothing while the example keys (your-api-key-1 …) stand in its api-keys. "
    "Put a key of your own there, and give it here with --api-key KEY."
)

_GATEWAY: Final = (502, 503, 504)
_OWNERS_TOLD: Final = 3


def no_address(label: str) -> str:
    """For an address that nothing can be connected to."""
    return f"{one_line(label)} is no usable address. {ADDRESS_HINT}"


def no_client(error: Exception) -> str:
    """For an environment that names certificates or HTTP proxies that cannot be used."""
    return f"No connection can be made from here: {one_line(str(error), 120)}. Look at SSL_CERT_FILE and HTTPS_PROXY."


def too_slow(address: ProxyAddress, seconds: float) -> str:
    """For a server that says nothing within ``seconds``."""
    return f"{one_line(address.label)} does not answer within {seconds:g} s. {START_HINT}"


def no_list(name: str, address: ProxyAddress, seconds: float) -> str:
    """For a proxy that is there and gives no list of its models within ``seconds``."""
    restart = "Start it again: ccs cliproxy restart." if name == "CLIProxyAPI" else "Start it again."
    return f"{name} at {one_line(address.label)} gives no list of its models within {seconds:g} s. {restart}"


def key_refused(name: str, address: ProxyAddress) -> str:
    """For a proxy that does not take our key."""
    whose = "the usual key" if address.key_source == "default" else f"our key ({one_line(address.key_source)})"
    return f"{name or 'The proxy'} does not accept {whose}. {KEY_HINT}"


def no_login(name: str, *, is_cliproxyapi: bool) -> str:
    """For an empty list of models: no login that could be used, a paused or disabled one counts as none."""
    hint = LOGIN_HINT if is_cliproxyapi else OTHER_LOGIN_HINT
    return f"{name} serves no model: it has no usable account. {hint}"


def no_picture_model(name: str, models: tuple[str, ...], owners: Mapping[str, str], *, is_cliproxyapi: bool) -> str:
    """For a list in which nothing makes pictures on the chat route."""
    hint = LOGIN_HINT if is_cliproxyapi else OTHER_LOGIN_HINT
    elsewhere = [each for each in models if is_on_images_route(each)]
    if elsewhere:
        return f"{name} makes pictures only as {elsewhere[0]}, which is not on the chat route. {hint}"
    count = "1 model that makes none" if len(models) == 1 else f"{len(models)} models and none that makes pictures"
    told = sorted({one_line(owner, 20) for owner in owners.values()})[:_OWNERS_TOLD]
    logins = f" (of {', '.join(told)})" if told else ""
    return f"{name} serves {count}{logins}. {hint}"


def lives_at_the_root(address: ProxyAddress, origin: str) -> str:
    """For CLIProxyAPI asked under a path: its routes stand at the root alone from v7.2.0 on."""
    path = one_line(address.url)[len(origin) :]
    return f"CLIProxyAPI serves nothing under {path}. Give the address without it: --proxy {origin}"


def sends_elsewhere(address: ProxyAddress, target: str) -> str:
    """For a redirect, which is not followed: the key would go along."""
    if not target:
        return f"{one_line(address.label)} sends us elsewhere and does not say where. {ADDRESS_HINT}"
    return f"{one_line(address.label)} sends us on to {target}. If that is your proxy: --proxy {target}"


def refused_list(name: str, address: ProxyAddress, status: int) -> str:
    """For an HTTP status that is no answer to the question for the models."""
    who = name or one_line(address.label)
    hint = "Look whether the proxy behind it runs." if status in _GATEWAY and not name else ADDRESS_HINT
    return f"{who} answers HTTP {status} to the question for its models. {hint}"


def another_server(address: ProxyAddress, title: str, *, is_page: bool) -> str:
    """For a server that is no proxy; ``title`` is what it calls itself, empty where it does not say."""
    called = f" ({title})" if title else ""
    what = f"A web page{called} answers at" if is_page else f"Another server{called} answers at"
    return f"{what} {one_line(address.label)}, no proxy for pictures. {ADDRESS_HINT}"


def connect_trouble(address: ProxyAddress, error: Exception) -> str:
    """For a connection that gave no answer at all."""
    from tui.network import causes, httpx

    label = one_line(address.label)
    chain = list(causes(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = one_line(cause.verify_message or str(cause), 80)
            return f"The certificate of {label} is not trusted: {why}. If it is yours: --insecure."
        if isinstance(cause, ssl.SSLError):
            return (
                f"No secure connection to {label}: {one_line(str(error), 120)}. "
                "Check whether the address begins with http:// or https://."
            )
    if any(isinstance(cause, socket.gaierror) for cause in chain):
        return f"There is no host called {label}. {ADDRESS_HINT}"
    if isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.DecodingError)):
        return f"What listens at {label} does not answer as a proxy does. {ADDRESS_HINT}"
    return f"Nothing answers at {label}. {START_HINT}"
