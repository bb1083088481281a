"""The page of one's own account over the real service: sessions are listed and ended, and the password changed."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.html.page import SECURITY
from tests.files import CAMPAIGN_FILE
from tests.unit.gateway.staff.test_guessed_secrets import RealModeration, session
from tests.unit.gateway.town import Visitor
from tests.unit.submission import hosted
from tests.unit.submission.hosted import PASSWORD

NEW_PASSWORD = "quiet lantern"
ENDED, STANDS = 303, 200  # where the page of the account is asked for


class Account:
    """The browsers in which olga is signed in, in one town."""

    def __init__(self, path: Path) -> None:
        self.town = hosted.Town(path)
        self.town.open(CAMPAIGN_FILE.read_text())
        self.visitor = Visitor(path / "gateway", town=RealModeration(self.town))

    def browser(self) -> dict[str, str]:
        """Sign in, and return the headers of the browser."""
        token = session(self.visitor, self.town)["Authorization"].removeprefix("Bearer ")
        return {"Cookie": f"baijia={token}", "Sec-Fetch-Site": "same-origin"}

    def page(self, browser: dict[str, str]) -> httpx.Response:
        return self.visitor.request("GET", SECURITY, plain=True, headers=browser)

    def send(self, browser: dict[str, str], part: str, /, **fields: str) -> httpx.Response:
        return self.visitor.request("POST", f"{SECURITY}/{part}", plain=True, headers=browser, data=fields)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path)
    yield account
    account.visitor.close()


def test_one_session_is_ended_from_the_list_and_the_others_go_on(account: Account):
    here, there, elsewhere = (account.browser() for _ in range(3))
    listed = re.findall(r'name="session" value="([^"]+)"', account.page(here).text)
    assert len(listed) == 2  # this one has no button

    sent = account.send(here, "sessions", session=listed[0])

    standing = sorted(account.page(each).status_code for each in (there, elsewhere))
    assert (sent.headers["location"], account.page(here).status_code) == (f"{SECURITY}?did=session", STANDS)
    assert standing == [STANDS, ENDED]


def test_all_other_sessions_are_ended_at_once(account: Account):
    here, *others = (account.browser() for _ in range(3))

    account.send(here, "sessions")

    assert [account.page(each).status_code for each in (here, *others)] == [STANDS, ENDED, ENDED]


def test_new_password_ends_the_other_sessions_and_counts_at_the_next_sign_in(account: Account):
    here, other = account.browser(), account.browser()
    fields = {"password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD, "form": "n" * 22}

    sent = account.send(here, "password", **fields)

    assert sent.headers["location"] == f"{SECURITY}?did=password"
    assert [account.page(each).status_code for each in (here, other)] == [STANDS, ENDED]
    assert account.town.ok("login", staff="olga", password=NEW_PASSWORD)["staff"] == "olga"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        pytest.param({"password": "guess"}, 401, "账号或密码（访问码）不对", id="a wrong old one"),
        pytest.param({"again": "another lantern"}, 422, "两次", id="a slip in the second"),
        pytest.param({"new_password": "short", "again": "short"}, 422, "至少", id="a short one"),
    ],
)
def test_password_stays_after(account: Account, changes: dict[str, str], status: int, words: str):
    fields = {"password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD, "form": "n" * 22}

    page = account.send(account.browser(), "password", **fields | changes)

    assert (page.status_code, words in page.text) == (status, True), page.text
    assert account.town.ok("login", staff="olga", password=PASSWORD)["staff"] == "olga"
