"""JSON documents in which no object has a key twice, and JSON pointers (RFC 6901) into them.

RFC 8259 leaves open what a repeated key means, and Python's parsers silently take the last. A reviewer, a signature
check and the product could then see different values in one document.

Promises: `loads` and `repeated_key` find a repetition at any depth, and name it by a pointer.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any


class RepeatedKey(ValueError):
    """An object in a JSON document has a key twice. `pointer` is the JSON pointer of that key."""

    def __init__(self, pointer: str) -> None:
        super().__init__(f"键重复 / duplicate key: {pointer}")
        self.pointer = pointer


def loads(document: str | bytes) -> Any:
    """Parse a JSON document. Raise RepeatedKey for a key that is given twice, and ValueError for what is not JSON."""
    parsed, repeated = _parse(document)
    if repeated is not None:
        raise RepeatedKey(repeated)
    return parsed


def repeated_key(document: bytes) -> str | None:
    """Return the JSON pointer of a key that an object of this document has twice, or None if there is none.

    Raise ValueError for what is not JSON, and RecursionError for what is nested too deep. Numbers are not looked at.
    """
    return _parse(document, parse_int=str, parse_float=str)[1]


def join_pointer(parts: Iterable[object]) -> str:
    """Return the JSON pointer to what these keys and indices lead to, such as `/files/0/name`."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _parse(document: str | bytes, **how: Any) -> tuple[Any, str | None]:
    repeating: dict[int, tuple[dict[str, Any], str]] = {}  # by the identity of the object, which is referred to as well

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                repeating.setdefault(id(found), (found, key))
            found[key] = value
        return found

    parsed = json.loads(document, object_pairs_hook=collect, **how)
    if not repeating:
        return parsed, None
    for parts, each in _objects(parsed, ()):
        if id(each) in repeating:
            return parsed, join_pointer((*parts, repeating[id(each)][1]))
    raise AssertionError("an object that repeats a key is within another one, or is the document")


def _objects(value: Any, parts: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], dict[str, Any]]]:
    """Yield every object of a document, the outer ones first, with the keys and indices that lead to it."""
    if isinstance(value, dict):
        yield parts, value
        for key, each in value.items():
            yield from _objects(each, (*parts, key))
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _objects(each, (*parts, i))
