"""A picture names the widths that it has, and the facts that a page needs to leave room for it."""

import re

import pytest

from gateway.html.picture_sources import srcset
from tests.files import ROOT
from tests.unit.gateway.town import CONTENT, PICTURE, Visitor


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0, "/media/a/480.webp 480w, /media/a/960.webp 960w, /media/a/1920.webp 1920w"),
        (4_000, "/media/a/480.webp 480w, /media/a/960.webp 960w, /media/a/1920.webp 1920w"),
        (1_000, "/media/a/480.webp 480w, /media/a/960.webp 960w, /media/a/1920.webp 1000w"),
        (960, "/media/a/480.webp 480w, /media/a/960.webp 960w"),
        (300, "/media/a/480.webp 300w"),
    ],
)
def test_widths_that_a_picture_does_not_have_are_not_named(width: int, expected: str):
    assert srcset("a", "webp", width) == expected


def test_entry_page_leaves_room_for_its_pictures_in_their_size(visitor: Visitor):
    file = {"sha256": PICTURE, "kind": "picture", "container": "jpeg", "width": 700, "height": 500}
    visitor.town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "files": [file]}}

    text = visitor.request("GET", "/entries/u1-1", plain=True).text

    assert f'<source type="image/webp" srcset="/media/{PICTURE}/480.webp 480w, /media/{PICTURE}/960.webp 700w"' in text
    assert 'width="700" height="500" class="whole" loading="lazy" decoding="async" alt="' in text


def test_no_page_of_the_public_or_of_units_loads_a_large_picture():
    """The copy of 3,840 pixels at `/media/<sha256>` is for who asks for it by name."""
    folders = ("html", "public", "units", "voters")
    pages = [path for each in folders for path in (ROOT / "gateway" / "templates" / each).glob("*.html")]
    images = {path.name: re.findall(r'<img[^>]* src="/media/{{[^}]*}}"', path.read_text("utf-8")) for path in pages}

    assert {name: found for name, found in images.items() if found} == {}
    assert len(pages) > 20
