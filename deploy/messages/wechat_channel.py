"""A channel that sends WeChat's one-time subscription messages (一次性订阅消息) from the service account.

The receiver agreed on WeChat's own page, to one message for each topic (`scene`) at a time; WeChat holds whoever sends
to that. Titles have at most 15 characters, texts 200: what is longer is cut, since the message opens the unit's page.
Promises: a receiver who did not agree, or who changed their mind (43101), is FAILED, so that another channel follows; a
spent quota, a busy or unreachable WeChat, and whatever is wrong with our account are LATER; a refused access token is
renewed once. A connection that breaks after the message was handed over is UNSURE.
Does not promise that the receiver reads it: SENT says that WeChat took it.
"""

from collections.abc import Callable
from typing import Any

import httpx

from deploy.messages.channel import FAILED, LATER, SENT, UNSURE, Answer, Message

TIMEOUT_S = 10.0
PATH = "/cgi-bin/message/template/subscribe"
TITLE_CHARS, TEXT_CHARS = 15, 200
#: WeChat's codes: the access token is not valid; the receiver or the text is refused for good.
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
FINAL = frozenset({40003, 43101, 45168, 47003, 87014})
#: Returns the service account's access token, another one than the token that WeChat has refused, if one is given.
#: Raises TokenUnavailable.
Tokens = Callable[[str], str]


class TokenUnavailable(Exception):
    """There is no access token of the service account right now."""


class WeChatChannel:
    """Sends subscription messages over the API at the base URL `api`, WeChat's or the simulator's."""

    is_repeatable = False

    def __init__(self, api: str, tokens: Tokens, *, timeout_s: float = TIMEOUT_S) -> None:
        self._api, self._tokens, self._timeout_s = api, tokens, timeout_s

    def send(self, message: Message) -> Answer:
        """Send one message to the openid that is its address."""
        body = {
            "touser": message.address,
            "template_id": message.template,
            "scene": str(message.scene),
            "title": _cut(message.title, TITLE_CHARS),
            "data": {"content": {"value": _cut(message.words, TEXT_CHARS)}},
        }
        if message.page:
            body["url"] = message.page
        try:
            token = self._tokens("")
            code = self._post(token, body)
            if code in TOKEN_REFUSED:
                code = self._post(self._tokens(token), body)
        except TokenUnavailable:
            return Answer(LATER, "token")
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            return Answer(LATER, type(problem).__name__)  # nothing has left
        except (httpx.HTTPError, ValueError) as problem:
            return Answer(UNSURE, type(problem).__name__)
        return _answer(code)

    def close(self) -> None:
        """Do nothing: each message has a connection of its own."""

    def _post(self, token: str, body: dict[str, Any]) -> int:
        """Return the code of WeChat's answer. Raises httpx.HTTPError, and ValueError for what is no answer of its."""
        with httpx.Client(base_url=self._api, timeout=self._timeout_s, trust_env=False) as http:
            response = http.post(PATH, params={"access_token": token}, json=body)
        answer = response.json()
        if not response.is_success or not isinstance(answer, dict) or not isinstance(answer.get("errcode"), int):
            raise ValueError("not an answer of WeChat's API")
        return int(answer["errcode"])


def _answer(code: int) -> Answer:
    if code == 0:
        return Answer(SENT, "0")
    return Answer(FAILED if code in FINAL else LATER, str(code))


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
