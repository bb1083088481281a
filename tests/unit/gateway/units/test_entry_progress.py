"""What a unit has to do, and where remarks and problems lead in its form."""

import pytest

from gateway.units import entry_progress


@pytest.mark.parametrize(
    ("status", "facts", "expected"),
    [
        pytest.param("draft", {"is_before": True}, "before", id="before the window"),
        pytest.param("draft", {}, "start", id="nothing typed"),
        pytest.param("draft", {"is_changed": True}, "draft", id="typed"),
        pytest.param("draft", {"is_changed": True, "may_hand_in": False}, "over", id="after the window"),
        pytest.param("draft", {"closes_by": "late-pass"}, "late", id="with a late pass"),
        pytest.param("submitted", {}, "submitted", id="handed in"),
        pytest.param("submitted", {"is_changed": True}, "changed", id="changed since"),
        pytest.param("submitted", {"may_hand_in": False, "is_changed": True}, "submitted-closed", id="waiting"),
        pytest.param("returned", {}, "returned", id="returned"),
        pytest.param("returned", {"may_hand_in": False}, "returned-over", id="returned, and too late"),
        pytest.param("approved", {}, "approved", id="approved"),
        pytest.param("rejected", {}, "rejected", id="rejected"),
        pytest.param("disqualified", {}, "disqualified", id="disqualified"),
    ],
)
def test_first_page_says_what_is_to_do(status: str, facts: dict[str, object], expected: str):
    usual: dict[str, object] = {
        "may_hand_in": True, "closes_by": "window", "is_changed": False, "is_before": False
    }  # fmt: skip

    assert entry_progress.todo(status, **{**usual, **facts}) == expected  # type: ignore[arg-type]
    assert expected in entry_progress.TODO


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("title", "title"),
        ("themes/0", "themes"),
        ("files/3", "files"),
        (f"caption.{'a' * 64}", "files"),
        ("pictures", "files"),
        ("ai.text", "ai"),
        ("consent", "declare"),
        ("declare.truth", "declare"),
        ("整体", ""),
        ("", ""),
    ],
)
def test_remarks_and_problems_lead_to_a_field_of_the_form(item: str, field: str):
    assert entry_progress.field_of(item) == field


def test_message_of_an_unknown_kind_is_shown_without_its_facts():
    kinds = [entry_progress.message_key({"kind": kind}) for kind in ("approved", "something-new")]

    assert kinds == ["approved", "other"]
