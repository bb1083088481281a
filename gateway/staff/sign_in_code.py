"""The pages on which a judge signs in by a code that comes as a short message: the account, then the code.

Promises: the pages answer alike for every account, whether it gets a code or not. A code serves the browser that asked
for it alone, by a cookie; without scripts too. Who may sign in so, moderation says (`account_rpc.py` there).
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from gateway.html import page as pages
from gateway.html import sign_in as leads
from gateway.html.page import page
from gateway.html.sign_in import DESK_SIGN_IN
from gateway.http.client_signals import family, network
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.http.sessions import LIFE_MS
from gateway.routing import security_events
from gateway.routing.authorize import refuse_other_networks
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.staff.sign_in import issue
from shared.names import comparable_code

PATH = f"{DESK_SIGN_IN}/code"
COOKIE, SECURE_COOKIE = "baijia_code", "__Secure-baijia_code"
LIFE_S = 300
MOST_CHARS = 100


async def form(app: AppContext, context: RequestContext) -> Response:
    """Return the page that asks for the account, or for the code if this browser has asked for one. Raise Problem."""
    refuse_other_networks(app, context.request)
    asks_anew = "new" in context.request.query_params
    return _page(context, {}, asks_code=bool(_request_name(context.request)) and not asks_anew)


async def send(app: AppContext, context: RequestContext) -> Response:
    """Have a code sent to the account that was typed, or sign in by the code. Raise Problem."""
    refuse_other_networks(app, context.request)
    sent = await read_form(context.request)
    is_code = sent.get("do") == "enter"
    try:
        return await (_enter if is_code else _request)(app, context, sent)
    except Problem as problem:
        if problem.status >= 500:
            raise
        named = {"staff": sent.get("staff", "").strip()}
        security_events.record_problem(app, context.route, context.request, problem, context.id, named)
        response = _page(context, sent, asks_code=is_code, problem=problem)
        response.status_code = problem.status
        return response


async def _request(app: AppContext, context: RequestContext, sent: dict[str, str]) -> Response:
    staff = sent.get("staff", "").strip()[:MOST_CHARS]
    if not staff:
        raise Problem("invalid", errors={"staff": ["required"]})
    app.sign_in_limits.count_code(network(context.request))
    made = await call_service(app, context, "moderation", "request_sign_in_code", {"staff": staff})
    response = pages.redirect(pages.with_query(PATH, {"to": leads.next_path(sent, DESK_SIGN_IN)}))
    _set_cookie(response, context.request, f"{made['request']}.{quote(comparable_code(staff))}", max_age_s=LIFE_S)
    return response


async def _enter(app: AppContext, context: RequestContext, sent: dict[str, str]) -> Response:
    name, _, account = _request_name(context.request).partition(".")
    code = sent.get("code", "").strip()
    if not code:
        raise Problem("invalid", errors={"code": ["required"]})
    if not name:
        raise Problem("sign-in-code-refused", field="code")
    agent = family(context.request.headers.get("user-agent", "").encode())
    body = {"request": name, "code": code[:20], "agent": f"{agent}, SMS", "life_ms": LIFE_MS["staff"]}
    async with app.sign_in_limits.attempt(f"moderation {account}", network(context.request)):
        known = await call_service(app, context, "moderation", "login_by_code", body)
    sub, roles = known["staff"], frozenset(known["roles"])
    app.roster.update(sub, roles)
    app.roster.read_again()
    opened = issue(app, known, sub=sub, roles=roles, account=f"moderation {account}")
    security_events.record_event(app, "signed-in", context, {"staff": sub})
    response = pages.redirect(leads.landing_path(leads.next_path(sent, DESK_SIGN_IN), opened.session))
    opened.set_cookies(app, context, response)
    _set_cookie(response, context.request, "", max_age_s=0)
    return response


def _page(
    context: RequestContext, sent: dict[str, str], *, asks_code: bool, problem: Problem | None = None
) -> Response:
    to = leads.next_path(sent or context.request.query_params, DESK_SIGN_IN)
    body = pages.render(
        "staff/sign_in_code.html",
        context,
        path=pages.with_query(PATH, {"to": to}),
        to=to,
        again=pages.with_query(PATH, {"new": "1", "to": to}),
        asks_code=asks_code,
        staff=sent.get("staff", ""),
        errors={} if problem is None else pages.field_errors(problem, context.lang, zone=context.zone),
    )
    return pages.private_page(context, body)


def _request_name(request: Request) -> str:
    secure = request.scope["scheme"] == "https"
    return request.cookies.get(SECURE_COOKIE if secure else COOKIE, "")[:200]


def _set_cookie(response: Response, request: Request, value: str, *, max_age_s: int) -> None:
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE, value, max_age=max_age_s, path=PATH, secure=secure, httponly=True,
        samesite="strict",
    )  # fmt: skip


ROUTES = (
    Route(
        method="GET", path=PATH, base="", roles=ANYONE, about="Sign-in of judges by a code in a short message",
        raw=page(form),
    ),
    Route(
        method="POST", path=PATH, base="", roles=ANYONE,
        about="Have a code sent to a judge's own number, or sign in by it, by form", raw=page(send),
    ),
)  # fmt: skip
