"""The plain form of a draft: which fields a sent form changes, and what becomes of fields that two people changed."""

from typing import Any

from gateway.units import draft_form
from gateway.units.draft_form import Conflict

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
VALUES: dict[str, Any] = {
    "title": "题",
    "profile": "",
    "text": "第一段\n第二段",
    "h5": "",
    "themes": ["home"],
    "files": [{"sha256": A, "name": "1.jpg"}, {"sha256": B, "name": "2.jpg"}],
    f"caption.{A}": "说明",
}


def sent(**changes: str) -> dict[str, str]:
    """Return a form as a browser sends it: what was shown, with what was typed in it."""
    shown = {"title": "题", "profile": "", "text": "第一段\r\n第二段", "h5": "", "theme.home": "home"}
    shown |= {f"caption.{A}": "说明", f"caption.{B}": "", f"place.{A}": "1", f"place.{B}": "2"}
    shown |= {f"was.{name}": draft_form.mark(VALUES.get(name)) for name in (*VALUES, f"caption.{B}")}
    return {name: value for name, value in {**shown, **changes}.items() if value is not None}


def test_a_form_that_was_not_touched_changes_nothing():
    assert draft_form.changes(sent(), VALUES) == {}


def test_what_was_typed_is_a_change_with_the_line_ends_of_a_draft():
    form = sent(title="新题", text="第一段\r\n第二段\r\n第三段", **{f"caption.{B}": "第二张"})

    assert draft_form.changes(form, VALUES) == {
        "title": "新题",
        "text": "第一段\n第二段\n第三段",
        f"caption.{B}": "第二张",
    }


def test_a_field_that_somebody_else_changed_meanwhile_is_not_sent_unless_it_was_touched():
    now = {**VALUES, "title": "别人的题", "text": "别人的材料"}

    assert draft_form.changes(sent(title="新题"), now) == {"title": "新题"}


def test_themes_that_were_all_unticked_are_a_change():
    form = {name: value for name, value in sent().items() if name != "theme.home"}

    assert draft_form.changes(form, VALUES) == {"themes": []}


def test_files_are_ordered_by_their_places_and_removed_where_that_is_ticked():
    assert draft_form.changes(sent(**{f"place.{A}": "3"}), VALUES)["files"] == [
        {"sha256": B, "name": "2.jpg"},
        {"sha256": A, "name": "1.jpg"},
    ]
    assert draft_form.changes(sent(**{f"remove.{A}": "1"}), VALUES)["files"] == [{"sha256": B, "name": "2.jpg"}]


def test_a_file_that_was_added_meanwhile_stays_behind_those_that_were_shown():
    now = {**VALUES, "files": [*VALUES["files"], {"sha256": C, "name": "3.jpg"}]}

    changed = draft_form.changes(sent(**{f"place.{A}": "3"}), now)

    assert [each["sha256"] for each in changed["files"]] == [B, A, C]


def test_conflicts_name_both_values():
    facts = {"revision": 7, "fields": {"title": {"yours": "甲", "stored": {"value": "乙", "revision": 7, "at": 5}}}}

    assert draft_form.conflicts(facts) == [Conflict("title", "甲", "乙", 5)]


def test_a_choice_is_wanted_for_every_conflict_and_nothing_is_chosen_beforehand():
    form = {
        **{f"mine.{name}": draft_form.packed("甲") for name in ("title", "text", "profile", "h5")},
        **{f"theirs.{name}": draft_form.packed("乙") for name in ("title", "text", "profile", "h5")},
        **{"keep.title": "mine", "keep.text": "both", "keep.profile": "theirs"},
    }

    assert draft_form.choices(form) == ({"title": "甲", "text": "乙\n\n甲"}, ["h5"])


def test_both_lists_of_files_or_themes_are_joined_without_doubles():
    mine, theirs = [{"sha256": A, "name": "1"}, {"sha256": B, "name": "2"}], [{"sha256": B, "name": "2"}]

    assert draft_form.joined("files", mine, theirs) == [{"sha256": B, "name": "2"}, {"sha256": A, "name": "1"}]
    assert draft_form.joined("themes", ["home", "skill"], ["skill", "law"]) == ["skill", "law", "home"]


def test_a_hidden_field_that_was_tampered_with_holds_nothing():
    assert draft_form.unpacked("{") is None


def test_a_draft_has_a_value_for_each_field_of_the_form():
    draft = {"fields": {"title": {"value": "题"}, "files": {"value": None}, f"caption.{A}": {"value": "说明"}}}

    assert draft_form.values_of(draft) == {
        "title": "题", "profile": "", "text": "", "h5": "", "themes": [], "files": [], f"caption.{A}": "说明",
    }  # fmt: skip
