"""The embargo: fields that are not listed stay closed, and every view consists of listed fields."""

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from services.ranking.views import embargo, public_views
from services.ranking.views.embargo import (
    ALWAYS,
    EVERYBODY,
    STAGES,
    TOTALS,
    VIEWS,
    EachItem,
    Field,
    Shape,
    open_fields,
)
from tests.unit.ranking.stories import folded, until_exhibited
from tests.unit.ranking.views.test_public_views import CUT, in_like_week

ALL = frozenset(STAGES)


def fields(shape: Shape, path: str = "") -> dict[str, Field]:
    """Return every field of a shape by its path."""
    if isinstance(shape, Field):
        return {path: shape}
    if isinstance(shape, EachItem):
        return fields(shape.of, f"{path}.*")
    return {name: each for key, inner in shape.items() for name, each in fields(inner, f"{path}.{key}").items()}


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        pytest.param({"a": Field(ALWAYS)}, {"a": 1, "b": 2}, {"a": 1}, id="a field that nobody wrote down"),
        pytest.param({"a": Field(TOTALS)}, {"a": 1}, {"a": None}, id="a field whose time has not come"),
        pytest.param({"a": Field(TOTALS, closed=0)}, {"a": 1}, {"a": 0}, id="a closed field with a value for it"),
        pytest.param({"a": Field(ALWAYS)}, {"a": {"b": 1}}, {"a": None}, id="an object where a value was expected"),
        pytest.param({"a": Field(ALWAYS)}, {"a": [1, {"b": 1}]}, {"a": None}, id="an object in a list of values"),
        pytest.param(EachItem({"a": Field(ALWAYS)}), [{"a": 1, "b": 2}], [{"a": 1}], id="an item of a list"),
        pytest.param(EachItem({"a": Field(ALWAYS)}), {"x": {"b": 2}}, {"x": {}}, id="a value of an object of codes"),
    ],
)
def test_what_passes(shape: Shape, value: Any, expected: Any) -> None:
    assert open_fields(shape, value, frozenset({ALWAYS})) == expected


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TREES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


@hypothesis.given(TREES)
def test_nothing_passes_a_shape_without_fields(tree: Any) -> None:
    assert open_fields({}, {"x": tree}, ALL) == {}


def test_every_view_is_in_the_table_and_loses_nothing_once_all_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = public_views.views(folded(until_exhibited()), CUT, None)
    monkeypatch.setattr(embargo, "open_fields", lambda shape, value, stages: value)  # noqa: ARG005 -- as in the module

    assert whole == public_views.views(folded(until_exhibited()), CUT, None)
    assert set(whole) == set(VIEWS)


def test_likes_and_finals_are_never_open_from_the_start() -> None:
    named = {f"{view}{path}": field for view, shape in VIEWS.items() for path, field in fields(shape).items()}
    guarded = {path: field.since for path, field in named.items() if path.rpartition(".")[2] in
               ("likes", "place", "overall", "final", "digest", "as_of")}  # fmt: skip

    assert guarded == {
        "board.as_of": "totals",
        "board.types.*.*.likes": "totals",
        "board.types.*.*.place": "totals",
        "result.digest": "published",
        "result.winners.*.place": "published",
        "result.winners.*.overall": "published",
        "result.winners.*.final": "published",
        "popularity.as_of": "published",
        "popularity.entries.*.likes": "published",
        "popularity.entries.*.place": "published",
    }


def test_a_view_that_forgot_the_embargo_would_still_tell_no_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    story = in_like_week("after_end")
    told = public_views.views(folded(story), CUT, None)
    monkeypatch.setattr(public_views.Totals, "of", lambda self, entry: 4242)  # noqa: ARG005 -- as in the class

    assert told == public_views.views(folded(story), CUT, None)


def test_answer_with_likes_or_ranks_goes_to_no_judge_or_moderator_and_to_a_unit_only_of_its_own_published_entry() -> (
    None
):
    telling = {
        name: each for name, each in embargo.ANSWERS.items() if {"likes", "ranks", "winners"} & set(each.reveals)
    }

    assert telling
    assert {name for name, each in telling.items() if {"judge", "moderator", "voter"} & (each.to | each.early)} == set()
    assert {
        name
        for name, each in telling.items()
        if "unit" in each.early or ("unit" in each.to and (not each.only_own or each.since != embargo.PUBLISHED))
    } == set()
    assert {name for name, each in telling.items() if each.to == EVERYBODY and each.since == ALWAYS} == set()
