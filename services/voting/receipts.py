"""Receipts: the address of a like with a MAC, so that a voter can ask and nobody can count through.

`<partition>.<n>.<i>.<16 hex digits>`. Checking one needs the key and one read by `_id`: no index is kept.
"""

import hmac

_MAC_HEX = 16


def receipt(key: bytes, address: str) -> str:
    """The receipt of the like at `vote.<p>/<n>/<i>`."""
    log, n, i = address.split("/")
    plain = f"{log.removeprefix('vote.')}.{n}.{i}"
    return f"{plain}.{_mac(key, plain)}"


def address_of(key: bytes, text: str) -> str | None:
    """The address that a receipt names, or None where it is not one of ours."""
    plain, _, mac = text.rpartition(".")
    if plain.count(".") != 2 or not hmac.compare_digest(_mac(key, plain).encode(), mac.encode()):
        return None
    partition, n, i = plain.split(".")
    return f"vote.{partition}/{n}/{i}"


def _mac(key: bytes, plain: str) -> str:
    return hmac.digest(key, f"receipt {plain}".encode(), "sha256").hex()[:_MAC_HEX]
