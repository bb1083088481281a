"""A change set: what its preview says is what happens when it is applied, in ranking, scoring and the public totals."""

from typing import Any

import pytest

from services.moderation import events as desk
from services.moderation.events import ChangesApplied, ChangesProposed, Correction, LikesExcluded, MarkExcluded
from services.ranking.read_model.like_counts import Likes
from services.scoring import state as scoring_state
from services.scoring.events import Criterion, EntriesAssigned, ScoreGiven
from shared.reference_numbers import reference_number
from tests.unit.ranking.stories import DAY, END, folded, liked, until_judged
from tests.unit.ranking.test_service import KEYS, Office

AT = END + DAY
TYPE = Correction("type", "u3-1", "填错", type="state")
OUT = Correction("disqualification", "u1-1", "虚假")
LIKES = Correction("likes", "u3-1", "机器", likes=("vote.1/1/1",), evidence="e" * 64)
EVENTS = {
    "type": desk.TypeCorrected("u3-1", "state", "填错", "o2", AT),
    "disqualification": desk.EntryDisqualified("u1-1", "虚假", "o2", AT),
    "likes": LikesExcluded("C1", "u3-1", LIKES.likes, ("o1", "o2"), "机器", "e" * 64, AT),
}
APPLIED = ChangesApplied("C1", "d" * 64, "o1", "o2", AT)


def proposed(*corrections: Correction) -> ChangesProposed:
    return ChangesProposed("C1", corrections, "抽查", "o1", AT)


def office(*corrections: Correction) -> Office:
    return Office(moderation=[proposed(*corrections)])


def places(rows: list[dict[str, Any]]) -> dict[str, tuple[str, int]]:
    return {row["entry"]: (row["type"], row["place"]) for row in rows}


@pytest.mark.parametrize("corrections", [(TYPE,), (OUT,), (LIKES,), (TYPE, OUT, LIKES)])
def test_what_the_preview_says_is_what_happens(corrections: tuple[Correction, ...]):
    town = office(*corrections)
    before, seen = town.ok("table")["table"], town.ok("preview_changes", changes="C1")
    town.service.log.append("moderation", *(EVENTS[each.kind] for each in corrections), APPLIED)
    after = town.ok("table")["table"]

    expected = {
        entry: (places(before["rows"]).get(entry), places(after["rows"]).get(entry)) for entry in places(before["rows"])
    }
    rows = {
        each["entry"]: tuple(side and (side["type"], int(side["place"])) for side in (each["before"], each["after"]))
        for each in seen["rows"]
    }
    winners = [{row["entry"] for row in table["rows"] if row["winner"]} for table in (before, after)]
    assert rows.items() <= expected.items()
    assert {entry for entry, (was, becomes) in expected.items() if was != becomes} <= rows.keys()
    assert (set(seen["leaves"]), set(seen["enters"])) == (winners[0] - winners[1], winners[1] - winners[0])


def test_the_digest_is_the_same_for_the_same_and_another_for_another_preview():
    town = office(OUT)
    first = town.ok("preview_changes", changes="C1")
    assert town.ok("preview_changes", changes="C1") == first
    town.service.log.append("moderation", EVENTS["type"])
    assert town.ok("preview_changes", changes="C1")["digest"] != first["digest"]


def test_a_preview_is_sealed_with_how_many_sets_were_applied():
    town = office(OUT)
    seen = town.ok("preview_changes", changes="C1")
    sealed = f"C1 {seen['digest']} 0 True"
    assert (seen["applied"], seen["seal"]) == (0, reference_number(KEYS.receipt, "changes-preview", sealed))
    town.service.log.append("moderation", APPLIED)
    assert town.ok("preview_changes", changes="C1")["applied"] == 1


@pytest.mark.parametrize(
    ("correction", "problem"),
    [
        (Correction("likes", "u3-1", "机器", likes=("vote.0/1/0",), evidence="e" * 64), "like-unknown"),
        (Correction("likes", "u3-1", "机器", likes=("vote.0/99/0",), evidence="e" * 64), "like-unknown"),
        (Correction("mark", "u1-1", "回避", judge="j3"), "score-unknown"),  # recused: the mark does not count
    ],
)
def test_a_set_that_names_what_is_not_there_is_not_sound(correction: Correction, problem: str):
    seen = office(correction).ok("preview_changes", changes="C1")
    assert (seen["sound"], seen["corrections"][0]["problem"]) == (False, problem)


def test_without_all_marks_entries_are_compared_by_likes_alone():
    seen = office(Correction("mark", "u1-1", "回避", judge="j1")).ok("preview_changes", changes="C1")
    assert (seen["by_likes_alone"], [each["code"] for each in seen["obstacles"]]) == (True, ["marks-missing"])
    assert (seen["enters"], seen["leaves"], seen["sound"]) == ([], [], True)


def test_an_unknown_set_has_no_preview():
    assert Office().call("preview_changes", changes="C1")["refused"]["code"] == "changes-unknown"


def test_judges_and_moderators_see_no_preview():
    for role in ("judge", "moderator", "unit", "voter"):
        assert office(OUT).call("preview_changes", role=role, changes="C1")["refused"]["code"] == "role-missing"


def test_likes_that_a_set_voided_count_no_more_and_a_restoration_of_others_changes_nothing():
    story = until_judged()
    story["moderation"].append([EVENTS["likes"]])
    table = folded(story)
    assert table.likes.valid()["u3-1"] == folded(until_judged()).likes.valid()["u3-1"] - 1
    table.likes.restore("u3-1", LIKES.likes)
    assert Likes.load(table.likes.dump()).valid() == table.likes.valid()
    assert not table.likes.does_count("u3-1", "vote.1/1/1")


def test_likes_may_be_voided_before_they_arrive():
    early, late = Likes(), Likes()
    early.exclude("u1-1", ("vote.0/1/0",))
    early.cast(liked("u1-1"), "vote.0/1/0")
    late.cast(liked("u1-1"), "vote.0/1/0")
    late.exclude("u1-1", ("vote.0/1/0",))
    assert early.dump() == late.dump()


def test_a_mark_that_a_set_excluded_counts_for_no_fold_in_whatever_order_the_logs_come():
    excluded = MarkExcluded("C1", "j1", "u1-1", "回避", "o1", AT)
    given = (
        EntriesAssigned("j1", ("u1-1",), "o1", AT),
        ScoreGiven("j1", "u1-1", 1, (Criterion("content", 80),), None, AT),
    )
    states = []
    for events in ((excluded, *given), (*given, excluded)):
        state = scoring_state.ScoringState()
        for each in events:
            state = scoring_state.evolve(state, each)
        states.append(state)
    assert states[0] == states[1]
    assert states[0].marked_entries("j1") == ()
    story = until_judged()
    story["moderation"].append([excluded])
    assert [each.judge for each in folded(story).sheets["u1-1"] if each.counts] == ["j2"]
