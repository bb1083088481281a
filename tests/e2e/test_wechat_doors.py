"""Voters come by WeChat's doors: the whole product on the real engines, and WeChat simulated over sockets.

One like is followed from a menu tap to its receipt, one comes by text message, one from a desktop that a phone vouches
for, and one person at two accounts is one voter.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect, sync_playwright

from deploy import engines as running_engines
from deploy.cli import main
from deploy.commands.rpc_client import ask
from deploy.topology.admission_settings import rehearse
from services.voting.events import DoublesVoided, LikeCast, VoterLinked
from tests.e2e.test_pages import ARGUMENTS, CHROMIUM, WECHAT
from tests.files import CAMPAIGN_FILE
from tests.integration import places
from tests.integration.booth import open_doors
from tests.integration.places import PARTITIONS, Place
from tests.integration.processes import process
from tests.integration.test_engines_away import web
from tests.integration.threads import wait
from tests.unit.voting.stories import NOON
from tests.wechat_sim.accounts import invented, written
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
class Country:
    """A campaign in like week, and its people's phones."""

    place: Place
    gateway: str
    sim: httpx.Client
    ends: ExitStack

    def order(self, what: str, **order: Any) -> Any:
        answer = self.sim.post(f"/sim/{what}", json=order, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def phone(self, name: str) -> "Phone":
        phone = Phone(self, name)
        self.ends.callback(phone.http.close)
        return phone

    def likes(self) -> list[LikeCast]:
        events = [event for p in range(PARTITIONS) for event in self.place.events(f"vote.{p}")]
        return [each for each in events if isinstance(each, LikeCast)]

    def voter(self, name: str) -> str:
        openid = self.order("people", count=1, prefix=name)["people"][0]["openid"]
        return str(self.place.keys.voter(openid))


class Phone:
    """WeChat's browser in somebody's hand. It follows redirects, and is known at WeChat's own page."""

    def __init__(self, country: Country, name: str) -> None:
        self._name = f"{name}1"  # as the simulator numbers them
        self.http = httpx.Client(headers={"User-Agent": WECHAT, "Sec-Fetch-Site": "same-origin"}, timeout=30)
        self._sim, self._gateway = str(country.sim.base_url), country.gateway

    def open(self, path: str) -> httpx.Response:
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
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    data = tmp_path_factory.mktemp("country")
    accounts = invented(seed=7)
    world = World(accounts, patience_s=5.0)
    with ExitStack() as stack:
        sim = stack.enter_context(running(app(world)))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        secrets = data / "wechat.toml"
        secrets.write_text(written(accounts))
        patch.setenv("BAIJIA_WECHAT_FILE", str(secrets))
        patch.setenv("BAIJIA_WECHAT_API", sim)
        patch.setenv("BAIJIA_WECHAT_OPEN", sim)
        place = stack.enter_context(places.made(running_engines.up(), data))
        open_doors(place)
        rehearse(place.settings)
        started = {name: stack.enter_context(process(place, *words, name=name)) for name, words in PROCESSES.items()}
        for each in started.values():
            each.wait_ready()
        client = stack.enter_context(web(started["gateway"]))
        gateway = str(client.base_url).rstrip("/")
        for kind in ("service", "subscription"):
            accounts[kind] = replace(accounts[kind], callback=f"{gateway}/wechat")
        yield Country(place, gateway, stack.enter_context(httpx.Client(base_url=sim, timeout=60)), stack)


def content(pushed: dict[str, Any]) -> str:
    """The words of the reply that the person sees, or the links of its cards."""
    assert pushed["delivered"], pushed
    return str(pushed["reply"])


def test_console_s_check_of_the_address_passes(country: Country):
    assert country.order("check", account="service") == {"right": True}
    assert country.order("check", account="subscription") == {"right": True}


def test_like_from_a_menu_tap_to_the_receipt(country: Country, monkeypatch: pytest.MonkeyPatch):
    settings = country.place.settings
    monkeypatch.setenv("BAIJIA_CAMPAIGN", settings.campaign)
    monkeypatch.setenv("BAIJIA_MONGO_URI", settings.mongo_uri)
    monkeypatch.setenv("BAIJIA_AMQP_URI", settings.amqp_uri)
    put = CliRunner().invoke(main, ["wechat", "menu", str(CAMPAIGN_FILE)])
    assert (put.exit_code, put.output.count("menu updated")) == (0, 2), put.output

    card = content(country.order("tap", **{"as": "ann1", "button": "百家基层工会成果点赞"}))
    phone = country.phone("ann")
    home = phone.open(re.search(r"http://[^'\"\s]+", card)[0])
    assert '<a href="/entries/A001">' in home.text
    entry = phone.open("/entries/A001")
    assert 'href="/wechat/like?entry=A001"' in entry.text
    entry = phone.open("/wechat/like?entry=A001")
    assert entry.url.path == "/entries/A001"
    liked = phone.send(entry, do="like")
    assert "✓ 已点赞" in liked.text
    receipt = re.search(r'href="(/receipts/[^"]+)"', liked.text)[1]
    shown = phone.open(receipt)

    address = re.search(r"vote\.\d+/\d+/\d+", shown.text)[0]
    log, n, i = address.split("/")
    like = country.place.ledger.get(log, int(n)).events()[int(i)]
    assert (like.voter, like.entry, like.door) == (country.voter("ann"), "a", "wechat")
    again = phone.send(phone.open("/entries/A001"), do="like")
    assert "今日已赞" in again.text
    assert "A001" in phone.open("/likes").text


def test_like_by_text_message_is_counted_once_though_it_is_sent_again(country: Country):
    voter = country.voter("ben")
    country.order("faults", fault="lost", times=1)

    said = country.order("text", **{"as": "ben1", "content": "赞 Ａ００２"})

    assert len(said["attempts"]) == 2
    assert "已为 A002" in content(said)
    (like,) = [each for each in country.likes() if each.voter == voter]
    assert (like.entry, like.door) == ("b", "text")
    assert "您今天已经为 A002" in content(country.order("text", **{"as": "ben1", "content": "点赞A002"}))


def test_like_by_a_code_from_a_desktop_browser(country: Country):
    phone = country.phone("cai")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        desk = browser.new_page(locale="zh-CN")
        complaints: list[str] = []
        desk.on("pageerror", lambda error: complaints.append(str(error)))
        with desk.expect_response("**/api/v1/handoffs") as begun:
            desk.goto(f"{country.gateway}/entries/B001")
        made = begun.value.json()
        expect(desk.locator(".code svg")).to_be_visible()
        confirm = phone.open(made["url"])
        assert f'<strong class="digits">{made["code"]}</strong>' in confirm.text
        expect(desk.locator(".digits")).to_have_text(made["code"])

        assert "✓ 已确认" in phone.send(confirm).text

        button = desk.get_by_role("button", name="点赞", exact=True)
        expect(button).to_be_visible(timeout=15_000)
        button.click()
        expect(desk.get_by_role("status")).to_contain_text("已点赞", timeout=15_000)
        desk.get_by_role("link", name="回执").click()
        expect(desk.get_by_role("heading", name="回执")).to_be_visible()
        browser.close()
    (like,) = [each for each in country.likes() if each.voter == country.voter("cai")]
    assert (like.entry, like.door, complaints) == ("c", "web", [])


def test_person_at_both_accounts_is_one_voter(country: Country):
    """The accounts are bound: the UnionID links what the person says to one and to the other."""
    country.order("text", **{"as": "dai1", "content": "赞 A001"})

    def is_linked() -> bool:
        return any(isinstance(each, VoterLinked) for each in country.place.events("vote.cases"))

    wait(is_linked, what="the UnionID is linked")
    said = content(country.order("text", **{"as": "dai1", "content": "赞 A001", "account": "subscription"}))

    assert "您今天已经为 A001" in said
    assert len([each for each in country.likes() if each.voter == country.voter("dai")]) == 1


def test_like_that_a_person_gave_under_two_names_is_voided_by_the_clock(country: Country):
    """The account was moved, and the operator links the openid that the person has had before to the one of now."""
    country.order("text", **{"as": "eva1", "content": "赞 A002"})
    headers = {"Idempotency-Key": "before"}
    minted = httpx.post(f"{country.gateway}/api/v1/rehearsal/voters", json={"openids": ["o-before"]}, headers=headers)
    (other,) = minted.json()["voters"]
    session = {"Authorization": f"Bearer {other['token']}"}
    with httpx.Client(base_url=country.gateway, headers=session, timeout=30) as client:
        (ticket,) = client.get("/api/v1/like-tickets").json()["tickets"]
        later = {"Like-Ticket": ticket, "Campaign-Time": str(NOON + 1_000)}
        assert client.post("/api/v1/entries/b/like", headers=later).status_code == 200
    link = {"voter": country.voter("eva"), "account": "service", "other": other["voter"]}

    ask(country.place.settings, "voting", "link_voter", link)

    def voids() -> list[DoublesVoided]:
        return [each for each in country.place.events("vote.cases") if isinstance(each, DoublesVoided)]

    wait(lambda: len(voids()) == 1, what="the double is voided")
    assert (voids()[0].voter, voids()[0].entry, len(voids()[0].likes)) == (other["voter"], "b", 1)


def test_whoever_unsubscribes_is_answered_in_time(country: Country):
    assert country.order("unsubscribe", **{"as": "ben1"})["delivered"]


def test_snapshot_page_s_person_likes_nothing(country: Country):
    country.order("faults", fault="snapshot", times=1)

    refused = country.phone("fan").open("/wechat/like?entry=A001")

    assert refused.status_code == 403
    assert "快照页" in refused.text
