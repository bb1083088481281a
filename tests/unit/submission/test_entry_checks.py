"""Tests of the character count: texts that must count the same, and texts that must not."""

import hypothesis
import pytest
from hypothesis import strategies

from services.submission.entry_checks import length, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("百家基层工会", 6, id="each Chinese character is one"),
        pytest.param("𠮷林工会", 4, id="a character outside the first plane is one"),
        pytest.param("一\r\n二\r三\n四", 7, id="each kind of line end is one"),
        pytest.param("\r\n\r\n", 2, id="two line ends are two"),
        pytest.param("e\u0301té", 3, id="an accent stored apart is none"),
        pytest.param("\uf9dc", 1, id="a compatibility ideograph is its plain form"),
        pytest.param("👩\u200d🔧", 3, id="a joined emoji is its parts"),
        pytest.param("  工会　", 5, id="blanks count"),
    ],
)
def test_length_counts_code_points_of_the_normal_form(text, expected):
    assert expected == length(text)


@hypothesis.given(strategies.text())
def test_normal_form_is_its_own_normal_form(text):
    assert normalise(text) == normalise(normalise(text))


@hypothesis.given(strategies.text(strategies.sampled_from("工会ab\u0301\n")))
def test_length_is_the_same_with_the_line_ends_of_another_system(text):
    assert length(text) == length(text.replace("\n", "\r\n")) == length(text.replace("\n", "\r"))


def test_length_tells_the_limit_from_one_more():
    assert (length("会" * 3000), length("会" * 3001)) == (3000, 3001)
