"""Read what the text of a Chinese notice says of the rules of a competition: windows, limits, seats, weights, files.

Promises: everything that is found has the place in the text where it stands, and the values of the form that it means;
what contradicts itself is named with all its places. Nothing is found twice at one place. The same text gives the same.
Does not promise that everything is found, or meant so: a person confirms each finding before it enters a draft.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, pairwise

Place = tuple[int, int]
_PHASES = ("submission", "likes", "judging", "exhibition")
_WORDS = {
    "submission": ("报送", "申报", "征集", "投稿", "提交", "报名"),
    "likes": ("点赞", "投票", "线上评选"),
    "judging": ("评审", "评分", "打分", "评议"),
    "exhibition": ("展播", "展示", "展览"),
    "whole": ("活动时间", "活动自", "活动从", "整个活动"),
}
_DAY = r"(?:(?P<{0}y>\d{{4}})年)?(?:(?P<{0}m>\d{{1,2}})月)?(?P<{0}d>\d{{1,4}})日"
_CLOCK = r"(?:\s*(?P<{0}h>\d{{1,2}})(?:[:：时点](?P<{0}n>\d{{2}})?分?))?"
_TO = r"\s*(?:(?:起|开始)?\s*[，,]?\s*(?:至|到|—|–|－|-|~|～)+|开始\s*[，,、])\s*"
_RANGE = re.compile(_DAY.format("a") + _CLOCK.format("a") + _TO + _DAY.format("b") + _CLOCK.format("b"))
_UNTIL = re.compile(_DAY.format("b") + _CLOCK.format("b") + r"\s*(?:前|之前|截止|止)")
_YEAR = re.compile(r"(20\d\d)\s*年")
_SENTENCE_END = re.compile(r"[。；;！\n]")
_CLAUSE_END = re.compile(r"[，,。；;！\n]")
_LEAST_YEAR = 2000
_FULL = 100
_VIDEO = frozenset({"mp4", "mov", "wmv", "webm", "avi", "flv", "mpg"})
_AUDIO = frozenset({"mp3", "m4a", "wma", "wav", "aac"})
_KNOWN_VIDEO, _KNOWN_AUDIO = frozenset({"mp4", "mov", "wmv", "webm"}), frozenset({"mp3", "m4a", "wma"})
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
             "百": 100}  # fmt: skip
_N = r"(\d{1,6}|[一二两三四五六七八九十百])"
_CODES = {"国有": "state", "非公": "private", "外资": "foreign", "机关": "public", "事业": "public", "其": "other",
          "民营": "private", "学校": "school"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the notice says: its kind, its place in the text, and the form values that it means."""

    kind: str
    start: int
    end: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Parts of the notice that do not go together, with their places, in Chinese and English."""

    code: str
    places: tuple[Place, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a notice, in the order of the text, and what contradicts itself."""

    findings: tuple[Finding, ...]
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    phase: str
    begin: datetime | None
    end: datetime | None
    place: Place


def read_notice(text: str, *, year: int) -> Reading:
    """Read a notice. `year` is meant where the notice names none."""
    named = _YEAR.search(text)
    spans, broken = _spans(text, int(named[1]) if named else year)
    findings = [_window(each) for each in spans if each.phase != "whole"]
    findings += [*_limits(text), *_seats(text), *_weights(text), *_files(text), *_conversion(text), *_judging(text)]
    findings.sort(key=lambda each: (each.start, each.end, each.kind))
    contradictions = [*broken, *_of_spans(spans), *_of_values(findings), *_of_formats(text), *_of_limits(text)]
    return Reading(tuple(findings), tuple(sorted(contradictions, key=lambda each: each.places)))


# Windows


def _spans(text: str, year: int) -> tuple[list[_Span], list[Contradiction]]:
    spans: list[_Span] = []
    broken: list[Contradiction] = []
    taken: list[Place] = []
    for pattern in (_RANGE, _UNTIL):
        for found in pattern.finditer(text):
            if any(start < found.end() and found.start() < end for start, end in taken):
                continue
            taken.append(found.span())
            phase = _phase_at(text, found.start(), found.end())
            begin, wrong_begin = _moment(found, "a", year, None) if pattern is _RANGE else (None, False)
            end, wrong_end = _moment(found, "b", year, begin)
            if wrong_begin or wrong_end:
                zh, en = f"日历上没有这个日期：{found[0]}", f"the calendar has no such date: {found[0]}"
                broken.append(Contradiction("impossible-date", (found.span(),), zh, en))
            elif phase is not None:
                spans.append(_Span(phase, begin, end, found.span()))
    return sorted(spans, key=lambda each: each.place), broken


