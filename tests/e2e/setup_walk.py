"""What a person does in the form of the campaign file: the answers of a small campaign, the opening, a password."""

import re
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page, expect

PASSWORD = "correct horse battery"
TITLE = "某市职工读书成果征集"
#: The answers of a small campaign by the step where they stand; all the rest has a default.
ANSWERS: dict[str, dict[str, str]] = {
    "basics": {"title_zh": TITLE, "organiser": "某市总工会", "id": "reading-27"},
    "windows": {
        "windows.submission.start": "2027-03-01T08:00",
        "windows.submission.end": "2027-04-01T00:00",
        "windows.likes.start": "2027-04-10T00:00",
        "windows.likes.end": "2027-04-17T00:00",
        "windows.judging.start": "2027-04-17T00:00",
        "windows.judging.end": "2027-04-24T00:00",
    },
    "units": {"quota.total": "12"},
}
ORGANISERS = (("olga", "奥尔加"), ("otto", "奥托"))


def begin(page: Page, link: str) -> None:
    """Open the operator's link, begin, and take the template that is chosen already."""
    page.goto(link)
    page.get_by_role("button", name="开始").click()
    page.get_by_role("button", name="开始填写").click()
    expect(page.get_by_role("heading", name="1 名称")).to_be_visible()


def answer(page: Page, answers: Mapping[str, Mapping[str, str]] = ANSWERS) -> None:
    """Fill in the answers step by step, and go on to the check."""
    while (step := _step(page)) != "check":
        for name, value in answers.get(step, {}).items():
            page.locator(f'[id="{name}"]').fill(value)
        page.get_by_role("button", name="保存并继续").click()
        expect(page.locator(f'form input[name="step"][value="{step}"]')).to_have_count(0)


def _step(page: Page) -> str:
    """Return the step that the address names, once the page of an address with a step has come."""
    expect(page).to_have_url(re.compile(r"[?&]step=|/setup$"))
    found = re.search(r"[?&]step=(\w+)", page.url)
    return found[1] if found else "basics"


def open_rehearsal(page: Page, organisers: Sequence[tuple[str, str]] = ORGANISERS) -> list[str]:
    """Open a rehearsal from the check, and return the links of the organisers, who choose passwords by them."""
    for n, (staff, name) in enumerate(organisers, start=1):
        page.locator(f"#staff{n}").fill(staff)
        page.locator(f"#name{n}").fill(name)
    page.get_by_label("演练").check()
    page.get_by_role("button", name="开通", exact=True).click()
    expect(page.get_by_role("heading", name="活动已开通")).to_be_visible()
    links = page.locator("dd a")
    expect(links).to_have_count(len(organisers))
    return [each.get_attribute("href") or "" for each in links.all()]


def choose_password(page: Page, link: str) -> None:
    """Choose a password by an organiser's link."""
    page.goto(link)
    page.locator("#new-password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.get_by_role("status").get_by_role("heading", level=1)).to_be_visible()


def sign_in(page: Page, address: str, staff: str, to: str) -> None:
    """Sign in at the desks and go to a page."""
    page.goto(f"{address}/desk/sign-in")
    page.locator("#staff").fill(staff)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page).to_have_url(f"{address}/desk")
    page.goto(f"{address}{to}")
