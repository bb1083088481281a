"""Poster numbers in likes by text message, as people type them."""

import hypothesis
import pytest
from hypothesis import strategies as st

from gateway.http.poster_numbers import entry_in, number_in

NUMBERS = {"A012": "e1", "A123": "e2", "B1000": "e3"}
WIDE = {each: chr(each + 0xFEE0) for each in range(0x21, 0x7F)}
SIGNS = st.text(st.sampled_from(" \u3000\t:：,，。.#＃+、!！"), max_size=3)


@pytest.mark.parametrize(
    "text",
    ["赞 A012", "赞A012", "点赞A012", "点赞 A012", "A012", "a012", "ａ０１２", "赞　Ａ０１２", "赞：A012。", "赞+A12",
     "点个赞 A012", "给A012点赞", "A012 赞", "A012号", "赞《A012》", "like A012", "赞\nA012", "我要赞 #A012"],
)  # fmt: skip
def test_like_names_its_entry(text: str):
    assert entry_in(text, NUMBERS) == "A012"


@pytest.mark.parametrize(
    "text",
    ["", "赞", "你好", "A", "012", "A012 怎么样", "A012 A123", "不赞 A012", "取消赞 A012", "AA012", "A012B",
     "赞 A999", "A0120", "https://example.org/A012", "A" + "0" * 70 + "12", "赞" * 70],
)  # fmt: skip
def test_message_that_is_no_like_names_none(text: str):
    assert entry_in(text, NUMBERS) is None


@hypothesis.given(
    st.sampled_from(sorted(NUMBERS)),
    st.sampled_from(["", "赞", "点赞", "点个赞", "给"]),
    st.booleans(),
    st.booleans(),
    st.lists(SIGNS, min_size=4, max_size=4),
)
def test_any_spelling_of_a_like_names_its_entry(number: str, word: str, wide: bool, small: bool, signs: list[str]):
    word = "点赞" if word == "给" else word
    typed = number.lower() if small else number
    typed = typed.translate(WIDE) if wide else typed

    assert entry_in(f"{signs[0]}{word}{signs[1]}{typed[0]}{signs[2]}{typed[1:]}{signs[3]}", NUMBERS) == number


@hypothesis.given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str):
    named = number_in(text)

    assert named is None or (len(named[0]) == 1 and 0 <= named[1] < 10**6)
