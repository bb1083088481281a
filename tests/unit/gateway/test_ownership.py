"""Route × role × own or other: what belongs to one person is refused to another of the same role, and to other roles.

The gateway calls the real services, in memory.
`ownership.py` tells where the other parts of the matrix are; `test_routes.py` has that of routes and roles alone.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.routes import ROUTES
from gateway.routing.route import API, ROLES, Route
from tests.unit.gateway.ownership import OF_THE_CAMPAIGN, ForwardingTown, OwnershipCounts
from tests.unit.gateway.test_ownership_by_number import ROUTES_BY_NUMBER
from tests.unit.gateway.test_ownership_of_accounts import ROUTES_OF_ACCOUNTS
from tests.unit.gateway.test_ownership_of_hand_ins import ROUTES_OF_HAND_INS
from tests.unit.gateway.town import Visitor
from tests.unit.scoring.stories import JUDGES, MARKS
from tests.unit.scoring.test_service import RpcCall, rpc_on
from tests.unit.submission import hosted
from tests.unit.submission.conftest import town, upload  # noqa: F401 -- fixtures
from tests.unit.submission.test_service import Put, form

ENTRY, SHEET = f"{API}/my/entries/{{entry}}", f"{API}/judging/entries/{{entry}}"
DRAFT = f"{API}/my/drafts/{{entry}}"
JUDGING_BODIES = {
    "score": {"marks": MARKS},
    "draft": {"marks": MARKS},
    "sheet": {"revision": 0, "fields": {"mark.content": 80}},
}
#: A judge may declare a conflict of interest with any entry, assigned or not.
OF_ANY_ENTRY = f"POST {SHEET}/recusal"
#: The page sends the same order in the session's name; its tests are in `voters/test_my_pages.py`. The secret of a
#: set-up is nobody's until it is spent; its tests are in `tests/unit/moderation/test_setup.py`.
#: The proof of who one is belongs to the session; its tests are in `staff/test_step_up.py`.
ELSEWHERE = {
    "POST /entries/{number}/like", "GET /setup/{secret}", "POST /setup/{secret}", f"POST {API}/my/step-up",
    f"GET {API}/my/questions", f"POST {API}/my/questions",  # tests/unit/moderation/test_questions.py
}  # fmt: skip
FOREIGN = {"not-yours", "not-assigned", "upload-unknown"}  # the last: the draft names files of another unit
UNIT_ROUTES = [route for route in ROUTES if (route.base + route.path).startswith((ENTRY, DRAFT))]
MANAGED_PAGES = "/unit/managed/{unit}"
#: What this entry does not have yet: captions of a film, and a place in a published result.
NOTHING_YET = ("/captions/{sha256}", "/explanation.zip")
UNIT_PAGES = [route for route in ROUTES if route.path.startswith(("/unit/entries/{entry}", MANAGED_PAGES))]
JUDGE_ROUTES = [
    route
    for route in ROUTES
    if (route.base + route.path).startswith(SHEET) and "judge" in route.roles and route.name != OF_ANY_ENTRY
]
JUDGE_PAGES = [route for route in ROUTES if route.path.startswith("/judge/entries/{entry}")]
ids = lambda route: route.name  # noqa: E731 -- pytest's argument


def send(
    visitor: Visitor, route: Route, entry: str, *, role: str, sub: str, body: dict[str, Any] | None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {visitor.token(role, sub=sub)}"} if role else {}
    query = "?earlier=1&later=1" if route.path.endswith("/comparison") else ""
    return visitor.request(
        route.method, (route.base + route.path).replace("{entry}", entry) + query, plain=True, headers=headers,
        key=f"k-{role}-{sub}" if route.command else "", **({"json": body} if route.body is not None else {}),
    )  # fmt: skip


def check_matrix(
    visitor: Visitor, route: Route, entry: str, *, owner: tuple[str, str], other: str, body: dict[str, Any] | None,
    ownership: OwnershipCounts,
) -> None:  # fmt: skip
    """Send the request as every role, as another owner, and as the owner, who alone is let through."""
    for role, sub in (*((role, "") for role in ROLES), (owner[0], other), owner):
        visitor.token(role, sub=sub)  # enters staff into the list before anybody reads it
    for role in ("", *sorted(ROLES - route.roles)):
        refused = send(visitor, route, entry, role=role, sub="", body=body)
        assert refused.status_code == (403 if role else 401), (role, refused.text)
        ownership.add(route.name, role, "another role")
    foreign = send(visitor, route, entry, role=owner[0], sub=other, body=body)
    assert (foreign.status_code in (403, 404), foreign.json().get("code") in FOREIGN) == (True, True), foreign.text
    ownership.add(route.name, owner[0], "other")
    own = send(visitor, route, entry, role=owner[0], sub=owner[1], body=body)
    assert own.status_code < 300, own.text
    ownership.add(route.name, owner[0], "own")


@pytest.mark.parametrize("route", UNIT_ROUTES, ids=ids)
def test_entry_is_its_unit_s_alone(
    town: hosted.Town,  # noqa: F811 -- the fixture
    upload: Put,  # noqa: F811
    tmp_path: Path,
    route: Route,
    ownership: OwnershipCounts,
):
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    real = ForwardingTown(
        {"submission", "moderation"}, lambda name, method, call: town.forward(name, method, {**call, "at": 0})
    )
    visitor = Visitor(tmp_path / "gateway", town=real)
    bodies = {"PUT": draft, "PATCH": {"revision": 0, "fields": {"title": "改"}}}
    body = bodies.get(route.method, {"reason": "改"})
    if "/my/drafts" in route.path and route.method == "POST":
        body = {} if route.path.endswith("/check") else {"revision": 0}
    if route.path.endswith("/type-correction"):
        body = {"reason": "名册填错", "type": "other"}

    check_matrix(visitor, route, "U1-1", owner=("unit", "U1"), other="U2", body=body, ownership=ownership)

    visitor.close()


@pytest.mark.parametrize("route", UNIT_PAGES, ids=ids)
def test_page_of_an_entry_is_its_unit_s_alone(
    town: hosted.Town,  # noqa: F811 -- the fixture
    upload: Put,  # noqa: F811
    tmp_path: Path,
    route: Route,
    ownership: OwnershipCounts,
):
    town.ok("hand_in", "U1", "unit", **form(upload))
    real = ForwardingTown(
        {"submission", "moderation"}, lambda name, method, call: town.forward(name, method, {**call, "at": 0})
    )
    visitor = Visitor(tmp_path / "gateway", town=real)
    path = route.path.replace("{entry}", "U1-1").replace("{version}", "1").replace("{unit}", "U3")
    is_managed = route.path.startswith(MANAGED_PAGES)
    if is_managed:  # U1 types for U3, and U2 does not
        town.ok("appoint_manager", "olga", "organiser", unit="U3", manager="U1", reason="人手不足")

    def status(role: str, sub: str = "") -> int:
        headers = {"Authorization": f"Bearer {visitor.token(role, sub=sub)}"} if role else {}
        body = {"data": {"sure": "1", "agree": "1", "do": "save"}} if route.method == "POST" else {}
        return visitor.request(route.method, path, plain=True, headers=headers, **body).status_code

    for role in ROLES:
        visitor.token(role)  # enters staff into the list before anybody reads it
    assert status("") == (401 if route.method == "POST" else 303)
    for role in sorted(ROLES - route.roles):
        assert status(role) == 403
        ownership.add(route.name, role, "another role")
    assert status("unit", "U2") == 403
    ownership.add(route.name, "unit", "other")
    nothing_yet = {404} if route.path.endswith(NOTHING_YET) else set()
    assert status("unit", "U1") in {200, 303, 409, 422} | nothing_yet
    ownership.add(route.name, "unit", "own")

    visitor.close()


@pytest.mark.parametrize("route", JUDGE_ROUTES, ids=ids)
def test_sheet_of_an_entry_is_its_judge_s_alone(tmp_path: Path, route: Route, ownership: OwnershipCounts):
    rpc = rpc_on()
    for judge in JUDGES:
        rpc("appoint_judge", "olga", "organiser", judge=judge, name=f"专家{judge}", employer="", city="")
    rpc("assign", "olga", "organiser")
    entry, assigned, other = shared_out(rpc)
    real = ForwardingTown(
        {"scoring"}, lambda _, method, call: rpc(method, call["actor"], *call["roles"], id=call["id"], **call["body"])
    )
    visitor = Visitor(tmp_path, town=real)
    body = JUDGING_BODIES.get(route.path.rpartition("/")[2])

    check_matrix(visitor, route, entry, owner=("judge", assigned), other=other, body=body, ownership=ownership)

    visitor.close()


@pytest.mark.parametrize("route", JUDGE_PAGES, ids=ids)
def test_page_of_an_entry_is_its_judge_s_alone(tmp_path: Path, route: Route, ownership: OwnershipCounts):
    rpc = rpc_on()
    for judge in JUDGES:
        rpc("appoint_judge", "olga", "organiser", judge=judge, name=f"专家{judge}", employer="", city="")
    rpc("assign", "olga", "organiser")
    entry, assigned, other = shared_out(rpc)
    real = ForwardingTown(
        {"scoring"}, lambda _, method, call: rpc(method, call["actor"], *call["roles"], id=call["id"], **call["body"])
    )
    visitor = Visitor(tmp_path, town=real)

    def status(role: str, sub: str = "") -> int:
        headers = {"Authorization": f"Bearer {visitor.token(role, sub=sub)}"} if role else {}
        body = {"data": {"do": "skip", "revision": "0"}} if route.method == "POST" else {}
        path = route.path.replace("{entry}", entry)
        return visitor.request(route.method, path, plain=True, headers=headers, **body).status_code

    for role, sub in (*((role, "") for role in ROLES), ("judge", other), ("judge", assigned)):
        visitor.token(role, sub=sub)  # enters staff into the list before anybody reads it
    assert status("") == (401 if route.method == "POST" else 303)
    for role in sorted(ROLES - route.roles):
        assert status(role) == 403
        ownership.add(route.name, role, "another role")
    assert status("judge", other) in (403, 404)
    ownership.add(route.name, "judge", "other")
    assert status("judge", assigned) in (200, 303)
    ownership.add(route.name, "judge", "own")

    visitor.close()


def shared_out(rpc: RpcCall) -> tuple[str, str, str]:
    """Return an entry with a judge who has it and a judge who has not."""
    entries = {
        judge: {each["entry"] for each in rpc("my_assignments", judge, "judge")["ok"]["entries"]} for judge in JUDGES
    }
    return next(
        (entry, one, other) for one in JUDGES for other in JUDGES for entry in sorted(entries[one] - entries[other])
    )


def test_every_route_of_one_thing_is_in_the_matrix_or_of_the_campaign():
    of_one_thing = {route.name for route in ROUTES if "{" in route.path or "/my/" in route.path}
    tried = (
        {route.name for route in (*UNIT_ROUTES, *UNIT_PAGES, *JUDGE_ROUTES, *JUDGE_PAGES)}
        | ROUTES_BY_NUMBER
        | ROUTES_OF_ACCOUNTS
    )
    tried |= ROUTES_OF_HAND_INS

    assert of_one_thing - OF_THE_CAMPAIGN - tried == ELSEWHERE
    assert tried & OF_THE_CAMPAIGN == set()
