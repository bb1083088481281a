"""A gateway is ready once it has its views, and reports the same on both of its ports."""

import httpx
import pytest

from tests.integration.processes import Process, process, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait

pytestmark = pytest.mark.slow

READY = {"ready": True, "missing": []}


def client_readiness(gateway: Process) -> dict[str, object]:
    """Return the answer of `/readyz` on the port that clients use."""
    answer = httpx.get(f"http://127.0.0.1:{gateway.environment['BAIJIA_GATEWAY_PORT']}/readyz")
    assert (answer.status_code == 200) == answer.json()["ready"]
    return dict(answer.json())


def test_a_gateway_is_not_ready_before_ranking_has_told_the_views(place: Place) -> None:
    with process(place, "gateway") as gateway:
        wait(lambda: gateway.ready().get("missing") == ["views"], what="only the views are missing")
        assert client_readiness(gateway) == {"ready": False, "missing": ["views"]}

        with running_services(place, "ranking"):
            gateway.wait_ready()
            assert (client_readiness(gateway), gateway.ready()) == (READY, READY)
