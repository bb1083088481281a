"""User texts in chat replies: nothing of them becomes a link."""

import pytest

from gateway.wechat.plain_text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<a href="https://evil.example/x">领奖</a>', '＜a href="https：//evil．example/x"＞领奖＜/a＞'),
        ("看 www.evil.example", "看 www．evil．example"),
        ("一\n二\u202e三", "一 二三"),
        ("3.15 活动 v2.0", "3.15 活动 v2.0"),
        ("A&B 《家》", "A&B 《家》"),
    ],
)
def test_text_is_one_line_that_wechat_makes_no_link_of(text: str, expected: str):
    assert plain(text) == expected
