"""The thread of the clock's process that sends letters.

Promises: one sender lives as long as the thread, so what it could not report survives a lost connection.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from deploy.messages.channel import Channel
from deploy.messages.sender import Sender
from deploy.messages.settings import read_channels
from deploy.messages.wechat_channel import TokenUnavailable
from shared import metrics
from shared.call_signing import CLOCK
from shared.errors import BaijiaError
from shared.logs import logger
from shared.rpc_client import RpcClient
from shared.settings import Settings
from shared.stamps import wall_ms

EVERY_S = 5.0
AGAIN_S = 30.0  # after a failure
DEADLINE_S = 10.0
TOKEN = "service/access"
log_ = logger(__name__)


class Services(Protocol):
    """Calls methods of services, as `RpcClient` does."""

    def call(self, service: str, method: str, call: Mapping[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """Call a method and return its answer. Raises BaijiaError."""


class ServiceTokens:
    """Asks the voting service for the access token of WeChat's service account. `services` is set while it is open."""

    def __init__(self) -> None:
        self.services: Services | None = None

    def __call__(self, stale: str) -> str:
        """Return a valid token, another one than `stale`, which WeChat has refused. Raises TokenUnavailable."""
        if self.services is None:
            raise TokenUnavailable
        body = {"name": TOKEN, "stale": stale}
        try:
            answer = self.services.call("voting", "wechat_token", _call(body), timeout_s=DEADLINE_S)
            return str(answer["ok"]["token"])
        except (BaijiaError, KeyError) as problem:
            raise TokenUnavailable from problem


def start(settings: Settings, stop: Callable[[], bool]) -> None:
    """Start to send letters in a daemon thread, which runs until `stop` returns true.

    Raises BadMessagesFile, so that a process with a broken file does not start.
    """
    tokens = ServiceTokens()
    channels = read_channels(
        settings.messages_file,
        folder=settings.data / "messages" / settings.campaign,
        tokens=tokens,
        api=settings.wechat_api,
    )
    log_.info("channels", names=sorted(channels))

    def run() -> None:
        keep_sending(
            lambda: RpcClient(settings, CLOCK), channels, tokens, stop, campaign=settings.campaign, pause=_wait
        )

    threading.Thread(target=run, name="letters", daemon=True).start()


def keep_sending(
    connect: Callable[[], AbstractContextManager[Services]],
    channels: Mapping[str, Channel],
    tokens: ServiceTokens,
    stop: Callable[[], bool],
    *,
    campaign: str,
    pause: Callable[[float, Callable[[], bool]], None],
) -> None:
    """Send letters until `stop` returns true, over one connection after another. `pause` waits for so many seconds."""

    def call(method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        assert tokens.services is not None  # a step runs within a connection
        return tokens.services.call("moderation", method, _call(body), timeout_s=DEADLINE_S)

    sender = Sender(call, channels, campaign=campaign)
    finished_at = [time.monotonic()]  # of the latest round, by this thread
    metrics.LETTERS_AGE_S.set_function(lambda: time.monotonic() - finished_at[0])
    while not stop():
        try:
            with connect() as services:
                tokens.services = services
                while not stop():
                    sent = sender.step()
                    finished_at[0] = time.monotonic()
                    if not sent:
                        pause(EVERY_S, stop)
        except Exception as problem:  # the outermost loop of the thread: whatever failed, it tries again
            log_.warning("letters could not be sent, trying again", problem=type(problem).__name__)
            pause(AGAIN_S, stop)


def _call(body: Mapping[str, Any]) -> dict[str, object]:
    return {
        "id": uuid.uuid4().hex,
        "actor": CLOCK,
        "roles": ["operator"],
        "at": 0,
        "deadline": wall_ms() + int(DEADLINE_S * 1000),
        "body": dict(body),
    }


def _wait(seconds: float, stop: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stop() and time.monotonic() < until:
        time.sleep(0.2)
