"""Commits: the hash covers the logical events, however they are packed, and every alteration is found."""

import copy
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import canonical
from shared.commit import NO_COMMIT, Answered, Commit, Document, Head, RecordedEvent, Stamp, form, tree_root
from shared.errors import Corrupt, NotCanonical, TooManyEvents
from shared.events import MAX_EVENTS, event, to_data

SEED = bytes(range(32))
STAMP = Stamp("u1", SEED, 1_000)
NOBODY = Answered("id", "actor", "", "", 0, 1)


@event("test-commit-flat")
@dataclass(frozen=True, slots=True)
class Flat:
    b: str
    a: int
    yes: bool
    c: str | None


@event("test-commit-one")
@dataclass(frozen=True, slots=True)
class OneField:
    only: str


@event("test-commit-none")
@dataclass(frozen=True, slots=True)
class NoField:
    pass


@event("test-commit-nested")
@dataclass(frozen=True, slots=True)
class Nested:
    tags: tuple[str, ...]
    cut: dict[str, int]


@event("test-commit-loose")
@dataclass(frozen=True, slots=True)
class Loose:
    value: Any


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(['},{"a":', '"', "\\", "all"])
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.sampled_from([0, 1])
flats = st.builds(Flat, texts, numbers, st.booleans(), st.none() | texts)
nesteds = st.builds(
    Nested,
    st.lists(texts, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(["vote.0", "$x", "all"]), numbers),
)
loose = st.builds(Loose, st.sampled_from([True, 1, 0, False, None, "1", [1], [True], {"all": 1}, {"all": True}]))
any_events = st.lists(
    flats | st.builds(OneField, texts) | st.just(NoField()) | nesteds | loose, min_size=1, max_size=40
)


def formed(events: Sequence[object], *, head: Head | None = None, stamp: Stamp = STAMP) -> Document:
    return form(head or Head("log"), events, commands=[NOBODY], stamp=stamp)


def stored(document: Document) -> Commit:
    """Return the document as a server returns it."""
    return Commit(bson.decode(bson.encode(document)))


def naive_leaf(i: int, event: object, seed: bytes = SEED) -> bytes:
    salt = hmac.digest(seed, str(i).encode(), "sha256")
    return hashlib.sha256(b"\x00" + salt + canonical(to_data(event))).digest()


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root by the recursive definition of RFC 6962 §2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@given(any_events)
def test_root_is_the_tree_of_rfc_6962_over_the_salted_canonical_events(events: list[object]) -> None:
    expected = naive_root([naive_leaf(i, each) for i, each in enumerate(events)])

    assert formed(events)["leaf_root"] == expected


@pytest.mark.parametrize("count", [*range(1, 18), 31, 32, 33, 255, 256])
def test_tree_of_any_width_is_that_of_rfc_6962(count: int) -> None:
    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(count)]

    assert tree_root(leaves) == naive_root(leaves)


@given(any_events)
def test_what_is_stored_reads_back_equal_and_verifies(events: list[object]) -> None:
    commit = stored(formed(events))

    commit.verify()
    assert [to_data(each) for each in commit.events()] == [to_data(each) for each in events]


@given(any_events)
def test_packing_changes_no_hash(events: list[object]) -> None:
    document = formed(events)
    spread = copy.deepcopy(document)
    for run, loaded in zip(spread["runs"], Commit(document).runs, strict=True):
        run["columns"] = {name: list(loaded.columns[name]) for name in loaded.columns}
    spread["commands"] = {
        key: value["all"] if isinstance(value, dict) else value for key, value in document["commands"].items()
    }

    stored(spread).verify()
    assert stored(spread).hash == stored(document).hash


def test_column_of_one_value_is_stored_once() -> None:
    document = formed([Flat("x", i, True, None) for i in range(5)])

    columns = document["runs"][0]["columns"]
    assert columns == {"b": {"all": "x"}, "a": [0, 1, 2, 3, 4], "yes": {"all": True}, "c": {"all": None}}


def test_true_and_one_do_not_share_a_column_value() -> None:
    events = [Loose(True), Loose(1)]

    commit = stored(formed(events))

    commit.verify()
    assert [type(each.value) for each in commit.events()] == [bool, int]


def test_runs_keep_the_order_of_the_events() -> None:
    events = [OneField("a"), OneField("b"), NoField(), OneField("c")]

    commit = stored(formed(events))

    assert [(run.type, run.first, run.count) for run in commit.runs] == [
        ("test-commit-one", 0, 2),
        ("test-commit-none", 2, 1),
        ("test-commit-one", 3, 1),
    ]
    assert commit.events() == events


def test_events_stand_at_addresses() -> None:
    commit = stored(formed([OneField("a"), OneField("b")], head=Head("vote.3", n=6)))

    assert list(commit.recorded()) == [
        RecordedEvent("vote.3/7/0", 1_000, OneField("a")),
        RecordedEvent("vote.3/7/1", 1_000, OneField("b")),
    ]


def test_id_sorts_as_numbers_do() -> None:
    ids = [formed([NoField()], head=Head("log", n=n))["_id"] for n in (0, 8, 9, 98, 123_456)]

    assert ids == sorted(ids)
    assert ids[0] == "log/000000000001"


