"""The sender over the real service: each letter once, also when it dies between two steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from deploy.messages import worker
from deploy.messages.channel import FAILED, LATER, SENT, UNSURE, Answer, Message
from deploy.messages.file_channel import FileChannel
from deploy.messages.sender import Sender, Unanswered
from services.submission.events import EntrySubmitted
from shared.commit import Head, form
from shared.errors import BrokerUnreachable
from shared.stamps import stamp
from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town


@dataclass
class Post:
    """A channel that remembers what it was given, and answers as a test wants."""

    is_repeatable: bool = False
    answers: list[Answer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Answer:
        self.messages.append(message)
        return self.answers.pop(0) if self.answers else Answer(SENT, "0")

    def close(self) -> None:
        pass


class Death(Exception):
    """The process dies here."""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return a campaign with two approved letters, to units that have an e-mail address."""
    town = Town(tmp_path)
    now = town.open(CAMPAIGN_FILE.read_text())["now"]
    town.appoint("mo", "莫", "moderator")
    handed = [
        EntrySubmitted(f"{unit}-1", 1, unit, "state", f"题{unit}", "", "", ("home",), None, (), None, now - 9,
                       unit_name=f"{unit}工会")
        for unit in ("U1", "U2")
    ]  # fmt: skip
    town.ledger.insert(form(Head("submission"), handed, commands=[], stamp=stamp()))
    for unit in ("U1", "U2"):
        town.ok("approve", "mo", "moderator", entry=f"{unit}-1", version=1)
        town.ok("set_message_contact", unit, "unit", contact=f"contact.{unit}", email=f"{unit.lower()}@example.cn")
    read = [
        {name: each[name] for name in ("letter", "digest")}
        for each in town.ok("letters", "olga", "organiser")["letters"]
    ]
    town.ok("approve_letters", "olga", "organiser", letters=read)
    return town


