"""The frame of every HTML page: rendering, language and text size, response headers, and the page for a problem.

The home page and the leaderboards are in `public/home.py`, the page of an entry is in `public/entry_page.py`, and the
voters' own pages are in `voters/`.

Promises: pages are in Chinese until the reader switches the language. Every state is written in words and never shown
by colour alone. A page shows only what the views (published parts of ranking's table) hold and loads nothing from
another host. Whatever a script does, a plain form or link does too. The language and text size switches lead back to
the page that the reader was on.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
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
from gateway.routing import security_events
from gateway.routing.authorize import authorize
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from shared import metrics
from shared.logs import logger
from shared.zones import DEFAULT, local_time, to_the_minute, zone_names

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
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Load every template now, together with the code that fills it: a checkout that changes on disk while the process runs
# then breaks none of its pages.
for _name in _TEMPLATES.list_templates():
    _TEMPLATES.get_template(_name)
log_ = logger(__name__)
Page = Callable[[AppContext, RequestContext], Awaitable[Response]]


class Reader(Protocol):
    """Protocol of anything that says in which language, text size and time zone a page is rendered, such as a
    `RequestContext`.
    """

    @property
    def lang(self) -> str: ...

    @property
    def large(self) -> bool: ...

    @property
    def zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ReaderPreferences:
    """The language and text size that a request asks for, and the campaign's zone. Stands in where there is no
    `RequestContext`.
    """

    lang: str
    large: bool
    zone: str = DEFAULT

    @staticmethod
    def of(request: Request, zone: str = DEFAULT) -> "ReaderPreferences":
        """Read the language and the text size from the query string of a request, else from its cookies."""
        query, cookies = request.query_params, request.cookies
        return ReaderPreferences(language(query, cookies), is_large(query, cookies), zone)


def page(make: Page) -> Callable[[AppContext, Route], ASGIApp]:
    """Turn a page handler into what builds a route's ASGI application: authorise the request, handle it, answer errors.

    Every failure is rendered as a page. A valid `lang` or `text` switch in the query string is remembered in a cookie
    for a year.
    """

    def build(app: AppContext, route: Route) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            request, name = Request(scope, receive), secrets.token_hex(8)
            preferences = ReaderPreferences.of(request)
            context = RequestContext(
                request, route, name, None, preferences.lang, preferences.large, zone=app.views.zone
            )
            try:
                context.session = await authorize(app, route, dict(scope["headers"]), scheme=request.url.scheme)
                context.at = app.views.campaign_time() if app.views.loaded else app.wall()
                with app.shedding.serving():
                    response = await make(app, context)
                security_events.record_answer(app, context)
            except Exception as problem:  # outermost handler of a request: show the reader a page, log the cause
                security_events.record_problem(app, route, request, problem, name, {})
                response = _failure_page(context, problem)
            for switch, values in ((COOKIE, LANGUAGES), (SIZE_COOKIE, SIZES)):
                if (value := request.query_params.get(switch, "")) in values:
                    response.set_cookie(switch, value, max_age=YEAR_S, path="/", samesite="lax")
            metrics.HTTP.labels(route.name, response.status_code).inc()
            await response(scope, receive, send)

        return serve

    return build


def private_page(context: RequestContext, body: bytes, *, status: int = 200) -> Response:
    """Return the response for a page that only this visitor may see, and that no cache may store."""
    headers = {**HEADERS, "Cache-Control": responses.PRIVATE, "Content-Language": LANGUAGE_TAGS[context.lang]}
    return Response(body, status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def redirect(path: str) -> Response:
    """Return a redirect (303) to another page of ours, given by its path, or to a URL of WeChat's."""
    return Response(status_code=303, headers={"Location": path, "Cache-Control": "no-store", **responses.SAFE})


def render(template: str, reader: Reader, **context: Any) -> bytes:
    """Render a template to HTML for a reader.

    `path` in the context is the path at which the page can be loaded again.
    """
    lang = reader.lang
    say = partial(say_in, lang)
    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    tags = {"lang": lang, "tag": LANGUAGE_TAGS[lang], "other": other, "other_tag": LANGUAGE_TAGS[other]}
    sizes = {"large": reader.large, "other_size": PLAIN if reader.large else LARGE}
    helpers = {
        "say": say,
        "when": partial(to_the_minute, zone=reader.zone),
        "span": partial(_format_window, zone=reader.zone),
        "zone_name": zone_names(reader.zone)[LANGUAGES.index(lang)],
        "with_switch": with_switch,
        "complaint_about": "",
        **tags,
        **sizes,
    }
    return _TEMPLATES.get_template(template).render(**{**helpers, **context}).encode()


