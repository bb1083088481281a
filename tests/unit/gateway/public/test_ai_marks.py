"""What artificial intelligence made or altered has its mark beside it, and takes it along into every post."""

import re
from typing import Any

import pytest

from gateway.html.page import say_in
from gateway.media_packs.channels import CHANNELS, Story, caption
from gateway.media_packs.rights import rights_statement
from gateway.public.ai_marks import MARKS, marks, parts_in_words, sentence
from tests.unit.gateway.town import CONTENT, Visitor

NAMES = {
    "title": "标题",
    "profile": "简介",
    "text": "正文",
    "h5": "H5",
    "picture": "图",
    "video": "视频",
    "audio": "音频",
}
SAY = {each: say_in("zh", f"ai.{each}") for each in MARKS}


def file(name: str, *labels: str, kind: str = "picture") -> dict[str, Any]:
    return {"sha256": name * 64, "kind": kind, "ai_labels": list(labels)}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param({}, {}, id="an entry of before"),
        pytest.param({"ai": [{"part": "text", "extent": "made"}]}, {"text": "made"}, id="declared as made"),
        pytest.param({"ai": [{"part": "h5", "extent": "altered"}]}, {"h5": "altered"}, id="declared as altered"),
        pytest.param({"files": [file("a", "aigc:1")]}, {"a" * 64: "certain"}, id="the file says so"),
        pytest.param({"files": [file("a", "aigc:3")]}, {"a" * 64: "suspected"}, id="the file suspects it"),
        pytest.param({"files": [file("a", "c2pa")]}, {}, id="a signed history alone"),
        pytest.param(
            {"files": [file("a", "generator")], "ai": [{"part": "a" * 64, "extent": "altered"}]},
            {"a" * 64: "certain"},
            id="the file before the unit",
        ),
        pytest.param(
            {"files": [file("a", "aigc:2")], "ai": [{"part": "a" * 64, "extent": "made"}]},
            {"a" * 64: "made"},
            id="the unit before a suspicion",
        ),
    ],
)
def test_part_has_the_mark_of_who_says_so(content: dict[str, Any], expected: dict[str, str]) -> None:
    assert marks(content) == expected


def test_sentence_names_the_parts_by_their_number() -> None:
    files = [file("a"), file("b", "generator"), file("c", kind="video")]
    content = {"files": files, "ai": [{"part": "title", "extent": "made"}, {"part": "c" * 64, "extent": "made"}]}

    assert sentence(parts_in_words(content, NAMES), SAY) == (
        "标题、视频 1：内容由人工智能生成（报送单位声明）；图 2：内容由人工智能生成合成（文件自带标识）"
    )


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_post_and_rights_statement_carry_the_label(channel: str) -> None:
    label = "图 2：内容由人工智能生成（报送单位声明）"
    story = Story("百家", "题", "工会", "市", "国有", (), "简介", "文" * 30_000, "https://x.test/e", "", label)
    consent = {"zh": "声明", "version": 1, "at": 0, "words": "e" * 64}

    texts = caption(CHANNELS[channel], story).lines()
    rights = rights_statement(CHANNELS[channel], story, number="A001", consent=consent, zone="Asia/Shanghai")

    assert texts.count(label) == 2  # in the post itself, and as a field of its own
    assert label in rights


@pytest.mark.parametrize(("lang", "mark"), [("zh", "内容由人工智能修改"), ("en", "Altered by artificial intelligence")])
def test_page_shows_the_mark_below_the_heading_of_its_part(visitor: Visitor, lang: str, mark: str) -> None:
    ai = [{"part": "text", "extent": "altered"}]
    visitor.town.answers["submission", "public_entry"] = {"ok": CONTENT | {"ai": ai}}

    seen = visitor.request("GET", f"/entries/A001?lang={lang}", plain=True).text

    assert re.findall(r'<h2>[^<]*</h2>\s*<p class="ai-mark">([^<]*)', seen) == [say_in(lang, "ai.altered")]
    assert mark in seen
