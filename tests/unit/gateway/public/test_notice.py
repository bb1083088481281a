"""The page of the publication notice, and the previews that organisers see before they act on a result."""

from pathlib import Path
from typing import Any

import pytest

from gateway.html.texts import WORDS
from gateway.public import notice
from tests.unit.gateway.town import (
    CLOCK,
    DAY,
    RESULT,
    VIEWS,
    Visitor,
    campaign,
)

RUNNING = {"since": CLOCK - DAY, "until": CLOCK + DAY, "basis": "table"}


def town(data: Path, **changes: Any) -> Visitor:
    result = {**RESULT, "is_final": False, "outdated": False, "notice": RUNNING, **changes}
    return Visitor(data, views={**VIEWS, "campaign": campaign(clock=CLOCK), "result": result})


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        pytest.param({}, notice.RUNNING, id="while it runs"),
        pytest.param({"notice": {**RUNNING, "until": CLOCK}}, notice.ENDED, id="from its end on"),
        pytest.param({"notice": {**RUNNING, "until": CLOCK}, "is_final": True}, notice.FINAL, id="when it is final"),
    ],
)
def test_notice_says_how_far_the_result_has_come(tmp_path: Path, changes: dict[str, Any], state: str):
    visitor = town(tmp_path, **changes)

    text = visitor.request("GET", "/notice", plain=True).text
    visitor.close()

    assert WORDS[f"notice.is-{state}"][0] in text
    assert ('href="/objections"' in text) == (state == notice.RUNNING)
    assert "炼钢 &amp; &lt;b&gt;职工之家" in text


def test_notice_reveals_the_seed_and_the_root_of_the_lot(tmp_path: Path):
    visitor = town(tmp_path, lot={"seed": "5e" * 32, "root": "70" * 32})

    text, told = visitor.request("GET", "/notice", plain=True).text, visitor.request("GET", "/result").json()
    visitor.close()

    assert ("5e" * 32 in text, "70" * 32 in text) == (True, True)
    assert told["lot"] == {"seed": "5e" * 32, "root": "70" * 32}


@pytest.mark.parametrize("basis", ["table", "weekends", "none"])
def test_notice_says_by_what_its_end_was_computed(tmp_path: Path, basis: str):
    visitor = town(tmp_path, notice={**RUNNING, "basis": basis})

    text = visitor.request("GET", "/notice", plain=True).text
    visitor.close()

    assert WORDS[f"notice.by-{basis}"][0] in text
    assert "2021-06-08 12:00" in text


def test_disqualified_winner_is_shown_as_such_without_its_name_and_the_result_as_outdated(tmp_path: Path):
    fallen = {**RESULT["winners"][0], "entry": "gone-1", "title": "", "unit": "", "disqualified": True}
    visitor = town(tmp_path, outdated=True, winners=[fallen])

    text = visitor.request("GET", "/notice", plain=True).text
    visitor.close()

    assert WORDS["notice.outdated"][0] in text
    assert f"A001 · {WORDS['disqualified'][0]}" in text


@pytest.mark.parametrize("page", ["/notice", "/"])
def test_corrected_name_of_a_unit_stands_beside_the_name_that_was_published(tmp_path: Path, page: str):
    renamed = {**RESULT["winners"][0], "unit": "改正的工会", "published_unit": "写错的工会"}
    visitor = town(tmp_path, winners=[renamed])

    text = visitor.request("GET", page, plain=True).text
    visitor.close()

    assert f"改正的工会 {WORDS['published-as'][0].format(unit='写错的工会')}" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, "provisional", id="while it is provisional"),
        pytest.param({"outdated": True}, "notice.outdated", id="when a winner has fallen"),
        pytest.param({"is_final": True}, None, id="when it is final"),
    ],
)
def test_first_page_says_what_the_list_of_winners_is_worth(tmp_path: Path, changes: dict[str, Any], words: str | None):
    visitor = town(tmp_path, **changes)

    text = visitor.request("GET", "/", plain=True).text
    visitor.close()

    said = [each for each in ("provisional", "notice.outdated") if WORDS[each][0] in text]
    assert said == ([] if words is None else [words])
    assert 'href="/notice"' in text


def test_there_is_no_notice_before_the_result_is_published(visitor: Visitor):
    answer = visitor.request("GET", "/notice", plain=True)

    assert answer.status_code == 404
    assert "结果尚未公布" in answer.text


def test_notice_is_kept_by_its_validator_until_the_state_changes(tmp_path: Path):
    visitor = town(tmp_path)
    first = visitor.request("GET", "/notice", plain=True)

    same = visitor.request("GET", "/notice", plain=True, headers={"If-None-Match": first.headers["etag"]})
    visitor.views.note_clock(CLOCK + DAY)
    later = visitor.request("GET", "/notice", plain=True, headers={"If-None-Match": first.headers["etag"]})
    visitor.close()

    assert (same.status_code, later.status_code) == (304, 200)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/result/rehearsal", "rehearse_result"),
        ("/result/without/u1-1", "result_without"),
        ("/result/final", "awaited_final"),
    ],
)
def test_preview_names_its_obstacles_in_words(visitor: Visitor, path: str, method: str):
    found = [
        {"code": "likes-held", "field": None, "detail": {"likes": 3}},
        {"code": "notice-running", "field": None, "detail": {"until": CLOCK}},
    ]
    visitor.town.answers["ranking", method] = {"ok": {"obstacles": found}}

    told = visitor.request("GET", path, role="organiser").json()["obstacles"]

    assert [each["zh"] for each in told] == [
        "还有暂缓计入的点赞待处理：3 个。",
        "公示期尚未结束：至 2021-06-07 12:00。（北京时间）",
    ]
    assert [each["code"] for each in told] == ["likes-held", "notice-running"]
