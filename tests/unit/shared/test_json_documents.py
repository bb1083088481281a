"""JSON documents in which no object has a key twice."""

import json

import hypothesis
import pytest
from hypothesis import strategies as some

from shared.json_documents import RepeatedKey, join_pointer, loads, repeated_key

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=4),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        pytest.param('{"a": 1, "a": 1}', "/a", id="at the top, with the same value"),
        pytest.param('{"a": 1, "\\u0061": 2}', "/a", id="spelled with an escape"),
        pytest.param('{"a": [{"b": 1}, {"b": {"c": 1, "c": 2}}]}', "/a/1/b/c", id="deep inside"),
        pytest.param('{"a": {"b": 1, "b": 2}, "a": 3}', "/a", id="inside a value that is itself replaced"),
        pytest.param('[{"a/b~c": 1, "a/b~c": 2}]', "/0/a~1b~0c", id="with letters that a pointer escapes"),
        pytest.param('{"": 1, "": 2}', "/", id="with an empty name"),
    ],
)
def test_key_that_is_given_twice_is_refused_with_its_place(text: str, pointer: str):
    assert repeated_key(text.encode()) == pointer
    with pytest.raises(RepeatedKey) as refused:
        loads(text)
    assert refused.value.pointer == pointer


@hypothesis.given(value=VALUES)
def test_document_without_a_repetition_is_read_as_it_is(value: object):
    text = json.dumps(value)

    assert (loads(text), repeated_key(text.encode())) == (value, None)


def test_number_of_any_length_is_passed_over():
    assert repeated_key(b'{"a": 1%s}' % (b"0" * 10_000)) is None


def test_pointer_names_keys_and_indices():
    assert join_pointer(["files", 0, "na/me"]) == "/files/0/na~1me"
