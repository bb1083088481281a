"""The form in which names and codes are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import names

UNIT = "中国建设银行（杭州）分行"


@pytest.mark.parametrize(
    "written",
    [
        "中国建设银行(杭州)分行",
        "中国建设银行杭州分行",
        " 中国建设银行〔杭州〕分行\n",
        "中国建设银行（杭州）分行\u200b",
        "\ufeff中国建设银行\u2060（杭州）\u200d分行",
        "中国\u202e建设银行（杭州）分行\u202c",
        "中国建设银行\u3000［杭州］分行",
        "中国建设银行\u3164（杭州）分行\ufe0f",
    ],
)
def test_name_that_reads_the_same_compares_as_the_same(written: str):
    assert names.comparable_name(written) == names.comparable_name(UNIT)
    assert names.same_name(written, UNIT)


@pytest.mark.parametrize("dot", ["·", "•", "・", "･", "‧", ".", "．", "∙", "⋅", "", " · "])
def test_dot_of_a_minority_name_may_be_any_dot_or_none(dot: str):
    assert names.same_name(f"买买提{dot}艾力", "买买提·艾力")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ公司", "abc公司"),
        ("ﬁlm studio", "FILM Studio"),
        ("Straße", "STRASSE"),
        ("“红星”机械厂", '"红星"机械厂'),
        ("浙江—杭州", "浙江-杭州"),
        ("⼈民日报", "人民日报"),  # a Kangxi radical for the character
    ],
)
def test_width_case_quotes_dashes_and_compatibility_forms_make_no_difference(one: str, other: str):
    assert names.same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("杭州电台103.9", "杭州电台1039"), ("第一中学", "第二中学"), ("杭州-余杭", "杭州余杭"), ("一", "-")],
)
def test_other_names_stay_apart(one: str, other: str):
    assert not names.same_name(one, other)


@pytest.mark.parametrize("nothing", ["", " ", "\u200b", "（）", "·"])
def test_name_of_nothing_is_the_same_as_no_name(nothing: str):
    assert not names.same_name(nothing, nothing)


def test_code_keeps_its_dots_and_loses_width_case_and_what_nobody_sees():
    assert names.comparable_code("Ａ-０１．１ \u200b") == names.comparable_code("a-01.1") == "a-01.1"
    assert names.comparable_code("1.1") != names.comparable_code("11")


@pytest.mark.parametrize(
    ("text", "visible"),
    [("字", True), (" ·", True), ("\U0002ebf0", True), ("\u3164\u2800\u200b \n", False), ("", False)],
)
def test_text_is_visible_where_a_reader_sees_one_sign(text: str, visible: bool):
    assert names.is_visible(text) is visible


@given(st.text(max_size=20) | st.text("1.·(ﬁß\u0301\u0345\u200be\u0130", max_size=8))
def test_form_of_a_form_is_the_form(text: str):
    once = names.comparable_name(text)

    assert names.comparable_name(once) == once
    assert names.comparable_code(names.comparable_code(text)) == names.comparable_code(text)
