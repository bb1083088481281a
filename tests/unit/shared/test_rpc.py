"""RPC envelope: the checks that every call passes before the service's method runs."""

from typing import Any

import pytest
from marshmallow import Schema, fields

from shared.rpc import Call, Reply, call
from shared.stamps import wall_ms
from shared.testing.trusted_callers import TrustedCallers

ROLE_MISSING: Reply = {"refused": {"code": "role-missing", "field": None, "detail": {"roles": ["judge"]}}}


class Marked(Schema):
    mark = fields.Integer(required=True)


class Log:
    callers = TrustedCallers()


class Service:
    name, log = "town.marks", Log()

    @call(Marked, roles=("judge",))
    def judges_only(self, call: Call) -> Reply:
        return {"ok": call.body}

    @call(Marked)
    def whoever_asks(self, call: Call) -> Reply:
        return {"ok": call.body}


def envelope(*roles: str, **body: Any) -> dict[str, Any]:
    return {"id": "c1", "actor": "ann", "roles": list(roles), "at": 0, "deadline": wall_ms() + 60_000, "body": body}


@pytest.mark.parametrize("roles", [("judge",), ("unit", "judge")], ids=["the role alone", "the role among others"])
def test_caller_with_a_role_that_is_named_is_let_in(roles: tuple[str, ...]):
    assert Service().judges_only(envelope(*roles, mark=1)) == {"ok": {"mark": 1}}


@pytest.mark.parametrize("roles", [(), ("unit",)], ids=["no role", "another role"])
def test_caller_without_a_role_that_is_named_is_refused(roles: tuple[str, ...]):
    assert Service().judges_only(envelope(*roles, mark=1)) == ROLE_MISSING


def test_caller_who_is_not_let_in_hears_nothing_of_the_body():
    assert Service().judges_only(envelope("unit")) == ROLE_MISSING


def test_method_that_names_no_roles_is_for_whoever_asks():
    assert Service().whoever_asks(envelope(mark=1)) == {"ok": {"mark": 1}}