def sender(town: Town, channel: Any, *, dies_before: str = "") -> Sender:
    def call(method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if method == dies_before:
            raise Death
        return town.call(method, "clock", "operator", **body)

    return Sender(call, {"email": channel}, campaign="town")


def states(town: Town) -> dict[str, int]:
    return {name: count for name, count in town.ok("message_counts", "olga", "organiser").items() if count}


def test_each_letter_is_sent_once(town: Town) -> None:
    post = Post()
    first = sender(town, post)

    assert [first.step(), first.step(), sender(town, post).step()] == [2, 0, 0]
    assert [each.address for each in post.messages] == ["u1@example.cn", "u2@example.cn"]
    assert states(town) == {"sent": 2}


def test_letter_is_not_repeated_after_a_death_where_that_would_do_harm(town: Town) -> None:
    post = Post(is_repeatable=False)
    with pytest.raises(Death):
        sender(town, post, dies_before="end_delivery").step()
    sender(town, post).step()

    assert [each.address for each in post.messages] == ["u1@example.cn", "u2@example.cn"]
    assert states(town) == {"unsure": 1, "sent": 1, "open": 1}


def test_letter_is_repeated_under_its_key_after_a_death_where_that_does_no_harm(town: Town) -> None:
    post = Post(is_repeatable=True)
    with pytest.raises(Death):
        sender(town, post, dies_before="end_delivery").step()
    sender(town, post).step()

    assert [each.address for each in post.messages] == ["u1@example.cn", "u1@example.cn", "u2@example.cn"]
    assert len({each.key for each in post.messages}) == 2
    assert states(town) == {"sent": 2}


def test_files_are_exactly_once_over_a_death(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    with pytest.raises(Death):
        sender(town, FileChannel(folder, sender="o@example.cn"), dies_before="end_delivery").step()
    sender(town, FileChannel(folder, sender="o@example.cn")).step()

    assert (len(list(folder.iterdir())), states(town)) == (2, {"sent": 2})


def test_what_could_not_be_reported_is_reported_and_not_sent_again(town: Town) -> None:
    post, lost = Post(), [True]

    def call(method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if method == "end_delivery" and lost:
            lost.clear()
            raise Death
        return town.call(method, "clock", "operator", **body)

    one = Sender(call, {"email": post}, campaign="town")
    with pytest.raises(Death):
        one.step()
    one.step()

    assert [each.address for each in post.messages] == ["u1@example.cn", "u2@example.cn"]
    assert states(town) == {"sent": 2}


class Line:
    """A connection to the real service, which may be lost before or after it passes a call on."""

    def __init__(self, town: Town, losses: list[tuple[str, bool]]) -> None:
        self._town, self._losses = town, losses

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, _service: str, method: str, call: Mapping[str, Any], *, timeout_s: float) -> dict[str, Any]:  # noqa: ARG002 -- as RpcClient
        is_lost = bool(self._losses) and self._losses[0][0] == method
        was_stored = self._losses.pop(0)[1] if is_lost else True
        answer = self._town.call(method, "clock", "operator", **call["body"]) if was_stored else {}
        if is_lost:
            raise BrokerUnreachable("lost")
        return answer


@pytest.mark.parametrize("was_stored", [False, True])
@pytest.mark.parametrize("method", ["begin_delivery", "end_delivery"])
def test_letters_are_sent_once_and_none_is_unsure_when_connections_are_lost(
    town: Town, method: str, *, was_stored: bool
) -> None:
    post, losses, pauses = Post(is_repeatable=False), [(method, was_stored)], list[float]()

    worker.keep_sending(
        lambda: Line(town, losses), {"email": post}, worker.ServiceTokens(), lambda: len(pauses) == 2,
        campaign="town", pause=lambda seconds, _: pauses.append(seconds),
    )  # fmt: skip

    is_unbegun = method == "begin_delivery" and was_stored  # the letter waits for its pause, and is tried anew
    assert pauses == [worker.AGAIN_S, worker.EVERY_S]
    assert [each.address for each in post.messages] == ["u1@example.cn", "u2@example.cn"][is_unbegun:]
    assert states(town) == ({"waiting": 1, "sent": 1, "open": 1} if is_unbegun else {"sent": 2})


@pytest.mark.parametrize("code", ["overdue", "stopped"])
def test_report_that_the_service_could_not_take_is_made_again(town: Town, code: str) -> None:
    post, refused = Post(), [{"refused": {"code": code, "field": None, "detail": None}}]

    def call(method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if method == "end_delivery" and refused:
            return refused.pop()
        return town.call(method, "clock", "operator", **body)

    one = Sender(call, {"email": post}, campaign="town")
    with pytest.raises(Unanswered):
        one.step()
    one.step()

    assert (len(post.messages), states(town)) == (2, {"sent": 2})


def test_letter_that_is_withdrawn_while_the_sender_holds_it_is_not_sent(town: Town) -> None:
    post = Post()

    def call(method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if method == "begin_delivery" and "U2" in body["letter"]:
            town.ok("undo_decision", "mo", "moderator", entry="U2-1", version=1)
        return town.call(method, "clock", "operator", **body)

    Sender(call, {"email": post}, campaign="town").step()

    assert [each.address for each in post.messages] == ["u1@example.cn"]


def test_temporary_failure_is_left_alone_until_its_pause_is_over(town: Town) -> None:
    post = Post(answers=[Answer(LATER, "451"), Answer(LATER, "451")])
    one = sender(town, post)

    assert [one.step(), one.step()] == [2, 0]
    assert states(town) == {"waiting": 2, "open": 2}


def test_sender_waits_for_a_campaign(tmp_path: Path) -> None:
    assert sender(Town(tmp_path), Post()).step() == 0


def test_letters_that_need_an_organiser_are_counted(town: Town) -> None:
    one = sender(town, Post(answers=[Answer(FAILED, "550"), Answer(UNSURE, "reset")]))
    one.step()
    one.step()

    assert REGISTRY.get_sample_value("baijia_failed_letters") == 2
