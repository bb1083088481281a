"""A browser in which a member of the staff is signed in, without the sign-in page."""

from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from gateway.routing.context import AppContext
from shared.step_up_proofs import StepUpProofs


def signed_in(
    browser: Browser,
    address: str,
    app: AppContext,
    staff: str,
    roles: Iterable[str],
    *,
    is_proved: bool = True,
    **how: Any,
) -> BrowserContext:
    """Return a browser context in which this person is signed in; Chinese unless `how` says otherwise.

    Pages ask for no password again, as in the minutes after it was given, unless `is_proved` is false.
    """
    context = browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1366, "height": 768}, **how})
    token, session = app.sessions.issue(staff, frozenset(roles), name=staff.title())
    cookies = {"baijia": token}
    if is_proved:
        cookies["baijia-proof"] = StepUpProofs(app.keys.session).issue(session.id, staff)[0]
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    return context
