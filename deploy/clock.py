"""The clock: issues the commands that must leave an event though nobody gives them, and destroys keys.

Takes a cut every few seconds while anything moves, fixes the cohort when judging begins and every partition is closed,
ends the network key when its time is over, and has likes voided that one person gave under two names. A command that is
not due is refused, which costs nothing. Vote writers close their partitions by themselves. Whom moderation says to be
forgotten is forgotten here (`forgetting.py`).
"""

import time
import uuid
from collections.abc import Callable

from nameko.standalone.rpc import ClusterRpcProxy

from deploy.forgetting import Forgetter
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
COMMANDS = (
    ("ranking", "take_cut"),
    ("ranking", "fix_cohort"),
    ("moderation", "end_network_key"),
    ("voting", "settle_links"),
)
log_ = logger(__name__)


def run(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """Tick until `stop`."""
    serve(settings, {})
    forgetter = _forgetter(settings)
    while not stop():
        try:
            with ClusterRpcProxy({"AMQP_URI": settings.amqp_uri}, timeout=DEADLINE_S) as services:
                while not stop():
                    _forget(forgetter)
                    for service, command in COMMANDS:
                        getattr(services[f"{settings.campaign}.{service}"], command)(_call())
                    _wait(EVERY_S, stop)
        except Exception as problem:  # the outermost loop: whatever it was, the next tick tries again
            log_.warning("no tick", problem=repr(problem))
            _wait(1.0, stop)


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
