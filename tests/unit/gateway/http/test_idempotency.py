"""Ids of commands: the same key and content give the same id, and anything else gives another."""

import pytest

from gateway.http.idempotency import command_id
from tests.unit.gateway.town import Visitor

CONTENT = [{"entry": "u1-1"}, {}, {"reason": "x"}]


def id_parts(**changes: object) -> tuple[str, str]:
    whose, _, what = command_id(
        **{"actor": "unit u1", "route": "POST /x", "key": "k1", "content": CONTENT, **changes}  # type: ignore[arg-type]
    ).partition(".")
    return whose, what


def test_id_is_the_same_for_the_same_command():
    assert id_parts() == id_parts()
    assert tuple(map(len, id_parts())) == (32, 16)


def test_order_of_fields_does_not_matter():
    assert id_parts(content=[{"a": 1, "b": 2}]) == id_parts(content=[{"b": 2, "a": 1}])


@pytest.mark.parametrize("change", [{"actor": "unit u2"}, {"route": "POST /y"}, {"key": "k2"}])
def test_another_actor_route_or_key_is_another_command(change: dict):
    assert id_parts()[0] != id_parts(**change)[0]


def test_actor_and_key_do_not_run_into_each_other():
    assert id_parts(actor="a", key="bc")[0] != id_parts(actor="ab", key="c")[0]


@pytest.mark.parametrize("content", [[{"entry": "u1-2"}, {}, {"reason": "x"}], [{"entry": "u1-1"}, {}, {}]])
def test_key_that_comes_with_another_content_is_seen_to(content: list):
    assert id_parts()[0] == id_parts(content=content)[0]
    assert id_parts()[1] != id_parts(content=content)[1]


def test_repeat_reaches_the_service_under_its_first_id(visitor: Visitor):
    for _ in range(2):
        visitor.request("POST", "/my/entries/u1-1/withdrawal", role="unit", key="k1", json={"reason": "x"})
    visitor.request("POST", "/my/entries/u1-2/withdrawal", role="unit", key="k1", json={"reason": "x"})

    first, again, other = (call["id"] for call in visitor.town.calls_to("submission", "withdraw"))
    assert first == again
    assert first.split(".")[0] == other.split(".")[0]
    assert first != other
