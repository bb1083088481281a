"""The pages: `/`, the campaign on one page, and `/entries/{number}`. Made here by Jinja2; voters' own are in `doors/`.

Promises: Chinese until the switch is turned; a state is told in words, not by colour alone; what a page shows is what
the views hold; nothing is loaded from elsewhere; what a script does here a plain form or link does too.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import answers, public
from gateway.admission import devices
from gateway.gate import Gate
from gateway.guard import admit
from gateway.language import COOKIE, LANGUAGES, language
from gateway.memo import etag_of
from gateway.problems import LANGUAGE_TAGS, Problem, document
from gateway.route import ANYONE, VOTER, Ask, Route
from gateway.shedding import Shed
from gateway.views import PHASES
from gateway.words import WORDS
from shared import metrics
from shared.logs import logger

ROWS = 20  # of a leaderboard, until all are asked for
SHOWCASE = 24
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie",
    **answers.SAFE,
}
_CHINA = timezone(timedelta(hours=8))
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
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
Page = Callable[[Gate, Ask], Awaitable[Response]]


def page(make: Page) -> Callable[[Gate, Route], ASGIApp]:
    """A page as an ASGI application, with a page for what goes wrong."""

    def made(gate: Gate, route: Route) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            request, name = Request(scope, receive), secrets.token_hex(8)
            ask = Ask(request, route, name, None, language(request.query_params, request.cookies))
            try:
                ask.session = await admit(gate, route, dict(scope["headers"]), scheme=request.url.scheme)
                ask.at = gate.views.moment() if gate.views.loaded else gate.wall()
                with gate.shedding.serving():
                    response = await make(gate, ask)
            except Exception as problem:  # the outermost loop of a request: said to the reader, kept in the log
                response = _failure(ask, problem)
            if request.query_params.get("lang") in LANGUAGES:
                response.set_cookie(COOKIE, ask.lang, max_age=365 * 86_400, path="/", samesite="lax")
            metrics.HTTP.labels(route.name, response.status_code).inc()
            await response(scope, receive, send)

        return serve

    return made


async def home(gate: Gate, ask: Ask) -> Response:
    views = gate.views
    if not views.data("campaign"):
        return _page(ask, render("closed.html", ask.lang, path="/"))
    phase, kind = views.phase(ask.at), ask.request.query_params.get("type")
    kinds = {each["code"] for each in views.campaign["unit_types"]}
    kind = kind if kind in kinds else None
    made_of = tuple(views.view(name).mark for name in ("campaign", "entries", "board", "result", "exhibition"))
    key = ("page", ask.lang, kind)
    if gate.shedding.stale(ask.route.shed) and (old := gate.memo.last(key)):
        return _page(ask, old[0].body, etag=old[0].etag, more=public.shed(ask, old[1]))
    kept = gate.memo.get(key, (*made_of, phase), lambda: render("home.html", ask.lang, **_home(gate, ask, kind)))
    return _page(ask, kept.body, etag=kept.etag)


async def entry(gate: Gate, ask: Ask) -> Response:
    name = ask.path["number"]
    found = gate.views.entry(name)
    if found is None:
        raise Problem("entry-unknown")
    try:
        content = await public.whole_entry(gate, ask, found)
    except Problem as problem:
        if problem.status < 500:
            raise
        content = {}  # the service is away: what the view holds is better than nothing
    seen = gate.views.data("entries")["entries"][found]
    names = _names(gate, "unit_types", ask.lang), _names(gate, "themes", ask.lang)
    board = gate.views.data("board").get("types", {}).get(seen["type"], ())
    standing: dict[str, Any] = next((row for row in board if row["entry"] == found), {})
    way = like_way(gate, ask, seen)
    body = render(
        "entry.html",
        ask.lang,
        path=f"/entries/{name}",
        title=seen["title"],
        entry=seen,
        content=content,
        standing=standing,
        won=next((each for each in public.published(gate.views).get("winners", ()) if each["entry"] == found), {}),
        type_name=names[0].get(seen["type"], seen["type"]),
        themes=[names[1].get(each, each) for each in content.get("themes", ())],
        videos=_files(content, "video"),
        sounds=_files(content, "audio"),
        like=way,
        ticket=_ticket(gate, ask, found) if way == "form" else "",
    )
    if gate.views.phase(ask.at) != "likes":
        return _page(ask, body)
    response = shown(ask, body)  # the way to a like is the visitor's own, so the page is too
    if way == "form":
        devices.mark(ask.request, response)
    return response


def _ticket(gate: Gate, ask: Ask, entry: str) -> str:
    return gate.turnstile.tickets.issue(ask.actor, count=1, entry=entry)[0]


def like_way(gate: Gate, ask: Ask, entry: Mapping[str, Any]) -> str:
    """How this visitor likes this entry now: by a form, by WeChat's door, by a code for a phone, or not at all."""
    if entry["number"] is None or entry["frozen"] or gate.views.phase(ask.at) != "likes":
        return ""
    if ask.session is not None and VOTER in ask.session.roles:
        return "form"
    if gate.doors is None:
        return ""
    return "wechat" if "MicroMessenger" in ask.request.headers.get("user-agent", "") else "code"


