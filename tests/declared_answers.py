"""Compare every JSON answer that a test gets with what the OpenAPI document declares for its route and status.

`CHECKED` goes into the `event_hooks` of an httpx client, `CHECKED_ASYNC` into those of an asynchronous one. A client
with the hook fails on an undeclared status, content type or code of a problem, and on a body that does not match. The
document lets answers have more fields than it names, so that old clients read new answers; here each field must be
declared. Not checked: pages and files outside `/api/v1`, and the document's own address.
"""

import re
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
from gateway.routing.route import API

JSON, PROBLEM = "application/json", "application/problem+json"
ROUTER_CODES = {404: "not-found", 405: "method-not-allowed"}  # of an address or a method that no route has
DOCUMENT = "urn:baijia:openapi"
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


CHECKED: dict[str, Any] = {"response": [check]}
CHECKED_ASYNC: dict[str, Any] = {"response": [check_async]}


def compare(method: str, path: str, response: httpx.Response, *, empty: bool = False) -> None:
    """`empty`: an answer without its body, to HEAD. Raises UndeclaredAnswer."""
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
    """Whether the code is one of the route's, and has its own status."""
    code = body["code"]
    if code not in operation["x-problems"]:
        raise UndeclaredAnswer(f"{code} is not among the route's {operation['x-problems']}")
    if {status} != {body["status"], WORDS[code].status}:
        raise UndeclaredAnswer(f"{code} has the status {WORDS[code].status}, and the body says {body['status']}")


class Validator:
    """A compiled schema of one answer."""

    def __init__(self, schema: dict[str, Any], registry: "Registry[Any]") -> None:
        self._validator = OAS31Validator(schema, registry=registry)

    def check(self, body: Any) -> None:
        """Raises UndeclaredAnswer."""
        faults = [f"{each.json_path}: {each.message[:200]}" for each in self._validator.iter_errors(body)]
        if faults:
            raise UndeclaredAnswer("; ".join(faults[:5]))


def answer_pointer(template: str, method: str, status: str, content: str) -> str:
    """Where the document has the schema of one answer."""
    steps = ("paths", template, method, "responses", status, "content", content, "schema")
    return "/".join(each.replace("~", "~0").replace("/", "~1") for each in steps)


@cache
def validator(pointer: str) -> Validator:
    """The schema that stands at a place of the document, compiled once."""
    return Validator({"$ref": f"{DOCUMENT}#/{pointer}"}, registry())


@cache
def declared() -> dict[str, Any]:
    """The document, with no field in an answer but those that it names."""
    found = deepcopy(document(ROUTES))
    close(found)
    return found


def close(part: Any) -> None:
    """Refuse what a schema that names properties does not name."""
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
    return Registry().with_resource(DOCUMENT, Resource(declared(), DRAFT202012))


@cache
def templates() -> list[tuple[re.Pattern[str], str]]:
    """The paths of the document, those without parameters first."""
    paths = sorted(declared()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in paths]


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The template and the operation that serve a request; where none does, what the router itself says of that."""
    for pattern, template in templates():
        if pattern.fullmatch(path):
            operations = declared()["paths"][template]
            if method.lower() in operations:
                return template, operations[method.lower()]
    return "", UNROUTED


UNROUTED: dict[str, Any] = {
    "x-problems": sorted(ROUTER_CODES.values()),
    "responses": {"default": {"content": {PROBLEM: {}}}},
}