def test_chain_names_the_hash_before() -> None:
    head = Head("log")
    first = formed([OneField("a")], head=head)
    second = formed([OneField("b")], head=head.after(first))

    assert first["prev"] == NO_COMMIT
    assert second["prev"] == stored(first).hash


def test_hash_is_over_the_unpacked_header() -> None:
    document = form(
        Head("vote.3", n=6, time=900, hash=bytes([7] * 32)),
        [OneField("a"), OneField("b")],
        commands=[Answered("x", "who", "c", "", 0, 1), Answered("y", "who", "c", "", 1, 1)],
        stamp=STAMP,
    )
    header = {
        "log": "vote.3",
        "n": 7,
        "uuid": "u1",
        "time": 1_000,
        "count": 2,
        "commands": [["x", "y"], ["who", "who"], ["c", "c"], ["", ""], [0, 1], [1, 1]],
        "leaf_root": naive_root([naive_leaf(0, OneField("a")), naive_leaf(1, OneField("b"))]).hex(),
        "prev": "07" * 32,
    }

    assert stored(document).hash == hashlib.sha256(b"\x02" + canonical(header)).digest()


def test_commit_is_stored_in_the_shape_that_is_final() -> None:
    """Stored bytes never change: where this fails, stored commits can no longer be read, hashed or proved."""
    document = formed([OneField("a"), OneField("b"), NoField()])

    assert document == {
        "_id": "log/000000000001",
        "n": 1,
        "uuid": "u1",
        "time": 1_000,
        "count": 3,
        "commands": {
            "size": 1,
            "id": ["id"],
            "actor": ["actor"],
            "correlation": [""],
            "causation": [""],
            "first": [0],
            "count": [1],
        },
        "runs": [
            {"type": "test-commit-one", "v": 1, "count": 2, "columns": {"only": ["a", "b"]}},
            {"type": "test-commit-none", "v": 1, "count": 1, "columns": {}},
        ],
        "seed": SEED,
        "leaf_root": bytes.fromhex("99cda9af765c78409577a66b4f395cd0c00766f22740eeccc546e4688e310ab8"),
        "prev": NO_COMMIT,
    }
    assert stored(document).hash == bytes.fromhex("4e3d5db935da4829768da60e801fe882690dd6126b8cfcf66d336e13d0d0b47c")


def test_time_never_goes_back() -> None:
    document = formed([NoField()], head=Head("log", n=4, time=5_000), stamp=Stamp("u", SEED, 4_000))

    assert document["time"] == 5_000


def test_commands_are_kept_with_the_events_that_answer_them() -> None:
    commands = [Answered("a", "x", "c", "z", 0, 2), Answered("b", "y", "c", "z", 2, 1)]

    document = form(Head("log"), [NoField()] * 3, commands=commands, stamp=STAMP)

    assert stored(document).commands == commands


@pytest.mark.parametrize("count", [0, MAX_EVENTS + 1])
def test_commit_of_another_size_is_refused(count: int) -> None:
    with pytest.raises(TooManyEvents):
        formed([NoField()] * count)


@pytest.mark.parametrize("value", [1.0, 2**53, "\ud800", {"键": 1}, b"x"], ids=repr)
def test_event_without_canonical_bytes_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        formed([Loose(value)])


def test_one_leaf_cannot_be_guessed_without_its_salt() -> None:
    one, other = formed([Loose("yes")]), formed([Loose("yes")], stamp=Stamp("u1", bytes(32), 1_000))

    assert one["leaf_root"] != other["leaf_root"]


def test_any_altered_byte_is_found_or_says_the_same() -> None:
    """The root, the hash, the id or the decoding shows it, unless the byte has no meaning, as in BSON's array keys."""
    document = formed([Flat("Tangshan", 7, True, None), Flat("Handan", 8, True, None)], head=Head("vote.0", n=3))
    image, contents = bson.encode(document), _contents(stored(document))

    unseen = [
        place
        for place in range(len(image))
        if (altered := _verified(image[:place] + bytes([image[place] ^ 1]) + image[place + 1 :])) is not None
        and altered.hash == stored(document).hash
        and _contents(altered) != contents
    ]

    assert unseen == []


def _verified(image: bytes) -> Commit | None:
    """Return the commit, or None where reading or verifying it finds a fault."""
    try:
        commit = Commit(bson.decode(image))
        commit.verify()
        _contents(commit), commit.hash
    except Exception:
        return None
    return commit if commit.document["_id"] == "vote.0/000000000004" else None


def _contents(commit: Commit) -> tuple[Any, ...]:
    header = (commit.log, commit.n, commit.uuid, commit.time, commit.count, commit.commands)
    return *header, bytes(commit.document["prev"]), [to_data(each) for each in commit.events()]


def test_altered_event_is_named_by_its_commit() -> None:
    document = formed([OneField("a"), OneField("b")], head=Head("vote.0", n=3))
    document["runs"][0]["columns"]["only"][1] = "c"

    with pytest.raises(Corrupt, match=r"vote\.0/4"):
        stored(document).verify()
