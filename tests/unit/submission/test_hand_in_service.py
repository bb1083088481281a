"""Handing in a draft: all that is missing at once, a receipt with digest, versions side by side, and managers."""

import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from services.submission.declaration import CURRENT
from shared.reference_numbers import is_checked
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_service import approve, form

Put = Callable[..., str]
DECLARED = {f"declare.{kind}": words for kind, words in CURRENT.items()}


def write(town: Town, *, unit: str = "U1", actor: str = "", role: str = "unit", **fields: Any) -> dict[str, Any]:
    """Store fields over the present draft, as whoever types."""
    whose = {"unit": unit} if actor else {}
    seen = town.ok("draft", actor or unit, role, entry="new", **whose)["revision"]
    return town.ok("change_draft", actor or unit, role, entry="new", revision=seen, fields=fields, **whose)


def whole(upload: Put, unit: str = "U1", **change: Any) -> dict[str, Any]:
    """Return the fields of a draft that can be handed in."""
    files = [{"sha256": upload(unit, colour), "name": f"{colour}.png"} for colour in range(4)]
    return {"title": "题", "profile": "简介", "text": "正文", "themes": ["home"], "files": files} | DECLARED | change


def hand_in(town: Town, revision: int, **more: Any) -> dict[str, Any]:
    return town.ok("hand_in_draft", "U1", "unit", entry="new", revision=revision, **more)


def test_check_and_hand_in_name_the_same_problems_and_all_of_them(town: Town) -> None:
    draft = write(town, text="字" * 3_001, h5="http://a.cn", files=[{"sha256": "0" * 64}], **{"ai.h5": "made"})

    checked = town.ok("check_draft", "U1", "unit", entry="new")["problems"]
    refused = town.call("hand_in_draft", "U1", "unit", entry="new", revision=draft["revision"])["refused"]

    assert [(each["code"], each["field"]) for each in checked] == [
        ("title-missing", "title"),
        ("profile-missing", "profile"),
        ("text-too-long", "text"),
        ("themes-missing", "themes"),
        ("h5-not-https", "h5"),
        ("upload-unknown", "files/0"),
        ("too-few-pictures", "files"),
        *(("declaration-missing", f"declare.{kind}") for kind in CURRENT),
    ]
    assert refused["detail"]["problems"] == checked
    assert (refused["code"], refused["field"]) == ("title-missing", "title")


