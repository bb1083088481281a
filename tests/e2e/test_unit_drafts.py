"""Words of a unit that two tabs, people or units could overwrite: the form in a browser, on the real services."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.hosted_gateway import HostedGateway
from tests.e2e.test_unit_pages import (
    DESK,
    TITLE,
    console,
    device,
    gateway,
    is_saved,
    say,
    sign_in,
    stored,
    type_and_wait,
)

pytestmark = pytest.mark.slow
OpenDevice = Callable[..., Page]
__all__ = ["console", "device", "gateway"]


def settle(page: Page, choice: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(say(f"unit.conflict.keep-{choice}")).check()
    dialog.get_by_role("button", name=say("unit.conflict.settle")).click()
    is_saved(page)


def test_words_typed_offline_in_a_closed_page_do_not_overwrite_what_a_colleague_wrote_since(
    gateway: HostedGateway, device: OpenDevice
):
    phone, computer = device(), device(viewport=DESK)
    phone.goto(f"{gateway.url}/unit/entries/new")
    phone.route("**/api/v1/my/drafts/*", lambda route: route.abort())
    phone.locator("[name=text]").fill("本机写的")
    expect(phone.locator("#saved")).to_have_attribute("data-state", "offline")
    phone.close()
    computer.goto(f"{gateway.url}/unit/entries/new")
    type_and_wait(computer, "text", "电脑写的")

    again = phone.context.new_page()
    again.goto(f"{gateway.url}/unit/entries/new")
    dialog = again.get_by_role("dialog")
    dialog.wait_for()
    expect(dialog.locator("[data-mine]")).to_have_text("本机写的", use_inner_text=True)
    expect(dialog.locator("[data-theirs]")).to_have_text("电脑写的", use_inner_text=True)
    assert stored(gateway) == {"text": "电脑写的"}
    settle(again, "both")
    assert stored(gateway) == {"text": "电脑写的\n\n本机写的"}


def test_reload_does_not_answer_the_question_which_version_to_keep(gateway: HostedGateway, device: OpenDevice):
    phone, computer = device(), device(viewport=DESK)
    for page in (phone, computer):
        page.goto(f"{gateway.url}/unit/entries/new")
    phone.context.set_offline(True)
    phone.locator("[name=text]").fill("本机写的")
    type_and_wait(computer, "text", "电脑写的")
    phone.context.set_offline(False)
    phone.get_by_role("dialog").wait_for()

    phone.reload()
    phone.get_by_role("dialog").wait_for()

    assert stored(gateway) == {"text": "电脑写的"}
    settle(phone, "theirs")
    assert stored(gateway) == {"text": "电脑写的"}
    expect(phone.locator("[name=text]")).to_have_value("电脑写的")


def test_two_tabs_of_one_browser_do_not_overwrite_each_other(gateway: HostedGateway, device: OpenDevice):
    first = device()
    first.goto(f"{gateway.url}/unit/entries/new")
    with first.expect_popup() as popup:
        first.evaluate("window.open(location.href) && undefined")  # such a tab gets a copy of the first one's storage
    second = popup.value
    second.wait_for_load_state()
    first.context.set_offline(True)
    second.locator("[name=text]").fill("第二页写的")
    first.locator("[name=text]").fill("第一页写的")
    second.route("**/api/v1/my/drafts/*", lambda route: route.abort())
    first.context.set_offline(False)
    is_saved(first)
    second.unroute("**/api/v1/my/drafts/*")
    second.evaluate("window.dispatchEvent(new Event('online')) && undefined")

    second.get_by_role("dialog").wait_for()
    assert stored(gateway) == {"text": "第一页写的"}


def test_page_of_one_unit_never_reads_or_changes_the_draft_of_another_that_signs_in_meanwhile(
    gateway: HostedGateway, device: OpenDevice
):
    gateway.town.ok("change_draft", "U2", "unit", entry="new", revision=0, fields={"profile": "第二单位的简介"})
    page = device()
    page.goto(f"{gateway.url}/unit/entries/new")
    sign_in(page.context, gateway, "U2")  # in another tab
    page.locator("[name=title]").fill(TITLE)
    expect(page.locator("#saved")).to_have_attribute("data-state", re.compile("refused|expired"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange')) && undefined")
    page.wait_for_load_state("networkidle")

    assert stored(gateway, "U2") == {"profile": "第二单位的简介"}
    expect(page.locator("[name=profile]")).to_have_value("")
    sign_in(page.context, gateway, "U1")
    page.reload()
    is_saved(page)
    assert stored(gateway, "U1") == {"title": TITLE}


def test_plain_form_of_one_unit_is_not_stored_for_another_that_signs_in_meanwhile(
    gateway: HostedGateway, device: OpenDevice
):
    page = device(java_script_enabled=False)
    page.goto(f"{gateway.url}/unit/entries/new")
    page.locator("[name=title]").fill(TITLE)
    sign_in(page.context, gateway, "U2")
    with page.expect_navigation():
        page.get_by_role("button", name=say("unit.save")).click()

    assert stored(gateway, "U2") == {}
    assert stored(gateway, "U1") == {}
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    expect(page.get_by_text("U1-1")).to_be_visible()
