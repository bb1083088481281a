"""The frame of every HTML page: rendering, language and text size, response headers, and the page for a problem.

The home page and the leaderboards are in `public/home.py`, the page of an entry is in `public/entry_page.py`, and the
voters' own pages are in `voters/`.

Promises: pages are in Chinese until the reader switches the language. Every state is written in words and never shown
by colour alone. A page shows only what the views (published parts of ranking's table) hold and loads nothing from
another host. Whatever a script does, a plain form or link does too. The language and text size switches lead back to
the page that the reader was on.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.html import desk_menu
from gateway.html.picture_sources import srcset
from gateway.html.sign_in import UNIT_SIGN_IN, WAITING_FORM_BYTES, WaitingForm, sign_in_path
from gateway.html.static_files import static_url
from gateway.html.step_up import FIELD, ProofAsked, require_form_proof
from gateway.html.texts import WORDS
from gateway.http import forms, limits, responses
from gateway.http.client_signals import is_in_wechat
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
from gateway.read_models.page_frame import NEUTRAL, PageFrame, Span, frame_at
from gateway.routing import security_events
from gateway.routing.authorize import authorize, refuse_staff_elsewhere
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from shared import metrics
from shared.logs import logger
from shared.zones import DEFAULT, end_to_the_minute, local_time, to_the_minute, zone_names

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
SECURITY = "/desk/security"  # where staff set up an authenticator that they must have
YEAR_S = 365 * 86_400
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{each}=()" for each in ("camera", "geolocation", "gyroscope", "magnetometer", "microphone", "payment", "usb")
    ),
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
_TEMPLATES.globals["static_url"] = static_url
_TEMPLATES.globals["srcset"] = srcset
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

    @property
    def frame(self) -> PageFrame: ...


@dataclass(frozen=True, slots=True)
class ReaderPreferences:
    """The language and text size that a request asks for, and the campaign's zone. Stands in where there is no
    `RequestContext`.
    """

    lang: str
    large: bool
    zone: str = DEFAULT
    frame: PageFrame = NEUTRAL

    @staticmethod
    def of(request: Request, zone: str = DEFAULT, frame: PageFrame = NEUTRAL) -> "ReaderPreferences":
        """Read the language and the text size from the query string of a request, else from its cookies."""
        query, cookies = request.query_params, request.cookies
        return ReaderPreferences(language(query, cookies), is_large(query, cookies), zone, frame)


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
                context.session = await authorize(app, route, dict(scope["headers"]), scheme=request.scope["scheme"])
                refuse_staff_elsewhere(app, route, context.session, request)
                context.at = app.views.campaign_time() if app.views.loaded else app.wall()
                context.frame = frame_at(app.views, context.at, app.settings.public_url)
                proof = await require_form_proof(app, context, current_path(request)) if route.step_up else None
                with app.shedding.serving():
                    response = await make(app, context)
                if proof is not None:
                    proof.set_cookie(request, response)
                security_events.record_answer(app, context)
            except Exception as problem:  # outermost handler of a request: show the reader a page, log the cause
                security_events.record_problem(app, route, request, problem, name, {})
                context.frame = _frame_of_problem(app, context)
                response = (
                    _step_up_page(context, problem)
                    if isinstance(problem, ProofAsked)
                    else await _lead_to_sign_in(context, problem) or _failure_page(context, problem)
                )
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


async def desk_page(
    app: AppContext, context: RequestContext, template: str, *, path: str, status: int = 200, **values: Any
) -> Response:
    """Return the response for a page of the desks, whose template extends `html/desk.html`, with its side bar.

    Templates name members of staff by `who(account)`.
    """
    menu = await desk_menu.menu_rows(app, context, path=path)
    values = {"who": app.roster.name_of, **values}  # a member of staff's name, by account
    body = render(template, context, path=path, menu=menu, session=context.session, **values)
    return private_page(context, body, status=status)


def unit_page(context: RequestContext, template: str, *, path: str, status: int = 200, **values: Any) -> Response:
    """Return the response for a page of the unit that is signed in, whose template extends `html/unit.html`."""
    body = render(template, context, path=path, menu=desk_menu.unit_rows(path), session=context.session, **values)
    return private_page(context, body, status=status)


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
        "say_parts": partial(_say_parts, lang),
        "zh": partial(mark_chinese, lang),
        "lang_of": partial(_lang_attribute, lang),
        "when": partial(to_the_minute, zone=reader.zone),
        "end": partial(end_to_the_minute, zone=reader.zone),
        "span": partial(_format_window, zone=reader.zone),
        "zone_name": zone_names(reader.zone)[LANGUAGES.index(lang)],
        "with_switch": with_switch,
        "frame": reader.frame,
        "theme": reader.frame.theme,
        "site": _site_name(reader.frame, lang),
        "left": reader.frame.left and format_left(reader.frame.left, lang),
        "until": partial(_format_end, zone=reader.zone, lang=lang),
        "session": None,
        "og_picture": "",
        "complaint_about": "",
        **tags,
        **sizes,
    }
    return _TEMPLATES.get_template(template).render(**{**helpers, **context}).encode()


def say_in(lang: str, key: str, /, **values: object) -> str:
    """Return the page text of a key in a language, with its `{names}` replaced by `values`."""
    return WORDS[key][LANGUAGES.index(lang)].format(**values)


def mark_chinese(lang: str, text: str) -> str:
    """Return a text that people wrote, as markup that says it is Chinese where the page is not and it has such
    characters: a screen reader then reads it in a Chinese voice.
    """
    if lang == "zh" or not _HAN.search(text):
        return text
    return Markup('<span lang="zh-CN">{}</span>').format(text)


def _lang_attribute(lang: str, text: str) -> str:
    """Return the attribute `lang` for an element that holds such a text, and may hold no other element."""
    return Markup(' lang="zh-CN"') if mark_chinese(lang, text) != text else ""


def _say_parts(lang: str, key: str, /, **values: object) -> str:
    """Return a page text as `say_in` does, whose values may be markup; everything else is escaped."""
    return escape(WORDS[key][LANGUAGES.index(lang)]).format(**values)


def say_all(lang: str, prefix: str) -> dict[str, str]:
    """Return all page texts in a language whose keys begin with a prefix, by the rest of the key."""
    at = LANGUAGES.index(lang)
    return {key.removeprefix(prefix): words[at] for key, words in WORDS.items() if key.startswith(prefix)}


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


def _site_name(frame: PageFrame, lang: str) -> str:
    """Return the name in the header: the theme's, else the campaign's title."""
    index = LANGUAGES.index(lang)
    return frame.theme.names[index] or frame.titles[index]


def format_left(left: Span, lang: str) -> str:
    """Return what is left of a phase in words, such as 2 天 5 小时; parts that are zero are left out."""
    parts = [say_in(lang, f"left.{name}", n=n) for name, n in left._asdict().items() if n]
    return " ".join(parts) or say_in(lang, "left.none")


def _format_end(at: int, zone: str, lang: str) -> str:
    """Return the instant at which something ends, as people read it: midnight is 24:00 of the day before."""
    instant = local_time(at, zone)
    is_midnight = instant.time() == time.min
    day = instant - timedelta(days=1) if is_midnight else instant
    clock = "24:00" if is_midnight else f"{instant:%H:%M}"
    if lang == "zh":
        return f"{day.month} 月 {day.day} 日 {clock}"
    return f"{day.day} {MONTHS[day.month - 1]}, {clock}"


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


def sign_in_page(
    context: RequestContext,
    sign_in: str,
    *,
    to: str,
    waiting: WaitingForm | None = None,
    name: str = "",
    person: str = "",
    errors: Mapping[str, str] = {},
    is_out: bool = False,
) -> Response:
    """Return the response that asks a unit or a member of staff to sign in, at the path `sign_in`.

    After that the browser goes to `to`, or sends the form that waits. `name` is what was typed before, `errors` has the
    text of what was wrong by field, and `is_out` says that the visitor has just signed out.
    """
    body = render(
        "staff/sign_in.html",
        context,
        path=with_query(sign_in, {"to": to}),
        sign_in=sign_in,
        to=to,
        waiting=waiting,
        name=name,
        person=person,
        offers_wechat=sign_in == UNIT_SIGN_IN and is_in_wechat(context.request),
        errors=errors,
        is_out=is_out,
    )
    return private_page(context, body, status=401 if errors or waiting else 200)


def _step_up_page(context: RequestContext, asked: ProofAsked) -> Response:
    """Return the page that asks again for the password or a code, and then goes on with the form that waits."""
    back = _referring_page(context.request) or "/desk"
    error = "".join(field_errors(asked.wrong, context.lang, zone=context.zone).values()) if asked.wrong else ""
    body = render(
        "staff/step_up.html",
        context,
        path=back,
        back=back,
        form=asked.form,
        field=FIELD,
        needs=asked.needs,
        error=error,
        session=context.session,
    )
    return private_page(context, body, status=asked.wrong.status if asked.wrong else 401)


def _frame_of_problem(app: AppContext, context: RequestContext) -> PageFrame:
    """Return the frame of a request that may have been refused before its time was known."""
    if context.frame is not NEUTRAL or not app.views.loaded:
        return context.frame
    return frame_at(app.views, app.views.campaign_time(), app.settings.public_url)


async def _lead_to_sign_in(context: RequestContext, problem: Exception) -> Response | None:
    """Return the response that leads a visitor without a valid session to the sign-in of the page; else None.

    A form that was sent is kept in the sign-in page, to be sent again afterwards. Staff who must set an authenticator
    up are led to where they do that; a form that they sent gets a problem page instead, which links there.
    """
    sign_in, request = sign_in_path(context.route), context.request
    if isinstance(problem, Problem) and problem.code == "authenticator-missing":
        if "hx-request" in request.headers:  # a part of a page: the whole page goes there
            return Response(status_code=403, headers={"HX-Redirect": SECURITY})
        return redirect(SECURITY) if request.method in ("GET", "HEAD") else None
    if not isinstance(problem, Problem) or problem.status != 401 or not sign_in:
        return None
    if request.method in ("GET", "HEAD"):
        response = redirect(with_query(sign_in, {"to": current_path(request)}))
        if "hx-request" in request.headers:  # a part of a page: the whole page goes to the sign-in
            came_from = urlsplit(request.headers.get("hx-current-url", ""))
            to = with_query(came_from.path, parse_qsl(came_from.query)) if came_from.path else current_path(request)
            response = Response(status_code=401, headers={"HX-Redirect": with_query(sign_in, {"to": to})})
        return response
    waiting = None
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == forms.TYPE:
        try:
            body = await limits.read_body(request, limit=WAITING_FORM_BYTES)
        except Problem:
            body = b""
        waiting = WaitingForm.from_body(current_path(request), body)
    response = sign_in_page(context, sign_in, to=_referring_page(request), waiting=waiting)
    response.status_code = 401
    return response


def field_errors(problem: Problem, lang: str, *, zone: str = DEFAULT) -> dict[str, str]:
    """Return what is wrong with each field of a form, by the field's name, in a language.

    A problem that names no field stands under the empty name, for the page to show it above the form.
    """
    texts = document(problem, lang=lang, request="", zone=zone)
    found: dict[str, str] = {}
    for each in texts.get("errors", ()):
        name = unquote(each.get("pointer", f"#/{each.get('parameter', '')}")).removeprefix("#/")
        found.setdefault(name, each[lang])
    return found or {"": texts["detail"] or texts["title"]}


def _failure_page(context: RequestContext, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        log_.error("a request failed unexpectedly", request=context.id, route=context.route.name, exc_info=problem)
        problem = Problem("internal")
    sign_in = sign_in_path(context.route) if problem.status == 403 else ""
    return problem_page(
        context.request, problem, name=context.id, zone=context.zone, frame=context.frame, sign_in=sign_in
    )


def problem_page(
    request: Request,
    problem: Problem,
    *,
    name: str,
    again: str = "",
    zone: str = DEFAULT,
    frame: PageFrame = NEUTRAL,
    sign_in: str = "",
) -> Response:
    """Return the response that shows a problem as a page, with a link to try again. `name` is the request's id.

    `again` is the target of that link; by default it is the same page or, after a form was sent, the page that the form
    was on. A 401 leads to WeChat sign-in. `zone` is the campaign's time zone. `sign_in` is the path of the sign-in page
    of those whom the page admits.
    """
    preferences = ReaderPreferences.of(request, zone, frame)
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
        is_hidden_entry=problem.code.startswith("entry-was-"),
        security=SECURITY if problem.code == "authenticator-missing" else "",
        sign_in=sign_in and with_query(sign_in, {"to": origin}),
        title=texts["title"],
        detail=texts["detail"],
    )
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Language": LANGUAGE_TAGS[preferences.lang]}
    if problem.status in (429, 503):
        headers["Retry-After"] = "2"
    return Response(body, status_code=problem.status, media_type="text/html; charset=utf-8", headers=headers)