def test_hand_in_gives_a_receipt_whose_digest_anybody_can_compute(town: Town, upload: Put) -> None:
    receipt = hand_in(town, write(town, **whole(upload))["revision"])

    seen = town.ok("receipt", "U1", "unit", receipt=receipt["receipt"])
    canonical = json.dumps(seen["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert is_checked(receipt["receipt"])
    assert receipt["digest"] == seen["digest"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert (receipt["entry"], receipt["version"], receipt["status"]) == ("U1-1", 1, "submitted")


def test_repeated_hand_in_gives_the_same_receipt(town: Town, upload: Put) -> None:
    revision = write(town, **whole(upload))["revision"]
    first, again = (hand_in(town, revision, id="k1.b") for _ in range(2))

    assert {name: again[name] for name in ("receipt", "digest", "version")} == {
        name: first[name] for name in ("receipt", "digest", "version")
    }
    assert again["repeated"] is True


def test_two_hand_ins_have_receipts_that_differ(town: Town, upload: Put) -> None:
    first = hand_in(town, write(town, **whole(upload))["revision"])
    second = hand_in(town, write(town, title="新题", **DECLARED)["revision"])

    assert (first["version"], second["version"]) == (1, 2)
    assert first["receipt"] != second["receipt"]


def test_draft_that_somebody_changed_after_it_was_read_is_not_handed_in(town: Town, upload: Put) -> None:
    revision = write(town, **whole(upload))["revision"]
    write(town, text="别人改的")

    refused = town.call("hand_in_draft", "U1", "unit", entry="new", revision=revision)["refused"]
    assert (refused["code"], list(refused["detail"]["fields"])) == ("draft-changed", ["text"])


def test_draft_is_empty_after_the_hand_in_and_declarations_are_asked_again(town: Town, upload: Put) -> None:
    hand_in(town, write(town, **whole(upload))["revision"])

    draft = town.ok("draft", "U1", "unit", entry="new")
    assert (draft["unsent"], draft["version"], draft["status"]) == ([], 1, "submitted")
    assert [name for name in draft["fields"] if name.startswith("declare.")] == []


def test_captions_and_ai_parts_reach_the_entry_and_the_public(town: Town, upload: Put) -> None:
    fields = whole(upload)
    sha256 = fields["files"][0]["sha256"]
    uses = {f"caption.{sha256}": "走访企业", f"alt.{sha256}": "三人握手", f"ai.{sha256}": "altered", "ai.title": "made"}
    hand_in(town, write(town, **fields, **uses)["revision"])
    town.appoint("mo", "莫", "moderator")
    approve(town)

    public = town.ok("public_entry", "", "", entry="U1-1")

    assert public["ai"] == [{"part": sha256, "extent": "altered"}, {"part": "title", "extent": "made"}]
    assert (public["files"][0]["caption"], public["files"][0]["alt"]) == ("走访企业", "三人握手")


def test_mark_of_a_file_that_was_taken_out_is_left_out(town: Town, upload: Put) -> None:
    fields = whole(upload)
    hand_in(town, write(town, **fields, **{f"ai.{'0' * 64}": "made"})["revision"])

    assert town.ok("entry", "U1", "unit", entry="U1-1")["ai"] == []


def test_two_versions_are_compared_side_by_side(town: Town, upload: Put) -> None:
    fields = whole(upload, text="一段\n二段\n")
    hand_in(town, write(town, **fields)["revision"])
    files = [fields["files"][1], fields["files"][0], *fields["files"][2:]]
    hand_in(town, write(town, text="一段\n二段落\n", files=files, **DECLARED)["revision"])

    seen = town.ok("comparison", "U1", "unit", entry="U1-1", earlier=1, later=2)

    assert seen["differences"]["texts"] == {
        "text": [
            {"op": "same", "text": "一段\n二段"},
            {"op": "added", "text": "落"},
            {"op": "same", "text": "\n"},
        ]
    }
    assert [(each["before"], each["after"]) for each in seen["differences"]["files"]] == [(0, 1), (1, 0)]
    assert [seen[side]["content"]["text"] for side in ("before", "after")] == ["一段\n二段\n", "一段\n二段落\n"]


def test_versions_of_another_unit_are_not_compared(town: Town, upload: Put) -> None:
    hand_in(town, write(town, **whole(upload))["revision"])

    assert town.no("comparison", "U2", "unit", entry="U1-1", earlier=1, later=1) == "not-yours"
    assert town.no("comparison", "U1", "unit", entry="U1-1", earlier=1, later=2) == "entry-unknown"


def test_late_pass_is_used_once_by_hand_ins_at_the_same_time(town: Town, upload: Put) -> None:
    end = town.ok("campaign", "", "")["windows"]["submission"]["end"]
    town.ok("grant_late_pass", "olga", "organiser", unit="U1", until=end + 9_000, reason="停电", at=end + 1)
    drafts = [form(upload, title=f"题{n}") for n in range(4)]
    begin, answers = threading.Barrier(4), list[dict[str, Any]]()

    def send(n: int) -> None:
        begin.wait()
        answers.append(town.call("hand_in", "U1", "unit", **drafts[n], at=end + 2, id=f"race{n}.b"))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted("late pass" if "ok" in each else each["refused"]["code"] for each in answers) == [
        "late pass", "window-closed", "window-closed", "window-closed",
    ]  # fmt: skip


def test_federation_types_for_a_small_unit_until_it_claims_its_entry(town: Town, upload: Put) -> None:
    town.ok("appoint_manager", "olga", "organiser", unit="U1", manager="U2", reason="没有电脑")
    fields = whole(upload, unit="U2")  # the federation uploads the pictures
    revision = write(town, actor="U2", **fields)["revision"]

    receipt = town.ok("hand_in_draft", "U2", "unit", unit="U1", entry="new", revision=revision)
    seen = town.ok("entry", "U1", "unit", entry="U1-1")

    assert (seen["unit"], seen["by"], seen["receipt"]) == ("U1", "U2", receipt["receipt"])
    assert [each["unit"] for each in town.ok("managed_units", "U2", "unit")["units"]] == ["U1"]
    town.ok("claim_unit", "U1", "unit")
    assert town.no("change_draft", "U2", "unit", unit="U1", entry="new", revision=0, fields={}) == "not-managing"
    assert town.ok("managed_units", "U2", "unit")["units"] == []
    assert town.no("claim_unit", "U1", "unit") == "not-managed"


def test_hand_in_of_a_manager_that_was_decided_after_the_claim_is_refused(town: Town, upload: Put) -> None:
    town.ok("appoint_manager", "olga", "organiser", unit="U1", manager=None, reason="没有电脑")
    revision = write(town, actor="olga", role="organiser", **whole(upload))["revision"]
    town.ok("claim_unit", "U1", "unit")

    refused = town.no("hand_in_draft", "olga", "organiser", unit="U1", entry="new", revision=revision)
    assert refused == "not-managing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit": "U9"}, "unit-unknown"),
        ({"manager": "U9"}, "unit-unknown"),
        ({"manager": "U1"}, "manager-is-unit"),
        ({"reason": " "}, "reason-missing"),
    ],
)
def test_manager_is_refused_with_its_reason(town: Town, change: dict[str, Any], code: str) -> None:
    body = {"unit": "U1", "manager": "U2", "reason": "没有电脑"} | change

    assert town.no("appoint_manager", "olga", "organiser", **body) == code


