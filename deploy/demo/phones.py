"""Phones with WeChat: a voter of the demo signs in with its browser, taps the menu, or writes to the account.

WeChat is simulated (`deploy/local/simulated_wechat.py`), but simulator and product speak WeChat's own protocol: the
silent authorisation with its code, and pushes that are signed and encrypted. The product's chat replies are recognised
by their text.
Promises: a voter who gets no answer tries again, as a person would.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urljoin

from deploy.demo.client import (
    AWAY,
    PATIENCE_S,
    Answer,
    Api,
    DemoFailed,
    Json,
    Page,
    Person,
    cookie_header,
)
from gateway.http.problem_texts import WORDS
from gateway.http.sessions import COOKIE
from gateway.voters import wechat_chat_texts as chat_texts
from gateway.voters.wechat_chat import ANSWER_TEXTS

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/122.0 Mobile Safari/537.36 MicroMessenger/8.0.49"
BROWSER = {"User-Agent": WECHAT, "Sec-Fetch-Site": "same-origin"}
LIKE_BUTTON = "百家基层工会成果点赞"  # as in the menu of deploy/campaigns/2021-baijia.toml
PAUSE_S = 0.5
T = TypeVar("T")
_LINK = re.compile(r"https?://[^'\"\s<>]+")
_TITLES = {words.zh: code for code, words in WORDS.items()}


@dataclass(frozen=True, slots=True)
class Phones:
    """Phones that reach the product at `gateway` and the simulator at `wechat`."""

    api: Api
    gateway: str
    wechat: str

    async def come_in(self, name: str, number: str) -> Person:
        """Open a session in WeChat's browser through the like link of an entry. Raises DemoFailed."""

        async def attempt() -> Person | None:
            cookies: Json = {}
            page = await self._open(f"{self.gateway}/wechat/like?{urlencode({'entry': number})}", cookies)
            while page.location and COOKIE not in cookies:
                target = urljoin(self.gateway, page.location)
                if target.startswith(self.wechat):  # tell the simulator whose phone this is
                    target = f"{target.partition('#')[0]}&{urlencode({'as': name})}"
                page = await self._open(target, cookies)
            return Person(self.api, cookies.pop(COOKIE), BROWSER, cookies) if COOKIE in cookies else None

        return await _until(attempt, "nobody can sign in with WeChat's browser")

    async def tap(self, name: str, button: str = LIKE_BUTTON) -> None:
        """Tap a menu button, and open the page that the reply links to. Raises DemoFailed."""

        async def attempt() -> Page | None:
            link = _LINK.search(await self._reply("tap", {"as": name, "button": button}))
            page = await self._open(link[0], {}) if link and link[0].startswith(self.gateway) else None
            return page if page and page.status == 200 else None

        await _until(attempt, "the menu of the account leads to no page")

    async def like_by_text(self, name: str, number: str) -> Answer:
        """Send the text «赞 A012» and return the account's reply as the API would answer. Raises DemoFailed."""

        async def attempt() -> Answer | None:
            return read_reply(await self._reply("text", {"as": name, "content": f"赞 {number}"}), number)

        return await _until(attempt, f"the account does not answer «赞 {number}»")

    async def _open(self, url: str, cookies: Json) -> Page:
        """Fetch a page; send and store cookies if it is the product's own."""
        if not url.startswith(self.gateway):
            return await self.api.visit(url, headers=BROWSER)
        sent = {"Cookie": cookie_header(cookies)} if cookies else {}
        page = await self.api.visit(url, headers={**BROWSER, **sent})
        cookies.update(page.cookies)
        return page

    async def _reply(self, what: str, order: Mapping[str, str]) -> str:
        """Make the simulator act, and return the text of the account's reply; "" without one."""
        pushed = await self.api.drive_simulator(f"{self.wechat}/sim/{what}", dict(order))
        return str(pushed["reply"] or "") if pushed["delivered"] else ""


async def _until(attempt: Callable[[], Awaitable[T | None]], complaint: str) -> T:
    """Call `attempt` until it returns a value, for at most PATIENCE_S. Raises DemoFailed with `complaint`."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := await attempt()) is None:
        if time.monotonic() > deadline:
            raise DemoFailed(complaint)
        await asyncio.sleep(PAUSE_S)
    return found


def read_reply(text: str, number: str) -> Answer | None:
    """Return the outcome of a like from the text of the account's reply; None if there is no outcome yet."""
    for status, words in ANSWER_TEXTS.items():
        if _begins(words, number) in text:
            return None if status == "accepted" else Answer(200, {"status": status})
    if _begins(chat_texts.REFUSED, number) not in text:
        return None
    code = next(code for title, code in _TITLES.items() if f"：{title}" in text)
    return None if WORDS[code].status in AWAY else Answer(WORDS[code].status, {"code": code})


def _begins(words: str, number: str) -> str:
    return words.partition("《")[0].format(number=number)
