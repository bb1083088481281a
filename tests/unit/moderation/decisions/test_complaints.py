"""Tests of complaints: decisions, and the service with a ledger and a vault in memory."""

from pathlib import Path
from typing import Any

import pytest

from services.moderation.decisions.complaints import AnswerComplaint, FileComplaint
from services.moderation.events import ComplaintAnswered, ComplaintFiled
from services.submission.events import EntrySubmitted
from shared.commit import Head, form
from shared.events import Sealed
from shared.personal import DELETED
from shared.reference_numbers import reference_number
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.moderation.test_domain import (
    NOON,
    REVIEW,
    SPEC,
    given,
    handed,
)
from tests.unit.submission.hosted import KEYS, Town

NUMBER = "ABCDEFGH23456722"
WORDS, CONTACT = Sealed(f"p.complaint.{NUMBER}.1.w"), Sealed(f"p.complaint.{NUMBER}.1.c")
FILED = ComplaintFiled(NUMBER, "complaint", "U1-1", WORDS, CONTACT, NOON)
ANSWERED = ComplaintAnswered(NUMBER, "已核实。", "mo", REVIEW)
SAID = {"kind": "complaint", "entry": "U1-1", "words": "这不是他们做的，张三可以作证。", "contact": "13800000000"}


def file(entry: str | None = "U1-1") -> FileComplaint:
    return FileComplaint(NUMBER, "complaint", entry, WORDS, CONTACT, NOON)


def answer(words: str = "已核实。") -> AnswerComplaint:
    return AnswerComplaint(NUMBER, words, "mo", REVIEW)


# Decisions


def test_complaint_about_an_entry_is_filed() -> None:
    given(handed()).when(file()).then(FILED)


def test_complaint_about_the_campaign_needs_no_entry() -> None:
    given().when(file(None)).then(ComplaintFiled(NUMBER, "complaint", None, WORDS, CONTACT, NOON))


def test_complaint_about_an_entry_that_there_is_not_is_refused() -> None:
    given().when(file()).refused("entry-unknown", field="entry")


def test_complaint_before_there_is_a_campaign_is_refused() -> None:
    SPEC.given().when(file(None)).refused("campaign-not-open")


def test_complaint_that_is_filed_already_is_no_news() -> None:
    given(handed(), FILED).when(file()).then()


def test_complaint_is_answered_and_the_same_answer_is_no_news() -> None:
    given(handed(), FILED).when(answer()).then(ANSWERED)
    given(handed(), FILED, ANSWERED).when(answer()).then()


def test_another_answer_stands_in_the_place_of_the_first() -> None:
    given(handed(), FILED, ANSWERED).when(answer("更正。")).then(ComplaintAnswered(NUMBER, "更正。", "mo", REVIEW))


def test_answer_without_words_or_complaint_is_refused() -> None:
    given(handed(), FILED).when(answer(" ")).refused("words-missing", field="words")
    given().when(answer()).refused("complaint-unknown", field="complaint")


def test_number_is_the_command_s_alone_and_needs_the_key() -> None:
    numbers = [
        reference_number(key, "complaint", command) for key in (b"a" * 32, b"b" * 32) for command in ("c1", "c2", "c1")
    ]

    assert len(set(numbers)) == 4
    assert {len(each) for each in numbers} == {16}


# The service


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    text = CAMPAIGN_FILE.read_text()
    opened = town.open(text)
    entry = EntrySubmitted("U1-1", 1, "U1", "state", "题", "", "", ("home",), None, (), None, opened["now"])
    town.ledger.insert(form(Head("submission"), [entry], commands=[], stamp=stamp()))
    return town


def filed(town: Town, id: str = "f1.x", **changes: Any) -> dict[str, Any]:
    return town.ok("file_complaint", "gateway", "operator", id=id, **{**SAID, **changes})


def test_filed_complaint_has_a_number_and_a_state(town: Town) -> None:
    told = filed(town)

    assert (told["state"], told["entry"], told["answer"]) == ("open", "U1-1", None)
    assert town.ok("complaint", complaint=told["complaint"])["state"] == "open"
    assert town.no("complaint", complaint="A" * 16) == "complaint-unknown"


