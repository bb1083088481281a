"""A draft merges what does not overlap, and never overwrites what somebody else has changed."""

from typing import Any

import pytest

from services.submission.drafts import (
    DRAFT_MAX_BYTES,
    Change,
    StoredDraft,
    changed,
    flaw,
    handed_in,
    present,
    unsent,
    values,
)
from shared.decider import Refused

SHA = "a" * 64
NOTHING = StoredDraft("U1", "U1-1")


def change(revision: int, *, by: str = "li", at: int = 5, device: str = "", sequence: int = 0, **fields: Any) -> Change:
    return Change(revision, fields, by, at, device, sequence)


def after(draft: StoredDraft, *changes: Change, base: dict[str, Any] | None = None) -> StoredDraft:
    for each in changes:
        following = changed(draft, base or {}, each)
        assert isinstance(following, StoredDraft), following
        draft = following
    return draft


def test_fields_that_do_not_overlap_are_merged() -> None:
    draft = after(NOTHING, change(0, title="题"), change(0, text="文", by="wang", at=6))

    assert values(draft, {}) == {"title": "题", "text": "文"}
    assert [(each.revision, each.by, each.at) for each in draft.fields.values()] == [(1, "li", 5), (2, "wang", 6)]


def test_field_that_somebody_else_changed_is_refused_with_both_versions() -> None:
    draft = after(NOTHING, change(0, title="甲"))

    assert changed(draft, {}, change(0, title="乙", text="文")) == Refused(
        "draft-changed",
        None,
        {
            "revision": 1,
            "fields": {"title": {"yours": "乙", "stored": {"value": "甲", "revision": 1, "at": 5, "by": "li"}}},
        },
    )


def test_repeated_change_changes_nothing() -> None:
    draft = after(NOTHING, change(0, title="甲"))

    assert changed(draft, {}, change(0, title="甲", at=9)) == draft


def test_writer_who_has_seen_the_other_version_replaces_it() -> None:
    draft = after(NOTHING, change(0, title="甲"), change(1, title="乙"))

    assert (values(draft, {}), draft.revision) == ({"title": "乙"}, 2)


def test_page_whose_answer_was_lost_goes_on_from_what_it_knows() -> None:
    draft = after(
        NOTHING, change(0, title="甲", device="d1", sequence=1), change(0, title="甲乙", device="d1", sequence=2)
    )

    assert values(draft, {}) == {"title": "甲乙"}


def test_change_of_the_same_page_that_arrives_late_is_left_out() -> None:
    draft = after(NOTHING, change(0, title="甲乙", device="d1", sequence=2))

    assert changed(draft, {}, change(0, title="甲", device="d1", sequence=1)) == draft


def test_second_page_of_one_person_overwrites_nothing_of_the_first() -> None:
    draft = after(NOTHING, change(0, title="甲", device="d1", sequence=1))

    refused = changed(draft, {}, change(0, title="乙", device="d2", sequence=9))
    assert isinstance(refused, Refused)
    assert refused.code == "draft-changed"


def test_revision_that_the_draft_never_had_does_not_overwrite() -> None:
    refused = changed(after(NOTHING, change(0, title="甲")), {}, change(7, title="乙"))

    assert isinstance(refused, Refused)


def test_cleared_field_stays_empty_over_what_was_handed_in() -> None:
    draft = after(NOTHING, change(0, h5=None), base={"h5": "https://a.cn", "title": "题"})

    assert values(draft, {"h5": "https://a.cn", "title": "题"}) == {"title": "题"}
    assert unsent(draft, {"h5": "https://a.cn"}) == ["h5"]


@pytest.mark.parametrize(("name", "nothing"), [("h5", None), ("title", ""), ("themes", []), ("files", None)])
def test_empty_values_are_the_same(name: str, nothing: Any) -> None:
    assert changed(NOTHING, {}, change(0, **{name: nothing})) == NOTHING


def test_what_was_handed_in_is_the_base_of_what_follows() -> None:
    draft = handed_in(after(NOTHING, change(0, title="题")), 1)

    assert (dict(draft.fields), draft.cleared, draft.revision) == ({}, 1, 2)
    assert present(draft, {"title": "题"}, "title").value == "题"


def test_field_that_was_changed_during_the_hand_in_stays() -> None:
    draft = after(NOTHING, change(0, title="题"), change(1, text="later"))

    assert values(handed_in(draft, 1), {}) == {"text": "later"}


def test_page_that_did_not_see_the_hand_in_overwrites_nothing() -> None:
    draft = handed_in(after(NOTHING, change(0, title="a"), change(1, title="题")), 2)

    refused = changed(draft, {"title": "题"}, change(1, title="乙"))
    assert isinstance(refused, Refused)
    assert refused.detail["fields"]["title"]["stored"]["value"] == "题"  # type: ignore[index]


def test_draft_over_its_size_is_refused() -> None:
    fields = {f"caption.{k:064x}": "字" * 2_000 for k in range(DRAFT_MAX_BYTES // 6_000 + 1)}

    refused = changed(NOTHING, {}, Change(0, fields, "li", 5))
    assert isinstance(refused, Refused)
    assert refused.code == "draft-too-large"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("title", "题", None),
        ("title", None, None),
        ("title", 7, "draft-field-invalid"),
        ("title", "题" * 2_001, "draft-field-invalid"),
        ("text", "一\0", "draft-field-invalid"),
        ("text", "vertical\x0btab of Word", None),
        ("themes", ["home", "service"], None),
        ("themes", "home", "draft-field-invalid"),
        ("themes", [7], "draft-field-invalid"),
        ("files", [{"sha256": SHA, "name": "a.jpg"}], None),
        ("files", [{"sha256": SHA}], None),
        ("files", [{"sha256": "a"}], "draft-field-invalid"),
        ("files", [{"sha256": SHA, "path": "/etc"}], "draft-field-invalid"),
        ("files", [{"name": "a.jpg"}], "draft-field-invalid"),
        (f"caption.{SHA}", "说明", None),
        (f"alt.{SHA}", "替代文字", None),
        ("caption", "说明", "draft-field-unknown"),
        ("caption.x", "说明", "draft-field-unknown"),
        (f"title.{SHA}", "题", "draft-field-unknown"),
        ("unit", "U2", "draft-field-unknown"),
    ],
)
def test_field_of_a_draft_is_stored_or_refused_by_name(name: str, value: Any, code: str | None) -> None:
    found = flaw(name, value)

    assert (found.code if found else None) == code
