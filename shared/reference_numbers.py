"""Reference numbers of complaints, objections and certificates, by which people ask for the state of one.

A number is 80 bits of an HMAC-SHA-256 in base32: 16 letters and digits from 2 to 7, so that people can type it.
Promises: the same key, kind and name give the same number, so that a repeated command gets the same number again;
nobody without the key can compute the number of another name.
"""

import base64
import hmac

PATTERN = r"[A-Z2-7]{16}"
_BYTES = 10


def reference_number(key: bytes, kind: str, name: str) -> str:
    """Return the reference number of `name` within a kind, such as "complaint"."""
    return base64.b32encode(hmac.digest(key, f"{kind} {name}".encode(), "sha256")[:_BYTES]).decode()
