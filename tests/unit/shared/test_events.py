"""Events: a stored event reads back equal, old versions are lifted, and unknown types are refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events
from shared.canonical import digest
from shared.errors import UnknownEvent
from shared.events import (
    Sealed,
    build_all,
    columns_of,
    event,
    shape_of,
    to_data,
    upcaster,
)
from tests.unit.shared import golden_events


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: int


@event("test-whole", v=2)
@dataclass(frozen=True, slots=True)
class Whole:
    parts: tuple[Part, ...]
    first: Part | None
    cut: dict[str, int]
    secret: Sealed
    note: str | None


@event("test-thrice", v=3)
@dataclass(frozen=True, slots=True)
class Thrice:
    city: str
    points: int
    words: str


@event("test-empty")
@dataclass(frozen=True, slots=True)
class Empty:
    pass


@pytest.fixture
def scratch() -> Iterator[None]:
    """Undo the registrations of a test when it ends."""
    before = dict(events._by_name), dict(events._by_class), dict(events._upcasters)
    yield
    for registry, saved in zip((events._by_name, events._by_class, events._upcasters), before, strict=True):
        registry.clear()
        registry.update(saved)  # type: ignore[arg-type]


def read_one(name: str, v: int, data: dict[str, Any]) -> object:
    (found,) = build_all(name, v, {key: [value] for key, value in data.items()}, 1)
    return found


texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-(2**53) + 1, 2**53 - 1)
parts = st.builds(Part, texts, numbers)
wholes = st.builds(
    Whole,
    st.lists(parts).map(tuple),
    st.none() | parts,
    st.dictionaries(st.text("abc.$"), numbers),
    texts.map(Sealed),
    st.none() | texts,
)


@given(st.lists(wholes, min_size=1))
def test_nested_events_read_back_equal(wholes: list[Whole]) -> None:
    shape = shape_of(wholes[0])

    assert list(build_all(shape.name, shape.v, columns_of(shape, wholes), len(wholes))) == wholes


def test_event_is_plain_data_with_its_stored_name() -> None:
    whole = Whole((Part("a", 1),), None, {"vote.0": 3}, Sealed("c1.x"), None)

    assert to_data(whole) == {
        "type": "test-whole",
        "v": 2,
        "data": {
            "parts": [{"name": "a", "size": 1}],
            "first": None,
            "cut": {"vote.0": 3},
            "secret": "c1.x",
            "note": None,
        },
    }


def test_events_without_fields_read_back() -> None:
    assert list(build_all("test-empty", 1, columns_of(shape_of(Empty()), [Empty()] * 3), 3)) == [Empty()] * 3


def test_old_versions_are_lifted_step_by_step(scratch: None) -> None:  # noqa: ARG001
    @upcaster("test-thrice", v=1)
    def second(data: dict[str, Any]) -> dict[str, Any]:
        return {"city": data["town"], "points": data["points"]}

    @upcaster("test-thrice", v=2)
    def third(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "points": data["points"] * 100, "words": ""}

    assert read_one("test-thrice", 1, {"town": "Baoding", "points": 9}) == Thrice("Baoding", 900, "")
    assert read_one("test-thrice", 2, {"city": "Baoding", "points": 9}) == Thrice("Baoding", 900, "")
    assert read_one("test-thrice", 3, {"city": "Baoding", "points": 9, "words": "x"}) == Thrice("Baoding", 9, "x")


@pytest.mark.parametrize(
    ("name", "v", "data", "words"),
    [
        pytest.param("test-nobody-knows", 1, {}, "no shape", id="a type that nobody registered"),
        pytest.param("test-thrice", 4, {"city": "x", "points": 1, "words": ""}, "newer", id="a newer version"),
        pytest.param("test-thrice", 2, {"city": "x", "points": 1}, "no upcaster", id="an old version without upcaster"),
        pytest.param("test-thrice", 3, {"city": "x", "points": 1}, "cannot be read", id="a field is missing"),
        pytest.param(
            "test-thrice",
            3,
            {"city": "x", "points": 1, "words": "", "more": 1},
            "cannot be read",
            id="a field too many",
        ),
        pytest.param(
            "test-whole",
            2,
            {"parts": [], "first": None, "cut": {"x": "1"}, "secret": "", "note": None},
            "cannot be read",
            id="a string where an integer belongs",
        ),
    ],
)
def test_what_does_not_read_is_unknown(name: str, v: int, data: dict[str, Any], words: str) -> None:
    with pytest.raises(UnknownEvent, match=words):
        read_one(name, v, data)


def test_stored_name_belongs_to_one_class(scratch: None) -> None:  # noqa: ARG001
    with pytest.raises(ValueError, match="test-whole is already registered"):

        @event("test-whole")
        @dataclass(frozen=True, slots=True)
        class Other:
            x: int


@pytest.mark.parametrize("example", golden_events.read(), ids=lambda each: f"{each['type']} v{each['v']}")
def test_every_shape_ever_stored_still_reads_and_hashes_the_same(example: dict[str, Any]) -> None:
    golden_events.registered()
    stored = {"type": example["type"], "v": example["v"], "data": example["data"]}

    found = read_one(example["type"], example["v"], example["data"])

    assert digest(stored) == example["sha256"]
    if shape_of(found).v == example["v"]:
        assert to_data(found) == stored


def test_every_registered_shape_has_a_golden_example() -> None:
    """Missing: `python -m tests.unit.shared.golden_events`."""
    golden = {(each["type"], each["v"]) for each in golden_events.read()}

    assert {(shape.name, shape.v) for shape in golden_events.registered()} - golden == set()
