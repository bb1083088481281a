"""Step-up: routes that sign, disqualify, void or release ask again for the password or a code.

Such a route is declared with `step_up=True`. The API answers `step-up-needed` until the request brings a proof, which
`POST /my/step-up` gives; a page asks, and goes on with the form that was sent (`html/step_up.py`).
"""

from typing import Any

from gateway.http.client_signals import network
from gateway.http.problems import Problem
from gateway.http.sessions import Session
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from gateway.routing.service_calls import call_as_gateway, call_service
from shared.step_up_proofs import LIFE_MS

PASSWORD, CODE = "password", "code"
#: RFC 9470: the session is good, and its authentication is not recent enough for this request.
CHALLENGE = f'Bearer error="insufficient_user_authentication", max_age="{LIFE_MS // 1000}"'


async def require_proof(app: AppContext, route: Route, session: Session | None, headers: Any, *, scheme: str) -> None:
    """Raise Problem `step-up-needed` if the route asks for a proof and the request brings none."""
    if route.step_up and not (session is not None and app.step_up.is_proved(session, headers, scheme=scheme)):
        raise step_up_needed(await needed_of(app, session.sub if session is not None else ""))


def step_up_needed(needs: str) -> Problem:
    """Return the problem that asks for a proof; `needs` is PASSWORD or CODE."""
    return Problem("step-up-needed", facts={"needs": needs}, headers={"WWW-Authenticate": CHALLENGE})


async def needed_of(app: AppContext, staff: str) -> str:
    """Return what this person proves anew with: PASSWORD, or CODE once an authenticator is set up. Raises Problem."""
    found = await call_as_gateway(app, "moderation", "step_up_needs", {"staff": staff})
    return CODE if found.get("needs") == CODE else PASSWORD


async def prove(app: AppContext, context: RequestContext, body: dict[str, Any]) -> dict[str, Any]:
    """Have moderation verify the password or code in the body, and return the proof and until when it holds.

    A wrong one counts as a failed sign-in. Raises Problem.
    """
    session = context.session
    assert session is not None  # the routes are not open
    account = f"moderation {context.actor}"
    device = app.known_devices.device(context.request, account)
    async with app.sign_in_limits.attempt(account, network(context.request), device=device):
        return await call_service(app, context, "moderation", "prove_again", {**body, "session": session.id})
