"""A call from a process without an event loop ends by its time limit, whatever the broker does."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.call_signing import COMMAND_LINE
from shared.errors import BrokerUnreachable, Overdue
from shared.rpc_client import RpcClient
from shared.stamps import wall_ms
from tests.integration.processes import running_services
from tests.integration.temporary_campaign import Place
from tests.integration.test_engines_away import ProxiedPlace, proxied_place
from tests.unit.voting.stories import opened

pytestmark = pytest.mark.slow

LIMIT_S = 1.0
MOST_S = 2.5  # less than the broker's own time-outs, of 3 and 30 s


def query() -> dict[str, Any]:
    """Return a call that is good for a minute from now."""
    return {
        "id": "c.d", "actor": "operator", "roles": ["operator"], "at": 0, "deadline": wall_ms() + 60_000, "body": {},
    }  # fmt: skip


@pytest.fixture
def path(place: Place) -> Iterator[ProxiedPlace]:
    place.append("moderation", opened())
    with proxied_place(place) as path, running_services(place, "moderation"):
        yield path


def test_call_ends_by_its_limit_where_the_broker_answers_nothing(path: ProxiedPlace):
    path.amqp.hold_answers()
    started = time.monotonic()

    with pytest.raises(BrokerUnreachable), RpcClient(path.place.settings, COMMAND_LINE) as services:
        services.call("moderation", "rules", query(), timeout_s=LIMIT_S)

    assert time.monotonic() - started < MOST_S


def test_call_and_its_connection_end_by_the_limit_where_the_broker_falls_silent(path: ProxiedPlace):
    with RpcClient(path.place.settings, COMMAND_LINE) as services:
        services.call("moderation", "rules", query(), timeout_s=10)
        path.amqp.hold_answers()
        started = time.monotonic()
        with pytest.raises(Overdue):
            services.call("moderation", "rules", query(), timeout_s=LIMIT_S)

    assert time.monotonic() - started < MOST_S


def test_client_that_leaves_a_silent_broker_does_not_wait_for_it(path: ProxiedPlace):
    with RpcClient(path.place.settings, COMMAND_LINE) as services:
        answer = services.call("moderation", "rules", query(), timeout_s=10)
        path.amqp.hold_answers()
        started = time.monotonic()

    assert "ok" in answer
    assert time.monotonic() - started < MOST_S
