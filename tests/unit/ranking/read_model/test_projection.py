"""The projection of all logs: interleaving does not matter, a run equals its events, and folding resumes after a
snapshot.
"""

from dataclasses import fields, replace
from functools import cache
from itertools import chain
from typing import Any, get_type_hints

import hypothesis
from hypothesis import strategies as st

from services.ranking import events as own
from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import RankingOutcome, ranking
from services.ranking.read_model.table import Table
from services.submission import events as intake
from shared.canonical import canonical
from shared.commit import Commit, Run
from shared.events import Sealed
from shared.projection import Projector
from tests.unit.ranking.stories import (
    SEED,
    commits_of,
    folded,
    in_turn,
    projected,
    submitted,
    turns_of,
    until_exhibited,
    until_judged,
)


class EventByEvent(RankingProjection):
    """The projection without its fast path, which defines the expected table."""

    def apply_run(self, table: Table, run: Run, commit: str) -> bool:  # noqa: ARG002 -- as in the protocol
        return False


@cache
def log_after_log() -> tuple[dict[str, list[Commit]], bytes, RankingOutcome]:
    """Return the commits of a whole campaign, the bytes of its table, and its ranking."""
    story = until_exhibited()
    return commits_of(story), projected(story).canonical(), ranking(folded(story), seed=SEED)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(st.data())
def test_any_interleaving_of_a_campaign_folds_to_the_same_bytes(data: st.DataObject) -> None:
    commits, table, result = log_after_log()
    projector = Projector(RankingProjection())

    for commit in in_turn(commits, data.draw(turns_of(commits))):
        projector.take_in(commit)

    assert table == projector.canonical()
    assert result == ranking(projector.table, seed=SEED)


@hypothesis.settings(max_examples=50, deadline=None)
@hypothesis.given(st.data())
def test_apply_run_equals_apply(data: st.DataObject) -> None:
    commits, _, _ = log_after_log()
    order = in_turn(commits, data.draw(turns_of(commits)))
    by_event, by_run = Projector(EventByEvent()), Projector(RankingProjection())

    for commit in order:
        by_event.take_in(commit)
        by_run.take_in(commit)

        assert by_event.canonical() == by_run.canonical()


def test_a_snapshot_at_any_commit_and_the_tail_give_what_zero_gives() -> None:
    story = until_exhibited()
    commits = commits_of(story)
    turns = [log for log, each in commits.items() for _ in each]
    order = in_turn(commits, reversed(turns))
    whole = projected(story).canonical()

    for k in range(len(order)):
        start = Projector(RankingProjection())
        for commit in order[:k]:
            start.take_in(commit)
        resumed = Projector(RankingProjection(), table=Table.load(start.table.dump()), cut=start.cut)
        for commit in order[k:]:
            resumed.take_in(commit)

        assert whole == resumed.canonical()


def test_the_table_is_plain_data_with_canonical_bytes() -> None:
    table = folded(until_exhibited())

    assert canonical(table.dump()) == canonical(Table.load(table.dump()).dump())


def test_a_roll_takes_effect_at_its_closing_event() -> None:
    row = intake.RollRow("u9", "unit 9", "grassroots", "state", "city 9", "", "")
    closing = intake.RollImported("new", 1, 1, "0" * 64, by="op", at=1)
    story = until_judged()
    before = set(folded(story).units)

    story["submission"].append([intake.RollChunk("new", 0, (row,))])
    assert before == set(folded(story).units)

    story["submission"].append([closing])
    assert {"u9"} == set(folded(story).units)
    assert folded(story).chunks == []


def test_a_part_of_a_roll_beyond_those_that_its_closing_event_names_has_no_effect() -> None:
    rows = [intake.RollRow(code, "unit", "grassroots", "state", "city", "", "") for code in ("u8", "u9")]
    parts = [intake.RollChunk("new", k, (row,)) for k, row in enumerate(rows)]
    story = until_judged()

    story["submission"].append([*parts, intake.RollImported("new", 1, 1, "0" * 64, by="op", at=1)])

    assert {"u8"} == set(folded(story).units)
    assert folded(story).chunks == []


def test_an_entry_is_judged_by_the_version_that_was_approved() -> None:
    story = until_judged()
    story["submission"].append([submitted("u2-1", version=3, at=9)])

    judged = folded(story).entries["u2-1"].judged_version

    assert judged is not None
    assert judged.version == 2


def test_an_approval_waits_for_its_entry() -> None:
    story = until_judged()
    del story["submission"]

    assert [entry for entry, facts in folded(story).entries.items() if facts.is_public or facts.is_ranked] == []


def test_events_that_ranking_does_not_care_for_change_nothing() -> None:
    story = until_judged()
    before = projected(story).canonical()
    story["submission"].append([intake.ConsentGiven("u1-1", 1, "words", at=1)])

    assert before == projected(story).canonical()


def test_a_revised_mark_replaces_the_one_before_and_a_recusal_drops_it() -> None:
    sheets = folded(until_judged()).sheets

    assert [brief(each) for each in sheets["u2-1"]] == [("j1", 90, True), ("j2", 88, True)]
    assert [brief(each) for each in sheets["u1-1"]] == [("j1", 80, True), ("j2", 82, True), ("j3", 100, False)]


def brief(sheet: Any) -> tuple[str, int, bool]:
    return sheet.judge, sheet.marks[0][1], sheet.counts


def test_what_was_published_stays_when_a_new_proposal_is_signed() -> None:
    story = until_exhibited()
    published = folded(story).published
    first = next(event for event in chain(*story["ranking"]) if isinstance(event, own.ResultProposed))
    second = replace(first, proposal="P2", digest="0" * 64, winners=())

    story["ranking"] += [[second], [own.ResultSigned("P2", second.digest, by="o1", at=1)]]

    assert published == folded(story).published


def test_what_is_published_shares_nothing_with_the_proposal() -> None:
    story = until_exhibited()
    published = folded(story).published
    assert published is not None

    story["ranking"].append([own.ResultSigned("P1", published.digest, by="o3", at=1)])

    assert published == folded(story).published


def test_no_sealed_field_reaches_the_table_or_the_ranking() -> None:
    """A table therefore does not depend on the keys and nonces of sealed fields, nor on whether they were forgotten."""
    story = until_exhibited()
    sealed_anew = {log: [[*map(_sealed_anew, commit)] for commit in commits] for log, commits in story.items()}

    assert sealed_anew != story
    assert projected(sealed_anew).canonical() == projected(story).canonical()
    assert ranking(folded(sealed_anew), seed=SEED) == ranking(folded(story), seed=SEED)


def _sealed_anew(fact: Any) -> Any:
    hints = get_type_hints(type(fact))
    return replace(fact, **{each.name: Sealed("p.x.1.other") for each in fields(fact) if hints[each.name] is Sealed})
