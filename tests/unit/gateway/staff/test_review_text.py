"""Hits are marked where they stand, and two versions of a text are compared paragraph by paragraph."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.staff.review_text import Pair, Part, mark_spans, marked_paragraphs, side_by_side

SOME = st.text("ab职工\n", max_size=30)


def test_characters_of_a_hit_are_marked() -> None:
    assert mark_spans("全国第一名", [(2, 4)]) == (Part("全国"), Part("第一", True), Part("名"))


def test_hits_that_overlap_become_one_mark() -> None:
    assert mark_spans("国家级奖项", [(2, 4), (0, 3)]) == (Part("国家级奖", True), Part("项"))


def test_hit_outside_of_the_text_marks_nothing() -> None:
    assert (mark_spans("职工", [(-3, 0), (2, 9), (1, 1)]), mark_spans("", [(0, 1)])) == ((Part("职工"),), ())


def test_hit_over_two_paragraphs_is_marked_in_both() -> None:
    paragraphs = marked_paragraphs("一二\n\n三四", [(1, 5)])

    assert paragraphs == ((Part("一"), Part("二", True)), (Part("三", True), Part("四")))


@given(SOME, st.lists(st.tuples(st.integers(-2, 32), st.integers(-2, 32)), max_size=4))
def test_parts_of_a_marked_text_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    assert "".join(each.text for each in mark_spans(text, spans)) == text


def test_changed_characters_are_marked_on_both_sides() -> None:
    pairs = side_by_side("一家\n建家十年", "一家\n建家二十年")

    assert pairs == (
        Pair((Part("一家"),), (Part("一家"),)),
        Pair((Part("建家"), Part("十年")), (Part("建家"), Part("二", True), Part("十年"))),
    )
    assert [each.is_same for each in pairs] == [True, False]


def test_paragraph_that_only_one_version_has_stands_alone() -> None:
    assert side_by_side("一", "一\n二")[1] == Pair(None, (Part("二", True),))


@given(SOME, SOME)
def test_each_side_of_a_comparison_is_its_text(before: str, after: str) -> None:
    pairs = side_by_side(before, after)

    for text, side in ((before, [each.before for each in pairs]), (after, [each.after for each in pairs])):
        assert "\n".join("".join(part.text for part in each) for each in side if each is not None) == text
