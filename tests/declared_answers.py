"""Compare every JSON answer that a test gets with what the OpenAPI document declares for its route and status.

Give an httpx client the `event_hooks` `ANSWER_HOOKS`, or `ASYNC_ANSWER_HOOKS` where it is asynchronous: it then fails
on an undeclared status, content type or problem code, and on a body that does not match. The document lets answers have
more fields than it names, so that old clients can read new answers; here each field must be declared. Pages and files
outside `/api/v1` are not compared, nor is the document's own address.

Most routes only forward a service's answer. `check_reply` compares such an answer where a test calls the service
itself, so that the real services are held to the document too, and not only what stands in for them in a test.
"""

import inspect
import re
from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import httpx
import orjson
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gateway.http.problem_texts import WORDS
from gateway.routes import ROUTES
from gateway.routing.openapi import document
from gateway.routing.route import API, Route
from gateway.routing.service_calls import forward, forward_look_up

JSON, PROBLEM = "application/json", "application/problem+json"
ROUTER_CODES = {404: "not-found", 405: "method-not-allowed"}  # of an address or a method that no route has
DOCUMENT = "urn:baijia:openapi"
FORWARDS = {f"{each.__qualname__}.<locals>.handle" for each in (forward, forward_look_up)}
#: Routes with a handler of their own that add to the service's answer, or wait for it, and change none of its fields.
EXTENDING_ROUTES = {
    ("submission", "inspect_upload"): ("GET", "/uploads/{upload}/file"),
    ("submission", "preparation"): ("GET", "/files/{sha256}/preparation"),
    ("submission", "preview_link"): ("POST", "/my/links/preview"),
    ("submission", "entry_link"): ("GET", "/moderation/entries/{entry}/link"),
    ("submission", "missing"): ("POST", "/my/entries/check"),
    ("moderation", "move_clock"): ("POST", "/campaign/clock"),
    ("moderation", "appoint_staff"): ("POST", "/staff"),
    ("moderation", "confirm_staff_change"): ("POST", "/staff/changes/{change}/confirmation"),
    ("moderation", "set_password"): ("POST", "/passwords"),
    ("moderation", "change_password"): ("POST", "/my/password"),
    ("moderation", "my_sessions"): ("GET", "/my/sessions"),
    ("moderation", "prove_again"): ("POST", "/my/step-up"),
    ("moderation", "my_security"): ("GET", "/my/security"),
    ("moderation", "begin_authenticator"): ("POST", "/my/authenticator/new"),
    ("moderation", "add_authenticator"): ("POST", "/my/authenticator"),
    ("moderation", "remove_authenticator"): ("DELETE", "/my/authenticator"),
    ("submission", "my_sessions"): ("GET", "/my/sessions"),
    ("moderation", "file_complaint"): ("POST", "/complaints"),
    ("scoring", "my_entry"): ("GET", "/judging/entries/{entry}"),
    ("ranking", "explanation"): ("GET", "/entries/{entry}/explanation"),
    ("ranking", "rule_sheet"): ("GET", "/campaign/rules/sheet"),
    ("ranking", "rehearse_result"): ("GET", "/result/rehearsal"),
    ("ranking", "result_without"): ("GET", "/result/without/{entry}"),
    ("ranking", "awaited_final"): ("GET", "/result/final"),
    ("ranking", "file_objection"): ("POST", "/objections"),
    ("ranking", "issue_certificates"): ("POST", "/certificates"),
}
OF_THE_SERVICE_ALONE = frozenset({"role-missing"})  # the gateway has let in nobody whom the service refuses by role
#: Refusals of arguments that only a direct call of the service can have: no route passes a cut to the table.
BY_DIRECT_CALL_ONLY = {
    ("ranking", "table"): frozenset({"cut-unknown"}),
    ("submission", "entries_of_unit"): frozenset({"unit-unknown"}),  # the route is a unit's, and only staff name a unit
}
ADDED_BY_THE_GATEWAY = frozenset({"position", "page", "next", "zh", "en", "content", "versions"})
PROBLEM_POINTER = "components/schemas/Problem"


class UndeclaredAnswer(AssertionError):
    """An answer that the OpenAPI document does not declare."""


