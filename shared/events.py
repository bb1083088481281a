"""Event registry: maps each event class to the name and version that its events are stored under.

    @event("like-cast", v=1)
    @dataclass(frozen=True, slots=True)
    class LikeCast: ...

Promises: the stored name never changes (the class may); an event that is stored reads back equal; upcasters lift an old
version while it is read, and the stored bytes, which the hashes cover, stay as they were.
Does not promise that a reader knows every event: a type that is not registered raises UnknownEvent.

Fields are strings, integers, booleans, None, tuples of them, plain objects, or other frozen dataclasses.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NewType, TypeVar, get_type_hints

import cattrs

from shared.errors import UnknownEvent
from shared.values import unguarded

#: Encrypted text, see `shared.sealing`. An event stores it as a string, and hashes cover this sealed form.
Sealed = NewType("Sealed", str)

#: The most events that one commit may hold, and so the most that one command may decide.
MAX_EVENTS = 256

T = TypeVar("T")
Fields = dict[str, Any]
Upcaster = Callable[[Fields], Fields]

_converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
_converter.register_structure_hook_func(lambda kind: kind is Sealed, lambda value, _: value)
_FLAT = (str, int, bool, Sealed, str | None, int | None, bool | None, Sealed | None)


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    """Return a hook that accepts values of this type alone: cattrs would turn 1 into True and 1 into "1"."""

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
    """How the events of one class are stored: name, version and field names.

    `flat` says that all fields are plain values, which are stored without conversion. `row` reads the fields of an
    event as a tuple.
    """

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
    """Register a frozen dataclass under its stored name and its current version.

    Replays build events by the million, so the class is made `shared.values.unguarded`. Raises ValueError where another
    class has the name.
    """

    def register(cls: type[T]) -> type[T]:
        if name in _by_name and _by_name[name].cls.__qualname__ != cls.__qualname__:
            raise ValueError(f"{name} is already registered by {_by_name[name].cls!r}")
        shape = _shape(name, v, unguarded(cls))
        _by_name[name] = _by_class[cls] = shape
        return cls

    return register


def upcaster(name: str, *, v: int) -> Callable[[Upcaster], Upcaster]:
    """Register a function that turns the fields of an event `name` of version `v` into fields of version `v + 1`.

    It runs whenever an old event is read; the stored event stays as it is.
    """

    def register(lift: Upcaster) -> Upcaster:
        _upcasters[name, v] = lift
        return lift

    return register


def _shape(name: str, v: int, cls: type) -> Shape:
    hints = get_type_hints(cls)
    names = tuple(field.name for field in fields(cls))
    return Shape(name, v, cls, names, all(hints[each] in _FLAT for each in names), _row(names))


def _row(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return the function that reads these fields of an event as a tuple, also where there is one field or none."""
    if not names:
        return lambda _: ()
    getter = operator.attrgetter(*names)
    return getter if len(names) > 1 else lambda event: (getter(event),)


def shape_of(event: object) -> Shape:
    """Return the shape in which an event object is stored. Raises KeyError where its class is not registered."""
    return _by_class[type(event)]


def columns_of(shape: Shape, events: Sequence[object]) -> dict[str, list[Any]]:
    """Return events of one shape as parallel lists of plain values, one list for each field."""
    rows = map(shape.row, events)
    columns = {each: list(values) for each, values in zip(shape.names, zip(*rows, strict=True), strict=True)}
    if not shape.flat:
        columns = {each: _converter.unstructure(values) for each, values in columns.items()}
        columns = {each: [_plain(value) for value in values] for each, values in columns.items()}
    return columns


def _plain(value: Any) -> Any:
    """Turn tuples into lists, so that the stored value equals the value that is read back."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def build_all(name: str, v: int, columns: Mapping[str, Sequence[Any]], count: int) -> Iterable[object]:
    """Build `count` event objects of the current version from stored columns, lazily and in order.

    Raises UnknownEvent: at once where the name is not registered, at the event where its version cannot be lifted.
    """
    shape = _by_name.get(name)
    if shape is None:
        raise UnknownEvent(f"no shape is registered for {name!r}")
    if v == shape.v and shape.flat and shape.names and set(columns) == set(shape.names):
        return map(shape.cls, *(columns[each] for each in shape.names))
    names = list(columns)
    rows = zip(*columns.values(), strict=True) if names else (() for _ in range(count))
    return (_build(shape, v, dict(zip(names, row, strict=True))) for row in rows)


def _build(shape: Shape, v: int, data: Fields) -> object:
    """Build one event from its fields, lifted to the current version. Raises UnknownEvent."""
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
        raise UnknownEvent(f"{shape.name} version {v} cannot be read: {problem!r}") from problem


def registered_names() -> list[str]:
    """Return the names of all event types whose modules were imported, sorted."""
    return sorted(_by_name)


def to_data(event: object) -> dict[str, Any]:
    """Return one event as plain data, `{"type", "v", "data"}`: the object whose canonical bytes are hashed."""
    shape = shape_of(event)
    columns = columns_of(shape, [event])
    return {"type": shape.name, "v": shape.v, "data": {each: values[0] for each, values in columns.items()}}
