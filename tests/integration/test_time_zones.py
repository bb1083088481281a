"""What comes from the engines' drivers does not depend on the zone of the host."""

import calendar
import re
import time
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.clock.watchdogs import drift_s
from deploy.commands.dead_letters import dead_letters
from shared.mongo_ledger import connect
from tests.integration.temporary_campaign import Place
from tests.integration.test_dead_letters import NO_BATCH, send_dead_letters

pytestmark = pytest.mark.slow

AN_HOUR_S = 3_600


@pytest.fixture(params=["Asia/Shanghai", "America/New_York"], autouse=True)
def _host_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_clock_of_the_host_is_compared_with_that_of_the_store(place: Place):
    with connect(place.settings.mongo_uri) as client:
        drift = drift_s(client)

    assert abs(drift) < AN_HOUR_S


def test_dead_letter_has_the_time_at_which_it_was_rejected(place: Place, monkeypatch: pytest.MonkeyPatch):
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    send_dead_letters(place, NO_BATCH)

    with place.broker() as connection, dead_letters(connection, place.campaign) as letters:
        (died_s,) = (letter.died_s for letter in letters)
    listing = CliRunner().invoke(main, ["likes", "dead"]).output

    assert abs(died_s - time.time()) < AN_HOUR_S
    (printed,) = re.findall(r" (20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)Z ", listing)
    assert calendar.timegm(time.strptime(printed, "%Y-%m-%dT%H:%M:%S")) == died_s
