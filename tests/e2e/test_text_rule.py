"""The page's counter and the service count the same characters, and name the same places."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from shared.text_rule import published
from tests.files import ROOT
from tests.unit.shared.test_text_rule import EXAMPLES

pytestmark = pytest.mark.slow
SCRIPT = (ROOT / "gateway/static/text_rule.js").read_text()
LOAD = """async code => {
    window.rules = await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page that has loaded the module."""
    page = browser.new_page()
    page.evaluate(LOAD, SCRIPT)
    yield page
    page.close()


def test_page_counts_and_names_places_as_the_service_does(page: Page) -> None:
    counted = page.evaluate(
        """([texts, rule]) => texts.map(([name, text, , , oneLine]) => [
            name, rules.length(text, rule),
            rules.refusedCharacters(text, rule, {oneLine})
                .map(each => [each.line, each.column, each.character, each.kind]),
        ])""",
        [EXAMPLES["texts"], published()],
    )

    assert counted == [[name, counted, places] for name, _, counted, places, _ in EXAMPLES["texts"]]


def test_page_trims_and_shows_as_the_service_does(page: Page) -> None:
    def evaluate(code: str, given: Any) -> Any:
        return page.evaluate(code, given)

    lines = evaluate(
        "([lines, rule]) => lines.map(([, text]) => rules.oneLineForm(text, rule))",
        [EXAMPLES["one_line"], published()],
    )
    counts = evaluate("counts => counts.map(([a, b]) => rules.counterText(a, b))", EXAMPLES["shown"])

    assert lines == [expected for _, _, expected in EXAMPLES["one_line"]]
    assert counts == [expected for _, _, expected in EXAMPLES["shown"]]