def test_same_command_files_once(town: Town) -> None:
    first, again, other = filed(town), filed(town), filed(town, "f2.x")

    assert first["complaint"] == again["complaint"] != other["complaint"]
    assert (again["repeated"], town.ok("complaints", "mo", "moderator")["open"]) == (True, 2)


def test_log_holds_neither_the_words_nor_the_contact(town: Town) -> None:
    filed(town)

    stored = repr([commit.events() for commit in town.ledger.read("moderation", 0)])

    assert [said for said in ("张三", "13800000000") if said in stored] == []


def test_whoever_has_the_number_reads_the_answer_and_not_the_words(town: Town) -> None:
    number = filed(town)["complaint"]
    town.ok("answer_complaint", "mo", "moderator", complaint=number, words="已核实。")

    told = town.ok("complaint", complaint=number)

    assert (told["state"], told["answer"]["words"]) == ("answered", "已核实。")
    assert {"words", "contact", "by"} & set(told) == set()


def test_desk_reads_all_the_oldest_first_and_a_page_at_a_time(town: Town) -> None:
    numbers = {filed(town, f"f{n}.x", contact=None)["complaint"] for n in range(5)}
    one = town.ok("complaints", "mo", "moderator", limit=3)
    two = town.ok("complaints", "mo", "moderator", limit=3, after=one["next"])

    found = [each["complaint"] for each in (*one["complaints"], *two["complaints"])]

    assert (set(found), len(found), two["next"], two["open"]) == (numbers, 5, None, 5)
    assert {(each["words"], each["contact"]) for each in one["complaints"]} == {(SAID["words"], None)}


def test_desk_is_told_of_an_unknown_place_in_the_list(town: Town) -> None:
    filed(town)

    assert town.no("complaints", "mo", "moderator", after="2" * 16) == "cursor-unknown"


def test_desk_answers_many_at_once_or_none(town: Town) -> None:
    numbers = [filed(town, f"f{n}.x")["complaint"] for n in range(3)]

    refused = town.no("answer_complaints", "mo", "moderator", complaints=[*numbers, "2" * 16], words="已核实。")
    answered = town.ok("answer_complaints", "mo", "moderator", complaints=numbers, words="已核实。")
    again = town.ok("answer_complaints", "mo", "moderator", complaints=numbers, words="已核实。")

    assert refused == "complaint-unknown"
    assert [(each["answered"], each["open"]) for each in (answered, again)] == [(3, 0), (0, 0)]
    assert {town.ok("complaint", complaint=each)["answer"]["words"] for each in numbers} == {"已核实。"}


def test_desk_asks_for_what_is_open(town: Town) -> None:
    first, second = filed(town), filed(town, "f2.x")
    town.ok("answer_complaint", "mo", "moderator", complaint=first["complaint"], words="已核实。")

    states = {
        state: [each["complaint"] for each in town.ok("complaints", "mo", "moderator", state=state)["complaints"]]
        for state in ("open", "answered")
    }

    assert states == {"open": [second["complaint"]], "answered": [first["complaint"]]}


def test_complaint_without_words_is_refused_and_makes_no_key(town: Town) -> None:
    assert town.no("file_complaint", "gateway", "operator", id="f1.x", **{**SAID, "words": "  "}) == "words-missing"
    assert not town.vault.holds(f"complaint.{reference_number(KEYS.receipt, 'complaint', 'f1.x')}")


@pytest.mark.parametrize("role", ["judge", "unit", "voter", "auditor"])
def test_others_read_no_complaint(town: Town, role: str) -> None:
    assert town.no("complaints", "x", role) == "role-missing"
    assert town.no("answer_complaint", "x", role, complaint="A" * 16, words="x") == "role-missing"


def test_one_complaint_is_forgotten_and_the_others_stay(town: Town) -> None:
    number = filed(town)["complaint"]
    filed(town, "f2.x")
    town.ok("forget_subject", "olga", "organiser", subject=f"complaint.{number}", reason="asked")
    town.vault.forget({f"complaint.{number}"})

    shown = {each["complaint"]: each["words"] for each in town.ok("complaints", "mo", "moderator")["complaints"]}

    assert (shown.pop(number), list(shown.values())) == (DELETED, [SAID["words"]])
    assert town.ok("complaint", complaint=number)["state"] == "open"
    assert town.no("forget_subject", "olga", "organiser", subject=f"complaint.{'B' * 16}", reason="asked") == (
        "subject-unknown"
    )
