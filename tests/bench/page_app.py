"""A gateway with a whole campaign in like week and no engines, and a bare Starlette application whose template makes
the same bytes.

Run it with `python -m tests.bench.page_app ours PORT`, or `bare PORT` with the page on standard input. The peer's
template loops over the page's parts and escapes its texts, as any template of such a page must; it knows no session,
no campaign and no service.
"""

import html
import re
import sys
import tempfile
from pathlib import Path

import uvicorn
from jinja2 import Environment
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.bench.bare_app import READY, ready
from tests.bench.leaderboard_app import ours

PAGE, TOKEN = "/page", "/bench/token"
_TEMPLATE = Environment(autoescape=True).from_string(
    "{% for tag, text in parts %}{{ tag }}{{ text }}{% endfor %}", globals={}
)


def gateway(data: Path) -> Starlette:
    """Return the gateway of the leaderboard's benchmark, which also tells the token of a voter's session."""
    app = ours(data)
    token, _ = app.state.app_context.sessions.issue("v" * 24, frozenset({"voter"}))

    async def tell(_: Request) -> Response:
        return PlainTextResponse(token)

    app.router.routes.append(Route(TOKEN, tell))
    return app


def bare(page: str) -> Starlette:
    """Return an application whose template makes this page anew for each request."""
    parts = [(Markup(tag), html.unescape(text)) for tag, text in re.findall(r"(<[^>]*>)([^<]*)", page)]

    async def answer(_: Request) -> Response:
        return HTMLResponse(_TEMPLATE.render(parts=parts))

    return Starlette(routes=[Route(PAGE, answer), Route(READY, ready)])


def main(which: str, port: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = gateway(Path(folder)) if which == "ours" else bare(sys.stdin.buffer.read().decode())
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
