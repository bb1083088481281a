"""The question desk over the real service: who asks and how often, who answers, and what becomes public."""

from pathlib import Path
from typing import Any

import pytest

from services.moderation.decisions.questions import MOST_A_DAY, MOST_OPEN
from services.submission.events import EntrySubmitted
from shared.commit import Head, form
from shared.personal import DELETED, person
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town

WORDS = "视频可以超过 8 分钟吗？我是张三。"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return an open rehearsal with two organisers, and an entry of each of two units."""
    town = Town(tmp_path)
    now = town.open(CAMPAIGN_FILE.read_text())["now"]
    handed = [
        EntrySubmitted(f"{unit}-1", 1, unit, "state", f"题{unit}", "", "", ("home",), None, (), None, now - 9,
                       unit_name=f"{unit}工会")
        for unit in ("U1", "U2")
    ]  # fmt: skip
    town.ledger.insert(form(Head("submission"), handed, commands=[], stamp=stamp()))
    return town


def send_question(town: Town, unit: str = "U1", *, words: str = WORDS, entry: str | None = None) -> str:
    return str(town.ok("ask_question", unit, "unit", words=words, entry=entry)["question"])


def desk(town: Town, **wanted: Any) -> dict[str, Any]:
    return town.ok("questions", "olga", "organiser", **wanted)


def answer(town: Town, number: str, words: str = "不可以。", by: str = "olga", **more: Any) -> None:
    town.ok("answer_question", by, "organiser", question=number, words=words, **more)


def code(reply: dict[str, Any]) -> str:
    return str(reply["refused"]["code"])


def test_unit_reads_the_answer_to_its_own_question_and_no_other_unit_does(town: Town) -> None:
    number = send_question(town, entry="U1-1")
    answer(town, number)

    (own,) = town.ok("unit_questions", "U1", "unit")["questions"]

    assert (own["words"], own["state"], own["answer"]["words"]) == (WORDS, "answered", "不可以。")
    assert town.ok("unit_questions", "U2", "unit")["questions"] == []


def test_desk_shows_who_asks_about_what_and_how_many_wait(town: Town) -> None:
    first, second = send_question(town, entry="U1-1"), send_question(town, "U2")
    answer(town, first)

    found = desk(town, state="open")
    (answered,) = desk(town, state="answered")["questions"]

    assert ([each["question"] for each in found["questions"]], found["open"]) == ([second], 1)
    assert (answered["unit_name"], answered["title"], answered["by"]) == ("U1工会", "题U1", "olga")


def test_words_of_a_question_stand_in_the_log_only_sealed_and_can_be_forgotten(town: Town) -> None:
    number = send_question(town)
    answer(town, number)
    town.ok("forget_subject", "olga", "organiser", subject=f"question.{number}", reason="asked")
    town.vault.forget([person("question", number)])

    (row,) = desk(town)["questions"]

    stored = repr([commit.events() for commit in town.ledger.read("moderation", 0)])
    assert "张三" not in stored
    assert (row["words"], row["answer"]["words"]) == (DELETED, "不可以。")


def test_question_about_an_entry_of_another_unit_is_refused(town: Town) -> None:
    assert code(town.call("ask_question", "U1", "unit", words=WORDS, entry="U2-1")) == "entry-unknown"


def test_unit_waits_for_answers_before_it_asks_more(town: Town) -> None:
    numbers = [send_question(town, words=f"问题 {k}") for k in range(MOST_OPEN)]

    refused = town.call("ask_question", "U1", "unit", words=WORDS)
    answer(town, numbers[0])

    assert (code(refused), refused["refused"]["detail"]) == ("questions-waiting", {"most": MOST_OPEN})
    assert send_question(town)
    assert send_question(town, "U2")


def test_unit_asks_no_more_than_its_share_of_a_day(town: Town) -> None:
    for k in range(MOST_A_DAY):
        answer(town, send_question(town, words=f"问题 {k}"))

    assert code(town.call("ask_question", "U1", "unit", words=WORDS)) == "questions-too-many"


def test_claimed_question_is_answered_by_nobody_else_until_the_claim_ends(town: Town) -> None:
    number = send_question(town)
    town.ok("claim_question", "otto", "organiser", question=number)

    refused = town.call("answer_question", "olga", "organiser", question=number, words="不可以。")

    assert (code(refused), refused["refused"]["detail"]["by"]) == ("question-claimed", "otto")
    assert desk(town)["questions"][0]["claimed_by"] == "otto"
    answer(town, number, by="otto")


def test_answer_replaces_no_answer_that_its_author_did_not_see(town: Town) -> None:
    """Two organisers open the page of one question. The second one's answer is refused, and names the first."""
    number = send_question(town)
    answer(town, number, "不可以。", by="otto")

    refused = town.call("answer_question", "olga", "organiser", question=number, words="可以。")
    answer(town, number, "不可以。")  # the same words change nothing
    (row,) = desk(town)["questions"]
    answer(town, number, "最长 8 分钟。", answer_count=row["answer_count"])

    assert (code(refused), refused["refused"]["detail"]["by"]) == ("question-answered", "otto")
    assert (row["answer"]["words"], row["by"]) == ("不可以。", "otto")
    assert desk(town)["questions"][0]["answer"]["words"] == "最长 8 分钟。"


