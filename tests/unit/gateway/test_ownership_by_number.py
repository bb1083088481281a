"""What a number, ticket, link or cookie opens: it opens for whoever has it, the same for every role, and no other."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from gateway.routing.route import API, ROLES
from gateway.voters import signed_links
from services.voting.receipts import receipt
from tests.unit.gateway.ownership import EVERYBODY, ForwardingTown, OwnershipCounts, bearer, enter_staff, send
from tests.unit.gateway.town import Town, Visitor, code
from tests.unit.gateway.voters.conftest import office  # noqa: F401 -- a fixture
from tests.unit.gateway.voters.office import Office
from tests.unit.ranking.memory_database import store_table
from tests.unit.ranking.stories import DAY, END
from tests.unit.ranking.test_service import Office as RankingOffice
from tests.unit.submission import hosted
from tests.unit.submission.conftest import town  # noqa: F401 -- a fixture
from tests.unit.voting.persons import ANN, append, liked
from tests.unit.voting.test_service import KEYS, Bureau

# ruff: noqa: F811 -- fixtures of other tests

SECRET = {"words": "他们没有做这件事", "contact": "13900000000"}
FOREIGN_NUMBER = "A" * 16
Opened = Callable[[], tuple[str, Town]]


class Numbered(NamedTuple):
    """One kind of thing that a number opens: the routes that show it, and the number of one that nobody has."""

    part: str
    routes: tuple[str, ...]
    foreign: str
    unknown: str  # the problem code


NUMBERED = {
    "complaint": Numbered(
        "complaint", (f"GET {API}/complaints/{{complaint}}", "GET /complaints/{complaint}"), FOREIGN_NUMBER,
        "complaint-unknown",
    ),
    "objection": Numbered(
        "objection", (f"GET {API}/objections/{{objection}}", "GET /objections/{objection}"), FOREIGN_NUMBER,
        "objection-unknown",
    ),
    "certificate": Numbered(
        "certificate",
        (f"GET {API}/certificates/{{certificate}}", "GET /certificates/{certificate}",
         "GET /certificates/{certificate}.pdf"),
        FOREIGN_NUMBER, "certificate-unknown",
    ),
    "receipt": Numbered(
        "receipt", (f"GET {API}/receipts/{{receipt}}", "GET /receipts/{receipt}"), "0" * 32, "receipt-unknown"
    ),
    "ticket": Numbered("ticket", (f"GET {API}/likes/tickets/{{ticket}}",), "guessed", "ticket-unknown"),
}  # fmt: skip
HANDOFF = {
    f"GET {API}/handoffs/{{handoff}}", f"POST {API}/handoffs/{{handoff}}/session", "POST /handoffs/{handoff}",
    "GET /wechat/handoffs/{handoff}", "POST /wechat/handoffs/{handoff}",
}  # fmt: skip
LINK = {"GET /wechat/links/{link}", "POST /wechat/links/{link}"}
ROUTES_BY_NUMBER = {name for each in NUMBERED.values() for name in each.routes} | HANDOFF | LINK


def stripped(answer: httpx.Response) -> str:
    """Return the answer without the forms that a page has for those who are signed in, and what is said about them."""
    offered = r'<nav.*?</nav>|<footer.*?</footer>|<form.*?</form>|<p class="quiet">.*?</p>|\n'
    return re.sub(offered, "", answer.text, flags=re.DOTALL)


def open_complaint(town: hosted.Town) -> tuple[str, Town]:
    filed = town.ok("file_complaint", "gateway", "operator", kind="complaint", entry=None, **SECRET)
    return str(filed["complaint"]), ForwardingTown({"moderation"}, town.forward)


def open_objection(office: RankingOffice) -> tuple[str, Town]:
    office.call("fix_cohort")
    office.publish()
    filed = office.ok("file_objection", role="operator", entry=None, **SECRET)
    return str(filed["objection"]), _ranking(office)


def open_certificate(office: RankingOffice) -> tuple[str, Town]:
    office.call("fix_cohort")
    proposal = office.publish()
    until = office.ok("result")["notice_until"]
    store_table(office.service.log)
    office.ok("finalise_result", proposal=proposal, at=until)
    office.ok("issue_certificates", at=until, entries=None)
    return str(office.ok("certificates")["certificates"][0]["certificate"]), _ranking(office)


def _ranking(office: RankingOffice) -> Town:
    def reply(service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 -- as the port calls
        role = next(iter(call["roles"]), "voter")
        answer: dict[str, Any] = office.call(method, by=call["actor"], role=role, at=END + DAY, **call["body"])
        return answer

    return ForwardingTown({"ranking"}, reply)


def open_receipt() -> tuple[str, Town]:
    bureau = Bureau()
    append(bureau.ledger, "vote.0", [liked(ANN, "u1-1")])
    reply = lambda _, method, call: bureau.call(method, role="voter", **call["body"])  # noqa: E731 -- a port
    return receipt(KEYS.receipt, "vote.0/1/0"), ForwardingTown({"voting"}, reply)


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> tuple[str, Town]:
    """The number of one thing of the kind that the test is about, and the town whose service knows it."""
    kind = request.node.callspec.params["kind"]
    if kind == "complaint":
        return open_complaint(request.getfixturevalue("town"))
    if kind == "receipt":
        return open_receipt()
    if kind == "ticket":
        return "good", Town()
    return {"objection": open_objection, "certificate": open_certificate}[kind](RankingOffice())


@pytest.fixture
def visitor(tmp_path: Path, opened: tuple[str, Town]) -> Iterator[Visitor]:
    """A client of a gateway whose service of this kind is real."""
    visitor = Visitor(tmp_path / "gateway", town=opened[1])
    yield visitor
    visitor.close()


@pytest.mark.parametrize("kind", NUMBERED)
def test_number_shows_the_same_to_every_role_and_a_guess_shows_nothing(
    visitor: Visitor, opened: tuple[str, Town], kind: str, ownership: OwnershipCounts
):
    part, routes, foreign, unknown = NUMBERED[kind]
    enter_staff(visitor)
    for name in routes:
        shown = set()
        for role in EVERYBODY:
            headers = bearer(visitor, role)
            own = send(visitor, name, headers, {part: opened[0]})
            assert own.status_code == 200, (name, role, own.text)
            if not name.endswith(".pdf"):
                assert [each for each in SECRET.values() if each in own.text] == []
                shown.add(stripped(own))
            ownership.add(name, role, "own")
            other = send(visitor, name, headers, {part: foreign})
            assert (other.status_code, opened[0] in other.text) == (404, False), (name, role, other.text)
            if name.startswith(f"GET {API}"):
                assert code(other) == unknown
            ownership.add(name, role, "other")
        assert len(shown) <= 1, shown


def in_wechat(office: Office, voter: str) -> dict[str, str]:
    """Return the header of a voter's phone."""
    token, _ = office.app_context.sessions.issue(voter, frozenset({"voter"}), door="wechat")
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", EVERYBODY)
def test_handoff_is_of_the_browser_that_began_it_whatever_its_session(
    office: Office, role: str, ownership: OwnershipCounts
):
    desk, thief = office.browser("Chrome"), office.browser("Chrome")
    made = office.open("/api/v1/handoffs", "POST", browser=desk).json()["handoff"]
    office.open("/api/v1/handoffs", "POST", browser=thief)  # has a cookie, of another handoff
    office.open(f"/wechat/handoffs/{made}", "POST", headers=in_wechat(office, "a" * 24))
    state, session, page = f"/api/v1/handoffs/{made}", f"/api/v1/handoffs/{made}/session", f"/handoffs/{made}"
    addresses = (("GET", state), ("POST", session), ("POST", page))

    for browser in (thief, office.browser("Chrome")):
        for method, path in addresses:
            refused = office.open(path, method, browser=browser, headers=bearer(office, role))
            goes_on = path == page and role == "voter"  # is signed in already, by another session
            assert refused.status_code == (303 if goes_on else 403), (path, refused.text)
            assert "set-cookie" not in refused.headers
            ownership.add(f"{method} {path.replace(made, '{handoff}')}", role, "other")

    for method, path in addresses[:2]:
        own = office.open(path, method, browser=desk, headers=bearer(office, role))
        assert own.status_code < 300, own.text
        ownership.add(f"{method} {path.replace(made, '{handoff}')}", role, "own")


