"""The clock: issues the commands that must leave an event though nobody gives them, and destroys keys.

Takes a cut every few seconds while anything moves, fixes the cohort when judging begins and every partition is closed,
has one judge more read what judges disagree on, publishes a result at the time that it was given, has likes voided that
one person gave under two names, and ends the network key when its time is over. A command that is not due is refused,
which costs nothing. Vote writers close their partitions by themselves. Whom moderation says to be forgotten is
forgotten here (`key_destruction.py`).

Since there is one clock for ever, what only one may watch is watched here too: the queues of likes, and the clocks'
difference (`watchdogs.py`).
"""

import math
import time
import uuid
from collections.abc import Callable
from typing import Any

from nameko.exceptions import RemoteError, RpcTimeout, UnknownService
from nameko.standalone.rpc import ClusterRpcProxy

from deploy.clock.key_destruction import Forgetter
from deploy.clock.watchdogs import watch
from shared import metrics
from shared.cursors import MongoCursors
from shared.errors import BaijiaError
from shared.health import serve
from shared.logs import logger
from shared.mongo_ledger import MongoLedger, connect
from shared.mongo_vault import vault_of
from shared.settings import Settings
from shared.stamps import wall_ms

EVERY_S = 5.0
DEADLINE_S = 5.0
LATE_S = 20.0  # without a tick the clock is not ready
COMMANDS = (
    ("ranking", "take_cut"),
    ("ranking", "fix_cohort"),
    ("scoring", "assign_third_readings"),
    ("ranking", "release_due"),
    ("voting", "settle_links"),
    ("moderation", "end_network_key"),
)
log_ = logger(__name__)


def run(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """Tick until `stop`."""
    ticked = [-math.inf]
    serve(settings, {"ticking": lambda: time.monotonic() - ticked[0] < LATE_S})
    watch(settings, stop)
    forgetter = _forgetter(settings)
    # Asked for at each scrape, not set at each tick: it grows too while no tick comes.
    metrics.FORGETTING_AGE_S.set_function(forgetter.age_s)
    while not stop():
        try:
            with ClusterRpcProxy({"AMQP_URI": settings.amqp_uri}, timeout=DEADLINE_S) as services:
                while not stop():
                    _forget(forgetter)
                    for service, command in COMMANDS:
                        _command(services[f"{settings.campaign}.{service}"], command)
                    ticked[0] = time.monotonic()
                    _wait(EVERY_S, stop)
        except Exception as problem:  # the outermost loop: whatever it was, the next tick tries again
            log_.warning("no tick", problem=repr(problem))
            _wait(1.0, stop)


def _command(service: Any, command: str) -> None:
    """By itself: one service that is away does not hinder what others are asked, and its own readiness says so."""
    try:
        getattr(service, command)(_call())
    except (UnknownService, RpcTimeout, RemoteError) as problem:
        log_.warning("no tick", command=command, problem=repr(problem))


def _forgetter(settings: Settings) -> Forgetter:
    database = connect(settings.mongo_uri)[settings.database]
    return Forgetter(MongoLedger(database), MongoCursors(database, owner="forgetting"), vault_of(settings, database))


def _forget(forgetter: Forgetter) -> None:
    """By itself, so that neither a service that is away nor a vault that is hinders the other."""
    try:
        forgetter.step()
    except BaijiaError as problem:
        log_.error("nobody was forgotten, trying again", problem=repr(problem))


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
