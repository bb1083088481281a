"""A cadre agrees, on WeChat's own page, to get one letter about a topic by WeChat, or takes that back.

Promises: a consent comes back only into the browser and the unit for which it was asked, within ten minutes; it is
stored with the openid sealed, which no page shows. Outside WeChat nobody is sent to WeChat's page.
Does not promise that WeChat's answer names the person in this browser: whoever types another openid into the address
gets nothing, since WeChat refuses messages to people who did not agree.
"""

import hashlib
import re

from starlette.responses import Response

from gateway.backends.wechat_accounts import require_accounts
from gateway.html.page import page, redirect, with_query
from gateway.http import cookies
from gateway.http.client_signals import is_in_wechat
from gateway.http.forms import read_form
from gateway.http.problems import Problem
from gateway.routing import public_urls
from gateway.routing.context import AppContext
from gateway.routing.route import UNIT, RequestContext, Route
from gateway.routing.service_calls import call_service
from gateway.units.form_commands import command_id
from gateway.wechat import oauth, subscription
from gateway.wechat.errors import BadState

CONTACT = "/unit/contact"
PATH, BACK, WITHDRAW = f"{CONTACT}/wechat", f"{CONTACT}/wechat/back", f"{CONTACT}/wechat/withdraw"
UNITS = frozenset({UNIT})
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")


def is_offered(app: AppContext) -> bool:
    """Return whether the service account has a template to which a cadre could agree."""
    return app.wechat is not None and bool(app.wechat.accounts.service.template_id)


async def open_page(app: AppContext, context: RequestContext) -> Response:
    """Send the cadre's browser to WeChat's page about one topic. Raises Problem."""
    account = require_accounts(app.wechat).accounts.service
    topic = await _topic(app, context, context.request.query_params.get("topic", ""))
    if not account.template_id or not is_in_wechat(context.request):
        return redirect(with_query(CONTACT, {"wechat": "outside"}))
    browser = cookies.value_of(context.request, cookies.OAUTH) or cookies.new_value()
    state = oauth.make_state(
        app.keys.session, _reference(context, topic["topic"]), browser=browser, now_s=app.wall() // 1000
    )
    url = subscription.subscribe_url(
        account,
        base=app.settings.wechat_mp,
        scene=topic["scene"],
        redirect=public_urls.base(app, context.request) + BACK,
        reserved=state,
    )
    response = redirect(url)
    cookies.set_cookie(context.request, response, cookies.OAUTH, browser)
    return response


async def back(app: AppContext, context: RequestContext) -> Response:
    """Store what the cadre decided on WeChat's page, and lead back to the page of addresses. Raises Problem."""
    account, query = require_accounts(app.wechat).accounts.service, context.request.query_params
    browser = cookies.value_of(context.request, cookies.OAUTH)
    try:
        state = oauth.read_state(app.keys.session, query.get("reserved", ""), browser=browser, now_s=app.wall() // 1000)
    except BadState as bad:
        raise Problem("oauth-state") from bad
    topic = state.reference.partition(" ")[2].partition(" ")[0]
    if state.reference != _reference(context, topic):
        raise Problem("oauth-state")
    if query.get("action") != subscription.CONFIRM or not _OPENID.fullmatch(query.get("openid", "")):
        return redirect(with_query(CONTACT, {"wechat": "declined"}))
    body = {"topic": topic, "template": account.template_id, "openid": query["openid"]}
    # The same answer of WeChat's page, opened again, is the same command: it gives no consent a second time.
    context.command = command_id(app, context, state.nonce, body)
    await call_service(app, context, "moderation", "give_wechat_consent", body)
    return redirect(with_query(CONTACT, {"wechat": "agreed"}))


async def withdraw(app: AppContext, context: RequestContext) -> Response:
    """Take a consent back by form, and lead back to the page of addresses. Raises Problem."""
    sent = await read_form(context.request)
    body = {"topic": sent.get("topic", "")}
    context.command = command_id(app, context, sent.get("key", ""), body)
    await call_service(app, context, "moderation", "withdraw_wechat_consent", body)
    return redirect(with_query(CONTACT, {"wechat": "withdrawn"}))


async def _topic(app: AppContext, context: RequestContext, name: str) -> dict[str, int | str]:
    known = await call_service(app, context, "moderation", "message_contact", {"contact": f"contact.{context.actor}"})
    found = [each for each in known["wechat"]["topics"] if each["topic"] == name]
    if not found:
        raise Problem("invalid")
    topic: dict[str, int | str] = found[0]
    return topic


def _reference(context: RequestContext, topic: str) -> str:
    unit = hashlib.sha256(str(context.actor).encode()).hexdigest()[:12]
    return f"consent {topic} {unit}"


ROUTES = (
    Route(
        method="GET", path=PATH, base="", roles=UNITS,
        about="Send a cadre to WeChat's page to agree to one letter about a topic", raw=page(open_page),
    ),
    Route(
        method="GET", path=BACK, base="", roles=UNITS, about="Return from WeChat's page on which a cadre agreed",
        raw=page(back),
    ),
    Route(
        method="POST", path=WITHDRAW, base="", roles=UNITS, about="Take back a consent to a letter by WeChat by form",
        raw=page(withdraw),
    ),
)  # fmt: skip
