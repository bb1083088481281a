"""What must hold of the record, of what is made from it, and of what processes say. Pure; see `judge.py`."""

from collections import defaultdict
from collections.abc import Iterator

from services.ranking.read_model.projection import RankingProjection
from shared.commit import NO_COMMIT
from shared.errors import Corrupt, FollowerStopped
from shared.projection import Projector
from tests.faults.evidence import Case
from tests.faults.history import UNKNOWN, CommandSeen

_BEFORE, _AFTER = 30, 30  # characters that are shown around what should not be there


def chain(case: Case) -> Iterator[str]:
    """Numbers are dense; hashes and roots hold; times never go back."""
    for log, commits in case.evidence.logs.items():
        before, time = NO_COMMIT, 0
        for expected, commit in enumerate(commits, start=1):
            where = f"{log}/{commit.n}"
            if commit.n != expected:
                yield f"{where} stands where {expected} should"
                break
            if bytes(commit.document["prev"]) != before:
                yield f"{where} does not name the commit before it"
            if commit.time < time:
                yield f"{where} is older than the commit before it"
            try:
                commit.verify()
            except Corrupt as problem:
                yield str(problem)
            before, time = commit.hash, commit.time


def commands(case: Case) -> Iterator[str]:
    """An accepted command is in its log once; its answer never changes; a refused one is not there."""
    facts = {log: " ".join(repr(each.event) for each in case.evidence.recorded(log)) for log in case.evidence.logs}
    sent: dict[str, list[CommandSeen]] = defaultdict(list)
    for each in case.evidence.of(CommandSeen):
        sent[each.key].append(each)
    for key, sendings in sent.items():
        first = sendings[0]
        times, statuses = facts[first.log].count(first.fact), {each.status for each in sendings}
        answers = {each.answer for each in sendings if each.status != UNKNOWN}
        if len(answers) > 1:
            yield f"{key} was answered {sorted(answers)}"
        if times > 1:
            yield f"{key} is stored {times} times"
        if "ok" in statuses and times != 1:
            yield f"{key} was accepted and is stored {times} times"
        if statuses == {"refused"} and times:
            yield f"{key} was refused and is stored"


def ranking(case: Case) -> Iterator[str]:
    """The stored table is the fold of the ledger at its cut, so is a rebuild, and pages say what ranking says."""
    if case.evidence.table is not None:
        cut, stored = case.evidence.table
        if stored != _folded(case, cut):
            yield f"the table at {cut} is not the fold from commit 1"
    for source, difference in (case.evidence.rebuilt or {}).items():
        if difference is not None:
            yield f"rebuilt from the {source} it differs: {difference}"
    for page in case.evidence.pages or ():
        if page.shown != page.said:
            yield f"{page.path} shows {page.shown} and ranking says {page.said}"


def _folded(case: Case, cut: dict[str, int]) -> bytes:
    projector = Projector(RankingProjection())
    for log, n in cut.items():
        for commit in case.evidence.logs.get(log, ())[:n]:
            try:
                projector.take_in(commit)
            except FollowerStopped as stopped:
                return f"the fold stops: {stopped}".encode()
    return projector.canonical()


def lag(case: Case) -> Iterator[str]:
    for what, by in (case.evidence.behind or {}).items():
        if by:
            yield f"{what} is behind by {by}"


def privacy(case: Case) -> Iterator[str]:
    for process, text in (case.evidence.said or {}).items():
        for secret in sorted(case.evidence.personal):
            at = text.find(secret)
            if at >= 0:
                around = text[max(0, at - _BEFORE) : at + len(secret) + _AFTER]
                yield f"{process} says {secret[:40]}: …{around}…"
                break
