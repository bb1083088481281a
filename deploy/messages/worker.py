"""The thread of the clock's process that sends letters."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from deploy.messages.sender import Sender
from deploy.messages.settings import read_channels
from shared.call_signing import CLOCK
from shared.logs import logger
from shared.rpc_client import RpcClient
from shared.settings import Settings
from shared.stamps import wall_ms

EVERY_S = 5.0
AGAIN_S = 30.0  # after a failure
DEADLINE_S = 10.0
log_ = logger(__name__)


def start(settings: Settings, stop: Callable[[], bool]) -> None:
    """Start to send letters in a daemon thread, which runs until `stop` returns true.

    Raises BadMessagesFile, so that a process with a broken file does not start.
    """
    channels = read_channels(settings.messages_file, folder=settings.data / "messages" / settings.campaign)
    log_.info("channels", names=sorted(channels))
    threading.Thread(target=_run, args=[settings, channels, stop], name="letters", daemon=True).start()


def _run(settings: Settings, channels: Mapping[str, Any], stop: Callable[[], bool]) -> None:
    while not stop():
        try:
            with RpcClient(settings, CLOCK) as services:

                def call(method: str, body: Mapping[str, Any], services: RpcClient = services) -> dict[str, Any]:
                    return services.call("moderation", method, _call(body), timeout_s=DEADLINE_S)

                sender = Sender(call, channels, campaign=settings.campaign)
                while not stop():
                    if not sender.step():
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
