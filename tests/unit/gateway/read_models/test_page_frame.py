"""The frame of pages: the phase with what is left of it, to the instant, and the campaign's theme."""

import base64
import re

import pytest

from gateway.read_models.page_frame import DAY_MS, HOUR_MS, MINUTE_MS, Span
from tests.unit.gateway.town import CLOCK, DAY, VIEWS, campaign

END = campaign()["windows"]["likes"]["end"]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
THEME = {
    "name_zh": "成果<展>",
    "name_en": "The <Show>",
    "colour": "#1b4fa6",
    "organiser": "省总工会",
    "contact": "0311-1",
    "filing": "冀ICP备1号",
    "logo": {"type": "image/svg+xml", "data": base64.b64encode(SVG).decode()},
}


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, Span(0, 0, 0)),
        (MINUTE_MS - 1, Span(0, 0, 0)),
        (MINUTE_MS, Span(0, 0, 1)),
        (HOUR_MS + 59 * MINUTE_MS + 59_999, Span(0, 1, 59)),
        (DAY_MS - 1, Span(0, 23, 59)),
        (DAY_MS, Span(1, 0, 0)),
        (2 * DAY_MS + 5 * HOUR_MS + 59 * MINUTE_MS, Span(2, 5, 0)),
    ],
)
def test_span_is_rounded_down_to_what_people_read(ms: int, expected: Span):
    assert Span.of(ms) == expected


def phase_line(visit, at: int, lang: str = "zh") -> str:
    visitor = visit(views={**VIEWS, "campaign": campaign(clock=at)})
    text = visitor.request("GET", f"/rules/none?lang={lang}", plain=True).text  # any page, also one of a problem
    found = re.search(r'<p class="now">(.*?)</p>', text)
    return re.sub(r"<[^>]*>", "", found[1]) if found else ""


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (END - 2 * DAY - 5 * HOUR_MS, "当前阶段：职工点赞 还剩 2 天 5 小时，6 月 13 日 24:00 止",
         "Current phase: Public likes 2 d 5 h left, until 13 June, 24:00"),
        (END - 61_000, "当前阶段：职工点赞 还剩 1 分钟，6 月 13 日 24:00 止",
         "Current phase: Public likes 1 min left, until 13 June, 24:00"),
        (END - 1, "当前阶段：职工点赞 还剩 不到 1 分钟，6 月 13 日 24:00 止",
         "Current phase: Public likes less than 1 min left, until 13 June, 24:00"),
        (END, "当前阶段：专家评审 还剩 5 天，6 月 18 日 24:00 止",
         "Current phase: Judging 5 d left, until 18 June, 24:00"),
        (END + 6 * DAY, "当前阶段：结果确认", "Current phase: Result"),
    ],
)  # fmt: skip
def test_phase_and_what_is_left_of_it_are_right_at_every_instant(visit, at: int, zh: str, en: str):
    assert (phase_line(visit, at), phase_line(visit, at, "en")) == (zh, en)


def test_cached_page_ends_at_the_boundary_and_counts_down(visit):
    visitor = visit(views={**VIEWS, "campaign": campaign(clock=END - 2 * MINUTE_MS)})
    answers = []
    for at in (END - 2 * MINUTE_MS, END - 2 * MINUTE_MS + 30_000, END - 1, END):
        visitor.views.note_clock(at)
        found = re.search(r'<p class="now">(.*?)</p>', visitor.request("GET", "/boards", plain=True).text)
        answers.append(re.sub(r"<[^>]*>", "", found[1] if found else ""))

    assert [each.partition("，")[0] for each in answers] == [
        "当前阶段：职工点赞 还剩 2 分钟",
        "当前阶段：职工点赞 还剩 1 分钟",
        "当前阶段：职工点赞 还剩 不到 1 分钟",
        "当前阶段：专家评审 还剩 5 天",
    ]


def test_page_has_the_campaign_s_name_mark_and_colour(visit):
    visitor = visit(views={**VIEWS, "page_theme": THEME})

    text = visitor.request("GET", "/", plain=True).text
    logo, colours = re.search(r"/theme/logo\.\w+\.svg", text), re.search(r"/theme/colours\.\w+\.css", text)

    assert "<span>成果&lt;展&gt;</span>" in text
    assert '主办：<span lang="zh-CN">省总工会</span>' in text
    assert '联系：<span lang="zh-CN">0311-1</span>' in text
    assert ">冀ICP备1号</a>" in text
    assert "<span>The &lt;Show&gt;</span>" in visitor.request("GET", "/?lang=en", plain=True).text
    assert logo
    assert colours
    picture, styles = (visitor.request("GET", each[0], plain=True) for each in (logo, colours))
    assert (picture.content, picture.headers["content-type"]) == (SVG, "image/svg+xml")
    assert "immutable" in picture.headers["cache-control"]
    assert "sandbox" in picture.headers["content-security-policy"]
    assert styles.text == ":root{--brand:#1b4fa6}\n"


def test_page_without_a_theme_has_the_title_of_the_campaign(visit):
    text = visit(views=VIEWS).request("GET", "/", plain=True).text

    assert f"<span>{VIEWS['campaign']['title_zh']}</span>" in text
    assert "/theme/" not in text


def test_theme_file_of_before_is_unknown(visit):
    visitor = visit(views={**VIEWS, "page_theme": THEME})

    assert visitor.request("GET", "/theme/logo.0123456789ab.svg", plain=True).status_code == 404


def test_phase_is_shown_on_the_clock_of_the_campaign(visit):
    assert phase_line(visit, CLOCK).startswith("当前阶段：职工点赞")
