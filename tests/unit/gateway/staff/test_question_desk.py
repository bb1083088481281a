"""The question desk's page when somebody else was quicker."""

from tests.unit.gateway.town import Visitor

REFUSED = {"code": "question-answered", "field": None,
           "detail": {"by": "otto", "at": 1_700_000_000_000, "answer_count": 1}}  # fmt: skip


def test_answer_that_came_too_late_is_shown_with_the_way_to_the_first(visitor: Visitor):
    visitor.town.answers["moderation", "answer_question"] = {"refused": REFUSED}
    form = {"form": "n" * 22, "do": "answer", "question": "A" * 16, "answer_count": "0", "words": "可以。"}

    page = visitor.request("POST", "/organiser/questions", role="organiser", plain=True, data=form)

    assert page.status_code == 409
    (call,) = visitor.town.calls_to("moderation", "answer_question")
    assert call["body"]["answer_count"] == 0
    assert "由 otto 在" in page.text
    assert "<p>可以。</p>" in page.text
    assert 'href="/organiser/questions?state=answered#question-AAAAAAAAAAAAAAAA"' in page.text