def _moment(found: re.Match[str], side: str, year: int, begin: datetime | None) -> tuple[datetime | None, bool]:
    """Return the moment that a date means, and whether it is impossible. The end of a day is midnight of the next."""
    month = found[f"{side}m"] or (str(begin.month) if begin is not None else None)
    if month is None:
        return None, True
    written = int(found[f"{side}y"] or (begin.year if begin is not None else year))
    try:
        day = datetime.combine(date(written, int(month), int(found[f"{side}d"])), datetime.min.time())
    except ValueError:
        return None, True
    if begin is not None and day < begin and found[f"{side}y"] is None and int(month) < begin.month:
        day = day.replace(year=day.year + 1)  # from December to January
    hour, minute = found[f"{side}h"], int(found[f"{side}n"] or 0)
    if hour is None:
        return (day + timedelta(days=1) if side == "b" else day), False
    if int(hour) > 24 or minute > 59 or (int(hour) == 24 and minute):
        return None, True
    return day + timedelta(hours=int(hour), minutes=minute), False


def _phase_at(text: str, start: int, end: int) -> str | None:
    """Return the phase that a date belongs to: the nearest word before it in its clause, or else after it; where the
    clause has none, the same in its sentence.
    """
    return _phase_within(text, start, end, _CLAUSE_END) or _phase_within(text, start, end, _SENTENCE_END)


def _phase_within(text: str, start: int, end: int, edges: re.Pattern[str]) -> str | None:
    before, after = edges.split(text[:start])[-1], edges.split(text[end:])[0]
    nearest = [(before.rfind(word), phase) for phase, words in _WORDS.items() for word in words if word in before]
    if nearest:
        return max(nearest)[1]
    following = [(after.find(word), phase) for phase, words in _WORDS.items() for word in words if word in after]
    return min(following)[1] if following else None


def _window(span: _Span) -> Finding:
    values = {}
    for edge, moment in (("start", span.begin), ("end", span.end)):
        if moment is not None:
            values[f"windows.{span.phase}.{edge}"] = moment.isoformat()[:16]
    return Finding(f"windows.{span.phase}", *span.place, values)


def _of_spans(spans: Sequence[_Span]) -> Iterator[Contradiction]:
    for one, other in combinations(spans, 2):
        if one.phase == other.phase and _differ(one, other):
            zh = "同一阶段写了两个不同的时间"
            yield Contradiction("window-twice", (one.place, other.place), zh, "two different times for the same phase")
    first = {phase: next((each for each in spans if each.phase == phase), None) for phase in (*_PHASES, "whole")}
    for span in spans:
        if span.begin is not None and span.end is not None and span.end <= span.begin:
            yield Contradiction("end-before-start", (span.place,), "结束早于开始", "it ends before it begins")
    for earlier, later in pairwise([each for phase in _PHASES if (each := first[phase]) is not None]):
        if earlier.end is not None and later.begin is not None and later.begin < earlier.end:
            zh, en = "两个阶段的时间重叠", "the times of two phases overlap"
            yield Contradiction("overlap", (earlier.place, later.place), zh, en)
    whole = first["whole"]
    if whole is not None and whole.begin is not None and whole.end is not None:
        for span in spans:
            begin, end = span.begin or whole.begin, span.end or whole.end
            if span is not whole and (begin < whole.begin or end > whole.end):
                zh, en = "这个阶段超出活动时间", "this phase lies outside the time of the whole campaign"
                yield Contradiction("outside-campaign", (whole.place, span.place), zh, en)


def _differ(one: _Span, other: _Span) -> bool:
    begins = one.begin is not None and other.begin is not None and one.begin != other.begin
    return begins or (one.end is not None and other.end is not None and one.end != other.end)


# Limits, seats, weights


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMERALS[text]


def _each(text: str, kind: str, path: str, *patterns: str) -> Iterator[Finding]:
    taken: list[Place] = []
    for pattern in patterns:
        for found in re.finditer(pattern, text):
            if not any(start < found.end() and found.start() < end for start, end in taken):
                taken.append(found.span())
                yield Finding(kind, *found.span(), {path: str(_number(found[1]))})


