"""The start page of organisers: the campaign as a checklist of phases, and what whoever is signed in can do now.

Promises: every line is built from what the services answer now; a service that does not answer leaves its lines
unknown, and the rest stands.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.html import page as pages
from gateway.html.page import page
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from gateway.routing.service_calls import LONG_S, call_service
from gateway.staff import checklist
from gateway.staff.organiser_forms import HOME, READERS, TABS

#: What the checklist asks, by the name in its facts: service, method and body.
QUESTIONS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "staff": ("moderation", "staff", {}),
    "roll": ("submission", "roll_counts", {}),
    "rehearsed": ("moderation", "rehearsed_rules", {}),
    "queue": ("moderation", "queue", {"limit": 1}),
    "work": ("moderation", "work", {"limit": 1}),
    "complaints": ("moderation", "complaints", {"limit": 1}),
    "judging": ("scoring", "progress", {}),
    "result": ("ranking", "result", {}),
    "awaited": ("ranking", "awaited_final", {}),
    "certificates": ("ranking", "certificates", {}),
}


async def home(app: AppContext, context: RequestContext) -> Response:
    """Return the checklist. Raises Problem if moderation does not answer."""
    campaign, facts = await asyncio.gather(
        call_service(app, context, "moderation", "campaign", {}), _answers(app, context)
    )
    phases = checklist.checklist(
        checklist.Facts(
            context.at,
            campaign,
            app.views.data("campaign"),
            exhibited=bool(app.views.data("exhibition").get("open")),
            **facts,
        )
    )
    return await pages.desk_page(
        app,
        context,
        "staff/organiser/home.html",
        path=HOME,
        tab="",
        tabs=TABS,
        phases=phases,
        mine=checklist.open_steps(phases, checklist.ORGANISERS),
        known_paths=known_paths(context),
    )


def known_paths(context: RequestContext) -> frozenset[str]:
    """Return the paths of all pages, so that no line leads to a page that this version does not have."""
    return frozenset(str(getattr(route, "path", "")) for route in context.request.app.routes)


async def _answers(app: AppContext, context: RequestContext) -> dict[str, Any]:
    found = await asyncio.gather(*(_answer(app, context, *each) for each in QUESTIONS.values()))
    return dict(zip(QUESTIONS, found, strict=True))


async def _answer(
    app: AppContext, context: RequestContext, service: str, method: str, body: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what a service answers, or None if it refuses or is away."""
    try:
        return await call_service(app, context, service, method, body, deadline_s=LONG_S)
    except Problem:
        return None


ROUTES = (
    Route(
        method="GET",
        path=HOME,
        base="",
        roles=READERS,
        about="Checklist of the campaign's phases",
        raw=page(home),
    ),
)