def shown(ask: Ask, body: bytes, *, status: int = 200) -> Response:
    """A page for this visitor alone."""
    headers = {**HEADERS, "Cache-Control": answers.PRIVATE, "Content-Language": LANGUAGE_TAGS[ask.lang]}
    return Response(body, status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def sent_on(path: str) -> Response:
    """To another page of ours, or to WeChat's."""
    return Response(status_code=303, headers={"Location": path, "Cache-Control": "no-store", **answers.SAFE})


def _files(content: Mapping[str, Any], kind: str) -> list[str]:
    return [each["sha256"] for each in content.get("files", ()) if each["kind"] == kind]


def render(template: str, lang: str, **context: Any) -> bytes:
    """A template in a language."""

    def say(key: str, **values: object) -> str:
        return WORDS[key][LANGUAGES.index(lang)].format(**values)

    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    tags = {"lang": lang, "tag": LANGUAGE_TAGS[lang], "other": other, "other_tag": LANGUAGE_TAGS[other]}
    return _TEMPLATES.get_template(template).render(say=say, when=_when, span=_span, **tags, **context).encode()


def _home(gate: Gate, ask: Ask, kind: str | None) -> dict[str, Any]:
    views, lang = gate.views, ask.lang
    campaign, board, visible = views.campaign, views.data("board"), views.data("entries").get("entries", {})
    types = _names(gate, "unit_types", lang)
    result, exhibition = public.published(views), public.exhibited(views)
    return {
        "path": "/",
        "title": campaign[f"title_{lang}"],
        "campaign": campaign,
        "phase": views.phase(ask.at),
        "schedule": [_scheduled(name, campaign["windows"][name], ask.at) for name in PHASES],
        "boards": _boards(board, types, kind),
        "as_of": board.get("as_of") or 0,
        "hidden": all(row["likes"] is None for rows in board.get("types", {}).values() for row in rows),
        "digest": result.get("digest"),
        "winners": _by_type(result.get("winners", ()), types),
        "exhibition": exhibition,
        "exhibited": _by_type(exhibition["entries"], types),
        "showcase": [] if exhibition["entries"] else public.listed(views)[:SHOWCASE],
        "visible": visible,
        "frozen": {entry for entry, each in visible.items() if each["frozen"]},
        "types": types,
    }


def _boards(board: dict[str, Any], types: dict[str, str], kind: str | None) -> list[dict[str, Any]]:
    """The leaderboards in the campaign's order; all rows of the one that was asked for."""
    return [
        {
            "code": code,
            "name": name,
            "rows": rows if code == kind else rows[:ROWS],
            "total": len(rows),
            "open": code == kind or (kind is None and i == 0),
        }
        for i, (code, name) in enumerate(types.items())
        if (rows := board.get("types", {}).get(code))
    ]


def _by_type(rows: Sequence[dict[str, Any]], types: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Rows by the name of their type, in the campaign's order, best first."""
    placed = sorted(rows, key=lambda row: (row["place"] is None, row["place"]))
    kinds = {name: [each for each in placed if each["type"] == code] for code, name in types.items()}
    return {name: those for name, those in kinds.items() if those}


def _scheduled(name: str, window: dict[str, int], at: int) -> dict[str, Any]:
    state = "coming" if at < window["start"] else "now" if at < window["end"] else "past"
    return {"name": name, "start": window["start"], "end": window["end"], "state": state}


def _names(gate: Gate, what: str, lang: str) -> dict[str, str]:
    return {each["code"]: each[lang] for each in gate.views.data("campaign").get(what, ())}


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, _CHINA).strftime("%Y-%m-%d %H:%M")


def _span(start: int, end: int) -> tuple[str, str]:
    """A half-open window as people say it: whole days with the last one inside, anything else to the minute."""
    first, after = (datetime.fromtimestamp(at / 1000, _CHINA) for at in (start, end))
    if first.time() == after.time() == time.min:
        return f"{first:%Y-%m-%d}", f"{after - timedelta(days=1):%Y-%m-%d}"
    return _when(start), _when(end)


def _page(ask: Ask, body: bytes, *, etag: str | None = None, more: Mapping[str, str] = {}) -> Response:
    headers = {**HEADERS, "Content-Language": LANGUAGE_TAGS[ask.lang], **more}
    return answers.known(
        ask.request, body, etag or etag_of(body), public=True, media_type="text/html; charset=utf-8", headers=headers
    )


def _failure(ask: Ask, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        log_.error("unforeseen", request=ask.id, path=ask.request.url.path, exc_info=problem)
        problem = Problem("internal")
    return problem_page(ask.request, problem, lang=ask.lang, name=ask.id)


def problem_page(request: Request, problem: Problem, *, lang: str, name: str, again: str = "") -> Response:
    """What a reader is told of a failure. `again`: where to try again, if not at the same address."""
    told = document(problem, lang=lang, request=name)
    body = render(
        "problem.html",
        lang,
        path=request.url.path,
        again=again or ("/wechat/like" if problem.status == 401 else request.url.path),
        enter=problem.status == 401,
        title=told["title"],
        detail=told["detail"],
    )
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Language": LANGUAGE_TAGS[lang]}
    if problem.status in (429, 503):
        headers["Retry-After"] = "2"
    return Response(body, status_code=problem.status, media_type="text/html; charset=utf-8", headers=headers)


ROUTES = (
    Route(
        method="GET", path="/", base="", roles=ANYONE, about="The campaign on one page", raw=page(home), shed=Shed.LIST
    ),
    Route(method="GET", path="/entries/{number}", base="", roles=ANYONE, about="One entry", raw=page(entry)),
)
