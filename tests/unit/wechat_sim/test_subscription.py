"""Consent to one-time subscription messages, on the simulator's page, and the one message that it is good for."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

pytestmark = pytest.mark.slow  # starts processes or sockets


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorClient]:
    with running_simulator() as found:
        yield found


def page_query(sim: SimulatorClient, **other: str) -> dict[str, str]:
    account = sim.accounts["service"]
    query = {
        "action": "get_confirm", "appid": account.appid, "scene": "7", "template_id": account.template_id,
        "redirect_url": "http://baijia.test/back", "reserved": "abc123", "as": "ann",
    }  # fmt: skip
    return {**query, **other}


def decided(sim: SimulatorClient, action: str) -> dict[str, str]:
    """Open WeChat's page, follow one of its links, and return the query with which it leads back."""
    page = sim.http.get("/mp/subscribemsg", params=page_query(sim)).text
    assert f'id="{action}"' in page
    back = sim.http.get("/mp/subscribemsg/decided", params=page_query(sim, action=action)).headers["location"]
    assert back.startswith("http://baijia.test/back?")
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def send(sim: SimulatorClient, openid: str) -> int:
    body: dict[str, Any] = {
        "touser": openid, "template_id": sim.accounts["service"].template_id, "scene": "7", "title": "标题",
        "data": {"content": {"value": "文"}},
    }  # fmt: skip
    answer = sim.post("/cgi-bin/message/template/subscribe", body, access_token=sim.stable())
    return int(answer["errcode"])


def test_person_who_agrees_is_named_and_gets_one_message(sim: SimulatorClient) -> None:
    back = decided(sim, "confirm")
    decided(sim, "confirm")  # a second consent with the same scene counts nothing

    assert (back["action"], back["scene"], back["reserved"]) == ("confirm", "7", "abc123")
    assert [send(sim, back["openid"]) for _ in range(2)] == [0, 43101]
    assert [each["title"] for each in sim.order("inbox", **{"as": "ann"})["messages"]] == ["标题"]


def test_person_who_cancels_is_not_named(sim: SimulatorClient) -> None:
    assert "openid" not in decided(sim, "cancel")


@pytest.mark.parametrize(
    "wrong",
    [{"scene": "10001"}, {"scene": "x"}, {"template_id": "t"}, {"appid": "wx"}, {"reserved": "a b"},
     {"action": "go"}, {"redirect_url": "javascript:alert(1)"}],
    ids=str,
)  # fmt: skip
def test_page_refuses_what_wechat_refuses(sim: SimulatorClient, wrong: dict[str, str]) -> None:
    assert sim.http.get("/mp/subscribemsg", params=page_query(sim, **wrong)).status_code == 400
