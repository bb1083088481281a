"""Load shedding: the order of what is shed, and that a like never is."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.load import load_meter
from gateway.load.shedding import (
    CALM_S,
    LIMITS,
    QUEUE_ONLY,
    Pressure,
    Shed,
    Shedding,
    ShedState,
    step,
)
from gateway.routes import ROUTES
from gateway.routing.route import VOTER, Route
from gateway.staff.sign_in import me
from tests.unit.gateway.town import (
    ENTRIES,
    VIEWS,
    Visitor,
    board,
    code,
)

pressures = st.builds(
    Pressure,
    loop_lag_ms=st.floats(0, 20_000),
    in_flight=st.integers(0, 10_000),
    likes_waiting=st.integers(0, 100_000),
)
standings = st.builds(ShedState, level=st.integers(0, QUEUE_ONLY), calm_since_s=st.none() | st.floats(0, 100))
CALM = Pressure()


def pressed(times: float) -> Pressure:
    return Pressure(loop_lag_ms=LIMITS.loop_lag_ms * times)


def at(level: int) -> Shedding:
    shedding = Shedding()
    shedding.record(pressed(level), 0.0)
    return shedding


# The level.


@given(standings, pressures, st.floats(0, 1000))
def test_level_falls_by_one_at_most(state: ShedState, pressure: Pressure, now_s: float):
    after = step(state, pressure, now_s)

    assert state.level - 1 <= after.level <= QUEUE_ONLY
    assert after.level >= 0


@given(standings, pressures, pressures, st.floats(0, 1000))
def test_more_load_never_sheds_less(state: ShedState, one: Pressure, other: Pressure, now_s: float):
    more = Pressure(
        max(one.loop_lag_ms, other.loop_lag_ms),
        max(one.in_flight, other.in_flight),
        max(one.likes_waiting, other.likes_waiting),
    )

    assert step(state, more, now_s).level >= step(state, one, now_s).level


@given(st.lists(st.tuples(pressures, st.floats(0.01, 3)), max_size=30))
def test_calm_for_long_enough_ends_all_shedding(steps: list[tuple[Pressure, float]]):
    state, now_s = ShedState(), 0.0
    for pressure, pause_s in steps:
        now_s += pause_s
        state = step(state, pressure, now_s)

    for n in range(QUEUE_ONLY + 2):
        state = step(state, CALM, now_s + n * CALM_S)

    assert state.level == 0


@given(st.lists(st.floats(0.75, 1.95), min_size=1, max_size=50))
def test_load_about_a_limit_does_not_make_the_level_waver(loads: list[float]):
    state = step(ShedState(), pressed(1), 0.0)
    levels = []
    for n, times in enumerate(loads):
        state = step(state, pressed(times), n * CALM_S)
        levels.append(state.level)

    assert set(levels) == {1}


@pytest.mark.parametrize(("times", "level"), [(0.99, 0), (1, 1), (2.5, 2), (3, 3), (4, 4), (90, 4)])
def test_level_is_reached_at_once(times: float, level: int):
    assert step(ShedState(), pressed(times), 0.0).level == level


@pytest.mark.parametrize(
    "pressure",
    [
        pytest.param(Pressure(loop_lag_ms=250), id="the loop is late"),
        pytest.param(Pressure(in_flight=300), id="requests gather"),
        pytest.param(Pressure(likes_waiting=5_000), id="likes wait"),
    ],
)
def test_each_measure_leads_to_shedding_alone(pressure: Pressure):
    assert step(ShedState(), pressure, 0.0).level == 1


def test_level_is_left_after_a_while_of_calm():
    shedding, levels = at(2), []

    for now_s in (1.0, 1.0 + CALM_S / 2, 1.0 + CALM_S, 1.0 + 2 * CALM_S):
        shedding.record(CALM, now_s)
        levels.append(shedding.level)

    assert levels == [2, 2, 1, 0]


def test_new_level_is_told_once():
    told: list[int] = []
    shedding = Shedding(on_change=told.append)

    for now_s, times in enumerate((0, 2, 2, 3)):
        shedding.record(pressed(times), float(now_s))

    assert told == [2, 3]


def test_one_stall_is_no_load():
    shedding = Shedding()
    meter = load_meter.LoadMeter(shedding, likes_waiting=lambda: 0)

    levels = []
    for now_s, late_s in enumerate((0.0, 15.0, 0.0, 1.0, 1.0)):
        meter.record(late_s, float(now_s))
        levels.append(shedding.level)

    assert levels == [0, 0, 0, 0, 4]


# The order of shedding.


@pytest.mark.parametrize("level", range(QUEUE_ONLY + 1))
def test_order_is_charts_search_lists_and_only_then_the_wait_for_likes(level: int):
    shedding = at(level)
    refused = []
    for shed in Shed:
        try:
            shedding.refuse(shed)
        except Exception:
            refused.append(shed)

    assert refused == [shed for shed in (Shed.CHART, Shed.SEARCH) if level >= shed]
    assert shedding.serves_stale(Shed.LIST) is (level >= 3)
    assert shedding.queue_only is (level >= 4)


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.changes or VOTER in each.roles], ids=lambda route: route.name
)
def test_what_accepts_anything_is_never_shed(route: Route):
    assert route.shed is Shed.KEEP


def test_route_that_changes_something_cannot_be_made_to_be_shed():
    with pytest.raises(ValueError, match="may not be shed"):
        Route(method="POST", path="/x", roles=frozenset({VOTER}), about="", handle=me, shed=Shed.SEARCH)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.shed.refused], ids=lambda route: route.name)
def test_route_that_may_be_refused_names_the_problem(route: Route):
    assert "shed" in route.problems


def test_shed_chart_is_a_problem_that_says_when_to_come_again(visitor: Visitor):
    visitor.app_context.shedding.record(pressed(1), 0.0)

    answer = visitor.request("GET", "/leaderboard")

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "shed", "5")
    assert visitor.request("GET", "/receipts/0.1.0.abc").status_code == 200
    assert visitor.request("GET", "/entries").status_code == 200


def test_shed_search_reaches_no_service(visitor: Visitor):
    visitor.app_context.shedding.record(pressed(2), 0.0)

    answer = visitor.request("GET", "/receipts/0.1.0.abc")

    assert (code(answer), visitor.town.calls) == ("shed", [])


@pytest.mark.parametrize(("path", "plain"), [("/entries", False), ("/", True)], ids=["list", "page"])
def test_list_under_load_is_what_was_answered_last_with_its_age(visitor: Visitor, path: str, plain: bool):
    before = visitor.request("GET", path, plain=plain)
    views = {**VIEWS, "entries": {"entries": {}}, "board": board({})}
    visitor.views.load(
        {name: {"cut": {"moderation": 5, "submission": 10}, "data": each} for name, each in views.items()}
    )
    visitor.app_context.shedding.record(pressed(3), 0.0)

    during = visitor.request("GET", path, plain=plain)
    for n in range(6):
        visitor.app_context.shedding.record(CALM, n * CALM_S)
    after = visitor.request("GET", path, plain=plain)

    assert during.content == before.content != after.content
    assert (during.headers["age"], during.headers["warning"]) == ("0", '110 baijia "Response is Stale"')
    assert "warning" not in after.headers


@pytest.mark.parametrize(("path", "plain"), [("/entries", False), ("/", True)], ids=["list", "page"])
def test_list_under_load_is_never_older_than_a_take_down_may_last(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, path: str, plain: bool
):
    """A view arrives within 30 s, so a response of up to 25 s is gone within a minute, however long the load lasts."""
    before, made = visitor.request("GET", path, plain=plain), time.monotonic()
    views = {**VIEWS, "entries": {"entries": {}}, "board": board({})}
    visitor.views.load(
        {name: {"cut": {"moderation": 5, "submission": 10}, "data": each} for name, each in views.items()}
    )
    visitor.app_context.shedding.record(pressed(3), 0.0)

    answers = {}
    for age_s in (20, 29):
        monkeypatch.setattr(visitor.app_context.response_cache, "_now", lambda age_s=age_s: made + age_s)
        answers[age_s] = visitor.request("GET", path, plain=plain)

    assert answers[20].content == before.content != answers[29].content
    assert ENTRIES["u1-1"]["unit"] not in answers[29].text


def test_list_that_was_never_answered_is_made_under_load_too(visitor: Visitor):
    visitor.app_context.shedding.record(pressed(4), 0.0)

    answers = [visitor.request("GET", "/entries") for _ in range(2)]

    assert [answer.json()["total"] for answer in answers] == [4, 4]
    assert ["warning" in answer.headers for answer in answers] == [False, True]


@pytest.mark.parametrize("level", range(QUEUE_ONLY + 1))
def test_like_is_taken_at_every_level(visitor: Visitor, level: int):
    visitor.app_context.shedding.record(pressed(level), 0.0)

    assert visitor.request("POST", "/entries/A001/like", role="voter").status_code == 200


def test_requests_are_counted_while_they_are_answered(visitor: Visitor):
    seen: list[int] = []

    def look(_: dict) -> dict:
        seen.append(visitor.app_context.shedding.in_flight)
        return {"ok": {}}

    visitor.town.answers["voting", "receipt"] = look

    visitor.request("GET", "/receipts/0.1.0.abc")

    assert (seen, visitor.app_context.shedding.in_flight) == ([1], 0)


def test_levels_and_classes_are_numbered_without_a_gap():
    assert list(itertools.chain(sorted(Shed)[:-1], [QUEUE_ONLY])) == [1, 2, 3, 4]
