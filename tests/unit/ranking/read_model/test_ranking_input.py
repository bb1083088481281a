"""The input of the canonical ranking: who is ranked, by which facts, and that nothing else changes a byte."""

from dataclasses import replace
from typing import Any

import pytest

from services.moderation import events as desk
from services.ranking import events as own
from services.ranking.calculation.cohort import Contender
from services.ranking.read_model.ranking_input import candidates_of, contenders, lot_root, ranking
from services.ranking.read_model.table import Table
from services.scoring import events as scoring
from services.submission import events as intake
from services.voting import events as votes
from shared.decider import Refused
from tests.unit.ranking.stories import (
    SEED,
    START,
    Story,
    campaign,
    folded,
    liked,
    locked,
    marked,
    until_exhibited,
    until_judged,
)


def story_with(log: str, *facts: object) -> Story:
    """Return the story until judging, with these facts added as another commit of a log."""
    story = until_judged()
    story[log].append(list(facts))
    return story


def disqualified(entry: str) -> object:
    return desk.EntryDisqualified(entry, "false", by="o1", at=START)


def test_candidates_have_their_valid_likes_and_the_hand_in_that_was_judged() -> None:
    found = {
        each.entry: (each.type, each.likes, each.handed_in - START) for each in candidates_of(folded(until_judged()))
    }

    assert found == {"u1-1": ("state", 1, -9), "u2-1": ("state", 3, -6), "u3-1": ("private", 3, -9)}


def test_marks_of_a_judge_who_stepped_back_are_left_out() -> None:
    marks = {each.entry: [mark.judge for mark in each.marks] for each in candidates_of(folded(until_judged()))}

    assert marks == {"u1-1": ["j1", "j2"], "u2-1": ["j1", "j2"], "u3-1": ["j1", "j2"]}


@pytest.mark.parametrize(
    ("log", "fact"),
    [
        pytest.param("moderation", disqualified("u1-1"), id="disqualified"),
        pytest.param("submission", intake.EntryWithdrawn("u1-1", by="u1", reason="", at=START), id="withdrawn"),
    ],
)
def test_who_is_out_leaves_the_population(log: str, fact: object) -> None:
    outcome = ranking(folded(story_with(log, fact)), seed=SEED)

    assert [row["entry"] for row in outcome.table["rows"]] == ["u3-1", "u2-1"]
    assert outcome.digest != ranking(folded(until_judged()), seed=SEED).digest


def test_a_frozen_entry_stays_in_the_population() -> None:
    frozen = story_with("moderation", desk.EntryFrozen("u1-1", "complaint", by="m", at=START))

    assert ranking(folded(until_judged()), seed=SEED) == ranking(folded(frozen), seed=SEED)


def test_before_the_cohort_is_fixed_the_shortlist_is_ranked() -> None:
    story = until_judged()
    story["ranking"].pop()

    assert [each.entry for each in candidates_of(folded(story))] == ["u1-1", "u2-1", "u3-1"]


def test_once_it_is_fixed_the_cohort_is_ranked() -> None:
    story = until_judged()
    story["ranking"][-1] = [own.CohortFixed({}, ("u1-1", "u3-1"), at=START)]

    assert [each.entry for each in candidates_of(folded(story))] == ["u1-1", "u3-1"]


def test_a_disqualified_entry_of_the_cohort_keeps_its_place_among_the_contenders() -> None:
    expected = (Contender("u1-1", "state", 1), Contender("u2-1", "state", 3), Contender("u3-1", "private", 3))

    assert expected == contenders(folded(story_with("moderation", disqualified("u2-1"))))


def test_too_few_marks_are_refused_with_their_entries() -> None:
    story = story_with("scoring", scoring.ScoreExcluded("j2", "u3-1", "asleep", by="o1", at=START))

    refused = ranking(folded(story), seed=SEED).refused

    assert refused is not None
    assert refused.code == "marks-missing"
    assert refused.detail["entries"] == ["u3-1"]


