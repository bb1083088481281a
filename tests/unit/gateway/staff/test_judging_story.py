"""Four days of a jury through the API: the gateway, and the real scoring service over a ledger in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.moderation import events as desk
from tests.unit.gateway.town import VIEWS, Visitor, campaign, code
from tests.unit.scoring.stories import (
    END,
    ENTRIES,
    JUDGES,
    MARKS,
    NOON,
    opened,
    staffed,
)
from tests.unit.scoring.test_service import rpc_on

METHODS = (
    "appoint_judge", "assign", "reassign", "assign_third_readings", "give_score", "save_draft", "declare_conflict",
    "submit_sheet", "exclude_score", "my_assignments", "my_entry", "progress", "propose_assignment", "marks_of_entry",
)  # fmt: skip
MINUTE_MS = 60_000


class Jury:
    """The people of a jury, each with a session, and one clock for all."""

    def __init__(self, visitor: Visitor, **judging: Any) -> None:
        self.visitor, self.keys = visitor, iter(range(10_000))
        # All at once: the gateway reads the list of staff now and then, not at each request.
        self.tokens = {"olga": visitor.token("organiser", sub="olga")}
        self.tokens |= {each: visitor.token("judge", sub=each) for each in JUDGES}
        rpc = rpc_on(facts=(*opened(**judging), *staffed(), desk.ClockMoved(NOON, "olga")))
        for method in METHODS:
            visitor.town.answers[("scoring", method)] = lambda call, method=method: rpc(
                method, call["actor"], call["roles"][0], id=call["id"], at=call["at"], **call["body"]
            )
        for each in JUDGES:
            self.desk("/judges", {"judge": each, "name": f"专家{each}", "employer": "", "city": ""})

    def at(self, moment: int) -> None:
        self.visitor.views.note_clock(moment)

    def desk(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._send("olga", path, body).json()

    def judge(self, judge: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._send(judge, path, body)

    def sheet(self, judge: str) -> dict[str, Any]:
        return dict(self.judge(judge, "/judging/mine").json())

    def mark(self, judge: str, entry: str, points: int, *, words: str | None = None) -> Any:
        body = {"marks": dict.fromkeys(MARKS, points), "words": words}
        return self.judge(judge, f"/judging/entries/{entry}/score", body)

    def _send(self, sub: str, path: str, body: dict[str, Any] | None) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[sub]}"}
        if body is None:
            return self.visitor.request("GET", path, headers=headers)
        return self.visitor.request("POST", path, headers=headers, key=f"k{next(self.keys)}", json=body)


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    made = Visitor(tmp_path, views={**VIEWS, "campaign": campaign(clock=NOON)})
    yield made
    made.close()


def test_jury_marks_everything_and_what_is_disputed_is_read_once_more(visitor: Visitor):
    jury = Jury(visitor, min_marks=2, anchor_entries=1, third_reading="15")
    assigned = jury.desk("/assignments", {})
    (anchor,) = jury.desk("/judging/progress")["anchors"]
    others = [each for each in ENTRIES if each != anchor]
    assert assigned["assigned"] == len(JUDGES) + 2 * len(others)

    # Everybody sees the anchor first, and marks it; strictness is told once three have.
    told = []
    for k, judge in enumerate(JUDGES):
        assert jury.sheet(judge)["entries"][0]["entry"] == anchor
        assert jury.mark(judge, anchor, 70 + k).status_code == 200
        told.append(jury.sheet(judge)["anchors"]["difference"])
    assert told == [None, None, "1.00", "2.00", "3.00"]

    # The rest: one entry is disputed, and a low mark needs words.
    readers = {each: [j for j in JUDGES if each in entries_of(jury.sheet(j))] for each in others}
    disputed = others[0]
    low, high = readers[disputed]
    assert code(jury.mark(low, disputed, 40)) == "mark-needs-words"
    jury.judge(low, f"/judging/entries/{disputed}/draft", {"marks": {"content": 40}, "words": "空"})
    assert jury.judge(low, f"/judging/entries/{disputed}").json()["draft"]["words"] == "空"
    assert jury.mark(low, disputed, 40, words="空泛").json()["draft"] is None
    jury.mark(high, disputed, 80)
    for entry in others[1:]:
        for judge in readers[entry]:
            assert jury.mark(judge, entry, 75).status_code == 200
    assert jury.desk("/judging/progress")["complete"] is True

    # Ten minutes later one judge more is called, and the jury is complete again with that mark.
    assert jury.desk("/judging/third-readings", {})["called"] == 0
    jury.at(NOON + 10 * MINUTE_MS)
    called = jury.desk("/judging/third-readings", {})
    third = called["judges"][0]["judge"]
    assert (called["called"], called["assigned"], third in (low, high)) == (1, 1, False)
    assert jury.desk("/judging/progress")["complete"] is False
    assert jury.mark(third, disputed, 60).status_code == 200
    assert jury.desk("/judging/progress")["complete"] is True

    # Sheets go in; after that, and after the window, no mark changes.
    assert [jury.judge(each, "/judging/sheet", {}).status_code for each in JUDGES] == [200] * len(JUDGES)
    assert code(jury.mark(low, disputed, 70)) == "sheet-submitted"
    jury.at(END)
    assert code(jury.mark(low, disputed, 70)) == "window-closed"


def test_late_judges_entries_go_to_others_and_the_done_ones_stay(visitor: Visitor):
    jury = Jury(visitor, min_marks=2)
    jury.desk("/assignments", {})
    late = max(JUDGES, key=lambda each: len(entries_of(jury.sheet(each))))
    done, *unread = entries_of(jury.sheet(late))
    jury.mark(late, done, 75)

    moved = jury.desk(f"/judges/{late}/reassignment", {"reason": "住院"})

    assert moved["moved"] == moved["assigned"] == len(unread) > 0
    assert entries_of(jury.sheet(late)) == [done]
    assert code(jury.mark(late, unread[0], 75)) == "not-assigned"
    assert jury.desk("/judging/progress")["short"] == []


def test_recusal_takes_one_request_and_hands_the_entry_on(visitor: Visitor):
    jury = Jury(visitor, min_marks=2)
    jury.desk("/assignments", {})
    entry, *_ = entries_of(jury.sheet("ann"))

    told = jury.judge("ann", f"/judging/entries/{entry}/recusal", {"reason": "旧同事"}).json()

    assert (told["reassigned"], told["short"]) == (True, False)
    assert code(jury.mark("ann", entry, 75)) == "conflicted"


def test_recusal_that_nobody_can_take_over_is_told_as_short(visitor: Visitor):
    jury = Jury(visitor, min_marks=5)
    jury.desk("/assignments", {})

    told = jury.judge("ann", "/judging/entries/U1-1/recusal", {"reason": "旧同事"}).json()

    assert (told["reassigned"], told["short"]) == (False, True)
    assert jury.desk("/judging/progress")["short"] == [{"entry": "U1-1", "readers": 4, "marks": 0, "minimum": 5}]


def entries_of(sheet: dict[str, Any]) -> list[str]:
    return [each["entry"] for each in sheet["entries"]]
