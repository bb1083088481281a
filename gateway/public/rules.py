"""The published rules: in plain words with a worked example, and every version of the locked rule set.

Promises: the words are generated from the rules in force, whose hash is given. Every later version is listed beside the
earlier ones, with its reason and its changes.
Does not promise that the hash covers these words: it covers the rule set.
"""

from typing import Any

from starlette.responses import Response

from gateway.html.page import cacheable_page, page, render
from gateway.http import response_schemas, responses
from gateway.http.response_cache import etag_of
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route
from gateway.routing.service_calls import LOOK_UP_PROBLEMS, look_up


async def rule_sheet(app: AppContext, context: RequestContext) -> Response:
    """Return the rules in force in plain words, and all locked versions, as JSON. Raises Problem."""
    return responses.read(context.request, await _rule_sheet(app, context), public=True)


async def rules_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page of the rules in force in plain words, with all locked versions. Raises Problem."""
    sheet, campaign = await _rule_sheet(app, context), app.views.data("campaign")
    body = render("public/rules.html", context, path="/rules", campaign=campaign, **sheet)
    return cacheable_page(context, body, etag=etag_of(body))


async def _rule_sheet(app: AppContext, context: RequestContext) -> dict[str, Any]:
    """Return the rules in force in plain words, and the locked versions without the names of staff."""
    sheet = await look_up(app, context, "ranking", "rule_sheet", {})
    rules = await look_up(app, context, "moderation", "rules", {})
    versions = [{name: value for name, value in each.items() if name != "by"} for each in rules["versions"]]
    return {**sheet, "versions": versions}


ROUTES = (
    Route(
        method="GET",
        path="/campaign/rules/sheet",
        roles=ANYONE,
        about="Get the rules in plain words with a worked example, and every locked version",
        handle=rule_sheet,
        answer=response_schemas.RuleSheet,
        problems=("campaign-not-open", *LOOK_UP_PROBLEMS),
    ),
    Route(
        method="GET",
        path="/rules",
        base="",
        roles=ANYONE,
        about="Rules in plain words",
        raw=page(rules_page),
    ),
)
