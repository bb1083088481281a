"""Operations that cancel out leave no trace: hold and release, void and restore, and any order of the logs.

Checked from the events, through the projection, to the bytes of the result.
"""

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from services.ranking.read_model.projection import RankingProjection
from services.ranking.read_model.ranking_input import RankingOutcome, ranking
from shared.projection import Projector
from tests.unit.ranking.stories import (
    SEED,
    Story,
    commits_of,
    doubled,
    folded,
    held,
    in_turn,
    liked,
    released,
    restored,
    turns_of,
    until_judged,
    voided,
)

pytestmark = pytest.mark.slow  # generates examples for minutes

LIKES = 12
ENTRIES = ("u1-1", "u2-1", "u3-1")


def crowded(fans: list[int]) -> tuple[Story, dict[str, str]]:
    """Return the judged story with more valid likes in the second partition, and each like's entry by its address."""
    story = until_judged()
    closing = story["vote.1"].pop()
    n = len(story["vote.1"]) + 1
    story["vote.1"] += [[liked(ENTRIES[fan], voter=f"fan-{k}") for k, fan in enumerate(fans)], closing]
    return story, {f"vote.1/{n}/{k}": ENTRIES[fan] for k, fan in enumerate(fans)}


def outcome(story: Story) -> RankingOutcome:
    result = ranking(folded(story), seed=SEED)
    assert result.refused is None
    return result


_fans = st.lists(st.integers(0, 2), min_size=1, max_size=LIKES)
_there_and_back = st.sampled_from([(held, released), (voided, restored), (doubled, restored)])


@hypothesis.settings(max_examples=40)
@hypothesis.given(_fans, st.data())
def test_deeds_upon_likes_that_are_taken_back_change_no_byte(fans: list[int], data: st.DataObject) -> None:
    story, entry_of = crowded(fans)
    before = outcome(story)
    open_deeds: list[tuple[Any, str, list[str]]] = []
    for _ in range(data.draw(st.integers(1, 6))):
        there, back = data.draw(_there_and_back)
        entry = data.draw(st.sampled_from(sorted(set(entry_of.values()))))
        likes = data.draw(st.sampled_from([own := [a for a, e in entry_of.items() if e == entry], own[:1], own[::2]]))
        if any(set(likes) & set(each[2]) for each in open_deeds):
            continue  # the first release ends a hold by two cases, so the second release does not undo anything
        story["vote.cases"].append([there(entry, *likes)])
        open_deeds.append((back, entry, likes))

    touched = folded(story)
    for back, entry, likes in data.draw(st.permutations(open_deeds)):
        story["vote.cases"].append([back(entry, *likes)])

    assert outcome(story) == before
    assert touched.likes.valid() != folded(story).likes.valid() or not open_deeds


@hypothesis.settings(max_examples=40)
@hypothesis.given(_fans, st.data())
def test_a_deed_upon_a_like_takes_its_count_until_it_is_taken_back(fans: list[int], data: st.DataObject) -> None:
    story, entry_of = crowded(fans)
    there, back = data.draw(_there_and_back)
    like, entry = data.draw(st.sampled_from(sorted(entry_of.items())))

    counts = [folded(story).likes.valid()[entry]]
    for deed in (there, back, there, back):
        story["vote.cases"].append([deed(entry, like)])
        counts.append(folded(story).likes.valid()[entry])

    assert counts == [counts[0], counts[0] - 1, counts[0], counts[0] - 1, counts[0]]


@hypothesis.settings(max_examples=40)
@hypothesis.given(_fans, st.data())
def test_every_interleaving_of_the_logs_gives_the_bytes_of_the_result(fans: list[int], data: st.DataObject) -> None:
    story, entry_of = crowded(fans)
    like, entry = data.draw(st.sampled_from(sorted(entry_of.items())))
    story["vote.cases"].append([voided(entry, like)])
    commits = commits_of(story)
    projector = Projector(RankingProjection())

    for commit in in_turn(commits, data.draw(turns_of(commits))):
        projector.take_in(commit)

    assert ranking(projector.table, seed=SEED) == outcome(story)
