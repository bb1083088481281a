"""Two versions of a text in pieces make up both texts again."""

import hypothesis
import pytest
from hypothesis import strategies

from services.submission.comparison import CHARACTER_PRODUCT_MAX, file_differences, text_pieces
from services.submission.events import File

TEXTS = strategies.text(strategies.sampled_from("工会ab\n"), max_size=40)


def side(pieces: list[dict[str, str]], *ops: str) -> str:
    return "".join(each["text"] for each in pieces if each["op"] in ops)


@hypothesis.given(TEXTS, TEXTS)
def test_pieces_make_up_both_texts(before: str, after: str) -> None:
    pieces = text_pieces(before, after)

    assert (side(pieces, "same", "removed"), side(pieces, "same", "added")) == (before, after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("同", "同", [("same", "同")]),
        ("一\n二\n三", "一\n二加\n三", [("same", "一\n二"), ("added", "加"), ("same", "\n三")]),
        ("建会35家", "建会40家", [("same", "建会"), ("removed", "35"), ("added", "40"), ("same", "家")]),
        ("", "新", [("added", "新")]),
    ],
)
def test_change_is_shown_where_it_is(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert [(each["op"], each["text"]) for each in text_pieces(before, after)] == expected


def test_long_paragraphs_are_compared_as_a_whole() -> None:
    long = int(CHARACTER_PRODUCT_MAX**0.5) + 1

    assert text_pieces("甲" * long, "甲" * long + "乙")[0]["op"] == "removed"


def picture(name: str, **more: str) -> File:
    return File(name * 64, "picture", "jpeg", f"{name}.jpg", 9, 9, 9, 0, **more)


def test_files_that_moved_came_went_or_have_other_captions_are_listed() -> None:
    before = (picture("a"), picture("b", caption="旧"), picture("c"))
    after = (picture("a"), picture("d"), picture("b", caption="新"))

    assert [
        (each["sha256"][0], each["before"], each["after"], each["changes"]) for each in file_differences(before, after)
    ] == [
        ("b", 1, 2, [{"field": "caption", "before": "旧", "after": "新"}]),
        ("c", 2, None, []),
        ("d", None, 1, []),
    ]
