"""The pages of letters in a browser: an organiser reads, approves and drops letters; a unit says where they go."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.messages.channel import Channel
from deploy.messages.file_channel import FileChannel
from deploy.messages.sender import Sender
from deploy.messages.wechat_channel import WeChatChannel
from gateway.backends.wechat_accounts import WeChatAccounts
from gateway.wechat.account import Account, Accounts
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import Desk, DeskTown
from tests.unit.gateway.voters.office import Phones
from tests.unit.wechat_sim.simulator_client import SimulatorClient, running_simulator

pytestmark = pytest.mark.slow

WECHAT = "Mozilla/5.0 (Linux; Android 13) Mobile MicroMessenger/8.0.47"
SIZES = {"1366": {"width": 1366, "height": 768}, "360": {"width": 360, "height": 640}}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Serve a campaign with two decisions, whose letters wait, and an address of one unit."""
    town = DeskTown(tmp_path, count=3)
    for entry in town.entries[:2]:
        town.town.ok("approve", "mo", "moderator", entry=entry, version=1)
    town.town.ok("set_message_contact", "olga", "organiser", contact="contact.U001", email="li@example.cn")
    with town.gateway() as desk:
        yield desk


def send(desk: Desk) -> int:
    """Let the sender make one round, with e-mails as files."""
    return send_by(desk, {"email": FileChannel(desk.town.data / "mails", sender="office@example.cn")})


def send_by(desk: Desk, channels: dict[str, Channel]) -> int:
    """Let a sender with these channels make one round."""
    town = desk.town.town
    return Sender(lambda method, body: town.call(method, "clock", "operator", **body), channels, campaign="t").step()


def check(page: Page, shots: Path, name: str) -> None:
    """Look at the page at both widths, and leave pictures of it."""
    for width, size in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (violations(page), overflow_px(page)) == ([], 0), f"{name} at {width}"
        page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(SIZES["1366"])  # type: ignore[arg-type]


def test_organiser_approves_what_was_read_and_sees_what_became_of_it(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    page = desk.sign_in(browser, "olga").new_page()
    page.goto(f"{desk.address}/organiser/messages")
    boxes = page.locator("input[type=checkbox]")
    assert [boxes.nth(k).is_checked() for k in range(boxes.count())] == [False, False]
    check(page, tmp_path, "outbox")

    page.get_by_role("button", name="批准发送…").click()
    expect(page.locator("main")).to_contain_text("没有选中任何通知，什么也没有发出")

    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="批准发送…").click()
    expect(page.locator("main")).to_contain_text("共 2 封，其中 1 封有收信地址")
    check(page, tmp_path, "confirm")
    page.get_by_role("button", name="发送这 2 封").click()
    expect(page.locator("main")).to_contain_text("已批准 2 封")

    assert (send(desk), len(list((desk.town.data / "mails").iterdir()))) == (1, 1)
    page.goto(f"{desk.address}/organiser/messages?state=sent")
    page.get_by_role("link", name="审核通过").first.click()
    expect(page.locator("main")).to_contain_text("已收下 (written)")
    check(page, tmp_path, "letter")
    page.goto(f"{desk.address}/organiser/messages?state=unaddressed")
    check(page, tmp_path, "unaddressed")


def test_letter_whose_decision_is_undone_before_the_confirmation_is_not_sent(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    page = desk.sign_in(browser, "olga").new_page()
    page.goto(f"{desk.address}/organiser/messages")
    page.locator("input[type=checkbox]").nth(0).check()
    page.get_by_role("button", name="批准发送…").click()
    for entry in desk.town.entries[:2]:
        desk.town.town.ok("undo_decision", "mo", "moderator", entry=entry, version=1)
    page.get_by_role("button", name="发送这 1 封").click()

    expect(page.locator("main")).to_contain_text(re.compile("有通知在您阅读之后变了，什么也没有发出|已撤销"))
    check(page, tmp_path, "changed")
    assert send(desk) == 0


def test_organiser_writes_to_the_units_of_a_group_and_a_unit_reads_it(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    page = desk.sign_in(browser, "olga").new_page()
    page.goto(f"{desk.address}/organiser/messages/new")
    check(page, tmp_path, "new")
    page.get_by_label("标题").fill("点赞周延长一天")
    page.get_by_label("正文").fill("因系统维护，点赞延长到 6 月 14 日 24:00。")
    page.get_by_role("button", name="放进发件箱").click()
    expect(page.locator("main")).to_contain_text("没有选中任何通知")
    expect(page.get_by_label("标题")).to_have_value("点赞周延长一天")

    page.get_by_label("审核通过的单位 (2)").check()
    page.get_by_role("button", name="放进发件箱").click()
    expect(page.locator("main")).to_contain_text("已拟好 2 封")
    assert page.get_by_role("link", name="点赞周延长一天").count() == 2


def test_reminders_and_addresses_are_pages_of_the_same_desk(browser: Browser, desk: Desk, tmp_path: Path) -> None:
    page = desk.sign_in(browser, "olga").new_page()
    page.goto(f"{desk.address}/organiser/messages/reminders")
    check(page, tmp_path, "reminders")
    page.goto(f"{desk.address}/organiser/messages/contact")
    page.get_by_label("单位代码").fill("U002")
    page.get_by_role("button", name="查看").click()
    page.get_by_label("电子邮箱").fill("wu@example")
    page.get_by_label("手机号").fill("138-0000-0000")
    page.locator("form").last.evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="保存").click()
    check(page, tmp_path, "contact-wrong")
    page.get_by_label("电子邮箱").fill("wu@example.cn")
    page.get_by_role("button", name="保存").click()

    expect(page.locator("main")).to_contain_text("已保存")
    expect(page.get_by_label("手机号")).to_have_value("13800000000")
    check(page, tmp_path, "contact")
    page.goto(f"{desk.address}/organiser/messages?lang=en")
    check(page, tmp_path, "outbox-en")


def test_unit_says_where_letters_to_it_go_and_has_that_forgotten(browser: Browser, desk: Desk, tmp_path: Path) -> None:
    page = desk.sign_in_unit(browser, "U003", viewport=SIZES["360"]).new_page()
    page.goto(f"{desk.address}/unit/contact")
    page.get_by_label("电子邮箱").fill("zhao@example")
    page.locator("main form").first.evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_label("电子邮箱")).to_have_attribute("aria-invalid", "true")
    check(page, tmp_path, "unit-contact-wrong")
    page.get_by_label("电子邮箱").fill("zhao@example.cn")
    page.get_by_label("手机号").fill("139 0000 0000")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("已保存")
    expect(page.get_by_label("手机号")).to_have_value("13900000000")
    check(page, tmp_path, "unit-contact")

    page.get_by_label("电子邮箱").fill("")
    page.get_by_label("手机号").fill("")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_label("手机号")).to_have_value("")
    assert desk.town.town.state_of("moderation").forgotten == {"contact.U003"}


