"""The OpenAPI document is valid, and describes each route as the table declares it."""

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from gateway.http import response_schemas
from gateway.http.field_texts import FIELD_TEXTS
from gateway.http.fields import ResponseSchema
from gateway.routes import ROUTES
from gateway.routing.openapi import document, problems_of
from gateway.routing.route import API
from tests.unit.gateway.test_routes import url
from tests.unit.gateway.town import Visitor

DOCUMENT = document(ROUTES)
LISTED = [route for route in ROUTES if route.base == API]
EACH = pytest.mark.parametrize("route", LISTED, ids=lambda route: route.name)


def test_document_is_valid():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"] == "3.1.0"


def test_document_is_served(visitor: Visitor):
    assert visitor.request("GET", "/openapi.json").json() == DOCUMENT


@EACH
def test_operation_names_its_roles_and_problems(route):
    operation = DOCUMENT["paths"][route.path][route.method.lower()]

    assert sorted(route.roles) == operation["x-roles"]
    assert set(route.problems) <= set(operation["x-problems"])
    assert ("security" in operation) == (not route.is_open)
    assert str(route.status) in operation["responses"]
    assert "application/problem+json" in operation["responses"]["500"]["content"]


@pytest.mark.parametrize(
    "slip",
    [
        pytest.param({"headers": {"Campaign-Time": "noon"}}, id="a time that is none"),
        pytest.param({"headers": {"Campaign-Time": "1"}}, id="a time before the clock"),
        pytest.param({"params": {"at_least": "here"}}, id="a position that is none"),
        pytest.param({"params": {"unheard-of": "1"}}, id="an unknown parameter"),
        pytest.param({"content": b"[" * 200_000}, id="a large body"),
    ],
)
def test_what_the_edge_refuses_is_in_the_document(visitor: Visitor, slip):
    undeclared, refused = {}, 0
    for route in LISTED:
        role = "" if route.is_open else sorted(route.roles)[0]
        answer = visitor.request(route.method, url(route)[len(API) :], role=role, key="k", **slip)
        refused += answer.status_code >= 400
        if answer.status_code >= 400 and answer.json()["code"] not in problems_of(route):
            undeclared[route.name] = answer.json()["code"]

    assert refused > len(LISTED) // 2
    assert undeclared == {}


@pytest.mark.parametrize("method", ["post", "delete"])
def test_like_may_be_accepted_for_later(method: str):
    operation = DOCUMENT["paths"]["/entries/{entry}/like"][method]

    assert {"200", "202"} == {status for status in operation["responses"] if status < "400"}
    assert "default" not in operation["responses"]
    assert "at_least" not in {each["name"] for each in operation["parameters"]}


@EACH
def test_command_wants_its_key_in_the_document_too(route):
    parameters = DOCUMENT["paths"][route.path][route.method.lower()]["parameters"]
    required = {each["name"] for each in parameters if each["in"] == "header" and each["required"]}

    assert route.command == ("Idempotency-Key" in required)


def test_operations_have_different_ids():
    ids = [each["operationId"] for path in DOCUMENT["paths"].values() for each in path.values()]

    assert len(ids) == len(set(ids)) == len(LISTED)


def test_bodies_refuse_unknown_fields_in_the_document_too():
    schemas = DOCUMENT["components"]["schemas"]

    assert False is schemas["HandIn"]["additionalProperties"]
    assert schemas["HandIn"]["properties"]["h5"]["type"] == ["string", "null"]


def test_problems_of_a_command_hold_those_of_the_edge():
    route = next(each for each in ROUTES if each.command and not each.is_open)

    assert {"idempotency-key-missing", "role-missing", "service-timeout"} <= set(problems_of(route))


def test_every_schema_is_described():
    bare = [name for name, schema in DOCUMENT["components"]["schemas"].items() if not schema.get("description")]

    assert bare == []


def test_texts_of_fields_are_of_fields_that_there_are():
    named = {field for schema in DOCUMENT["components"]["schemas"].values() for field in schema.get("properties", {})}

    assert set(FIELD_TEXTS) - named == set()


def test_examples_have_what_their_schema_demands():
    wrong = {}
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, facts in schema.get("properties", {}).items():
            for example in facts.get("examples", ()):
                faults = [each.message for each in OAS31Validator(facts).iter_errors(example)]
                if faults:
                    wrong[name, field] = faults

    assert wrong == {}


def test_every_field_is_described():
    fields = {
        (name, field): facts
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, facts in schema.get("properties", {}).items()
    }
    bare = [place for place, facts in fields.items() if not facts.get("description")]

    print(f"\nOpenAPI: {len(fields) - len(bare)} of {len(fields)} fields are described")
    assert bare == []


def test_answers_say_which_fields_they_always_have():
    schemas = DOCUMENT["components"]["schemas"]

    assert schemas["OwnSessionTold"]["required"] == ["session", "agent", "began", "seen", "expires", "is_current"]
    assert {"repeated", "position"}.isdisjoint(schemas["DeskTold"]["required"])
    assert schemas["MyLikesTold"]["required"] == schemas["OrderOutcomeTold"]["required"] == ["status"]


def test_optional_fields_of_answers_are_fields_that_there_are():
    wrong = {
        kind.__name__: unknown
        for kind in vars(response_schemas).values()
        if isinstance(kind, type) and issubclass(kind, ResponseSchema)
        if (unknown := set(kind.optional) - set(kind().fields))
    }

    assert wrong == {}
