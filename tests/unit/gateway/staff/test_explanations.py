"""Explanations of places: who gets them when, what the public does not get, and the page."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.unit.gateway.town import (
    ENTRIES,
    RESULT,
    VIEWS,
    Town,
    Visitor,
    code,
)

WORDS = {"zh": "综合得分不同", "en": "the final scores differ"}
FORMULA = {"zh": "100 × (2 − 1) ÷ (2 − 1) = 100.00", "en": "100 × (2 − 1) ÷ (2 − 1) = 100.00"}
NUMBER = {"exact": "100/1", "shown": "100.00"}


def other(entry: str) -> dict[str, Any]:
    return {"entry": entry, "place": 2, "final": "80.00", "decided_by": "final_score", "words": WORDS}


TOLD: dict[str, Any] = {
    "entry": "u1-1",
    "number": "A001",
    "type": {"code": "state", "zh": "国有", "en": "State-owned"},
    "digest": "d" * 64,
    "rule_hash": "f" * 64,
    "cut": {"vote.0": 3},
    "likes": {
        "days": [{"day": "2021-06-07", "cast": 9, "retracted": 1, "voided": 1, "held": 0, "valid": 7, "usual": 3}],
        "valid": 7, "population": "type", "field": 2, "most": 7, "rank": "1", "points": NUMBER, "formula": FORMULA,
    },
    "experts": {
        "judges": [
            {
                "judge": {"zh": "专家 1", "en": "Judge 1"},
                "criteria": [{"code": "content", "zh": "内容", "en": "Content", "weight": 100, "points": 91}],
                "mark": {"exact": "91/1", "shown": "91.00"},
            }
        ],
        "asked_method": "mean", "method": "mean", "fell_back": False, "score": NUMBER,
        "formula": {"zh": "91.00 的平均 = 91.00", "en": "mean of 91.00 = 91.00"},
    },
    "final": {**NUMBER, "like_weight": "0.30", "expert_weight": "0.70", "formula": FORMULA},
    "place": {"in_type": 1, "of_type": 2, "overall": 1, "of_all": 3},
    "ties": {"above": other("u9-9"), "below": other("u2-1")},
    "seat": {"seat": "state-01", "from": "state", "to": "state", "why": "type-quota", "moved": False,
             "words": {"zh": "国有类自有名额", "en": "a seat of its own type"}},
    "more": {"place": {"likes": 3, "expert": None}, "seat": None},
}  # fmt: skip


class SlowTown(Town):
    """A town whose calls let others begin before they end, and which counts how many run at once."""

    running = most_at_once = 0

    async def call(self, service: str, method: str, call: dict[str, Any]) -> Any:
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        for _ in range(10):
            await asyncio.sleep(0)
        self.running -= 1
        return await super().call(service, method, call)


def knowing(visitor: Visitor) -> Visitor:
    visitor.town.answers["ranking", "explanation"] = {"ok": TOLD}
    return visitor


def published(visitor: Visitor, **entries: Any) -> Visitor:
    told = {**VIEWS, "result": RESULT, "entries": {"entries": {**ENTRIES, **entries}}}
    visitor.views.load({name: {"cut": {"moderation": 6, "submission": 9}, "data": each} for name, each in told.items()})
    return knowing(visitor)


@pytest.mark.parametrize("role", ["", "voter", "unit", "judge", "moderator"])
@pytest.mark.parametrize("path", ["/api/v1/entries/A001/explanation", "/entries/A001/why"])
def test_before_publication_only_who_may_read_the_ranking_gets_it(visitor: Visitor, role: str, path: str) -> None:
    answer = knowing(visitor).request("GET", path, role=role, plain=True)

    assert answer.status_code == 404 if "why" in path else code(answer) == "result-not-published"
    assert visitor.town.calls_to("ranking", "explanation") == []


@pytest.mark.parametrize("role", ["organiser", "auditor", "operator"])
def test_staff_get_it_at_any_time_and_as_of_any_instant(visitor: Visitor, role: str) -> None:
    answer = knowing(visitor).request("GET", "/entries/A001/explanation?as_of=1623038400000", role=role)

    assert answer.json() == TOLD
    assert visitor.town.calls_to("ranking", "explanation")[0]["body"] == {"entry": "A001", "as_of": 1623038400000}
    assert answer.headers["cache-control"] == "private, no-store"


def test_the_public_gets_it_once_the_result_is_out_with_neighbours_that_may_be_seen(visitor: Visitor) -> None:
    told = published(visitor).request("GET", "/entries/A001/explanation").json()

    assert {**told, "ties": None} == {**TOLD, "ties": None}
    assert (told["ties"]["below"]["number"], told["ties"]["below"]["title"]) == ("A002", ENTRIES["u2-1"]["title"])
    assert (told["ties"]["above"]["number"], told["ties"]["above"]["title"]) == (None, "")
    assert "u9-9" not in str(told)


def test_the_public_names_no_moment_of_its_own(visitor: Visitor) -> None:
    assert code(published(visitor).request("GET", "/entries/A001/explanation?as_of=1")) == "role-missing"


def test_an_entry_that_may_not_be_seen_has_no_reasons_either(visitor: Visitor) -> None:
    town = published(visitor)
    hidden = {name: each for name, each in ENTRIES.items() if name != "u1-1"}
    cut = {"moderation": 7, "submission": 9}
    town.views.load({"entries": {"cut": cut, "data": {"entries": hidden}}})

    assert code(town.request("GET", "/entries/u1-1/explanation")) == "entry-unknown"
    assert town.request("GET", "/entries/A001/why", plain=True).status_code == 404


def test_ranking_is_asked_once_for_all_readers_of_a_result(visitor: Visitor) -> None:
    town = published(visitor)

    answers = [
        town.request("GET", path, plain=True) for path in ("/entries/A001/why", "/api/v1/entries/u1-1/explanation") * 2
    ]

    assert {200} == {each.status_code for each in answers}
    assert len(town.town.calls_to("ranking", "explanation")) == 1
    again = town.request("GET", "/entries/u1-1/explanation", headers={"If-None-Match": answers[1].headers["etag"]})
    assert again.status_code == 304


def test_readers_who_come_at_the_same_time_share_one_call_and_few_calls_run_at_once(tmp_path: Path) -> None:
    town = SlowTown(answers={("ranking", "explanation"): {"ok": TOLD}})
    visitor = published(Visitor(tmp_path, town=town))

    async def rush() -> set[int]:
        paths = [f"/api/v1/entries/{name}/explanation" for name in ("A001", "A002", "E001") for _ in range(20)]
        answers = await asyncio.gather(*(visitor.client.get(path) for path in paths))
        return {answer.status_code for answer in answers}

    assert visitor.run(rush()) == {200}
    assert (len(town.calls_to("ranking", "explanation")), town.most_at_once) == (3, 2)
    visitor.close()


def test_entry_that_no_result_ranks_is_asked_for_once(visitor: Visitor) -> None:
    town = published(visitor)
    town.town.answers["ranking", "explanation"] = {"refused": {"code": "entry-not-ranked", "field": None}}

    told = [code(town.request("GET", "/entries/A001/explanation")) for _ in range(3)]

    assert told == ["entry-not-ranked"] * 3
    assert len(town.town.calls_to("ranking", "explanation")) == 1


@pytest.mark.parametrize(("switch", "words"), [("", "再多 3 个有效点赞"), ("?lang=en", "3 more valid likes")])
def test_the_page_shows_each_step_in_the_readers_language(visitor: Visitor, switch: str, words: str) -> None:
    page = published(visitor).request("GET", f"/entries/A001/why{switch}", plain=True).text

    assert words in page
    assert "100 × (2 − 1) ÷ (2 − 1) = 100.00" in page
    assert "2021-06-07" in page
    assert "u9-9" not in page
    assert ENTRIES["u2-1"]["title"] in page


def test_the_entrys_page_leads_there_once_the_result_is_out(visitor: Visitor) -> None:
    before = visitor.request("GET", "/entries/A001", plain=True).text

    after = published(visitor).request("GET", "/entries/A001", plain=True).text

    assert ("/entries/A001/why" in before, "/entries/A001/why" in after) == (False, True)


def test_an_entry_that_was_not_judged_has_no_reasons_and_its_page_leads_to_none(visitor: Visitor) -> None:
    """If only the entries with the most likes are judged, the others are in no ranking."""
    town = published(visitor, **{"u1-1": {**ENTRIES["u1-1"], "judged": False}})

    assert "/entries/A001/why" not in town.request("GET", "/entries/A001", plain=True).text


@pytest.mark.parametrize("path", ["/entries/A001/why", "/entries/A001"])
@pytest.mark.parametrize("is_final", [False, True])
def test_what_shows_a_place_says_whether_it_is_final(visitor: Visitor, path: str, is_final: bool) -> None:
    town = published(visitor)
    result = {**RESULT, "is_final": is_final}
    town.views.load({"result": {"cut": {"moderation": 7, "submission": 9}, "data": result}})

    assert ("暂定" in town.request("GET", path, plain=True).text) is not is_final


def test_a_recount_reaches_ranking_with_what_it_changes(visitor: Visitor) -> None:
    visitor.town.answers["ranking", "recount"] = {"ok": {"unofficial": True}}
    body = {"weights": "0.2/0.8", "without_entries": ["u1-1"], "cut": {"vote.0": 3}}

    answer = visitor.request("POST", "/recounts", role="auditor", json=body)

    assert answer.json() == {"unofficial": True}
    assert body == visitor.town.calls_to("ranking", "recount")[0]["body"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"without_likes": ["nonsense"]}, id="an address that is none"),
        pytest.param({"without_days": ["yesterday"]}, id="a day that is none"),
        pytest.param({"likes": 3}, id="a field that is not known"),
    ],
)
def test_a_recount_that_cannot_be_read_is_told_so(visitor: Visitor, body: dict[str, Any]) -> None:
    assert code(visitor.request("POST", "/recounts", role="organiser", json=body)) == "invalid"
    assert visitor.town.calls_to("ranking", "recount") == []
