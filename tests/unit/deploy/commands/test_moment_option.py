"""Moments on the command line."""

import pytest

from deploy.commands.moment_option import Moment


@pytest.mark.parametrize(
    ("text", "as_of"),
    [
        ("2021-06-07T12:00", 1_623_045_600_000),
        ("2021-06-07T12:00+08:00", 1_623_038_400_000),
        ("1623038400000", 1_623_038_400_000),
    ],
    ids=["in the campaign's zone", "with an offset", "in milliseconds"],
)
def test_instant_without_an_offset_is_of_the_campaigns_zone(text: str, as_of: int):
    assert Moment(lambda: "Asia/Urumqi").convert(text, None, None) == {"as_of": as_of}
