"""Play the rehearsals that pages ask for, one after the other, each in a limited child process beside the clock's work.

Promises: a rehearsal that takes too long, needs too much memory or breaks is stored as failed, with the reason; one
whose clock process ended is taken by the next (`services/moderation/rehearsal_store.py`). The clock's ticks never wait
for it.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.rehearsal.child import WHY
from services.moderation.rehearsal_store import RehearsalStore
from shared.errors import Unreachable
from shared.logs import logger
from shared.mongo_ledger import connect
from shared.settings import Settings
from shared.stamps import wall_ms

EVERY_S = 1.0
WITHIN_S = 300.0
_ROOT = Path(__file__).resolve().parents[2]
Report = Mapping[str, Any]
log_ = logger(__name__)


def start(settings: Settings, stop: Callable[[], bool]) -> None:
    """Play what is asked for in a thread of its own, until `stop` returns true."""
    store = RehearsalStore(connect(settings.mongo_uri)[settings.database])
    threading.Thread(target=_run, args=(store, stop), name="rehearsals", daemon=True).start()


def _run(store: RehearsalStore, stop: Callable[[], bool]) -> None:
    while not stop():
        try:
            if step(store, play):
                continue
        except Unreachable as problem:
            log_.warning("rehearsals cannot be read", problem=str(problem))
        time.sleep(EVERY_S)


def step(store: RehearsalStore, player: Callable[[Report], Report | str], *, now: Callable[[], int] = wall_ms) -> bool:
    """Play one rehearsal with `player` if one waits, and return whether there was one. Raises Unreachable.

    `player` takes rules and returns what was found, or why nothing was.
    """
    job = store.claim(now=now())
    if job is None:
        return False
    found = player(job.rules)
    if isinstance(found, str):
        log_.warning("a rehearsal failed", rules=job.rule_hash, why=found)
        store.end(job, at=now(), why=found)
    else:
        store.end(job, at=now(), report=found)
    return True


def play(rules: Report, *, within_s: float = WITHIN_S) -> Report | str:
    """Rehearse rules in a child process. Return its report, or why there is none: late, memory or broken."""
    command = [sys.executable, "-P", "-m", "deploy.rehearsal.child"]
    sent, environment = json.dumps(rules, ensure_ascii=False).encode(), {"PYTHONPATH": str(_ROOT)}
    try:
        ended = subprocess.run(
            command, input=sent, capture_output=True, timeout=within_s, cwd="/", env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return "late"
    if ended.returncode:
        log_.error("a rehearsal broke", code=ended.returncode, problem=ended.stderr.decode(errors="replace")[-2_000:])
        return WHY.get(ended.returncode, "broken")
    report: Report = json.loads(ended.stdout)
    return report
