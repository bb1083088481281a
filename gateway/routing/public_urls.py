"""Public URLs of this gateway, for links in chats, QR codes and redirects."""

from urllib.parse import urlencode

from starlette.requests import Request

from gateway.routing.context import AppContext


def base(app: AppContext, request: Request) -> str:
    """Return the public base URL without a trailing slash: the configured one, else that of this request."""
    return app.settings.public_url or str(request.base_url).rstrip("/")


def page(base: str, path: str, **query: str) -> str:
    """Return the URL of the page at `path`, with the query values that are not empty."""
    encoded = urlencode({name: value for name, value in query.items() if value})
    return f"{base}{path}?{encoded}" if encoded else f"{base}{path}"


def receipt(base: str, receipt: str) -> str:
    """Return the URL of the page that shows the receipt of a like."""
    return f"{base}/receipts/{receipt}"
