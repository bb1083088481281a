"""Projection that folds all logs to the ranking's table.

Promises: the same table for the same cut, in whatever order the logs interleave; events that do not concern ranking
change nothing. Raises what a broken event raises: the follower then stops and names the event.
Does not promise points or places: `ranking_input.py` computes them from the table and the rules.
"""

from dataclasses import replace
from typing import Any

from services.moderation import events as desk
from services.moderation.campaign import rule_hash_of
from services.ranking import events as own
from services.ranking.read_model.like_counts import Likes
from services.ranking.read_model.table import (
    APPROVED,
    REJECTED,
    RETURNED,
    Chunk,
    Exhibition,
    Judge,
    Named,
    Notice,
    Outage,
    Proposal,
    Sheet,
    Table,
    Unit,
    Version,
    Winner,
)
from services.scoring import events as scoring
from services.submission import events as intake
from services.voting import events as votes
from shared.commit import Run

LIKE_CAST = "like-cast", 1


class RankingProjection:
    """Projection that folds every log to the ranking's table. Whoever changes the fold must raise `version`."""

    name = "ranking"
    version = 9

    def initial(self) -> Table:
        return Table()

    def apply(self, table: Table, event: Any, address: str) -> None:
        module = type(event).__module__
        if module == votes.__name__:
            _vote(table, event, address)
        elif module == desk.__name__:
            _desk(table, event)
        elif module == intake.__name__:
            _hand_in(table, event)
        elif module == scoring.__name__:
            _mark(table, event)
        elif module == own.__name__:
            _result(table, event)

    def apply_run(self, table: Table, run: Run, commit: str) -> bool:
        return count_run(table.likes, run, commit)

    def dump(self, table: Table) -> Any:
        return table.dump()

    def load(self, data: Any) -> Table:
        return Table.load(data)


def count_run(likes: Likes, run: Run, commit: str) -> bool:
    """Count a run of likes at once, and return True; `commit` is `<log>/<n>`. Return False, and count nothing, for
    other events and for likes of a version that must be upcast first.
    """
    if (run.type, run.v) != LIKE_CAST:
        return False
    likes.cast_all(run, commit)
    return True


def count(likes: Likes, fact: Any, address: str) -> None:
    """Apply one event of the vote logs to the like counts. An event that is not about likes changes nothing."""
    match fact:
        case votes.LikeCast():
            likes.cast(fact, address)
        case votes.LikeRetracted():
            likes.retract(fact.entry, fact.like, fact.at)
        case votes.LikesHeld():
            likes.hold(fact.entry, fact.likes)
        case votes.LikesReleased():
            likes.release(fact.entry, fact.likes)
        case votes.VoidDecided() | votes.DoublesVoided():
            likes.void(fact.entry, fact.likes)
        case votes.LikesRestored():
            likes.restore(fact.entry, fact.likes)


def _vote(table: Table, fact: Any, address: str) -> None:
    if isinstance(fact, votes.PollClosed):
        table.closed.setdefault(str(fact.partition), fact.at)
    else:
        count(table.likes, fact, address)


def _desk(table: Table, fact: Any) -> None:
    match fact:
        case desk.CampaignOpened():
            table.campaign, table.rehearsal = fact.campaign, fact.rehearsal
            table.clock = fact.now if fact.rehearsal else 0
        case desk.PageThemeSet():
            table.theme = fact.theme
        case desk.WindowMoved() if table.campaign is not None:
            moved = {fact.window: {"start": fact.start, "end": fact.end}}
            table.campaign = {**table.campaign, "windows": {**table.campaign["windows"], **moved}}
        case desk.ClockMoved():
            table.clock = fact.now
        case desk.RulesReplaced():
            table.campaign = fact.campaign
        case desk.RulesLocked():
            table.campaign = table.locked = fact.campaign
            table.rule_hash = rule_hash_of(fact.campaign)
        case desk.ShortlistConfirmed():
            for listed in fact.entries:
                entry = table.entry(listed.entry)
                entry.number, entry.desk_type = listed.number, listed.type
        case desk.TypeCorrected():
            table.entry(fact.entry).desk_type = fact.type
        case desk.OutageDeclared():
            table.outages.append(Outage(fact.outage, fact.start, fact.end, fact.extension_ms, fact.reason, fact.at))
        case desk.OutageRevoked():
            table.outages = [each for each in table.outages if each.outage != fact.outage]
        case desk.MarkExcluded():
            _sheet(table, fact.entry, fact.judge).counts = False
        case desk.LikesExcluded():
            table.likes.exclude(fact.entry, fact.likes)
        case desk.UnitNameCorrected():
            entry = table.touch_entry(fact.entry, fact.at)
            entry.desk_unit, entry.desk_city = fact.unit_name, fact.city
        case _:
            _verdict(table, fact)


