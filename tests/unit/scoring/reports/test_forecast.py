"""Tests of judges' pace and forecast, computed from the times of events."""

from services.moderation import events as desk
from services.scoring.events import EntriesAssigned, ScoreExcluded
from services.scoring.reports.forecast import (
    HOUR_MS,
    MINUTE_MS,
    Forecast,
    forecasts,
    in_danger,
    minutes_left,
    pause_ms,
)
from services.scoring.state import ScoringState
from tests.unit.scoring.stories import (
    END,
    ENTRIES,
    JUDGES,
    NOON,
    START,
    assigned,
    dismissed,
    given,
    given_score,
    ready,
    revised,
)

NIGHT_MS = 14 * HOUR_MS
DAY_MS = 24 * HOUR_MS


def panel(*facts: object) -> ScoringState:
    state: ScoringState = given(*facts).state
    return state


def marked(judge: str, *at: int) -> list[object]:
    return [given_score(judge, entry, at=each) for entry, each in zip(ENTRIES, at, strict=False)]


ALL = (*ready(), assigned("ann", *ENTRIES), assigned("bob", *ENTRIES))


class TestPace:
    def test_median_pause_is_the_pace_and_a_night_is_none(self):
        times = (NOON, NOON + 10 * MINUTE_MS, NOON + 22 * MINUTE_MS, NOON + 22 * MINUTE_MS + NIGHT_MS)

        assert pause_ms(panel(*ALL, *marked("ann", *times)), "ann") == 12 * MINUTE_MS

    def test_marks_that_were_sent_together_after_a_time_offline_are_no_pace(self):
        together = [NOON + k for k in range(3)]

        assert pause_ms(panel(*ALL, *marked("ann", *together)), "ann") is None
        assert minutes_left(panel(*ALL, *marked("ann", *together)), "ann") is None
        assert pause_ms(panel(*ALL, *marked("ann", *together, NOON + 6 * MINUTE_MS + 2)), "ann") == 6 * MINUTE_MS

    def test_fewer_than_two_marks_have_no_pace(self):
        assert pause_ms(panel(*ALL, *marked("ann", NOON)), "ann") is None

    def test_revision_is_no_new_mark(self):
        facts = (*ALL, *marked("ann", NOON, NOON + 10 * MINUTE_MS))

        later = revised("ann", "U1-1", form=1, at=NOON + HOUR_MS)

        assert pause_ms(panel(*facts), "ann") == pause_ms(panel(*facts, later), "ann") == 10 * MINUTE_MS

    def test_minutes_left_are_the_pace_by_what_is_left_rounded_up(self):
        facts = (*ALL, *marked("ann", NOON, NOON + 90_001))

        assert minutes_left(panel(*facts), "ann") == 4  # twice 90.001 s

    def test_nothing_left_takes_no_minute(self):
        times = [NOON + k * MINUTE_MS for k in range(4)]

        assert minutes_left(panel(*ALL, *marked("ann", *times)), "ann") == 0

    def test_minutes_left_without_a_pace_are_unknown(self):
        assert minutes_left(panel(*ALL), "ann") is None

    def test_marks_per_hour_are_told_with_one_decimal(self):
        told = forecasts(panel(*ALL, *marked("ann", NOON, NOON + 8 * MINUTE_MS)), NOON + HOUR_MS)

        assert (told["ann"].marks_per_hour, told["bob"].marks_per_hour) == ("7.5", None)


class TestForecast:
    def test_time_goes_on_as_it_went_from_the_assignment_on(self):
        facts = (*ALL, *marked("ann", NOON + HOUR_MS, NOON + 2 * HOUR_MS))

        told = forecasts(panel(*facts), NOON + 12 * HOUR_MS)["ann"]

        assert told == Forecast(2, 2, HOUR_MS, NOON + 24 * HOUR_MS, late=False)

    def test_time_before_the_window_is_no_time(self):
        early = (*ready(), EntriesAssigned("ann", ENTRIES, "olga", START - DAY_MS))

        told = forecasts(panel(*early, *marked("ann", START + 1)), START + HOUR_MS)["ann"]

        assert told.finish_at == START + 4 * HOUR_MS

    def test_judge_who_will_not_be_done_in_the_window_is_late(self):
        half = START + (END - START) // 2

        told = forecasts(panel(*ALL, *marked("ann", NOON)), half)["ann"]

        assert (told.finish_at, told.late) == (half + 3 * (half - NOON), True)

    def test_judge_without_a_mark_is_as_fast_as_the_middle_one(self):
        facts = (*ALL, assigned("cui", *ENTRIES), *marked("ann", NOON + 1, NOON + 2, NOON + 3, NOON + 4))

        told = forecasts(panel(*facts, *marked("bob", NOON + 1, NOON + 2)), NOON + 4 * HOUR_MS)["cui"]

        assert (told.done, told.left, told.pause_ms) == (0, 4, None)
        assert told.finish_at == NOON + 4 * HOUR_MS + 4 * HOUR_MS  # an hour a mark is the lower middle of 1 and 2

    def test_where_nobody_has_marked_nobody_can_tell(self):
        told = forecasts(panel(*ALL), NOON + HOUR_MS)["ann"]

        assert (told.finish_at, told.late) == (None, None)

    def test_after_the_window_whoever_has_entries_left_is_late(self):
        told = forecasts(panel(*ALL), END)

        assert {each: told[each].late for each in ("ann", "dai")} == {"ann": True, "dai": False}

    def test_judge_who_is_done_is_not_late(self):
        times = [NOON + k * MINUTE_MS for k in range(1, 5)]

        told = forecasts(panel(*ALL, *marked("ann", *times)), END)["ann"]

        assert told == Forecast(4, 0, MINUTE_MS, NOON + 4 * MINUTE_MS, late=False)

    def test_excluded_mark_is_not_done_and_not_left(self):
        facts = (*ALL, *marked("ann", NOON), ScoreExcluded("ann", "U1-1", "r", "olga", NOON))

        told = forecasts(panel(*facts), NOON + HOUR_MS)["ann"]

        assert (told.done, told.left) == (0, 3)

    def test_dismissed_judge_has_no_forecast(self):
        told = forecasts(panel(*ALL, *marked("ann", NOON + 1), dismissed("ann")), END)["ann"]

        assert (told.finish_at, told.late) == (None, None)


class TestDanger:
    def test_entry_that_waits_for_a_late_judge_is_named_with_the_judge(self):
        facts = (*ready(), *(assigned(each, "U1-1") for each in JUDGES[:3]))
        state = panel(*facts, given_score("ann", "U1-1"), given_score("bob", "U1-1"))

        assert in_danger(state, forecasts(state, END)) == {"U1-1": ("cui",)}

    def test_entry_with_marks_enough_without_the_late_judge_is_not(self):
        facts = (*ready(min_marks=2), *(assigned(each, "U1-1") for each in JUDGES[:3]))
        state = panel(*facts, given_score("ann", "U1-1"), given_score("bob", "U1-1"))

        assert in_danger(state, forecasts(state, END)) == {}

    def test_entry_that_is_out_is_not(self):
        out = desk.EntryDisqualified("U1-1", "r", "olga", NOON)
        state = panel(*ready(), assigned("ann", "U1-1"), out)

        assert in_danger(state, forecasts(state, END)) == {}

    def test_dismissed_judge_endangers_nothing_for_the_entry_is_short_already(self):
        state = panel(*ready(), assigned("ann", "U1-1"), dismissed("ann"))

        assert in_danger(state, forecasts(state, END)) == {}
