"""Simulated people in WeChat who like by text message, and by the page that a silent authorisation opens.

What they are answered goes into the same history. The gateway sets the time of their likes, so each person likes
an entry once.
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.gateway_answers import send_request
from tests.faults.history import UNKNOWN, LikeSeen, Ordered
from tests.faults.load import RETRY_S, Workload

AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0.47"
POSTERS = {"A001": "a", "A002": "b", "B001": "c"}
# How a reply begins, and the status that it means.
REPLIES = {"已为": "counted", "已收到您": "pending", "您今天已经为": "already", "未能为": "refused"}
SIGNS = {"✓ 已点赞": "counted", "✓ 今日已赞": "already"}
_RECEIPT = re.compile(r"/receipts/([0-9a-f.]+)")
_FORM = re.compile(r'<form method="post" action="(/entries/[^"]+)".*?>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


Like = Callable[[str, str], tuple[str, str]]  # (name, poster number) → (status, receipt)


@dataclass(frozen=True, slots=True)
class People:
    """A client of the WeChat simulator that acts as many people, one after another."""

    workload: Workload
    sim: str  # the simulator's base URL

    def control(self, what: str, **order: Any) -> Any:
        """Send a control request to the simulator and return its answer."""
        told = httpx.post(f"{self.sim}/sim/{what}", json=order, timeout=60)
        told.raise_for_status()
        return told.json()

    def mend(self) -> None:
        """Remove every fault from the simulator."""
        httpx.delete(f"{self.sim}/sim/faults").raise_for_status()

    def crowd(self) -> None:
        """Create person after person until the load is stopped; they like by text message and by the page in turn."""
        by_text = True
        while not self.workload.stop.is_set():
            prefix = f"p{uuid.uuid4().hex[:8]}-"
            (person,) = self.control("people", count=1, prefix=prefix)["people"]
            voter = self.workload.place.keys.voter(person["openid"])
            self.workload.personal |= {person["openid"], voter}
            if by_text:
                for poster in POSTERS:
                    self._until_known(voter, person["name"], poster, self._text)
            else:
                self._until_known(voter, person["name"], "A001", self._page)
            by_text = not by_text

    def _until_known(self, voter: str, name: str, poster: str, like: Like) -> None:
        entry = POSTERS[poster]
        self.workload.history.note(Ordered(voter, entry, "like", 0))
        while True:
            status, receipt = like(name, poster)
            self.workload.history.note(LikeSeen(voter, entry, "like", 0, status, receipt=receipt))
            if status != UNKNOWN or self.workload.stop.wait(RETRY_S):
                return

    def _text(self, name: str, poster: str) -> tuple[str, str]:
        """Like by text message; return the status and the receipt in the reply."""
        pushed = self.control("text", **{"as": name, "content": f"赞 {poster}"})
        reply = str(pushed["reply"]) if pushed["delivered"] else ""
        said = next((status for start, status in REPLIES.items() if re.search(rf"(?:^|\W){start}", reply)), UNKNOWN)
        return said, _receipt(reply)

    def _page(self, name: str, poster: str) -> tuple[str, str]:
        """Open the like page with a silent authorisation, press its button, and return the status and the receipt
        shown.
        """
        headers = {"User-Agent": AGENT, "Sec-Fetch-Site": "same-origin"}
        with httpx.Client(headers=headers, timeout=10) as phone:
            page = send_request(lambda: phone.get(f"{self.workload.url}/wechat/like", params={"entry": poster}))
            while page is not None and page.is_redirect:
                there = str(page.next_request.url) if page.next_request else ""
                there += f"&as={name}" if there.startswith(self.sim) else ""
                page = send_request(lambda there=there: phone.get(there))
            found = None if page is None else _FORM.search(page.text)
            if found is None:
                return UNKNOWN, ""
            action, inner = found.groups()
            fields = {**dict(_HIDDEN.findall(inner)), "do": "like"}
            liked = send_request(lambda: phone.post(f"{self.workload.url}{action}", data=fields, follow_redirects=True))
        if liked is None:
            return UNKNOWN, ""
        said = next((status for sign, status in SIGNS.items() if sign in liked.text), UNKNOWN)
        return said, _receipt(liked.text) if said != UNKNOWN else ""


def _receipt(text: str) -> str:
    found = _RECEIPT.search(text)
    return found[1] if found else ""
