"""Events of a small campaign for tests: four entries of four units, five judges, three marks per entry, four entries
per judge.
"""

from dataclasses import replace
from typing import Any

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.moderation.campaign_file.check import check
from services.ranking.events import CohortFixed
from services.scoring import declaration
from services.scoring.decisions.commands import GiveScore
from services.scoring.domain import ScoringDecider
from services.scoring.events import (
    ConflictDeclared,
    Criterion,
    EntriesAssigned,
    EntriesReassigned,
    IndependenceDeclared,
    JudgeAppointed,
    MarkDrafted,
    ScoreGiven,
    ScoreRevised,
)
from services.submission.events import EntrySubmitted, RollChunk, RollImported, RollRow
from shared.events import Sealed
from shared.testing.bdd import Given, Spec
from tests.files import CAMPAIGN_FILE

START = 1_623_600_000_000  # 2021-06-14 00:00 in Shanghai
NOON = START + 12 * 3_600_000
END = START + 5 * 24 * 3_600_000
NAME = Sealed("c1.name")
COMMITMENT = "5eed" * 16
ENTRIES = ("U1-1", "U2-1", "U3-1", "U4-1")
JUDGES = ("ann", "bob", "cui", "dai", "eva")
MARKS = {"content": 80, "form": 70, "quality": 90}

UNITS = (
    RollRow("U1", "第一机床厂工会", "grassroots", "state", "石家庄", "第一机床厂", ""),
    RollRow("U2", "唐山港工会", "grassroots", "state", "唐山", "唐山港", ""),
    RollRow("U3", "雄安新城工会", "grassroots", "private", "雄安", "雄安新城", ""),
    RollRow("U4", "承德医院工会", "grassroots", "public", "承德", "承德医院", ""),
)


def campaign(**judging: Any) -> rules.Campaign:
    """Return the campaign of the notice, with a small jury."""
    read, problems = check(CAMPAIGN_FILE.read_text())
    assert read is not None, problems
    changed = {"min_marks": 3, "max_entries_per_judge": 4, "same_city_conflicts": False, **judging}
    moved = read.with_window("judging", rules.Window(START, END))
    return replace(moved, judging=replace(moved.judging, **changed))


def opened(*, rehearsal: bool = True, **judging: Any) -> tuple[object, ...]:
    """Return the events that open the campaign and lock its rules."""
    data = rules.to_data(campaign(**judging))
    return (
        desk.CampaignOpened(data, rehearsal=rehearsal, now=START, by="root"),
        desk.RulesLocked(data, "hash", COMMITMENT, by="olga", at=START),
    )


def handed_in(*units: RollRow) -> tuple[object, ...]:
    """Return the events of the roll, an entry of each unit, and its approval."""
    rows = units or UNITS
    roll = (RollChunk("r", 0, rows), RollImported("r", 1, len(rows), "digest", "olga", START))
    return (*roll, *(fact for row in rows for fact in (submitted(row.code, type=row.type), approved(f"{row.code}-1"))))


def submitted(unit: str, *, version: int = 1, type: str = "state") -> EntrySubmitted:
    return EntrySubmitted(f"{unit}-1", version, unit, type, "t", "p", "x", (), None, (), None, START)


def approved(entry: str, *, version: int = 1) -> desk.EntryApproved:
    return desk.EntryApproved(entry, version, None, "mo", START)


def staffed(*names: str) -> tuple[object, ...]:
    return tuple(
        desk.StaffAppointed(each, Sealed("c1.n"), ("judge",), Sealed("c1.x"), "olga", START) for each in names or JUDGES
    )


def appointed(judge: str, *, employer: str = "", city: str = "", conflicts: tuple[str, ...] = ()) -> JudgeAppointed:
    return JudgeAppointed(judge, NAME, employer, city, conflicts, "olga", START)


def independent(*judges: str) -> tuple[IndependenceDeclared, ...]:
    """Return the declarations of independence of some judges, or of all."""
    return tuple(IndependenceDeclared(each, declaration.WORDS, START) for each in judges or JUDGES)


def fixed(*entries: str) -> CohortFixed:
    return CohortFixed({"vote.0": 1}, entries or ENTRIES, START)


def assigned(judge: str, *entries: str, by: str = "olga") -> EntriesAssigned:
    return EntriesAssigned(judge, entries, by, NOON)


def marks(**points: int) -> tuple[Criterion, ...]:
    return tuple(Criterion(code, value) for code, value in {**MARKS, **points}.items())


def give(judge: str, entry: str, *, at: int = NOON, words: str | None = None, **points: int) -> GiveScore:
    return GiveScore(judge, entry, {**MARKS, **points}, words, at)


def given_score(judge: str, entry: str, *, at: int = NOON, version: int = 1, **points: int) -> ScoreGiven:
    return ScoreGiven(judge, entry, version, marks(**points), None, at)


def revised(judge: str, entry: str, *, at: int = NOON, version: int = 1, **points: int) -> ScoreRevised:
    return ScoreRevised(judge, entry, version, marks(**points), None, at)


def stepped_back(judge: str, entry: str, *, at: int = NOON) -> ConflictDeclared:
    return ConflictDeclared(judge, entry, Sealed("旧同事"), at)


def ready(**judging: Any) -> tuple[object, ...]:
    """Return a story in which everything is read, the judges are appointed and the cohort is fixed, but nothing is
    assigned.
    """
    return (*opened(**judging), *handed_in(), *staffed(), *map(appointed, JUDGES), *independent(), fixed())


def under_way() -> tuple[object, ...]:
    """Return a story in which each entry has three judges; dai has no entry, eva has one."""
    return (
        *ready(),
        assigned("ann", *ENTRIES),
        assigned("bob", *ENTRIES),
        assigned("cui", *ENTRIES[:3]),
        assigned("eva", ENTRIES[3]),
    )


def dismissed(judge: str) -> desk.StaffAppointed:
    return desk.StaffAppointed(judge, Sealed("c1.n"), (), Sealed("c1.x"), "olga", NOON)


def taken_away(judge: str, *entries: str) -> EntriesReassigned:
    return EntriesReassigned(judge, entries, Sealed("病假"), "olga", NOON)


def drafted(judge: str, entry: str, *, at: int = NOON, words: str | None = None, **points: int) -> MarkDrafted:
    return MarkDrafted(judge, entry, tuple(Criterion(code, value) for code, value in points.items()), words, at)


def even(judge: str, entry: str, points: int, *, at: int = NOON) -> ScoreGiven:
    """Return a mark whose total is `points`, with words in case they are required."""
    return ScoreGiven(judge, entry, 1, marks(content=points, form=points, quality=points), "说明", at)


def given(*events: object) -> Given:
    return Spec(ScoringDecider()).given(*events)