def _verdict(table: Table, fact: Any) -> None:
    match fact:
        case desk.EntryApproved():
            entry = table.touch_entry(fact.entry, fact.at)
            entry.verdict, entry.approved = APPROVED, fact.version
        case desk.EntryReturned():
            table.touch_entry(fact.entry, fact.at).verdict = RETURNED
        case desk.EntryRejected():
            table.touch_entry(fact.entry, fact.at).verdict = REJECTED
        case desk.DecisionUndone():
            entry = table.touch_entry(fact.entry, fact.at)
            entry.verdict, entry.approved = None, None
        case desk.EntryFrozen():
            table.entry(fact.entry).frozen = True
        case desk.EntryUnfrozen():
            table.entry(fact.entry).frozen = False
        case desk.EntryDisqualified():
            table.touch_entry(fact.entry, fact.at).disqualified = True


def _hand_in(table: Table, fact: Any) -> None:
    match fact:
        case intake.RollChunk():
            units = {row.code: Unit(row.name, row.city, row.employer) for row in fact.rows}
            table.chunks.append(Chunk(fact.roll, fact.part, units))
        case intake.RollImported():
            parts = [each for each in table.chunks if each.roll == fact.roll and each.part < fact.parts]
            parts.sort(key=lambda each: each.part)
            table.units = {code: unit for each in parts for code, unit in each.units.items()}
            table.chunks = [each for each in table.chunks if each.roll != fact.roll]
        case intake.EntrySubmitted():
            table.entry(fact.entry).versions.append(_version(fact, table.units.get(fact.unit)))
        case intake.EntryWithdrawn():
            table.touch_entry(fact.entry, fact.at).withdrawn = True


def _version(fact: intake.EntrySubmitted, on_roll: Unit | None) -> Version:
    """Return a version with its unit's name, city and employer as of the hand-in.

    Events of version 1 do not hold them: the roll that was in force then does, which is in the same log.
    """
    if fact.unit_name is not None:
        unit = Unit(fact.unit_name, fact.city or "", fact.employer or "")
    else:
        unit = on_roll or Unit(fact.unit, "", "")
    return Version(
        version=fact.version,
        unit=fact.unit,
        type=fact.type,
        title=fact.title,
        themes=list(fact.themes),
        pictures=[each.sha256 for each in fact.files if each.kind == "picture"],
        video=next((each.sha256 for each in fact.files if each.kind == "video"), None),
        at=fact.at,
        unit_name=unit.name,
        city=unit.city,
        employer=unit.employer,
    )


def _mark(table: Table, fact: Any) -> None:
    match fact:
        case scoring.JudgeAppointed():
            table.judges[fact.judge] = Judge(fact.employer, fact.city, list(fact.conflicts))
        case scoring.ScoreGiven() | scoring.ScoreRevised():
            sheet = _sheet(table, fact.entry, fact.judge)
            sheet.marks = [(each.criterion, each.points) for each in fact.marks]
            sheet.version = fact.version
        case scoring.ConflictDeclared() | scoring.ScoreExcluded():
            _sheet(table, fact.entry, fact.judge).counts = False
        case scoring.ThirdReadingCalled():
            table.third_readings[fact.entry] = fact.marks


def _sheet(table: Table, entry: str, judge: str) -> Sheet:
    sheets = table.sheets.setdefault(entry, [])
    found = next((each for each in sheets if each.judge == judge), None)
    if found is None:
        found = Sheet(judge)
        sheets.append(found)
    return found


def _result(table: Table, fact: Any) -> None:
    match fact:
        case own.CohortFixed():
            table.cohort = list(fact.entries)
        case own.ResultProposed():
            winners = [
                Winner(row["entry"], row["type"], row["place"], row["final"], row["overall"])
                for row in fact.table["rows"]
                if row["winner"]
            ]
            table.proposal = Proposal(fact.proposal, fact.digest, fact.rule_hash, winners)
        case own.ResultSigned() if table.proposal is not None and table.proposal.proposal == fact.proposal:
            table.proposal.signatures.append(fact.by)
        case own.ResultPublished() if table.proposal is not None and table.proposal.proposal == fact.proposal:
            signed = table.proposal
            names = {each.entry: Named(each.title, each.unit, each.city) for each in fact.names}
            # Lists and dictionaries of its own, not shared with the proposal.
            table.published = replace(signed, signatures=list(signed.signatures), names=names)
            table.notice = Notice(fact.at, fact.notice_until, fact.notice_basis)
            if table.exhibition is not None:  # an open exhibition follows the newly published result
                table.exhibition = Exhibition([each.entry for each in signed.winners], table.exhibition.at)
        case own.ResultFinal():
            table.final, table.final_at = fact.proposal, fact.at
        case own.SeedRevealed():
            table.seed = fact.seed
        case own.ExhibitionOpened():
            table.exhibition = Exhibition(list(fact.entries), fact.at)
        case own.EntryTakenDown():
            table.touch_entry(fact.entry, fact.at).taken_down = True
