"""Positions are opaque to whoever may not see how many likes or marks there are."""

import pytest

from gateway.http.position_tokens import SEE_POSITIONS, TOKENS_MAX, PositionTokens
from gateway.http.problems import Problem
from tests.unit.gateway.town import Visitor, code

TOKENS = PositionTokens(bytes(32))
NOBODY: frozenset[str] = frozenset()
UNSEEING = ("", "voter", "unit", "judge", "moderator")


def test_token_gives_its_position_back():
    text = f"{TOKENS.make('ranking', 7)}, {TOKENS.make('vote.3', 9)}"

    assert TOKENS.read(text, NOBODY) == {"ranking": 7, "vote.3": 9}


def test_later_of_two_positions_in_a_log_counts():
    assert TOKENS.read(f"{TOKENS.make('ranking', 7)},{TOKENS.make('ranking', 3)}", NOBODY) == {"ranking": 7}


def test_tokens_tell_no_position_and_no_log():
    early, again, late = TOKENS.make("scoring", 1), TOKENS.make("scoring", 1), TOKENS.make("vote.cases", 123_456_789)

    assert len({early, again, late}) == 3
    assert {len(each) for each in (early, again, late)} == {len(early)}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("vote.0:5", id="a number that somebody tries"),
        pytest.param(PositionTokens(b"x" * 32).make("vote.0", 5), id="a token of another campaign"),
        pytest.param(TOKENS.make("vote.0", 5)[:-2] + "AA", id="an altered token"),
        pytest.param("here", id="anything else"),
        pytest.param(",".join([TOKENS.make("vote.0", 5)] * (TOKENS_MAX + 1)), id="too many"),
    ],
)
def test_whatever_is_not_a_token_is_refused_alike(text: str):
    with pytest.raises(Problem, match="position-invalid"):
        TOKENS.read(text, frozenset({"voter", "judge", "moderator", "unit"}))


@pytest.mark.parametrize("role", sorted(SEE_POSITIONS))
def test_who_may_see_counts_may_write_a_position(role: str):
    assert TOKENS.read("vote.0:5,scoring:2", frozenset({role})) == {"vote.0": 5, "scoring": 2}


@pytest.mark.parametrize("role", UNSEEING)
@pytest.mark.parametrize("n", [1, 9, 10_000_000])
def test_nobody_can_count_commits_by_asking(visitor: Visitor, role: str, n: int):
    """The answer is the same, and comes at once, whether the log has come that far or not."""
    visitor.views.note_position("vote.0", 9)

    answer = visitor.request("GET", f"/campaign?at_least=vote.0:{n}", role=role)

    assert (answer.status_code, code(answer)) == (400, "position-invalid")


def test_answer_to_a_command_names_no_number(visitor: Visitor):
    visitor.town.n = 4_711

    answer = visitor.request("POST", "/my/entries/u1-1/withdrawal", role="unit", key="k1", json={})

    assert "4712" not in answer.text
    assert visitor.app_context.position_tokens.read(answer.json()["position"], NOBODY) == {"submission": 4_712}
