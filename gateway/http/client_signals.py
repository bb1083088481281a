"""Signals about a request's origin as keyed hashes: never an address, never a whole User-Agent.

Admission counts rates by them, and detectors of fraud read them later; nothing in this module refuses a request. The
signals are encrypted before they are stored (`backends/like_batches.py`). An address that a proxy reports is believed
only if the proxy is one of ours.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple, cast

from starlette.requests import Request
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.settings import Settings

_FAMILIES = ("MicroMessenger", "Edg", "Firefox", "OPR", "HeadlessChrome", "Chrome", "Safari", "curl", "python")


class Source(NamedTuple):
    """Where a request comes from, as two keyed hashes: of its address and of its network.

    The address of IPv6 is its /64, which belongs to one household; the network is the /24 or, for IPv6, the /48.
    """

    address: str
    network: str


NOWHERE = Source("", "")


def trust_proxies(app: ASGIApp, trusted: Sequence[str]) -> ASGIApp:
    """Wrap the application so that it sees the client's address, and not that of these trusted proxies.

    Each proxy is an address or a network. uvicorn's middleware walks X-Forwarded-For from the right and stops at the
    first address that is not trusted. Without trusted proxies the header is not read at all.
    """
    if not trusted:
        return app
    return cast(ASGIApp, ProxyHeadersMiddleware(cast(Any, app), trusted_hosts=list(trusted)))


def warnings(settings: Settings) -> list[str]:
    """Return codes of mistakes in how this gateway is reached, which otherwise only the first voters would notice.

    The only code is `no-proxy-is-trusted`: people use https, a proxy before us terminates TLS, and no proxy is trusted.
    We would take every request for plain http: a like by cookie would be refused as `cross-site`, since its Origin is
    https, and all voters would have the proxy's address.
    """
    ends_before_us = settings.public_url.lower().startswith("https:")
    return ["no-proxy-is-trusted"] if ends_before_us and not settings.trusted_proxies else []


def is_within(request: Request, networks: Sequence[str], *, trusts_proxies: bool) -> bool:
    """Return whether a request comes from one of these addresses and networks.

    A request that says that a proxy passed it on has an unknown origin unless proxies of ours are trusted: its address
    is then the proxy's. An unknown origin is within none.
    """
    address = _address(request.client.host) if request.client else None
    is_passed_on = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if address is None or (is_passed_on and not trusts_proxies):
        return False
    return any(address in ip_network(each) for each in networks)


def network(request: Request) -> str:
    """Return the network (/24, or /48 for IPv6) that a request comes from, or "" if its address is unknown.

    It is not hashed, so it must not be stored.
    """
    address = _address(request.client.host) if request.client else None
    return "" if address is None else _prefix(address)


def address_mark(key: bytes, request: Request) -> str:
    """Return the keyed hash of the address that a request comes from, or "" if the address is unknown."""
    return source(key, request.client.host if request.client else "").address


@lru_cache(maxsize=50_000)
def source(key: bytes, client: str) -> Source:
    """Return the keyed hashes of a client's address and network, for counting rates without storing addresses.

    Return NOWHERE if `client` is not an IP address, as with test clients and sockets.
    """
    address = _address(client)
    if address is None:
        return NOWHERE
    own = str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))
    return Source(_keyed_hash(key, f"addr {own}"), _keyed_hash(key, f"net {_prefix(address)}"))


@lru_cache(maxsize=50_000)
def device_mark(key: bytes, device: str) -> str:
    """Return the keyed hash of a device cookie's value, or an empty text without a cookie."""
    return _keyed_hash(key, f"device {device}") if device else ""


@lru_cache(maxsize=2_000)
def family(agent: bytes) -> str:
    """Return the browser family that a User-Agent names, such as "MicroMessenger" (WeChat), or "other"."""
    text = agent[:400].decode("latin-1")
    return next((each for each in _FAMILIES if each in text), "other")


def is_in_wechat(request: Request) -> bool:
    """Return whether a request comes from WeChat's own browser, the only one in which its pages work."""
    return "MicroMessenger" in request.headers.get("user-agent", "")


def _address(client: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(client)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _prefix(address: IPv4Address | IPv6Address) -> str:
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def _keyed_hash(key: bytes, text: str) -> str:
    return b64encode(hmac.digest(key, text.encode(), "sha256")[:8], b"-_")[:11].decode()
