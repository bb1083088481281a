"""The pages as the server renders them, in both languages."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.backends.ports import ServiceAway
from gateway.html.texts import WORDS
from shared.media.copies import RENDITIONS
from tests.unit.gateway.town import (
    CLOCK,
    CONTENT,
    DAY,
    ENTRIES,
    PICTURE,
    RESULT,
    VIEWS,
    Visitor,
    board,
    campaign,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def page(visitor: Visitor, path: str = "/", **headers: str) -> str:
    answer = visitor.request("GET", path, plain=True, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def words(text: str) -> str:
    """Return the text of a page without its markup."""
    return re.sub(r"<[^>]*>", "", text)


def test_home_is_chinese_until_the_switch_is_turned(visitor: Visitor):
    assert '<html lang="zh-CN">' in page(visitor, **{"Accept-Language": "en"})
    assert "当前阶段：<strong>职工点赞</strong>" in page(visitor)

    turned = visitor.request("GET", "/?lang=en", plain=True)

    assert '<html lang="en">' in turned.text
    assert "Current phase: <strong>Public likes</strong>" in turned.text
    assert "lang=en" in turned.headers["set-cookie"]
    assert '<html lang="en">' in page(visitor)  # the client kept the cookie


def switches(text: str) -> list[str]:
    """Return where the two switches lead: the text size, and the language."""
    return [html.unescape(each) for each in re.findall(r'<a class="switch" href="([^"]*)"', text)]


def test_large_text_lasts_until_it_is_turned_back(visitor: Visitor):
    assert 'class="large"' not in page(visitor)

    turned = visitor.request("GET", "/?text=large", plain=True)

    assert '<html lang="zh-CN" class="large">' in turned.text
    assert "text=large" in turned.headers["set-cookie"]
    assert "Max-Age=31536000" in turned.headers["set-cookie"]
    for path in ("/", "/entries/A001", "/boards", "/nothing"):
        text = visitor.request("GET", path, plain=True).text  # the client kept the cookie
        assert ('class="large"' in text, WORDS["text.plain"][0] in text) == (True, True)
    assert 'class="large"' not in page(visitor, "/?text=plain")


def test_kept_page_is_of_one_size_of_text(visitor: Visitor):
    small, large = page(visitor), page(visitor, Cookie="text=large")

    assert ('class="large"' in small, 'class="large"' in large, 'class="large"' in page(visitor)) == (
        False,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/?type=state&q=之家&utm=x&lang=en", "/?type=state&q=%E4%B9%8B%E5%AE%B6"),
        ("/boards?type=state", "/boards?type=state"),
        ("/complaints?entry=A001", "/complaints?entry=A001"),
        ("/nothing?a=1&lang=zh&text=large", "/nothing?a=1"),
        ("//evil.example/x?a=1", "/evil.example/x?a=1"),
    ],
)
def test_switches_lead_to_what_was_being_read(visitor: Visitor, path: str, expected: str):
    text = visitor.request("GET", f"http://baijia.test{path}", plain=True).text

    assert sorted(each.rpartition("?" if each.count("=") == 1 else "&")[0] for each in switches(text)) == [expected] * 2


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        ("http://baijia.test/complaints?entry=A001&lang=en", ' href="/complaints?entry=A001">重新加载'),
        ("http://evil.example/complaints", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_failed_form_leads_back_to_its_own_page_and_no_other(visitor: Visitor, referer: str, expected: str):
    answer = visitor.request("POST", "/complaints", plain=True, data={"words": ""}, headers={"Referer": referer})

    assert answer.status_code == 422
    assert (expected in answer.text, "重新加载" in answer.text) == (True, bool(expected))


def test_windows_are_told_as_whole_days_with_the_last_one_inside(visitor: Visitor):
    assert "2021-06-07 — 2021-06-13" in words(page(visitor))


def test_window_that_ends_within_a_day_is_told_to_the_minute(visit):
    told = campaign()
    told["windows"]["likes"]["end"] += 90 * 60_000

    assert "2021-06-07 00:00 — 2021-06-14 01:30" in words(page(visit(views={**VIEWS, "campaign": told})))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_home_names_the_phases_with_a_state_in_words(visitor: Visitor, lang: str):
    text = page(visitor, f"/?lang={lang}")

    for state in ("state.past", "state.now", "state.coming"):
        assert WORDS[state][lang == "en"] in text


def test_english_home_has_no_chinese_of_ours(visitor: Visitor):
    text = page(visitor, "/?lang=en")

    for zh, en in WORDS.values():
        if CHINESE.search(zh) and "{" not in zh and not CHINESE.search(en):
            assert f">{zh}<" not in text


def test_leaderboards_stand_by_type_with_places_and_likes(visitor: Visitor):
    text = page(visitor, "/boards")

    assert re.findall(r"<summary>(.*?)</summary>", text) == ["国有（2 个）", "其它（1 个）"]
    assert re.search(r'<td>1</td><td><a href="/entries/A001">', text)
    assert '<td class="figure">7</td>' in text
    assert "截至 2021-06-07 12:00" in text
    assert "暂停点赞" in text


def test_likes_under_embargo_are_not_on_the_page(visit):
    visitor = visit(views={**VIEWS, "board": board({"u1-1": None, "u2-1": None, "u3-1": None})})

    text = page(visitor, "/boards")

    assert WORDS["board.hidden"][0] in text
    assert "figure" not in text
    assert "None" not in text


def test_long_leaderboard_is_cut_and_opens_on_demand(visit):
    rows = [
        {**board({"u1-1": 5})["types"]["state"][0], "number": f"A{i:03d}", "place": i, "likes": 100 - i}
        for i in range(1, 31)
    ]
    visitor = visit(views={**VIEWS, "board": {"as_of": 1, "visibility": "live", "types": {"state": rows, "other": []}}})

    text = page(visitor, "/boards")
    assert ("A020" in text, "A021" in text, "查看全部 30 个" in text) == (True, False, True)
    assert "A030" in page(visitor, "/boards?type=state")


def test_titles_are_text_and_never_markup(visitor: Visitor):
    text = page(visitor)

    assert "炼钢 &amp; &lt;b&gt;职工之家&lt;/b&gt;" in text
    assert "<b>职工之家" not in text


def test_page_loads_nothing_from_elsewhere_and_runs_nothing(visitor: Visitor):
    for path in ("/", "/entries/A001"):
        answer = visitor.request("GET", path, plain=True)
        policy = answer.headers["content-security-policy"]
        loaded = re.findall(r'(?:src|srcset)="([^"]*)"', answer.text) + re.findall(
            r'<link[^>]*href="([^"]*)"', answer.text
        )

        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script" not in answer.text
        assert " style=" not in answer.text
        assert [each for each in loaded if not each.startswith("/")] == []
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_static_files_are_there(visitor: Visitor):
    assert "text/css" in visitor.request("GET", "/static/baijia.css", plain=True).headers["content-type"]
    assert visitor.request("GET", "/static/../app.py", plain=True).status_code == 404


def test_showcase_shows_what_is_approved_and_gives_way_to_the_exhibition(visit, visitor: Visitor):
    assert "社区讲堂" in page(visitor)

    shown = {"open": True, "provisional": True, "entries": ["u1-1"]}
    later = campaign(clock=CLOCK + 20 * DAY)
    text = page(visit(views={**VIEWS, "campaign": later, "exhibition": shown, "result": RESULT}))

    assert "社区讲堂" not in text
    assert WORDS["provisional"][0] in text
    assert f'src="/media/{PICTURE}/960.jpg"' in text
    assert f'srcset="/media/{PICTURE}/480.webp 480w, /media/{PICTURE}/960.webp 960w, ' in text
    assert WORDS["won"][0].format(place=1, score="91.25") in text
    assert RESULT["digest"] not in text


def test_winner_that_may_no_longer_be_seen_keeps_its_place_without_its_name(visit):
    left = {entry: each for entry, each in ENTRIES.items() if entry != "u1-1"}
    visitor = visit(views={**VIEWS, "entries": {"entries": left}, "board": board({"u2-1": 3}), "result": RESULT})

    home, text = page(visitor), page(visitor, "/notice")
    told = visitor.request("GET", "/result").json()

    assert "<td>1</td>" in text
    assert f"A001 · {WORDS['taken-away'][0]}" in text
    assert [word for word in ("炼钢", "/entries/A001") if word in home + text] == []
    assert told == {**RESULT, "winners": [{**RESULT["winners"][0], "title": "", "unit": ""}]}


def test_entry_page_tells_the_final_place_once_the_result_is_published(visit, visitor: Visitor):
    final = f"<dt>{WORDS['score'][0]}</dt><dd>91.25</dd>"

    assert final not in page(visitor, "/entries/A001")
    assert final in page(visit(views={**VIEWS, "result": RESULT}), "/entries/A001")
    assert final not in page(visit(views={**VIEWS, "result": {**RESULT, "published": False}}), "/entries/A001")


def test_page_is_made_once_and_not_sent_twice(visitor: Visitor):
    first = visitor.request("GET", "/", plain=True)

    again = visitor.request("GET", "/", plain=True, headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert "Cookie" in first.headers["vary"]


def test_closed_campaign_says_so(visit):
    closed = visit(views={})

    assert WORDS["not-open"][0] in page(closed)
    assert WORDS["not-open"][1] in page(closed, "/?lang=en")


def test_entry_page_shows_all_of_it(visitor: Visitor):
    text = page(visitor, "/entries/A001")

    assert "<p>第一段</p>" in text
    assert "第二段 &lt;script&gt;" in text
    assert WORDS["video.converting"][0] in text
    assert 'alt="本成果图 1"' in text
    assert 'href="https://example.org/h5" rel="noopener' in text
    assert "职工之家建设" in text
    assert "A home for the workers" in page(visitor, "/entries/A001?lang=en")


def rendered(data: Path, sha256: str, facts: dict[str, Any]) -> None:
    """Store what the media worker tells of a film or a sound."""
    path = data / "media" / "demo" / "public" / RENDITIONS / sha256[:2] / f"{sha256}.film.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts))


def with_file(visitor: Visitor, **file: Any) -> None:
    files = [*CONTENT["files"], {"sha256": "e" * 64, "container": "wmv", **file}]
    visitor.town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "files": files}}


@pytest.mark.parametrize(
    ("kind", "player"),
    [
        (
            "video",
            f'<video class="upright" controls playsinline preload="none" poster="/media/{"e" * 64}/poster-960.jpg" '
            f'width="720" height="1280" src="/media/{"e" * 64}/film.mp4" ',
        ),
        ("audio", f'<audio controls preload="none" src="/media/{"e" * 64}/sound.m4a" '),
    ],
)
def test_entry_page_plays_renditions_and_loads_nothing_of_them_before(
    visitor: Visitor, tmp_path: Path, kind: str, player: str
):
    without = page(visitor, "/entries/A001")
    with_file(visitor, kind=kind)
    rendered(tmp_path, "e" * 64, {"state": "done", "name": "x", "width": 720, "height": 1280})

    assert player in page(visitor, "/entries/A001")
    assert WORDS["audio"][0] not in without


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_film_whose_rendition_is_not_there_yet_is_said_to_be_converted(visitor: Visitor, kind: str):
    with_file(visitor, kind=kind)

    text = page(visitor, "/entries/A001")

    assert WORDS[f"{kind}.converting"][0] in text
    assert f"<{kind} " not in text
    assert f'href="/media/{"e" * 64}"' not in text


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_film_that_cannot_be_converted_is_offered_for_download(visitor: Visitor, tmp_path: Path, kind: str):
    with_file(visitor, kind=kind)
    rendered(tmp_path, "e" * 64, {"state": "failed", "code": "rendition-broken"})

    text, english = page(visitor, "/entries/A001"), page(visitor, "/entries/A001?lang=en")

    assert f"<{kind} " not in text
    assert f'<a href="/media/{"e" * 64}" download>下载：' in text
    assert "（WMV 格式）" in text
    assert "(WMV) cannot be played" in english


def test_entry_page_does_without_submission(visitor: Visitor):
    visitor.town.answers["submission", "public_entry"] = ServiceAway("away")

    text = page(visitor, "/entries/u1-1")

    assert WORDS["no-text"][0] in text
    assert f"/media/{PICTURE}" in text


@pytest.mark.parametrize("path", ["/entries/Z999", "/nothing", "/entries/x/y"])
def test_unknown_page_is_a_page(visitor: Visitor, path: str):
    answer = visitor.request("GET", path, plain=True)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>没有这" in answer.text
    assert "content-security-policy" in answer.headers


def test_failure_of_a_page_shows_a_number_and_no_trace(visitor: Visitor):
    visitor.town.answers["submission", "public_entry"] = RuntimeError("secret")

    answer = visitor.request("GET", "/entries/A001", plain=True)

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "请提供编号" in answer.text


def test_approved_entry_without_a_number_has_a_page(visitor: Visitor):
    assert ENTRIES["u4-1"]["title"] in page(visitor, "/entries/u4-1")


def test_home_ends_a_window_at_its_boundary_though_a_later_window_overlaps_it(tmp_path: Path):
    windows = campaign()["windows"]
    judging, exhibition = windows["judging"], windows["exhibition"]
    overlapping = {**windows, "exhibition": {**exhibition, "start": judging["end"] - DAY}}
    visitor = Visitor(tmp_path, views={**VIEWS, "campaign": campaign(windows=overlapping)})

    shown = []
    for now in (judging["end"] - 1, judging["end"]):
        visitor.views.note_clock(now)  # the views stay the same
        shown.append(re.search(r"专家评审.*?</tr>", page(visitor))[0])

    assert ["进行中" in each for each in shown] == [True, False]
    assert "✓ 已结束" in shown[1]
    visitor.close()


@pytest.mark.parametrize(
    ("zone", "opens", "named"),
    [
        ("Asia/Shanghai", "2021-06-06 23:30", "时间均为北京时间。"),
        ("Asia/Urumqi", "2021-06-06 21:30", "时间均为新疆时间。"),
    ],
)
def test_home_and_problems_give_times_in_the_campaigns_zone_and_name_it(
    tmp_path: Path, zone: str, opens: str, named: str
):
    windows = campaign()["windows"]
    likes = {**windows["likes"], "start": windows["likes"]["start"] - 1_800_000}
    visitor = Visitor(tmp_path, views={**VIEWS, "campaign": campaign(zone=zone, windows={**windows, "likes": likes})})
    visitor.town.like = {"status": "refused", "code": "window-closed", "detail": likes}

    home = page(visitor)
    problem = visitor.request("POST", "/entries/A001/like", role="voter").json()

    assert opens in home
    assert named in home
    assert opens in problem["detail_zh"]
    assert problem["detail_zh"].endswith(f"（{named[4:-1]}）")
    visitor.close()


@pytest.mark.parametrize(
    ("likes", "key"),
    [pytest.param(7, "home.judging.open", id="public"), pytest.param(None, "home.judging", id="hidden")],
)
def test_home_says_of_likes_in_judging_what_is_true_under_the_rules(visit, likes: int | None, key: str):
    shown = board({"u1-1": likes, "u2-1": likes, "u3-1": likes})
    visitor = visit(views={**VIEWS, "campaign": campaign(clock=CLOCK + 8 * DAY), "board": shown})

    text = page(visitor)

    assert [each for each in ("home.judging", "home.judging.open") if WORDS[each][0] in text] == [key]
