"""The sender over the real service: each letter once, also when it dies between two steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from deploy.messages.channel import FAILED, LATER, SENT, UNSURE, Answer, Message
from deploy.messages.file_channel import FileChannel
from deploy.messages.sender import Sender
from services.submission.events import EntrySubmitted
from shared.commit import Head, form
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
