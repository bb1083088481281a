"""What every answer says of the way it came, and what pages may not use."""

import pytest

from gateway.http.strict_transport import HEADER
from tests.unit.gateway.town import Visitor

PATHS = ("/", "/boards", "/entries/A001", "/api/v1/leaderboard", "/static/baijia.css", "/nothing", "/readyz")


@pytest.mark.parametrize("path", PATHS)
def test_answer_over_https_keeps_browsers_on_https(visitor: Visitor, path: str):
    secure = visitor.request("GET", f"https://gateway.test{path}", plain=True)
    plain = visitor.request("GET", f"http://gateway.test{path}", plain=True)

    name, value = (each.decode() for each in HEADER)
    assert (secure.headers.get(name), plain.headers.get(name)) == (value, None)


@pytest.mark.parametrize("path", ["/", "/boards", "/entries/A001", "/nothing-here", "/desk/sign-in"])
def test_page_may_use_no_camera_position_or_payment(visitor: Visitor, path: str):
    policy = visitor.request("GET", path, plain=True).headers["permissions-policy"]

    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(policy.split(", "))
