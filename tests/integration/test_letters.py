"""Letters on the real engines: the clock's process sends them, and is killed between two steps.

One death comes after a mail server has taken a letter and before the log says so, another after a message centre has
taken one. The first letter is sent again under the same Message-ID; of the second nobody knows, and it is not.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope

from services.moderation.events import DeliveryBegun, DeliveryEnded
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait
from tests.unit.deploy.messages.message_centre import CLOSE, MessageCentre, running
from tests.unit.deploy.messages.test_smtp_channel import Mailbox, Server

pytestmark = pytest.mark.slow

PATIENCE_S = 240  # the clock starts three times
CONTACTS = {
    "contact.U1": {"email": "u1@example.cn"},
    "contact.U2": {"email": "u2@example.cn"},
    "contact.U3": {"phone": "13800000003"},
    "contact.U4": {"phone": "13800000004"},
}
CHANNELS = """
[email]
transport = "smtp"
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "office@example.cn"

[sms]
transport = "smpp"
host = "127.0.0.1"
port = {sms}
security = "none"
system_id = "baijia"
password = "secret"
sender = "10690000"
"""


class DeadlyMailbox(Mailbox):
    """Takes mails. After the first the sender is dead before it reads the answer."""

    on_first: Callable[[], object]

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.envelopes) == 1:
            self.on_first()
        return answer


class DeadlyCentre(MessageCentre):
    """Takes short messages. After the first the sender is dead before it reads the answer."""

    on_first: Callable[[], object]

    def _status(self, unit: Any) -> int:
        status = super()._status(unit)
        if unit.command == "submit_sm" and len(self.submitted) == 1:
            self.on_first()
            return CLOSE
        return status


def until(true: Callable[[], bool], what: str) -> None:
    wait(true, what=what, within_s=PATIENCE_S)


def approve_letters(caller: Caller) -> None:
    """Open a campaign with one approved letter to each contact."""
    campaign = {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True}
    assert "ok" in caller.call("moderation", "open_campaign", campaign)
    for contact, addresses in CONTACTS.items():
        assert "ok" in caller.call("moderation", "set_message_contact", {"contact": contact, **addresses})
    letter = {"kind": "broadcast", "to": list(CONTACTS), "title": "延长一天", "words": "点赞延长一天。"}
    assert "ok" in caller.call("moderation", "draft_letters", letter)
    found = caller.call("moderation", "letters", {})["ok"]["letters"]
    read = [{"letter": each["letter"], "digest": each["digest"]} for each in found]
    assert caller.call("moderation", "approve_letters", {"letters": read})["ok"]["approved"] == 4


@pytest.mark.timeout(900)
def test_no_letter_is_lost_or_doubled_when_the_sender_is_killed_between_its_steps(place: Place) -> None:
    mailbox, centre = DeadlyMailbox(), DeadlyCentre()
    mails = Server(mailbox, hostname="127.0.0.1", port=0)
    mails.start()
    file = place.settings.data / "messages.toml"
    more = {"BAIJIA_MESSAGES_FILE": str(file)}
    try:
        with running(centre) as sms, running_services(place, "moderation") as (caller, _):
            file.write_text(CHANNELS.format(mail=mails.port, sms=sms))
            approve_letters(caller)

            def counts() -> dict[str, int]:
                found = caller.call("moderation", "message_counts")["ok"]
                return {name: count for name, count in found.items() if count}

            with process(place, "clock", more=more) as clock:
                mailbox.on_first = centre.on_first = clock.kill
                for arrived in (mailbox.envelopes, centre.submitted):
                    until(
                        lambda arrived=arrived: bool(arrived) and clock.has_ended(), "a letter arrives, the sender dies"
                    )
                    clock.start()
                until(lambda: not {"waiting", "sending"} & counts().keys(), "no letter is under way")
            found = counts()
    finally:
        mails.stop()

    assert found == {"sent": 3, "unsure": 1, "open": 1}
    assert sorted(Counter(each.rcpt_tos[0] for each in mailbox.envelopes).items()) == [
        ("u1@example.cn", 2), ("u2@example.cn", 1),
    ]  # fmt: skip
    assert len({str(each["Message-ID"]) for each in mailbox.mails()}) == 2
    assert sorted(each.destination_addr for each in centre.submitted) == [b"13800000003", b"13800000004"]
    events = place.events("moderation")
    begun = Counter(each.letter for each in events if isinstance(each, DeliveryBegun))
    ended = Counter(each.letter for each in events if isinstance(each, DeliveryEnded))
    assert (sorted(begun.values()), ended) == ([1, 1, 1, 1], begun)