def say_in(lang: str, key: str, /, **values: object) -> str:
    """Return the page text of a key in a language, with its `{names}` replaced by `values`."""
    return WORDS[key][LANGUAGES.index(lang)].format(**values)


def current_path(request: Request) -> str:
    """Return the path and query of the request, without the language and text size switches."""
    path = "/" + request.url.path.lstrip("/")  # a path of two slashes would be the address of another site
    return with_query(path, [each for each in request.query_params.multi_items() if each[0] not in SWITCHES])


def _referring_page(request: Request) -> str:
    """Return the page of ours that sent the form, by the header Referer; empty if unknown or of another site."""
    try:
        referrer = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    if not referrer.path or referrer.netloc != request.url.netloc:
        return ""
    query = [each for each in parse_qsl(referrer.query) if each[0] not in SWITCHES]
    return with_query("/" + referrer.path.lstrip("/"), query)


def with_query(path: str, query: Mapping[str, str] | list[tuple[str, str]]) -> str:
    """Join a path and a query string; without a query, return the path alone."""
    encoded = urlencode(query)
    return f"{path}?{encoded}" if encoded else path


def with_switch(path: str, switch: str, to: str) -> str:
    """Append a language or text size switch, such as `lang=en`, to a path that has no such switch yet."""
    return f"{path}{'&' if '?' in path else '?'}{switch}={to}"


def names_of(app: AppContext, what: str, lang: str) -> dict[str, str]:
    """Return names by code in a language: of the unit types or of the themes (`what`), in the campaign's order."""
    return {each["code"]: each[lang] for each in app.views.data("campaign").get(what, ())}


def _format_window(start: int, end: int, zone: str) -> tuple[str, str]:
    """Format the half-open window [start, end) for people, in the campaign's time zone.

    A window of whole days is two dates, the last day included; any other window is given to the minute.
    """
    first, after = (local_time(at, zone) for at in (start, end))
    if first.time() == after.time() == time.min:
        return f"{first:%Y-%m-%d}", f"{after - timedelta(days=1):%Y-%m-%d}"
    return to_the_minute(start, zone), to_the_minute(end, zone)


def cacheable_page(
    context: RequestContext, body: bytes, *, etag: str | None = None, public: bool = True, more: Mapping[str, str] = {}
) -> Response:
    """Return the response for a page with an ETag; 304 if the client has this version of the page.

    A page that is not `public` may be stored by this visitor's browser alone. `more` holds further headers.
    """
    headers = {**HEADERS, "Content-Language": LANGUAGE_TAGS[context.lang], **more}
    if not public:
        headers["Cache-Control"] = "private, no-cache"
    return responses.conditional(
        context.request,
        body,
        etag or etag_of(body),
        public=public,
        media_type="text/html; charset=utf-8",
        headers=headers,
    )


def _failure_page(context: RequestContext, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        log_.error("a request failed unexpectedly", request=context.id, route=context.route.name, exc_info=problem)
        problem = Problem("internal")
    return problem_page(context.request, problem, name=context.id, zone=context.zone)


def problem_page(request: Request, problem: Problem, *, name: str, again: str = "", zone: str = DEFAULT) -> Response:
    """Return the response that shows a problem as a page, with a link to try again. `name` is the request's id.

    `again` is the target of that link; by default it is the same page or, after a form was sent, the page that the form
    was on. A 401 leads to WeChat sign-in. `zone` is the campaign's time zone.
    """
    preferences = ReaderPreferences.of(request, zone)
    texts = document(problem, lang=preferences.lang, request=name, zone=zone)
    origin = current_path(request) if request.method in ("GET", "HEAD") else _referring_page(request)
    if problem.status == 401:
        again = again or "/wechat/like"
    elif not again and problem.status != 410:  # 410 Gone: loading it again changes nothing
        again = origin
    body = render(
        "html/problem.html",
        preferences,
        path=origin or again or "/",
        again=again,
        enter=problem.status == 401,
        title=texts["title"],
        detail=texts["detail"],
    )
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Language": LANGUAGE_TAGS[preferences.lang]}
    if problem.status in (429, 503):
        headers["Retry-After"] = "2"
    return Response(body, status_code=problem.status, media_type="text/html; charset=utf-8", headers=headers)
