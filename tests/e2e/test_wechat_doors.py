"""Voters come through WeChat: the whole product on the real engines, with a simulator of WeChat over sockets.

One like is followed from a menu tap to its receipt, one comes by text message, one from a desktop that a phone
vouches for, and one person at two accounts is one voter.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from deploy import engines as running_engines
from deploy.cli import main
from deploy.commands.rpc_client import call_service
from deploy.topology.admission_settings import use_rehearsal_limits
from services.voting.events import DoublesVoided, LikeCast, VoterLinked
from services.voting.receipts import address_of
from tests.browser import running_browser
from tests.declared_answers import ANSWER_HOOKS
from tests.e2e.test_pages import WECHAT
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import process
from tests.integration.temporary_campaign import PARTITIONS, Place, temporary_campaign
from tests.integration.test_engines_away import gateway_client
from tests.integration.threads import wait
from tests.integration.voting import open_to_gateway
from tests.unit.voting.stories import NOON
from tests.wechat_sim.accounts import invent_accounts, to_toml
from tests.wechat_sim.app import app, running
from tests.wechat_sim.world import World

pytestmark = pytest.mark.slow
PROCESSES = {
    "moderation": ("service", "moderation"),
    "ranking": ("service", "ranking"),
    "voting": ("service", "voting"),
    "vote-writer": ("vote-writer",),
    "relay": ("relay",),
    "projector": ("projector",),
    "clock": ("clock",),
    "gateway": ("gateway",),
}


@dataclass(frozen=True, slots=True)
class WechatCampaign:
    """A campaign in like week, and the phones of its people."""

    place: Place
    gateway: str
    sim: httpx.Client
    ends: ExitStack

    def order(self, what: str, **order: Any) -> Any:
        """Send a control request to the simulator and return its answer."""
        answer = self.sim.post(f"/sim/{what}", json=order, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def phone(self, name: str) -> "Phone":
        """Return the phone of a person."""
        phone = Phone(self, name)
        self.ends.callback(phone.http.close)
        return phone

    def likes(self) -> list[LikeCast]:
        """Return all stored likes."""
        events = [event for p in range(PARTITIONS) for event in self.place.events(f"vote.{p}")]
        return [each for each in events if isinstance(each, LikeCast)]

    def voter(self, name: str) -> str:
        """Return the pseudonym of a person."""
        openid = self.order("people", count=1, prefix=name)["people"][0]["openid"]
        return str(self.place.keys.voter(openid))


class Phone:
    """WeChat's browser on a person's phone. It follows redirects, and WeChat's own page knows who holds it."""

    def __init__(self, campaign: WechatCampaign, name: str) -> None:
        self._name = f"{name}1"  # the simulator numbers people from 1
        headers = {"User-Agent": WECHAT, "Sec-Fetch-Site": "same-origin"}
        self.http = httpx.Client(headers=headers, timeout=30, event_hooks=ANSWER_HOOKS)
        self._sim, self._gateway = str(campaign.sim.base_url), campaign.gateway

    def open(self, path: str) -> httpx.Response:
        """Open a page, following redirects through WeChat."""
        answer = self.http.get(path if path.startswith("http") else self._gateway + path)
        while answer.is_redirect:
            there = answer.next_request.url
            at_wechat = str(there).startswith(self._sim)
            answer = self.http.get(there.copy_set_param("as", self._name) if at_wechat else there)
        return answer

    def send(self, page: httpx.Response, form: int = 0, **fields: str) -> httpx.Response:
        """Send a form of a page, with its hidden fields."""
        forms = re.findall(r'<form method="post" action="([^"]+)".*?>(.*?)</form>', page.text, re.DOTALL)
        action, inner = forms[form]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', inner))
        return self.http.post(self._gateway + action, data={**hidden, **fields})


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WechatCampaign]:
    data = tmp_path_factory.mktemp("country")
    accounts = invent_accounts(seed=7)
    world = World(accounts, patience_s=5.0)
    with ExitStack() as stack:
        sim = stack.enter_context(running(app(world)))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        secrets = data / "wechat.toml"
        secrets.write_text(to_toml(accounts))
        patch.setenv("BAIJIA_WECHAT_FILE", str(secrets))
        patch.setenv("BAIJIA_WECHAT_API", sim)
        patch.setenv("BAIJIA_WECHAT_OPEN", sim)
        place = stack.enter_context(temporary_campaign(running_engines.up(), data))
        open_to_gateway(place)
        use_rehearsal_limits(place.settings)
        started = {name: stack.enter_context(process(place, *words, name=name)) for name, words in PROCESSES.items()}
        for each in started.values():
            each.wait_ready()
        client = stack.enter_context(gateway_client(started["gateway"]))
        gateway = str(client.base_url).rstrip("/")
        for kind in ("service", "subscription"):
            accounts[kind] = replace(accounts[kind], callback=f"{gateway}/wechat")
        yield WechatCampaign(place, gateway, stack.enter_context(httpx.Client(base_url=sim, timeout=60)), stack)


