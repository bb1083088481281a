"""The content check by WeChat's service, behind the port of `content_checks.py`.

`msg_sec_check` takes at most 2,500 characters and needs the openid of a person who was active within two hours.
Promises: a longer text is sent in pieces that overlap, so that what stands across a cut is seen; an item is clean only
if every piece of it was; whatever WeChat answers else, or does not answer, leaves it not checked with the reason.
Does not promise anything of pictures, sound and films: they are not sent, and say so.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from services.moderation.content_checks import texts_of
from services.moderation.events import Hit, ItemCheck
from services.moderation.state import CLEAN, HIT, UNCHECKED
from services.submission.events import EntrySubmitted

MOST_CHARS = 2_500
OVERLAP_CHARS = 50
TIMEOUT_S = 5.0
ANSWER_MAX_BYTES = 64 * 1024
FORUM = 3  # the scene of what is published
PASSES = "pass"
#: Why an item was not checked, by WeChat's code; any other code is `refused`.
REASONS = {-1: "busy", 40001: "token", 40003: "no-person", 42001: "token", 45009: "quota", 61010: "no-person"}
AWAY, REFUSED, NOBODY, NOT_SENT = "away", "refused", "no-person", "not-sent"


ACCOUNT_FILE = "wechat_check.toml"
PUBLIC_API = "https://api.weixin.qq.com"


def read_account(folder: Path) -> "WeChatTextCheck | None":
    """Return the check by the account in this folder's file, or None if there is none or it cannot be read.

    The file has `appid`, `secret`, and `openid`, that of a person who opens the mini-program often enough.
    """
    try:
        found = tomllib.loads((folder / ACCOUNT_FILE).read_text("utf-8"))
        appid, secret, openid = (str(found[name]) for name in ("appid", "secret", "openid"))
    except (OSError, ValueError, KeyError):
        return None
    api = str(found.get("api", PUBLIC_API))
    return WeChatTextCheck(api, lambda: stable_token(api, appid, secret), lambda: openid or None)


def stable_token(api: str, appid: str, secret: str) -> str:
    """Return the account's access token, or "" if WeChat gives none. Asking does not end a token that others use."""
    body = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": False}
    answer = _post(f"{api.rstrip('/')}/cgi-bin/stable_token", body)
    return str(answer.get("access_token", "")) if answer is not None else ""


def _post(url: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Send a body as JSON, and return the object that comes back, or None."""
    request = Request(url, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_S) as response:
            answer = json.loads(response.read(ANSWER_MAX_BYTES))
    except (OSError, HTTPException, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


@dataclass(frozen=True, slots=True)
class WeChatTextCheck:
    """The check of texts by one account. `token` returns its access token, `person` an openid that was active lately,
    or None.
    """

    api: str
    token: Callable[[], str]
    person: Callable[[], str | None]
    source: str = "wechat"
    edition: str = "msg_sec_check-2"

    def check(self, version: EntrySubmitted) -> tuple[ItemCheck, ...]:
        """Return the result for each text, and for each file that it was not sent."""
        person = self.person()
        texts = [self._check_text(item, text, person) for item, text in texts_of(version).items()]
        looked = {each.item for each in texts}
        files = [f"files/{i}" for i in range(len(version.files)) if f"files/{i}" not in looked]
        return (*texts, *(ItemCheck(item, UNCHECKED, NOT_SENT, ()) for item in files))

    def _check_text(self, item: str, text: str, person: str | None) -> ItemCheck:
        if person is None:
            return ItemCheck(item, UNCHECKED, NOBODY, ())
        hits: list[Hit] = []
        for start, piece in pieces_of(text):
            answer = self._send(piece, person)
            if isinstance(answer, str):
                return ItemCheck(item, UNCHECKED, answer, tuple(hits))
            hits += hits_of(answer, piece, start)
        return ItemCheck(item, HIT if hits else CLEAN, None, tuple(dict.fromkeys(hits)))

    def _send(self, piece: str, person: str) -> dict[str, Any] | str:
        """Return WeChat's answer, or why there is none."""
        token = self.token()
        if not token:
            return REASONS[40001]
        body = {"content": piece, "version": 2, "scene": FORUM, "openid": person}
        answer = _post(f"{self.api.rstrip('/')}/wxa/msg_sec_check?{urlencode({'access_token': token})}", body)
        if answer is None or not isinstance(answer.get("errcode"), int):
            return AWAY
        if answer["errcode"]:
            return REASONS.get(answer["errcode"], REFUSED)
        return answer if isinstance(answer.get("result"), dict) else AWAY


def pieces_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces that are sent of a text, each with where it begins; of a blank text none."""
    if not text.strip():
        return
    start = 0
    while True:
        yield start, text[start : start + MOST_CHARS]
        if start + MOST_CHARS >= len(text):
            return
        start += MOST_CHARS - OVERLAP_CHARS


def hits_of(answer: dict[str, Any], piece: str, start: int) -> list[Hit]:
    """Return what WeChat found in a piece: its keywords where they stand, else the label for the whole piece."""
    result = answer["result"]
    if result.get("suggest") == PASSES:
        return []
    found = []
    for detail in answer.get("detail", []):
        word, score = detail.get("keyword"), detail.get("prob", 100)
        at = piece.find(word) if word else -1
        if at >= 0:
            found.append(Hit(word, start + at, start + at + len(word), min(100, max(0, int(score)))))
    return found or [Hit(f"wechat-{result.get('label', '?')}", start, start + len(piece), 100)]
