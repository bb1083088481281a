"""A proof holds for one session of one person, for minutes, and only with the campaign's key."""

import pytest

from shared.step_up_proofs import LIFE_MS, StepUpProofs

NOW = 1_623_038_400_000
KEY = b"k" * 32


def proofs(key: bytes = KEY, at: int = NOW) -> StepUpProofs:
    return StepUpProofs(key, now=lambda: at)


def test_proof_holds_for_five_minutes():
    proof, until = proofs().issue("s1", "li")

    held = [proofs(at=at).holds(proof, "s1", "li") for at in (NOW, NOW + LIFE_MS - 1, NOW + LIFE_MS)]

    assert (until, held) == (NOW + 300_000, [True, True, False])


@pytest.mark.parametrize(
    ("reader", "session", "staff"),
    [
        pytest.param(proofs(), "s2", "li", id="of another session"),
        pytest.param(proofs(), "s1", "wang", id="of another person"),
        pytest.param(proofs(), "", "li", id="of a session without a name"),
        pytest.param(proofs(b"x" * 32), "s1", "li", id="of another key"),
    ],
)
def test_proof_counts_for_nothing_else(reader: StepUpProofs, session: str, staff: str):
    proof, _ = proofs().issue("s1", "li")

    assert not reader.holds(proof, session, staff)


@pytest.mark.parametrize("text", ["", "x", "." * 1_000, "WzEsMl0.abc"])
def test_text_that_is_no_proof_counts_for_nothing(text: str):
    assert not proofs().holds(text, "s1", "li")
