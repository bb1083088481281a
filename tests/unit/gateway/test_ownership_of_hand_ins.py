"""Receipts, progress and managed units: each opens for the unit, for who types for it, and for staff who may read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.routing.route import API
from tests.unit.gateway.ownership import EVERYBODY, ForwardingTown, OwnershipCounts, bearer, enter_staff, send
from tests.unit.gateway.town import Visitor, code
from tests.unit.submission import hosted
from tests.unit.submission.conftest import town, upload  # noqa: F401 -- fixtures
from tests.unit.submission.test_service import Put, form

pytestmark = pytest.mark.slow  # decodes pictures in child processes

# ruff: noqa: F811 -- fixtures of other tests

RECEIPT, PROGRESS, CLAIM = f"GET {API}/hand-ins/{{receipt}}", f"GET {API}/my/progress", f"POST {API}/my/claim"
PASTE = f"POST {API}/my/pasted-texts"
DRAFT, CHANGE = f"GET {API}/managed/{{unit}}/draft", f"PATCH {API}/managed/{{unit}}/draft"
CHECK, HAND_IN = f"POST {API}/managed/{{unit}}/draft/check", f"POST {API}/managed/{{unit}}/draft/hand-in"
MANAGED = (DRAFT, CHANGE, CHECK, HAND_IN)
ROUTES_OF_HAND_INS = {RECEIPT, PROGRESS, CLAIM, PASTE, *MANAGED}
BODIES = {
    CHANGE: {"revision": 0, "fields": {"title": "改"}},
    CHECK: {},
    HAND_IN: {"revision": 0},
    CLAIM: {},
    PASTE: {"html": "<p>工会</p>"},
}


@pytest.fixture
def visitor(tmp_path: Path, town: hosted.Town) -> Iterator[Visitor]:
    """A client of a gateway whose submission is real, and whose sessions stand."""
    reply = lambda service, method, call: town.forward(service, method, {**call, "at": 0})  # noqa: E731 -- a port
    visitor = Visitor(tmp_path / "gateway", town=ForwardingTown({"submission"}, reply))
    enter_staff(visitor)
    yield visitor
    visitor.close()


def test_receipt_is_its_unit_s_and_staff_s(
    visitor: Visitor, town: hosted.Town, upload: Put, ownership: OwnershipCounts
) -> None:
    receipt = town.ok("hand_in", "U1", "unit", **form(upload))["receipt"]
    statuses = {"unit": 200, "moderator": 200, "organiser": 200, "auditor": 200, "": 401}

    for role in EVERYBODY:
        answer = send(visitor, RECEIPT, bearer(visitor, role, sub="U1" if role == "unit" else ""), {"receipt": receipt})
        assert answer.status_code == statuses.get(role, 403), (role, answer.text)
        ownership.add(RECEIPT, role, "own" if role == "unit" else "another role")
    other = send(visitor, RECEIPT, bearer(visitor, "unit", sub="U2"), {"receipt": receipt})
    ownership.add(RECEIPT, "unit", "other")
    assert (other.status_code, code(other)) == (404, "receipt-unknown")


def test_progress_and_claim_are_about_the_own_unit_alone(
    visitor: Visitor, town: hosted.Town, ownership: OwnershipCounts
) -> None:
    town.ok("appoint_manager", "olga", "organiser", unit="U1", manager="U3", reason="小单位")
    for name in (PROGRESS, CLAIM):
        for role in EVERYBODY:
            if role != "unit":
                refused = send(visitor, name, bearer(visitor, role), {}, key=f"k-{role}", json=BODIES.get(name))
                assert refused.status_code == (403 if role else 401), (name, role)
                ownership.add(name, role, "another role")
    for unit, case, manager, claimed in (
        ("U2", "other", None, 409),
        ("U3", "other", None, 409),
        ("U1", "own", "U3", 200),
    ):
        seen = send(visitor, PROGRESS, bearer(visitor, "unit", sub=unit), {}).json()
        assert (seen["entry"], seen["manager"]) == (f"{unit}-1", manager)
        answer = send(visitor, CLAIM, bearer(visitor, "unit", sub=unit), {}, key="k", json={})
        assert answer.status_code == claimed, answer.text
        for name in (PROGRESS, CLAIM):
            ownership.add(name, "unit", case)


@pytest.mark.parametrize(
    ("manager", "let_in"),
    [pytest.param("U3", ("unit", "U3"), id="a federation"), pytest.param(None, ("organiser", ""), id="organisers")],
)
def test_draft_of_a_managed_unit_is_its_manager_s_and_its_own_alone(
    visitor: Visitor, town: hosted.Town, manager: str | None, let_in: tuple[str, str], ownership: OwnershipCounts
) -> None:
    town.ok("appoint_manager", "olga", "organiser", unit="U1", manager=manager, reason="小单位")
    callers = [(role, "") for role in EVERYBODY if role not in ("unit", "organiser")]
    callers += [("unit", "U2"), ("unit", "U3"), ("organiser", ""), ("unit", "U1")]

    for role, sub in callers:
        who = bearer(visitor, role, sub=sub)
        for name in MANAGED:
            answer = send(visitor, name, who, {"unit": "U1"}, key=f"k{role}{sub}", json=BODIES.get(name))
            if (role, sub) in (let_in, ("unit", "U1")):
                assert answer.status_code in ((409, 422) if name == HAND_IN else (200,)), (name, role, sub, answer.text)
            else:
                assert answer.status_code == (403 if role else 401), (name, role, sub, answer.text)
                assert code(answer) in ("not-managing", "role-missing", "session-missing")
            case = "own" if (role, sub) in (let_in, ("unit", "U1")) else "other" if role == "unit" else "another role"
            ownership.add(name, role, case)


def test_manager_is_let_out_once_the_unit_has_claimed_its_entry(visitor: Visitor, town: hosted.Town) -> None:
    town.ok("appoint_manager", "olga", "organiser", unit="U1", manager="U3", reason="小单位")
    town.ok("claim_unit", "U1", "unit")

    answer = send(visitor, CHANGE, bearer(visitor, "unit", sub="U3"), {"unit": "U1"}, json=BODIES[CHANGE])
    assert (answer.status_code, code(answer)) == (403, "not-managing")


def test_pasted_text_is_cleaned_for_units_and_organisers(visitor: Visitor, ownership: OwnershipCounts) -> None:
    for role in EVERYBODY:
        answer = send(visitor, PASTE, bearer(visitor, role), {}, json=BODIES[PASTE])
        assert answer.status_code == {"unit": 200, "organiser": 200, "": 401}.get(role, 403), (role, answer.text)
        ownership.add(PASTE, role, "own" if role in ("unit", "organiser") else "another role")
