"""A separate process that folds a log and prints how much memory that took: `python -m tests.bench.memory WHAT N`.

WHAT is `ranking` (the projector's table) or `voting` (a vote writer's state). The campaign comes from the
environment, the log is `vote.0`, and N is its last commit. Prints two numbers in bytes: resident memory after the
first commit, and after the last.
"""

import gc
import os
import sys
from pathlib import Path

from services.ranking.read_model.projection import RankingProjection
from services.voting.domain import PollDecider
from shared.ledger import Ledger
from shared.mongo_ledger import MongoLedger, connect
from shared.operations import drive
from shared.projection import Projector, advance
from shared.settings import Settings
from shared.stamps import stamp
from shared.writer import LogWriter

LOG = "vote.0"


def resident_bytes() -> int:
    """Return the resident memory of this process, in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ranking(ledger: Ledger, last: int) -> tuple[int, int]:
    """Fold the log into the ranking projection; return the resident memory before and after."""
    projector = Projector(RankingProjection())
    advance(projector, ledger, {LOG: 1})
    before = resident_bytes()
    advance(projector, ledger, {LOG: last})
    return before, resident_bytes()


def voting(ledger: Ledger, last: int) -> tuple[int, int]:
    """Fold the log into a vote writer's state; return the resident memory before and after."""
    writer = LogWriter(LOG, PollDecider(0), stamp=stamp, remember=False)
    writer.fold(ledger.read(LOG, 0, limit=1)[0])
    before = resident_bytes()
    drive(writer.catch_up(at_least=last), ledger)
    return before, resident_bytes()


if __name__ == "__main__":
    settings = Settings.read()
    with connect(settings.mongo_uri) as client:
        print(
            *{"ranking": ranking, "voting": voting}[sys.argv[1]](
                MongoLedger(client[settings.database]), int(sys.argv[2])
            )
        )