def content(pushed: dict[str, Any]) -> str:
    """Return the text of the reply that the person sees, or the links of its cards."""
    assert pushed["delivered"], pushed
    return str(pushed["reply"])


def test_console_s_check_of_the_address_passes(campaign: WechatCampaign):
    assert campaign.order("check", account="service") == {"right": True}
    assert campaign.order("check", account="subscription") == {"right": True}


def test_like_from_a_menu_tap_to_the_receipt(campaign: WechatCampaign, monkeypatch: pytest.MonkeyPatch):
    settings = campaign.place.settings
    monkeypatch.setenv("BAIJIA_CAMPAIGN", settings.campaign)
    monkeypatch.setenv("BAIJIA_MONGO_URI", settings.mongo_uri)
    monkeypatch.setenv("BAIJIA_AMQP_URI", settings.amqp_uri)
    monkeypatch.setenv("BAIJIA_DATA", str(settings.data))  # where the key lies that signs the command's calls
    put = CliRunner().invoke(main, ["wechat", "menu", str(CAMPAIGN_FILE)])
    assert (put.exit_code, put.output.count("menu updated")) == (0, 2), put.output

    card = content(campaign.order("tap", **{"as": "ann1", "button": "百家基层工会成果点赞"}))
    phone = campaign.phone("ann")
    home = phone.open(re.search(r"http://[^'\"\s]+", card)[0])
    assert '<a href="/entries/A001">' in home.text
    entry = phone.open("/entries/A001")
    liked = phone.open(re.search(r'href="(/wechat/like[?]entry=A001[^"]+)"', entry.text)[1].replace("&amp;", "&"))
    assert liked.url.path == "/entries/A001"
    assert '<p class="note" role="status">✓ 已点赞</p>' in liked.text
    receipt = re.search(r'href="(/receipts/[^"]+)"', liked.text)[1]
    shown = phone.open(receipt)

    assert re.search(r"vote\.\d+/\d+/\d+", shown.text) is None  # a position tells how many likes there are
    log, n, i = address_of(campaign.place.keys.receipt, receipt.removeprefix("/receipts/")).split("/")
    like = campaign.place.ledger.get(log, int(n)).events()[int(i)]
    assert (like.voter, like.entry, like.door) == (campaign.voter("ann"), "a", "wechat")
    again = phone.send(phone.open("/entries/A001"), do="like")
    assert "今日已赞" in again.text
    assert "A001" in phone.open("/likes").text


def test_like_by_text_message_is_counted_once_though_it_is_sent_again(campaign: WechatCampaign):
    voter = campaign.voter("ben")
    campaign.order("faults", fault="lost", times=1)

    said = campaign.order("text", **{"as": "ben1", "content": "赞 Ａ００２"})

    assert len(said["attempts"]) == 2
    assert "已为 A002" in content(said)
    (like,) = [each for each in campaign.likes() if each.voter == voter]
    assert (like.entry, like.door) == ("b", "text")
    assert "您今天已经为 A002" in content(campaign.order("text", **{"as": "ben1", "content": "点赞A002"}))


