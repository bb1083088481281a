"""A campaign of the tests' own from the set-up link to certificates, by clicking and typing in pages alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.campaign_town import CampaignTown
from tests.e2e.whole_campaign import Walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]


def test_campaign_is_run_from_the_set_up_link_to_certificates_by_browser_alone(browser: Browser, tmp_path: Path):
    with CampaignTown(tmp_path / "data").running() as town:
        walk = Walk(town, browser, tmp_path / "pictures")
        walk.whole()
        walk.close()

        assert (walk.camera.faults, walk.errors) == ([], [])
        assert town.ok("campaign")["title_zh"] == "青澜市职工微创新展示"
