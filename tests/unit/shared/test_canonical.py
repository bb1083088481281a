"""Canonical bytes, with the test vectors of RFC 8785 (sections 3.2.2 and 3.2.3) as far as our values cover them."""

import json
from typing import Any

import pytest
from bson.int64 import Int64
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import canonical, canonical_each, check_column, digest
from shared.errors import NotCanonical

GREATEST = 2**53 - 1

VECTORS = {
    "the literals of section 3.2.2": ([None, True, False], b"[null,true,false]"),
    "the string of section 3.2.2": (
        '€$\x0f\nA\'B"\\\\"/',
        b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    ),
    "keys by their UTF-16 units": (
        {"1": "One", "\r": "Carriage Return", "</script>": "HTML", "A": 0, "a": 1, "": 2},
        b'{"":2,"\\r":"Carriage Return","1":"One","</script>":"HTML","A":0,"a":1}',
    ),
    "the short escapes": ("\b\t\n\f\r", b'"\\b\\t\\n\\f\\r"'),
    "control characters in lower case": ("\x00\x1f\x7f", b'"\\u0000\\u001f\x7f"'),
    "no escape beyond ASCII": ("百佳 \u2028 \U0001f600", '"百佳 \u2028 \U0001f600"'.encode()),
    "zero": (0, b"0"),
    "the greatest integer": (GREATEST, b"9007199254740991"),
    "the least integer": (-GREATEST, b"-9007199254740991"),
    "no white space": ({"b": [1, {"d": "x", "c": []}], "a": {}}, b'{"a":{},"b":[1,{"c":[],"d":"x"}]}'),
    "a tuple as a list": (("a", (1,)), b'["a",[1]]'),
    "an integer as BSON reads it": ([Int64(GREATEST)], b"[9007199254740991]"),
}

REFUSED = {
    "a float": 1.5,
    "a float that is whole": 1.0,
    "not a number": float("nan"),
    "a greater integer": GREATEST + 1,
    "a lesser integer": -GREATEST - 1,
    "a huge integer": 10**30,
    "a lone surrogate": "\ud800",
    "bytes": b"x",
    "a set": {1},
    "a key that is no string": {1: "x"},
    "a key beyond ASCII": {"键": 1},
    "a key with a lone surrogate": {"\udead": 1},
    "a float of its own class": type("Share", (float,), {})(1.0),
    "something deep inside": {"a": [{"b": (1, 2.0)}]},
}

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-GREATEST, GREATEST) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(("value", "expected"), VECTORS.values(), ids=VECTORS)
def test_value_has_the_spelling_of_the_rfc(value: Any, expected: bytes) -> None:
    assert canonical(value) == expected


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_value_outside_the_small_world_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize("value", [each for each in REFUSED.values() if not isinstance(each, int | str)], ids=repr)
def test_column_with_such_a_value_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        check_column(["x", value, "y"])


@given(values)
def test_spelling_is_that_of_sorted_compact_json(value: Any) -> None:
    expected = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert canonical(value) == expected.encode()


@given(values)
def test_spelling_reads_back_as_the_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.lists(values))
def test_values_spelled_at_once_are_each_spelled_as_alone(column: list[Any]) -> None:
    assert canonical_each(column) == [canonical(value) for value in column]


@given(st.lists(st.text(',"\\[]x')))
def test_texts_of_commas_and_quotes_are_cut_where_they_end(column: list[str]) -> None:
    assert canonical_each(column) == [canonical(value) for value in column]


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_value_outside_the_small_world_is_refused_among_others(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_each(["x", value, 1])


def test_true_and_one_are_two_values() -> None:
    assert digest([True]) != digest([1])


def test_digest_is_sha256_of_the_spelling() -> None:
    # printf '{"a":1}' | sha256sum
    assert digest({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
