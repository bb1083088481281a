"""A process of its own that folds a log and says by how much it has grown: `python -m tests.bench.memory WHAT N`.

WHAT is `ranking` (the projector's table) or `voting` (a vote writer's state). The campaign is the environment's, the
log `vote.0`, N its last commit. Prints bytes: resident after the first commit, and after the last.
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


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ranking(ledger: Ledger, last: int) -> tuple[int, int]:
    projector = Projector(RankingProjection())
    advance(projector, ledger, {LOG: 1})
    before = resident()
    advance(projector, ledger, {LOG: last})
    return before, resident()


def voting(ledger: Ledger, last: int) -> tuple[int, int]:
    writer = LogWriter(LOG, PollDecider(0), stamp=stamp, remember=False)
    writer.fold(ledger.read(LOG, 0, limit=1)[0])
    before = resident()
    drive(writer.catch_up(at_least=last), ledger)
    return before, resident()


if __name__ == "__main__":
    settings = Settings.read()
    with connect(settings.mongo_uri) as client:
        print(
            *{"ranking": ranking, "voting": voting}[sys.argv[1]](
                MongoLedger(client[settings.database]), int(sys.argv[2])
            )
        )
