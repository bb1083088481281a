"""In whose order a visitor sees the list while likes are open.

The order is of the voter's pseudonym; before somebody is in, of the browser's device cookie; without one, of a cookie
for this visit alone, which is set here. Promises: the same visitor pages through one order; no address names an order
and no seed can be worked out, so nobody sends others a list that begins with their own entry.
Does not promise an order of one's own under load: then it is the last that was made for one's lot (`LOTS`).
"""

import hmac
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gateway.admission.devices import device_of
from gateway.http import cookies
from gateway.routing.context import AppContext
from gateway.routing.route import VOTER, RequestContext

COOKIE = "baijia-order"
LOTS = 8


@dataclass(frozen=True, slots=True)
class Order:
    """A visitor's. `fresh` is the cookie to be set, where there was nothing to know the visitor by."""

    seed: bytes
    fresh: str = ""

    @property
    def lot(self) -> int:
        """What is kept under load is kept by this."""
        return self.seed[0] % LOTS

    def keep(self, request: Request, response: Response) -> None:
        if self.fresh:
            cookies.mark(request, response, COOKIE, self.fresh, life_s=None)


def order_of(app: AppContext, context: RequestContext) -> Order:
    """The order of whoever asks."""
    headers, scheme = dict(context.request.scope["headers"]), context.request.url.scheme
    fresh = ""
    if context.session is not None and VOTER in context.session.roles:
        who = f"voter {context.session.sub}"
    elif device := device_of(headers, scheme):
        who = f"device {device}"
    else:
        visit = cookies.browser_of(context.request, COOKIE)
        if not visit:
            visit = fresh = cookies.fresh()
        who = f"visit {visit}"
    return Order(hmac.digest(app.keys.session, b"order of " + who.encode(), "sha256"), fresh)