def test_question_whose_words_are_forgotten_is_closed(town: Town) -> None:
    numbers = [send_question(town, words=f"问题 {k}") for k in range(MOST_OPEN)]
    town.ok("forget_subject", "olga", "organiser", subject=f"question.{numbers[0]}", reason="asked")

    found = desk(town, state="closed")
    refused = town.call("answer_question", "olga", "organiser", question=numbers[0], words="不可以。")
    own = town.ok("unit_questions", "U1", "unit")["questions"]

    assert ([each["question"] for each in found["questions"]], found["open"]) == (numbers[:1], MOST_OPEN - 1)
    assert town.ok("open_questions", "olga", "organiser")["open"] == MOST_OPEN - 1
    assert code(refused) == "question-closed"
    assert [each["question"] for each in own if each["state"] == "closed"] == numbers[:1]
    assert send_question(town)


def test_stock_answers_are_set_changed_and_dropped(town: Town) -> None:
    first = town.ok("set_stock_answer", "olga", "organiser", title="片长", words="最长 8 分钟。")["stock"]
    second = town.ok("set_stock_answer", "olga", "organiser", title="补交", words="可以申请。")["stock"]
    town.ok("set_stock_answer", "olga", "organiser", stock=first, title="片长", words="最长 8 分钟，含片头。")
    town.ok("drop_stock_answer", "olga", "organiser", stock=second)
    third = town.ok("set_stock_answer", "olga", "organiser", title="格式", words="mp4。")["stock"]

    assert [(each["stock"], each["words"]) for each in desk(town)["stock"]] == [
        (first, "最长 8 分钟，含片头。"),
        (third, "mp4。"),
    ]
    assert (first, second, third) == ("S1", "S2", "S3")


def test_public_question_has_words_of_its_own_and_names_no_unit(town: Town) -> None:
    number = send_question(town, entry="U1-1")
    answer(town, number)
    town.ok("publish_question", "olga", "organiser", question=number, text="视频多长？", words="最长 8 分钟。")

    found = town.ok("public_questions", "", "voter")["questions"]

    assert [(each["text"], each["words"], sorted(each)) for each in found] == [
        ("视频多长？", "最长 8 分钟。", ["at", "question", "text", "words"])
    ]
    assert desk(town)["questions"][0]["is_public"]
    town.ok("remove_public_question", "olga", "organiser", question=number)
    assert town.ok("public_questions", "", "voter")["questions"] == []


def test_organisers_publish_a_question_that_nobody_asked(town: Town) -> None:
    number = town.ok("publish_question", "olga", "organiser", text="何时公布？", words="评审结束后。")["question"]

    assert [each["question"] for each in town.ok("public_questions")["questions"]] == [number]


def test_broadcast_of_an_answer_waits_for_an_organiser_like_every_letter(town: Town) -> None:
    number = town.ok("publish_question", "olga", "organiser", text="视频多长？", words="最长 8 分钟。")["question"]
    sent = town.ok(
        "broadcast_question", "olga", "organiser",
        question=number, title="关于视频", by="status", code="submitted",
    )  # fmt: skip

    letters = town.ok("letters", "olga", "organiser", state="proposed", kind="broadcast")["letters"]

    assert sent["letters"] == 2
    assert [(each["unit"], each["title"], each["words"]) for each in letters] == [
        (unit, "关于视频", "视频多长？\n\n最长 8 分钟。") for unit in ("U1", "U2")
    ]
    assert town.ok("unit_letters", "U1", "unit")["letters"] == []


def test_answer_is_proposed_as_a_letter_to_the_unit_and_goes_with_the_next_answer(town: Town) -> None:
    number = send_question(town)
    answer(town, number)
    answer(town, number, "可以，最长 8 分钟。", answer_count=1)

    (letter,) = town.ok("letters", "olga", "organiser", state="proposed", kind="answered")["letters"]

    assert (letter["unit"], "可以，最长 8 分钟。" in letter["words"]) == ("U1", True)


def test_answers_at_one_instant_of_a_rehearsal_are_letters_of_their_own(town: Town) -> None:
    """The rehearsal's clock stands still, so both answers have the same time."""
    number = send_question(town)
    answer(town, number)
    (first,) = town.ok("letters", "olga", "organiser", state="proposed", kind="answered")["letters"]
    read = [{"letter": first["letter"], "digest": first["digest"]}]
    town.ok("approve_letters", "olga", "organiser", letters=read)
    answer(town, number, "可以，最长 8 分钟。", answer_count=1)

    (second,) = town.ok("letters", "olga", "organiser", state="proposed", kind="answered")["letters"]

    assert (second["letter"], "可以" in second["words"]) == (f"{first['letter']}.1", True)


@pytest.mark.parametrize(
    ("method", "body", "refusal"),
    [
        ("answer_question", {"question": "A" * 16, "words": "不可以。"}, "question-unknown"),
        ("claim_question", {"question": "A" * 16}, "question-unknown"),
        ("set_stock_answer", {"stock": "S9", "title": "片长", "words": "最长"}, "stock-unknown"),
        ("set_stock_answer", {"title": "片长", "words": " "}, "words-missing"),
        ("publish_question", {"text": "视频多长？", "words": " "}, "words-missing"),
        ("broadcast_question", {"question": "A" * 16, "title": "关于", "by": "status", "code": "submitted"},
         "common-question-unknown"),
        ("questions", {"after": "A" * 16}, "cursor-unknown"),
    ],
)  # fmt: skip
def test_refusals_of_the_desk(town: Town, method: str, body: dict[str, Any], refusal: str) -> None:
    assert code(town.call(method, "olga", "organiser", **body)) == refusal


def test_broadcast_to_nobody_is_refused(town: Town) -> None:
    number = town.ok("publish_question", "olga", "organiser", text="视频多长？", words="最长 8 分钟。")["question"]

    refused = town.call(
        "broadcast_question", "olga", "organiser", question=number, title="关于", by="status", code="rejected"
    )

    assert code(refused) == "letters-empty"
