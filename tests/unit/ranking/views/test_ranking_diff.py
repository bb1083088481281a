"""Differences between two rankings: who enters, who leaves, who moves, and why."""

from typing import Any

from services.ranking.views.ranking_diff import changes


def row(entry: str, place: int, seat: str | None, *, final: str = "90/1", type: str = "state") -> dict[str, Any]:
    return {
        "entry": entry,
        "type": type,
        "place": place,
        "seat": seat,
        "seat_reason": "type-quota" if seat else None,
        "winner": seat is not None,
        "final": final,
    }


BEFORE = [row("a", 1, "state-01", final="95/1"), row("b", 2, "state-02"), row("c", 3, None, final="80/1")]


def summary(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["entry"], each["kind"], each["why"]) for each in found]


def test_nothing_changes_between_equal_rankings() -> None:
    assert changes(BEFORE, BEFORE, disqualified={}) == []


def test_who_is_disqualified_goes_and_the_next_comes_with_its_seat() -> None:
    after = [row("b", 1, "state-01"), row("c", 2, "state-02", final="80/1")]

    found = changes(BEFORE, after, disqualified={"a": 7})

    assert summary(found) == [
        ("b", "moved", "others-moved"),
        ("c", "came", "seat-won"),
        ("a", "went", "disqualified"),
    ]
    assert (found[1]["before"]["place"], found[1]["after"]["seat"], found[2]["after"]) == (3, "state-02", None)


def test_who_is_outranked_goes_and_is_still_ranked() -> None:
    after = [row("a", 1, "state-01", final="95/1"), row("c", 2, "state-02", final="91/1"), row("b", 3, None)]

    assert summary(changes(BEFORE, after, disqualified={})) == [("c", "came", "seat-won"), ("b", "went", "outranked")]


def test_who_left_otherwise_is_not_ranked() -> None:
    assert summary(changes(BEFORE, BEFORE[1:], disqualified={})) == [("a", "went", "not-ranked")]


def test_changed_score_of_a_winner_is_said() -> None:
    after = [row("a", 1, "state-01", final="96/1"), *BEFORE[1:]]

    assert summary(changes(BEFORE, after, disqualified={})) == [("a", "moved", "score-changed")]


def test_entry_that_was_not_ranked_before_is_newly_ranked() -> None:
    after = [*BEFORE, row("z", 1, "private-01", type="private")]

    assert summary(changes(BEFORE, after, disqualified={})) == [("z", "came", "newly-ranked")]
