"""A live campaign makes no link, QR code or redirect from the Host header that a request brings."""

import pytest

from tests.unit.gateway.public.test_feeds import views
from tests.unit.gateway.town import campaign, code

FORGED = {"Host": "elsewhere.example.org"}
LIVE = {**views(), "campaign": campaign(rehearsal=False, clock=None)}
LINKS = ["/exhibition/feed.atom", "/exhibition/feed.json"]


@pytest.mark.parametrize("path", LINKS)
def test_live_campaign_without_a_public_url_refuses_to_make_links(visit, path: str):
    answer = visit(views=LIVE).request("GET", path, headers=FORGED, plain=True)

    assert (answer.status_code, code(answer)) == (503, "public-url-missing")
    assert "elsewhere" not in answer.text


@pytest.mark.parametrize("path", LINKS)
def test_rehearsal_without_a_public_url_names_the_host_of_the_request(visit, path: str):
    answer = visit(views=views()).request("GET", path, headers=FORGED, plain=True)

    assert answer.status_code == 200
    assert "http://elsewhere.example.org/" in answer.text
