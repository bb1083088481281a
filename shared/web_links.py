"""Whether a link that people send leads to a host on the public network, judged by its text alone.

Promises: an address is read as browsers read it: full-width letters and dots, a trailing dot, and an IPv4 address in
decimal, octal or hexadecimal notation, with one to four parts, name the same host as the usual form. A private,
loopback, link-local, shared, reserved or multicast address, also inside an IPv6 address, is no public host, nor is a
name of one label or a name that stands for a local network.
Does not promise that the host exists, or what its name resolves to: whoever opens a link checks the address again.
"""

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from shared.names import is_invisible

#: Names that no public name server answers: RFC 6761, RFC 6762, RFC 7686, RFC 8375, and common names of
#: home networks and clusters.
LOCAL_ENDINGS = frozenset(
    (
        "localhost",
        "local",
        "localdomain",
        "localnet",
        "workgroup",
        "svc",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "home.arpa",
        "onion",
        "test",
        "invalid",
        "alt",
    )
)
HOST_MAX_CHARS, LABEL_MAX_CHARS = 253, 63
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
#: IPv6 networks whose addresses hold an IPv4 address, with the number of bits that follow it.
_EMBEDDING = (
    (IPv6Network("::/96"), 0),
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def is_public_https(address: str) -> bool:
    """Return whether the text is an https address of a public host, without a user name, a password or a blank."""
    return is_https(address) and is_public_host(urlsplit(address).hostname or "")


def is_https(address: str) -> bool:
    """Return whether the text is an https address with a host, without a user name, a password or a blank."""
    if not address.isprintable() or any(map(str.isspace, address)) or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 -- raises where the port is not one
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def is_public_host(host: str) -> bool:
    """Return whether a host, as `urlsplit` returns it, is a public name or address."""
    if ":" in host:
        return _is_public_ipv6(host)
    name = unicodedata.normalize("NFKC", host.translate(_DOTS)).casefold().translate(_DOTS).removesuffix(".")
    labels = name.split(".")
    if len(name) > HOST_MAX_CHARS or not all(map(_is_label, labels)):
        return False
    if _NUMBER.fullmatch(labels[-1]):
        address = _ipv4(labels)
        return address is not None and _is_public_ipv4(address)
    return len(labels) > 1 and not {labels[-1], ".".join(labels[-2:])} & LOCAL_ENDINGS


def is_public_address(address: str) -> bool:
    """Return whether an IP address, as a name server gives it, is one of the public network.

    An IPv4 address that is written inside an IPv6 address (mapped, NAT64, 6to4) is judged by itself.
    """
    if ":" in address:
        return _is_public_ipv6(address)
    try:
        return _is_public_ipv4(IPv4Address(address))
    except AddressValueError:
        return False


def _is_label(label: str) -> bool:
    if not 1 <= len(label) <= LABEL_MAX_CHARS:
        return False
    return bool(_LABEL.fullmatch(label)) if label.isascii() else all(map(_is_letter, label))


def _is_letter(sign: str) -> bool:
    return sign == "-" or (sign.isalnum() and not is_invisible(sign))  # what shows nothing some programs leave out


def _ipv4(parts: list[str]) -> IPv4Address | None:
    """Read an IPv4 address as the WHATWG URL standard does: the last of one to four numbers fills what is left."""
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        return None
    try:
        *first, last = [_number(each) for each in parts]
    except ValueError:  # 08 is no octal number
        return None
    if any(each > 255 for each in first) or last >= 256 ** (4 - len(first)):
        return None
    return IPv4Address(last + sum(each * 256 ** (3 - i) for i, each in enumerate(first)))


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)


def _is_public_ipv4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_public_ipv6(host: str) -> bool:
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return False
    for network, bits in _EMBEDDING:
        if address in network:
            return _is_public_ipv4(IPv4Address(int(address) >> bits & 0xFFFFFFFF))
    return address.scope_id is None and address.is_global and address in _GLOBAL_UNICAST
