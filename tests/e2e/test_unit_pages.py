"""The pages of a unit in a browser, in front of the real services: drafts, two devices, offline, expiry, hand-in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from gateway.html.texts import WORDS
from tests.e2e.hosted_gateway import CODES, HostedGateway, hosted_gateway

pytestmark = pytest.mark.slow
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1366, "height": 768}
TITLE, TEXT = "炉火旁的职工之家", "第一段写会员怎样建家。\n第二段写职工怎样用家。"
#: A pause of typing, and the time within which it has to be saved.
SAVED_MS = 2_000
OpenDevice = Callable[..., Page]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[HostedGateway]:
    with hosted_gateway(tmp_path) as gateway:
        yield gateway


@pytest.fixture
def console() -> list[str]:
    """Messages of the browsers' consoles and errors of scripts."""
    return []


@pytest.fixture
def device(browser: Browser, gateway: HostedGateway, console: list[str]) -> Iterator[OpenDevice]:
    """Return a function that opens a browser of its own in which a unit is signed in, and returns its page."""
    contexts: list[BrowserContext] = []

    def opened(unit: str = "U1", viewport: dict[str, int] = PHONE, **more: Any) -> Page:
        context = browser.new_context(viewport=viewport, locale="zh-CN", **more)  # type: ignore[arg-type]
        contexts.append(context)
        sign_in(context, gateway, unit)
        page = context.new_page()
        page.on("pageerror", lambda error: console.append(str(error)))
        page.on("console", lambda message: console.append(message.text) if message.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()


def sign_in(context: BrowserContext, gateway: HostedGateway, unit: str = "U1") -> None:
    answer = context.request.post(f"{gateway.url}/api/v1/sessions", data={"unit": unit, "access_code": CODES[unit]})
    assert answer.status == 201


def say(key: str, lang: str = "zh", **values: object) -> str:
    return WORDS[key][lang == "en"].format(**values)


def stored(gateway: HostedGateway, unit: str = "U1") -> dict[str, Any]:
    """Return the values of the draft as the service has them."""
    draft = gateway.town.ok("draft", unit, "unit", entry="new")
    return {name: each["value"] for name, each in draft["fields"].items()}


def is_saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")


def type_and_wait(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}]").fill(value)
    is_saved(page)


def test_typed_words_are_saved_within_two_seconds_and_shown_on_another_device(
    gateway: HostedGateway, device: OpenDevice, console: list[str]
):
    phone = device()
    phone.goto(f"{gateway.url}/unit")
    phone.get_by_role("link", name=say("unit.act.start")).click()
    phone.wait_for_url("**/unit/entries/new")
    phone.clock.install()
    phone.reload()
    phone.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # it stands, so that a slow machine has time
    phone.locator("[name=title]").fill(TITLE)
    with phone.expect_response(lambda answer: answer.request.method == "PATCH") as saved:
        phone.locator("[name=text]").fill(TEXT)
        phone.clock.run_for(SAVED_MS)
    is_saved(phone)

    assert saved.value.status == 200
    assert stored(gateway) == {"title": TITLE, "text": TEXT}
    computer = device(viewport=DESK)
    computer.goto(f"{gateway.url}/unit")
    computer.get_by_role("link", name=say("unit.act.go-on")).click()
    expect(computer.locator("[name=text]")).to_have_value(TEXT)
    assert console == []


def test_words_typed_offline_are_kept_and_sent_when_the_browser_is_online_again(
    gateway: HostedGateway, device: OpenDevice
):
    page = device()
    page.goto(f"{gateway.url}/unit/entries/new")
    page.context.set_offline(True)
    page.locator("[name=title]").fill(TITLE)
    expect(page.locator("#saved")).to_have_text(say("unit.is-offline"))
    assert stored(gateway) == {}

    page.context.set_offline(False)
    is_saved(page)

    assert stored(gateway) == {"title": TITLE}


