"""Play a whole campaign from its file: every service's decider behind a real writer, one ledger in memory, and the
projection.

Promises: everything follows from the file and a seed, so any file can be played; the commands are those that the
services send; the result is computed, signed, published and finalised as in a live campaign. A command that a service
refuses where the play needs it raises Stuck, which names the phase.
Does not promise to cover the shells: gateways, queues and the clock's process are left out. Does not promise that
people behave so: each voter likes on some days of like week, now and then one entry more than the limits allow.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.topology.folded_logs import FOLDED_LOGS
from services.moderation import domain as desk
from services.moderation.campaign import Campaign, commitment, rule_hash
from services.moderation.decisions.review import Approve
from services.moderation.decisions.rule_versions import LockRules
from services.moderation.decisions.shortlist import propose
from services.ranking import domain
from services.ranking.decisions import cuts_and_cohort as cohort
from services.ranking.decisions import exhibition, result
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import contenders, ranking
from services.ranking.read_model.table import Table
from services.scoring import declaration
from services.scoring.decisions import commands as panel
from services.scoring.domain import ScoringDecider
from services.submission import domain as intake
from services.submission.declaration import WORDS
from services.submission.entry_checks import Draft
from services.submission.events import File, RollRow
from services.submission.roll import chunks, roll_digest
from services.submission.roll_difference import compare
from services.voting import domain as polls
from shared.decider import CommandEnvelope, Outcome, Refused
from shared.events import Sealed
from shared.ledger import read_commits
from shared.national_calendar import national_calendar
from shared.operations import drive
from shared.projection import Projector
from shared.stamps import stamp
from shared.testing.memory_ledger import MemoryLedger
from shared.writer import LogWriter

FOLLOWED = {logs.own: logs.followed for logs in FOLDED_LOGS.services.values()}
SEALED = Sealed("c1.x")
BATCH = 200
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


class Stuck(Exception):
    """A service refused what the campaign needs to go on. `phase` is where, and `refused` what it answered."""

    def __init__(self, phase: str, command: str, refused: Refused) -> None:
        super().__init__(f"{phase}: {command} was refused: {refused.code}")
        self.phase, self.command, self.refused = phase, command, refused


@dataclass
class CampaignRun:
    """One campaign, played from its rules. `sizes` are the numbers of units of each type, in the file's order.

    Each voter tries to like at most `likes_a_day` entries on a day, on at most `days` days.
    """

    campaign: Campaign
    sizes: tuple[int, ...]
    judges: int
    seed: bytes
    voters: int = 60
    likes_a_day: int = 1
    days: int = 1
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.phase = "opening"
        self.polls = [f"vote.{p}" for p in range(self.campaign.likes.partitions)]
        self.like_refusals: Counter[str] = Counter()
        self.follows = FOLLOWED | dict.fromkeys(self.polls, FOLDED_LOGS.followed_by_writers)
        deciders: dict[str, Any] = {
            "moderation": desk.ModerationDecider(),
            "submission": intake.SubmissionDecider(),
            "scoring": ScoringDecider(),
            "ranking": domain.RankingDecider(),
            **{log: polls.PollDecider(p) for p, log in enumerate(self.polls)},
        }
        self.writers = {log: LogWriter(log, each, stamp=stamp) for log, each in deciders.items()}
        self.projector = Projector(RankingProjection())
        self.orders = 0

    def order(self, log: str, command: Any) -> Outcome:
        """Let a service handle a command; return the outcome. Raises Stuck if it is refused."""
        (outcome,) = self.handle(log, [command])
        if outcome.refused is not None:
            raise Stuck(self.phase, type(command).__name__, outcome.refused)
        return outcome

    def handle(self, log: str, commands: Sequence[Any]) -> list[Outcome]:
        """Let a service handle commands together, and return what became of each."""
        writer = self.writers[log]
        for followed in self.follows[log]:
            drive(writer.catch_up(followed), self.ledger)
        first, self.orders = self.orders + 1, self.orders + len(commands)
        envelopes = [CommandEnvelope(f"order-{n}", "rehearsal", each) for n, each in enumerate(commands, start=first)]
        return drive(writer.handle(envelopes), self.ledger)

    def state(self, log: str) -> Any:
        """Return a service's state, after it has read all logs that it follows to their ends."""
        for followed in self.follows[log]:
            drive(self.writers[log].catch_up(followed), self.ledger)
        return self.writers[log].state

    def table(self) -> Table:
        """Return the ranking's table, after reading every log to its end."""
        for log in self.writers:
            for commit in read_commits(self.ledger, log, self.projector.cut.get(log, 0)):
                self.projector.take_in(commit)
        return self.projector.table

    # The phases, each in its window.

    def play(self) -> "CampaignRun":
        """Play from the file to the final result. Raises Stuck."""
        for phase in (
            self.open, self.hand_in, self.shortlist, self.like, self.judge, self.propose, self.publish, self.finalise
        ):  # fmt: skip
            self.phase = phase.__name__
            phase()
        return self

    def open(self) -> None:
        """Open the campaign, appoint staff and import the roll."""
        at = self.campaign.window("submission").start - 60 * MINUTE
        organisers = tuple(desk.FirstOrganiser(name, SEALED) for name in ("o1", "o2"))
        self.order("moderation", desk.OpenCampaign(self.campaign, at, "operator", organisers, "c1"))
        for name in ("o1", "o2"):
            self.order("moderation", desk.SetPassword(name, "c1", SEALED, at))
        for name, role in {"m1": "moderator", **{judge: "judge" for judge in self.panel}}.items():
            self.order("moderation", desk.AppointStaff(name, SEALED, (role,), False, "c2", "o1", at))
            self.order("moderation", desk.SetPassword(name, "c2", SEALED, at))
        rows = tuple(
            RollRow(f"{kind.code}-{n}", f"单位 {n}", self.campaign.eligible_levels[0], kind.code, f"city {n}", "", "")
            for kind, size in zip(self.campaign.unit_types, self.sizes, strict=True)
            for n in range(size)
        )
        parts = chunks(rows)
        for number, part in enumerate(parts):
            self.order("submission", intake.ImportRollPart("roll", number, part))
        self.order(
            "submission",
            intake.CloseRoll("roll", len(parts), roll_digest(rows), compare({}, rows).digest, "operator", at),
        )

    @property
    def panel(self) -> tuple[str, ...]:
        return tuple(f"judge-{n}" for n in range(1, self.judges + 1))

    def hand_in(self) -> None:
        """Let every unit submit an entry with as many pictures as are required; moderation approves each with a
        grade.
        """
        at = self.campaign.window("submission").start
        for n, unit in enumerate(sorted(self.state("submission").units), start=1):
            pictures = tuple(
                File(hashlib.sha256(f"{unit} {k}".encode()).hexdigest(), "picture", "jpeg", f"{k}.jpg", 9, 9, 9, 0)
                for k in range(self.campaign.entry.pictures_min)
            )
            themes = (self.campaign.themes[n % len(self.campaign.themes)].code,)
            draft = Draft(f"成果 {unit}", "简介", "正文", themes, None, pictures, WORDS)
            (handed, _) = self.order("submission", intake.HandIn(unit, None, draft, at + n * MINUTE)).events
            grade = self.dice.randint(1, 5) if self.campaign.shortlist.rule == "top_n_by_grade" else None
            self.order("moderation", Approve(handed.entry, 1, grade, "m1", at + n * MINUTE))

    def shortlist(self) -> None:
        """Lock the rules, and confirm the shortlist that moderation proposes."""
        at = self.campaign.window("likes").start - MINUTE
        self.order("moderation", LockRules(rule_hash(self.campaign), commitment(self.seed), "o1", at))
        self.listed = tuple(each.entry for each in propose(self.state("moderation")))
        self.order("moderation", desk.ConfirmShortlist(self.listed, "o1", at))

    def like(self) -> None:
        """Let people like, if likes count for points or a separate list; then close the polls and fix the cohort."""
        start = self.campaign.window("likes").start
        if self.campaign.conversion.name != "none" or self.campaign.popularity_list:
            self._cast_likes(start)
        closing = polls.closing_time(self.campaign)
        for log in self.polls:
            self.order(log, polls.ClosePoll(closing))
        table = self.table()
        self.order("ranking", cohort.FixCohort({}, table.polls_closed, contenders(table), closing))

    def _cast_likes(self, start: int) -> None:
        """Let every voter like on some days, the first entries of a shuffled list more often than the last."""
        listed = list(self.listed)
        self.dice.shuffle(listed)
        weights = [1 / place**0.5 for place in range(1, len(listed) + 1)]
        likes: dict[str, list[polls.CastLike]] = {}
        for n in range(self.voters):
            voter = f"voter-{n}"
            log = self.polls[int.from_bytes(hashlib.sha256(voter.encode()).digest()[:4], "big") % len(self.polls)]
            for day in self.dice.sample(range(self.days), self.dice.randint(1, self.days)):
                wanted = dict.fromkeys(self.dice.choices(listed, weights, k=self.dice.randint(1, self.likes_a_day)))
                at = start + day * DAY + n % (DAY // 2)
                likes.setdefault(log, []).extend(
                    polls.CastLike(voter, entry, at + k, "web", None, SEALED) for k, entry in enumerate(wanted)
                )
        for log, commands in likes.items():
            commands.sort(key=lambda each: each.at)
            for k in range(0, len(commands), BATCH):
                outcomes = self.handle(log, commands[k : k + BATCH])
                self.like_refusals.update(each.refused.code for each in outcomes if each.refused is not None)

    def judge(self) -> None:
        """Let every judge mark the assigned entries, with words; entries with disputed marks get a third reading."""
        at = self.campaign.window("judging").start
        for name in self.panel:
            self.order("scoring", panel.AppointJudge(name, SEALED, "an institute", "elsewhere", (), "o1", at))
            self.order("scoring", panel.DeclareIndependence(name, declaration.WORDS, at))
        self.order("scoring", panel.Assign(None, "o1", at))
        self.mark(at)
        if self.campaign.judging.third_reading is not None:
            self.order("scoring", panel.AssignThirdReadings("o1", at + DAY))  # marks must have rested for a day
            self.mark(at + DAY)
        for name in self.panel:
            self.order("scoring", panel.SubmitSheet(name, at + 2 * DAY))

    def mark(self, at: int) -> None:
        """Mark everything that the judges have not marked yet."""
        for number, name in enumerate(self.panel):
            for entry in self.state("scoring").unmarked_entries(name):
                marks = {
                    each.code: min(100, self.dice.randint(30, 85) + 5 * number)
                    for each in self.campaign.judging.criteria
                }
                self.order("scoring", panel.GiveScore(name, entry, marks, "理由", at))

    def propose(self) -> None:
        """Propose the result from the table, and let two organisers sign it."""
        at = self.campaign.window("judging").end
        table = self.table()
        self.outcome = ranking(table, seed=self.seed)
        proposed = result.ProposeResult(
            cut={"moderation": self.ledger.head("moderation")},
            closed=table.polls_closed,
            cohort=tuple(table.cohort or ()),
            held=table.likes.held(),
            table=self.outcome.table,
            digest=self.outcome.digest,
            winners=self.outcome.winners,
            refused=self.outcome.refused,
            by="o1",
            at=at,
        )
        (self.proposed,) = self.order("ranking", proposed).events
        for organiser in ("o1", "o2"):
            self.order("ranking", result.SignResult(self.proposed.proposal, self.outcome.digest, organiser, at))

    def publish(self) -> None:
        """Publish the result, whose digest must still be the signed one, and open the exhibition."""
        at = self.campaign.window("judging").end + MINUTE
        digest = ranking(self.table(), seed=self.seed).digest
        self.order(
            "ranking",
            result.PublishResult(self.proposed.proposal, digest, self.seed.hex(), national_calendar(), by="o1", at=at),
        )
        self.order("ranking", exhibition.OpenExhibition("o1", self.campaign.window("exhibition").start))

    def finalise(self) -> None:
        """Finalise the result at the end of the notice, without objections."""
        until = self.state("ranking").published.notice_until
        self.order("ranking", result.FinaliseResult(self.proposed.proposal, self.outcome.digest, "o1", until))
