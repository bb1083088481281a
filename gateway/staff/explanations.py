"""Why, what if, and the scenarios that were kept: ranking's answers for organiser and auditor, and for the public the
reasons of the published result.

Promises: before publication nobody but who may read the whole ranking gets an explanation; what the public gets is of
the published result, names no entry that may not be seen, and is worked out once for each entry and result.
"""

from typing import Any

import orjson
from starlette.responses import Response

from gateway.html.page import kept_page, page, render
from gateway.http import request_schemas, responses
from gateway.http import response_schemas as told
from gateway.http.problems import Problem
from gateway.http.response_cache import CachedResponse
from gateway.load.shedding import Shed
from gateway.public.leaderboards import published
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
from gateway.routing.service_calls import LONG_S, ask_service, forward

ANALYSTS = frozenset({ORGANISER, AUDITOR})
READERS = ANALYSTS | {OPERATOR}
RECOUNT_BYTES = 1 << 20  # 20,000 addresses of likes
RECOUNT_PROBLEMS = codes(
    "campaign-not-open marks-missing entry-not-ranked judge-unknown like-unknown day-unknown rule-unreadable"
    " cut-unknown"
)


async def explanation(app: AppContext, context: RequestContext) -> Response:
    if context.session is not None and context.session.roles & READERS:
        body = {"entry": context.path["entry"], **context.query}
        return responses.read(
            context.request, await ask_service(app, context, "ranking", "explanation", body, deadline_s=LONG_S)
        )
    if context.query:
        raise Problem("role-missing")  # another moment than the published one
    kept = await _published(app, context, context.path["entry"])
    return responses.known(context.request, kept.body, kept.etag, public=True)


async def why(app: AppContext, context: RequestContext) -> Response:
    """The page."""
    name = context.path["number"]
    kept = await _published(app, context, name)
    seen, result = app.views.data("entries")["entries"][app.views.entry(name)], published(app.views)
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
        why=orjson.loads(kept.body),
    )
    return kept_page(context, body)


async def _published(app: AppContext, context: RequestContext, name: str) -> CachedResponse:
    """The explanation that everybody may read, kept until the result or what may be seen changes. Raises Problem."""
    result, entries = app.views.view("result"), app.views.view("entries")
    if not result.data.get("published"):
        raise Problem("result-not-published")
    found = app.views.entry(name)
    if found is None:
        raise Problem("entry-unknown", field="entry")
    made_of = result.mark, entries.mark
    last = app.explanations.last(found)
    if last is not None and last[0].made_of == made_of:
        return last[0]
    app.shedding.refuse(Shed.CHART)
    whole = await ask_service(app, context, "ranking", "explanation", {"entry": found}, deadline_s=LONG_S)
    shown = _shown(whole, entries.data.get("entries", {}))
    return app.explanations.get(found, made_of, lambda: orjson.dumps(shown))


def _shown(whole: dict[str, Any], visible: dict[str, Any]) -> dict[str, Any]:
    """Neighbours by number and title, where they may be seen."""
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
        about="Why an entry stands where it does: of the published result, for organiser and auditor of any moment",
        handle=explanation,
        query=request_schemas.Moment,
        answer=told.Explanation,
        problems=codes(
            "result-not-published entry-unknown entry-not-ranked role-missing marks-missing campaign-not-open shed"
        ),
        shed=Shed.CHART,
    ),
    Route(
        method="POST",
        path="/recounts",
        roles=ANALYSTS,
        about="What if: the ranking without judges, entries or likes, or by other rules. Unofficial, writes nothing",
        handle=forward("ranking", "recount", deadline_s=LONG_S),
        body=request_schemas.Recount,
        answer=told.Recount,
        problems=RECOUNT_PROBLEMS,
        limit_bytes=RECOUNT_BYTES,
    ),
    Route(
        method="POST",
        path="/scenarios",
        roles=ANALYSTS,
        about="Keep a recount under a name, with a reason. Unofficial",
        handle=forward("ranking", "save_scenario", deadline_s=LONG_S),
        command=True,
        body=request_schemas.SaveScenario,
        answer=told.ScenarioSaved,
        problems=(*RECOUNT_PROBLEMS, "scenario-exists", "scenarios-full"),
        limit_bytes=RECOUNT_BYTES,
    ),
    Route(
        method="GET",
        path="/scenarios",
        roles=ANALYSTS,
        about="The scenarios that were kept",
        handle=forward("ranking", "scenarios"),
        answer=told.Scenarios,
    ),
    Route(
        method="GET",
        path="/scenarios/{scenario}",
        roles=ANALYSTS,
        about="A scenario worked out once more at its cut, and whether the same came of it",
        handle=forward("ranking", "scenario", deadline_s=LONG_S),
        answer=told.ScenarioAgain,
        problems=("scenario-unknown", *RECOUNT_PROBLEMS),
    ),
    Route(
        method="GET",
        path="/entries/{number}/why",
        base="",
        roles=ANYONE,
        about="Why an entry stands where it does",
        raw=page(why),
    ),
)
