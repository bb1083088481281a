"""The state line of an entry says one step for each state, and where an entry ended."""

from typing import Any

import pytest

from services.submission.progress import STEPS, current_step, steps

FACTS: dict[str, Any] = {
    "status": "approved", "claimed": False, "shortlisted": False, "listed": False, "phase": "submission",
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"status": None}, ("draft", "")),
        ({"status": "submitted"}, ("submitted", "")),
        ({"status": "submitted", "claimed": True}, ("review", "")),
        ({"status": "returned"}, ("returned", "")),
        ({}, ("approved", "")),
        ({"listed": True}, ("approved", "not-shortlisted")),
        ({"shortlisted": True, "listed": True}, ("shortlisted", "")),
        ({"shortlisted": True, "listed": True, "phase": "likes"}, ("likes", "")),
        ({"shortlisted": True, "listed": True, "phase": "counting"}, ("likes", "")),
        ({"shortlisted": True, "listed": True, "phase": "judging"}, ("judging", "")),
        ({"shortlisted": True, "listed": True, "phase": "exhibition"}, ("result", "")),
        ({"status": "rejected"}, ("review", "rejected")),
        ({"status": "withdrawn"}, ("review", "withdrawn")),
        ({"status": "disqualified", "shortlisted": True}, ("shortlisted", "disqualified")),
    ],
)
def test_entry_stands_at_one_step(facts: dict[str, Any], expected: tuple[str, str]) -> None:
    assert current_step(**(FACTS | facts)) == expected


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("ended", ["", "rejected"])
def test_exactly_one_step_is_the_present_one(step: str, ended: str) -> None:
    line = steps(step, ended, returned=True)

    assert [each["step"] for each in line] == list(STEPS)
    assert [each["step"] for each in line if each["state"] in ("current", "ended")] == [step]


@pytest.mark.parametrize(("returned", "state"), [(False, "skipped"), (True, "done")])
def test_return_is_a_step_of_those_alone_who_had_one(returned: bool, state: str) -> None:
    line = {each["step"]: each["state"] for each in steps("approved", "", returned=returned)}

    assert (line["returned"], line["review"], line["likes"]) == (state, "done", "ahead")
