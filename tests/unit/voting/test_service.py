"""Tests of voting's RPC methods about persons, on a real writer over the ledger in memory: calls in, replies out."""

import itertools
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from services.voting.doubles import LikesOfPersons
from services.voting.links import PersonDecider
from services.voting.service import VotingService
from services.voting.tokens import TokenSource
from services.voting.voter_likes import VoterLikes, log_of
from shared.commit import Head, form
from shared.decider import CommandEnvelope, Outcome
from shared.group import GroupCommit
from shared.keys import Keys
from shared.personal import PersonalFields
from shared.stamps import stamp, wall_ms
from shared.testing.memory_ledger import MemoryLedger
from shared.testing.memory_vault import memory_vault
from shared.testing.trusted_callers import TrustedCallers
from shared.writer import LogWriter
from tests.declared_answers import check_reply
from tests.unit.voting.persons import (
    ANN,
    ANN_BEFORE,
    BEN,
    append,
    liked,
)
from tests.unit.voting.stories import DAY, NOON, opened
from tests.unit.voting.token_stores import MemoryTokenStore, Mint

KEYS = Keys(*(bytes([k]) * 32 for k in range(6)))


class MemoryLog:
    """The interface of `shared.hosting.EventLog` that services use, without engines."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.callers = TrustedCallers()
        self.keys, self.ledger, self.vault = KEYS, ledger, memory_vault()
        self.group = GroupCommit(LogWriter("vote.cases", PersonDecider(), stamp=stamp), self.ledger)
        self.group.catch_up(["moderation"])

    @property
    def state(self) -> Any:
        return self.group.state

    def submit(self, order: CommandEnvelope, *, timeout_s: float) -> Outcome:
        return self.group.submit(order, timeout_s=timeout_s)

    def wait(self, at_least: Mapping[str, int], *, timeout_s: float) -> None:
        assert timeout_s > 0
        for log, n in at_least.items():
            self.group.catch_up([log], at_least=n)


class Bureau:
    """The service, and a way to call it."""

    def __init__(self) -> None:
        self.ledger, self.mint, self._ids = MemoryLedger(), Mint(), itertools.count()
        self.ledger.insert(form(Head("moderation"), opened(), commands=[], stamp=stamp()))
        self.service = VotingService()
        self.service.log = MemoryLog(self.ledger)
        tokens = TokenSource(MemoryTokenStore(), self.mint, me="one")
        self.service.stores = SimpleNamespace(
            persons=LikesOfPersons(self.ledger), tokens=tokens, voter_likes=VoterLikes(self.ledger)
        )

    def call(
        self, method: str, /, *, role: str = "operator", by: str = "gateway", id: str = "", **body: Any
    ) -> dict[str, Any]:
        call = {
            "id": id or f"c{next(self._ids)}", "actor": by, "roles": [role], "at": NOON,
            "deadline": wall_ms() + 120_000, "body": body,
        }  # fmt: skip
        answer: dict[str, Any] = getattr(self.service, method)(call)
        check_reply("voting", method, answer)
        return answer

    def cases(self) -> list[Any]:
        return [event for commit in self.ledger.read("vote.cases", 0) for event in commit.events()]


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


def link(bureau: Bureau, other: str = ANN_BEFORE, account: str = "subscription", **more: str) -> dict[str, Any]:
    return bureau.call("link_voter", voter=ANN, account=account, other=other, **more)


def test_name_leads_to_its_voter_once_it_is_linked(bureau: Bureau):
    assert bureau.call("voter_of", name=ANN_BEFORE) == {"ok": {"voter": None}}

    answer = link(bureau)

    assert (answer["ok"]["voter"], answer["log"], answer["n"]) == (ANN, "vote.cases", 1)
    assert bureau.call("voter_of", name=ANN_BEFORE) == {"ok": {"voter": ANN}}


def test_openid_is_stored_sealed_under_the_person_s_key(bureau: Bureau):
    link(bureau, openid="o-at-the-other-account")

    (fact,) = bureau.cases()
    assert "o-at" not in fact.person
    assert fact.person.startswith(f"p.voter.{ANN}")
    personal = PersonalFields(bureau.service.log.vault, KEYS.campaign)
    assert personal.open(fact.person) == b"o-at-the-other-account"


def test_link_that_is_known_writes_nothing_and_seals_nothing(bureau: Bureau):
    link(bureau)

    assert link(bureau, openid="o-x")["n"] == 1
    assert not bureau.service.log.vault.holds(f"voter.{ANN}")


def test_name_of_another_voter_is_refused(bureau: Bureau):
    link(bureau)

    answer = bureau.call("link_voter", voter=BEN, account="subscription", other=ANN_BEFORE)

    assert answer["refused"]["code"] == "link-taken"


def test_what_was_liked_twice_is_voided_once(bureau: Bureau):
    append(bureau.ledger, "vote.0", [liked(ANN_BEFORE, "a"), liked(ANN, "a", NOON + 1), liked(BEN, "a")])
    assert bureau.call("settle_links") == {"ok": {"voided": 0}}
    link(bureau, account="service")

    assert [bureau.call("settle_links")["ok"]["voided"] for _ in range(2)] == [1, 0]

    void = bureau.cases()[-1]
    assert (void.voter, void.entry, void.likes, void.reason) == (ANN, "a", ("vote.0/1/1",), "same-person")


def test_token_is_told_with_its_time(bureau: Bureau):
    told = bureau.call("wechat_token", name="service/access")["ok"]

    assert told["token"] == "t1"
    assert wall_ms() < told["renew_at"] < told["expires"]


def test_wechat_away_is_a_refusal(bureau: Bureau):
    bureau.mint.broken = True

    assert bureau.call("wechat_token", name="service/ticket")["refused"]["code"] == "wechat-away"


@pytest.mark.parametrize("method", ["link_voter", "voter_of", "settle_links", "wechat_token", "take_handoff"])
def test_gateway_alone_asks(bureau: Bureau, method: str):
    assert bureau.call(method, role="voter")["refused"]["code"] == "role-missing"


@pytest.mark.parametrize(
    "body",
    [{"voter": "x"}, {"account": "other"}, {"other": "not hex" + "0" * 17}, {"openid": "o" * 129}],
    ids=["no pseudonym", "no account", "not hex", "too long"],
)
def test_what_is_no_link_is_invalid(bureau: Bureau, body: dict[str, str]):
    whole = {"voter": ANN, "account": "mini", "other": ANN_BEFORE, **body}

    assert list(bureau.call("link_voter", **whole)["invalid"]) == [f"/{name}" for name in body]


def test_voter_s_likes_of_all_days_come_with_their_receipts(bureau: Bureau):
    append(bureau.ledger, log_of(ANN, partitions(bureau)), [liked(ANN, "a")], [liked(ANN, "b", NOON + DAY, day=8)])

    found = bureau.call("likes_of_voter", voter=ANN)["ok"]["likes"]

    assert [(each["entry"], each["day"], each["status"]) for each in found] == [
        ("b", "2021-06-08", "counted"),
        ("a", "2021-06-07", "counted"),
    ]
    assert [bureau.call("receipt", receipt=each["receipt"])["ok"]["entry"] for each in found] == ["b", "a"]


def partitions(bureau: Bureau) -> int:
    return int(bureau.service.log.state.campaign.likes.partitions)
