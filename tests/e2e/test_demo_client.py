"""The demo's client against a gateway on a real socket: how a demo voter uses like tickets."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from deploy.demo.client import Answer, Api, Person
from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.admission.settings import Admission
from gateway.app import Ports, create_app
from shared.settings import Settings
from tests.e2e.campaign_views import cached_views
from tests.e2e.web_server import running_server
from tests.unit.gateway.town import CLOCK, VIEWS, Town

pytestmark = pytest.mark.slow


def test_voter_of_the_demo_takes_a_day_s_tickets_at_once_and_others_for_those_that_do_not_hold(tmp_path: Path):
    town = Town()
    settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo"})
    rules = Admission(session_burst=100, address_per_min=100)
    app = create_app(settings, Ports(town, town, cached_views(VIEWS)), admission=rules, folded_logs=FOLDED_LOGS)
    token, _ = app.state.app_context.sessions.issue("v1", frozenset({"voter"}))

    async def week(url: str) -> list[Answer]:
        async with Api(url) as api:
            voter = Person(api, token)
            first = [await voter.like("POST", "A001", at=CLOCK + k) for k in range(21)]
            app.state.app_context.turnstile.tickets.claim(bytes.fromhex(voter.tickets[-1])[:12])
            return [*first, await voter.like("DELETE", "A001", at=CLOCK + 30)]

    before = _ticket_requests()
    with running_server(app) as url:
        answers = asyncio.run(week(url))

    assert [each.status for each in answers] == [200] * 22
    assert _ticket_requests() - before == 2
    assert [order["action"] for order in town.orders] == ["like"] * 21 + ["unlike"]


def _ticket_requests() -> float:
    labels = {"route": "GET /api/v1/like-tickets", "status": "200"}
    return REGISTRY.get_sample_value("baijia_http_answers_total", labels) or 0.0
