"""Explanations of places, recounts and saved scenarios.

Organisers and auditors get them from ranking for any moment; the public gets explanations of the published result.

Promises: before publication, only those who may read the whole ranking get an explanation. The public explanation is
that of the published result, names no entry that may not be shown, and is computed once for each entry and result:
those who ask at the same time share one call, and few calls run at once.
"""

from typing import Any

import orjson
from starlette.responses import Response

from gateway.html.page import cacheable_page, page, render
from gateway.http import list_pages, request_schemas, response_schemas, responses
from gateway.http.problems import Problem
from gateway.http.response_cache import CachedResponse
from gateway.load.shedding import Shed
from gateway.public.leaderboards import published_result
from gateway.routing.context import AppContext
from gateway.routing.route import (
    ANYONE,
    AUDITOR,
    OPERATOR,
    ORGANISER,
    RequestContext,
    Route,
    codes,
)
from gateway.routing.service_calls import LONG_S, call_service, forward
from gateway.staff.conflicts import is_conflicted, unconflicted

ANALYSTS = frozenset({ORGANISER, AUDITOR})
READERS = ANALYSTS | {OPERATOR}
RECOUNT_BYTES = 1 << 20  # 20,000 like addresses
RECOUNT_PROBLEMS = codes(
    "campaign-not-open marks-missing entry-not-ranked judge-unknown like-unknown day-unknown rule-unreadable"
    " cut-unknown"
)


async def explanation(app: AppContext, context: RequestContext) -> Response:
    """Return why an entry has its place: for staff at any moment, for others in the published result.

    Raises Problem.
    """
    if context.session is not None and context.session.roles & READERS and not is_conflicted(app, context):
        body = {"entry": context.path["entry"], **context.query}
        return responses.read(
            context.request, await call_service(app, context, "ranking", "explanation", body, deadline_s=LONG_S)
        )
    if context.query:
        raise Problem("role-missing")  # the public may not choose another moment than the publication
    cached = await _published_explanation(app, context, context.path["entry"])
    return responses.conditional(context.request, cached.body, cached.etag, public=True)


async def why_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page that explains to anyone why an entry has its place in the published result. Raises Problem."""
    name = context.path["number"]
    cached = await _published_explanation(app, context, name)
    seen, result = app.views.data("entries")["entries"][app.views.entry(name)], published_result(app.views)
    body = render(
        "staff/explain.html",
        context,
        path=f"/entries/{name}/why",
        complaint_about=name,
        title=seen["title"],
        unit=seen["unit"],
        number=name,
        is_final=bool(result.get("is_final")),
        outdated=bool(result.get("outdated")),
        why=orjson.loads(cached.body),
    )
    return cacheable_page(context, body)


async def _published_explanation(app: AppContext, context: RequestContext, name: str) -> CachedResponse:
    """Return the public explanation of an entry, cached until the result or the visible entries change.

    Raises Problem.
    """
    result, entries = app.views.view("result"), app.views.view("entries")
    if not result.data.get("published"):
        raise Problem("result-not-published")
    found = app.views.entry(name)
    if found is None:
        raise app.views.unseen_entry(name)
    sources = result.digest, entries.digest
    last = app.explanations.last(found)
    if last is not None and last[0].sources == sources:
        return last[0]
    if app.unranked.get(found) == sources:
        raise Problem("entry-not-ranked")
    app.shedding.refuse(Shed.CHART)

    async def explain() -> CachedResponse:
        try:
            async with app.explaining:
                whole = await call_service(app, context, "ranking", "explanation", {"entry": found}, deadline_s=LONG_S)
        except Problem as problem:
            if problem.code == "entry-not-ranked":
                app.unranked[found] = sources
            raise
        shown = _public_explanation(whole, entries.data.get("entries", {}))
        return app.explanations.get(found, sources, lambda: orjson.dumps(shown))

    return await app.explanation_calls.run((found, sources), explain)


def _public_explanation(whole: dict[str, Any], visible: dict[str, Any]) -> dict[str, Any]:
    """Name the neighbours by number and title if they may be shown, and replace their entry ids."""
    ties = {}
    for side, other in whole["ties"].items():
        if other is not None:
            seen = visible.get(other["entry"])
            named = {"number": seen["number"], "title": seen["title"]} if seen else {"number": None, "title": ""}
            other = {**{name: each for name, each in other.items() if name != "entry"}, **named}
        ties[side] = other
    return {**whole, "ties": ties}


ROUTES = (
    Route(
        method="GET",
        path="/entries/{entry}/explanation",
        roles=ANYONE,
        about="Explain an entry's place in the published result; for staff, at any moment",
        handle=explanation,
        query=request_schemas.Moment,
        answer=response_schemas.Explanation,
        problems=codes(
            "result-not-published entry-unknown entry-not-ranked role-missing marks-missing campaign-not-open shed busy"
        ),
        shed=Shed.CHART,
    ),
    Route(
        method="POST",
        path="/recounts",
        roles=ANALYSTS,
        about="Recount without some judges, entries or likes, or by other rules; unofficial, stores nothing",
        handle=unconflicted(forward("ranking", "recount", deadline_s=LONG_S)),
        body=request_schemas.Recount,
        answer=response_schemas.Recount,
        problems=RECOUNT_PROBLEMS,
        limit_bytes=RECOUNT_BYTES,
    ),
    Route(
        method="POST",
        path="/scenarios",
        roles=ANALYSTS,
        about="Save a recount under a name, with a reason; unofficial",
        handle=unconflicted(forward("ranking", "save_scenario", deadline_s=LONG_S)),
        command=True,
        body=request_schemas.SaveScenario,
        answer=response_schemas.ScenarioSaved,
        problems=(*RECOUNT_PROBLEMS, "scenario-exists", "scenarios-full"),
        limit_bytes=RECOUNT_BYTES,
    ),
    Route(
        method="GET",
        path="/scenarios",
        roles=ANALYSTS,
        about="List the saved scenarios",
        handle=unconflicted(forward("ranking", "scenarios", page=list_pages.SCENARIOS)),
        query=request_schemas.ListPage,
        answer=response_schemas.Scenarios,
        problems=list_pages.PROBLEMS,
    ),
    Route(
        method="GET",
        path="/scenarios/{scenario}",
        roles=ANALYSTS,
        about="Recompute a scenario at its cut, and tell whether it gives the same",
        handle=unconflicted(forward("ranking", "scenario", deadline_s=LONG_S)),
        answer=response_schemas.ScenarioAgain,
        problems=("scenario-unknown", *RECOUNT_PROBLEMS),
    ),
    Route(
        method="GET",
        path="/entries/{number}/why",
        base="",
        roles=ANYONE,
        about="Page that explains an entry's place in the published result",
        raw=page(why_page),
    ),
)
