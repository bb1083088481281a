"""The SMPP channel against a message centre over a socket, by the contract of channels and by what a centre answers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.messages import smpp, smpp_channel
from deploy.messages.channel import FAILED, LATER, SENT, UNSURE, Answer, Message
from deploy.messages.smpp_channel import NONE, SmppChannel
from tests.unit.deploy.messages.channel_contract import FIRST, OTHER, Case, check_channel
from tests.unit.deploy.messages.message_centre import CLOSE, MessageCentre, running

SHORT = Message("k" * 32, "13800000000", "标题 – one", "")
LONG = Message("m" * 32, "+8613900000000", "题" * 66 + "😀", "文" * 100)
THROTTLED, QUEUE_FULL, BAD_ADDRESS, BAD_LENGTH = 0x58, 0x14, 0x0B, 0x01


@pytest.fixture
def centre() -> MessageCentre:
    return MessageCentre()


@pytest.fixture
def account(centre: MessageCentre) -> Iterator[smpp_channel.MessageCentre]:
    """Run a centre on a free port of this machine, and return how it is reached."""
    with running(centre) as port:
        yield smpp_channel.MessageCentre("127.0.0.1", "baijia", "10690000", "secret", port, security=NONE, timeout_s=60)


def sent(account: smpp_channel.MessageCentre, *messages: Message) -> list[Answer]:
    """Send messages over one channel."""
    channel = SmppChannel(account)
    answers = [channel.send(each) for each in messages]
    channel.close()
    return answers


def test_smpp_keeps_the_contract(centre: MessageCentre, account: smpp_channel.MessageCentre) -> None:
    messages = (replace(FIRST, address="13800000000"), replace(OTHER, address="13900000000"))

    check_channel(Case(SmppChannel(account), centre.received, messages))


def test_session_is_bound_tried_before_the_next_message_and_unbound(
    centre: MessageCentre, account: smpp_channel.MessageCentre
) -> None:
    sent(account, SHORT, SHORT)

    assert centre.commands == ["bind_transmitter", "submit_sm", "enquire_link", "submit_sm", "unbind"]


def test_short_text_is_one_message_in_unicode(centre: MessageCentre, account: smpp_channel.MessageCentre) -> None:
    sent(account, SHORT)

    (unit,) = centre.submitted
    fields = (unit.data_coding, unit.esm_class, unit.registered_delivery, unit.dest_addr_ton, unit.source_addr)
    assert fields == (8, 0, 0, 0, b"10690000")
    assert centre.received() == [("13800000000", "标题 – one", "")]


def test_long_text_is_put_together_again_and_no_character_is_cut(
    centre: MessageCentre, account: smpp_channel.MessageCentre
) -> None:
    assert [each.state for each in sent(account, LONG)] == [SENT]
    # The emoji would lie across the end of the first part, so that part ends before it.
    assert [len(each.short_message) for each in centre.submitted] == [138, 140, 78]
    assert {each.dest_addr_ton for each in centre.submitted} == {1}
    assert centre.received() == [(LONG.address, LONG.title, LONG.words)]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (THROTTLED, Answer(LATER, "ESME_RTHROTTLED")),
        (QUEUE_FULL, Answer(LATER, "ESME_RMSGQFUL")),
        (BAD_ADDRESS, Answer(FAILED, "ESME_RINVDSTADR")),
        (BAD_LENGTH, Answer(FAILED, "ESME_RINVMSGLEN")),
        (0x0465, Answer(LATER, "0x00000465")),
    ],
)
def test_answer_of_the_centre_decides(
    centre: MessageCentre, account: smpp_channel.MessageCentre, status: int, answer: Answer
) -> None:
    centre.answers = [status]

    assert sent(account, SHORT, SHORT) == [answer, Answer(SENT, "ESME_ROK")]


def test_centre_that_is_away_is_tried_later(account: smpp_channel.MessageCentre) -> None:
    assert sent(replace(account, port=1), SHORT) == [Answer(LATER, "ConnectionRefusedError")]


def test_nobody_knows_of_a_message_whose_answer_is_lost(
    centre: MessageCentre, account: smpp_channel.MessageCentre
) -> None:
    centre.answers = [CLOSE]

    assert [each.state for each in sent(account, SHORT, SHORT)] == [UNSURE, SENT]


def test_message_whose_last_part_never_left_is_tried_later(
    centre: MessageCentre, account: smpp_channel.MessageCentre
) -> None:
    centre.answers = [0, CLOSE]

    assert [each.state for each in sent(account, LONG)] == [LATER]
    assert centre.received() == []


def test_connection_that_the_centre_ended_is_opened_anew(
    centre: MessageCentre, account: smpp_channel.MessageCentre
) -> None:
    channel = SmppChannel(account)
    first = channel.send(SHORT)
    centre.before_answer = [smpp.UNBIND]  # instead of an answer to the next enquire_link

    assert [first.state, channel.send(SHORT).state] == [SENT, SENT]
    channel.close()
    assert centre.commands.count("bind_transmitter") == 2


def test_centre_that_tries_the_link_is_answered(centre: MessageCentre, account: smpp_channel.MessageCentre) -> None:
    centre.before_answer = [smpp.ENQUIRE_LINK]

    assert [each.state for each in sent(account, SHORT)] == [SENT]
    assert "enquire_link_resp" in centre.commands


def test_wrong_password_fails_no_letter(account: smpp_channel.MessageCentre) -> None:
    assert sent(replace(account, password="wrong"), SHORT) == [Answer(LATER, "bind ESME_RINVPASWD")]


@pytest.mark.parametrize("address", ["li@example.cn", "1" * 21, "+", "１３８"])
def test_address_that_is_no_number_is_refused_without_the_centre(
    centre: MessageCentre, account: smpp_channel.MessageCentre, address: str
) -> None:
    assert sent(account, replace(SHORT, address=address)) == [Answer(FAILED, "receiver")]
    assert centre.submitted == []


def test_centre_without_tls_gets_no_password(centre: MessageCentre, account: smpp_channel.MessageCentre) -> None:
    (answer,) = sent(replace(account, security=smpp_channel.TLS, timeout_s=2), SHORT)

    assert (answer.state, centre.commands) == (LATER, [])


@pytest.mark.parametrize("header", [b"\0\0\0\x0f" + bytes(12), b"\xff\xff\xff\xff" + bytes(12)])
def test_unit_of_an_impossible_length_is_not_read(header: bytes) -> None:
    with pytest.raises(smpp.BadUnit):
        smpp.body_length(header)


def test_text_beyond_the_most_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        smpp.parts("文" * 67 * 256, 0)
