"""A small campaign from its opening to its exhibition, as events by log and as commits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import bson
from hypothesis import strategies as st

from services.moderation import campaign as rules
from services.moderation import events as desk
from services.moderation.campaign_file.check import check
from services.ranking import events as own
from services.ranking.domain import RankingDecider
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import ranking
from services.ranking.read_model.table import Table
from services.ranking.state import RankingState
from services.scoring import events as scoring
from services.submission import events as intake
from services.voting import events as votes
from shared.commit import (
    Answered,
    Commit,
    Head,
    Stamp,
    form,
)
from shared.events import Sealed
from shared.projection import Projector
from tests.files import CAMPAIGN_FILE

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_622_995_200_000  # 2021-06-07 00:00 in Shanghai, when likes begin
END = START + 7 * DAY
SEED = bytes(range(32))
PARTITIONS = 2
Story = dict[str, list[list[object]]]  # log -> commits -> events


@cache
def campaign() -> rules.Campaign:
    """Return a campaign with two partitions, two types with one seat each, and two marks for each entry."""
    read, problems = check(CAMPAIGN_FILE.read_text())
    assert read is not None, problems
    return replace(
        read,
        unit_types=tuple(replace(each, quota=1) for each in read.unit_types[:2]),
        likes=replace(read.likes, partitions=PARTITIONS),
        judging=replace(read.judging, min_marks=2),
        quota=replace(read.quota, total=2),
    )


def locked(given: rules.Campaign | None = None, *, seed: bytes = SEED) -> desk.RulesLocked:
    fixed = replace(given or campaign(), seed_commitment=rules.commitment(seed))
    return desk.RulesLocked(
        rules.to_data(fixed), rules.stored_hash(fixed), fixed.seed_commitment, by="o1", at=START - 2
    )


def opened(given: rules.Campaign | None = None) -> desk.CampaignOpened:
    return desk.CampaignOpened(rules.to_data(given or campaign()), rehearsal=True, now=START, by="o1")


def fold_logs(events: Iterable[object]) -> RankingState:
    """Return the state after events of several logs, each event alone in a commit of the log of its service."""
    decider, heads = RankingDecider(), Counter[str]()
    state = decider.initial()
    for event in events:
        log = type(event).__module__
        heads[log] += 1
        state = decider.evolve(state, event, f"{log}/{heads[log]}/0")
    return state


def organiser(staff: str, *roles: str) -> desk.StaffAppointed:
    return desk.StaffAppointed(staff, Sealed("c1.n"), roles or ("organiser",), Sealed("c1.x"), by="op", at=START - 9)


def submitted(entry: str, *, type: str = "state", version: int = 1, at: int = START - 9) -> intake.EntrySubmitted:
    unit = entry.split("-")[0]
    files = tuple(
        intake.File(f"{kind}-{entry}", kind, "any", kind, bytes=9, width=9, height=9, duration_ms=0)
        for kind in ("picture", "video")
    )
    return intake.EntrySubmitted(
        entry, version, unit, type, f"title {entry} v{version}", "profile", "text", ("home",), None, files, None, at
    )


def approved(entry: str, *, version: int = 1) -> desk.EntryApproved:
    return desk.EntryApproved(entry, version, None, by="m", at=START - 5)


def liked(entry: str, *, voter: str = "v", held: str | None = None, day: int = 7) -> votes.LikeCast:
    at = START + (day - 7) * DAY + 1
    return votes.LikeCast(voter, entry, f"2021-06-{day:02}", at, "web", held, Sealed("c1.x"))


def retracted(like: str, entry: str, *, at: int = START + 2, day: int = 7) -> votes.LikeRetracted:
    return votes.LikeRetracted(like, "v", entry, f"2021-06-{day:02}", at)


def held(entry: str, *likes: str) -> votes.LikesHeld:
    return votes.LikesHeld("case", entry, likes, "burst", at=START + 3)


def released(entry: str, *likes: str) -> votes.LikesReleased:
    return votes.LikesReleased("case", entry, likes, by="m", at=START + 4)


def voided(entry: str, *likes: str) -> votes.VoidDecided:
    return votes.VoidDecided("case", entry, likes, ("m1", "m2"), "bought", "0" * 64, at=START + 5)


def doubled(entry: str, *likes: str) -> votes.DoublesVoided:
    return votes.DoublesVoided("w", entry, likes, votes.SAME_PERSON, at=START + 5)


def restored(entry: str, *likes: str) -> votes.LikesRestored:
    return votes.LikesRestored("case", entry, likes, by="m", at=START + 6)


def marked(entry: str, judge: str, points: int, *, revised: bool = False) -> object:
    kind = scoring.ScoreRevised if revised else scoring.ScoreGiven
    marks = tuple(scoring.Criterion(each, points) for each in ("content", "form", "quality"))
    return kind(judge, entry, 1, marks, None, at=END + 5)


def until_judged(*, seed: bytes = SEED) -> Story:
    """Return five entries: one rejected, one withdrawn, and three that are liked and marked; the polls are closed."""
    row = {"level": "grassroots", "employer": "", "access": ""}
    rows = [intake.RollRow(f"u{k}", f"unit {k}", type="state", city=f"city {k}", **row) for k in range(1, 6)]
    numbers = [("u1-1", "A001", "state"), ("u2-1", "A002", "state"), ("u3-1", "B001", "private")]
    return {
        "moderation": [
            [opened(), organiser("o1"), organiser("o2")],
            [approved("u1-1"), desk.EntryReturned("u2-1", 1, (), START, by="m", at=START - 8)],
            [approved("u2-1", version=2), approved("u3-1"), approved("u5-1")],
            [desk.EntryRejected("u4-1", 1, "reason", by="m", at=START - 7)],
            [
                locked(seed=seed),
                desk.ShortlistConfirmed(tuple(desk.Listed(*each) for each in numbers), by="o1", at=START - 1),
            ],
            [desk.EntryFrozen("u3-1", "complaint", by="m", at=START + 1), desk.ClockMoved(END, by="o1")],
            [desk.WindowMoved("judging", END, END + 9 * DAY, "ill judges", by="o1", at=END)],
            [desk.EntryUnfrozen("u3-1", "settled", by="m", at=START + 2)],
        ],
        "submission": [
            [intake.RollChunk("r", 0, tuple(rows[:3]))],
            [
                intake.RollChunk("r", 1, tuple(rows[3:])),
                intake.RollImported("r", 2, 5, "0" * 64, by="op", at=START - 10),
            ],
            [submitted("u1-1"), submitted("u2-1"), submitted("u3-1", type="private")],
            [submitted("u2-1", version=2, at=START - 6), submitted("u4-1"), submitted("u5-1")],
            [intake.EntryWithdrawn("u5-1", by="u5", reason="", at=START - 1)],
        ],
        "vote.0": [
            [liked("u1-1"), liked("u2-1", voter="w"), liked("u1-1", voter="x", day=8)],
            [liked("u2-1", voter="y", held="many-addresses"), retracted("vote.0/1/0", "u1-1")],
            [liked("u3-1", voter="z")],
            [votes.PollClosed(0, END + 1)],
        ],
        "vote.1": [
            [liked("u3-1"), liked("u3-1", voter="w"), liked("u2-1", voter="q", held="snapshot")],
            [liked("u2-1", voter="r")],
            [votes.PollClosed(1, END + 2)],
        ],
        "vote.cases": [
            [held("u2-1", "vote.0/1/1", "vote.1/2/0"), released("u2-1", "vote.0/2/0", "vote.1/1/2")],
            [voided("u2-1", "vote.0/1/1"), released("u2-1", "vote.1/2/0")],
            [voided("u3-1", "vote.1/1/0"), restored("u3-1", "vote.1/1/0"), voided("u1-1", "vote.0/1/0")],
        ],
        "scoring": [
            [marked("u1-1", "j1", 80), marked("u2-1", "j1", 90), marked("u3-1", "j1", 70)],
            [marked("u1-1", "j2", 82), marked("u2-1", "j2", 60), marked("u3-1", "j2", 71)],
            [marked("u2-1", "j2", 88, revised=True), marked("u1-1", "j3", 100)],
            [scoring.ConflictDeclared("j3", "u1-1", "my cousin", at=END + 6)],
        ],
        "ranking": [
            [own.CutTaken(START, {"moderation": 1})],
            [own.CohortFixed({}, ("u1-1", "u2-1", "u3-1"), at=END + 3)],
        ],
    }


def until_exhibited() -> Story:
    """Continue `until_judged`: the result is proposed, signed, published and exhibited, and one entry taken down."""
    story = until_judged()
    outcome = ranking(folded(story), seed=SEED)
    rule_hash = locked().rule_hash
    proposed = own.ResultProposed(
        "P1", {}, rule_hash, outcome.digest, outcome.winners, outcome.table, by="o1", at=END + 7
    )
    signed = [own.ResultSigned("P1", outcome.digest, by, at=END + 8) for by in ("o1", "o2")]
    story["ranking"] += [
        [proposed],
        [*signed],
        [
            own.ResultPublished("P1", outcome.digest, "o1", END + 9, END + 5 * DAY, "table"),
            own.SeedRevealed(SEED.hex(), END + 9),
        ],
        [own.ExhibitionOpened(outcome.winners, True, "o1", END + 10)],
        [own.EntryTakenDown("u3-1", "rights", "o1", END + 11)],
    ]
    return story


def commits_of(story: Mapping[str, Sequence[Sequence[object]]]) -> dict[str, list[Commit]]:
    """Return the story as commits that a ledger would return."""
    return {log: _commits(log, batches) for log, batches in story.items()}


def _commits(log: str, batches: Iterable[Sequence[object]]) -> list[Commit]:
    head, commits = Head(log), []
    for events in batches:
        answered = Answered(f"{log}-{head.n}", "actor", "", "", first=0, count=len(events))
        document = form(head, events, commands=[answered], stamp=Stamp("u", bytes(32), START))
        head = head.after(document)
        commits.append(Commit(bson.decode(bson.encode(document))))
    return commits


def in_turn(commits: Mapping[str, Sequence[Commit]], turns: Iterable[str]) -> list[Commit]:
    """Return the commits in the order in which `turns` names their logs."""
    readers = {log: iter(each) for log, each in commits.items()}
    return [next(readers[log]) for log in turns]


def turns_of(commits: Mapping[str, Sequence[Commit]]) -> st.SearchStrategy[list[str]]:
    """Generate any interleaving of the logs."""
    return st.permutations([log for log, each in commits.items() for _ in each])


def folded(story: Mapping[str, Sequence[Sequence[object]]]) -> Table:
    """Return the table of a story, folded log after log."""
    return projected(story).table


def projected(story: Mapping[str, Sequence[Sequence[object]]]) -> Projector[Table]:
    projector = Projector(RankingProjection())
    for commits in commits_of(story).values():
        for commit in commits:
            projector.take_in(commit)
    return projector
