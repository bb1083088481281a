"""Marks that the ranking counts although their judge has a conflict now."""

from dataclasses import replace

from services.ranking.read_model.conflicted_marks import conflicted_marks
from services.scoring import events as scoring
from services.submission import events as intake
from shared.events import Sealed
from tests.unit.ranking.stories import END, folded, until_judged


def appointed(judge: str, *, employer: str = "", city: str = "", declared: tuple[str, ...] = ()) -> object:
    return scoring.JudgeAppointed(judge, Sealed("c1.n"), employer, city, declared, by="o1", at=END)


def test_conflict_that_was_declared_after_the_mark_is_named():
    story = until_judged()
    story["scoring"].append([appointed("j1", declared=("u2",)), appointed("j2", city="city 1")])

    assert conflicted_marks(folded(until_judged())) == []
    assert conflicted_marks(folded(story)) == [{"entry": "u2-1", "judge": "j1", "why": "declared"}]


def test_employer_of_a_later_roll_is_compared_as_it_reads_and_an_excluded_mark_is_settled():
    story = until_judged()
    row = intake.RollRow("u1", "unit 1", "grassroots", "state", "city 1", "（杭州）电厂\u200b", "")
    story["submission"].append(
        [intake.RollChunk("s", 0, (row,)), intake.RollImported("s", 1, 1, "1" * 64, by="op", at=END)]
    )
    story["scoring"].append([appointed("j1", employer="杭州电厂"), appointed("j3", employer="杭州电厂")])
    settled = {
        **story,
        "scoring": [*story["scoring"], [scoring.ScoreExcluded("j1", "u1-1", "own employer", "o1", END)]],
    }

    assert conflicted_marks(folded(story)) == [{"entry": "u1-1", "judge": "j1", "why": "employer"}]
    assert conflicted_marks(folded(settled)) == []


def test_conflict_of_the_time_of_the_hand_in_stays_whatever_a_later_roll_says():
    story = until_judged()
    story["submission"][2] = [
        replace(each, unit_name="unit", city="city", employer="杭州电厂") if each.entry == "u1-1" else each
        for each in story["submission"][2]
    ]
    row = intake.RollRow("u1", "unit 1", "grassroots", "state", "city 1", "", "")
    story["submission"].append(
        [intake.RollChunk("s", 0, (row,)), intake.RollImported("s", 1, 1, "1" * 64, by="op", at=END)]
    )
    story["scoring"].append([appointed("j1", employer="杭州电厂")])

    assert conflicted_marks(folded(story)) == [{"entry": "u1-1", "judge": "j1", "why": "employer"}]
