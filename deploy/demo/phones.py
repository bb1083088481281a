"""Phones with WeChat on them: a voter of the demo comes in by its browser, taps the menu, writes to the account.

WeChat is simulated (`deploy/local/simulated_wechat.py`), and all that passes between it and the product is WeChat's own
protocol: the silent authorisation with its code, and pushes that are signed and sealed. The product's replies are read
by their words. Promises: whoever is not answered does it again, as a person would.
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
from gateway.voters import wechat_chat_texts as say
from gateway.voters.wechat_chat import ANSWER_TEXTS

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/122.0 Mobile Safari/537.36 MicroMessenger/8.0.49"
BROWSER = {"User-Agent": WECHAT, "Sec-Fetch-Site": "same-origin"}
LIKE_BUTTON = "百家基层工会成果点赞"  # as the menu of deploy/campaigns/2021-baijia.toml has it
PAUSE_S = 0.5
T = TypeVar("T")
_LINK = re.compile(r"https?://[^'\"\s<>]+")
_TITLES = {words.zh: code for code, words in WORDS.items()}


@dataclass(frozen=True, slots=True)
class Phones:
    """`gateway` and `wechat` are their addresses."""

    api: Api
    gateway: str
    wechat: str

    async def come_in(self, name: str, number: str) -> Person:
        """A session by WeChat's browser, on the way to an entry."""

        async def once() -> Person | None:
            cookies: Json = {}
            page = await self._open(f"{self.gateway}/wechat/like?{urlencode({'entry': number})}", cookies)
            while page.location and COOKIE not in cookies:
                there = urljoin(self.gateway, page.location)
                if there.startswith(self.wechat):  # the phone knows whose it is
                    there = f"{there.partition('#')[0]}&{urlencode({'as': name})}"
                page = await self._open(there, cookies)
            return Person(self.api, cookies.pop(COOKIE), BROWSER, cookies) if COOKIE in cookies else None

        return await _until(once, "WeChat's browser does not come in")

    async def tap(self, name: str, button: str = LIKE_BUTTON) -> None:
        """Tap the menu, and open the page of the card that comes back."""

        async def once() -> Page | None:
            link = _LINK.search(await self._told("tap", {"as": name, "button": button}))
            page = await self._open(link[0], {}) if link and link[0].startswith(self.gateway) else None
            return page if page and page.status == 200 else None

        await _until(once, "the menu of the account leads nowhere")

    async def like_by_text(self, name: str, number: str) -> Answer:
        """«赞 A012», and what the account says to it, as the API would say it."""

        async def once() -> Answer | None:
            return read_reply(await self._told("text", {"as": name, "content": f"赞 {number}"}), number)

        return await _until(once, f"the account does not answer «赞 {number}»")

    async def _open(self, url: str, cookies: Json) -> Page:
        """A page, and the cookies of the product's own."""
        if not url.startswith(self.gateway):
            return await self.api.visit(url, headers=BROWSER)
        kept = {"Cookie": cookie_header(cookies)} if cookies else {}
        page = await self.api.visit(url, headers={**BROWSER, **kept})
        cookies.update(page.cookies)
        return page

    async def _told(self, what: str, order: Mapping[str, str]) -> str:
        """The words of the account's reply; "" where there was none."""
        pushed = await self.api.order(f"{self.wechat}/sim/{what}", dict(order))
        return str(pushed["reply"] or "") if pushed["delivered"] else ""


async def _until(once: Callable[[], Awaitable[T | None]], complaint: str) -> T:
    """What comes of doing it again and again, while there is patience. Raises DemoFailed."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := await once()) is None:
        if time.monotonic() > deadline:
            raise DemoFailed(complaint)
        await asyncio.sleep(PAUSE_S)
    return found


def read_reply(text: str, number: str) -> Answer | None:
    """What the account's words say of a like. None: nothing yet, so ask again."""
    for status, words in ANSWER_TEXTS.items():
        if _begins(words, number) in text:
            return None if status == "accepted" else Answer(200, {"status": status})
    if _begins(say.REFUSED, number) not in text:
        return None
    code = next(code for title, code in _TITLES.items() if f"：{title}" in text)
    return None if WORDS[code].status in AWAY else Answer(WORDS[code].status, {"code": code})


def _begins(words: str, number: str) -> str:
    return words.partition("《")[0].format(number=number)