def _limits(text: str) -> Iterator[Finding]:
    times = r"\s*(?:票|次|个赞|个|件|项)"
    day = r"每(?:人|位[^，。；]{0,6}|个?微信号?)?(?:每天|每日)(?:(?!同一)[^，。；\d]){0,12}?"
    exactly = r"(?:每天|每日)(?:须|要|应)?(?:投满|选满)[^，。；\d]{0,4}?"
    yield from _each(text, "likes.per_day", "likes.per_day", day + _N + times, exactly + _N + times)
    for found in re.finditer(
        r"(?:票数|点赞数)[^，。；\d]{0,4}(?:每天|每日)\s*(\d{1,2})[:：](\d{2})[^，。；]{0,4}公布", text
    ):
        values = {"likes.totals": "daily", "likes.totals_at": f"{int(found[1]):02}:{found[2]}"}
        yield Finding("likes.totals", *found.span(), values)
    same = r"(?:同一?类|每类|同类)[^，。；\d]{0,10}?"
    yield from _each(text, "likes.per_type", "likes.per_type", same + _N + times)
    notice = r"公示(?:期|时间)?[^，。；\d]{0,6}?" + _N + r"\s*个?(?:工作日|天)"
    yield from _each(text, "windows.notice_days", "windows.notice_days", notice)
    first = r"前" + _N + r"\s*(?:名|位|件|项)[^，。；]{0,6}(?:进入|参加)[^，。；]{0,4}评"
    for found in re.finditer(first, text):
        values = {"cohort.rule": "top_n_by_likes_per_type", "cohort.top_n": str(_number(found[1]))}
        yield Finding("cohort", *found.span(), values)


def _seats(text: str) -> Iterator[Finding]:
    patterns = (
        r"(?:选树|选出|评出|评选出|产生|遴选)[^，。；\d]{0,8}?" + _N + r"\s*(?:家|名|个|件|项)",
        r"(?:总名额|共设|名额共)[^，。；\d]{0,4}?" + _N + r"\s*(?:家|名|个|件|项)",
    )
    yield from _each(text, "quota.total", "quota.total", *patterns)
    each_of = re.compile(
        r"(?P<types>[\u4e00-\u9fff]{1,8}(?:、[\u4e00-\u9fff]{1,8}){1,9}(?:[和及与][\u4e00-\u9fff]{1,10}?)?)"
        r"(?:类型)?(?:工会|单位|企业)?(?:大体|大致|原则上)?各(?:类)?(?:评选|选树|推选)?" + _N + r"\s*(?:家|名|个|件|项)"
    )
    for found in each_of.finditer(text):
        names = [each for each in re.split(r"[、和及与]", found["types"]) if each]
        names[0] = re.sub(r"^(?:其中|包括|分为|分别是|按)", "", names[0]) or names[0]
        names[-1] = re.sub(r"(?:类型)?(?:基层)?(?:工会|单位)?(?:大体|大致)?$", "", names[-1]) or names[-1]
        seats = str(_number(found[2]))
        values: dict[str, str] = {}
        codes: set[str] = set()
        for n, name in enumerate(names):
            code = next((code for word, code in _CODES.items() if name.startswith(word)), f"type{n + 1}")
            code = code if code not in codes else f"type{n + 1}"
            codes.add(code)
            row = f"unit_types.{n}"
            values |= {f"{row}.code": code, f"{row}.zh": name, f"{row}.quota": seats}
        yield Finding("unit_types", *found.span(), values)


_PERCENT = r"[^，。；%\d]{0,14}?(?:占比?|权重|按|乘以|×)?\s*(\d{1,3})\s*[%％]"


_OF_WEIGHTS = (r"(?:点赞|投票|得票|票数|人气)", r"(?:专家|评委|评审)")
# A share at the end of a sentence that says first how likes become points, or marks a mean.
_LATER = r"(?:{0})(?:(?!{1})[^。；;\n%％]){{0,60}}(?:占|权重|乘以|×)(?:(?!{1})[^，。；%\d]){{0,8}}(\d{{1,3}})\s*[%％]"
_LIKERS, _EXPERTS = "点赞|投票|得票|票数", "专家|评委|评审"
_LATER_SHARES = {
    "weights.like": _LATER.format(_LIKERS, _EXPERTS),
    "weights.expert": _LATER.format(_EXPERTS, _LIKERS),
}


def _weights(text: str) -> Iterator[Finding]:
    for path, words in zip(("weights.like", "weights.expert"), _OF_WEIGHTS, strict=True):
        for found in re.finditer(words + _PERCENT, text):
            if int(found[1]) <= _FULL:
                yield Finding(path, *found.span(), {path: f"{int(found[1]) / _FULL:g}"})
    taken = [(each.start(1), each.end(1)) for words in _OF_WEIGHTS for each in re.finditer(words + _PERCENT, text)]
    for path, pattern in _LATER_SHARES.items():
        for found in re.finditer(pattern, text):
            if found.span(1) not in taken and int(found[1]) <= _FULL:
                yield Finding(path, *found.span(), {path: f"{int(found[1]) / _FULL:g}"})


