"""Build the OpenAPI 3.1 document from the route table and its marshmallow schemas, so that nothing is described twice.

Each operation names its roles (`x-roles`) and the codes of its problems (`x-problems`).
"""

import inspect
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from gateway.backends.step_up import HEADER
from gateway.http.field_texts import FIELD_TEXTS
from gateway.http.fields import ResponseSchema
from gateway.http.problem_texts import WORDS
from gateway.routing.route import API, STAFF, Route

_PARAMETER = re.compile(r"{(\w+)}")
_ALWAYS = ("internal", "not-found", "views-away", "clock-is-real", "clock-before", "clock-invalid")
_SERVICES = ("service-away", "service-timeout", "overdue", "stopped", "campaign-not-open")
_READ = ("invalid", "position-invalid", "position-not-reached", "busy")  # raised by `pipeline.py`
PROBLEM = {
    "type": "object",
    "required": ["type", "code", "status", "title", "detail", "title_zh", "title_en", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:baijia:problem:window-closed"]},
        "code": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "title_zh": {"type": "string"},
        "title_en": {"type": "string"},
        "detail_zh": {"type": "string"},
        "detail_en": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "field": {"type": "string"},
        "facts": {"type": "object"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "parameter", "in", "code", "zh", "en")},
            },
        },
    },
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI document of these routes. Pages and files are left out, since they are not part of the API."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="百家 Baijia",
        version="1",
        openapi_version="3.1.0",
        info={"description": "Commands need Idempotency-Key; answers to them carry the position that they wrote."},
        servers=[{"url": API}],
        plugins=[plugin],
    )
    assert plugin.converter is not None  # made with the APISpec
    plugin.converter.add_attribute_function(_key_pattern)  # type: ignore[no-untyped-call]
    spec.components.schema("Problem", PROBLEM)
    spec.components.security_scheme("session", {"type": "http", "scheme": "bearer"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # apispec warns if a schema is used twice, which is intended
        for route in routes:
            if route.base == API:
                spec.path(path=route.path, operations={route.method.lower(): _operation(route)})
    built: dict[str, Any] = spec.to_dict()
    _describe(built, plugin)
    return built


def _describe(built: dict[str, Any], plugin: MarshmallowPlugin) -> None:
    """Add descriptions and examples to the schemas of a document.

    A schema is described by its docstring, or else by the operations that use it; a field by `field_texts`. Which
    fields an answer always has, its schema says.
    """
    assert plugin.converter is not None
    kinds = {name: key[0] for key, name in plugin.converter.refs.items()}
    uses: dict[str, list[str]] = defaultdict(list)
    for path, operations in built["paths"].items():
        for method, operation in operations.items():
            for name in _names_of_schemas(operation):
                uses[name].append(f"{method.upper()} {path}")
    for name, schema in built["components"]["schemas"].items():
        kind = kinds.get(name)
        text = inspect.getdoc(kind) if kind is not None and "__doc__" in vars(kind) and kind.__doc__ else None
        if kind is not None and issubclass(kind, ResponseSchema):
            schema["required"] = kind.required_fields()
        if "description" not in schema:
            used = ", ".join(f"`{each}`" for each in dict.fromkeys(uses[name]))
            schema["description"] = text or (f"Used by {used}." if used else "Part of another schema.")
        for field, facts in schema.get("properties", {}).items():
            told = FIELD_TEXTS.get(field)
            if told is not None:
                facts.setdefault("description", told.description)
                if told.example is not None and fits(told.example, facts):
                    facts.setdefault("examples", [told.example])


def fits(example: Any, schema: dict[str, Any]) -> bool:
    """Return whether an example has the type that a schema names. A reference to another schema takes none."""
    kinds = schema.get("type", ())
    wanted = {kinds} if isinstance(kinds, str) else set(kinds)
    names = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object"}
    of_texts = not isinstance(example, list) or schema.get("items", {}).get("type") == "string"
    return names[type(example)] in wanted and "enum" not in schema and of_texts


def _names_of_schemas(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2]
        for each in part.values():
            yield from _names_of_schemas(each)
    elif isinstance(part, list):
        for each in part:
            yield from _names_of_schemas(each)


def problems_of(route: Route) -> list[str]:
    """Return the codes of all problems that a route can answer: those implied by its kind, and its own."""
    codes = {*route.problems, *_ALWAYS}
    if route.raw is None:
        codes |= {*_READ, *_SERVICES}
    # An open route too refuses credentials that do not hold.
    codes |= {"session-invalid", "session-expired", "session-ended"}
    if not route.is_open:
        codes |= {"session-missing", "role-missing"}
    if route.roles & STAFF and not route.is_open:
        codes |= {"network-refused"}
    if route.roles & STAFF and not (route.is_open or route.before_second_factor):
        codes |= {"authenticator-missing"}
    if route.step_up:
        codes |= {"step-up-needed"}
    if route.changes:
        codes |= {"cross-site"}
    if route.command:
        codes |= {"idempotency-key-missing", "idempotency-key-invalid", "idempotency-key-reused"}
    if route.body is not None:
        codes |= {"json-broken", "media-type-unknown", "body-too-large", "body-too-slow"}
    return sorted(codes)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.about,
        "x-roles": sorted(route.roles),
        "x-problems": problems_of(route),
        "parameters": _parameters(route),
        "responses": {**_answers(route), **_problems(route)},
    }
    if not route.is_open:
        operation["security"] = [{"session": []}]
    if not route.reads_body:
        # A creation may bring the first bytes of an upload, and need not.
        operation["requestBody"] = {"required": route.method != "POST", "content": {route.body_type: {}}}
    elif route.body_type != "application/json":
        operation["requestBody"] = {"required": True, "content": {route.body_type: {"schema": {"type": "string"}}}}
    elif route.body is not None:
        operation["requestBody"] = {"required": True, "content": {route.body_type: {"schema": route.body}}}
    return operation


def _parameters(route: Route) -> list[Any]:
    parameters: list[Any] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]
    if route.command:
        parameters.append(
            _header("Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 128}, required=True)
        )
    if route.step_up:
        parameters.append(_header(HEADER, {"type": "string"}))
    parameters.append(_header("Campaign-Time", {"type": "integer"}))
    parameters += [_header(name, {"type": "string"}, required=False) for name in route.headers]
    if route.query is not None:
        parameters.append({"in": "query", "schema": route.query})
    if route.raw is None:
        position = {"schema": {"type": "string"}, "description": "positions, with commas"}
        parameters.append({"in": "query", "name": "at_least", **position})
    parameters.append({"in": "query", "name": "lang", "schema": {"type": "string", "enum": ["zh", "en"]}})
    return parameters


def _header(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": required, "schema": schema}


def _answers(route: Route) -> dict[str, Any]:
    statuses = (route.status, 202) if route.later else (route.status,)
    not_modified = {"304": {"description": "The client has the answer that its If-None-Match names"}}
    is_validated = route.method == "GET" and route.answer_type == "application/json"
    return {str(status): _answer(route) for status in statuses} | (not_modified if is_validated else {})


def _answer(route: Route) -> dict[str, Any]:
    if route.status == 204:
        return {"description": "Done"}
    if route.answer_type != "application/json":
        return {"description": "The file", "content": {route.answer_type: {}}}
    schema: Any = route.answer or {"type": "object"}
    return {"description": "The answer", "content": {route.answer_type: {"schema": schema}}}


def _problems(route: Route) -> dict[str, Any]:
    """Return the problems of a route by their status; each status lists its codes, with what they say."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in problems_of(route):
        by_status[WORDS[code].status].append(code)
    return {str(status): _problem(codes) for status, codes in sorted(by_status.items())}


def _problem(codes: list[str]) -> dict[str, Any]:
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"code": {"enum": codes}}},
        ]
    }
    description = "; ".join(f"`{code}`: {WORDS[code].en}" for code in codes)
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _operation_id(route: Route) -> str:
    path = _PARAMETER.sub(r"\1", route.path).strip("/").replace("/", "-")
    return f"{route.method.lower()}-{path}"


def _key_pattern(converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """Return the rule for the keys of a table, which apispec leaves out."""
    key = getattr(field, "key_field", None)
    return {} if key is None else {"propertyNames": converter.field2property(key)}


def _schema_name(schema: type[Schema] | Schema | str) -> str:
    """Return the name of a schema in the document's components.

    Requests and responses may use the same class name: the module tells them apart.
    """
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__ + ("Told" if kind.__module__.endswith("response_schemas") else "")
