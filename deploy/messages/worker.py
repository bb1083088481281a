"""The thread of the clock's process that sends letters."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

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


class ServiceTokens:
    """Asks the voting service for the access token of WeChat's service account. `services` is set while it is open."""

    def __init__(self) -> None:
        self.services: RpcClient | None = None

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
    threading.Thread(target=_run, args=[settings, channels, tokens, stop], name="letters", daemon=True).start()


def _run(settings: Settings, channels: Mapping[str, Any], tokens: ServiceTokens, stop: Callable[[], bool]) -> None:
    finished_at = [time.monotonic()]  # of the latest round, by this thread
    metrics.LETTERS_AGE_S.set_function(lambda: time.monotonic() - finished_at[0])
    while not stop():
        try:
            with RpcClient(settings, CLOCK) as services:
                tokens.services = services

                def call(method: str, body: Mapping[str, Any], services: RpcClient = services) -> dict[str, Any]:
                    return services.call("moderation", method, _call(body), timeout_s=DEADLINE_S)

                sender = Sender(call, channels, campaign=settings.campaign)
                while not stop():
                    sent = sender.step()
                    finished_at[0] = time.monotonic()
                    if not sent:
                        _wait(EVERY_S, stop)
        except Exception as problem:  # the outermost loop of the thread: whatever failed, it tries again
            log_.warning("letters could not be sent, trying again", problem=type(problem).__name__)
            _wait(AGAIN_S, stop)


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
