"""WeChat is slow, down, breaks off, or loses our answers, while people like by text message and on our page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from tests.faults.fault_table import RowWriter
from tests.faults.history import LikeSeen
from tests.faults.load import Workload, under_load
from tests.faults.running_campaign import judge_when_idle, running_campaign
from tests.faults.wechat_people import People
from tests.integration.threads import wait
from tests.wechat_sim.accounts import invent_accounts, to_toml
from tests.wechat_sim.app import app, running
from tests.wechat_sim.world import World

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

AT_ONCE = 4
FAULTS = {
    "WeChat slow": {"fault": "slow", "delay_ms": 3_000},
    "WeChat down": {"fault": "down"},
    "WeChat breaks off in the middle of an answer": {"fault": "cut"},
    "WeChat over its quota": {"fault": "45009"},
    "WeChat loses our answers and sends again": {"fault": "lost"},
}


@pytest.fixture(scope="module")
def scene(
    engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> Iterator[tuple[Workload, Stack, People]]:
    data = tmp_path_factory.mktemp("wechat")
    accounts = invent_accounts(seed=seed)
    secrets = data / "wechat.toml"
    secrets.write_text(to_toml(accounts))
    with running(app(World(accounts, patience_s=5.0))) as sim, pytest.MonkeyPatch.context() as environment:
        environment.setenv("BAIJIA_WECHAT_FILE", str(secrets))
        environment.setenv("BAIJIA_WECHAT_API", sim)
        environment.setenv("BAIJIA_WECHAT_OPEN", sim)
        with running_campaign(engines, data, seed=seed, live=True) as (made, stack):
            accounts["service"] = replace(accounts["service"], callback=f"{made.url}/wechat")
            yield made, stack, People(made, sim)


def certain_answers(workload: Workload) -> int:
    """Return how many answers with a certain outcome have arrived, those of people in WeChat among them."""
    return sum(each.status != "unknown" for each in workload.history.of(LikeSeen))


@pytest.mark.parametrize("name", FAULTS)
def test_wechat_that_fails_breaks_nothing(scene: tuple[Workload, Stack, People], table: RowWriter, name: str):
    workload, stack, people = scene
    with under_load(workload) as more, ThreadPoolExecutor(AT_ONCE) as pool:
        crowd = [pool.submit(people.crowd) for _ in range(AT_ONCE)]
        try:
            more(20)
            people.control("faults", **FAULTS[name])
            heard = certain_answers(workload)
            wait(lambda: certain_answers(workload) > heard + 40, what="likes are still answered", within_s=90)
            people.mend()
            more(30)
        finally:
            people.mend()
            workload.stop.set()
    for each in crowd:
        each.result()

    assert table.add_fault(name, judge_when_idle(workload, stack)) == []
