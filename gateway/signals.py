"""What a request tells about where it comes from, as keyed hashes: never an address, never a whole User-Agent.

Detectors read them later; nothing here refuses anybody. They are sealed before they are stored (`likes.py`).
"""

import hmac
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from starlette.requests import Request

_FAMILIES = ("MicroMessenger", "Edg", "Firefox", "OPR", "HeadlessChrome", "Chrome", "Safari", "curl", "python")


def network(request: Request) -> str:
    """The /24 or /48 that a request comes from."""
    return _prefix(request.client.host) if request.client else ""


def signals(key: bytes, client: str, agent: bytes) -> dict[str, Any]:
    """What goes along with a like."""
    return {"net": _hashed(key, client), "ua": _family(agent)}


@lru_cache(maxsize=20_000)
def _hashed(key: bytes, client: str) -> str:
    prefix = _prefix(client)
    return hmac.digest(key, f"net {prefix}".encode(), "sha256").hex()[:16] if prefix else ""


@lru_cache(maxsize=2_000)
def _family(agent: bytes) -> str:
    text = agent[:400].decode("latin-1")
    return next((each for each in _FAMILIES if each in text), "other")


def _prefix(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