def test_words_typed_offline_survive_that_the_page_is_closed(gateway: HostedGateway, device: OpenDevice):
    page = device()
    page.goto(f"{gateway.url}/unit/entries/new")
    page.context.set_offline(True)
    page.locator("[name=text]").fill(TEXT)
    expect(page.locator("#saved")).to_have_attribute("data-state", "offline")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(f"{gateway.url}/unit/entries/new")

    expect(page.locator("[name=text]")).to_have_value(TEXT)
    is_saved(page)
    assert stored(gateway) == {"text": TEXT}


def test_words_typed_before_the_script_has_come_are_kept(gateway: HostedGateway, device: OpenDevice):
    page, held = device(), list[Route]()
    page.route("**/static/entry_form.*", lambda route: held.append(route))
    with page.expect_request("**/static/entry_form.*"):
        page.goto(f"{gateway.url}/unit/entries/new", wait_until="commit")
    page.locator("[name=title]").fill(TITLE)
    page.get_by_label("职工之家建设").check()
    held[0].continue_()
    is_saved(page)

    expect(page.locator("[name=title]")).to_have_value(TITLE)
    assert stored(gateway) == {"title": TITLE, "themes": ["home"]}


def test_words_survive_a_reload_before_they_are_sent_and_going_back(gateway: HostedGateway, device: OpenDevice):
    page = device()
    page.goto(f"{gateway.url}/unit/entries/new")
    page.locator("[name=title]").fill(TITLE)
    page.reload()
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    is_saved(page)

    page.locator("[name=profile]").fill("三代铸造工人的工会。")
    page.get_by_role("button", name=say("unit.preview"), exact=True).click()
    page.get_by_role("heading", level=1, name=TITLE).wait_for()
    page.go_back()

    expect(page.locator("[name=profile]")).to_have_value("三代铸造工人的工会。")
    assert stored(gateway) == {"title": TITLE, "profile": "三代铸造工人的工会。"}


@pytest.mark.parametrize(
    ("choice", "expected"), [("mine", "本机写的"), ("theirs", "电脑写的"), ("both", "电脑写的\n\n本机写的")]
)
def test_two_devices_that_change_the_same_field_choose_and_lose_nothing(
    gateway: HostedGateway, device: OpenDevice, choice: str, expected: str
):
    phone, computer = device(), device(viewport=DESK)
    for page in (phone, computer):
        page.goto(f"{gateway.url}/unit/entries/new")
    phone.context.set_offline(True)
    phone.locator("[name=text]").fill("本机写的")
    type_and_wait(computer, "text", "电脑写的")
    type_and_wait(computer, "title", TITLE)
    phone.context.set_offline(False)

    dialog = phone.get_by_role("dialog")
    dialog.wait_for()
    expect(dialog.locator("[data-mine]")).to_have_text("本机写的", use_inner_text=True)
    expect(dialog.locator("[data-theirs]")).to_have_text("电脑写的", use_inner_text=True)
    expect(dialog.locator("input:checked")).to_have_count(0)
    dialog.get_by_role("button", name=say("unit.conflict.settle")).click()
    expect(dialog.get_by_role("alert")).to_have_text(say("unit.conflict.choose"), use_inner_text=True)
    dialog.get_by_label(say(f"unit.conflict.keep-{choice}")).check()
    dialog.get_by_role("button", name=say("unit.conflict.settle")).click()
    is_saved(phone)

    assert stored(gateway) == {"text": expected, "title": TITLE}
    expect(phone.locator("[name=text]")).to_have_value(expected)
    expect(phone.locator("[name=title]")).to_have_value(TITLE)


def test_fields_of_two_devices_that_do_not_overlap_are_merged_silently(gateway: HostedGateway, device: OpenDevice):
    phone, computer = device(), device(viewport=DESK)
    for page in (phone, computer):
        page.goto(f"{gateway.url}/unit/entries/new")
    type_and_wait(phone, "title", TITLE)
    type_and_wait(computer, "text", TEXT)

    assert stored(gateway) == {"title": TITLE, "text": TEXT}
    expect(computer.locator("[name=title]")).to_have_value(TITLE)
    expect(computer.get_by_role("dialog")).to_have_count(0)


