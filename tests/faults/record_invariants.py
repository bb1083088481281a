"""Invariants of the ledger, of what is computed from it, and of logs and metrics. Pure functions for `judge.py`,
which yield one line for each violation.
"""

from collections import defaultdict
from collections.abc import Iterator

from services.ranking.read_model.projection import RankingProjection
from shared.commit import NO_COMMIT
from shared.errors import Corrupt, FollowerStopped
from shared.projection import Projector
from tests.faults.evidence import Case
from tests.faults.history import UNKNOWN, CommandSeen

_BEFORE, _AFTER = 30, 30  # characters that are shown before and after a secret that was found


def chain(case: Case) -> Iterator[str]:
    """Check that numbers are dense, that hashes and Merkle roots are right, and that times never go back."""
    for log, commits in case.evidence.logs.items():
        before, time = NO_COMMIT, 0
        for expected, commit in enumerate(commits, start=1):
            where = f"{log}/{commit.n}"
            if commit.n != expected:
                yield f"{where} is in place of number {expected}"
                break
            if bytes(commit.document["prev"]) != before:
                yield f"{where} does not name the hash of the previous commit"
            if commit.time < time:
                yield f"{where} is older than the previous commit"
            try:
                commit.verify()
            except Corrupt as problem:
                yield str(problem)
            before, time = commit.hash, commit.time


def commands(case: Case) -> Iterator[str]:
    """Check that an accepted command is stored once, a refused one is not, and that its answer never changes."""
    facts = {log: " ".join(repr(each.event) for each in case.evidence.recorded(log)) for log in case.evidence.logs}
    sent: dict[str, list[CommandSeen]] = defaultdict(list)
    for each in case.evidence.of(CommandSeen):
        sent[each.key].append(each)
    for key, sendings in sent.items():
        first = sendings[0]
        times, statuses = facts[first.log].count(first.fact), {each.status for each in sendings}
        answers = {each.answer for each in sendings if each.status != UNKNOWN}
        if len(answers) > 1:
            yield f"{key} got different answers: {sorted(answers)}"
        if times > 1:
            yield f"{key} is stored {times} times"
        if "ok" in statuses and times != 1:
            yield f"{key} was accepted, but is stored {times} times"
        if statuses == {"refused"} and times:
            yield f"{key} was refused, but is stored"


def ranking(case: Case) -> Iterator[str]:
    """Check that the stored projection equals the fold of the ledger at its cut, that rebuilds do, and that pages
    show what ranking publishes.
    """
    if case.evidence.table is not None:
        cut, stored = case.evidence.table
        if stored != _folded(case, cut):
            yield f"the stored table at {cut} differs from the fold from commit 1"
    for source, difference in (case.evidence.rebuilt or {}).items():
        if difference is not None:
            yield f"a rebuild from the {source} differs: {difference}"
    for page in case.evidence.pages or ():
        if page.shown != page.published:
            yield f"{page.path} shows {page.shown}, but ranking published {page.published}"


def _folded(case: Case, cut: dict[str, int]) -> bytes:
    projector = Projector(RankingProjection())
    for log, n in cut.items():
        for commit in case.evidence.logs.get(log, ())[:n]:
            try:
                projector.take_in(commit)
            except FollowerStopped as stopped:
                return f"the fold stopped: {stopped}".encode()
    return projector.canonical()


def lag(case: Case) -> Iterator[str]:
    """Check that everything has reached the end of its log."""
    for what, by in (case.evidence.behind or {}).items():
        if by:
            yield f"{what}: {by} behind"


def privacy(case: Case) -> Iterator[str]:
    """Check that no personal data occurs in logs or metrics. Yields at most one line for each process."""
    for process, text in (case.evidence.output or {}).items():
        for secret in sorted(case.evidence.personal):
            at = text.find(secret)
            if at >= 0:
                around = text[max(0, at - _BEFORE) : at + len(secret) + _AFTER]
                yield f"{process} contains {secret[:40]}: …{around}…"
                break
