"""Linking the subscription account: the page that its chat sends, to like there and to like by text from then on.

The page's URL holds the pseudonym of the person's openid at the subscription account, under our MAC. A visitor who
opens it has signed in through the service account.

Promises: the two are linked only by a tap of that person, on a page that says what it does, within ten minutes. Opening
a URL that was passed on by somebody else links nothing.
"""

from starlette.responses import Response

from gateway.backends.wechat_accounts import SUBSCRIPTION, require_accounts
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing.context import AppContext
from gateway.routing.route import VOTER, RequestContext, Route
from gateway.voters import identities, other_likes, signed_links
from gateway.voters.my_pages import like_by_form

VOTERS = frozenset({VOTER})


async def link_page(app: AppContext, context: RequestContext) -> Response:
    """Return the page that offers to link the two accounts and to like. Raises Problem if the link has expired."""
    _pseudonym_in_link(app, context)
    entry = context.request.query_params.get("entry", "")
    found = app.views.entry(entry)
    seen = app.views.data("entries")["entries"][found] if found else {}
    body = pages.render(
        "voters/link.html",
        context,
        path=pages.current_path(context.request),
        link=context.path["link"],
        number=entry if found else "",
        title=seen.get("title", ""),
        ticket=other_likes.issue_like_ticket(app, context.session, entry) if context.session and found else "",
    )
    return pages.private_page(context, body)


async def link_and_like(app: AppContext, context: RequestContext) -> Response:
    """Link the pseudonym in the URL to this voter, then like the entry that the chat's message named, if it named one.

    Raises Problem.
    """
    name, form = _pseudonym_in_link(app, context), await read_form(context.request)
    assert context.session is not None  # the route is not open
    await identities.link_account(app, require_accounts(app.wechat), context.session.sub, SUBSCRIPTION, name)
    if not form.get("entry"):
        return pages.redirect("/")
    return await like_by_form(app, context, form["entry"], form)


def _pseudonym_in_link(app: AppContext, context: RequestContext) -> str:
    name = signed_links.read_link(app.keys.session, context.path["link"], now_s=app.wall() // 1000)
    if name is None:
        raise Problem("link-over")
    return name


ROUTES = (
    Route(
        method="GET",
        path="/wechat/links/{link}",
        base="",
        roles=VOTERS,
        about="Page to link the subscription account and like",
        raw=page(link_page),
    ),
    Route(
        method="POST",
        path="/wechat/links/{link}",
        base="",
        roles=VOTERS,
        about="Link the two accounts and like",
        raw=page(link_and_like),
    ),
)
