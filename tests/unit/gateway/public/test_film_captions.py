"""Captions of a film on its way to the public: where its entry is shown, and nowhere else."""

from typing import Any

import pytest

from tests.unit.gateway.town import CONTENT, FILM, PICTURE, VIEWS, Visitor

VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n炉子\n"
PATH = f"/entries/A001/captions/{FILM}"
TRACK = f'<track kind="captions" src="{PATH}" srclang="zh-CN" label="字幕" default>'


@pytest.fixture
def town(visit: Any) -> Visitor:
    visitor: Visitor = visit(views=VIEWS)
    files = [{"sha256": PICTURE, "kind": "picture"}, {"sha256": FILM, "kind": "video", "subtitles": VTT}]
    visitor.town.answers["submission", "public_entry"] = {"ok": {**CONTENT, "files": files}}
    return visitor


def test_captions_of_a_visible_entry_are_web_vtt_that_runs_nothing(town: Visitor):
    answer = town.request("GET", PATH, plain=True)
    again = town.request("GET", PATH, plain=True, headers={"If-None-Match": answer.headers["etag"]})

    assert (answer.status_code, answer.text, again.status_code) == (200, VTT, 304)
    names = ("content-type", "x-content-type-options", "content-security-policy", "cache-control")
    assert [answer.headers[each] for each in names] == [
        "text/vtt; charset=utf-8",
        "nosniff",
        "default-src 'none'; sandbox",
        "public, no-cache",
    ]


def test_a_file_without_captions_is_unknown(town: Visitor):
    answers = [town.request("GET", f"/entries/A001/captions/{each}", plain=True) for each in (PICTURE, "0" * 64)]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(404, "upload-unknown")] * 2


def test_captions_of_an_entry_that_is_not_shown_are_unknown(town: Visitor):
    answer = town.request("GET", f"/entries/A999/captions/{FILM}", plain=True)

    assert (answer.status_code, answer.json()["code"]) == (404, "entry-unknown")
