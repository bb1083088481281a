"""Captions of films: kept with the draft as they were given, handed in as WebVTT, refused with line and column."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.http.problems import with_texts
from services.submission.entry_checks import subtitles_problems
from services.submission.events import EntrySubmitted, File
from services.submission.uploads import Uploads
from services.submission.version_digest import content
from shared.stamps import wall_ms
from shared.subtitles import vtt_form
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_hand_in_service import hand_in, whole, write
from tests.unit.submission.test_links import database_of
from tests.unit.submission.test_service import approve

Put = Callable[..., str]
FILM = hashlib.sha256(b"a film").hexdigest()
FIELD = f"subtitles.{FILM}"
SRT = "1\n00:00:01,000 --> 00:00:04,000\n炉子 & 温度\n"
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n炉子 &amp; 温度\n"


@pytest.fixture
def fields(town: Town, upload: Put) -> dict[str, Any]:
    """The fields of a draft with pictures and a film of one minute."""
    path = town.data / "media" / "town" / FILM[:2] / FILM
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a film")
    Uploads(database_of(town)).save("U1", File(FILM, "video", "mp4", "a.mp4", 6, 320, 180, 60_000), at=wall_ms())
    found = whole(upload)
    return found | {"files": [*found["files"], {"sha256": FILM, "name": "a.mp4"}]}


def test_captions_that_were_taken_once_are_taken_again_whatever_stands_for_their_signs():
    film = File(FILM, "video", "mp4", "a.mp4", 6, 320, 180, 60_000)
    typed = SRT.replace("温度", "&" * 7_980)

    for text in (typed, vtt_form(typed), vtt_form(vtt_form(typed))):
        found = subtitles_problems(replace(film, subtitles=text), place="files/0/subtitles")
        assert [(each.code, each.field) for each in found] == []
    longer = SRT.replace("温度", "&" * 39_900)
    met = {
        each.detail["counted"]
        for text in (longer, vtt_form(longer))
        for each in subtitles_problems(replace(film, subtitles=text), place="files/0/subtitles")
    }
    assert len(met) == 1


def film_of(view: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in view["files"] if each["sha256"] == FILM)


def test_sub_rip_is_kept_as_typed_and_handed_in_as_web_vtt(town: Town, fields: dict[str, Any]):
    draft = write(town, **fields, **{FIELD: SRT})
    hand_in(town, draft["revision"])
    town.appoint("mo", "莫", "moderator")
    approve(town)

    public = town.ok("public_entry", "", "", entry="U1-1")
    again = town.ok("draft", "U1", "unit", entry="U1-1")

    assert (draft["fields"][FIELD]["value"], film_of(public)["subtitles"]) == (SRT, VTT)
    assert (again["fields"][FIELD]["value"], again["unsent"]) == (VTT, [])


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:00.500\n字", "subtitles-broken", "第 3 行第 15 列：结束时间须晚于开始时间"),
        ("WEBVTT\n\n01:00.000 --> 01:02.000\n字", "subtitles-broken", "影片只有 00:01:00.000"),
        ("会议纪要", "subtitles-broken", "不是字幕文件"),
        ("字" * 40_001, "subtitles-too-long", "最多 40000 字"),
        (SRT.replace("温度", "&" * 39_900), "subtitles-too-long", "存为 WebVTT 后有 199548 字"),
    ],
)
def test_captions_with_a_flaw_are_refused_in_words_at_their_film(
    town: Town, fields: dict[str, Any], text: str, code: str, words: str
):
    revision = write(town, **fields, **{FIELD: text})["revision"]

    (problem,) = with_texts(town.ok("check_draft", "U1", "unit", entry="new"))["problems"]
    refused = town.call("hand_in_draft", "U1", "unit", entry="new", revision=revision)["refused"]

    assert (problem["code"], problem["field"], refused["code"]) == (code, FIELD, code)
    assert words in problem["zh"]


def test_a_picture_has_no_captions(town: Town, fields: dict[str, Any]):
    picture = fields["files"][0]["sha256"]
    write(town, **fields, **{f"subtitles.{picture}": VTT})

    problems = town.ok("check_draft", "U1", "unit", entry="new")["problems"]

    assert [(each["code"], each["field"]) for each in problems] == [
        ("subtitles-without-film", f"subtitles.{picture}")
    ]  # fmt: skip


def test_versions_say_that_captions_changed(town: Town, fields: dict[str, Any]):
    hand_in(town, write(town, **fields)["revision"])
    declared = {name: value for name, value in fields.items() if name.startswith("declare.")}
    hand_in(town, write(town, **{FIELD: VTT}, **declared)["revision"])

    seen = town.ok("comparison", "U1", "unit", entry="U1-1", earlier=1, later=2)

    assert [each["changes"] for each in seen["differences"]["files"]] == [
        [{"field": "subtitles", "before": "", "after": VTT}]
    ]


def test_digest_covers_captions_and_names_none_where_there_are_none():
    def files(subtitles: str) -> list[dict[str, Any]]:
        film = File(FILM, "video", "mp4", "a.mp4", 6, 320, 180, 60_000, subtitles=subtitles)
        version = EntrySubmitted(
            "U1-1", 1, "U1", "state", "题", "", "", ("home",), None, (film,), None, 1, ai=(), receipt="r"
        )  # fmt: skip
        found: list[dict[str, Any]] = content(version, None)["files"]
        return found

    shown = {"sha256": FILM, "name": "a.mp4", "caption": "", "alt": ""}
    assert (files(""), files(VTT)) == ([shown], [{**shown, "subtitles": VTT}])
