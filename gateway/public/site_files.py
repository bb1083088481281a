"""Files of the whole site: the pictures and the colour of the campaign's theme, robots.txt, and the favicon.

Promises: a file of the theme is served under the hash of its bytes, and what is stored under that name never changes.
A picture that somebody opens by itself runs no script. Search engines are asked to leave alone what is no public page.
"""

from starlette.responses import Response

from gateway.html.static_files import FILES, IMMUTABLE
from gateway.http import responses
from gateway.http.problems import Problem
from gateway.read_models.page_frame import theme_of
from gateway.routing.context import AppContext
from gateway.routing.route import ANYONE, RequestContext, Route

_SANDBOX = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox", **responses.SAFE}
ROBOTS = b"""User-agent: *
Disallow: /api/
Disallow: /desk
Disallow: /unit
Disallow: /judge
Disallow: /organiser
Disallow: /ops
Disallow: /analysis
Disallow: /likes
Disallow: /receipts/
Disallow: /password
Disallow: /wechat/
"""


async def theme_file(app: AppContext, context: RequestContext) -> Response:
    """Return a picture of the theme, or its style sheet. Raises Problem for a name that the theme does not have."""
    for _, file in theme_of(app.views).files:
        if file.name == context.path["file"]:
            headers = {"Cache-Control": IMMUTABLE, **_SANDBOX}
            return Response(file.body, media_type=file.media_type, headers=headers)
    raise Problem("not-found")


async def robots(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Return what search engines are asked to leave alone."""
    etag = responses.etag_of(ROBOTS)
    return responses.conditional(context.request, ROBOTS, etag, public=True, media_type="text/plain; charset=utf-8")


async def favicon(app: AppContext, context: RequestContext) -> Response:  # noqa: ARG001 -- a handler's signature
    """Return the mark for browsers that ask for it by its old name."""
    file = FILES["icon.svg"]
    return responses.conditional(
        context.request, file.body, f'"{file.digest}"', public=True, media_type=file.media_type
    )


ROUTES = (
    Route(
        method="GET",
        path="/theme/{file}",
        base="",
        roles=ANYONE,
        about="Picture or colour of the campaign's theme",
        handle=theme_file,
        answer_type="image/*",
    ),
    Route(
        method="GET",
        path="/robots.txt",
        base="",
        roles=ANYONE,
        about="What search engines leave alone",
        handle=robots,
        answer_type="text/plain",
    ),
    Route(
        method="GET",
        path="/favicon.ico",
        base="",
        roles=ANYONE,
        about="Mark of the site",
        handle=favicon,
        answer_type="image/svg+xml",
    ),
)
