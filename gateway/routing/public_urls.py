"""Public URLs of this gateway, for links in chats, QR codes and redirects."""

from urllib.parse import urlencode

from starlette.requests import Request

from gateway.http.problems import Problem
from gateway.routing.context import AppContext


def base(app: AppContext, request: Request) -> str:
    """Return the public base URL without a trailing slash: the configured one, else, in a rehearsal, that of this
    request.

    Raise Problem in a live campaign without the setting: whoever sends the Host header would decide where a sign-in
    returns to, and where links and QR codes lead.
    """
    if app.settings.public_url:
        return app.settings.public_url
    campaign = app.views.data("campaign")
    if campaign and not campaign.get("rehearsal"):
        raise Problem("public-url-missing")
    return str(request.base_url).rstrip("/")


def page(base: str, path: str, **query: str) -> str:
    """Return the URL of the page at `path`, with the query values that are not empty."""
    encoded = urlencode({name: value for name, value in query.items() if value})
    return f"{base}{path}?{encoded}" if encoded else f"{base}{path}"


def receipt(base: str, receipt: str) -> str:
    """Return the URL of the page that shows the receipt of a like."""
    return f"{base}/receipts/{receipt}"
