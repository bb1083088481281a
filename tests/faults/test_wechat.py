"""WeChat is slow, down, breaks off, or loses our answers, while its people like by text message and by our page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deploy.local.engine_uris import Engines
from deploy.local.stack import Stack
from tests.faults.history import LikeSeen
from tests.faults.load import Town, under_load
from tests.faults.phones import People
from tests.faults.table import Rows
from tests.faults.towns import judged, town
from tests.integration.threads import wait
from tests.wechat_sim.accounts import invented, written
from tests.wechat_sim.app import app, running
from tests.wechat_sim.world import World

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

AT_ONCE = 4
FAULTS = {
    "WeChat slow": {"fault": "slow", "delay_ms": 3_000},
    "WeChat down": {"fault": "down"},
    "WeChat breaks off in mid-answer": {"fault": "cut"},
    "WeChat over its quota": {"fault": "45009"},
    "WeChat loses our answers and sends again": {"fault": "lost"},
}


@pytest.fixture(scope="module")
def scene(
    engines: Engines, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> Iterator[tuple[Town, Stack, People]]:
    data = tmp_path_factory.mktemp("wechat")
    accounts = invented(seed=seed)
    secrets = data / "wechat.toml"
    secrets.write_text(written(accounts))
    with running(app(World(accounts, patience_s=5.0))) as sim, pytest.MonkeyPatch.context() as environment:
        environment.setenv("BAIJIA_WECHAT_FILE", str(secrets))
        environment.setenv("BAIJIA_WECHAT_API", sim)
        environment.setenv("BAIJIA_WECHAT_OPEN", sim)
        with town(engines, data, seed=seed, live=True) as (made, stack):
            accounts["service"] = replace(accounts["service"], callback=f"{made.url}/wechat")
            yield made, stack, People(made, sim)


def known(town: Town) -> int:
    """Answers that people in WeChat had so far, among others."""
    return sum(each.status != "unknown" for each in town.history.of(LikeSeen))


@pytest.mark.parametrize("name", FAULTS)
def test_wechat_that_fails_breaks_nothing(scene: tuple[Town, Stack, People], table: Rows, name: str):
    town, stack, people = scene
    with under_load(town) as more, ThreadPoolExecutor(AT_ONCE) as pool:
        crowd = [pool.submit(people.crowd) for _ in range(AT_ONCE)]
        try:
            more(20)
            people.order("faults", **FAULTS[name])
            heard = known(town)
            wait(lambda: known(town) > heard + 40, what="likes go on", within_s=90)
            people.mend()
            more(30)
        finally:
            people.mend()
            town.stop.set()
    for each in crowd:
        each.result()

    assert table.fault(name, judged(town, stack)) == []
