"""A gateway of a live campaign does not start without the address at which people reach it."""

import click
import pytest

from deploy.run import require_public_url
from shared.commit import Head, Stamp, form
from shared.settings import Settings
from shared.testing.memory_ledger import MemoryLedger
from tests.unit.voting.stories import opened


def ledger(*, rehearsal: bool) -> MemoryLedger:
    made = MemoryLedger()
    made.insert(form(Head("moderation"), opened(rehearsal=rehearsal), commands=[], stamp=Stamp("u", bytes(32), 1)))
    return made


def settings(public_url: str = "") -> Settings:
    return Settings.read({"BAIJIA_CAMPAIGN": "town", "BAIJIA_PUBLIC_URL": public_url})


def test_gateway_of_a_live_campaign_does_not_start_without_a_public_url():
    with pytest.raises(click.ClickException, match="town is a live campaign: set BAIJIA_PUBLIC_URL"):
        require_public_url(settings(), ledger(rehearsal=False))


@pytest.mark.parametrize(
    ("public_url", "stored"),
    [
        pytest.param("https://like.example.cn", ledger(rehearsal=False), id="a live campaign with a public URL"),
        pytest.param("", ledger(rehearsal=True), id="a rehearsal"),
        pytest.param("", MemoryLedger(), id="no campaign yet"),
    ],
)
def test_gateway_starts_otherwise(public_url: str, stored: MemoryLedger):
    require_public_url(settings(public_url), stored)


def test_gateway_starts_while_the_ledger_is_away():
    away = ledger(rehearsal=False)
    away.fail_reads(times=1)

    require_public_url(settings(), away)
