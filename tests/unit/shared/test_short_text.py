"""The rule for texts that stand in one line."""

import pytest

from shared.short_text import FLAWS, flaw, one_line


@pytest.mark.parametrize(
    ("text", "code", "character"),
    [
        ("职工之家\n第二行", "line-break", "U+000A"),
        ("职工之家\u2028第二行", "line-break", "U+2028"),
        ("职工之家\r", "line-break", "U+000D"),
        ("职工\x1b[31m之家", "control-characters", "U+001B"),
        ("职工\t之家", "control-characters", "U+0009"),
        ("职工\ufdd0之家", "control-characters", "U+FDD0"),
        ("职工\u202e之家", "direction-characters", "U+202E"),
        ("职工\u2066之家\u2069", "direction-characters", "U+2066"),
        ("职工\u200f之家", "direction-characters", "U+200F"),
        ("职工\ue5e5之家", "private-characters", "U+E5E5"),
        ("\u3164\u200b", "nothing-visible", ""),
        ("\u2800", "nothing-visible", ""),
    ],
)
def test_text_that_is_not_one_visible_line_is_named_with_its_character(text: str, code: str, character: str):
    found = flaw(text)

    assert found is not None
    assert (found.code, found.character) == (code, character)
    assert found.code in FLAWS


@pytest.mark.parametrize(
    "text", ["职工之家", "<b>职工</b>", "👩‍👧 之家", "买买提·艾力", "", "  ", "\U0002ebf0", "a\u200bb"]
)
def test_other_texts_have_no_flaw(text: str):
    assert flaw(text) is None


def test_text_from_before_the_rule_becomes_one_line_without_control_signs():
    assert one_line(" 职工\r\n\u202e之家\t\x1b[31m\ue5e5 ！\u2029") == "职工 之家 [31m ！"
    assert flaw(one_line("a\u2066\n\x00b")) is None