def _files(text: str) -> Iterator[Finding]:
    at_most, inside = r"(?:不超过|不多于|最多|控制在|限)", r"(?:以内|之内|内)"
    for path, word, unit in (
        ("entry.text_max_chars", r"(?:文字|字数|正文|文章|材料)", "字"),
        ("entry.pictures_max", r"(?:图片|照片)", "张"),
    ):
        yield from _each(
            text,
            path,
            path,
            rf"{word}[^，。；\d]{{0,8}}?{at_most}\s*{_N}\s*{unit}",
            rf"{word}[^，。；\d]{{0,8}}?{_N}\s*{unit}\s*{inside}",
        )
    yield from _each(
        text,
        "entry.pictures_min",
        "entry.pictures_min",
        rf"(?:图片|照片)[^，。；\d]{{0,8}}?(?:不少于|至少|不低于)\s*{_N}\s*张",
        rf"(?:图片|照片)[^，。；\d]{{0,4}}?{_N}\s*张(?:以上|及以上)",
        rf"{_N}\s*张(?:以上|及以上)(?:的)?(?:图片|照片)",
    )
    for found in re.finditer(rf"(?:视频|短片|微视频)[^，。；\d]{{0,10}}?{_N}\s*(分钟|秒)(?:{inside})?", text):
        seconds = _number(found[1]) * (60 if found[2] == "分钟" else 1)
        yield Finding("entry.video_max_s", *found.span(), {"entry.video_max_s": str(seconds)})
    formats = _formats(text)
    video = [name for name, _ in formats if name in _KNOWN_VIDEO]
    audio = [name for name, _ in formats if name in _KNOWN_AUDIO]
    if formats and (video or audio):
        values = {}
        if video:
            values["entry.video_containers"] = ", ".join(dict.fromkeys(video))
        if audio:
            values["entry.audio_containers"] = ", ".join(dict.fromkeys(audio))
        yield Finding("formats", formats[0][1][0], formats[-1][1][1], values)


def _formats(text: str) -> list[tuple[str, Place]]:
    found = re.finditer(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9]{2,3})(?![A-Za-z0-9])", text)
    return [(each[1].lower(), each.span()) for each in found if each[1].lower() in _VIDEO | _AUDIO]


def _conversion(text: str) -> Iterator[Finding]:
    step = re.search(
        r"第\s*(?:1|一)\s*名[^，。；\d]{0,4}?(\d{1,3})\s*分[^。；]{0,20}?(?:每低|每降|每下降|依次|逐名)[^。；\d]{0,8}?"
        r"(?:减|递减|扣)[^。；\d]{0,4}?(\d{1,3}(?:\.\d{1,4})?)\s*分",
        text,
    )
    if step is not None:
        values = {"name": "rank_step", "start": step[1], "step": step[2], "floor": "0"}
        yield Finding("conversion", *step.span(), {f"conversion.{name}": value for name, value in values.items()})
    floor = re.search(
        r"第\s*(\d{1,3})\s*名[^，。；\d]{0,4}?(\d{1,3})\s*分[^。；]{0,6}?每(?:前进|升|提高|上升)[^。；\d]{0,6}?"
        r"加\s*(\d{1,3}(?:\.\d{1,4})?)\s*分",
        text,
    )
    if floor is not None and step is None:
        start = Decimal(floor[2]) + Decimal(floor[3]) * (int(floor[1]) - 1)
        values = {"name": "rank_step", "start": f"{start.normalize():f}", "step": floor[3], "floor": floor[2]}
        yield Finding("conversion", *floor.span(), {f"conversion.{name}": value for name, value in values.items()})
    most = re.search(r"(?:得票数|票数|点赞数)[^。；]{0,6}(?:除以|/|÷|与)\s*最高(?:得票数?|票数?|点赞数)", text)
    if most is not None:
        yield Finding("conversion", *most.span(), {"conversion.name": "prop_max"})
    rank = re.search(r"(?:点赞|投票|得票)[^，。；]{0,6}(?:积分)?(?:排名|名次)", text)
    if rank is not None and step is None and most is None and floor is None:
        yield Finding("conversion", *rank.span(), {"conversion.name": "rank_percentile"})


