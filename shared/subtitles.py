"""Captions of films: WebVTT and SubRip (.srt) files, read strictly and written as WebVTT.

Promises: what is written is valid WebVTT (W3C Candidate Recommendation of 2019-04-04) that holds cues alone: their
times, their settings, and their text with the marks `<b>`, `<i>`, `<u>` and `<v Speaker>`; it reads back as itself.
Styles, regions, scripts and other marks never get into it. Each flaw names its line and column, which count from 1, in
Chinese and English. The functions are pure.
Does not promise that the words are those that are spoken, nor that two speakers never overlap.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.text_rule import normal_form, refused_characters

MEDIA_TYPE = "text/vtt; charset=utf-8"
HEADER = "WEBVTT"
MOST_CHARS = 40_000
MOST_CUES = 2_000
FLAWS_NAMED = 10
ARROW = "-->"
_BYTE_ORDER_MARK = "\ufeff"
_VTT_TIME = re.compile(r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})")
_SRT_TIME = re.compile(r"(\d{1,4}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})")
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(r"(?:-?\d{1,4}|\d{1,3}(?:\.\d{1,3})?%)(?:,(?:start|center|end))?"),
    "position": re.compile(r"\d{1,3}(?:\.\d{1,3})?%(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(r"\d{1,3}(?:\.\d{1,3})?%"),
    "align": re.compile(r"start|center|end|left|right"),
}
_MARK = re.compile(r"</(?P<close>[biuv])>|<(?P<open>[biu])>|<v[ \t]+(?P<speaker>[^<>& \t\n][^<>&\n]*)>")
_SRT_DROPPED = re.compile(r"</?font\b[^<>\n]*>|\{\\[^{}\n]*\}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm);")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong at a place of a file, in both languages."""

    line: int
    column: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A text and from when to when it is shown, in ms from the beginning of the film. `text` is as WebVTT writes it."""

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """The cues of a film, in their order, or what is wrong with the file."""

    cues: tuple[Cue, ...]
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of a file between two blank ones; `at` is the number of the first."""

    at: int
    lines: tuple[str, ...]


