"""Ids of commands: the same key and content give the same id, and anything else gives another."""

from typing import Any

import pytest

from gateway.admission.letters import Letters
from gateway.admission.settings import Admission
from gateway.admission.turnstile import Turnstile
from gateway.http import idempotency
from gateway.http.idempotency import CommandIds
from tests.unit.gateway.admission.posts import solution
from tests.unit.gateway.town import Visitor

CONTENT = [{"entry": "u1-1"}, {}, {"reason": "x"}]
SUGGESTION = {"kind": "suggestion", "words": "多设几个饮水点"}

FILED = {
    "ok": {
        "complaint": "ABCDEFGH23456722", "kind": "suggestion", "entry": None, "at": 1, "state": "open", "answer": None,
        "repeated": False,
    },
    "log": "moderation",
    "n": 6,
}  # fmt: skip


def id_parts(campaign: bytes = b"a", **changes: object) -> tuple[str, str]:
    sent: dict[str, Any] = {"actor": "unit u1", "route": "POST /x", "key": "k1", "content": CONTENT, **changes}
    whose, _, what = CommandIds(campaign * 32).of(**sent).partition(".")
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


def test_another_campaign_gives_other_ids():
    assert set(id_parts()) & set(id_parts(b"b")) == set()


def complaint_ids(visitor: Visitor, *sent: tuple[str, dict[str, str]]) -> list[str]:
    """Send the complaint of each browser with the key "1", and return the ids of the commands."""
    app = visitor.app_context
    app.letters = Letters(Turnstile(app.keys, Admission(challenge_tries=4)).challenges)
    for agent, body in sent:
        headers = {"User-Agent": agent}
        answer = visitor.request("POST", "/complaints", key="1", json=body, headers=headers)
        if answer.status_code == 403:  # a second letter from one network costs work
            headers["Challenge-Solution"] = solution(answer.json()["facts"]["challenge"])
            answer = visitor.request("POST", "/complaints", key="1", json=body, headers=headers)
        assert answer.status_code == 201
    return [call["id"] for call in visitor.town.calls_to("moderation", "file_complaint")]


@pytest.mark.parametrize(
    "second", [("b", SUGGESTION), ("b", SUGGESTION | {"words": "谢谢"}), ("a", SUGGESTION | {"words": "谢谢"})]
)
def test_second_person_without_a_session_is_not_taken_for_the_first_by_the_key(
    visitor: Visitor, second: tuple[str, dict[str, str]]
):
    visitor.town.answers["moderation", "file_complaint"] = FILED

    first, other = complaint_ids(visitor, ("a", SUGGESTION), second)

    assert first.split(".")[0] != other.split(".")[0]


def test_command_without_a_session_is_one_when_it_is_repeated_and_says_nothing_of_its_sender(visitor: Visitor):
    visitor.town.answers["moderation", "file_complaint"] = FILED
    ids = complaint_ids(visitor, ("a", SUGGESTION), ("a", SUGGESTION))
    visitor.app_context.command_ids = CommandIds(visitor.app_context.keys.receipt)  # as after a restart

    later = complaint_ids(visitor, ("a", SUGGESTION))[-1]

    assert len(set(ids)) == 1
    assert later not in ids


def test_same_key_and_content_on_another_route_without_a_session_is_another_command():
    ids, sent = CommandIds(b"a" * 32), {"caller": "a", "key": "1", "content": CONTENT}

    assert ids.of_anonymous(route="POST /x", **sent) == ids.of_anonymous(route="POST /x", **sent)
    assert ids.of_anonymous(route="POST /x", **sent) != ids.of_anonymous(route="POST /y", **sent)


def test_commands_without_a_session_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idempotency, "ANONYMOUS_KNOWN", 3)
    ids = CommandIds(b"a" * 32)

    def id_of(caller: str) -> str:
        return ids.of_anonymous(caller=caller, route="POST /x", key="1", content=CONTENT)

    first = {caller: id_of(caller) for caller in "abc"}
    assert id_of("a") == first["a"]
    id_of("d")

    assert (id_of("a"), id_of("c")) == (first["a"], first["c"])
    assert id_of("b") != first["b"]  # the one that was used least lately
    assert len(ids._anonymous) == 3


def test_repeat_reaches_the_service_under_its_first_id(visitor: Visitor):
    for _ in range(2):
        visitor.request("POST", "/my/entries/u1-1/withdrawal", role="unit", key="k1", json={"reason": "x"})
    visitor.request("POST", "/my/entries/u1-2/withdrawal", role="unit", key="k1", json={"reason": "x"})

    first, again, other = (call["id"] for call in visitor.town.calls_to("submission", "withdraw"))
    assert first == again
    assert first.split(".")[0] == other.split(".")[0]
    assert first != other
