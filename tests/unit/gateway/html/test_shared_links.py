"""What chats show of a link to a page: its name, a sentence, and a picture with a whole address."""

import re
from typing import Any

import pytest

from tests.unit.gateway.town import PICTURE, VIEWS, Visitor

PUBLIC = "https://like.example.cn"
LOGO = {"type": "image/png", "data": "iVBORw0KGgo="}
DRAWN = {"type": "image/svg+xml", "data": "PHN2Zy8+"}


def meta(visitor: Visitor, path: str) -> dict[str, str]:
    text = visitor.request("GET", path, plain=True).text
    return dict(re.findall(r'<meta (?:property|name)="([a-z:]+)" content="([^"]*)">', text))


@pytest.fixture
def public(visit: Any) -> Any:
    def opened(**views: Any) -> Visitor:
        visitor: Visitor = visit(views={**VIEWS, **views})
        settings = visitor.app_context.settings
        object.__setattr__(settings, "public_url", PUBLIC)
        return visitor

    return opened


def test_entry_is_shared_with_its_first_picture_and_its_own_words(public: Any):
    said = meta(public(), "/entries/A001")

    assert said["og:image"] == f"{PUBLIC}/media/{PICTURE}/960.jpg"
    assert said["og:url"] == f"{PUBLIC}/entries/A001"
    assert said["description"] == said["og:description"]
    assert "石家庄市" in said["description"]


@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        pytest.param({"banner": LOGO, "logo": LOGO}, "/theme/banner.", id="banner"),
        pytest.param({"logo": LOGO}, "/theme/logo.", id="logo"),
        pytest.param({"logo": DRAWN}, "/static/share.", id="a drawing, which chats do not show"),
        pytest.param({}, "/static/share.", id="no picture"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/boards", "/rules"])
def test_other_pages_are_shared_with_the_picture_of_the_campaign(public: Any, path: str, theme: Any, expected: str):
    visitor = public(page_theme=theme)

    said = meta(visitor, path)

    assert said["og:image"].startswith(f"{PUBLIC}{expected}")
    assert visitor.request("GET", said["og:image"].removeprefix(PUBLIC), plain=True).status_code == 200


def test_each_page_has_a_description_of_its_own(public: Any):
    visitor = public()

    said = {path: meta(visitor, path)["description"] for path in ("/", "/boards", "/search", "/exhibition", "/screen")}

    assert len(set(said.values())) == len(said)


def test_page_names_no_picture_where_the_public_address_is_not_known(visit: Any):
    assert "og:image" not in meta(visit(views=VIEWS), "/")