def test_person_whose_session_ended_signs_in_in_place_and_loses_no_word(gateway: HostedGateway, device: OpenDevice):
    page = device()
    page.goto(f"{gateway.url}/unit/entries/new")
    page.context.clear_cookies()
    page.locator("[name=text]").fill(TEXT)
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_label(say("sign-in.unit.secret")).fill("wrong")
    dialog.get_by_role("button", name=say("sign-in"), exact=True).click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    assert stored(gateway) == {}
    dialog.get_by_label(say("sign-in.unit.secret")).fill(CODES["U1"])
    dialog.get_by_role("button", name=say("sign-in"), exact=True).click()
    is_saved(page)

    assert stored(gateway) == {"text": TEXT}
    expect(page.locator("[name=text]")).to_have_value(TEXT)


def test_words_of_one_unit_are_never_sent_as_those_of_another(gateway: HostedGateway, device: OpenDevice):
    page = device()
    page.goto(f"{gateway.url}/unit/entries/new")
    page.context.clear_cookies()
    page.locator("[name=title]").fill(TITLE)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(say("sign-in.unit.name")).fill("U2")
    dialog.get_by_label(say("sign-in.unit.secret")).fill(CODES["U2"])
    dialog.get_by_role("button", name=say("sign-in"), exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text(say("unit.expired.other", unit="U1"))

    assert (stored(gateway, "U1"), stored(gateway, "U2")) == ({}, {})
    page.goto(f"{gateway.url}/unit/entries/new")
    expect(page.locator("[name=title]")).to_have_value("")


def test_form_is_saved_and_handed_over_without_a_script(gateway: HostedGateway, device: OpenDevice):
    page = device(java_script_enabled=False)
    page.goto(f"{gateway.url}/unit/entries/new")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=text]").fill(TEXT)
    page.get_by_label("职工之家建设").check()
    with page.expect_navigation():
        page.get_by_role("button", name=say("unit.save")).click()

    expect(page.locator("[name=text]")).to_have_value(TEXT)
    assert stored(gateway) == {"title": TITLE, "text": TEXT, "themes": ["home"]}
    page.get_by_role("button", name=say("unit.check")).click()
    expect(page.get_by_role("link", name="缺少单位简介")).to_have_attribute("href", "/unit/entries/new#profile")


def test_plain_form_that_was_overtaken_shows_both_versions(gateway: HostedGateway, device: OpenDevice):
    plain, computer = device(java_script_enabled=False), device(viewport=DESK)
    for page in (plain, computer):
        page.goto(f"{gateway.url}/unit/entries/new")
    type_and_wait(computer, "text", "电脑写的")
    plain.locator("[name=text]").fill("本机写的")
    plain.locator("[name=title]").fill(TITLE)
    plain.get_by_role("button", name=say("unit.save")).click()

    expect(plain.locator(".version")).to_have_text(["本机写的", "电脑写的"])
    assert stored(gateway) == {"text": "电脑写的", "title": TITLE}
    plain.get_by_role("button", name=say("unit.conflict.settle")).click()
    expect(plain.get_by_role("alert")).to_have_text(f"✗ {say('unit.conflict.choose')}", use_inner_text=True)
    plain.get_by_label(say("unit.conflict.keep-both")).check()
    with plain.expect_navigation():
        plain.get_by_role("button", name=say("unit.conflict.settle")).click()

    assert stored(gateway)["text"] == "电脑写的\n\n本机写的"


def test_words_typed_before_the_script_came_are_kept(gateway: HostedGateway, device: OpenDevice, console: list[str]):
    page = device()
    held: list[Any] = []
    page.route("**/entry_form.*.js", lambda route: held.append(route))  # the script stays on its way
    with page.expect_request("**/entry_form.*.js"):
        page.goto(f"{gateway.url}/unit/entries/new", wait_until="commit")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=text]").fill(TEXT)
    page.locator("[name='theme.home']").check()
    page.locator("[name='ai.text']").select_option("altered")

    for route in held:
        route.continue_()
    is_saved(page)

    assert stored(gateway) == {"title": TITLE, "text": TEXT, "themes": ["home"], "ai.text": "altered"}
    assert (page.input_value("[name=title]"), page.input_value("[name=text]")) == (TITLE, TEXT)
    assert console == []
