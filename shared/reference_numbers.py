"""Reference numbers of complaints, objections and certificates: people give them when they ask about one of these.

A number is 80 bits of an HMAC-SHA-256 in base32: 16 letters A-Z and digits 2-7, so that people can type it.
Promises: the same key, kind and name give the same number, so a repeated command gets the same number; nobody can
compute a number without the key.
"""

import base64
import hmac

PATTERN = r"[A-Z2-7]{16}"
_BYTES = 10


def reference_number(key: bytes, kind: str, name: str) -> str:
    """Return the reference number, 16 characters, of the thing with this name; `kind` keeps complaints, objections and
    certificates of one name apart.
    """
    return base64.b32encode(hmac.digest(key, f"{kind} {name}".encode(), "sha256")[:_BYTES]).decode()
