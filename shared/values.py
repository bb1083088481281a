"""Values that are made by the hundred thousand a second.

    @unguarded
    @dataclass(frozen=True, slots=True)
    class Change: ...

Python guards a frozen dataclass by setting each field through a function of `object`: seven fields take 1.1 µs instead
of 0.26. `mypy` sees the decorator `dataclass` and refuses every write, as before.
Promises: the same fields, equality, hash, text and defaults. Does not promise that a write fails when it runs.
"""

import dataclasses
from typing import Any, TypeVar

T = TypeVar("T")


def unguarded(cls: type[T]) -> type[T]:
    """The frozen dataclass, its fields set plainly."""
    fields = [
        (each.name, each.type, dataclasses.field(default=each.default, default_factory=each.default_factory))
        for each in dataclasses.fields(cls)  # type: ignore[arg-type]
    ]
    plain: Any = dataclasses.make_dataclass(cls.__name__, fields)
    type.__setattr__(cls, "__init__", plain.__init__)
    del cls.__setattr__, cls.__delattr__
    return cls
