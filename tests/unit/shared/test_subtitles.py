"""Captions of films: what is read, what is refused with its place, and what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.subtitles import Cue, Flaw, read_subtitles, spoken_text, vtt_form, write_vtt

VTT = """WEBVTT Kind: captions

NOTE 校对：张工

1
00:01.000 --> 00:04.500 align:start position:10%
<v 李师傅>炉子 & 温度

00:05.000 --> 01:00:07.000
<b>一千</b>二百度
第二行
"""
SRT = """1
0:00:01,000 --> 00:00:04,500
{\\an8}<font color="#fff">炉子 < 温度</font>

2
00:00:05,000 --> 00:00:07,000 X1:10
<i>一千二百度</i>
"""


def flaws_of(text: str, *, film_ms: int = 0) -> list[tuple[int, int, str]]:
    return [(each.line, each.column, each.en) for each in read_subtitles(text, film_ms=film_ms).flaws]


def vtt(*lines: str) -> str:
    return "\n".join(("WEBVTT", "", *lines))


def test_web_vtt_is_read_with_speakers_and_settings_and_without_remarks_and_names():
    assert read_subtitles(VTT).cues == (
        Cue(1_000, 4_500, "<v 李师傅>炉子 &amp; 温度", "align:start position:10%"),
        Cue(5_000, 3_607_000, "<b>一千</b>二百度\n第二行"),
    )


def test_sub_rip_becomes_web_vtt_without_its_fonts_and_places():
    assert vtt_form("\ufeff" + SRT.replace("\n", "\r\n")) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.500\n炉子 &lt; 温度\n\n00:00:05.000 --> 00:00:07.000\n<i>一千二百度</i>\n"
    )


def test_what_is_written_reads_back_as_itself():
    assert [vtt_form(vtt_form(each)) for each in (VTT, SRT)] == [vtt_form(VTT), vtt_form(SRT)]


def test_words_of_captions_are_read_without_times_and_marks():
    assert spoken_text(VTT) == "炉子 & 温度\n一千二百度 第二行"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("会议纪要", [(1, 1, "not a caption file: it must begin with WEBVTT or be SubRip")]),
        ("WEBVTT\n", [(1, 1, "it holds no caption")]),
        ("WEBVTT\n00:01.000 --> 00:02.000\n字", [(2, 1, "a blank line must follow WEBVTT")]),
        (vtt("STYLE", "::cue { color: red }"), [(3, 1, "remove the part STYLE: styles are not accepted")]),
        (vtt("字"), [(3, 1, "its line of times is missing, such as 00:00:01.000 --> 00:00:04.000")]),
        (vtt("00:01.000 --> 00:02.000", ""), [(3, 1, "no text follows these times")]),
        (vtt("00:01,000 --> 00:02.000", "字"), [(3, 6, "a point, not a comma, stands before milliseconds")]),
        (vtt("00:01.000 --> 2", "字"), [(3, 15, "write the time '2' as 00:00:01.000")]),
        (vtt("00:01.000-->00:02.000", "字"), [(3, 10, "blanks must stand on both sides of -->")]),
        (vtt("00:02.000 --> 00:02.000", "字"), [(3, 15, "it must end after its beginning")]),
        (vtt("00:01.000 --> 00:02.000 region:a", "字"), [(3, 25, "the setting 'region:a' is not known")]),
        (vtt("00:01.000 --> 00:02.000", "字 <script>"), [
            (4, 3, "the mark '<script>': only <b>, <i>, <u> and <v Name> are accepted")
        ]),
        (vtt("00:01.000 --> 00:02.000", "<b>字"), [(4, 1, "<b> is not closed")]),
        (vtt("00:01.000 --> 00:02.000", "字</i>"), [(4, 2, "</i> closes nothing")]),
        (vtt("00:01.000 --> 00:02.000", "<b></b>"), [(4, 1, "the caption has no text")]),
        (vtt("00:01.000 --> 00:02.000", "字", "00:03.000 --> 00:04.000", "字"), [
            (5, 11, "a blank line must stand before the next caption")
        ]),
        (vtt("00:05.000 --> 00:06.000", "字", "", "00:01.000 --> 00:02.000", "字"), [
            (6, 1, "it begins before the caption above it")
        ]),
        (vtt("00:01.000 --> 00:02.000", "字\u200b"), [(4, 2, "an invisible zero-width space")]),
    ],
)  # fmt: skip
def test_flaw_is_named_at_its_line_and_column(text: str, expected: list[tuple[int, int, str]]):
    assert flaws_of(text) == expected


def test_all_flaws_are_named_in_the_order_of_their_lines():
    broken = vtt("00:02.000 --> 00:01.000", "字", "", "00:03.000 --> x", "字", "", "00:04.000 --> 00:05.000", "字<c>")
    assert [(line, column) for line, column, _ in flaws_of(broken)] == [(3, 15), (6, 15), (10, 2)]


def test_no_caption_begins_after_the_film():
    text = vtt("00:09.999 --> 00:12.000", "字")
    assert (flaws_of(text, film_ms=10_000), flaws_of(text, film_ms=9_999)) == (
        [],
        [(3, 1, "it begins after the film's end (00:00:09.999)")],
    )


def test_flaws_have_chinese_words_too():
    english = "not a caption file: it must begin with WEBVTT or be SubRip"
    assert read_subtitles("x").flaws == (Flaw(1, 1, "不是字幕文件：首行须为 WEBVTT，或为 SRT 格式", english),)


@given(st.text(alphabet="<>&bivu/ \n-0123456789:.,WEBTNOSRIPXfontc{}\\字", max_size=200))
def test_whatever_is_typed_is_refused_or_becomes_text_that_reads_back_as_itself(text: str):
    for each in (text, f"WEBVTT\n\n{text}", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}"):
        found = read_subtitles(each)
        if not found.flaws:
            assert read_subtitles(write_vtt(found.cues)).cues == found.cues
