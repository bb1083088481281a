"""The exhibition's feeds: a feed reader reads them, equal views give equal bytes, and a take-down leaves them."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import orjson
import pytest

from shared.media.copies import RECIPE
from tests.unit.gateway.town import (
    CLOCK,
    ENTRIES,
    FILM,
    PICTURE,
    RESULT,
    VIEWS,
    Visitor,
    code,
)

ATOM, JSON = "/exhibition/feed.atom", "/exhibition/feed.json"
EACH = pytest.mark.parametrize("path", [ATOM, JSON])
OPENED, GONE = CLOCK + 5, CLOCK + 9
SHOWN = ("u1-1", "u3-1")


def exhibition(*entries: str, **changes: Any) -> dict[str, Any]:
    return {"open": True, "provisional": True, "at": OPENED, "changed": OPENED, "entries": list(entries), **changes}


def views(*entries: str, **changes: Any) -> dict[str, Any]:
    seen = {name: {**each, "at": CLOCK - 1, "version": 1} for name, each in ENTRIES.items()}
    return {
        **VIEWS,
        "entries": {"entries": seen},
        "result": RESULT,
        "exhibition": exhibition(*entries or SHOWN, **changes),
    }


def read(visitor: Visitor, path: str = ATOM) -> Any:
    answer = visitor.request("GET", path, plain=True)
    assert answer.status_code == 200, answer.text
    return feedparser.parse(answer.content) if path == ATOM else orjson.loads(answer.content)


def ids(visitor: Visitor, path: str) -> list[str]:
    told = read(visitor, path)
    return [each["id"] for each in (told.entries if path == ATOM else told["items"])]


def test_atom_is_well_formed_and_says_what_a_reader_shows(visit):
    told = read(visit(views=views()))

    assert not told.bozo
    assert (told.version, told.feed.title) == ("atom10", "百家基层工会特色建设成果展 · 成果展播")
    first = told.entries[0]
    assert (first.title, first.link) == (ENTRIES["u1-1"]["title"], "http://baijia.test/entries/A001")
    assert first.author == ENTRIES["u1-1"]["unit"]
    assert [each.term for each in first.tags] == ["国有", "职工之家建设", "provisional"]
    assert "暂定，以最终结果为准" in first.summary
    assert "暂定名单" in told.feed.subtitle


def test_json_feed_has_what_its_version_demands(visit):
    told = read(visit(views=views()), JSON)

    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == f"http://baijia.test{JSON}"
    assert told["home_page_url"] == "http://baijia.test/exhibition"
    assert {"id", "url", "title", "content_text", "date_published", "date_modified"} <= set(told["items"][0])
    assert told["items"][0]["_baijia"] == {"provisional": True}
    assert told["items"][0]["tags"] == ["国有", "职工之家建设"]


@EACH
def test_media_type_and_validator_of_a_feed(visit, path: str):
    visitor = visit(views=views())
    first = visitor.request("GET", path, plain=True)

    again = visitor.request("GET", path, plain=True, headers={"If-None-Match": first.headers["etag"]})

    kind = {ATOM: "application/atom+xml", JSON: "application/feed+json"}[path]
    assert first.headers["content-type"] == f"{kind}; charset=utf-8"
    assert first.headers["cache-control"] == "public, no-cache"
    assert (again.status_code, again.content) == (304, b"")


@EACH
def test_ids_are_those_of_the_entries_for_ever(visit, path: str):
    before, after = visit(views=views()), visit(views=views("u3-1", "u1-1", provisional=False, changed=GONE))

    expected = [f"urn:baijia:demo:exhibition:{each}" for each in SHOWN]
    assert ids(before, path) == expected
    assert sorted(ids(after, path)) == sorted(expected)


@EACH
def test_same_views_are_the_same_bytes_in_another_process(visit, path: str):
    assert len({visit(views=views()).request("GET", path, plain=True).content for _ in range(2)}) == 1


def test_times_are_those_of_events(visit):
    told = views(changed=GONE)
    told["entries"]["entries"]["u3-1"]["at"] = OPENED + 2

    feed = read(visit(views=told), JSON)

    def moment(at: int) -> str:
        return datetime.fromtimestamp(at / 1000, UTC).isoformat()

    assert feed["_baijia"]["updated"] == moment(GONE)
    assert [each["date_published"] for each in feed["items"]] == [moment(OPENED)] * 2
    assert [each["date_modified"] for each in feed["items"]] == [moment(OPENED), moment(OPENED + 2)]


def test_items_changed_when_the_result_became_final_for_their_mark_went(visit):
    feed = read(visit(views=views(provisional=False, final_at=GONE, changed=GONE + 3)), JSON)

    assert {each["date_modified"] for each in feed["items"]} == {datetime.fromtimestamp(GONE / 1000, UTC).isoformat()}


@EACH
def test_final_exhibition_is_not_marked_any_more(visit, path: str):
    text = visit(views=views(provisional=False)).request("GET", path, plain=True).text

    assert "暂定" not in text
    assert 'term="provisional"' not in text


def test_enclosures_are_the_copies_of_files_that_lie_in_the_store(visit, tmp_path: Path):
    root = tmp_path / "media" / "demo"
    original, copy = root / PICTURE[:2] / PICTURE, root / "public" / RECIPE / PICTURE[:2] / f"{PICTURE}.jpeg"
    for path, body in ((original, b"a photo with its place"), (copy, b"a copy")):
        path.parent.mkdir(parents=True)
        path.write_bytes(body)
    visitor = visit(views=views())

    first = read(visitor).entries[0]
    item = read(visitor, JSON)["items"][0]

    expected = (f"http://baijia.test/media/{PICTURE}", "image/jpeg", "6")
    assert [(each.href, each.type, each.length) for each in first.enclosures] == [expected]
    assert item["attachments"] == [{"url": expected[0], "mime_type": "image/jpeg", "size_in_bytes": 6}]
    assert item["image"] == expected[0]


def test_size_of_an_enclosure_is_left_out_before_its_copy_was_prepared(visit, tmp_path: Path):
    for sha256 in (PICTURE, FILM):
        path = tmp_path / "media" / "demo" / sha256[:2] / sha256
        path.parent.mkdir(parents=True)
        path.write_bytes(b"handed in before there were copies")
    visitor = visit(views=views())

    found = read(visitor).entries[0].enclosures

    assert [(each.href[-64:], each.type) for each in found] == [(FILM, "video/mp4"), (PICTURE, "image/jpeg")]
    assert [each for each in found if "length" in each] == []
    assert [set(each) for each in read(visitor, JSON)["items"][0]["attachments"]] == [{"url", "mime_type"}] * 2


@EACH
def test_before_the_exhibition_is_open_there_is_no_feed(visitor: Visitor, path: str):
    assert code(visitor.request("GET", path, plain=True)) == "exhibition-not-open"


@EACH
def test_titles_of_a_feed_are_text_and_never_markup(visit, path: str):
    told = read(visit(views=views()), path)

    first = told.entries[0].title if path == ATOM else told["items"][0]["title"]
    assert first == "炼钢 & <b>职工之家</b>"


@EACH
def test_what_may_no_longer_be_seen_is_in_no_feed(visit, path: str):
    told = views()
    del told["entries"]["entries"]["u3-1"]

    visitor = visit(views=told)

    assert ids(visitor, path) == ["urn:baijia:demo:exhibition:u1-1"]
    assert "夜班食堂" not in visitor.request("GET", path, plain=True).text


def test_feed_is_another_for_another_address(visit):
    visitor = visit(views=views())

    first = visitor.request("GET", ATOM, plain=True).content
    second = visitor.request("GET", ATOM, plain=True, headers={"Host": "other.test"}).content

    assert hashlib.sha256(first).digest() != hashlib.sha256(second).digest()
    assert b"http://other.test/entries/A001" in second
