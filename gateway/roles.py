"""The one table of routes.

Promises: what is not in the table does not exist, and a route lets in the roles that it names and nobody else
(`guard.py`). The router, the OpenAPI document and the test of every role on every route are all made from this table.
"""

from gateway import (
    analysis,
    boards,
    complaints,
    entry_page,
    exhibition,
    feeds,
    home,
    judging,
    moderation,
    notice,
    objections,
    organiser,
    public,
    ranking,
    rehearsal,
    rules,
    session_routes,
    unit,
    voter,
)
from gateway.admission import issuing
from gateway.certificates import routes as certificates
from gateway.doors import api, handoff, linking, mine, push, signin
from gateway.packs import routes as packs
from gateway.route import Route

ROUTES: tuple[Route, ...] = (
    *voter.ROUTES,  # first: the router looks from the top, and likes are most of what comes
    *issuing.ROUTES,
    *push.ROUTES,
    *boards.ROUTES,
    *public.ROUTES,
    *exhibition.ROUTES,
    *feeds.ROUTES,
    *packs.ROUTES,
    *session_routes.ROUTES,
    *unit.ROUTES,
    *moderation.ROUTES,
    *judging.ROUTES,
    *organiser.ROUTES,
    *ranking.ROUTES,
    *analysis.ROUTES,
    *rehearsal.ROUTES,
    *rules.ROUTES,
    *complaints.ROUTES,
    *notice.ROUTES,
    *objections.ROUTES,
    *certificates.ROUTES,
    *home.ROUTES,
    *entry_page.ROUTES,
    *signin.ROUTES,
    *linking.ROUTES,
    *handoff.ROUTES,
    *mine.ROUTES,
    *api.ROUTES,
)
