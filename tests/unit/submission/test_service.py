"""Tests of submission's RPC methods, on a real writer over the ledger in memory: calls in, replies out."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.submission.declaration import TEXT_ZH, WORDS
from services.submission.domain import REFUSALS
from tests.unit.submission.conftest import ROLL
from tests.unit.submission.hosted import Town

Put = Callable[..., str]


def form(upload: Put, unit: str = "U1", **change: Any) -> dict[str, Any]:
    files = [{"sha256": upload(unit, colour)} for colour in range(4)]
    draft = {"title": "题", "profile": "简介", "text": "正文", "themes": ["home"], "files": files, "consent": WORDS}
    return draft | change


def approve(town: Town, entry: str = "U1-1", version: int = 1) -> None:
    town.ok("approve", "mo", "moderator", entry=entry, version=version)


def test_a_roll_is_imported_once_however_often_it_is_sent(town: Town) -> None:
    confirm = town.ok("compare_roll", "olga", "organiser", csv=ROLL)["confirm"]
    first = town.ok("import_roll", "olga", "organiser", csv=ROLL, confirm=confirm, id="k1.b")
    again = town.ok("import_roll", "olga", "organiser", csv=ROLL, confirm=confirm, id="k1.b")

    assert {**first, "repeated": True} == again
    assert (first["rows"], first["parts"]) == (3, 1)


def test_a_roll_over_the_size_of_a_part_is_imported_whole(town: Town) -> None:
    lines = "\n".join(f"V{k},工会{k},grassroots,state,石家庄,厂{k},k3mwp-{k:03}" for k in range(250))

    told = town.import_roll(f"code,name,level,type,city,employer,access_code\n{lines}\n")

    assert (told["rows"], told["parts"]) == (250, 3)
    assert town.ok("roll", "olga", "organiser", limit=1)["rows"] == 250


def test_a_broken_roll_is_refused_with_its_flaws_and_changes_nothing(town: Town) -> None:
    answer = town.call("import_roll", "olga", "organiser", csv=ROLL.replace("国有", "国营"))

    assert answer["refused"]["code"] == "roll-broken"
    assert answer["refused"]["detail"]["problems"] == [
        {
            "row": 2,
            "line": 2,
            "column": "type",
            "code": "not-a-unit-type",
            "value": "国营",
            "allowed": ("国有 (state)", "非公 (private)", "外资 (foreign)", "机关事业 (public)", "其它 (other)"),
        }
    ]
    assert town.ok("roll_unit", "U1", "unit", unit="U1")["type"] == "state"


def test_counts_of_a_roll_with_flaws_add_up_to_its_rows(town: Town) -> None:
    text = ROLL.replace("U2,", "U9,") + "U7,,grassroots,state,保定,新厂,\nU8,新工会,grassroots,state,保定,新厂,\n"

    counts = town.call("compare_roll", "olga", "organiser", csv=text)["refused"]["detail"]["counts"]

    assert counts == {"rows": 5, "added": 2, "changed": 0, "same": 2, "refused": 1}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
def test_file_of_any_of_its_encodings_is_the_same_roll(town: Town, codec: str) -> None:
    file = base64.b64encode(ROLL.encode(codec)).decode()

    assert town.ok("compare_roll", "olga", "organiser", file=file) == town.ok(
        "compare_roll", "olga", "organiser", csv=ROLL
    )


# What a later roll may do

HEADER = "code,name,level,type,city,employer,access\n"
CORRECTED = HEADER + "U1,石家庄第一机床厂工会委员会,grassroots,state,石家庄,石家庄第一机床厂,\n"


def test_an_import_without_a_confirmed_difference_changes_nothing(town: Town) -> None:
    refused = town.call("import_roll", "olga", "organiser", csv=CORRECTED)["refused"]

    assert (refused["code"], refused["detail"]) == (
        "roll-not-confirmed",
        {"added": 0, "changed": 1, "same": 0, "gone": 2},
    )
    assert town.no("import_roll", "olga", "organiser", csv=CORRECTED, confirm="0" * 64) == "roll-difference-differs"
    assert town.ok("roll", "olga", "organiser")["rows"] == 3


def test_the_difference_names_what_an_import_would_do_and_writes_nothing(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U2", "unit", **form(upload, "U2"))
    before = town.ledger.head("submission")

    told = town.ok(
        "compare_roll", "olga", "organiser", csv=CORRECTED + "U4,新工会,grassroots,state,保定,新厂,z5fyg74w\n"
    )

    assert told["counts"] == {"added": 1, "changed": 1, "same": 0, "gone": 1, "kept": 1}
    assert [each["code"] for each in told["added"]] == ["U4"]
    assert told["changed"] == [
        {
            "unit": "U1",
            "name": "石家庄第一机床厂工会委员会",
            "changes": [
                {"field": "name", "before": "石家庄第一机床厂工会", "after": "石家庄第一机床厂工会委员会"},
            ],
            "entries": [],
        }
    ]
    assert [each["code"] for each in told["gone"]] == ["U3"]
    assert told["kept"] == [{"unit": "U2", "name": "唐山港工会", "entries": ["U2-1"]}]
    assert town.ledger.head("submission") == before


def test_a_row_without_an_access_code_keeps_the_code_in_force(town: Town) -> None:
    town.import_roll(CORRECTED)

    assert town.ok("unit_login", unit="U1", access="k3mwp82q")["name"] == "石家庄第一机床厂工会委员会"


def test_a_changed_access_code_is_named_without_its_values(town: Town) -> None:
    told = town.ok("compare_roll", "olga", "organiser", csv=ROLL.replace("k3mwp82q", "z5fyg74w"))

    assert told["changed"][0]["changes"] == [{"field": "access", "before": None, "after": None}]
    assert "z5fyg74w" not in str(told)


def test_a_unit_with_an_entry_stays_in_the_roll_and_can_sign_in(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload))
    town.import_roll(HEADER + "U9,别的工会,grassroots,state,保定,别的厂,z5fyg74w\n")

    assert town.ok("unit_login", unit="U1", access="k3mwp82q")["unit"] == "U1"
    assert [each["code"] for each in town.ok("roll", "olga", "organiser")["units"]] == ["U1", "U9"]


def test_a_late_unit_is_added_by_a_file_of_one_row_that_keeps_the_others(town: Town) -> None:
    told = town.import_roll(HEADER + "U9,别的工会,grassroots,state,保定,别的厂,z5fyg74w\n", gone="keep")

    assert told["rows"] == 4
    assert town.ok("unit_login", unit="U2", access="v7tnx45r")["unit"] == "U2"


def test_an_import_confirmed_before_another_unit_handed_in_is_read_again(town: Town, upload: Put) -> None:
    confirm = town.ok("compare_roll", "olga", "organiser", csv=CORRECTED)["confirm"]
    town.ok("hand_in", "U2", "unit", **form(upload, "U2"))

    assert town.no("import_roll", "olga", "organiser", csv=CORRECTED, confirm=confirm) == "roll-difference-differs"


def test_an_approved_entry_keeps_its_name_through_a_later_roll(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload))
    approve(town)
    town.import_roll(CORRECTED)

    assert town.ok("public_entry", entry="U1-1")["unit_name"] == "石家庄第一机床厂工会"
    assert town.ok("entry", "mo", "moderator", entry="U1-1")["unit_name"] == "石家庄第一机床厂工会"
    assert town.ok("roll_unit", "U1", "unit", unit="U1")["name"] == "石家庄第一机床厂工会委员会"


def test_an_organiser_corrects_the_name_of_an_entry_with_a_reason(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload))
    approve(town)
    names = {"unit_name": "石家庄第一机床厂工会委员会", "city": "石家庄", "reason": "名册错字"}

    corrected = town.ok("correct_unit_name", "olga", "organiser", entry="U1-1", **names)

    assert corrected["unit_name"] == names["unit_name"]
    assert town.ok("public_entry", entry="U1-1")["unit_name"] == names["unit_name"]
    assert town.ok("entry", "U1", "unit", entry="U1-1")["unit_name"] == names["unit_name"]
    assert town.no("correct_unit_name", "mo", "moderator", entry="U1-1", **names) == "role-missing"
    assert town.no("correct_unit_name", "olga", "organiser", entry="U1-1", **names | {"unit_name": "两\n行"}) == (
        "invalid /unit_name"
    )


def test_a_unit_logs_in_by_its_access_code(town: Town) -> None:
    told = town.ok("unit_login", unit="U1", access=" k3mwp82q ")

    assert {"unit": "U1", "name": "石家庄第一机床厂工会", "eligible": True}.items() <= told.items()
    assert "access" not in told
    assert "code" not in told


@pytest.mark.parametrize(
    ("unit", "access"), [("u1", "k3mwp82q"), ("Ｕ１", "ｋ３ｍｗｐ８２ｑ"), ("U1 ", "k3mwp82q\u200b")]
)
def test_a_unit_logs_in_whatever_the_width_and_letter_case_of_its_code(town: Town, unit: str, access: str) -> None:
    assert town.ok("unit_login", unit=unit, access=access)["unit"] == "U1"
    assert town.no("unit_login", unit=unit, access=access.upper()) == "login-refused"


@pytest.mark.parametrize(
    ("unit", "access"),
    [
        pytest.param("U1", "v7tnx45r", id="another unit's code"),
        pytest.param("U9", "k3mwp82q", id="an unknown unit"),
        pytest.param("U1", "", id="no code"),
    ],
)
def test_a_wrong_access_code_and_an_unknown_unit_sound_the_same(town: Town, unit: str, access: str) -> None:
    assert town.no("unit_login", unit=unit, access=access) == "login-refused"


def test_session_of_a_unit_ends_with_its_access_code(town: Town) -> None:
    session = town.ok("unit_login", unit="U1", access="k3mwp82q")["session"]
    other = town.ok("unit_login", unit="U2", access="v7tnx45r")["session"]

    (listed,) = town.ok("submission.my_sessions", "U1", "unit", session=session)["sessions"]
    town.import_roll(ROLL.replace("k3mwp82q", "h6qzc93w"))

    answers = [town.call("submission.use_session", "gateway", "operator", session=each) for each in (session, other)]
    assert (listed["session"], listed["is_current"], listed["agent"]) == (session, True, "other")
    assert [answer.get("refused", {}).get("code") for answer in answers] == ["session-ended", None]


def test_an_entry_goes_from_the_hand_in_to_the_public(town: Town, upload: Put) -> None:
    handed = town.ok("hand_in", "U1", "unit", **form(upload))
    hidden = town.no("public_entry", entry="U1-1")
    approve(town)
    shown = town.ok("public_entry", entry="U1-1")

    assert {"entry": "U1-1", "version": 1, "status": "submitted", "late_pass": None}.items() <= handed.items()
    assert hidden == "entry-unknown"
    assert (shown["unit_name"], shown["version"], len(shown["files"])) == ("石家庄第一机床厂工会", 1, 4)


def test_what_the_unit_declared_is_told_to_those_who_pass_its_entry_on(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload))
    hidden = town.no("consent", "olga", "organiser", entry="U1-1")
    approve(town)

    told = town.ok("consent", "olga", "organiser", entry="U1-1")

    assert hidden == "entry-unknown"
    assert (told["version"], told["words"], told["zh"]) == (1, WORDS, TEXT_ZH)


def test_a_hand_in_again_gets_the_standing_entry(town: Town, upload: Put) -> None:
    draft = form(upload)
    first = town.ok("hand_in", "U1", "unit", **draft, id="k.b")

    assert first | {"repeated": True} == town.ok("hand_in", "U1", "unit", **draft, id="k.b")
    assert first == town.ok("hand_in", "U1", "unit", **draft, id="other.b")


def test_another_units_upload_is_unknown(town: Town, upload: Put) -> None:
    assert town.no("hand_in", "U2", "unit", **form(upload, "U1")) == "upload-unknown"


def test_a_draft_is_told_everything_that_is_missing(town: Town) -> None:
    told = town.ok("missing", "U3", "unit", text="字" * 3_001, files=[{"sha256": "0" * 64}])

    assert [each["code"] for each in told["problems"]] == [
        "level-not-eligible",
        "title-missing",
        "profile-missing",
        "text-too-long",
        "themes-missing",
        "upload-unknown",
        "too-few-pictures",
        "consent-missing",
    ]
    assert (told["counts"]["text"], told["counts"]["text_max"]) == (3_001, 3_000)


def test_what_is_missing_is_nothing_when_the_hand_in_would_go_through(town: Town, upload: Put) -> None:
    assert town.ok("missing", "U1", "unit", **form(upload))["problems"] == []


def test_text_in_a_videos_clothes_is_unreadable(town: Town) -> None:
    sha256 = "ab" * 32
    path = town.data / "media" / "town" / "ab" / sha256
    path.parent.mkdir(parents=True)
    path.write_text("not a film")

    assert town.no("inspect_upload", "U1", "unit", path=f"ab/{sha256}", name="film.mp4") == "media-unreadable"
    assert town.no("inspect_upload", "U1", "unit", path=f"cd/{'cd' * 32}", name="film.mp4") == "media-missing"


@pytest.mark.parametrize("path", ["../../etc/passwd", "ab/../../x", f"cd/{'ab' * 32}", f"ab/{'ab' * 32}\n", ""])
def test_a_path_out_of_the_store_is_malformed(town: Town, path: str) -> None:
    assert town.no("inspect_upload", "U1", "unit", path=path, name="x") == "invalid /path"


def test_a_file_is_seen_by_its_unit_and_the_desk_and_by_all_once_approved(town: Town, upload: Put) -> None:
    draft = form(upload)
    sha256 = draft["files"][0]["sha256"]
    before = town.ok("media", "U1", "unit", sha256=sha256)
    town.ok("hand_in", "U1", "unit", **draft)

    assert (before["own"], before["shown_in"]) == (True, [])
    assert town.ok("media", "mo", "moderator", sha256=sha256)["own"]
    assert town.no("media", "U2", "unit", sha256=sha256) == "upload-unknown"
    assert town.no("media", sha256=sha256) == "upload-unknown"

    approve(town)

    seen = town.ok("media", sha256=sha256)
    assert (seen["own"], seen["shown_in"]) == (False, ["U1-1"])

    town.ok("disqualify", "olga", "organiser", entry="U1-1", reason="虚假")

    assert town.no("media", sha256=sha256) == "upload-unknown"


def file_of(town: Town, sha256: str) -> Path:
    return town.data / "media" / "town" / sha256[:2] / sha256


def test_a_file_that_was_lost_since_its_upload_is_not_handed_in(town: Town, upload: Put) -> None:
    draft = form(upload)
    first, second = (file_of(town, draft["files"][k]["sha256"]) for k in (0, 2))
    first.unlink()
    second.write_bytes(b"cut short")

    answer = town.call("hand_in", "U1", "unit", **draft)
    missing = town.ok("missing", "U1", "unit", **draft)["problems"]

    assert (answer["refused"]["code"], answer["refused"]["field"]) == ("file-lost", "files/0")
    assert [(each["code"], each["field"]) for each in missing] == [("file-lost", "files/0"), ("file-lost", "files/2")]
    assert missing[0]["detail"] == {"name": "0.png"}
    assert town.no("entry", "U1", "unit", entry="U1-1") == "not-yours"


def test_a_lost_file_is_handed_in_once_it_is_uploaded_again(town: Town, upload: Put) -> None:
    draft = form(upload)
    file_of(town, draft["files"][0]["sha256"]).unlink()
    refused = town.no("hand_in", "U1", "unit", **draft)

    upload("U1", 0)

    assert (refused, town.ok("hand_in", "U1", "unit", **draft)["status"]) == ("file-lost", "submitted")


def test_a_returned_entry_shows_its_remarks_and_is_mended(town: Town, upload: Put) -> None:
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    until = town.ok("campaign")["windows"]["submission"]["end"] + 1_000
    remarks = [{"item": "title", "words": "请写明做法"}]
    town.ok("return_entry", "mo", "moderator", entry="U1-1", version=1, remarks=remarks, until=until)

    seen = town.ok("entry", "U1", "unit", entry="U1-1")
    mended = town.ok("hand_in", "U1", "unit", at=until - 1, **(draft | {"title": "新题", "entry": "U1-1"}))

    assert (seen["status"], seen["returned"]) == ("returned", {"remarks": remarks, "until": until})
    assert (mended["version"], mended["status"]) == (2, "submitted")
    assert town.ok("entry", "mo", "moderator", entry="U1-1", version=1)["title"] == "题"
    assert town.no("approve", "mo", "moderator", entry="U1-1", version=1) == "version-changed"


def test_a_late_pass_lets_a_unit_in_once(town: Town, upload: Put) -> None:
    end = town.ok("campaign")["windows"]["submission"]["end"]
    draft = form(upload)
    closed = town.no("hand_in", "U1", "unit", at=end, **draft)
    granted = town.ok("grant_late_pass", "olga", "organiser", unit="U1", until=end + 10, reason="停电")

    handed = town.ok("hand_in", "U1", "unit", at=end, **draft)

    assert closed == "window-closed"
    assert handed["late_pass"] == granted["late_pass"]
    assert [each["used_by"] for each in town.ok("late_passes", "olga", "organiser")["late_passes"]] == ["U1-1"]


def test_a_unit_withdraws_and_lists_its_entries(town: Town, upload: Put) -> None:
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)

    assert town.ok("withdraw", "U1", "unit", entry="U1-1")["status"] == "withdrawn"
    assert town.ok("hand_in", "U1", "unit", **draft)["entry"] == "U1-2"
    assert [each["status"] for each in town.ok("entries_of_unit", "U1", "unit")["entries"]] == [
        "withdrawn",
        "submitted",
    ]
    assert town.ok("entries", "olga", "organiser", status="submitted")["total"] == 1


def test_unknown_unit_status_and_place_in_a_list_are_refused(town: Town, upload: Put) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload))

    assert town.no("entries_of_unit", "olga", "organiser", unit="U999") == "unit-unknown"
    assert town.no("late_passes", "olga", "organiser", unit="U999") == "unit-unknown"
    assert town.no("entries", "olga", "organiser", after="U999-1") == "cursor-unknown"
    assert town.no("entries", "olga", "organiser", status="lost") == "invalid /status"
    assert town.ok("entries", "olga", "organiser", after="U1-1")["entries"] == []


@pytest.mark.parametrize("method", ["entry", "withdraw"])
def test_another_units_entry_is_not_yours_whether_there_is_one_or_not(town: Town, upload: Put, method: str) -> None:
    town.ok("hand_in", "U1", "unit", **form(upload))

    assert town.no(method, "U2", "unit", entry="U1-1") == "not-yours"
    assert town.no(method, "U2", "unit", entry="U9-1") == "not-yours"


@pytest.mark.parametrize(
    ("method", "role", "body"),
    [
        pytest.param("import_roll", "unit", {"csv": ""}, id="a unit imports a roll"),
        pytest.param("compare_roll", "auditor", {"csv": ""}, id="an auditor compares a roll"),
        pytest.param("hand_in", "moderator", {}, id="a moderator hands in"),
        pytest.param("entry", "judge", {"entry": "U1-1"}, id="a judge reads an entry"),
        pytest.param("entry", "", {"entry": "U1-1"}, id="nobody reads an entry"),
        pytest.param("roll", "unit", {}, id="a unit reads the roll"),
    ],
)
def test_roles_are_asked_again(town: Town, upload: Put, method: str, role: str, body: dict[str, Any]) -> None:
    filled = form(upload) if method == "hand_in" else body

    assert town.no(method, "x", role, **filled) == "role-missing"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"colour": "red"}, "/colour", id="an unknown field"),
        pytest.param({"title": 7}, "/title", id="a number for a title"),
        pytest.param({"text": "a\ud800"}, "/text", id="half a character"),
        pytest.param({"text": "a\0"}, "/text", id="a zero"),
        pytest.param({"themes": "home"}, "/themes", id="a word for a list"),
        pytest.param({"files": [{"sha256": "x"}]}, "/files/0/sha256", id="no hash"),
    ],
)
def test_a_malformed_body_is_told_by_its_field(town: Town, upload: Put, change: dict[str, Any], field: str) -> None:
    assert town.no("hand_in", "U1", "unit", **form(upload, **change)) == f"invalid {field}"


def test_the_refusals_of_files_are_listed() -> None:
    assert {"media-unreadable", "media-unsupported", "media-too-large", "media-timeout", "media-missing"} <= REFUSALS
