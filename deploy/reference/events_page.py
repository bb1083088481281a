"""The reference page of events: every stored shape by service, with its fields, types and comments."""

import importlib
import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

from deploy.reference.markdown import HEAD, flowing, kind_of, table
from deploy.reference.source import fields_with_comments
from shared import events as kernel

SERVICES = ("submission", "moderation", "voting", "scoring", "ranking")

#: Meanings of the fields that many events have.
COMMON_FIELDS = {
    "at": "when the event happened: campaign time in milliseconds since the epoch",
    "by": "who gave the command: a staff name, a unit's code, or the name of a process",
    "entry": "the id of an entry: the unit's code, a hyphen, and a number that grows with each withdrawn entry",
    "unit": "the unit's code in the roll",
    "voter": "the voter's pseudonym: a keyed hash of the openid at the service account",
    "judge": "the judge's staff name",
    "version": "the version of the entry, or of the locked rules, that the event is about; from 1",
    "reason": "why, as a text or a code",
    "words": "what a person wrote",
    "likes": "the addresses of the LikeCast events concerned",
    "case": "what joins the events about the same held or voided likes",
    "cut": "how far each log was read: its last commit number by the name of the log",
    "digest": "the SHA-256 of the canonical bytes that the event is about, in hex",
    "proposal": "the name of a proposed result, such as P1",
    "rule_hash": "the SHA-256 of the canonical rules, in hex",
}


def events_page() -> str:
    """Return the Markdown of the page that lists every stored event by service, with fields, types and comments."""
    parts = [
        HEAD.format("Events"),
        "Stored names and fields never change; a changed shape is a new version with an upcaster.",
        "Each service writes to its own log; its README says what it promises.",
        "`Sealed` is text under a key of the vault ([privacy](../privacy.md)).",
        "",
        "These fields mean the same in every event; other fields are explained where they stand.",
        "",
        *table(("field", "meaning"), [(f"`{name}`", meaning) for name, meaning in COMMON_FIELDS.items()]),
        "",
    ]
    for service in SERVICES:
        module = importlib.import_module(f"services.{service}.events")
        shapes = [each for each in kernel._by_name.values() if each.cls.__module__ == module.__name__]
        parts += [f"## {service}\n", f"[What it promises](../../services/{service}/README.md).\n"]
        for shape in shapes:
            parts += [f"### `{shape.name}`\n", f"`{shape.cls.__name__}`, version {shape.v}.", *_doc(shape.cls), ""]
            parts += [*_fields(shape.cls), ""]
        for cls in _parts_of(shapes):
            parts += [f"### Part `{cls.__name__}`\n", *_doc(cls), "", *_fields(cls), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


def _doc(cls: type) -> list[str]:
    """Return the sentences of a class, if it has any of its own."""
    own = "" if (cls.__doc__ or "").startswith(f"{cls.__name__}(") else inspect.getdoc(cls) or ""
    return [flowing(own)] if own else []


def _parts_of(shapes: Sequence[kernel.Shape]) -> list[type]:
    """Return the dataclasses that the fields of events hold, sorted by name."""
    found: set[type] = set()
    waiting: list[Any] = [each.cls for each in shapes]
    while waiting:
        for hint in get_type_hints(waiting.pop()).values():
            inner = [each for each in _every_type(hint) if is_dataclass(each) and each not in found]
            found.update(each for each in inner if isinstance(each, type))
            waiting += inner
    return sorted(found, key=lambda each: each.__name__)


def _every_type(hint: Any) -> Iterator[Any]:
    yield hint
    for each in get_args(hint):
        yield from _every_type(each)


def _fields(cls: type) -> list[str]:
    hints = get_type_hints(cls)
    rows = [(f"`{each.name}`", kind_of(hints[each.name]), meaning) for each, meaning in fields_with_comments(cls)]
    return list(table(("field", "type", "meaning"), rows)) if rows else ["It has no fields."]
