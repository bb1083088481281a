"""Clock loop: send the services the commands that are due by time rather than by a person, and destroy keys.

Every five seconds it asks ranking to take a cut, that is, to record how far each log is read, if anything has changed;
to fix the cohort (the entries to judge) once judging has begun and every partition is closed; and to publish a result
at its scheduled time. It asks scoring to assign a third judge where two disagree, voting to void likes that one person
gave under two identities, and moderation to end the network key when its time is over, and to take what machines found
into its log. A service refuses a command that is not due, which costs nothing. Vote writers close their partitions by
themselves. Every hour it has submission delete uploads that nobody has used for thirty days, and every ten minutes it
passes to moderation what submission knows of links that changed and of films that cannot be shown. Keys of forgotten
subjects are deleted here
(`key_destruction.py`).

Because exactly one clock runs, it also does what only one process should do: it watches the queues of likes and the
clock's difference from the store's (`watchdogs.py`), sends letters in a thread of their own (`deploy/messages/`), and
plays the rehearsals that pages ask for in another (`rehearsals.py`).
"""

import math
import time
import uuid
from collections.abc import Callable

from deploy.clock import rehearsals
from deploy.clock.key_destruction import KeyDestroyer
from deploy.clock.watchdogs import watch
from deploy.messages import worker
from shared import metrics
from shared.call_signing import CLOCK
from shared.cursors import MongoCursors
from shared.errors import BaijiaError, Overdue, ServiceFailed
from shared.health import serve
from shared.logs import logger
from shared.mongo_ledger import MongoLedger, connect
from shared.mongo_vault import vault_of
from shared.rpc_client import RpcClient
from shared.settings import Settings
from shared.stamps import wall_ms

EVERY_S = 5.0
SWEEP_EVERY_S = 3_600.0
NOTES_EVERY_S = 600.0
NOTES_DEADLINE_S = 20.0
DEADLINE_S = 5.0
LATE_S = 20.0  # the clock is not ready after this time without a tick
COMMANDS = (
    ("ranking", "take_cut"),
    ("ranking", "fix_cohort"),
    ("scoring", "assign_third_readings"),
    ("ranking", "release_due"),
    ("voting", "settle_links"),
    ("moderation", "end_network_key"),
    ("moderation", "take_checks"),
)
log_ = logger(__name__)


def run(settings: Settings, *, stop: Callable[[], bool]) -> None:
    """Send the due commands and destroy keys every EVERY_S seconds, until `stop` returns true.

    After a failure, try again a second later. Blocks the calling thread.
    """
    ticked = [-math.inf]
    serve(settings, {"ticking": lambda: time.monotonic() - ticked[0] < LATE_S})
    watch(settings, stop)
    worker.start(settings, stop)
    rehearsals.start(settings, stop)
    key_destroyer = _key_destroyer(settings)
    # Computed at each scrape instead of at each tick, so that it also grows while no tick comes.
    metrics.FORGETTING_AGE_S.set_function(key_destroyer.age_s)
    swept_s, noted_s = -math.inf, -math.inf
    while not stop():
        try:
            with RpcClient(settings, CLOCK) as services:
                while not stop():
                    _destroy_keys(key_destroyer)
                    for service, command in COMMANDS:
                        _command(services, service, command)
                    if time.monotonic() - swept_s >= SWEEP_EVERY_S:
                        _command(services, "submission", "sweep_drafts")
                        _command(services, "submission", "sweep_uploads")
                        swept_s = time.monotonic()
                    if time.monotonic() - noted_s >= NOTES_EVERY_S:
                        _pass_notes_on(services)
                        noted_s = time.monotonic()
                    ticked[0] = time.monotonic()
                    _wait(EVERY_S, stop)
        except Exception as problem:  # the outermost loop: whatever failed, the next tick tries again
            log_.warning("clock tick failed", problem=repr(problem))
            _wait(1.0, stop)


def _command(services: RpcClient, service: str, command: str) -> None:
    """Send one command. A service that does not answer must not delay the commands to others, so it is only logged.

    Raises BrokerUnreachable.
    """
    try:
        services.call(service, command, _call(), timeout_s=DEADLINE_S)
    except (Overdue, ServiceFailed) as problem:
        log_.warning("clock tick failed", command=command, problem=repr(problem))


def _pass_notes_on(services: RpcClient) -> None:
    """Have due links fetched again, and pass to moderation what submission knows of links that changed and of films.

    Moderation stores the same note once. Raises BrokerUnreachable.
    """
    try:
        answer = services.call("submission", "machine_notes", _call(NOTES_DEADLINE_S), timeout_s=NOTES_DEADLINE_S)
        for note in answer.get("ok", {}).get("notes", []):
            services.call("moderation", "note_check", _call() | {"body": note}, timeout_s=DEADLINE_S)
    except (Overdue, ServiceFailed) as problem:
        log_.warning("clock tick failed", command="machine_notes", problem=repr(problem))


def _key_destroyer(settings: Settings) -> KeyDestroyer:
    database = connect(settings.mongo_uri)[settings.database]
    return KeyDestroyer(MongoLedger(database), MongoCursors(database, owner="forgetting"), vault_of(settings, database))


def _destroy_keys(key_destroyer: KeyDestroyer) -> None:
    """Run one step of key destruction and log its failure, so that an unreachable vault does not delay the commands."""
    try:
        key_destroyer.step()
    except BaijiaError as problem:
        log_.error("keys could not be destroyed, trying again", problem=repr(problem))


def _call(deadline_s: float = DEADLINE_S) -> dict[str, object]:
    now = wall_ms()
    return {
        "id": uuid.uuid4().hex,
        "actor": "clock",
        "roles": ["operator"],
        "at": 0,
        "deadline": now + int(deadline_s * 1000),
        "body": {},
    }


def _wait(seconds: float, stop: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not stop() and time.monotonic() < until:
        time.sleep(0.2)
