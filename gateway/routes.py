"""Table of all routes of the gateway.

Promises: a route exists only if it is in the table, and admits only the roles that it names (`routing/authorize.py`).
The router, the OpenAPI document and the test of every role on every route are all built from this table.
"""

from gateway.media_packs import routes as packs
from gateway.public import (
    certificates,
    complaints,
    entries,
    entry_page,
    exhibition,
    feeds,
    home,
    leaderboards,
    media,
    notice,
    objections,
    rules,
)
from gateway.routing.route import Route
from gateway.staff import (
    explanations,
    judging,
    moderation,
    organiser,
    passwords,
    rehearsal_voters,
    result,
    sign_in,
    sign_in_pages,
)
from gateway.units import drafts, uploads
from gateway.units import entries as unit
from gateway.voters import (
    desktop_handoff,
    likes,
    my_pages,
    tickets,
    wechat_account_link,
    wechat_callback,
    wechat_sign_in,
    wechat_web_api,
)

ROUTES: tuple[Route, ...] = (
    *likes.ROUTES,  # first, since the router searches from the top and most requests are likes
    *tickets.ROUTES,
    *wechat_callback.ROUTES,
    *leaderboards.ROUTES,
    *entries.ROUTES,
    *media.ROUTES,
    *exhibition.ROUTES,
    *feeds.ROUTES,
    *packs.ROUTES,
    *sign_in.ROUTES,
    *sign_in_pages.ROUTES,
    *passwords.ROUTES,
    *unit.ROUTES,
    *drafts.ROUTES,
    *uploads.ROUTES,
    *moderation.ROUTES,
    *judging.ROUTES,
    *organiser.ROUTES,
    *result.ROUTES,
    *explanations.ROUTES,
    *rehearsal_voters.ROUTES,
    *rules.ROUTES,
    *complaints.ROUTES,
    *notice.ROUTES,
    *objections.ROUTES,
    *certificates.ROUTES,
    *home.ROUTES,
    *entry_page.ROUTES,
    *wechat_sign_in.ROUTES,
    *wechat_account_link.ROUTES,
    *desktop_handoff.ROUTES,
    *my_pages.ROUTES,
    *wechat_web_api.ROUTES,
)
