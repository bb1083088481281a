"""Tests of setting a campaign up with the operator's secret, and of the draft of the campaign file."""

import base64
from pathlib import Path
from typing import Any

import pytest

from services.moderation.campaign import rule_hash
from services.moderation.campaign_file.check import check
from services.moderation.rehearsal_store import RehearsalStore
from services.moderation.setup_store import SECRET_MS, SETUP_MS, SetupStore
from shared.stamps import wall_ms
from tests.files import CAMPAIGN_FILE
from tests.memory_documents import MemoryDatabase
from tests.unit.submission import hosted

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PEOPLE = [{"staff": "olga", "name": "奥尔加"}, {"staff": "otto", "name": "奥托"}]


@pytest.fixture
def town(tmp_path: Path) -> hosted.Town:
    return hosted.Town(tmp_path)


def begin(town: hosted.Town) -> str:
    secret = town.ok("issue_setup_secret", "operator", "operator")["secret"]
    return str(town.ok("begin_setup", "gateway", "operator", secret=secret)["setup"])


def draft(town: hosted.Town, setup: str, **body: Any) -> dict[str, Any]:
    return town.ok("save_campaign_draft", "gateway", "operator", setup=setup, **body)


def test_secret_opens_one_set_up_and_is_spent(town: hosted.Town):
    secret = town.ok("issue_setup_secret", "operator", "operator")["secret"]

    town.ok("setup_secret", "gateway", "operator", secret=secret)
    begun = town.ok("begin_setup", "gateway", "operator", secret=secret)

    assert town.ok("campaign_draft", "gateway", "operator", setup=begun["setup"])["revision"] == 0
    assert town.no("begin_setup", "gateway", "operator", secret=secret) == "setup-link-spent"
    assert town.no("setup_secret", "gateway", "operator", secret=secret) == "setup-link-spent"


def test_newer_secret_ends_the_one_before_and_its_set_up(town: hosted.Town):
    setup = begin(town)

    town.ok("issue_setup_secret", "operator", "operator")

    assert town.no("campaign_draft", "gateway", "operator", setup=setup) == "setup-link-spent"


@pytest.mark.parametrize("setup", ["", "-", "f" * 32])
def test_without_a_set_up_the_gateway_reads_and_saves_no_draft(town: hosted.Town, setup: str):
    begin(town)

    assert town.no("campaign_draft", "gateway", "operator", setup=setup) == "setup-link-spent"
    refused = town.no("save_campaign_draft", "gateway", "operator", setup=setup, revision=0, template="small")
    assert refused == "setup-link-spent"


def test_secret_is_stored_as_a_hash_and_expires():
    database = MemoryDatabase()
    store = SetupStore(database)
    secret, until = store.issue_secret(now=1_000)

    assert until == 1_000 + SECRET_MS
    assert secret not in str(database.collections["campaign_setup"].kept)
    assert store.begin(secret, now=until) is None
    begun = store.begin(secret, now=until - 1)
    assert begun is not None
    assert store.stands(begun[0], now=begun[1] - 1)
    assert not store.stands(begun[0], now=until - 1 + SETUP_MS)
    assert begun[0] not in str(database.collections["campaign_setup"].kept)


def test_template_and_values_make_a_draft_that_is_stored(town: hosted.Town):
    setup = begin(town)
    first = draft(town, setup, revision=0, template="small")

    saved = draft(town, setup, revision=1, values={"title_zh": "读书月", "quota.total": "12"})
    read = town.ok("campaign_draft", "gateway", "operator", setup=setup)

    assert (first["revision"], saved["revision"]) == (1, 2)
    assert read == saved
    assert (read["values"]["title_zh"], read["rules"]["quota"]["total"]) == ("读书月", 12)
    assert [each["level"] for each in read["problems"] if each["level"] == "error"] == []


def test_draft_that_somebody_else_saved_is_not_overwritten(town: hosted.Town):
    setup = begin(town)
    draft(town, setup, revision=0, template="small")
    draft(town, setup, revision=1, values={"title_zh": "甲"})

    refused = town.no("save_campaign_draft", "gateway", "operator", setup=setup, revision=1, values={"title_zh": "乙"})

    assert refused == "draft-differs"
    assert town.ok("campaign_draft", "gateway", "operator", setup=setup)["values"]["title_zh"] == "甲"


def test_problem_names_its_field(town: hosted.Town):
    setup = begin(town)
    draft(town, setup, revision=0, template="small")

    saved = draft(town, setup, revision=1, values={"weights.like": "三成", "quota.total": ""})

    errors = {each["path"]: each["code"] for each in saved["problems"] if each["level"] == "error"}
    assert errors == {"weights.like": "wrong-type", "quota.total": "missing-key"}
    assert (saved["rules"], saved["rule_hash"]) == (None, None)


