"""A judge signs in on a phone by a code that comes through a message centre, over the real protocol."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.messages.sender import Sender
from deploy.messages.smpp_channel import NONE, SmppChannel
from deploy.messages.smpp_channel import MessageCentre as Account
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.desk_town import STAFF, Desk, DeskTown
from tests.unit.deploy.messages.message_centre import MessageCentre, running

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 640}
SHOWN = {
    "zh": ("评委：用短信验证码登录", "账号", "获取验证码", "短信里的六位数字", "登录", "验证码不对"),
    "en": ("Judges: sign in by short message", "Account name", "Send me a code", "The six digits in the message",
           "Sign in", "The code is wrong"),
}  # fmt: skip


WITH_JUDGE = {**STAFF, "jin": ["judge"]}


class JudgesTown(DeskTown):
    """A desk with one more member of staff: the judge."""

    staff = WITH_JUDGE


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with JudgesTown(tmp_path, count=1).gateway() as desk:
        yield desk


@pytest.fixture
def centre() -> MessageCentre:
    return MessageCentre()


@pytest.fixture
def sender(desk: Desk, centre: MessageCentre) -> Iterator[Sender]:
    """The sender of the clock's process, with a message centre on a socket; the judge has set a number."""
    town = desk.town.town
    town.ok("set_message_contact", "jin", "judge", contact="staff.jin", email="", phone="+8613800000000")

    def call(method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return town.call(method, "clock", "operator", **body)

    with running(centre) as port:
        account = Account("127.0.0.1", "baijia", "10690000", "secret", port, security=NONE, timeout_s=60)
        sender = Sender(call, {"sms": SmppChannel(account)}, campaign="town")
        sender.step()  # tells moderation that there are short messages
        yield sender


def checked(page: Page) -> None:
    assert (violations(page), overflow_px(page)) == ([], 0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_judge_signs_in_by_a_code_from_the_link_to_the_list(
    browser: Browser, desk: Desk, centre: MessageCentre, sender: Sender, lang: str
):
    link, account, get_code, code, enter, wrong = SHOWN[lang]
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()  # type: ignore[arg-type]
    page.goto(f"{desk.address}/desk/sign-in?to=/desk/security&lang={lang}")
    page.get_by_role("link", name=link).click()
    expect(page.get_by_role("button", name=get_code)).to_be_visible()
    checked(page)
    page.get_by_label(account).fill("jin")
    page.get_by_role("button", name=get_code).click()
    digits = page.get_by_label(code)
    expect(digits).to_be_visible()
    assert (digits.get_attribute("autocomplete"), digits.get_attribute("inputmode")) == ("one-time-code", "numeric")
    checked(page)

    sender.step()
    ((to, text, _),) = centre.received()
    (sent,) = re.findall(r"\d{6}", text)
    digits.fill(f"{(int(sent) + 1) % 1_000_000:06}")
    page.get_by_role("button", name=enter, exact=True).click()
    expect(page.get_by_text(wrong)).to_be_visible()
    checked(page)
    page.get_by_label(code).fill(sent)
    page.get_by_role("button", name=enter, exact=True).click()

    expect(page).to_have_url(re.compile("/desk/security"))
    assert to.endswith("13800000000")
    expect(page.get_by_text("SMS")).to_be_visible()


def test_code_of_one_browser_serves_no_other(browser: Browser, desk: Desk, centre: MessageCentre, sender: Sender):
    first, second = (browser.new_context(locale="zh-CN").new_page() for _ in range(2))
    first.goto(f"{desk.address}/desk/sign-in/code")
    first.get_by_label("账号").fill("jin")
    first.get_by_role("button", name="获取验证码").click()
    expect(first.get_by_label("短信里的六位数字")).to_be_visible()
    second.goto(f"{desk.address}/desk/sign-in/code")
    second.get_by_label("账号").fill("nobody")
    second.get_by_role("button", name="获取验证码").click()
    expect(second.get_by_label("短信里的六位数字")).to_be_visible()
    sender.step()
    ((_, text, _),) = centre.received()

    second.get_by_label("短信里的六位数字").fill(re.findall(r"\d{6}", text)[0])
    second.get_by_role("button", name="登录", exact=True).click()

    expect(second.get_by_text("验证码不对")).to_be_visible()
