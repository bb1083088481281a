"""The table of problems is complete, and a problem document holds both languages."""

import importlib
import re

import pytest

from gateway.http import problems
from gateway.http.problem_texts import FIELDS, WORDS
from gateway.http.problems import Problem
from gateway.routes import ROUTES
from services.voting import links
from shared import rpc
from tests.files import ROOT

SERVICES = ("submission", "moderation", "voting", "scoring", "ranking")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_code_has_words_in_both_languages_and_an_error_status():
    words = WORDS.items()

    assert [code for code, each in words if not CHINESE.search(each.zh)] == []
    assert [code for code, each in words if not each.en or CHINESE.search(each.en)] == []
    assert [code for code, each in words if bool(each.detail_zh) != bool(each.detail_en)] == []
    assert [code for code, each in words if not 400 <= each.status < 600] == []


@pytest.mark.parametrize("code", sorted(FIELDS))
def test_code_of_a_field_has_words_in_both_languages(code: str):
    zh, en = FIELDS[code]

    assert CHINESE.search(zh)
    assert en
    assert not CHINESE.search(en)


@pytest.mark.parametrize("service", SERVICES)
def test_gateway_has_words_for_every_refusal_of_a_service(service: str):
    domain = importlib.import_module(f"services.{service}.domain")

    assert set() == (domain.REFUSALS | links.REFUSALS | rpc.REFUSALS) - set(WORDS)


@pytest.mark.parametrize("service", SERVICES)
def test_gateway_has_words_for_every_code_that_a_service_spells(service: str):
    spelled: set[str] = set()
    for path in (ROOT / "services" / service).rglob("*.py"):
        spelled |= set(re.findall(r'Refused\(\s*"([a-z0-9-]+)"', path.read_text()))

    assert set() == spelled - set(WORDS)


def test_route_names_problems_that_exist():
    assert [(route.name, code) for route in ROUTES for code in route.problems if code not in WORDS] == []


def test_codes_are_written_as_in_the_urn():
    assert [code for code in WORDS if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []


def test_document_holds_both_languages_and_the_title_of_the_one_asked_for():
    told = problems.document(Problem("daily-limit", facts={"limit": 20}), lang="en", request="r1")

    assert told["type"] == "urn:baijia:problem:daily-limit"
    assert (told["status"], told["code"]) == (409, "daily-limit")
    assert told["title"] == told["title_en"] == "You have used all your likes for today"
    assert told["title_zh"] == "今天的点赞次数已用完"
    assert told["detail"].startswith("The limit is 20 entries a day, and renews at midnight. ")
    assert told["detail_zh"] == "每天最多 20 个成果，零点恢复；今天点过的可以在“我的点赞”里收回，再点别的。"
    assert told["instance"] == "urn:baijia:request:r1"
    assert told["facts"] == {"limit": 20}


def test_detail_without_its_facts_is_the_title_and_not_a_sentence_with_a_hole():
    told = problems.document(Problem("daily-limit"), lang="zh", request="r1")

    assert told["title"] == told["detail"]


@pytest.mark.parametrize(
    ("zone", "detail_zh", "detail_en"),
    [
        (
            "Asia/Shanghai",
            "开放时间：2021-06-07 00:00 至 2021-06-14 00:00（不含）。（北京时间）",
            "Open from 2021-06-07 00:00 until 2021-06-14 00:00. (Beijing time)",
        ),
        (
            "UTC",
            "开放时间：2021-06-06 16:00 至 2021-06-13 16:00（不含）。（UTC 时间）",
            "Open from 2021-06-06 16:00 until 2021-06-13 16:00. (UTC time)",
        ),
    ],
)
def test_instants_are_spoken_in_the_campaign_s_zone_which_is_named(zone: str, detail_zh: str, detail_en: str):
    facts = {"start": 1_622_995_200_000, "end": 1_623_600_000_000}

    told = problems.document(Problem("window-closed", facts=facts), lang="zh", request="r", zone=zone)

    assert (told["detail_zh"], told["detail_en"]) == (detail_zh, detail_en)


def test_field_of_a_refusal_becomes_a_pointer():
    told = problems.document(Problem("theme-unknown", field="themes/1", facts={"theme": "x"}), lang="zh", request="r")

    assert told["field"] == "themes/1"
    assert told["errors"][0]["pointer"] == "#/themes/1"


def test_several_fields_are_told_at_once_in_both_languages():
    errors = {"/title": ["required"], "/files/0/sha256": ["malformed"]}

    told = problems.document(Problem("invalid", errors=errors), lang="zh", request="r")

    assert told["errors"] == [
        {"pointer": "#/title", "code": "required", "zh": "必填", "en": "is required"},
        {"pointer": "#/files/0/sha256", "code": "malformed", "zh": "格式不对", "en": "has an invalid format"},
    ]


def test_lists_of_problems_get_words_beside_their_codes():
    facts = {"problems": [{"code": "text-too-long", "field": "text", "detail": {"counted": 3001, "allowed": 3000}}]}

    found = problems.with_texts(facts)["problems"][0]

    assert found["zh"] == "典型材料过长：现有 3001 字，最多 3000 字。"
    assert found["en"] == "Case study too long: It has 3001 characters; the limit is 3000."


def test_lists_among_the_facts_have_the_signs_of_each_language():
    told = problems.document(
        Problem("criteria-differ", facts={"missing": ["form", "quality"], "extra": []}), lang="en", request="r"
    )

    assert told["detail_zh"] == "缺少：form、quality；多出：—。"
    assert told["detail_en"] == "Missing: form, quality; unknown: —."


def test_disqualification_has_one_wording_whichever_service_answers():
    titles = {(WORDS[code].zh, WORDS[code].en) for code in ("entry-out", "entry-disqualified")}

    assert titles == {("成果已被取消资格", "The entry has been disqualified")}


def test_code_without_words_is_passed_on_with_general_ones():
    told = problems.document(Problem("brand-new"), lang="en", request="r")

    assert (told["code"], told["status"], told["title"]) == ("brand-new", 409, "This action is not possible")


@pytest.mark.parametrize(("code", "after"), [("busy", "1"), ("service-away", "2"), ("window-closed", None)])
def test_answers_that_pass_say_when_to_come_again(code: str, after: str | None):
    answer = problems.response(Problem(code), lang="zh", request="r")

    assert after == answer.headers.get("retry-after")


def test_missing_session_is_challenged():
    answer = problems.response(Problem("session-missing"), lang="zh", request="r")

    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-language"] == "zh-CN"


def test_gaps_of_the_rules_are_named_in_words_and_not_by_codes():
    gap = {"code": "tie-order", "zh": "tie_order 的最后一项必须是 'lot'", "en": "tie_order must end with 'lot'"}
    problem = Problem("rules-with-gaps", facts={"gaps": ["tie-order"], "problems": [gap]})

    said = problems.document(problem, lang="zh", request="r")

    assert said["detail_zh"] == "没有规定的情形：tie_order 的最后一项必须是 'lot'。"
    assert said["detail_en"] == "Cases without a rule: tie_order must end with 'lot'."
