"""The corpus of bad entries: each with the field, the code and the Chinese words that its unit reads.

The same table is checked as a draft's check and as its hand-in, so no fault has two names.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from gateway.http.problems import Problem, document, with_texts
from services.submission.declaration import CURRENT
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_hand_in_service import whole, write

Put = Callable[..., str]
FILE = "{first}"  # stands for the hash of the first picture


class Bad(NamedTuple):
    """A fault: the fields that a sound draft gets, and the problem that comes of it. `words` are part of the text."""

    name: str
    fields: dict[str, Any]
    code: str
    field: str
    words: str


CORPUS = (
    Bad("no title", {"title": ""}, "title-missing", "title", "缺少"),
    Bad("a title of blanks", {"title": "　 "}, "title-missing", "title", "缺少"),
    Bad("a title of nothing visible", {"title": "\u3164"}, "title-missing", "title", "缺少"),
    Bad("a title of 101 characters", {"title": "题" * 101}, "title-too-long", "title", "101"),
    Bad("a title of two lines", {"title": "一\n二"}, "title-not-one-line", "title", "一行"),
    Bad("a title with a tab", {"title": "一\t二"}, "title-not-one-line", "title", "一行"),
    Bad("a title with a zero-width space", {"title": "工\u200b会"}, "characters-refused", "title",
        "第 1 行第 2 个字是零宽空格（U+200B）"),
    Bad("a title that turns round", {"title": "工\u202e会"}, "characters-refused", "title", "文字方向控制符（U+202E）"),
    Bad("a profile with a byte order mark", {"profile": "\ufeff简介"}, "characters-refused", "profile",
        "第 1 行第 1 个字是字节顺序标记（U+FEFF）"),
    Bad("a profile of 1,001 characters", {"profile": "字" * 1_001}, "profile-too-long", "profile", "1001"),
    Bad("no profile", {"profile": None}, "profile-missing", "profile", "缺少"),
    Bad("no text", {"text": "\n\n"}, "text-missing", "text", "缺少"),
    Bad("a text of 3,001 characters", {"text": "字" * 3_001}, "text-too-long", "text", "3001"),
    Bad("a text of 3,000 characters and a Windows line end", {"text": "字" * 3_000 + "\r\n"}, "text-too-long", "text",
        "3001"),
    Bad("a text with a control character", {"text": "第一行\r\n第二\x07行"}, "characters-refused", "text",
        "第 2 行第 3 个字是控制字符（U+0007）"),
    Bad("a text with a private character", {"text": "\ue5e5"}, "characters-refused", "text", "自造字（别人看不到）"),
    Bad("a text with hidden tags", {"text": "文\U000e0041"}, "characters-refused", "text",
        "不可见的标签字符（U+E0041）"),
    Bad("no theme", {"themes": []}, "themes-missing", "themes", "主题"),
    Bad("a theme that there is none of", {"themes": ["home", "x"]}, "theme-unknown", "themes/1", "主题"),
    Bad("a theme twice", {"themes": ["home", "home"]}, "theme-repeated", "themes/1", "主题"),
    Bad("a link without https", {"h5": "http://h5.example.cn"}, "h5-not-https", "h5", "https"),
    Bad("a link into a private network", {"h5": "https://10.0.0.1/x"}, "h5-not-public", "h5", "公"),
    Bad("a link that is a script", {"h5": "javascript:alert(1)"}, "h5-not-https", "h5", "https"),
    Bad("a file of nobody", {"files": [{"sha256": "0" * 64}]}, "upload-unknown", "files/0", "上传"),
    Bad("no pictures", {"files": []}, "too-few-pictures", "files", "现有 0 张"),
    Bad("a caption of two lines", {f"caption.{FILE}": "一\n二"}, "caption-not-one-line", f"caption.{FILE}", "一行"),
    Bad("a caption of 201 characters", {f"caption.{FILE}": "字" * 201}, "caption-too-long", f"caption.{FILE}", "201"),
    Bad("a caption with a zero-width space", {f"caption.{FILE}": "工\u200b会"}, "characters-refused", f"caption.{FILE}",
        "零宽空格"),
    Bad("an alternative text of 501 characters", {f"alt.{FILE}": "字" * 501}, "alt-too-long", f"alt.{FILE}", "501"),
    Bad("a mark of AI on a link that is not there", {"ai.h5": "made", "h5": None}, "", "", ""),
    *(
        Bad(f"no declaration of {kind}", {f"declare.{kind}": None}, "declaration-missing", f"declare.{kind}", "请阅读")
        for kind in CURRENT
    ),
    Bad("a declaration of another wording", {"declare.truth": "0" * 64}, "declaration-outdated", "declare.truth",
        "已更新"),
)  # fmt: skip


@pytest.mark.parametrize("bad", CORPUS, ids=lambda each: each.name)
def test_bad_entry_is_refused_by_check_and_hand_in_alike_in_words(town: Town, upload: Put, bad: Bad) -> None:
    sound = whole(upload)
    first = sound["files"][0]["sha256"]
    fields = {name.replace(FILE, first): value for name, value in bad.fields.items()}
    revision = write(town, **(sound | fields))["revision"]

    checked = with_texts(town.ok("check_draft", "U1", "unit", entry="new"))["problems"]
    answer = town.call("hand_in_draft", "U1", "unit", entry="new", revision=revision)

    found = {(each["code"], each["field"]): each["zh"] for each in checked}
    if not bad.code:
        assert (found, "ok" in answer) == ({}, True)
        return
    place = bad.code, bad.field.replace(FILE, first)
    assert place in found
    assert bad.words in found[place]
    told = document(Problem("x", facts=answer["refused"]["detail"]), lang="zh", request="r")["facts"]["problems"]
    assert {(each["code"], each["field"]): each["zh"] for each in told} == found


BAD_CHANGES = (
    ("a field that there is none of", {"unit": "U2"}, "draft-field-unknown", "unit"),
    ("a caption without a file", {"caption.x": "文"}, "draft-field-unknown", "caption.x"),
    ("a number for a text", {"title": 7}, "draft-field-invalid", "title"),
    ("a text that no store holds", {"text": "一\0二"}, "draft-field-invalid", "text"),
    ("half of a character", {"text": "\ud83d"}, "draft-field-invalid", "text"),
    ("a text of 60,001 characters", {"text": "字" * 60_001}, "draft-field-invalid", "text"),
    ("a file with a path", {"files": [{"sha256": "0" * 64, "path": "../x"}]}, "draft-field-invalid", "files"),
    ("a hash in capitals", {"files": [{"sha256": "A" * 64}]}, "draft-field-invalid", "files"),
    ("an extent that there is none of", {"ai.text": "half"}, "draft-field-invalid", "ai.text"),
    ("a part of AI that there is none of", {"ai.unit": "made"}, "draft-field-unknown", "ai.unit"),
    ("an acceptance without a hash", {"declare.truth": "yes"}, "draft-field-invalid", "declare.truth"),
    ("a kind of declaration that there is none of", {"declare.all": "0" * 64}, "draft-field-unknown", "declare.all"),
)


@pytest.mark.parametrize(("name", "fields", "code", "field"), BAD_CHANGES, ids=[each[0] for each in BAD_CHANGES])
def test_bad_change_of_a_draft_is_refused_at_its_field_and_stores_nothing(
    town: Town, name: str, fields: dict[str, Any], code: str, field: str
) -> None:
    change = {"title": "题"} | fields
    refused = town.call("change_draft", "U1", "unit", entry="new", revision=0, fields=change)["refused"]

    assert (refused["code"], refused["field"]) == (code, field), name
    assert town.ok("draft", "U1", "unit", entry="new")["fields"] == {}


@pytest.mark.parametrize("receipt", ["", "A" * 12, "ABCD", "a" * 12, "0" * 12])
def test_receipt_that_was_never_given_out_is_unknown(town: Town, receipt: str) -> None:
    assert town.no("receipt", "U1", "unit", receipt=receipt) == "receipt-unknown"
