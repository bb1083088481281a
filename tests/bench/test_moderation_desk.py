"""How many decisions a minute the moderation desk lets a moderator make who never has to think.

A script presses the keys of the desk in a browser, over the real services in memory: it opens an entry, waits until its
pictures are shown, and approves it. What is stated is the desk's own share of a decision; people need far longer.
"""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.bench.report import Report
from tests.browser import running_browser
from tests.e2e.desk_town import DeskTown

pytestmark = [pytest.mark.bench, pytest.mark.slow]
ENTRIES, DECISIONS = 600, 40
_SHOWN = """entry => document.querySelector(`[data-case="${entry}"]`)
  && [...document.querySelectorAll('[data-reader] img')].slice(0, 2)
    .every(each => each.complete && each.naturalWidth)"""


def wait_shown(page: Page, entry: str) -> None:
    page.wait_for_function(_SHOWN, arg=entry)


def test_decisions_a_minute_by_keyboard(tmp_path: Path, report: Report) -> None:
    town = DeskTown(tmp_path, count=ENTRIES)
    with running_browser() as browser, town.gateway() as desk:
        page = desk.sign_in(browser).new_page()
        page.goto(f"{desk.address}/desk/moderation?entry={town.entries[0]}")
        wait_shown(page, town.entries[0])
        began = time.perf_counter()
        for k in range(DECISIONS):
            page.keyboard.press("a")
            page.keyboard.press("a")
            wait_shown(page, town.entries[k + 1])
        each_s = (time.perf_counter() - began) / DECISIONS
    decided = [town.town.ok("desk", "mo", "moderator", entry=entry)["status"] for entry in town.entries[:DECISIONS]]
    report.state("moderation desk, 600 wait", 60 / each_s, unit="decisions a minute")
    assert decided == ["approved"] * DECISIONS
