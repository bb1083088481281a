"""The price of a like as a pure function of its source."""

import hypothesis
import pytest
from hypothesis import strategies as some

from gateway.admission.risk import LADDER, Facts, Verdict, assess

NONE, CHALLENGE, CHALLENGE8, HOLD = LADDER
LEVELS = some.integers(0, 3)
FACTS = some.builds(
    Facts, LEVELS, LEVELS, LEVELS, some.booleans(), some.booleans(), some.sampled_from(["web", "wechat", "service"]),
    some.sampled_from(["MicroMessenger", "Chrome", "curl", "python", "HeadlessChrome", "other"]),
    some.sampled_from(["", "same-origin", "none", "cross-site"]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(Facts(), NONE, id="an ordinary like"),
        pytest.param(Facts(address=1), CHALLENGE, id="a busy address"),
        pytest.param(Facts(network=1), CHALLENGE, id="a busy network"),
        pytest.param(Facts(device=1), CHALLENGE, id="a device that is handed round"),
        pytest.param(Facts(address=2, network=1), CHALLENGE8, id="the busiest counts"),
        pytest.param(Facts(network=3), HOLD, id="beyond the last step"),
        pytest.param(Facts(surge=True, young=True), CHALLENGE, id="a new session in a surge"),
        pytest.param(Facts(surge=True), NONE, id="an old session in a surge"),
        pytest.param(Facts(young=True), NONE, id="a new session"),
        pytest.param(Facts(door="wechat", agent="Chrome"), NONE, id="a WeChat like outside WeChat, slow"),
        pytest.param(Facts(address=1, door="wechat", agent="Chrome"), CHALLENGE8, id="the same, fast"),
        pytest.param(Facts(address=1, door="wechat", agent="MicroMessenger"), CHALLENGE, id="inside WeChat, fast"),
        pytest.param(Facts(agent="HeadlessChrome"), NONE, id="a robot, slow"),
        pytest.param(Facts(network=2, agent="curl"), HOLD, id="a robot, fast"),
        pytest.param(Facts(address=1, site="cross-site"), CHALLENGE8, id="from another site with a token, fast"),
    ],
)
def test_price(facts: Facts, expected: Verdict):
    assert expected is assess(facts)


@hypothesis.given(FACTS)
def test_oddness_alone_costs_nothing(facts: Facts):
    slow = Facts(0, 0, 0, False, facts.young, facts.door, facts.agent, facts.site)

    assert assess(slow) is NONE


@hypothesis.given(FACTS, FACTS)
def test_price_never_falls_where_a_source_becomes_faster(a: Facts, b: Facts):
    faster = Facts(
        max(a.address, b.address), max(a.network, b.network), max(a.device, b.device), a.surge or b.surge, a.young,
        a.door, a.agent, a.site,
    )  # fmt: skip

    assert LADDER.index(assess(a)) <= LADDER.index(assess(faster))