def check(response: httpx.Response) -> None:
    """Compare one answer with the document. Raises UndeclaredAnswer."""
    method, path = response.request.method, response.request.url.path
    if not path.startswith(f"{API}/") or path == f"{API}/openapi.json":
        return
    response.read()
    try:
        compare("GET" if method == "HEAD" else method, path.removeprefix(API), response, empty=method == "HEAD")
    except UndeclaredAnswer as problem:
        raise UndeclaredAnswer(f"{method} {path}, {response.status_code}: {problem}") from None


async def check_async(response: httpx.Response) -> None:
    """Compare one answer with the document. Raises UndeclaredAnswer."""
    await response.aread()
    check(response)


ANSWER_HOOKS: dict[str, Any] = {"response": [check]}
ASYNC_ANSWER_HOOKS: dict[str, Any] = {"response": [check_async]}


def compare(method: str, path: str, response: httpx.Response, *, empty: bool = False) -> None:
    """Compare an answer with the operation that serves this method and path. Raises UndeclaredAnswer.

    `empty`: the answer has no body, because the request was a HEAD.
    """
    template, operation = operation_of(method, path)
    status, kind = str(response.status_code), response.headers.get("content-type", "").partition(";")[0]
    answers = operation["responses"]
    answer = answers.get(status) or (answers["default"] if response.status_code >= 400 else None)
    if answer is None:
        raise UndeclaredAnswer(f"only {sorted(answers)} are declared")
    contents = answer.get("content", {})
    if not contents:
        if response.content:
            raise UndeclaredAnswer(f"a body where none is declared: {response.text[:200]}")
        return
    content = next((each for each in contents if fnmatchcase(kind, each)), None)
    if content is None:
        raise UndeclaredAnswer(f"{kind or 'no content type'} is not among {sorted(contents)}")
    if empty or "json" not in kind:
        return
    name = status if status in answers else "default"
    body = orjson.loads(response.content)
    validator(answer_pointer(template, method.lower(), name, content) if template else PROBLEM_POINTER).check(body)
    if kind == PROBLEM:
        check_problem(operation, response.status_code, body)


def check_problem(operation: dict[str, Any], status: int, body: dict[str, Any]) -> None:
    """Check that the code is one that the route declares, and that it has its own status. Raises UndeclaredAnswer."""
    code = body["code"]
    if code not in operation["x-problems"]:
        raise UndeclaredAnswer(f"{code} is not among the route's {operation['x-problems']}")
    if {status} != {body["status"], WORDS[code].status}:
        raise UndeclaredAnswer(f"{code} has the status {WORDS[code].status}, and the body says {body['status']}")


def check_reply(service: str, method: str, reply: Mapping[str, Any]) -> None:
    """Compare a service's answer with the routes that forward it unchanged. Raises UndeclaredAnswer."""
    for route in forwarding_routes().get((service, method), ()):
        operation = closed_document()["paths"][route.path][route.method.lower()]
        if "ok" in reply:
            position = {"position": "a token of the gateway"} if "log" in reply else {}
            pointer = answer_pointer(route.path, route.method.lower(), str(route.status), JSON)
            try:
                validator(pointer).check(orjson.loads(orjson.dumps({**reply["ok"], **position})))
            except UndeclaredAnswer as problem:
                raise UndeclaredAnswer(f"{service}.{method} for {route.name}: {problem}") from None
            schema = operation["responses"][str(route.status)]["content"][JSON]["schema"]
            missing = missing_fields(schema, orjson.loads(orjson.dumps(reply["ok"])))
            if missing:
                raise UndeclaredAnswer(f"{service}.{method} for {route.name}: required, and missing: {missing[:5]}")
            continue
        declared = {*operation["x-problems"], *OF_THE_SERVICE_ALONE, *BY_DIRECT_CALL_ONLY.get((service, method), ())}
        if "refused" in reply and reply["refused"]["code"] not in declared:
            raise UndeclaredAnswer(f"{service}.{method} refuses by {reply['refused']['code']}, unlike {route.name}")


