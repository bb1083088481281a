"""Drafts over the RPC service: shared by a unit, begun from what was handed in, and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.submission.hosted import Town
from tests.unit.submission.test_service import approve, form

Put = Callable[..., str]


def write(town: Town, unit: str = "U1", entry: str = "new", *, revision: int = 0, **fields: Any) -> dict[str, Any]:
    return town.ok("change_draft", unit, "unit", entry=entry, revision=revision, fields=fields)


def texts(draft: dict[str, Any]) -> dict[str, Any]:
    return {name: each["value"] for name, each in draft["fields"].items()}


def test_draft_of_a_unit_without_an_entry_is_empty(town: Town) -> None:
    draft = town.ok("draft", "U1", "unit", entry="new")

    assert draft == {
        "entry": "U1-1", "version": 0, "status": "draft", "revision": 0, "at": 0, "fields": {}, "unsent": [],
        "files": {}, "people": {}, "closes": {"at": 1_622_217_600_000, "by": "window"},
    }  # fmt: skip


def test_draft_is_read_back_by_each_person_of_the_unit(town: Town) -> None:
    write(town, title="题")
    draft = write(town, text="文")

    assert town.ok("draft", "U1", "unit", entry="U1-1") == draft
    assert texts(draft) == {"title": "题", "text": "文"}
    assert [each["entry"] for each in town.ok("drafts", "U1", "unit")["drafts"]] == ["U1-1"]


def test_change_over_another_is_refused_with_both_versions(town: Town) -> None:
    write(town, title="甲")

    refused = town.call("change_draft", "U1", "unit", entry="new", revision=0, fields={"title": "乙"})["refused"]

    assert refused["code"] == "draft-changed"
    title = refused["detail"]["fields"]["title"]
    assert (title["yours"], title["stored"]["value"], title["stored"]["by"]) == ("乙", "甲", "U1")


def test_draft_is_nobody_else_s(town: Town) -> None:
    write(town, title="甲")

    assert town.no("draft", "U2", "unit", entry="U1-1") == "not-yours"
    assert town.no("change_draft", "U2", "unit", entry="U1-1", revision=0, fields={"title": "乙"}) == "not-yours"
    assert town.ok("drafts", "U2", "unit")["drafts"] == []
    assert town.no("draft", "mo", "moderator", entry="U1-1") == "role-missing"


@pytest.mark.slow
def test_draft_of_an_entry_begins_with_what_was_handed_in(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload, title="题"))

    draft = town.ok("draft", "U1", "unit", entry="new")

    assert (draft["entry"], draft["version"], draft["status"], draft["unsent"]) == ("U1-1", 1, "submitted", [])
    assert texts(draft)["title"] == "题"
    assert write(town, title="题")["revision"] == 0
    assert write(town, title="新题")["unsent"] == ["title"]


@pytest.mark.slow
def test_draft_after_a_withdrawal_begins_with_the_withdrawn_entry(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload, title="题"))
    town.ok("withdraw", "U1", "unit", entry="U1-1", reason="")

    draft = town.ok("draft", "U1", "unit", entry="new")

    assert (draft["entry"], draft["version"], draft["status"], texts(draft)["title"]) == ("U1-2", 0, "draft", "题")
    assert town.no("draft", "U1", "unit", entry="U1-1") == "entry-withdrawn"


@pytest.mark.slow
def test_draft_of_an_approved_entry_is_read_and_not_changed(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload, title="题"))
    town.appoint("mo", "莫", "moderator")
    approve(town)

    assert texts(town.ok("draft", "U1", "unit", entry="U1-1"))["title"] == "题"
    refused = town.no("change_draft", "U1", "unit", entry="U1-1", revision=0, fields={"title": "乙"})
    assert refused == "entry-approved"


def test_county_level_unit_is_refused_before_it_types_in_vain(town: Town) -> None:
    assert (
        town.no("change_draft", "U3", "unit", entry="new", revision=0, fields={"title": "题"}) == "level-not-eligible"
    )


def test_value_of_the_wrong_shape_is_refused_at_its_field(town: Town) -> None:
    refused = town.call("change_draft", "U1", "unit", entry="new", revision=0, fields={"themes": "home"})["refused"]

    assert (refused["code"], refused["field"]) == ("draft-field-invalid", "themes")


def test_draft_is_stored_however_long_and_dirty_its_text_is(town: Town) -> None:
    text = "字" * 5_000 + "\u200b\x0b"

    assert texts(write(town, text=text)) == {"text": text}


def test_draft_says_what_its_files_are(town: Town, upload: Put) -> None:
    first, second = upload("U1", 10), upload("U1", 20)
    town.ok("hand_in", "U1", "unit", **form(upload))
    draft = write(town, files=[{"sha256": first, "name": "一.png"}, {"sha256": second, "name": None}])

    handed_in = town.ok("entry", "U1", "unit", entry="U1-1")["files"]
    assert set(draft["files"]) == {first, second, *(each["sha256"] for each in handed_in)}
    facts = draft["files"][first]
    assert (facts["kind"], facts["width"], facts["height"], facts["name"]) == ("picture", 32, 24, "10.png")


def test_field_names_the_cadre_who_typed_it_and_the_draft_has_the_name(town: Town) -> None:
    invitation = town.ok("invite_colleague", "U1", "unit")["invitation"]
    joined = town.ok("join_unit", unit="U1", invitation=invitation, name="李红", password="quiet lantern")

    draft = town.ok(
        "change_draft", "U1", "unit", entry="new", revision=0, fields={"title": "题"}, session=joined["session"]
    )

    assert (draft["fields"]["title"]["by"], draft["people"]) == ("U1.1", {"U1.1": "李红"})
    refused = town.call("change_draft", "U1", "unit", entry="new", revision=0, fields={"title": "乙"})["refused"]
    assert refused["detail"]["people"] == {"U1.1": "李红"}
    town.ok("appoint_manager", "olga", "organiser", unit="U1", manager="U2", reason="小单位")
    assert town.ok("draft", "U2", "unit", unit="U1", entry="new")["people"] == {"U2": "唐山港工会"}


def test_session_of_another_unit_says_nothing_of_who_types(town: Town) -> None:
    session = town.ok("unit_login", unit="U2", access="v7tnx45r")["session"]

    draft = town.ok("change_draft", "U1", "unit", entry="new", revision=0, fields={"title": "题"}, session=session)

    assert draft["fields"]["title"]["by"] == "U1"
