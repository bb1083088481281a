"""The channel of WeChat's subscription messages against the simulator over sockets, by the contract of channels."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.messages.channel import FAILED, LATER, SENT, UNSURE, Answer, Message
from deploy.messages.wechat_channel import TokenUnavailable, WeChatChannel
from tests.unit.deploy.messages.channel_contract import Case, check_channel
from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

CALL = "message/template/subscribe"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorClient]:
    with running_simulator() as found:
        yield found


@pytest.fixture
def sim(running: SimulatorClient) -> SimulatorClient:
    running.settle()
    return running


class Tokens:
    """Access tokens of the simulator, as the voting service hands them out."""

    def __init__(self, sim: SimulatorClient) -> None:
        self.sim, self.asked = sim, []  # type: ignore[var-annotated]

    def __call__(self, stale: str) -> str:
        self.asked.append(stale)
        return self.sim.stable(force=bool(stale))


def channel(sim: SimulatorClient) -> WeChatChannel:
    return WeChatChannel(str(sim.http.base_url), Tokens(sim), timeout_s=20)


def message(sim: SimulatorClient, name: str, *, scene: int = 7101, agrees: bool = True) -> Message:
    """Return a message to a person, who has agreed to it."""
    ids = sim.order("people", count=1, prefix=name)["people"][0]
    template = sim.accounts["service"].template_id
    if agrees:
        sim.order("agree", **{"as": ids["name"], "scene": scene})
    return Message(
        "k" * 32, ids["openid"], "审核进度通知", "《题》审核通过", template, scene, "https://baijia.example/unit"
    )


def inbox(sim: SimulatorClient, each: Message) -> list[dict[str, object]]:
    found: list[dict[str, object]] = sim.order("inbox", **{"as": each.address})["messages"]
    return found


def test_wechat_keeps_the_contract(sim: SimulatorClient) -> None:
    first, other = sorted((message(sim, "ann"), message(sim, "bob")), key=lambda each: each.address)

    def received() -> list[tuple[str, str, str]]:
        return [
            (each.address, str(found["title"]), str(found["content"]))
            for each in (first, other)
            for found in inbox(sim, each)
        ]

    check_channel(Case(channel(sim), received, (first, other)))


def test_message_opens_the_page_of_the_unit(sim: SimulatorClient) -> None:
    sent = message(sim, "cai")

    assert channel(sim).send(sent) == Answer(SENT, "0")
    assert [each["url"] for each in inbox(sim, sent)] == ["https://baijia.example/unit"]


def test_one_consent_is_one_message(sim: SimulatorClient) -> None:
    sent = message(sim, "dan")

    assert [channel(sim).send(sent) for _ in range(2)] == [Answer(SENT, "0"), Answer(FAILED, "43101")]
    assert len(inbox(sim, sent)) == 1


def test_person_who_did_not_agree_gets_nothing(sim: SimulatorClient) -> None:
    sent = message(sim, "eve", agrees=False)

    assert (channel(sim).send(sent), inbox(sim, sent)) == (Answer(FAILED, "43101"), [])


def test_long_texts_are_cut_to_what_wechat_takes(sim: SimulatorClient) -> None:
    sent = replace(message(sim, "fei"), title="题" * 30, words="文" * 300)

    assert channel(sim).send(sent).state == SENT
    (found,) = inbox(sim, sent)
    assert (found["title"], found["content"]) == ("题" * 14 + "…", "文" * 199 + "…")


@pytest.mark.parametrize(("code", "state"), [("45009", LATER), ("-1", LATER), ("48001", LATER), ("40003", FAILED)])
def test_code_of_wechat_decides(sim: SimulatorClient, code: str, state: str) -> None:
    sent = message(sim, "gao")
    sim.order("faults", fault=code, call=CALL, times=1)

    assert channel(sim).send(sent) == Answer(state, code)
    assert inbox(sim, sent) == []


def test_refused_token_is_renewed_once(sim: SimulatorClient) -> None:
    sent, tokens = message(sim, "han"), Tokens(sim)
    sim.order("faults", fault="40001", call=CALL, times=1)

    assert WeChatChannel(str(sim.http.base_url), tokens, timeout_s=20).send(sent) == Answer(SENT, "0")
    assert [bool(each) for each in tokens.asked] == [False, True]


def test_token_that_is_refused_again_is_tried_later(sim: SimulatorClient) -> None:
    sim.order("faults", fault="40001", call=CALL, times=2)

    assert channel(sim).send(message(sim, "ivy")) == Answer(LATER, "40001")


def test_without_a_token_nothing_is_sent(sim: SimulatorClient) -> None:
    def none(_stale: str) -> str:
        raise TokenUnavailable

    assert WeChatChannel(str(sim.http.base_url), none).send(message(sim, "jin")) == Answer(LATER, "token")


@pytest.mark.parametrize("fault", ["cut", "down"])
def test_nobody_knows_of_a_message_whose_answer_is_lost(sim: SimulatorClient, fault: str) -> None:
    sent = message(sim, "kai")
    sim.order("faults", fault=fault, call=CALL, times=1)

    assert channel(sim).send(sent).state == UNSURE


def test_wechat_that_is_away_is_tried_later(sim: SimulatorClient) -> None:
    away = WeChatChannel("http://127.0.0.1:1", Tokens(sim), timeout_s=20)

    assert away.send(message(sim, "leo")) == Answer(LATER, "ConnectError")