@cache
def forwarding_routes() -> Mapping[tuple[str, str], list[Route]]:
    """Return, by service and method, the routes that pass its answer on: as `forward` does, and EXTENDING_ROUTES."""
    found: dict[tuple[str, str], list[Route]] = defaultdict(list)
    named = {(route.method, route.path): route for route in ROUTES if route.base == API}
    for call, name in EXTENDING_ROUTES.items():
        found[call].append(named[name])
    for route in ROUTES:
        if route.base == API and route.handle is not None and route.handle.__qualname__ in FORWARDS:
            known = inspect.getclosurevars(route.handle).nonlocals
            found[known["service"], known["method"]].append(route)
    assert len(found) > len(EXTENDING_ROUTES), "no route is made by `forward`: has it another name?"
    return found


class Validator:
    """A compiled schema of one answer."""

    def __init__(self, schema: dict[str, Any], registry: "Registry[Any]") -> None:
        self._validator = OAS31Validator(schema, registry=registry)

    def check(self, body: Any) -> None:
        """Check a body against the schema. Raises UndeclaredAnswer."""
        faults = [f"{each.json_path}: {each.message[:200]}" for each in self._validator.iter_errors(body)]
        if faults:
            raise UndeclaredAnswer("; ".join(faults[:5]))


def answer_pointer(template: str, method: str, status: str, content: str) -> str:
    """Return the JSON pointer of the schema of one answer."""
    steps = ("paths", template, method, "responses", status, "content", content, "schema")
    return "/".join(each.replace("~", "~0").replace("/", "~1") for each in steps)


@cache
def validator(pointer: str) -> Validator:
    """Return the schema at a pointer of the document, compiled once."""
    return Validator({"$ref": f"{DOCUMENT}#/{pointer}"}, registry())


@cache
def closed_document() -> dict[str, Any]:
    """Return the document with answers closed: they may have no fields but those that it names.

    The services of many tests are stand-ins that answer with the fields that the test is about, so fields may be
    missing here; those of the real services may not (`missing_fields`).
    """
    found = deepcopy(document(ROUTES))
    close(found)
    for name, schema in found["components"]["schemas"].items():
        if name.endswith("Told"):
            schema.pop("required", None)
    return found


@cache
def schemas_of_answers() -> dict[str, Any]:
    """Return the schemas of the document as they are, with the fields that are required."""
    found: dict[str, Any] = document(ROUTES)["components"]["schemas"]
    return found


def missing_fields(schema: Mapping[str, Any], value: Any, place: str = "$") -> list[str]:
    """Return the places in a service's answer where a field is missing that the document requires.

    Fields that the gateway adds may be missing.
    """
    if value is None:
        return []
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return missing_fields(schemas_of_answers()[reference.rpartition("/")[2]], value, place)
    found = [each for part in schema.get("anyOf", ()) for each in missing_fields(part, value, place)]
    if isinstance(value, list):
        items = schema.get("items", {})
        return found + [each for n, item in enumerate(value) for each in missing_fields(items, item, f"{place}[{n}]")]
    if not isinstance(value, dict):
        return found
    required = set(schema.get("required", ())) - ADDED_BY_THE_GATEWAY - value.keys()
    found += [f"{place}.{name}" for name in sorted(required)]
    rest = schema.get("additionalProperties")
    for name, each in value.items():
        part = schema.get("properties", {}).get(name) or (rest if isinstance(rest, dict) else {})
        found += missing_fields(part, each, f"{place}.{name}")
    return found


def close(part: Any) -> None:
    """Forbid further properties in every schema that names some."""
    if isinstance(part, dict):
        if "properties" in part and part.get("type") == "object":
            part["additionalProperties"] = False
        for each in part.values():
            close(each)
    elif isinstance(part, list):
        for each in part:
            close(each)


@cache
def registry() -> "Registry[Any]":
    return Registry().with_resource(DOCUMENT, Resource(closed_document(), DRAFT202012))


@cache
def templates() -> list[tuple[re.Pattern[str], str]]:
    """Return the paths of the document as patterns, those with the fewest parameters first."""
    paths = sorted(closed_document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in paths]


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]]:
    """Return the template and the operation that serve a request; without one, the router's own answers."""
    for pattern, template in templates():
        if pattern.fullmatch(path):
            operations = closed_document()["paths"][template]
            if method.lower() in operations:
                return template, operations[method.lower()]
    return "", UNROUTED


UNROUTED: dict[str, Any] = {
    "x-problems": sorted(ROUTER_CODES.values()),
    "responses": {"default": {"content": {PROBLEM: {}}}},
}