CALLED = scoring.ThirdReadingCalled("u3-1", 2_000, marks=3, at=START)


def test_a_third_reading_that_was_called_stops_the_result_until_its_mark_is_there() -> None:
    stages = [(CALLED,), (CALLED, marked("u3-1", "j3", 70))]

    refused = [ranking(folded(story_with("scoring", *facts)), seed=SEED).refused for facts in stages]

    assert refused == [
        Refused("marks-missing", detail={"entries": ["u3-1"], "third_readings": True}),
        None,
    ]


@pytest.mark.parametrize(
    ("further", "facts", "refused"),
    [
        pytest.param("9", (), True, id="further apart than the rules allow"),
        pytest.param("10", (), False, id="as far apart as the rules allow"),
        pytest.param("9", (marked("u3-1", "j3", 70),), False, id="with its further mark"),
        pytest.param(None, (), False, id="where the rules name no spread"),
    ],
)
def test_marks_apart_stop_the_result_before_anybody_called_a_third_reading(
    further: str | None, facts: tuple[object, ...], refused: bool
) -> None:
    given = replace(campaign(), judging=replace(campaign().judging, third_reading=further))
    story = story_with(
        "scoring", marked("u3-1", "j2", 70, revised=True), marked("u3-1", "j1", 80, revised=True), *facts
    )
    story["moderation"].append([locked(given)])

    found = ranking(folded(story), seed=SEED).refused

    missing = Refused("marks-missing", detail={"entries": ["u3-1"], "third_readings": True})
    assert found == (missing if refused else None)


def test_a_third_reading_of_a_disqualified_entry_stops_nothing() -> None:
    story = story_with("scoring", CALLED)
    story["moderation"].append([disqualified("u3-1")])

    assert ranking(folded(story), seed=SEED).refused is None


def test_another_seed_than_the_committed_one_is_refused() -> None:
    refused = ranking(folded(until_judged()), seed=b"another").refused

    assert refused is not None
    assert refused.code == "seed-mismatch"


def test_without_a_campaign_there_is_no_ranking() -> None:
    assert Refused("campaign-not-open") == ranking(Table(), seed=SEED).refused


def test_the_ranking_names_the_hash_of_the_locked_rules_and_not_of_windows_moved_since() -> None:
    assert locked().rule_hash == ranking(folded(until_judged()), seed=SEED).table["rule_hash"]


@pytest.mark.parametrize(
    ("log", "facts"),
    [
        pytest.param("moderation", [desk.ClockMoved(9, by="o1")], id="the clock"),
        pytest.param("moderation", [desk.WindowMoved("exhibition", 1, 2, "rain", by="o1", at=1)], id="a window"),
        pytest.param("ranking", [own.CutTaken(START, {"moderation": 3})], id="a cut"),
        pytest.param("vote.1", [liked("u1-1", held="burst")], id="a held like"),
        pytest.param("scoring", [marked("u5-1", "j1", 3)], id="a mark of an entry that is out"),
    ],
)
def test_what_is_no_part_of_the_result_moves_no_byte(log: str, facts: list[Any]) -> None:
    assert ranking(folded(until_judged()), seed=SEED) == ranking(folded(story_with(log, *facts)), seed=SEED)


def test_proposing_signing_and_publishing_move_no_byte() -> None:
    assert ranking(folded(until_judged()), seed=SEED) == ranking(folded(until_exhibited()), seed=SEED)


def test_held_likes_are_known_as_long_as_they_wait() -> None:
    table = folded(story_with("vote.cases", votes.LikesHeld("case", "u3-1", ("vote.0/3/0",), "burst", at=START)))

    assert table.likes.held() == 1
    assert folded(until_judged()).likes.held() == 0


def test_the_root_of_the_lot_follows_the_closing_of_each_partition() -> None:
    story = until_judged()
    story["vote.1"][-1] = [votes.PollClosed(1, START)]

    assert lot_root(folded(until_judged())) != lot_root(folded(story))
    assert len(lot_root(folded(story))) == 32
