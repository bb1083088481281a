"""Checks of a page by axe-core: the rules of WCAG 2.0 to 2.2, levels A and AA, and axe's best practices.

Promises: every fold of the page is open when it is checked. Does not promise that what axe finds is all there is.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async tags => {
  for (const each of document.querySelectorAll('details')) each.open = true;
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}});
  return found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target} ${node.failureSummary}`));
}"""


def violations(page: Page) -> list[Any]:
    """Return what axe finds wrong with a page, one text for each rule and element, once the page has loaded."""
    page.wait_for_load_state()
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(_RUN, TAGS)
    return found


def overflow_px(page: Page) -> int:
    """Return by how many pixels the page is wider than its window, once it has loaded."""
    page.wait_for_load_state()
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
