"""Title, description and text of a page are read from what a server sent, in one form."""

import json
from pathlib import Path

import pytest

from shared.media import limited_process
from shared.media.limited_process import Finished, Limits
from shared.media.page_text import described, read_page

PAGE = (
    "<!doctype html><html><head><title> 百家\n工会 </title><meta name='Description' content='五一&amp;六一'>"
    "<style>b{}</style></head><body><script>var a = '<p>no</p>';</script><p>一   二</p>\u200b<p>三<br>四</p>"
    "<noscript>请打开脚本</noscript></body></html>"
)


def read(folder: Path, body: bytes, charset: str = "") -> dict[str, str]:
    path = folder / "page"
    path.write_bytes(body)
    return read_page(path, charset)


def test_page_is_read_without_its_scripts(tmp_path: Path):
    assert read(tmp_path, PAGE.encode()) == described("百家 工会", "五一&六一", "一 二 三 四")


def test_page_that_breaks_its_lines_otherwise_has_the_same_hash(tmp_path: Path):
    other = PAGE.replace("一   二", "一\n\t二\u2060")

    assert read(tmp_path, other.encode())["sha256"] == read(tmp_path, PAGE.encode())["sha256"]
    assert read(tmp_path, PAGE.replace("三", "五").encode())["sha256"] != read(tmp_path, PAGE.encode())["sha256"]


@pytest.mark.parametrize(
    ("encoding", "charset", "named"),
    [
        ("utf-8", "", ""),
        ("utf-8", "UTF-8", ""),
        ("gb18030", "gb2312", ""),
        ("gb18030", "", "<meta charset=gbk>"),
        ("gb18030", "", ""),
        ("utf-8", "no-such-encoding", ""),
        ("utf-8", "base64", ""),
    ],
)
def test_page_is_read_in_the_encoding_that_it_has(tmp_path: Path, encoding: str, charset: str, named: str):
    assert read(tmp_path, (named + PAGE.replace("\u200b", "")).encode(encoding), charset)["title"] == "百家 工会"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"</title></script>", b"<title>", b"<!--", b"<![CDATA[x", b"&#x110000;"]
)
def test_broken_page_is_read_as_far_as_it_goes(tmp_path: Path, body: bytes):
    assert sorted(read(tmp_path, body)) == ["description", "sha256", "text", "title"]


def test_og_title_stands_for_a_missing_one(tmp_path: Path):
    body = '<meta property="og:title" content="标题"><meta property="og:description" content="说明"><p>正文'

    assert read(tmp_path, body.encode()) == described("标题", "说明", "正文")


@pytest.mark.slow
def test_page_is_read_in_a_limited_process(tmp_path: Path):
    path = tmp_path / "page"
    path.write_bytes(PAGE.encode())

    ended = limited_process.run({"page": str(path), "charset": ""}, Limits(5, 10.0, 512 << 20))

    assert isinstance(ended, Finished)
    assert json.loads(ended.output) == described("百家 工会", "五一&六一", "一 二 三 四")
