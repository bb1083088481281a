"""The wall clock of a gateway or of a vote writer jumps by an hour and back, in a live campaign.

The campaign is live because there the gateway's clock sets the time of a like. The like week is open for a day
before and after. A writer refuses the likes of a gateway that is ahead, and its voters are told to ask again
(`clock-ahead`); a gateway that is behind gives its likes an earlier time in the same window.
"""

from collections.abc import Iterator

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from tests.faults.defective_process import WallClock
from tests.faults.fault_table import RowWriter
from tests.faults.load import Workload, under_load
from tests.faults.process_faults import defective_process
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.integration.threads import wait
from tests.unit.voting.stories import HOUR

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

HEARD = 20  # answers while the clock is wrong


@pytest.fixture(scope="module")
def running(engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[tuple[Workload, Stack]]:
    with running_campaign(engines, tmp_path_factory.mktemp("clocks"), seed=seed, live=True) as made:
        yield made


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("name", ["gateway", "vote-writer"])
def test_wall_clock_that_jumps_by_an_hour_and_back_breaks_nothing(
    running: tuple[Workload, Stack], table: RowWriter, name: str, hours: int
):
    workload, stack = running
    clock = WallClock(workload.place.settings.data / f"clock of {name} {hours}")
    with defective_process(stack, workload, name, f"shift_clock={clock.path}"), under_load(workload) as more:
        more(20)
        clock.move(hours * HOUR)
        heard = len(workload.history.seen)
        wait(
            lambda: len(workload.history.seen) > heard + HEARD,
            what="likes are answered while the clock is wrong",
            within_s=60,
        )
        clock.move(0)
        more(30)

    assert table.add_fault(f"clock of the {name} jumps by {hours:+} h and back", judge_when_idle(workload, stack)) == []
