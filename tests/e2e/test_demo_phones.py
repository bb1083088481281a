"""The demo's phones against a gateway and WeChat's simulator, both on real sockets."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demo.client import Answer, Api
from deploy.demo.phones import LIKE_BUTTON, Phones
from deploy.local import simulated_wechat
from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.wechat import account
from gateway.wechat.calls import Caller
from gateway.wechat.client import WeChat
from services.moderation.campaign_file.check import menu_of
from shared.settings import Settings
from tests.e2e.campaign_views import cached_views
from tests.e2e.web_server import running_server
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.town import CLOCK, VIEWS, Town
from tests.unit.gateway.voters.office import Phones as NoTokens
from tests.wechat_sim import accounts
from tests.wechat_sim.app import app, running
from tests.wechat_sim.world import World

pytestmark = pytest.mark.slow
MENU = {"button": [{"type": "click", "name": "点赞", "key": "like"}]}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A gateway that is connected to WeChat, and the simulator of WeChat."""

    town: Town
    world: World
    gateway: str
    wechat: str
    voter: Callable[[str], str]

    def with_phones(self, work: Callable[[Phones], Awaitable[Any]]) -> Any:
        """Run `work` with phones that are connected to both."""

        async def held_in_hand() -> Any:
            async with Api(self.gateway) as api:
                return await work(Phones(api, self.gateway, self.wechat))

        return asyncio.run(held_in_hand())

    def openid(self, name: str) -> str:
        """Return a person's openid at the service account."""
        service = self.world.accounts["service"]
        return self.world.people.openid(service, self.world.people.person(service, name))

    def calls(self, what: str) -> int:
        """Return how many calls of one kind WeChat got."""
        return sum(each["what"] == what for each in self.world.journal.read(after=0, kind="call", most=10_000))


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[Surroundings]:
    file = Path(simulated_wechat.environment(tmp_path, wechat="", gateway="")["BAIJIA_WECHAT_FILE"])
    known = accounts.read(file)
    world, town = World(known, patience_s=5.0), Town()
    with ExitStack() as stack:
        wechat = stack.enter_context(running(app(world)))
        told = {"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo", "BAIJIA_WECHAT_OPEN": wechat}
        # No idle connections: they would belong to another thread, and nobody could close them.
        http = httpx.AsyncClient(base_url=wechat, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        calls = WeChat(Caller(http), NoTokens())
        reachable = WeChatAccounts(replace(account.read(file), subscription=None), calls, NoTokens())
        ports = Ports(town, town, cached_views(VIEWS), reachable)
        gate = create_app(Settings.read(told), ports, folded_logs=FOLDED_LOGS)
        gateway = stack.enter_context(running_server(gate))
        known["service"] = replace(known["service"], callback=f"{gateway}/wechat")
        world.menus[known["service"].appid] = MENU
        yield Surroundings(town, world, gateway, wechat, gate.state.app_context.keys.voter)


def test_voter_in_wechat_s_browser_is_who_wechat_says_and_likes_with_their_cookies(surroundings: Surroundings):
    async def liked(phones: Phones) -> Answer:
        return await (await phones.come_in("ann", "A001")).like("POST", "A001", at=CLOCK)

    answer = surroundings.with_phones(liked)

    (order,) = surroundings.town.orders
    assert (answer.status, order["voter"], order["door"]) == (
        200,
        surroundings.voter(surroundings.openid("ann")),
        "wechat",
    )
    assert (order["signals"]["ua"], order["signals"]["site"]) == ("MicroMessenger", "same-origin")
    assert order["signals"]["device"]  # the device cookie came with the tickets


def test_voter_whose_code_got_lost_comes_in_by_another(surroundings: Surroundings):
    surroundings.world.faults.order("40029", call="oauth2/access_token", times=1, delay_ms=0)

    person = surroundings.with_phones(lambda phones: phones.come_in("ben", "A001"))

    assert (bool(person.token), surroundings.calls("oauth2/access_token")) == (True, 2)


def test_tap_on_the_menu_leads_to_the_page(surroundings: Surroundings):
    surroundings.with_phones(lambda phones: phones.tap("cai", "点赞"))

    pushes = surroundings.world.journal.read(after=0, kind="push", most=10)
    assert [(each["what"], each["outcome"]) for each in pushes] == [("CLICK", "ok")]


def test_like_by_text_is_told_in_words_that_are_read(surroundings: Surroundings):
    answer = surroundings.with_phones(lambda phones: phones.like_by_text("dai", "A001"))

    (order,) = surroundings.town.orders
    assert answer == Answer(200, {"status": "counted"})
    assert (order["voter"], order["door"]) == (surroundings.voter(surroundings.openid("dai")), "text")


def test_text_whose_answer_got_lost_is_read_when_it_comes_again(surroundings: Surroundings):
    surroundings.world.faults.order("lost", call=None, times=1, delay_ms=0)

    answer = surroundings.with_phones(lambda phones: phones.like_by_text("eva", "A001"))

    assert (answer.body["status"], len(surroundings.town.orders)) == ("counted", 1)


def test_button_that_is_tapped_is_in_the_campaign_s_menu():
    menu = menu_of(CAMPAIGN_FILE.read_text())

    assert LIKE_BUTTON in [button.name_zh for each in menu.buttons for button in each.below]
