"""The engine's httpx, from the one room that opens connections."""

from tui.network import httpx, load_network, open_client

__all__ = ["httpx", "load_network", "open_client"]