def test_like_by_a_code_from_a_desktop_browser(campaign: WechatCampaign):
    phone = campaign.phone("cai")
    with running_browser() as browser:
        desk = browser.new_page(locale="zh-CN")
        complaints: list[str] = []
        desk.on("pageerror", lambda error: complaints.append(str(error)))
        with desk.expect_response("**/api/v1/handoffs") as begun:
            desk.goto(f"{campaign.gateway}/entries/B001")
        made = begun.value.json()
        expect(desk.locator(".code svg")).to_be_visible()
        confirm = phone.open(made["url"])
        assert f'<strong class="digits">{made["code"]}</strong>' in confirm.text
        expect(desk.locator(".digits")).to_have_text(made["code"])

        assert "✓ 已确认" in phone.open(phone.send(confirm).headers["location"]).text

        button = desk.get_by_role("button", name="点赞", exact=True)
        expect(button).to_be_visible(timeout=60_000)
        button.click()
        expect(desk.get_by_role("status")).to_contain_text("已点赞", timeout=60_000)
        desk.get_by_role("link", name="回执").click()
        expect(desk.get_by_role("heading", name="回执")).to_be_visible()
    (like,) = [each for each in campaign.likes() if each.voter == campaign.voter("cai")]
    assert (like.entry, like.door, complaints) == ("c", "web", [])


def test_person_at_both_accounts_is_one_voter(campaign: WechatCampaign):
    """The accounts are bound: the UnionID links the person's messages to both of them."""
    campaign.order("text", **{"as": "dai1", "content": "赞 A001"})

    def is_linked() -> bool:
        return any(isinstance(each, VoterLinked) for each in campaign.place.events("vote.cases"))

    wait(is_linked, what="the UnionID is linked")
    said = content(campaign.order("text", **{"as": "dai1", "content": "赞 A001", "account": "subscription"}))

    assert "您今天已经为 A001" in said
    assert len([each for each in campaign.likes() if each.voter == campaign.voter("dai")]) == 1


def test_like_that_a_person_gave_under_two_names_is_voided_by_the_clock(campaign: WechatCampaign):
    """The account was moved, and the operator links the person's earlier openid to the present one."""
    campaign.order("text", **{"as": "eva1", "content": "赞 A002"})
    headers = {"Idempotency-Key": "before"}
    with httpx.Client(base_url=campaign.gateway, timeout=60, event_hooks=ANSWER_HOOKS) as client:
        minted = client.post("/api/v1/rehearsal/voters", json={"openids": ["o-before"]}, headers=headers)
    (other,) = minted.json()["voters"]
    session = {"Authorization": f"Bearer {other['token']}"}
    with httpx.Client(base_url=campaign.gateway, headers=session, timeout=30, event_hooks=ANSWER_HOOKS) as client:
        (ticket,) = client.get("/api/v1/like-tickets").json()["tickets"]
        later = {"Like-Ticket": ticket, "Campaign-Time": str(NOON + 1_000)}
        assert client.post("/api/v1/entries/b/like", headers=later).status_code == 200
    link = {"voter": campaign.voter("eva"), "account": "service", "other": other["voter"]}

    call_service(campaign.place.settings, "voting", "link_voter", link)

    def voids() -> list[DoublesVoided]:
        return [each for each in campaign.place.events("vote.cases") if isinstance(each, DoublesVoided)]

    wait(lambda: len(voids()) == 1, what="the double is voided")
    assert (voids()[0].voter, voids()[0].entry, len(voids()[0].likes)) == (other["voter"], "b", 1)


def test_whoever_unsubscribes_is_answered_in_time(campaign: WechatCampaign):
    assert campaign.order("unsubscribe", **{"as": "ben1"})["delivered"]


def test_snapshot_page_s_person_likes_nothing(campaign: WechatCampaign):
    campaign.order("faults", fault="snapshot", times=1)

    refused = campaign.phone("fan").open("/wechat/like?entry=A001")

    assert refused.status_code == 403
    assert "快照页" in refused.text
