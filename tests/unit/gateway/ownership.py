"""Route × role × own or other: the real services behind a gateway, and the counts of what was tried.

`test_ownership.py` has the entries and sheets, `test_ownership_by_number.py` what a number, link, ticket or cookie
opens, and `test_ownership_of_accounts.py` sessions, passwords, files and likes. Run them with `-s` to read the counts.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from gateway.routes import ROUTES
from gateway.routing.route import API, ROLES, Route
from tests.unit.gateway.town import Answer, Town, Visitor

EVERYBODY = ("", *sorted(ROLES))  # "": without a session
NAMED = {route.name: route for route in ROUTES}
#: Routes of one thing that belongs to the campaign: everybody who has the role may read or change it, whoever made it.
OF_THE_CAMPAIGN = frozenset(
    {
        "GET /theme/{file}",
        *(f"GET {API}/entries/{{entry}}{more}" for more in ("", "/explanation")),
        f"GET {API}/result/without/{{entry}}",
        f"GET {API}/judging/entries/{{entry}}/marks",
        f"GET {API}/moderation/entries/{{entry}}",
        f"GET {API}/moderation/entries/{{entry}}/link",
        f"POST {API}/my/links/preview",  # of an address that is nobody's
        *(
            f"POST {API}/moderation/entries/{{entry}}/{act}"
            for act in (
                "claim", "approval", "return", "rejection", "freeze", "unfreeze", "disqualification", "unit-name",
                "type", "disqualification/confirmation", "second-opinion", "flags", "undo", "type-correction",
            )
        ),
        f"DELETE {API}/moderation/entries/{{entry}}/flags/{{flag}}",
        f"POST {API}/moderation/bulk/{{bulk}}/undo",
        f"POST {API}/judging/entries/{{entry}}/recusal",  # a judge may declare a conflict with any entry
        f"POST {API}/judges/{{judge}}/reassignment",
        f"DELETE {API}/cadres/{{cadre}}",
        f"POST {API}/staff/changes/{{change}}/confirmation",  # by another organiser than the one who asked for it
        f"POST {API}/exhibition/{{entry}}/take-down",
        f"POST {API}/moderation/complaints/{{complaint}}/answer",
        *(f"POST {API}/question-desk/{{question}}/{act}" for act in ("claim", "answer", "removal", "letters")),
        f"POST {API}/stock-answers/{{stock}}/removal",
        f"POST {API}/result/objections/{{objection}}/decision",
        f"POST {API}/certificates/{{certificate}}/revocation",
        f"GET {API}/scenarios/{{scenario}}",
        *(f"GET {API}/changes/{{changes}}{more}" for more in ("", "/preview")),
        *(f"POST {API}/changes/{{changes}}/{act}" for act in ("application", "drop")),
        f"POST {API}/campaign/outages/{{outage}}/revocation",
        f"POST {API}/signal-openings/{{opening}}/decision",  # by another person than the one who asked
        "GET /analysis/entries/{entry}",
        "GET /analysis/entries/{entry}/explanation.zip",
        "GET /analysis/export/{file}",
        "GET /analysis/scenarios/{scenario}",
        "GET /organiser/changes/{changes}",
        *(f"POST /organiser/changes/{{changes}}/{act}" for act in ("apply", "drop")),
        "POST /organiser/outage/{outage}/revocation",
        "POST /desk/moderation/entries/{entry}",
        "GET /desk/moderation/entries/{entry}/versions",
        "POST /desk/moderation/bulk/{bulk}/undo",
        "GET /desk/moderation/entries/{entry}/beside/{other}",
        "GET /exhibition/{entry}/packs/{channel}.zip",
        "GET /entries/{number}",
        "GET /entries/{number}/why",
        "GET /entries/{number}/captions/{sha256}",
        "GET /desk/moderation/entries/{entry}/captions/{sha256}",
    }
)  # fmt: skip


class OwnershipCounts:
    """How often each route was tried by each role, on what is its own and on what is another's."""

    def __init__(self) -> None:
        self.routes: set[str] = set()
        self.roles: set[str] = set()
        self.cases: Counter[str] = Counter()

    def add(self, route: str, role: str, case: str) -> None:
        """Count one request: `case` is `own`, `other`, or `another role` for a role that the route does not name."""
        self.routes.add(NAMED[route].name)  # an unknown name fails the test
        self.roles.add(role)
        self.cases[case] += 1

    def __str__(self) -> str:
        cases = ", ".join(f"{count} {case}" for case, count in sorted(self.cases.items()))
        return f"ownership: {len(self.routes)} routes x {len(self.roles)} roles, {self.cases.total()} requests: {cases}"


class ForwardingTown(Town):
    """A town in which some services are real. Sessions and the list of staff are not, unless `accounts` says so."""

    def __init__(
        self, services: set[str], reply: Callable[[str, str, dict[str, Any]], Answer], *, accounts: bool = False
    ) -> None:
        super().__init__()
        self._services, self._reply = services, reply
        self._invented = {"staff"} if accounts else {"staff", "use_session"}

    async def call(self, service: str, method: str, call: dict[str, Any]) -> Answer:
        if service not in self._services or method in self._invented:
            return await super().call(service, method, call)
        self.calls.append((service, method, call))
        return self._reply(service, method, call)


def enter_staff(visitor: Visitor) -> None:
    """Enter one person of each role into the list of staff, before the gateway reads it for the first time."""
    for role in ROLES:
        visitor.token(role)


def bearer(visitor: Visitor, role: str, *, sub: str = "", session: str = "") -> dict[str, str]:
    """Return the header of somebody with this role, with the stored session `session` if it is given."""
    if not role:
        return {}
    token = visitor.token(role, sub=sub)  # enters staff into the list too
    if session:
        token, _ = visitor.app_context.sessions.issue(sub, frozenset({role}), name="李", id=session)
    return {"Authorization": f"Bearer {token}"}


def send(visitor: Visitor, name: str, headers: dict[str, str], parts: dict[str, str], **more: Any) -> httpx.Response:
    """Send a request to the route of this name, with `parts` in its path."""
    route: Route = NAMED[name]
    path = route.base + route.path
    for part, value in parts.items():
        path = path.replace(f"{{{part}}}", value)
    query = more.pop("query", "")
    return visitor.request(route.method, path + query, plain=True, headers=headers, **more)