def test_text_that_is_no_toml_is_stored_and_takes_no_values(town: hosted.Town):
    setup = begin(town)
    saved = draft(town, setup, revision=0, text="id = ")

    assert (saved["is_readable"], [each["code"] for each in saved["problems"]]) == (False, ["syntax"])
    assert town.no("save_campaign_draft", "gateway", "operator", setup=setup, revision=1, values={"id": "x"}) == (
        "campaign-file-unreadable"
    )


def test_set_up_opens_the_campaign_with_two_organisers_and_is_over(town: hosted.Town):
    setup = begin(town)
    saved = draft(town, setup, revision=0, template="small")

    opened = town.ok("open_from_setup", "gateway", "operator", setup=setup, file=saved["text"], rehearsal=True,
                     organisers=PEOPLE)  # fmt: skip

    assert sorted(opened["links"]) == ["olga", "otto"]
    town.ok("set_password", staff="olga", link=opened["links"]["olga"], password="correct horse")
    assert town.no("campaign_draft", "gateway", "operator", setup=setup) == "campaign-is-open"
    assert town.no("issue_setup_secret", "operator", "operator") == "campaign-is-open"
    again = town.no("open_from_setup", "gateway", "operator", setup=setup, file=saved["text"], organisers=PEOPLE)
    assert again == "setup-link-spent"


@pytest.mark.parametrize("people", [[], PEOPLE[:1], [PEOPLE[0], PEOPLE[0]]])
def test_fewer_than_two_organisers_open_nothing(town: hosted.Town, people: list[dict[str, str]]):
    setup = begin(town)
    text = draft(town, setup, revision=0, template="small")["text"]

    refused = town.no("open_from_setup", "gateway", "operator", setup=setup, file=text, organisers=people)

    assert (refused, town.no("campaign")) == ("organisers-missing", "campaign-not-open")


def test_hash_of_check_draft_opening_and_lock_is_one(town: hosted.Town):
    campaign, _ = check(CAMPAIGN_FILE.read_text())
    assert campaign is not None
    setup = begin(town)
    saved = draft(town, setup, revision=0, text=CAMPAIGN_FILE.read_text())

    opened = town.ok("open_from_setup", "gateway", "operator", setup=setup, file=saved["text"], rehearsal=False,
                     organisers=PEOPLE)  # fmt: skip

    assert {rule_hash(campaign), saved["rule_hash"]} == {opened["rule_hash"]}


def test_organiser_finds_the_file_that_the_campaign_was_opened_with(town: hosted.Town):
    town.open(CAMPAIGN_FILE.read_text())

    found = town.ok("campaign_draft", "olga", "organiser")

    assert found["text"] == CAMPAIGN_FILE.read_text()
    assert found["rule_hash"] == found["opened_hash"]
    assert town.ok("save_campaign_draft", "olga", "organiser", revision=1, values={"title_zh": "新"})["revision"] == 2


@pytest.mark.parametrize("role", ["moderator", "judge", "auditor", "unit", "voter"])
def test_others_touch_no_draft(town: hosted.Town, role: str):
    town.open(CAMPAIGN_FILE.read_text())

    assert town.no("campaign_draft", "somebody", role) == "role-missing"


def test_picture_enters_the_draft_and_needs_no_file_at_the_opening(town: hosted.Town):
    setup = begin(town)
    draft(town, setup, revision=0, template="small")
    content = base64.b64encode(PNG).decode()

    shown = town.ok("set_draft_picture", "gateway", "operator", setup=setup, revision=1, which="logo", content=content)
    opened = town.ok(
        "open_from_setup", "gateway", "operator", setup=setup, file=shown["text"], organisers=PEOPLE, rehearsal=True
    )

    assert shown["values"]["theme.logo"] == f"data:image/png;base64,{content}"
    assert opened["rehearsal"] is True
    assert town.state_of("moderation").theme == {"logo": {"type": "image/png", "data": content}}


@pytest.mark.parametrize(
    ("content", "code"), [(b"GIF89a", "picture-unknown"), (b"\x89PNG\r\n\x1a\n" + bytes(33_000), "picture-too-large")]
)
def test_file_that_is_no_logo_is_refused(town: hosted.Town, content: bytes, code: str):
    setup = begin(town)
    draft(town, setup, revision=0, template="small")
    body = {"setup": setup, "revision": 1, "which": "logo", "content": base64.b64encode(content).decode()}

    assert town.no("set_draft_picture", "gateway", "operator", **body) == code


