"""The rule for texts counts and refuses as the shared examples say."""

import json
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from shared.text_rule import (
    LINE_ENDS,
    REFUSED,
    counter_text,
    length,
    normal_form,
    one_line_form,
    published,
    refused_characters,
)

EXAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "text_rule.json").read_text())


@pytest.mark.parametrize(("name", "text", "counted", "places", "one_line"), EXAMPLES["texts"])
def test_text_is_counted_and_its_refused_characters_are_named(
    name: str, text: str, counted: int, places: list[list[Any]], one_line: bool
) -> None:
    found = refused_characters(text, one_line=one_line)

    assert (length(text), [[each.line, each.column, each.character, each.kind] for each in found]) == (
        counted,
        places,
    ), name


@pytest.mark.parametrize(("name", "text", "expected"), EXAMPLES["one_line"])
def test_text_of_one_line_loses_the_blanks_at_its_ends(name: str, text: str, expected: str) -> None:
    assert one_line_form(text) == expected, name


@pytest.mark.parametrize(("counted", "allowed", "expected"), EXAMPLES["shown"])
def test_counter_shows_thousands_apart(counted: int, allowed: int, expected: str) -> None:
    assert counter_text(counted, allowed) == expected


@hypothesis.given(strategies.text())
def test_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal_form(text) == normal_form(normal_form(text))


@hypothesis.given(strategies.text(strategies.sampled_from("工会ab\u0301\n")), strategies.sampled_from(LINE_ENDS))
def test_length_is_the_same_with_other_line_ends(text: str, end: str) -> None:
    assert length(text) == length(text.replace("\n", end))


def test_ranges_of_refused_characters_ascend_and_do_not_overlap() -> None:
    ends = [number for first, last, *_ in REFUSED for number in (first, last)]

    assert ends == sorted(ends)


def test_published_rule_is_plain_data() -> None:
    assert json.loads(json.dumps(published())) == published()
