"""Search in the texts of entries: what matches, where, and that only what the public may see is searched."""

import pytest

from services.submission.events import EntrySubmitted
from services.submission.text_search import AROUND, Match, TextIndex, text_form

LONG = "前" * 100 + "职工书屋" + "后" * 100


def version(text: str, profile: str = "") -> EntrySubmitted:
    return EntrySubmitted("e", 1, "u", "state", "题", profile, text, (), None, (), None, 0, "单位", "市")


def find(q: str, *texts: str) -> list[int]:
    """Return the texts that match, by their place."""
    shown = [(str(i), version(text)) for i, text in enumerate(texts)]
    return [int(entry) for entry in TextIndex().find(q, shown)]


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("职工书屋", "建起职工书屋"),
        ("职工 书屋", "建起职工书屋"),
        ("“职工书屋”", "建起职工书屋"),
        ("ＡＢＣ１２", "the abc12 plan"),
        ("abc", "ＡＢＣ计划"),
        ("之家", "之\n家"),
        ("cafe", "CAFE"),
        ("2-3", "２—３"),
    ],
)
def test_text_is_found_as_people_type_it(q: str, text: str):
    assert find(q, text, "别的内容") == [0]


@pytest.mark.parametrize("q", ["", " ", "，。", "“”", "职工书店"])
def test_words_that_say_nothing_or_stand_nowhere_find_nothing(q: str):
    assert find(q.replace("，。", "。"), "建起职工书屋") == []


def test_match_is_shown_as_it_is_written_with_what_stands_around_it():
    index = TextIndex()

    exact = index.find("职工书屋", [("a", version(LONG))])["a"]
    other = index.find("abc１２", [("b", version("用 ＡＢＣ 12 法"))])["b"]

    assert exact == Match("前" * AROUND, "职工书屋", "后" * AROUND)
    assert other == Match("用", "ＡＢＣ 12", "法")


def test_profile_is_searched_too_and_before_the_text():
    found = TextIndex().find("书屋", [("a", version("书屋乙", profile="书屋甲"))])

    assert found["a"].after == "甲"


def test_new_version_replaces_the_words_of_the_old_one():
    index = TextIndex()
    index.find("旧", [("a", version("旧文"))])

    assert index.find("旧", [("a", version("新文"))]) == {}
    assert list(index.find("新", [("a", version("新文"))])) == ["a"]


def test_form_of_a_form_is_the_form_itself():
    text = "Ａ·b（丙）— ﬁ"

    assert text_form(text_form(text)) == text_form(text)
