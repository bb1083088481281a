"""The moderators' desk over the real service: bulks, second persons, shares, notes, pace, and what else waits."""

from pathlib import Path
from typing import Any

import pytest

from services.submission.events import EntrySubmitted
from shared.commit import Head, form
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town

FILE = CAMPAIGN_FILE.read_text()
STRICT = FILE + '\n[moderation]\nsecond_opinion = ["rejection"]\ntwo_for_disqualification = true\n'
OWN_REASON = (
    '[[moderation.reasons]]\nitem = "text"\nzh = "请写明职工人数。"\nen = "Please say how many workers there are."\n'
)
MINUTE = 60_000


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return an open rehearsal with two organisers, two moderators, and four entries."""
    return town_of(tmp_path, STRICT + OWN_REASON)


def town_of(path: Path, file: str) -> Town:
    town = Town(path)
    opened = town.open(file)
    for staff in ("mo", "ma"):
        town.appoint(staff, "莫", "moderator")
    entries = [("U3-1", "state"), ("U1-1", "state"), ("U2-1", "private"), ("U4-1", "other")]
    handed = [
        EntrySubmitted(entry, 1, entry[:2], kind, f"题{k}", "", "", ("home",), None, (), None, opened["now"] - 4 + k)
        for k, (entry, kind) in enumerate(entries)
    ]
    town.ledger.insert(form(Head("submission"), handed, commands=[], stamp=stamp()))
    return town


def as_mo(town: Town, method: str, **body: Any) -> dict[str, Any]:
    return town.ok(method, "mo", "moderator", **body)


CHOSEN = [{"entry": entry, "version": 1} for entry in ("U1-1", "U2-1", "U9-1")]


def test_bulk_touches_what_its_preview_listed_and_is_undone(town: Town) -> None:
    preview = as_mo(town, "preview_bulk", kind="approved", entries=CHOSEN)
    listed = [{name: each[name] for name in ("entry", "version")} for each in preview["entries"]]
    done = as_mo(town, "decide_in_bulk", kind="approved", entries=listed, digest=preview["digest"])
    undone = town.ok("undo_bulk", "ma", "moderator", bulk=done["bulk"])

    assert [(each["entry"], each["title"]) for each in preview["entries"]] == [("U1-1", "题1"), ("U2-1", "题2")]
    assert [(each["entry"], each["code"]) for each in preview["refused"]] == [("U9-1", "entry-unknown")]
    assert (done["entries"], done["refused"]) == (["U1-1", "U2-1"], [])
    assert (undone["undone"], undone["refused"]) == (["U1-1", "U2-1"], [])
    assert as_mo(town, "queue")["pending"] == 4
    assert [(each["bulk"], each["open"], each["undone"]) for each in as_mo(town, "bulks")["bulks"]] == [
        (done["bulk"], False, ["U1-1", "U2-1"])
    ]


def test_bulk_is_done_once_however_often_it_is_sent(town: Town) -> None:
    preview = as_mo(town, "preview_bulk", kind="approved", entries=CHOSEN[:2])
    sent = {"kind": "approved", "entries": CHOSEN[:2], "digest": preview["digest"], "id": "key.d"}

    first, head = as_mo(town, "decide_in_bulk", **sent), town.ledger.head("moderation")
    again = as_mo(town, "decide_in_bulk", **sent)

    assert (again["entries"], again["bulk"], town.ledger.head("moderation")) == (first["entries"], first["bulk"], head)


def test_entry_claimed_after_the_preview_is_answered_and_the_others_are_decided(town: Town) -> None:
    preview = as_mo(town, "preview_bulk", kind="approved", entries=CHOSEN[:2])
    town.ok("claim", "ma", "moderator", entry="U1-1")

    done = as_mo(town, "decide_in_bulk", kind="approved", entries=CHOSEN[:2], digest=preview["digest"])

    assert done["entries"] == ["U2-1"]
    assert [(each["entry"], each["code"]) for each in done["refused"]] == [("U1-1", "claimed-by-other")]


def test_bulk_with_another_list_and_an_empty_one_are_refused(town: Town) -> None:
    preview = as_mo(town, "preview_bulk", kind="approved", entries=CHOSEN[:2])
    nothing = as_mo(town, "preview_bulk", kind="approved", entries=[])

    sent = {"kind": "approved", "entries": CHOSEN[:1], "digest": preview["digest"]}
    assert town.no("decide_in_bulk", "mo", "moderator", **sent) == "bulk-differs"
    sent = {"kind": "approved", "entries": [], "digest": nothing["digest"]}
    assert town.no("decide_in_bulk", "mo", "moderator", **sent) == "bulk-empty"
    assert town.no("undo_bulk", "mo", "moderator", bulk="b9") == "bulk-unknown"


def test_undo_says_what_has_happened_since(town: Town) -> None:
    preview = as_mo(town, "preview_bulk", kind="approved", entries=CHOSEN[:2])
    done = as_mo(town, "decide_in_bulk", kind="approved", entries=CHOSEN[:2], digest=preview["digest"])
    town.ok("freeze", "ma", "moderator", entry="U1-1", reason="投诉")

    undone = as_mo(town, "undo_bulk", bulk=done["bulk"])

    assert undone["undone"] == ["U2-1"]
    assert [(each["entry"], each["code"], each["detail"]["what"]) for each in undone["refused"]] == [
        ("U1-1", "decision-overtaken", "entry-frozen")
    ]


def test_rejection_stands_when_a_second_moderator_agrees(town: Town) -> None:
    remarks = [{"item": "text", "words": "抄袭"}]
    asked = as_mo(town, "reject", entry="U1-1", version=1, reason="虚假", remarks=remarks)
    waiting = town.ok("work", "ma", "moderator")

    assert (asked["status"], asked["second"]["kind"], asked["second"]["because"]) == (
        "submitted", "rejected", "rejection",
    )  # fmt: skip
    assert [(each["kind"], each["entry"], each["needs_other"]) for each in waiting["items"]] == [
        ("second-opinion", "U1-1", False)
    ]
    assert as_mo(town, "work")["items"][0]["needs_other"] is True
    given = {"entry": "U1-1", "version": 1, "agrees": True}
    assert town.no("give_second_opinion", "mo", "moderator", **given) == "second-person-needed"
    rejected = town.ok("give_second_opinion", "ma", "moderator", **given)
    assert (rejected["status"], rejected["reason"], rejected["remarks"], rejected["decided"]["by"]) == (
        "rejected", "虚假", remarks, "mo",
    )  # fmt: skip


def test_disqualification_with_evidence_takes_two_organisers(town: Town) -> None:
    held = {"entry": "U1-1", "reason": "虚假", "words": "照片出自他处", "evidence": "e" * 64}
    proposed = town.ok("disqualify", "olga", "organiser", **held)

    assert (proposed["status"], proposed["disqualification"]["by"]) == ("submitted", "olga")
    agreed = {"entry": "U1-1", "agrees": True}
    assert town.no("confirm_disqualification", "olga", "organiser", **agreed) == "second-person-needed"
    assert town.ok("confirm_disqualification", "otto", "organiser", **agreed)["status"] == "disqualified"


def test_unit_asks_for_a_type_and_learns_what_became_of_it(town: Town) -> None:
    held = {"entry": "U1-1", "type": "public", "reason": "名册填错"}

    asked = town.ok("ask_type_correction", "U1", "unit", **held)
    assert (asked["state"], asked["asked"]["type"]) == ("open", "public")
    assert town.no("ask_type_correction", "U2", "unit", **held) == "not-yours"
    assert town.no("type_correction", "U2", "unit", entry="U1-1") == "not-yours"
    assert [each["kind"] for each in as_mo(town, "work")["items"]] == ["type-correction"]
    assert as_mo(town, "queue", flag="type-correction")["total"] == 1
    as_mo(town, "decide_type_correction", entry="U1-1", agrees=False, words="名册无误")
    declined = town.ok("type_correction", "U1", "unit", entry="U1-1")
    assert (declined["state"], declined["words"], declined["type"]) == ("declined", "名册无误", "state")
    town.ok("ask_type_correction", "U1", "unit", **held)
    as_mo(town, "decide_type_correction", entry="U1-1", agrees=True)
    granted = town.ok("type_correction", "U1", "unit", entry="U1-1")
    assert (granted["state"], granted["type"]) == ("granted", "public")


def test_notes_say_what_was_not_checked_and_who_did_what(town: Town) -> None:
    hit = {"item": "text", "state": "hit", "why": None, "hits": [{"label": "赌博", "start": 3, "end": 5, "score": 90}]}
    waits = {"item": "files/0", "state": "not-checked", "why": "service-away", "hits": []}
    town.ok("note_check", "worker", "operator", entry="U1-1", version=1, source="words", items=[hit])
    town.ok("note_check", "worker", "operator", entry="U1-1", version=1, source="link", items=[waits])
    as_mo(town, "flag_entry", entry="U1-1", flag="attention", words="请看图")

    notes = as_mo(town, "notes", entry="U1-1")

    assert [(each["source"], each["state"], each["why"]) for each in notes["hints"]] == [
        ("link", "not-checked", "service-away"), ("words", "hit", None), ("wechat", "not-checked", "never-looked"),
    ]  # fmt: skip
    assert [each["what"] for each in notes["history"]] == [
        "entry-submitted", "entry-checked", "entry-checked", "entry-flagged",
    ]  # fmt: skip
    assert (notes["history"][-1]["by"], notes["history"][-1]["words"]) == ("mo", "请看图")
    assert town.no("notes", "mo", "moderator", entry="U9-1") == "entry-unknown"


def test_history_of_an_entry_is_one_list_by_time(town: Town) -> None:
    start = as_mo(town, "pace")["now"]
    as_mo(town, "claim", entry="U1-1", at=start + MINUTE)
    as_mo(
        town, "return_entry", entry="U1-1", version=1, until=start + 9 * MINUTE, at=start + 2 * MINUTE,
        remarks=[{"item": "text", "words": "太短"}],
    )  # fmt: skip
    as_mo(town, "undo_decision", entry="U1-1", version=1, at=start + 3 * MINUTE)

    rows = as_mo(town, "notes", entry="U1-1")["history"]

    assert [(row["what"], row["by"], row["version"]) for row in rows] == [
        ("entry-submitted", "U1", 1), ("entry-claimed", "mo", None), ("entry-returned", "mo", 1),
        ("decision-undone", "mo", 1),
    ]  # fmt: skip
    assert rows[2]["remarks"] == [{"item": "text", "words": "太短"}]


def test_pace_forecasts_the_end_from_the_last_day(town: Town) -> None:
    start = as_mo(town, "pace")["now"]
    for k, entry in enumerate(("U1-1", "U2-1")):
        as_mo(town, "claim", entry=entry, at=start + 60 * k * MINUTE)
        as_mo(town, "approve", entry=entry, version=1, at=start + (60 * k + 4 + k) * MINUTE)

    pace = as_mo(town, "pace", at=start + 70 * MINUTE)

    assert (pace["done"], pace["left"], pace["median_minutes"]) == (2, 2, 4)
    assert pace["forecast"] == start + (70 + 61) * MINUTE
    assert pace["in_time"] is True
    assert [(each["staff"], each["done"], each["last_day"]) for each in pace["people"]] == [("ma", 0, 0), ("mo", 2, 2)]


def test_pace_without_decisions_has_no_forecast(town: Town) -> None:
    pace = as_mo(town, "pace")

    assert (pace["done"], pace["left"], pace["forecast"], pace["in_time"], pace["median_minutes"]) == (
        0, 4, None, None, None,
    )  # fmt: skip


def test_share_is_handed_over_to_a_moderator(town: Town) -> None:
    given = as_mo(town, "hand_over", to="ma", count=2)

    assert given["entries"] == ["U3-1", "U1-1"]
    assert town.ok("work", "ma", "moderator")["share"] == 2
    assert town.no("hand_over", "mo", "moderator", to="olga", count=1) == "staff-unknown"


def test_complaints_wait_in_the_same_list(town: Town) -> None:
    filed = town.ok("file_complaint", "gateway", "operator", kind="complaint", entry="U1-1", words="照片是假的")
    work = as_mo(town, "work")

    assert [(each["kind"], each["complaint"], each["entry"]) for each in work["items"]] == [
        ("complaint", filed["complaint"], "U1-1")
    ]
    assert "照片" not in str(work)
    assert (work["counts"]["complaint"], as_mo(town, "work", kind="type-correction")["items"]) == (1, [])
    assert as_mo(town, "work", after=work["items"][0]["id"])["items"] == []
    assert town.no("work", "mo", "moderator", after="complaint.x") == "cursor-unknown"


def test_reasons_begin_with_the_campaigns_own(town: Town) -> None:
    reasons = as_mo(town, "reasons")["reasons"]

    assert reasons[0] == {"item": "text", "zh": "请写明职工人数。", "en": "Please say how many workers there are."}
    assert {"title", "text", "pictures", "video", "other"} <= {each["item"] for each in reasons}


def test_campaign_file_that_says_nothing_of_moderation_needs_one_person(tmp_path: Path) -> None:
    plain = town_of(tmp_path, FILE)

    assert as_mo(plain, "reject", entry="U1-1", version=1, reason="虚假")["status"] == "rejected"
    assert "moderation" not in plain.ok("rules")["campaign"]