def test_staff_say_where_letters_to_them_go(browser: Browser, desk: Desk, tmp_path: Path) -> None:
    page = desk.sign_in(browser, "mo").new_page()
    page.goto(f"{desk.address}/desk")
    page.get_by_role("link", name="接收通知").click()
    page.get_by_label("电子邮箱").fill("mo@example.cn")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("已保存")
    expect(page.get_by_label("电子邮箱")).to_have_value("mo@example.cn")
    check(page, tmp_path, "staff-contact")


@pytest.fixture
def sim() -> Iterator[SimulatorClient]:
    with running_simulator() as found:
        yield found


def test_cadre_agrees_in_wechat_and_gets_one_letter_there(
    browser: Browser, sim: SimulatorClient, tmp_path: Path
) -> None:
    town = DeskTown(tmp_path, count=2)
    town.town.ok("approve", "mo", "moderator", entry=town.entries[0], version=1)
    known, phones = sim.accounts["service"], Phones()
    account = Account(
        appid=known.appid, secret=known.secret, token=known.token, aeskey=known.aeskey, template_id=known.template_id
    )
    wechat = WeChatAccounts(Accounts(service=account), phones, phones)
    url = str(sim.http.base_url)
    channels: dict[str, Channel] = {
        "wechat": WeChatChannel(url, lambda stale: sim.stable(force=bool(stale)), timeout_s=60)
    }
    with town.gateway(wechat=wechat, more={"BAIJIA_WECHAT_MP": url}) as desk:
        send_by(desk, channels)  # so that moderation knows that letters go out by WeChat
        page = desk.sign_in_unit(browser, "U001", viewport=SIZES["360"], user_agent=WECHAT).new_page()
        page.goto(f"{desk.address}/unit/contact")
        check(page, tmp_path, "wechat-offered")
        page.set_viewport_size(SIZES["360"])  # type: ignore[arg-type]
        page.get_by_role("link", name="同意接收一条").first.click()
        page.locator("#confirm").click()
        expect(page.locator("main")).to_contain_text("已同意，下一条通知会发到您的微信")
        expect(page.get_by_role("button", name="不再接收")).to_have_count(1)
        check(page, tmp_path, "wechat-agreed")

        found = town.town.ok("letters", "olga", "organiser")["letters"]
        read = [{"letter": each["letter"], "digest": each["digest"]} for each in found if each["kind"] == "approved"]
        town.town.ok("approve_letters", "olga", "organiser", letters=read)
        assert send_by(desk, channels) == 1
        (message,) = sim.order("inbox", **{"as": "somebody"})["messages"]
        assert message["title"] == "审核进度通知"
        page.goto(f"{desk.address}/unit/contact")
        expect(page.get_by_role("link", name="同意接收一条")).to_have_count(3)
        page.goto(f"{desk.address}/unit/contact?lang=en")
        check(page, tmp_path, "wechat-en")

        outside = desk.sign_in_unit(browser, "U001", viewport=SIZES["360"]).new_page()
        outside.goto(f"{desk.address}/unit/contact")
        expect(outside.locator("main")).to_contain_text("请在微信里打开本页")
        expect(outside.get_by_role("link", name="同意接收一条")).to_have_count(0)
        check(outside, tmp_path, "wechat-outside")
