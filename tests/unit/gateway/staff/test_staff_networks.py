"""Staff may be restricted to networks; voters, units and the public are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.topology.folded_logs import FOLDED_LOGS
from gateway.app import Ports, create_app
from shared.settings import Settings
from tests.unit.gateway.town import Visitor, code

OFFICE, HOME = "10.8.3.4", "203.0.113.9"
Open = Callable[..., Visitor]


@pytest.fixture
def office(tmp_path: Path) -> Any:
    """Return a function that opens a gateway for the office's network, visited from an address."""
    opened: list[Visitor] = []

    def visit(address: str, *, proxies: str = "", networks: str = "10.8.0.0/16, 192.0.2.7") -> Visitor:
        visitor = Visitor(tmp_path)
        names = {"BAIJIA_STAFF_NETWORKS": networks, "BAIJIA_TRUSTED_PROXIES": proxies}
        settings = Settings.read({"BAIJIA_DATA": str(tmp_path), "BAIJIA_CAMPAIGN": "demo", **names})
        app = create_app(settings, Ports(visitor.town, visitor.town, visitor.views), folded_logs=FOLDED_LOGS)
        visitor.app, visitor.app_context = app, app.state.app_context
        transport = httpx.ASGITransport(app, client=(address, 1234))
        visitor.client = httpx.AsyncClient(transport=transport, base_url="http://baijia.test")
        opened.append(visitor)
        return visitor

    yield visit
    for each in opened:
        each.close()


def test_staff_work_from_the_office_alone(office: Open):
    answers = [office(address).request("GET", "/staff", role="organiser") for address in (OFFICE, "192.0.2.7", HOME)]

    assert [each.status_code for each in answers] == [200, 200, 403]
    assert code(answers[2]) == "network-refused"
    assert answers[2].json()["facts"] == {"address": HOME}


def test_nobody_signs_in_as_staff_from_elsewhere_and_no_password_is_checked(office: Open):
    visitor = office(HOME)

    answer = visitor.request("POST", "/sessions", json={"staff": "li", "password": "x"})
    page = visitor.request("GET", "/desk/sign-in", plain=True)

    assert code(answer) == "network-refused"
    assert (page.status_code, HOME in page.text) == (403, True)
    assert visitor.town.calls_to("moderation", "login") == []


def test_desk_from_elsewhere_is_refused_with_a_page(office: Open):
    visitor = office(HOME)
    cookies = {"Cookie": f"baijia={visitor.token('organiser')}"}

    page = visitor.request("GET", "/desk", plain=True, headers=cookies)

    assert (page.status_code, "只能在指定网络内" in page.text) == (403, True)


def test_everybody_else_comes_from_anywhere(office: Open):
    visitor = office(HOME)

    answers = [
        visitor.request("GET", "/", plain=True),
        visitor.request("GET", "/me", role="voter"),
        visitor.request("GET", "/me", role="unit"),
        visitor.request("GET", "/unit/sign-in", plain=True),
    ]

    assert [each.status_code for each in answers] == [200] * 4


def test_address_of_a_proxy_that_is_not_trusted_opens_nothing(office: Open):
    passed_on = {"X-Forwarded-For": OFFICE}

    answers = [
        office(OFFICE, proxies=proxies).request("GET", "/staff", role="organiser", headers=passed_on)
        for proxies in ("", "10.0.0.0/8")
    ]

    assert [each.status_code for each in answers] == [403, 200]


def test_without_the_setting_staff_work_from_anywhere(office: Open):
    answer = office(HOME, networks="").request("GET", "/staff", role="organiser", headers={"X-Forwarded-For": HOME})

    assert answer.status_code == 200