def test_pictures_beside_a_file_stand_in_the_draft_that_organisers_find(town: hosted.Town):
    file = CAMPAIGN_FILE.read_text().split("[theme]")[0] + '[theme]\nlogo = "logo.png"\n'
    content = base64.b64encode(PNG).decode()

    town.open(file, files={"logo.png": content})

    found = town.ok("campaign_draft", "olga", "organiser")
    assert found["values"]["theme.logo"] == f"data:image/png;base64,{content}"
    assert found["kept"] == ["rehearsal"]
    assert [each["code"] for each in found["problems"] if each["level"] == "error"] == []


def test_rehearsal_is_asked_for_by_the_hash_of_the_draft_and_shown_with_it(town: hosted.Town):
    setup = begin(town)
    before = draft(town, setup, revision=0, text=CAMPAIGN_FILE.read_text())

    asked = town.ok("request_rehearsal", "gateway", "operator", setup=setup, rule_hash=before["rule_hash"])

    assert (before["rehearsal"], asked["rehearsal"]["state"], asked["rehearsal"]["report"]) == (None, "waiting", None)
    other = draft(town, setup, revision=1, values={"likes.per_day": "7"})
    assert other["rehearsal"] is None  # these rules were not rehearsed
    again = town.no("request_rehearsal", "gateway", "operator", setup=setup, rule_hash=before["rule_hash"])
    assert again == "draft-differs"


FOUND = {
    "digest": "d" * 64,
    "findings": [{"code": "lot", "zh": "抽签", "en": "the lot", "path": "tie_order"}],
}


def rehearse(town: hosted.Town, report: dict[str, Any] = FOUND) -> str:
    """Let what is asked for be rehearsed, and return the hash of its rules."""
    store = RehearsalStore(town._services["moderation"].log.database)
    job = store.claim(now=wall_ms())
    assert job is not None
    assert store.end(job, at=5, report=report)
    return job.rule_hash


def test_report_says_where_in_the_form_each_finding_belongs_and_stays_when_the_rules_change(town: hosted.Town):
    setup = begin(town)
    rules = draft(town, setup, revision=0, template="small")["rule_hash"]
    town.ok("request_rehearsal", "gateway", "operator", setup=setup, rule_hash=rules)
    rehearse(town)

    shown = town.ok("campaign_draft", "gateway", "operator", setup=setup)
    changed = draft(town, setup, revision=1, values={"quota.total": "12"})

    placed = {**FOUND["findings"][0], "step": "judging"}
    assert shown["rehearsal"]["report"]["findings"] == [placed]
    assert (changed["rehearsal"], [each["rule_hash"] for each in changed["last_rehearsals"]]) == (None, [rules])
    assert (changed["last_rehearsals"][0]["digest"], changed["last_rehearsals"][0]["findings"]) == ("d" * 64, [placed])


def test_rules_in_force_are_rehearsed_beside_another_draft_and_the_checklist_is_told(town: hosted.Town):
    town.open(CAMPAIGN_FILE.read_text())
    shown = town.ok("campaign_draft", "olga", "organiser")
    changed = town.ok(
        "save_campaign_draft", "olga", "organiser", revision=shown["revision"], values={"likes.per_day": "7"}
    )
    before = town.ok("rehearsed_rules", "ada", "auditor")

    town.ok("request_rehearsal", "olga", "organiser", rule_hash=changed["in_force_hash"])
    rehearsed = rehearse(town)

    after = town.ok("rehearsed_rules", "ada", "auditor")["in_force"]
    assert rehearsed == shown["rule_hash"] == changed["in_force_hash"] != changed["rule_hash"]
    assert (before, after["rule_hash"], after["digest"]) == ({"in_force": None}, rehearsed, "d" * 64)


@pytest.mark.parametrize("role", ["moderator", "judge", "auditor", "unit", "voter"])
def test_only_who_may_edit_the_draft_asks_for_a_rehearsal(town: hosted.Town, role: str):
    town.open(CAMPAIGN_FILE.read_text())
    rules = town.ok("campaign_draft", "olga", "organiser")["rule_hash"]

    answer = town.call("request_rehearsal", "somebody", role, rule_hash=rules)

    assert "ok" not in answer
    assert town.ok("campaign_draft", "olga", "organiser")["last_rehearsals"] == []


def test_draft_with_errors_is_not_rehearsed(town: hosted.Town):
    setup = begin(town)
    draft(town, setup, revision=0, template="small")
    broken = draft(town, setup, revision=1, values={"likes.per_day": "many"})

    refused = town.no("request_rehearsal", "gateway", "operator", setup=setup, rule_hash="0" * 64)

    assert (broken["rules"], refused) == (None, "campaign-file-broken")
