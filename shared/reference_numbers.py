"""Reference numbers of complaints, objections, certificates and hand-ins: people give them when they ask about these.

A number is bits of an HMAC-SHA-256 in base32, of letters A-Z and digits 2-7, so that people can type it: 80 bits in 16
characters, or 55 bits in 12 characters of which the last is a check character.
Promises: the same key, kind and name give the same number, so a repeated command gets the same number; nobody can
compute a number without the key; a number with a check character does not fit any more if one character is mistaken or
two are exchanged.
"""

import base64
import hmac

PATTERN = r"[A-Z2-7]{16}"
_BYTES = 10
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, which is primitive over GF(2)


def reference_number(key: bytes, kind: str, name: str) -> str:
    """Return the reference number, 16 characters, of the thing with this name; `kind` keeps complaints, objections and
    certificates of one name apart.
    """
    return base64.b32encode(hmac.digest(key, f"{kind} {name}".encode(), "sha256")[:_BYTES]).decode()


def checked_number(key: bytes, kind: str, name: str) -> str:
    """Return the short reference number, 11 characters and a check character, of the thing with this name."""
    body = reference_number(key, kind, name)[:11]
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the check character of a text in base32: its sum over GF(32), in which each place has a weight of its own.

    So another character in one place, or two characters in each other's places, have another sum.
    """
    total, weight = 0, 1
    for sign in body:
        weight = _product(weight, 2)
        total ^= _product(weight, _ALPHABET.index(sign))
    return _ALPHABET[total]


def is_checked(number: str) -> bool:
    """Return whether a number has twelve characters of which the last is the check character of the others."""
    return (
        len(number) == 12 and all(sign in _ALPHABET for sign in number) and check_character(number[:-1]) == number[-1]
    )


def _product(one: int, other: int) -> int:
    """Multiply two elements of GF(32), as polynomials over GF(2) modulo `_POLYNOMIAL`."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 32:
            one ^= _POLYNOMIAL
        other >>= 1
    return product
