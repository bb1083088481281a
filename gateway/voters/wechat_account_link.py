"""The like page that the subscription account sends: the like, and from then on likes by text there too.

The address names the person's openid at the subscription account, as a pseudonym under our MAC; who opens it has come
in by the service account. Promises: the two are linked only by a tap of that person, on a page that says what it does,
within ten minutes: an address that was sent on to somebody else links nothing by being opened.
"""

from starlette.responses import Response

from gateway.backends.wechat_accounts import SUBSCRIPTION, opened
from gateway.html import page as pages
from gateway.html.page import page
from gateway.http.forms import form_of
from gateway.http.problems import Problem
from gateway.routing.context import Gate
from gateway.routing.route import VOTER, Ask, Route
from gateway.voters import identities, other_likes, signed_links
from gateway.voters.my_pages import like_by_form

VOTERS = frozenset({VOTER})


async def show(gate: Gate, ask: Ask) -> Response:
    _name(gate, ask)
    entry = ask.request.query_params.get("entry", "")
    found = gate.views.entry(entry)
    seen = gate.views.data("entries")["entries"][found] if found else {}
    body = pages.render(
        "voters/link.html", ask, path=pages.here(ask.request), link=ask.path["link"], number=entry if found else "",
        title=seen.get("title", ""), ticket=other_likes.ticket_for(gate, ask.session, entry) if ask.session else "",
    )  # fmt: skip
    return pages.shown(ask, body)


async def link(gate: Gate, ask: Ask) -> Response:
    """Link, then like the entry that the message named."""
    name, form = _name(gate, ask), await form_of(ask.request)
    assert ask.session is not None  # the route is not open
    await identities.link(gate, opened(gate.doors), ask.session.sub, SUBSCRIPTION, name)
    if not form.get("entry"):
        return pages.sent_on("/")
    return await like_by_form(gate, ask, form["entry"], form)


def _name(gate: Gate, ask: Ask) -> str:
    name = signed_links.read_link(gate.keys.session, ask.path["link"], now_s=gate.wall() // 1000)
    if name is None:
        raise Problem("link-over")
    return name


ROUTES = (
    Route(
        method="GET",
        path="/wechat/links/{link}",
        base="",
        roles=VOTERS,
        about="The like page that a chat has sent",
        raw=page(show),
    ),
    Route(
        method="POST",
        path="/wechat/links/{link}",
        base="",
        roles=VOTERS,
        about="Link the two accounts, and like",
        raw=page(link),
    ),
)
