"""The table of rights at the broker: every process has its own, and nobody has the right to publish everywhere."""

import json
import re

import pytest

from deploy.topology import broker_accounts
from deploy.topology.broker_rights import OPERATOR, RIGHTS, whole
from deploy.topology.processes import TABLE

SECRET = "0" * 32


def may(process: str, right: str, name: str) -> bool:
    if not getattr(RIGHTS[process], right):  # the broker reads the empty pattern as no right at all
        return False
    return re.search(whole(getattr(RIGHTS[process], right)), name) is not None


def those_who_may(right: str, name: str) -> set[str]:
    return {process for process in RIGHTS if may(process, right, name)}


def test_every_process_of_the_table_has_rights_and_the_command_line_too():
    assert set(RIGHTS) == {process.name for process in TABLE} | {OPERATOR}


@pytest.mark.parametrize("right", ["configure", "write", "read"])
@pytest.mark.parametrize("name", ["amq.default", "", "amq.topic", "other", "demo.other"])
def test_nobody_has_rights_on_what_reaches_every_queue_or_is_not_ours(right: str, name: str):
    assert those_who_may(right, name) == set()


@pytest.mark.parametrize(
    ("right", "name", "who"),
    [
        ("write", "demo.commits", {"relay"}),
        ("write", "demo.log.vote.3", {"relay"}),
        ("write", "demo.view-changes", {"projector"}),
        ("read", "demo.views", {"gateway"}),
        ("write", "demo.like-batches", {"gateway", "clock", OPERATOR}),
        ("read", "demo.vote.3", {"vote-writer"}),
        ("read", "demo.vote.dead", {OPERATOR}),
        ("write", "demo.like-answers", {"vote-writer"}),
        ("write", "demo.dead-letters", {"vote-writer"}),
        ("read", "rpc-demo.scoring", {"scoring"}),
        ("configure", "rpc-demo.scoring", {"scoring"}),
        ("read", "demo.log.scoring", {"projector", OPERATOR}),
        ("read", "demo.log.ranking", {"moderation", "scoring", "projector", OPERATOR}),
    ],
)
def test_right_is_with_those_who_need_it_alone(right: str, name: str, who: set[str]):
    assert those_who_may(right, name) == who


def test_service_sends_answers_and_hears_its_own_methods_alone():
    rights = RIGHTS["scoring"]
    heard, sent = whole([rights.call_read]), whole([rights.call_write])

    assert re.search(heard, "spring-2.scoring.*")
    assert not re.search(heard, "spring-2.moderation.*")
    assert re.search(sent, "0f8fad5b-d9cb-469f-a165-70867728950e")
    assert not re.search(sent, "spring-2.moderation.open_campaign")


def test_definitions_are_the_same_for_the_same_secret_and_hold_no_password():
    text = broker_accounts.definitions(SECRET)
    passwords = [SECRET, *(broker_accounts.password(SECRET, process) for process in RIGHTS)]

    assert text == broker_accounts.definitions(SECRET) != broker_accounts.definitions("1" * 32)
    assert [each for each in passwords if each in text] == []
    assert len(set(passwords)) == len(RIGHTS) + 1


def test_only_the_administrator_has_every_right():
    permissions = json.loads(broker_accounts.definitions(SECRET))["permissions"]

    assert [each["user"] for each in permissions if each["write"] == ".*"] == [broker_accounts.ADMINISTRATOR]
