"""Request pipeline: authorise, determine campaign time, parse, validate, handle, answer; and answer all errors.

Promises, by this order: a body is read only after the role is authorised; a service is called only after the whole
request is validated; an unexpected error is answered as `internal` with an id that is logged together with the cause.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http import limits, problems
from gateway.http.idempotency import without_secrets
from gateway.http.language import language
from gateway.http.problems import BODY, Problem
from gateway.routing import security_events
from gateway.routing.authorize import authorize, refuse_staff_elsewhere
from gateway.routing.context import AppContext
from gateway.routing.route import RequestContext, Route
from gateway.routing.step_up import require_proof
from shared import metrics
from shared.json_documents import repeated_key
from shared.logs import logger
from shared.rpc import flatten_messages

JSON, CSV = "application/json", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PATH_PART = re.compile(r"[A-Za-z0-9._-]{1,500}")
_CHARSETS = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
log_ = logger(__name__)


def endpoint(app: AppContext, route: Route) -> ASGIApp:
    """Return an ASGI application that serves the route: it runs the request pipeline and answers every error."""
    if route.raw is not None:
        return route.raw(app, route)
    handle = route.handle
    assert handle is not None

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request, name = Request(scope, receive), secrets.token_hex(8)
        context = None
        try:
            app.shedding.refuse(route.shed)
            with app.shedding.serving():
                context = await read_request(app, route, request, name)
                response = await handle(app, context)
            security_events.record_answer(app, context)
        except ClientDisconnect:
            return
        except Exception as problem:  # the outermost handler of a request: it answers and logs
            body = context.body if context else {}
            security_events.record_problem(app, route, request, problem, name, body)
            response = problem_response(app, request, problem, name)
        response.headers.setdefault("X-Request-Id", name)
        for header, value in route.answer_headers.items():
            response.headers.setdefault(header, value)
        metrics.HTTP.labels(route.name, response.status_code).inc()
        await response(scope, receive, send)

    return serve


def problem_response(app: AppContext, request: Request, problem: Exception, name: str) -> Response:
    """Return the response to an error.

    Any exception but a Problem is logged and answered as `internal`, without its text. The log has the path without its
    parameters, since the number of a letter opens its answer.

    `name` is the request's id, which the response and the log share.
    """
    if not isinstance(problem, Problem):
        log_.error("a request failed unexpectedly", request=name, path=_pattern(request), exc_info=problem)
        problem = Problem("internal")
    place, lang = problems.place_in(request), language_of(request)
    return problems.response(problem, lang=lang, request=name, place=place, zone=app.views.zone)


def _pattern(request: Request) -> str:
    path = request.url.path
    for name, value in request.path_params.items():
        path = path.replace(f"/{value}", f"/{{{name}}}", 1)
    return path


def language_of(request: Request) -> str:
    """Return the language, zh or en, in which an API request is answered."""
    return language(request.query_params, request.cookies, request.headers.get("accept-language", ""))


async def read_request(app: AppContext, route: Route, request: Request, name: str) -> RequestContext:
    """Authorise, parse and validate a request; return the context that its handler gets. Raise Problem.

    `name` is the request's id.
    """
    if route.rehearsal and not app.views.data("campaign").get("rehearsal"):
        raise Problem("not-found")
    headers = dict(request.scope["headers"])
    session = await authorize(app, route, headers, scheme=request.scope["scheme"])
    refuse_staff_elsewhere(app, route, session, request)
    await require_proof(app, route, session, headers, scheme=request.scope["scheme"])
    context = RequestContext(request, route, name, session, language_of(request), zone=app.views.zone)
    for part in context.path.values():
        if not _PATH_PART.fullmatch(part):
            raise Problem("not-found")
    context.at = _campaign_time(app, route, request)
    query = _query(request)
    roles = session.roles if session else frozenset()
    context.at_least = app.position_tokens.read(query.pop("at_least", ""), roles)
    context.query = _validate(route.query, query, place="query")
    if route.body is not None and route.reads_body:
        context.body = _validate(route.body, await _read_body(route, request))
    if route.command:
        context.command = _command_id(app, context)
    if context.at_least:
        await app.views.wait_until_known(context.at_least, who=context.sender(app.keys.campaign))
    return context


def _command_id(app: AppContext, context: RequestContext) -> str:
    request, route = context.request, context.route
    key = request.headers.get("idempotency-key")
    content = [context.path, context.query, without_secrets(route.body, context.body)]
    if context.session is None:
        caller = f"{request.client.host if request.client else ''} {request.headers.get('user-agent', '')}"
        return app.command_ids.of_anonymous(caller=caller, route=route.name, key=key, content=content)
    actor = f"{context.session.kind} {context.actor}"
    return app.command_ids.of(actor=actor, route=route.name, key=key, content=content)


def _campaign_time(app: AppContext, route: Route, request: Request) -> int:
    given_time = request.headers.get("campaign-time")
    if app.views.loaded or route.command or given_time is not None:
        return app.views.campaign_time(given_time)
    return app.wall()


def _query(request: Request) -> dict[str, str]:
    parsed: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in parsed:
            raise Problem("invalid", errors={name: ["repeated"]}, place="query")
        parsed[name] = value
    parsed.pop("lang", None)
    return parsed


def _validate(schema: type[Schema] | None, data: Mapping[str, Any], *, place: str = BODY) -> dict[str, Any]:
    if schema is None:
        if data:
            raise Problem("invalid", errors={name: ["unknown"] for name in data}, place=place)
        return {}
    try:
        loaded: dict[str, Any] = schema().load(data)
    except ValidationError as problem:
        raise Problem("invalid", errors=flatten_messages(problem.messages), place=place) from problem
    return loaded


async def _read_body(route: Route, request: Request) -> dict[str, Any]:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    csv = route.body_type == CSV
    body = await limits.read_body(request, limit=route.limit_bytes, within_s=limits.ROLL_S if csv else limits.BODY_S)
    if not body and not csv:
        return {}
    accepted = (CSV, XLSX) if csv else (route.body_type,)
    if media_type.strip().lower() not in accepted:
        raise Problem("media-type-unknown", facts={"accepted": ", ".join(accepted)})
    return table_file(body, parameters) if csv else _parse_object(body)


def table_file(body: bytes, parameters: str = "") -> dict[str, str]:
    """Return the body of a call with a roll file: `csv` for text, `file` in base64 for anything else.

    `parameters` are those of the content type; without a charset, submission finds out which one it is. Raises Problem
    where the named charset does not fit.
    """
    if body.startswith(b"PK") or not parameters.strip():
        try:
            return {"csv": body.decode("utf-8-sig")}
        except UnicodeDecodeError:
            return {"file": base64.b64encode(body).decode()}
    return {"csv": _decode_text(body, parameters)}


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)  # stricter than the standard library's parser: no NaN, no half of a surrogate pair
        repeated = repeated_key(body)
    except (ValueError, RecursionError) as problem:
        raise Problem("json-broken") from problem
    if not isinstance(data, dict):
        raise Problem("json-broken")
    if repeated is not None:
        raise Problem("invalid", errors={repeated: ["repeated"]}, place=BODY)
    return data


def _decode_text(body: bytes, parameters: str) -> str:
    _, _, charset = parameters.strip().lower().partition("charset=")
    codec = _CHARSETS.get(charset.strip().strip('"') or "utf-8")
    if codec is None:
        raise Problem("text-broken")
    try:
        return body.decode(codec)
    except UnicodeDecodeError as problem:
        raise Problem("text-broken") from problem
