"""Where this gateway is reached from outside: what links in chats, codes and redirects begin with."""

from urllib.parse import urlencode

from starlette.requests import Request

from gateway.routing.context import AppContext


def base(app: AppContext, request: Request) -> str:
    """The public address, without a slash at its end: as it is set, else as this request was addressed."""
    return app.settings.public_url or str(request.base_url).rstrip("/")


def page(base: str, path: str, **query: str) -> str:
    """An address of ours. Empty values are left out."""
    said = urlencode({name: value for name, value in query.items() if value})
    return f"{base}{path}?{said}" if said else f"{base}{path}"


def receipt(base: str, receipt: str) -> str:
    return f"{base}/receipts/{receipt}"
