"""Tests of the conversion of drivers' datetimes, which must not depend on the host's zone."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.stamps import epoch_s
from tests.files import ROOT

SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"], autouse=True)
def _host_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_datetime_without_a_zone_is_utc():
    naive = datetime(2026, 12, 1, 4, 0, 0, 500_000)  # noqa: DTZ001

    assert epoch_s(naive) == epoch_s(naive.replace(tzinfo=UTC)) == 1_796_097_600.5


def test_datetime_with_a_zone_keeps_it():
    assert epoch_s(datetime(2026, 12, 1, 12, 0, tzinfo=SHANGHAI)) == 1_796_097_600


def test_nothing_else_of_the_product_converts_a_datetime_to_seconds():
    sources = [path for folder in ("shared", "services", "gateway", "deploy") for path in (ROOT / folder).rglob("*.py")]

    found = {str(path.relative_to(ROOT)) for path in sources if ".timestamp()" in path.read_text()}

    assert found == {"shared/stamps.py"}
