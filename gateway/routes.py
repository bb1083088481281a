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
    site_files,
)
from gateway.routing.route import Route
from gateway.staff import (
    bulk_desk,
    complaint_desk,
    explanations,
    judging,
    moderation,
    moderation_desk,
    organiser,
    overview,
    pace_desk,
    passwords,
    queue_table,
    rehearsal_voters,
    result,
    roll_pages,
    sign_in,
    sign_in_pages,
    unit_accounts,
)
from gateway.units import drafts, form_page, hand_in_page, home_page, links, record_pages, uploads
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
    *links.ROUTES,
    *home_page.ROUTES,
    *form_page.ROUTES,
    *record_pages.ROUTES,
    *hand_in_page.ROUTES,
    *drafts.ROUTES,
    *uploads.ROUTES,
    *moderation.ROUTES,
    *moderation_desk.ROUTES,
    *queue_table.ROUTES,
    *bulk_desk.ROUTES,
    *pace_desk.ROUTES,
    *complaint_desk.ROUTES,
    *overview.ROUTES,
    *judging.ROUTES,
    *organiser.ROUTES,
    *roll_pages.ROUTES,
    *unit_accounts.ROUTES,
    *result.ROUTES,
    *explanations.ROUTES,
    *rehearsal_voters.ROUTES,
    *rules.ROUTES,
    *complaints.ROUTES,
    *notice.ROUTES,
    *objections.ROUTES,
    *certificates.ROUTES,
    *home.ROUTES,
    *site_files.ROUTES,
    *entry_page.ROUTES,
    *wechat_sign_in.ROUTES,
    *wechat_account_link.ROUTES,
    *desktop_handoff.ROUTES,
    *my_pages.ROUTES,
    *wechat_web_api.ROUTES,
)
