"""The checklist of phases: what is done, what can be done now, and what blocks the next step."""

from dataclasses import replace
from typing import Any

from gateway.staff import checklist
from gateway.staff.checklist import Facts

DAY = 86_400_000
WINDOWS = {
    "submission": {"start": 10 * DAY, "end": 20 * DAY},
    "likes": {"start": 30 * DAY, "end": 40 * DAY},
    "judging": {"start": 40 * DAY, "end": 50 * DAY},
    "exhibition": {"start": 60 * DAY, "end": 90 * DAY},
}
CAMPAIGN = {"windows": WINDOWS, "rules_locked": False, "shortlist_confirmed": False}
SHOWN = {"likes": {"partitions": 2}, "polls_closed": [], "cohort_fixed": False}
ORGANISER = {"roles": ["organiser"], "has_password": True}
JUDGING = {"judges": [], "short": [], "minimum": 2, "complete": False, "window_end": 50 * DAY}
NO_RESULT = {"proposal": None, "published": False, "published_proposal": None}
BEGINNING = Facts(
    5 * DAY,
    CAMPAIGN,
    SHOWN,
    staff={"staff": [ORGANISER], "changes": []},
    roll={"units": 0, "eligible": 0, "reachable": 0, "invited": 0},
    rehearsed={"in_force": None},
    queue={"pending": 0},
    work={"counts": {"complaint": 3, "disqualification": 0}},
    complaints={"open": 0},
    judging=JUDGING,
    result=NO_RESULT,
    awaited={"published_proposal": None, "obstacles": [], "conflicted_marks": []},
    certificates={"valid": 0, "without": 0},
)


def states(facts: Facts) -> dict[str, str]:
    return {step.code: step.state for phase in checklist.checklist(facts) for step in phase.steps}


def step(facts: Facts, code: str) -> Any:
    return next(each for phase in checklist.checklist(facts) for each in phase.steps if each.code == code)


def with_campaign(facts: Facts, **changes: Any) -> Facts:
    return replace(facts, campaign={**facts.campaign, **changes})


def test_campaign_that_has_just_opened_waits_for_its_organisers_alone():
    found = states(BEGINNING)

    assert {code for code, state in found.items() if state == checklist.NOW} == {
        "organisers", "roll", "invitations", "rehearsal", "rules", "judges",
    }  # fmt: skip
    assert {found[code] for code in ("hand-in", "shortlist", "likes", "marks", "proposal", "final")} == {"later"}


def test_what_is_due_first_stands_first_in_the_list_of_whoever_acts():
    mine = checklist.open_steps(checklist.checklist(BEGINNING), checklist.ORGANISERS)

    assert [(each.code, each.until) for each in mine] == [
        ("organisers", 10 * DAY), ("roll", 10 * DAY), ("invitations", 20 * DAY), ("rehearsal", 30 * DAY),
        ("rules", 30 * DAY),
        ("judges", 40 * DAY),
    ]  # fmt: skip


def test_rules_in_force_are_rehearsed_only_by_a_rehearsal_that_came_to_its_end():
    stopped = replace(BEGINNING, rehearsed={"in_force": {"digest": None, "findings": [{}]}})
    ended = replace(BEGINNING, rehearsed={"in_force": {"digest": "d", "findings": [{}, {}]}})

    found = step(ended, "rehearsal")

    assert (found.state, found.counts, found.path) == ("done", {"findings": 2}, "/organiser/campaign?step=check")
    assert (step(stopped, "rehearsal").state, step(stopped, "rehearsal").counts) == ("now", {"findings": 0})
    assert states(replace(stopped, at=30 * DAY))["rehearsal"] == "over"
    assert states(replace(BEGINNING, rehearsed=None))["rehearsal"] == "unknown"


def test_shortlist_is_blocked_by_the_review_and_then_by_the_rules():
    closed = replace(BEGINNING, at=25 * DAY, queue={"pending": 2})
    reviewed = replace(closed, queue={"pending": 0})

    assert (step(closed, "shortlist").state, step(closed, "shortlist").blocked_by) == ("blocked", "review")
    assert (step(reviewed, "shortlist").state, step(reviewed, "shortlist").blocked_by) == ("blocked", "rules")
    assert step(with_campaign(reviewed, rules_locked=True), "shortlist").state == "now"


def test_late_unit_without_an_account_is_over_once_nobody_can_hand_in_any_more():
    roll = {"units": 4, "eligible": 4, "reachable": 3, "invited": 1}

    assert states(replace(BEGINNING, roll=roll))["invitations"] == "now"
    assert states(replace(BEGINNING, roll=roll, at=20 * DAY))["invitations"] == "over"


def judged(**changes: Any) -> Facts:
    """Return the facts of a campaign whose marks are all given."""
    facts = with_campaign(BEGINNING, rules_locked=True, shortlist_confirmed=True)
    judge = {"left": 0, "active": True}
    report = {**JUDGING, "judges": [judge, judge], "complete": True}
    shown = {**SHOWN, "polls_closed": [0, 1], "cohort_fixed": True}
    return replace(facts, at=55 * DAY, public=shown, judging=report, **changes)


def test_judged_campaign_waits_for_a_proposal_which_blocks_the_signatures():
    found = states(judged())

    assert (found["marks"], found["proposal"], found["signatures"], found["publication"]) == (
        "done", "now", "blocked", "later",
    )  # fmt: skip


def test_marks_that_are_missing_are_counted_and_block_the_proposal():
    facts = judged()
    assert facts.judging is not None
    late = {**facts.judging, "complete": False, "judges": [{"left": 3, "active": True}, {"left": 0, "active": True}]}
    behind = replace(facts, judging=late)

    assert step(behind, "marks").counts == {"left": 3, "judges": 1}
    assert step(behind, "proposal").blocked_by == "marks"


def published(at: int, **changes: Any) -> Facts:
    result = {"proposal": "P1", "published": True, "published_proposal": "P1", "standing_signatures": ["o1", "o2"]}
    awaited = {"published_proposal": "P1", "notice_until": 70 * DAY, "final_at": None, "open_objections": 0,
               "obstacles": [], "conflicted_marks": []}  # fmt: skip
    return replace(judged(), at=at, result=result, awaited={**awaited, **changes})


def test_open_objection_blocks_the_final_result_after_the_notice():
    open_case = published(71 * DAY, open_objections=1, obstacles=[{"code": "objections-open"}])

    assert states(open_case)["objections"] == "now"
    assert step(open_case, "final").blocked_by == "objections"
    assert states(published(71 * DAY))["final"] == "now"
    assert states(published(65 * DAY))["final"] == "blocked"


def test_service_that_does_not_answer_leaves_its_steps_unknown_and_never_done():
    away = replace(judged(), judging=None, roll=None)

    found = states(away)

    assert (found["judges"], found["assignment"], found["marks"], found["roll"]) == ("unknown",) * 4
    assert found["proposal"] == "later"