def test_handoff_that_a_voter_confirmed_is_no_other_voter_s(office: Office, ownership: OwnershipCounts):
    made = office.open("/api/v1/handoffs", "POST", browser=office.browser("Chrome")).json()["handoff"]
    ann, ben = in_wechat(office, "a" * 24), in_wechat(office, "b" * 24)
    path = f"/wechat/handoffs/{made}"
    enter_staff(office)
    for role in sorted(ROLES - {"voter"}):
        for method in ("GET", "POST"):
            assert office.open(path, method, headers=bearer(office, role)).status_code == 403, role
            ownership.add(f"{method} /wechat/handoffs/{{handoff}}", role, "another role")

    for method in ("GET", "POST"):
        assert office.open(path, method, headers=ann).status_code in (200, 303)
        ownership.add(f"{method} /wechat/handoffs/{{handoff}}", "voter", "own")
    assert office.open(path, "POST", headers=ben).status_code == 409
    ownership.add("POST /wechat/handoffs/{handoff}", "voter", "other")
    assert office.voting.handoffs == {made: "a" * 24}


def test_chat_s_link_links_no_second_voter(office: Office, ownership: OwnershipCounts):
    name = office.voter("o-ann")
    link = signed_links.make_link(office.app_context.keys.session, name, now_s=office.app_context.wall() // 1000)
    path = f"/wechat/links/{link}"
    enter_staff(office)
    for role in sorted(ROLES - {"voter"}):
        for method in ("GET", "POST"):
            assert office.open(path, method, headers=bearer(office, role)).status_code == 403, role
            ownership.add(f"{method} /wechat/links/{{link}}", role, "another role")

    ann, ben = in_wechat(office, "a" * 24), in_wechat(office, "b" * 24)
    for method in ("GET", "POST"):
        assert office.open(path, method, headers=ann).status_code in (200, 303)
        ownership.add(f"{method} /wechat/links/{{link}}", "voter", "own")
    office.open(path, "POST", headers=ben)  # goes on to the entry, and links nothing
    assert office.voting.links == {name: "a" * 24}
    ownership.add("POST /wechat/links/{link}", "voter", "other")
    for method in ("GET", "POST"):
        guessed = office.open(f"/wechat/links/{link[:-1]}_", method, headers=ben)
        assert guessed.status_code in (404, 410), guessed.text
        ownership.add(f"{method} /wechat/links/{{link}}", "voter", "other")
    assert office.voting.links == {name: "a" * 24}
