"""A fresh system gets its campaign by one link of the operator and a browser, on the real engines and processes."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from tests.browser import running_browser
from tests.e2e import setup_walk
from tests.files import ROOT
from tests.integration.processes import process, running_services
from tests.integration.temporary_campaign import Place

pytestmark = pytest.mark.slow
LATE_MS = 60_000  # for a page that waits for the first answer of processes that have just started


def setup_link(place: Place, address: str) -> str:
    """Return the link that `baijia campaign setup` prints."""
    environment = os.environ | place.environment() | {"BAIJIA_PUBLIC_URL": address}
    command = [sys.executable, "-m", "deploy.cli", "campaign", "setup"]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    return printed.stdout.splitlines()[0]


def test_fresh_system_gets_its_campaign_by_one_link_and_a_browser(place: Place) -> None:
    with ExitStack() as stack:
        caller, _ = stack.enter_context(running_services(place, "moderation", "ranking"))
        others = [stack.enter_context(process(place, each)) for each in ("relay", "projector")]
        gateway = stack.enter_context(process(place, "gateway"))
        for each in (*others, gateway):
            each.wait_ready()
        address = f"http://127.0.0.1:{gateway.environment['BAIJIA_GATEWAY_PORT']}"
        link = setup_link(place, address)
        browser = stack.enter_context(running_browser())
        context = browser.new_context(locale="zh-CN")
        context.set_default_timeout(LATE_MS)
        page = context.new_page()

        setup_walk.begin(page, link)
        setup_walk.answer(page)
        shown = page.locator("section.form code").inner_text()
        links = setup_walk.open_rehearsal(page)
        for each in links:
            setup_walk.choose_password(page, each)
        setup_walk.sign_in(page, address, "olga", "/organiser/campaign?step=check")
        page.get_by_role("button", name="锁定").click()
        expect(page.get_by_text("规则已锁定")).to_be_visible()

        rules = caller.call("moderation", "rules", roles=())["ok"]
        assert re.fullmatch("[0-9a-f]{64}", shown)
        assert rules["rule_hash"] == shown
