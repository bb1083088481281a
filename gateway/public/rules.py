"""The rules for everybody: in plain words with a worked example, and every version of the locked rule set.

Promises: what stands here is made by the rules in force, whose hash it names; a later version stands beside those
before, with its reason and what it changed. Does not promise that a hash is of these words: it is of the rule set.
"""

from typing import Any

from starlette.responses import Response

from gateway.html.page import kept_page, page, render
from gateway.http import response_schemas as told
from gateway.http import responses
from gateway.http.response_cache import etag_of
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import ask_service


async def sheet(app: AppContext, context: RequestContext) -> Response:
    return responses.read(context.request, await _told(app, context), public=True)


async def rules_page(app: AppContext, context: RequestContext) -> Response:
    body = render("public/rules.html", context, path="/rules", **await _told(app, context))
    return kept_page(context, body, etag=etag_of(body))


async def _told(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """The sheet of the rules in force, and the versions that are locked."""
    words = await ask_service(app, context, "ranking", "rule_sheet", {})
    rules = await ask_service(app, context, "moderation", "rules", {})
    versions = [{name: value for name, value in each.items() if name != "by"} for each in rules["versions"]]
    return {**words, "versions": versions}


ROUTES = (
    Route(
        method="GET",
        path="/campaign/rules/sheet",
        roles=ANYONE,
        about="The rules in plain words with a worked example, and every locked version",
        handle=sheet,
        answer=told.RuleSheet,
        problems=("campaign-not-open",),
    ),
    Route(
        method="GET",
        path="/rules",
        base="",
        roles=ANYONE,
        about="The rules in plain words",
        raw=page(rules_page),
    ),
)
