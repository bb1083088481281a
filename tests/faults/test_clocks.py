"""The wall clock of a gateway or of a vote writer jumps by an hour, forth and back, in a live campaign.

Live, since there the gateway's clock says when a like was made. The like week is open for days before and after. Of a
gateway that is ahead nothing is believed, and its voters are told to ask again (`clock-ahead`); one that is behind
gives its likes an earlier moment of the same window.
"""

from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from tests.faults.load import Town, under_load
from tests.faults.stand_in import WallClock
from tests.faults.standing import wrong_one
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.integration.threads import wait
from tests.unit.voting.stories import HOUR

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

HEARD = 20  # answers in the wrong hour


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Town, Stack]]:
    with town(engines, tmp_path_factory.mktemp("clocks"), seed=seed, live=True) as made:
        yield made


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("name", ["gateway", "vote-writer"])
def test_wall_clock_that_jumps_by_an_hour_and_back_breaks_nothing(
    running: tuple[Town, Stack], table: Rows, name: str, hours: int
):
    town, stack = running
    clock = WallClock(town.place.settings.data / f"clock of {name} {hours}")
    with wrong_one(stack, town, name, f"clock={clock.path}"), under_load(town) as more:
        more(20)
        clock.move(hours * HOUR)
        heard = len(town.history.seen)
        wait(lambda: len(town.history.seen) > heard + HEARD, what="likes are answered in the wrong hour", within_s=60)
        clock.move(0)
        more(30)

    assert table.fault(f"clock of the {name} jumps by {hours:+} h and back", judged(town, stack)) == []
