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


def events_page() -> str:
    """Return the Markdown of the page that lists every stored event by service, with fields, types and comments."""
    parts = [
        HEAD.format("Events"),
        "Stored names and fields never change; a changed shape is a new version with an upcaster.",
        "Each service writes to its own log; its README says what it promises.",
        "In every event `at` is campaign time in milliseconds since the epoch, and `by` is who gave the order.",
        "`Sealed` is text under a key of the vault ([privacy](../privacy.md)).",
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
