"""Times as people read them, in the campaign's zone."""

import pytest

from shared.zones import end_to_the_minute, to_the_minute, zone_names

NOON_IN_SHANGHAI = 1_623_038_400_000  # 2021-06-07


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Shanghai", "2021-06-07 12:00"), ("Asia/Urumqi", "2021-06-07 10:00"), ("UTC", "2021-06-07 04:00")],
)
def test_instant_is_shown_in_the_zone_that_is_named(zone: str, shown: str):
    assert to_the_minute(NOON_IN_SHANGHAI, zone) == shown


def test_zone_has_its_common_name_or_its_iana_name():
    assert zone_names("Asia/Shanghai") == ("北京时间", "Beijing time")
    assert zone_names("Europe/Paris") == (" Europe/Paris 时间", "Europe/Paris time")


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (NOON_IN_SHANGHAI, "2021-06-07 12:00"),
        (NOON_IN_SHANGHAI + 12 * 3_600_000, "2021-06-07 24:00"),
        (NOON_IN_SHANGHAI + 12 * 3_600_000 - 1, "2021-06-07 23:59"),
    ],
)
def test_midnight_at_which_something_ends_is_24_00_of_the_day_before(at: int, shown: str):
    assert end_to_the_minute(at, "Asia/Shanghai") == shown
