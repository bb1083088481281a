"""The clock: issues the commands that must leave an event though nobody gives them.

Takes a cut every few seconds while anything moves, and fixes the cohort when judging begins and every partition is
closed. A command that is not due is refused, which costs nothing. Vote writers close their partitions by themselves.

Since there is one clock for ever, what only one may watch is watched here too: the queues of likes, and the clocks'
difference (`watch.py`).
"""

import math
import time
import uuid
from collections.abc import Callable

from nameko.standalone.rpc import ClusterRpcProxy

from deploy.watch import watch
from shared.health import serve
from shared.logs import logger
from shared.settings import Settings
from shared.stamps import wall_ms

EVERY_S = 5.0
DEADLINE_S = 5.0
LATE_S = 20.0  # without a tick the clock is not ready
COMMANDS = ("take_cut", "fix_cohort")
log_ = logger(__name__)


def run(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """Tick until `stop`."""
    ticked = [-math.inf]
    serve(settings, {"ticking": lambda: time.monotonic() - ticked[0] < LATE_S})
    watch(settings, stop)
    while not stop():
        try:
            with ClusterRpcProxy({"AMQP_URI": settings.amqp_uri}, timeout=DEADLINE_S) as services:
                ranking = services[f"{settings.campaign}.ranking"]
                while not stop():
                    for command in COMMANDS:
                        getattr(ranking, command)(_call())
                    ticked[0] = time.monotonic()
                    _wait(EVERY_S, stop)
        except Exception as problem:  # the outermost loop: whatever it was, the next tick tries again
            log_.warning("no tick", problem=repr(problem))
            _wait(1.0, stop)


def _call() -> dict[str, object]:
    now = wall_ms()
    return {
        "id": uuid.uuid4().hex,
        "actor": "clock",
        "roles": ["operator"],
        "at": 0,
        "deadline": now + int(DEADLINE_S * 1000),
        "body": {},
    }


def _wait(seconds: float, stop: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stop() and time.monotonic() < until:
        time.sleep(0.2)