def test_unit_is_told_where_its_entry_stands_and_what_happened(town: Town, upload: Put) -> None:
    town.appoint("mo", "莫", "moderator")
    before = town.ok("progress", "U1", "unit")
    receipt = hand_in(town, write(town, **whole(upload))["revision"])
    town.ok("claim", "mo", "moderator", entry="U1-1")
    reading = town.ok("progress", "U1", "unit")
    approve(town)

    after = town.ok("progress", "U1", "unit")

    assert [each["step"] for each in (before, reading, after)] == ["draft", "review", "approved"]
    assert [(each["kind"], each["facts"]) for each in after["messages"]] == [
        ("approved", {"version": 1}),
        ("handed-in", {"version": 1, "receipt": receipt["receipt"], "by": None}),
    ]
    assert [each["state"] for each in after["steps"]][:5] == ["done", "done", "done", "skipped", "current"]


def test_pasted_text_comes_back_with_its_count_explained(town: Town) -> None:
    told = town.ok("clean_paste", "U1", "unit", html="<h1>题</h1><p>工会 35 家</p>")

    assert (told["text"], told["counted"], told["shown"], told["blanks"], told["line_ends"]) == (
        "题\n工会 35 家",
        9,
        6,
        2,
        1,
    )
    assert told["zh"].startswith("共 9 字：文字和标点 6，空格 2，换行 1。")


def test_drafts_are_swept_a_month_after_the_window_and_not_before(town: Town) -> None:
    end = town.ok("campaign", "", "")["windows"]["submission"]["end"]
    write(town, title="题")
    month = 30 * 86_400_000

    swept = [
        town.ok("sweep_drafts", "clock", "operator", at=end + more)["drafts"] for more in (0, month - 1, month + 1)
    ]

    assert swept == [0, 0, 1]
