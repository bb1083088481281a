"""The SMTP channel against aiosmtpd, a mail server, by the contract of channels and by what a server may answer."""

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from deploy.messages.channel import FAILED, LATER, SENT, Answer, Message
from deploy.messages.smtp_channel import NONE, STARTTLS, MailServer, SmtpChannel
from tests.unit.deploy.messages.channel_contract import FIRST, OTHER, Case, check_channel, check_repeat

OFFICE = "百家 <office@example.cn>"


class Server(Controller):
    """A mail server in a thread, on a free port, which it knows once it runs."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Mailbox:
    """Takes mails; answers what a test wants to addresses and texts instead, once each."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.to_address: list[str] = []
        self.to_text: list[str] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if self.to_address:
            return self.to_address.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.to_text:
            return self.to_text.pop(0)
        self.envelopes.append(envelope)
        return "250 taken"

    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(each.content, policy=default) for each in self.envelopes]  # type: ignore[misc,arg-type]

    def received(self) -> list[tuple[str, str, str]]:
        return sorted(
            (str(m["To"]), str(m["Subject"]), m.get_content().replace("\r\n", "\n").strip()) for m in self.mails()
        )


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[MailServer]:
    """Run a mail server on a free port of this machine, and return how it is reached."""
    controller = Server(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    yield MailServer("127.0.0.1", OFFICE, controller.port, NONE, timeout_s=60)
    controller.stop()


def sent(server: MailServer, message: Message = FIRST) -> Answer:
    """Send one message over a connection of its own."""
    channel = SmtpChannel(server)
    answer = channel.send(message)
    channel.close()
    return answer


def test_smtp_keeps_the_contract(mailbox: Mailbox, server: MailServer) -> None:
    check_channel(Case(SmtpChannel(server), mailbox.received))


def test_repeated_mail_has_the_same_id(mailbox: Mailbox, server: MailServer) -> None:
    check_repeat(Case(SmtpChannel(server), mailbox.received))

    assert {str(each["Message-ID"]) for each in mailbox.mails()} == {f"<{FIRST.key}@example.cn>"}


def test_mail_says_that_a_machine_sent_it_and_by_whom(mailbox: Mailbox, server: MailServer) -> None:
    sent(server)

    (mail,) = mailbox.mails()
    assert (mail["From"], mail["Auto-Submitted"], mail.get_content_type()) == (OFFICE, "auto-generated", "text/plain")
    assert (mailbox.envelopes[0].mail_from, mailbox.envelopes[0].rcpt_tos) == ("office@example.cn", [FIRST.address])


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", FAILED), ("451 try again later", LATER), ("452 too many", LATER)]
)
def test_answer_to_the_address_decides(mailbox: Mailbox, server: MailServer, answer: str, state: str) -> None:
    mailbox.to_address = [answer]
    channel = SmtpChannel(server)

    first, other = channel.send(FIRST), channel.send(OTHER)
    channel.close()

    assert (first.state, first.code) == (state, answer[:3])
    assert other.state == SENT


@pytest.mark.parametrize(("answer", "state"), [("554 spam", FAILED), ("421 closing", LATER)])
def test_answer_to_the_text_decides(mailbox: Mailbox, server: MailServer, answer: str, state: str) -> None:
    mailbox.to_text = [answer]
    channel = SmtpChannel(server)

    first, other = channel.send(FIRST), channel.send(OTHER)
    channel.close()

    assert ((first.state, first.code), other.state) == ((state, answer[:3]), SENT)


def test_server_that_is_away_is_tried_later() -> None:
    gone = MailServer("127.0.0.1", OFFICE, 1, NONE, timeout_s=2)

    assert sent(gone).state == LATER


def test_server_without_tls_gets_no_mail_and_no_password(mailbox: Mailbox, server: MailServer) -> None:
    careful = MailServer(server.host, OFFICE, server.port, STARTTLS, "office", "secret", timeout_s=60)

    assert sent(careful).state == LATER
    assert mailbox.envelopes == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_wrong_password_fails_no_letter(mailbox: Mailbox) -> None:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: LoginPassword) -> AuthResult:
        return AuthResult(success=login.password == b"right")

    controller = Server(
        mailbox, hostname="127.0.0.1", port=0, authenticator=check, auth_required=True, auth_require_tls=False
    )
    controller.start()
    port = controller.port
    try:
        answers = [
            sent(MailServer("127.0.0.1", OFFICE, port, NONE, "office", word, timeout_s=60)).state
            for word in ("wrong", "right")
        ]
    finally:
        controller.stop()

    assert answers == [LATER, SENT]


def test_header_cannot_be_typed_into_a_title(mailbox: Mailbox, server: MailServer) -> None:
    sent(server, Message("k" * 32, "li@example.cn", "题\r\nBcc: x@example.cn", "文"))

    (mail,) = mailbox.mails()
    assert (mail["Subject"], mail["Bcc"]) == ("题 Bcc: x@example.cn", None)
