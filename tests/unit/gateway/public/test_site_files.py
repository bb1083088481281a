"""Files of the whole site: robots.txt and the favicon."""

from tests.unit.gateway.town import Visitor


def test_search_engines_are_kept_from_what_is_no_public_page(visitor: Visitor):
    answer = visitor.request("GET", "/robots.txt", plain=True)

    rules = answer.text.splitlines()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert {"Disallow: /api/", "Disallow: /desk", "Disallow: /unit", "Disallow: /likes"} <= set(rules)
    assert "Disallow: /" not in rules


def test_favicon_is_found_by_its_old_name(visitor: Visitor):
    answer = visitor.request("GET", "/favicon.ico", plain=True)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


def test_page_describes_itself_to_who_shares_it(visitor: Visitor):
    text = visitor.request("GET", "/entries/A001", plain=True).text

    assert '<meta name="description" content="' in text
    assert '<meta property="og:title" content="炼钢 &amp; &lt;b&gt;职工之家&lt;/b&gt;">' in text
