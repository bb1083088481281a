"""The shuffled order in which each visitor sees the list of entries while likes are open.

The seed comes from the voter's pseudonym; before sign-in, from the browser's device cookie; without that, from a cookie
for this visit alone, which this module sets.

Promises: a visitor pages through one and the same order. No URL names an order and no seed can be guessed, so nobody
can send others a list that begins with their own entry.
Does not promise every visitor an order of their own under load: visitors of one cache group (there are `CACHE_GROUPS`)
then get the last list that was rendered for that group.
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
CACHE_GROUPS = 8


@dataclass(frozen=True, slots=True)
class ShuffledOrder:
    """The order in which one visitor sees the list, given by the seed for `entry_list.shuffle`.

    `fresh` is the cookie value to set for a visitor who could not be recognised, empty for others.
    """

    seed: bytes
    fresh: str = ""

    @property
    def cache_group(self) -> int:
        """The number of the group of visitors that share one cached list under load."""
        return self.seed[0] % CACHE_GROUPS

    def set_cookie(self, request: Request, response: Response) -> None:
        """Set the cookie of this visit on the response, so that the next page has the same order.

        Does nothing for a visitor who was recognised.
        """
        if self.fresh:
            cookies.set_cookie(request, response, COOKIE, self.fresh, life_s=None)


def visitor_order(app: AppContext, context: RequestContext) -> ShuffledOrder:
    """Return the shuffled order of the visitor who sent this request: a voter, a known browser, or a new visit."""
    headers, scheme = dict(context.request.scope["headers"]), context.request.scope["scheme"]
    fresh = ""
    if context.session is not None and VOTER in context.session.roles:
        who = f"voter {context.session.sub}"
    elif device := device_of(headers, scheme):
        who = f"device {device}"
    else:
        visit = cookies.value_of(context.request, COOKIE)
        if not visit:
            visit = fresh = cookies.new_value()
        who = f"visit {visit}"
    return ShuffledOrder(hmac.digest(app.keys.session, b"order of " + who.encode(), "sha256"), fresh)
