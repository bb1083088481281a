"""What every page has: its frame, its languages and sizes of text, what goes wrong on it.

The first page and the leaderboards are `public/home.py`, an entry's page is `public/entry_page.py`, voters' own pages
are in `doors/`. Promises: Chinese until the switch is turned; a state is told in words, not by colour alone; what a
page shows is what the views hold; nothing is loaded from elsewhere; what a script does here a plain form or link does
too; a switch leads to the page that was being read.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.html.texts import WORDS
from gateway.http import responses
from gateway.http.language import (
    COOKIE,
    LANGUAGES,
    LARGE,
    PLAIN,
    SIZE_COOKIE,
    SIZES,
    SWITCHES,
    is_large,
    language,
)
from gateway.http.problems import LANGUAGE_TAGS, Problem, document
from gateway.http.response_cache import etag_of
from gateway.routing.authorize import authorize
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from shared import metrics
from shared.logs import logger

YEAR_S = 365 * 86_400
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie",
    **responses.SAFE,
}
_CHINA = timezone(timedelta(hours=8))
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
# All are read with the code that fills them: a checkout that changes under a running process breaks no page of it.
for _name in _TEMPLATES.list_templates():
    _TEMPLATES.get_template(_name)
log_ = logger(__name__)
Page = Callable[[AppContext, RequestContext], Awaitable[Response]]


class Reader(Protocol):
    """How somebody wants a page; an `Ask` is one."""

    @property
    def lang(self) -> str: ...

    @property
    def large(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """A Reader of a request that is no Ask."""

    lang: str
    large: bool

    @staticmethod
    def of(request: Request) -> "Wishes":
        query, cookies = request.query_params, request.cookies
        return Wishes(language(query, cookies), is_large(query, cookies))


def page(make: Page) -> Callable[[AppContext, Route], ASGIApp]:
    """A page as an ASGI application, with a page for what goes wrong."""

    def made(app: AppContext, route: Route) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            request, name = Request(scope, receive), secrets.token_hex(8)
            wishes = Wishes.of(request)
            context = RequestContext(request, route, name, None, wishes.lang, wishes.large)
            try:
                context.session = await authorize(app, route, dict(scope["headers"]), scheme=request.url.scheme)
                context.at = app.views.moment() if app.views.loaded else app.wall()
                with app.shedding.serving():
                    response = await make(app, context)
            except Exception as problem:  # the outermost loop of a request: said to the reader, kept in the log
                response = _failure(context, problem)
            for switch, known in ((COOKIE, LANGUAGES), (SIZE_COOKIE, SIZES)):
                if (said := request.query_params.get(switch, "")) in known:
                    response.set_cookie(switch, said, max_age=YEAR_S, path="/", samesite="lax")
            metrics.HTTP.labels(route.name, response.status_code).inc()
            await response(scope, receive, send)

        return serve

    return made


def shown(context: RequestContext, body: bytes, *, status: int = 200) -> Response:
    """A page for this visitor alone."""
    headers = {**HEADERS, "Cache-Control": responses.PRIVATE, "Content-Language": LANGUAGE_TAGS[context.lang]}
    return Response(body, status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def sent_on(path: str) -> Response:
    """To another page of ours, or to WeChat's."""
    return Response(status_code=303, headers={"Location": path, "Cache-Control": "no-store", **responses.SAFE})


def render(template: str, reader: Reader, **context: Any) -> bytes:
    """A template for a reader. `path`: where the page can be asked for again."""
    lang = reader.lang
    say = partial(say_in, lang)
    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    tags = {"lang": lang, "tag": LANGUAGE_TAGS[lang], "other": other, "other_tag": LANGUAGE_TAGS[other]}
    sizes = {"large": reader.large, "other_size": PLAIN if reader.large else LARGE}
    told = {"say": say, "when": _when, "span": _span, "turned": turned, "complaint_about": "", **tags, **sizes}
    return _TEMPLATES.get_template(template).render(**{**told, **context}).encode()


def say_in(lang: str, key: str, /, **values: object) -> str:
    """Words of the pages in a language."""
    return WORDS[key][LANGUAGES.index(lang)].format(**values)


def here(request: Request) -> str:
    """The address that was asked for, without the switches that are in it."""
    path = "/" + request.url.path.lstrip("/")  # two slashes would begin another site's address
    return address(path, [each for each in request.query_params.multi_items() if each[0] not in SWITCHES])


def _came_from(request: Request) -> str:
    """The page of ours that a form was sent from, where the browser says so."""
    try:
        said = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if not said.path or said.netloc != request.url.netloc:
        return ""
    kept = [each for each in parse_qsl(said.query) if each[0] not in SWITCHES]
    return address("/" + said.path.lstrip("/"), kept)


def address(path: str, query: Mapping[str, str] | list[tuple[str, str]]) -> str:
    said = urlencode(query)
    return f"{path}?{said}" if said else path


def turned(path: str, switch: str, to: str) -> str:
    """An address with a switch in it; `path` has none."""
    return f"{path}{'&' if '?' in path else '?'}{switch}={to}"


def names_of(app: AppContext, what: str, lang: str) -> dict[str, str]:
    """The names of the types or the themes, by their codes, in the campaign's order."""
    return {each["code"]: each[lang] for each in app.views.data("campaign").get(what, ())}


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, _CHINA).strftime("%Y-%m-%d %H:%M")


def _span(start: int, end: int) -> tuple[str, str]:
    """A half-open window as people say it: whole days with the last one inside, anything else to the minute."""
    first, after = (datetime.fromtimestamp(at / 1000, _CHINA) for at in (start, end))
    if first.time() == after.time() == time.min:
        return f"{first:%Y-%m-%d}", f"{after - timedelta(days=1):%Y-%m-%d}"
    return _when(start), _when(end)


def kept_page(
    context: RequestContext, body: bytes, *, etag: str | None = None, public: bool = True, more: Mapping[str, str] = {}
) -> Response:
    """A page with a validator; one that is not public is kept by this visitor's browser alone."""
    headers = {**HEADERS, "Content-Language": LANGUAGE_TAGS[context.lang], **more}
    if not public:
        headers["Cache-Control"] = "private, no-cache"
    return responses.known(
        context.request,
        body,
        etag or etag_of(body),
        public=public,
        media_type="text/html; charset=utf-8",
        headers=headers,
    )


def _failure(context: RequestContext, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        log_.error("unforeseen", request=context.id, path=context.request.url.path, exc_info=problem)
        problem = Problem("internal")
    return problem_page(context.request, problem, name=context.id)


def problem_page(request: Request, problem: Problem, *, name: str, again: str = "") -> Response:
    """What a reader is told of a failure. `again`: where to try again, if not at the same address; of a form, at the
    page that it was on.
    """
    wishes = Wishes.of(request)
    told = document(problem, lang=wishes.lang, request=name)
    own = here(request) if request.method in ("GET", "HEAD") else _came_from(request)
    if problem.status == 401:
        again = again or "/wechat/like"
    elif not again and problem.status != 410:  # what is over is over: loading it again brings nothing
        again = own
    body = render(
        "html/problem.html",
        wishes,
        path=own or again or "/",
        again=again,
        enter=problem.status == 401,
        title=told["title"],
        detail=told["detail"],
    )
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Language": LANGUAGE_TAGS[wishes.lang]}
    if problem.status in (429, 503):
        headers["Retry-After"] = "2"
    return Response(body, status_code=problem.status, media_type="text/html; charset=utf-8", headers=headers)