def _judging(text: str) -> Iterator[Finding]:
    for found in re.finditer(r"(?:去掉|去)[^，。；]{0,4}最高分[^，。；]{0,8}最低分", text):
        yield Finding("judging.method", *found.span(), {"judging.method": "trimmed"})
    number = rf"{_N}\s*(?:位|名)(?:专家|评委)[^，。；]{{0,12}}(?:打分|评分|评审|打出)"
    yield from _each(text, "judging.min_marks", "judging.min_marks", number)


def _of_limits(text: str) -> Iterator[Contradiction]:
    """Name rules that the platform forbids, or that hurt people who share an address; no field holds them."""
    for found in re.finditer(
        r"(?:转发|分享)[^。；\n]{0,12}?(?:多投|增加|加|再投|奖励|获得)\s*" + _N + r"?\s*(?:票|次)", text
    ):
        zh, en = "转发换票：微信禁止奖励转发", "votes for sharing: WeChat forbids rewards for it"
        yield Contradiction("share-bonus", (found.span(),), zh, en)
    for found in re.finditer(r"(?:同一|每个?|单个)\s*(?:IP|ip)(?:地址)?[^。；\n]{0,20}?" + _N + r"\s*(?:票|次)", text):
        zh = "按 IP 限票：同一厂区的人共用地址，这里不按 IP 限"
        en = "a limit by IP address: people of one factory share one, so there is no such limit here"
        yield Contradiction("limit-by-address", (found.span(),), zh, en)


def _of_values(findings: Sequence[Finding]) -> Iterator[Contradiction]:
    by_kind: dict[str, list[Finding]] = {}
    for each in findings:
        by_kind.setdefault(each.kind, []).append(each)
    for kind, found in by_kind.items():
        if kind.startswith("windows.") and kind != "windows.notice_days":
            continue  # compared as times
        for one, other in combinations(found, 2):
            if dict(one.values) != dict(other.values) and kind != "formats":
                zh, en = "同一件事写了两个不同的数", "two different figures for the same thing"
                yield Contradiction("said-twice", _places(one, other), zh, en)
    totals, types = by_kind.get("quota.total", []), by_kind.get("unit_types", [])
    if totals and types:
        seats = sum(int(value) for path, value in types[0].values.items() if path.endswith(".quota"))
        total = int(totals[0].values["quota.total"])
        if seats != total:
            zh = f"各类名额之和是 {seats}，总数是 {total}"
            en = f"the seats of the types add up to {seats}, the total is {total}"
            yield Contradiction("quota-sum", _places(totals[0], types[0]), zh, en)
    like, expert = by_kind.get("weights.like", []), by_kind.get("weights.expert", [])
    if like and expert:
        shares = [round(float(next(iter(each[0].values.values()))) * _FULL) for each in (like, expert)]
        if sum(shares) != _FULL:
            zh, en = f"占比之和是 {sum(shares)}%", f"the shares add up to {sum(shares)} %"
            yield Contradiction("weights-sum", _places(like[0], expert[0]), zh, en)
    a_day, a_type = by_kind.get("likes.per_day", []), by_kind.get("likes.per_type", [])
    if a_day and a_type and int(a_type[0].values["likes.per_type"]) > int(a_day[0].values["likes.per_day"]):
        zh, en = "每类的次数多于每天的次数", "more for a type than for a day"
        yield Contradiction("limit-never-bites", _places(a_day[0], a_type[0]), zh, en)
    least, most = by_kind.get("entry.pictures_min", []), by_kind.get("entry.pictures_max", [])
    if least and most and int(least[0].values["entry.pictures_min"]) > int(most[0].values["entry.pictures_max"]):
        zh, en = "图片的下限大于上限", "the least number of pictures is above the most"
        yield Contradiction("pictures-cross", _places(least[0], most[0]), zh, en)


def _of_formats(text: str) -> Iterator[Contradiction]:
    """Name each format of sound that a sentence about films lists, and each that is not accepted."""
    for name, place in _formats(text):
        sentence = _SENTENCE_END.split(text[: place[0]])[-1]
        if name in _AUDIO and "视频" in sentence and "音频" not in sentence:
            zh, en = f"{name} 是音频格式，写在视频的要求里", f"{name} is a format of sound, named among those of films"
            yield Contradiction("audio-as-video", (place,), zh, en)
        elif name not in _KNOWN_VIDEO | _KNOWN_AUDIO:
            zh, en = f"不支持 {name} 格式", f"the format {name} is not accepted"
            yield Contradiction("format-unknown", (place,), zh, en)


def _places(*findings: Finding) -> tuple[Place, ...]:
    return tuple((each.start, each.end) for each in findings)