class _Wrong(Exception):
    def __init__(self, line: int, column: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.flaw = Flaw(line, column, zh, en)


def read_subtitles(text: str, *, film_ms: int = 0) -> Subtitles:
    """Read a WebVTT or SubRip file. With `film_ms`, the length of the film, no cue may begin after its end.

    There are no cues where there are flaws.
    """
    content = normal_form(text.removeprefix(_BYTE_ORDER_MARK))
    flaws = [
        Flaw(each.line, each.column, f"含有看不见的{each.zh}", f"an invisible {each.en}")
        for each in refused_characters(content)
    ]
    first, _, _ = content.partition("\n")
    is_vtt = first == HEADER or first.startswith((f"{HEADER} ", f"{HEADER}\t"))
    blocks = _blocks(content)
    if is_vtt:
        flaws += _header_flaws(blocks[0])
        del blocks[0]
    elif ARROW not in content:
        flaws.append(
            Flaw(
                1,
                1,
                "不是字幕文件：首行须为 WEBVTT，或为 SRT 格式",
                "not a caption file: it must begin with WEBVTT or be SubRip",
            )
        )
        return Subtitles((), tuple(flaws))
    cues, last_ms = [], 0
    for block in blocks:
        try:
            cue = _cue(block, is_vtt=is_vtt)
            if cue is None:
                continue
            _check_order(block, cue, last_ms, film_ms)
        except _Wrong as wrong:
            flaws.append(wrong.flaw)
            continue
        cues.append(cue)
        last_ms = cue.start_ms
    if not cues and not flaws:
        flaws.append(Flaw(1, 1, "没有一条字幕", "it holds no caption"))
    if len(cues) > MOST_CUES:
        flaws.append(Flaw(1, 1, f"字幕超过 {MOST_CUES} 条", f"it holds more than {MOST_CUES} captions"))
    flaws.sort(key=lambda each: (each.line, each.column))
    return Subtitles(() if flaws else tuple(cues), tuple(flaws))


def write_vtt(cues: Sequence[Cue]) -> str:
    """Return cues as a WebVTT file."""
    parts = [HEADER]
    for each in cues:
        settings = f" {each.settings}" if each.settings else ""
        parts.append(f"{_time(each.start_ms)} {ARROW} {_time(each.end_ms)}{settings}\n{each.text}")
    return "\n\n".join(parts) + "\n"


def vtt_form(text: str) -> str:
    """Return a file as WebVTT; unchanged if it has flaws, and empty if it is blank."""
    if not text.strip():
        return ""
    found = read_subtitles(text)
    return text if found.flaws else write_vtt(found.cues)


def spoken_text(text: str) -> str:
    """Return the words of a file without times and marks, one cue a line; empty if it has flaws."""
    words = (_MARK.sub("", each.text).replace("\n", " ") for each in read_subtitles(text).cues)
    signs = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&"))
    lines = []
    for line in words:
        for written, sign in signs:
            line = line.replace(written, sign)
        lines.append(line)
    return "\n".join(lines)


def _blocks(content: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    for number, line in enumerate([*content.split("\n"), ""], start=1):
        if line.strip():
            lines.append(line)
        elif lines:
            blocks.append(_Block(number - len(lines), tuple(lines)))
            lines = []
    return blocks


def _header_flaws(block: _Block) -> Iterator[Flaw]:
    for n, line in enumerate(block.lines):
        if ARROW in line:
            yield Flaw(block.at + n, 1, "WEBVTT 之后须空一行", "a blank line must follow WEBVTT")
            return


def _cue(block: _Block, *, is_vtt: bool) -> Cue | None:
    """Return the cue of a block, or None for a remark. Raises _Wrong."""
    first = block.lines[0].rstrip()
    if is_vtt and (first == "NOTE" or first.startswith(("NOTE ", "NOTE\t"))):
        return None
    if is_vtt and first in ("STYLE", "REGION"):
        raise _Wrong(
            block.at, 1, f"请删去 {first} 一段：不接受样式", f"remove the part {first}: styles are not accepted"
        )
    at = next((n for n, line in enumerate(block.lines[:2]) if ARROW in line), None)
    if at is None:
        example = "00:00:01.000 --> 00:00:04.000" if is_vtt else "00:00:01,000 --> 00:00:04,000"
        raise _Wrong(block.at, 1, f"缺少时间一行，如 {example}", f"its line of times is missing, such as {example}")
    start_ms, end_ms, settings = _times(block.lines[at], block.at + at, is_vtt=is_vtt)
    texts = block.lines[at + 1 :]
    if not texts:
        raise _Wrong(block.at + at, 1, "时间之后没有字幕文字", "no text follows these times")
    text = _text(texts, block.at + at + 1, is_vtt=is_vtt)
    return Cue(start_ms, end_ms, text, settings)


def _times(line: str, number: int, *, is_vtt: bool) -> tuple[int, int, str]:
    before, _, after = line.partition(ARROW)
    start_ms = _read_time(before.strip(), number, 1 + len(before) - len(before.lstrip()), is_vtt=is_vtt)
    column = len(before) + len(ARROW) + 1 + len(after) - len(after.lstrip())
    end, _, rest = after.strip().partition(" ")
    end_ms = _read_time(end, number, column, is_vtt=is_vtt)
    if is_vtt and not (before.endswith((" ", "\t")) and after.startswith((" ", "\t"))):
        raise _Wrong(number, len(before) + 1, "--> 两边须有空格", "blanks must stand on both sides of -->")
    if end_ms <= start_ms:
        raise _Wrong(number, column, "结束时间须晚于开始时间", "it must end after its beginning")
    return start_ms, end_ms, _settings(rest, number, line.find(rest, column) + 1) if is_vtt else ""


def _read_time(written: str, number: int, column: int, *, is_vtt: bool) -> int:
    found = (_VTT_TIME if is_vtt else _SRT_TIME).fullmatch(written)
    if found is None:
        if is_vtt and _VTT_TIME.fullmatch(written.replace(",", ".")):
            comma = column + written.index(",")
            raise _Wrong(number, comma, "秒与毫秒之间须为点号“.”", "a point, not a comma, stands before milliseconds")
        form = "00:00:01.000" if is_vtt else "00:00:01,000"
        raise _Wrong(number, column, f"时间“{written[:20]}”须写成 {form}", f"write the time {written[:20]!r} as {form}")
    hours, minutes, seconds, parts = found.groups()
    return (int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(parts.ljust(3, "0"))


def _settings(rest: str, number: int, column: int) -> str:
    """Return the settings of a cue as they are written. Raises _Wrong."""
    names: list[str] = []
    for each in rest.split():
        name, _, value = each.partition(":")
        pattern = _SETTINGS.get(name)
        if pattern is None or name in names or not pattern.fullmatch(value):
            at = column + rest.find(each)
            raise _Wrong(number, at, f"不认识的设置“{each[:20]}”", f"the setting {each[:20]!r} is not known")
        names.append(name)
    return " ".join(rest.split())


def _text(lines: Sequence[str], number: int, *, is_vtt: bool) -> str:
    """Return the text of a cue as WebVTT writes it. Raises _Wrong."""
    written, opened = [], []
    for n, line in enumerate(lines):
        if ARROW in line:
            at = line.index(ARROW) + 1
            raise _Wrong(number + n, at, "下一条字幕之前须空一行", "a blank line must stand before the next caption")
        kept = line if is_vtt else _SRT_DROPPED.sub("", line)
        parts, at = [], 0
        for mark in _MARK.finditer(kept):
            parts += [_escaped(kept[at : mark.start()], number + n, at, is_vtt=is_vtt), mark[0]]
            at = mark.end()
            if mark["close"] is None:
                opened.append((mark["open"] or "v", number + n, mark.start() + 1))
            elif not opened or opened.pop()[0] != mark["close"]:
                place = mark.start() + 1
                raise _Wrong(number + n, place, f"{mark[0]} 没有对应的开头", f"{mark[0]} closes nothing")
        parts.append(_escaped(kept[at:], number + n, at, is_vtt=is_vtt))
        written.append("".join(parts).strip())
    for name, line_number, column in opened:
        if name != "v":  # a speaker may go on to the end of the cue
            raise _Wrong(line_number, column, f"<{name}> 没有结束", f"<{name}> is not closed")
    found = "\n".join(filter(None, written))
    if not _MARK.sub("", found).strip():
        raise _Wrong(number, 1, "字幕没有文字", "the caption has no text")
    return found


def _escaped(text: str, number: int, at: int, *, is_vtt: bool) -> str:
    """Return a text between marks as WebVTT writes it. Raises _Wrong for a mark that is not accepted."""
    odd = text.find("<")
    if odd >= 0 and is_vtt:
        end = text.find(">", odd)
        mark = text[odd : end + 1 if end >= 0 else odd + 10][:20]
        accepted = "只接受 <b> <i> <u> <v 姓名>", "only <b>, <i>, <u> and <v Name> are accepted"
        raise _Wrong(number, at + odd + 1, f"标记“{mark}”不接受：{accepted[0]}", f"the mark {mark!r}: {accepted[1]}")
    parts, place = [], 0
    for entity in _ENTITY.finditer(text) if is_vtt else ():
        parts += [_signs(text[place : entity.start()]), entity[0]]
        place = entity.end()
    return "".join([*parts, _signs(text[place:])])


def _signs(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _check_order(block: _Block, cue: Cue, last_ms: int, film_ms: int) -> None:
    number = block.at + next(n for n, line in enumerate(block.lines) if ARROW in line)
    if cue.start_ms < last_ms:
        raise _Wrong(number, 1, "开始时间早于前一条字幕", "it begins before the caption above it")
    if film_ms and cue.start_ms >= film_ms:
        length = _time(film_ms)
        raise _Wrong(number, 1, f"影片只有 {length}，这条在结束之后", f"it begins after the film's end ({length})")


def _time(ms: int) -> str:
    seconds, parts = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{parts:03}"
