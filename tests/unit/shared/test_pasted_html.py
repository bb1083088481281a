"""What Word, WPS and web pages put into the clipboard becomes readable paragraphs, and nothing else."""

import hypothesis
import pytest
from hypothesis import strategies

from shared.pasted_html import plain_text

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><title>材料</title>
<style><!-- p.MsoNormal {mso-style-parent:""; font-family:仿宋;} --></style>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head>
<body lang=ZH-CN><!--StartFragment--><h1 align=center><span style='font-size:22pt'>建会入会的做法</span></h1>
<p class=MsoNormal style='text-indent:32pt'><b>一是</b>摸清底数，<span
lang=EN-US>2021</span>年共有<span lang=EN-US>&nbsp;35 </span>家。<o:p></o:p></p>
<ol><li>走访<li>宣传</ol><ul><li>微信群</li></ul>
<table><tr><td><p>企业</p></td><td><p>人数</p></td></tr><tr><td>甲厂</td><td>1,200</td></tr></table>
<p>最后<br>一段</p><!--EndFragment--></body></html>"""


def test_text_of_word_keeps_headings_lists_and_tables_readable() -> None:
    assert plain_text(WORD).split("\n") == [
        "建会入会的做法",
        "一是摸清底数，2021年共有 35 家。",
        "1. 走访",
        "2. 宣传",
        "• 微信群",
        "企业｜人数",
        "甲厂｜1,200",
        "最后",
        "一段",
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("没有标记", "没有标记", id="a plain text"),
        pytest.param("3 &lt; 5 &amp; 7", "3 < 5 & 7", id="character references"),
        pytest.param("<p>前<script>alert(1)</script>后</p>", "前后", id="a script"),
        pytest.param("<p onclick=x>前<img src=x onerror=y>后</p>", "前后", id="handlers and pictures"),
        pytest.param("<p>前<style>p{}</style></p><p>&nbsp;</p><p>后</p>", "前\n后", id="styles and empty paragraphs"),
        pytest.param("<a href='javascript:x'>名</a>", "名", id="a link"),
        pytest.param("<ol><li>一<ul><li>甲</ul><li>二</ol>", "1. 一\n• 甲\n2. 二", id="a list in a list"),
        pytest.param("<li>无表</li>", "• 无表", id="an item without a list"),
        pytest.param("<table><tr><td>一<td><p>二</p><p>三</p></table>", "一｜二 三", id="paragraphs in a cell"),
        pytest.param("<b><i>未闭合", "未闭合", id="open tags"),
        pytest.param("é", "é", id="an accent apart"),
        pytest.param("工会<!-- 秘密 -->会员", "工会会员", id="a comment"),
        pytest.param("<title>题</title><p>文</p>", "文", id="a title"),
    ],
)
def test_pasted_html_becomes_plain_lines(html: str, expected: str) -> None:
    assert plain_text(html) == expected


@hypothesis.given(strategies.text(strategies.sampled_from("工会<>/=\"'&;!-[]ptdlibrscuo1 \n")))
def test_any_paste_becomes_a_text_that_is_its_own_paste_when_it_has_no_markup(html: str) -> None:
    text = plain_text(html)

    assert text == "\n".join(line for line in text.split("\n") if line.strip())
