"""An answer that the OpenAPI document does not declare fails a test: the comparison itself, and a client with it."""

from typing import Any

import httpx
import pytest

from gateway.routing.route import API
from tests.declared_answers import UndeclaredAnswer, check, check_reply
from tests.unit.gateway.town import Visitor

LIKED = {"status": "counted", "receipt": "0.1.0.abc", "remaining": 19}
PROBLEM = {
    "type": "urn:baijia:problem:daily-limit",
    "code": "daily-limit",
    "status": 409,
    "title": "t",
    "detail": "d",
    "title_zh": "t",
    "title_en": "t",
    "instance": "urn:baijia:request:1",
}


def answer(
    status: int, body: Any, *, method: str = "POST", path: str = "/entries/A001/like", kind: str = "application/json"
) -> httpx.Response:
    request = httpx.Request(method, f"http://baijia.test{API}{path}")
    return httpx.Response(status, json=body, headers={"Content-Type": kind}, request=request)


def problem(http: int = 409, *, path: str = "/entries/A001/like", **changes: Any) -> httpx.Response:
    return answer(http, PROBLEM | changes, path=path, kind="application/problem+json")


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(answer(200, LIKED), id="an answer"),
        pytest.param(answer(202, {"status": "accepted", "ticket": "t"}), id="the other status of the route"),
        pytest.param(problem(), id="a problem of the route"),
        pytest.param(problem(404, path="/nothing", code="not-found", status=404), id="an address that no route has"),
        pytest.param(answer(200, {"ready": 1}, method="GET", path="/openapi.json"), id="the document itself"),
    ],
)
def test_declared_answer_passes(declared: httpx.Response):
    check(declared)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        pytest.param(
            answer(200, LIKED | {"remaining": "19"}), "is not of type 'integer'", id="a value of another type"
        ),
        pytest.param(answer(200, LIKED | {"voter": "f"}), "'voter' was unexpected", id="a field that is not declared"),
        pytest.param(answer(200, [LIKED]), "is not of type 'object'", id="a list for an object"),
        pytest.param(answer(201, LIKED), r"only \['200', '202', '400', ", id="a status that is not declared"),
        pytest.param(answer(200, LIKED, kind="text/plain"), "text/plain is not among", id="another content type"),
        pytest.param(answer(409, PROBLEM), "application/json is not among", id="a problem that does not say it is one"),
        pytest.param(problem(code="cohort-empty"), "'cohort-empty' is not one of", id="a code of another route"),
        pytest.param(problem(400), "'daily-limit' is not one of", id="a problem with another status"),
        pytest.param(problem(title=None), "None is not of type 'string'", id="a problem without its title"),
        pytest.param(answer(204, {}, method="DELETE", path="/sessions"), "a body where none", id="a body of nothing"),
        pytest.param(problem(path="/nothing"), "daily-limit is not among", id="an unknown address that answers"),
    ],
)
def test_undeclared_answer_fails(wrong: httpx.Response, says: str):
    with pytest.raises(UndeclaredAnswer, match=says):
        check(wrong)


def test_nested_field_that_is_not_declared_fails():
    row = {"entry": "u1-1", "likes": 7, "judges": 3}
    board = {"as_of": 1, "visibility": "live", "types": {"state": [row]}}

    with pytest.raises(UndeclaredAnswer, match="'judges' was unexpected"):
        check(answer(200, board, method="GET", path="/leaderboard"))


def test_reply_of_a_service_is_compared_with_the_routes_that_pass_it_on():
    check_reply("ranking", "take_cut", {"ok": {"cut": {"moderation": "no number"}}})  # of no route
    check_reply("ranking", "certificates", {"ok": {"certificates": [], "valid": 0, "without": 1}})
    check_reply("ranking", "certificate", {"refused": {"code": "certificate-unknown", "field": None, "detail": {}}})

    with pytest.raises(UndeclaredAnswer, match=r"ranking.certificates for GET /api/v1/certificates: \$.valid: 'none'"):
        check_reply("ranking", "certificates", {"ok": {"certificates": [], "valid": "none"}})
    with pytest.raises(UndeclaredAnswer, match="'by' was unexpected"):
        check_reply("moderation", "move_clock", {"ok": {"now": 1, "by": "o1"}, "log": "moderation", "n": 2})
    with pytest.raises(UndeclaredAnswer, match="refuses by late, unlike GET /api/v1/certificates"):
        check_reply("ranking", "certificate", {"refused": {"code": "late", "field": None, "detail": {}}})


def test_reply_of_a_service_has_every_field_that_is_required():
    with pytest.raises(UndeclaredAnswer, match=r"required, and missing: \['\$.valid', '\$.without'\]"):
        check_reply("ranking", "certificates", {"ok": {"certificates": []}})
    with pytest.raises(UndeclaredAnswer, match=r"missing: \['\$.staff\[0\].has_authenticator'"):
        check_reply("moderation", "staff", {"ok": {"staff": [{"staff": "w", "name": "w", "roles": []}], "changes": []}})


def test_client_of_a_test_fails_on_a_service_that_answers_something_else(visitor: Visitor):
    visitor.town.answers["ranking", "certificates"] = {"ok": {"certificates": [], "valid": "none"}}

    with pytest.raises(UndeclaredAnswer, match="GET /api/v1/certificates, 200"):
        visitor.request("GET", "/certificates", role="organiser")
