"""Events: past facts with a stored name, a version, and plain fields.

    @event("like-cast", v=1)
    @dataclass(frozen=True, slots=True)
    class LikeCast: ...

Promises: the stored name never changes (the class may); what is stored reads back equal; an old version is lifted by
its upcasters while reading, and the stored bytes, which the hashes cover, stay as they were.
Does not promise: that a reader knows every event. A type that nobody registered raises UnknownEvent.

Fields are strings, integers, booleans, None, tuples of them, plain objects, or other frozen dataclasses.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NewType, TypeVar, get_type_hints

import cattrs

from shared.errors import UnknownEvent
from shared.values import unguarded

#: Encrypted text, see `shared.sealing`. It stands in an event as a string; hashes cover the sealed form.
Sealed = NewType("Sealed", str)

#: As many events as fit one commit, and so as one command may decide.
MAX_EVENTS = 256

T = TypeVar("T")
Fields = dict[str, Any]
Upcaster = Callable[[Fields], Fields]

_converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
_converter.register_structure_hook_func(lambda kind: kind is Sealed, lambda value, _: value)
_FLAT = (str, int, bool, Sealed, str | None, int | None, bool | None, Sealed | None)


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def take(value: Any, _: Any) -> Any:
        if type(value) is kind:
            return value
        if kind is not bool and isinstance(value, kind) and type(value) is not bool:
            return kind(value)  # BSON reads large integers as a subclass of int
        raise TypeError(f"{value!r} is not {kind.__name__}")

    return take


for _kind in (str, int, bool):
    _converter.register_structure_hook(_kind, _exactly(_kind))


@dataclass(frozen=True, slots=True)
class Shape:
    """How one event class is stored. `flat` shapes need no conversion of their values."""

    name: str
    v: int
    cls: type
    names: tuple[str, ...]
    flat: bool
    row: Callable[[Any], tuple[Any, ...]]


_by_name: dict[str, Shape] = {}
_by_class: dict[type, Shape] = {}
_upcasters: dict[tuple[str, int], Upcaster] = {}


def event(name: str, *, v: int = 1) -> Callable[[type[T]], type[T]]:
    """Register a frozen dataclass under its stored name and its present version.

    Replays build events by the million, so they are `shared.values.unguarded`.
    """

    def register(cls: type[T]) -> type[T]:
        if name in _by_name and _by_name[name].cls.__qualname__ != cls.__qualname__:
            raise ValueError(f"{name} is registered by {_by_name[name].cls!r}")
        shape = _shape(name, v, unguarded(cls))
        _by_name[name] = _by_class[cls] = shape
        return cls

    return register


def upcaster(name: str, *, v: int) -> Callable[[Upcaster], Upcaster]:
    """Register the function that lifts the fields of `name` from version `v` to `v + 1`."""

    def register(lift: Upcaster) -> Upcaster:
        _upcasters[name, v] = lift
        return lift

    return register


def _shape(name: str, v: int, cls: type) -> Shape:
    hints = get_type_hints(cls)
    names = tuple(field.name for field in fields(cls))
    return Shape(name, v, cls, names, all(hints[each] in _FLAT for each in names), _row(names))


def _row(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads the values of these fields, as a tuple also where they are one or none."""
    if not names:
        return lambda _: ()
    getter = operator.attrgetter(*names)
    return getter if len(names) > 1 else lambda event: (getter(event),)


def shape_of(event: object) -> Shape:
    """The shape that an event object is stored in."""
    return _by_class[type(event)]


def columns_of(shape: Shape, events: Sequence[object]) -> dict[str, list[Any]]:
    """Like events as parallel lists, one a field, of plain values."""
    rows = map(shape.row, events)
    columns = {each: list(values) for each, values in zip(shape.names, zip(*rows, strict=True), strict=True)}
    if not shape.flat:
        columns = {each: _converter.unstructure(values) for each, values in columns.items()}
        columns = {each: [_plain(value) for value in values] for each, values in columns.items()}
    return columns


def _plain(value: Any) -> Any:
    """Tuples become lists, so that what is stored and what is read are the same value."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def build_all(name: str, v: int, columns: Mapping[str, Sequence[Any]], count: int) -> Iterable[object]:
    """Stored columns as event objects of the present version, in order, each built when it is asked for."""
    shape = _by_name.get(name)
    if shape is None:
        raise UnknownEvent(f"no shape is registered for {name!r}")
    if v == shape.v and shape.flat and shape.names and set(columns) == set(shape.names):
        return map(shape.cls, *(columns[each] for each in shape.names))
    names = list(columns)
    rows = zip(*columns.values(), strict=True) if names else (() for _ in range(count))
    return (_build(shape, v, dict(zip(names, row, strict=True))) for row in rows)


def _build(shape: Shape, v: int, data: Fields) -> object:
    while v < shape.v:
        lift = _upcasters.get((shape.name, v))
        if lift is None:
            raise UnknownEvent(f"{shape.name} version {v} has no upcaster")
        data, v = lift(data), v + 1
    if v > shape.v:
        raise UnknownEvent(f"{shape.name} version {v} is newer than this code ({shape.v})")
    try:
        return _converter.structure(data, shape.cls)
    except Exception as problem:
        raise UnknownEvent(f"{shape.name} version {v} does not read: {problem!r}") from problem


def to_data(event: object) -> dict[str, Any]:
    """One event as plain data: `{"type", "v", "data"}`, the object that canonical bytes spell."""
    shape = shape_of(event)
    columns = columns_of(shape, [event])
    return {"type": shape.name, "v": shape.v, "data": {each: values[0] for each, values in columns.items()}}
