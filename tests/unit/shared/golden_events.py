"""Golden file of events: one stored example of each shape that any service ever wrote, with the hash of its bytes.

    python -m tests.unit.shared.golden_events     adds examples of shapes (or versions) that have none

Never change an existing line: it stands for events that lie in ledgers.
"""

import importlib
import json
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from shared import events
from shared.canonical import digest

FILE = Path(__file__).parent / "golden" / "events.json"
SERVICES = ("submission", "moderation", "voting", "scoring", "ranking")


def read() -> list[dict[str, Any]]:
    """Return the examples, each as `{"type", "v", "data", "sha256"}`."""
    examples: list[dict[str, Any]] = json.loads(FILE.read_text())
    return examples


def registered() -> list[events.Shape]:
    """Return the shapes of all services, sorted by name."""
    for service in SERVICES:
        importlib.import_module(f"services.{service}.events")
    ours = [shape for shape in events._by_name.values() if shape.cls.__module__.startswith("services.")]
    return sorted(ours, key=lambda shape: shape.name)


def example(kind: Any, name: str) -> Any:
    """Return a value of a field's type that shows what the field may hold."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return example(inner[0], name)
    if origin is tuple:
        return tuple(example(inner[0], f"{name} {k}") for k in (1, 2))
    if origin is dict:
        return {"vote.0": example(int if inner[1] is Any else inner[1], name), "vote.1": 0}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: example(hints[field.name], field.name) for field in fields(kind)})
    return {bool: True, int: 1_622_995_200_000 + len(name)}.get(kind, f"百佳 «{name}»")


def stored(event: object) -> dict[str, Any]:
    """Return the example of an event as the golden file stores it."""
    data = events.to_data(event)
    return {**data, "sha256": digest(data)}


def main() -> None:
    """Add an example of each shape that has none."""
    examples = read() if FILE.exists() else []
    known = {(each["type"], each["v"]) for each in examples}
    examples += [stored(example(shape.cls, "")) for shape in registered() if (shape.name, shape.v) not in known]
    examples.sort(key=lambda each: (each["type"], each["v"]))
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in examples)
    FILE.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
