"""Two moderators at their desks, from the link for a password to an undone bulk, on real services and engines.

The gateway runs here, and calls submission and moderation in processes of their own, over the broker.
"""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from gateway.read_models.cache import Views
from services.submission.events import EntrySubmitted
from tests.browser import running_browser
from tests.e2e.web_server import running_server
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, rpc_caller, running_services
from tests.integration.temporary_campaign import Place
from tests.unit.gateway import town as gateway_town
from tests.unit.gateway.town import Town

pytestmark = pytest.mark.slow

QUEUE = "/desk/moderation"
ORGANISERS = [{"staff": "olga", "name": "奥尔加"}, {"staff": "otto", "name": "奥托"}]
PASSWORDS = {"mo": "battery staple", "wei": "quiet lantern"}


class RpcServices:
    """The services port of a gateway over nameko's own client, in one thread, which is the only one that uses it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._caller: Caller | None = None

    async def call(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._send, service, method, call)

    def _send(self, service: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
        if self._caller is None:
            self._open = rpc_caller(self._place)
            self._caller = self._open.__enter__()
        answer: dict[str, Any] = self._caller.method(service, method)(self._caller.signed(call, service, method))
        return answer

    def close(self) -> None:
        if self._caller is not None:
            self._thread.submit(self._open.__exit__, None, None, None).result()
        self._thread.shutdown()


def ok(answer: dict[str, Any]) -> dict[str, Any]:
    assert "ok" in answer, answer
    result: dict[str, Any] = answer["ok"]
    return result


def handed_in(now: int, k: int) -> EntrySubmitted:
    return EntrySubmitted(
        entry=f"U{k}-1", version=1, unit=f"U{k}", type="state", title=f"成果{k}", profile="简介",
        text="正文第一段。\n第二段。", themes=("home",), h5=None, files=(), late_pass=None, at=now + k,
        unit_name=f"第{k}工会", city="石家庄",
    )  # fmt: skip


@contextmanager
def running_desk(place: Place, caller: Caller, now: int) -> Iterator[str]:
    """Serve a gateway over the running services; yields its URL."""
    services = RpcServices(place)
    views = Views(wall=lambda: now)
    shown = ok(caller.call("moderation", "campaign"))
    campaign = gateway_town.campaign(
        clock=now, windows=shown["windows"], unit_types=shown["unit_types"], themes=shown["themes"]
    )
    cut = {"submission": place.ledger.head("submission"), "moderation": place.ledger.head("moderation")}
    data = {**gateway_town.VIEWS, "campaign": campaign, "entries": {"entries": {}}, "board": {}}
    views.load({name: {"cut": cut, "data": each} for name, each in data.items()})
    app = create_app(place.settings, Ports(services, Town(), views), folded_logs=FOLDED_LOGS)
    try:
        with running_server(app) as address:
            yield address
    finally:
        services.close()


def signed_in(browser: Any, address: str, staff: str) -> Page:
    """Sign in by the form, as the desk's page asks for it, and return the queue."""
    page: Page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
    page.goto(address + QUEUE)
    page.get_by_label("账号").fill(staff)
    page.get_by_label("密码").fill(PASSWORDS[staff])
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="队列")).to_be_visible()
    return page


def open_entry(page: Page, k: int) -> None:
    page.locator(f'[data-open="U{k}-1"]').first.click()
    page.locator(f'[data-case="U{k}-1"]').wait_for()
    expect(page.locator("[data-claim]")).to_contain_text("由我审核")


def test_two_moderators_clear_a_queue_between_them(place: Place) -> None:
    file = CAMPAIGN_FILE.read_text()
    with running_services(place, "moderation") as (caller, _):
        opened = ok(
            caller.call(
                "moderation", "open_campaign", {"file": file, "rehearsal": True, "organisers": ORGANISERS}
            )
        )  # fmt: skip
        now = int(opened["now"])
        for staff, password in PASSWORDS.items():
            appointed = ok(
                caller.call(
                    "moderation", "appoint_staff", {"staff": staff, "name": staff.title(), "roles": ["moderator"]}
                )
            )  # fmt: skip
            ok(caller.call(
                "moderation", "set_password", {"staff": staff, "link": appointed["link"], "password": password}
            ))  # fmt: skip
        place.append("submission", [handed_in(now, k) for k in range(1, 9)])
        with (
            running_services(place, "submission"),
            running_desk(place, caller, now) as address,
            running_browser() as browser,
        ):
            mo, wei = signed_in(browser, address, "mo"), signed_in(browser, address, "wei")

            open_entry(mo, 1)
            wei.reload()
            expect(wei.locator('[data-row="U1-1"]')).to_contain_text("Mo 在审")
            mo.keyboard.press("a")
            mo.keyboard.press("a")
            mo.locator('[data-case="U2-1"]').wait_for()

            mo.get_by_text("对“正文”写退回意见").click()
            mo.get_by_label("退回意见：正文").fill("第二段太短。")
            mo.get_by_label(re.compile("修改期限")).fill("2021-05-20T18:00")
            mo.get_by_role("button", name="退回修改").click()
            mo.locator('[data-case="U3-1"]').wait_for()

            mo.get_by_label("不通过的理由（单位会看到）").fill("不是本单位的成果。")
            mo.locator("#reject").get_by_label("请第二个人再看，同意后才生效").check()
            mo.get_by_role("button", name="不通过", exact=True).click()
            mo.locator('[data-case="U4-1"]').wait_for()
            wei.goto(f"{address}{QUEUE}/work")
            wei.get_by_role("link", name="成果3").click()
            wei.get_by_role("button", name="同意，按提议办理").click()
            wei.locator('[data-case]:not([data-case="U3-1"])').wait_for()

            wei.goto(address + QUEUE)
            for k in (6, 7, 8):
                wei.get_by_label(f"选中：成果{k}").check()
            wei.get_by_role("button", name="通过…", exact=True).click()
            wei.get_by_role("button", name="通过这 3 项").click()
            expect(wei.get_by_text("批量通过 3 项")).to_be_visible()
            states = {k: ok(caller.call("moderation", "desk", {"entry": f"U{k}-1"}))["status"] for k in (1, 2, 3, 7)}
            wei.get_by_role("button", name="撤销这 3 项").click()
            expect(wei.get_by_text("已撤销 3 项，回到队列").first).to_be_visible()

        after = {k: ok(caller.call("moderation", "desk", {"entry": f"U{k}-1"}))["status"] for k in (6, 7, 8)}
    assert states == {1: "approved", 2: "returned", 3: "rejected", 7: "approved"}
    assert after == {6: "submitted", 7: "submitted", 8: "submitted"}
    names = [type(event).__name__ for event in place.events("moderation")]
    assert names.count("BulkDecided") == 1
    assert names.count("DecisionUndone") == 3
    assert "SecondOpinionGiven" in names
