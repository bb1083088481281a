"""A rehearsed campaign, read by the real ranking service from the real store, has the result of the rehearsal."""

from dataclasses import replace

import pytest

from deploy.rehearsal.findings import play_of
from services.moderation.campaign_file.check import check
from shared.ledger import read_commits
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import running_services
from tests.integration.temporary_campaign import Place

pytestmark = pytest.mark.slow


def test_result_of_a_rehearsal_in_memory_is_that_of_the_real_ranking_service(place: Place) -> None:
    campaign, _ = check(CAMPAIGN_FILE.read_text())
    assert campaign is not None
    run = replace(play_of(campaign, entries=30, voters=60, seed=1), seed=place.keys.lot).play()
    for log in run.writers:
        for commit in read_commits(run.ledger, log):
            place.ledger.insert(commit.document)

    with running_services(place, "ranking") as (caller, _):
        found = caller.call("ranking", "rehearse_result", roles=("organiser",))["ok"]

    assert found["digest"] == run.outcome.digest
    assert [each["entry"] for each in found["winners"]] == list(run.outcome.winners)
