"""Reference numbers: what people are given to ask by, of a complaint, an objection or a certificate.

A number is 80 bits of an HMAC-SHA-256 in base32: 16 letters and digits from 2 to 7, so that people can type it.
Promises: the same key, kind and name give the same number, so that a command that comes again is given it again; nobody
without the key can work out another's.
"""

import base64
import hmac

PATTERN = r"[A-Z2-7]{16}"
_BYTES = 10


def reference_number(key: bytes, kind: str, name: str) -> str:
    """The number of what `name` names among those of its kind."""
    return base64.b32encode(hmac.digest(key, f"{kind} {name}".encode(), "sha256")[:_BYTES]).decode()
