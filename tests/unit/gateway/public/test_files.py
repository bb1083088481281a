"""Uploads are stored whole under their digest, and rolls are read."""

import asyncio
import base64
import hashlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.backends import media_store
from gateway.http import limits
from shared.media.storage import Folder
from tests.unit.gateway.town import ROOM, Visitor, code

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100
SHA = hashlib.sha256(JPEG).hexdigest()
LIMITS = {"ok": {"entry": {"picture_max_bytes": 1000, "video_max_bytes": 2000, "text_max_chars": 3000}}}
FACTS = {"sha256": SHA, "kind": "picture", "problems": [{"code": "too-few-pictures", "field": "files", "detail": {}}]}


@pytest.fixture
def unit(visitor: Visitor) -> Visitor:
    visitor.town.answers["moderation", "campaign"] = LIMITS
    visitor.town.answers["submission", "inspect_upload"] = {"ok": FACTS}
    return visitor


def stored(tmp_path: Path) -> list[Path]:
    return [each for each in (tmp_path / "media").rglob("*") if each.is_file()]


def send(visitor: Visitor, body: Any, name: str = "%E7%85%A7%E7%89%87.jpg", **headers: str) -> Any:
    return visitor.request("POST", "/uploads", role="unit", content=body, headers={"File-Name": name, **headers})


def test_upload_lies_under_its_digest_and_is_inspected(unit: Visitor, tmp_path: Path):
    answer = send(unit, JPEG)

    assert (answer.status_code, answer.json()["sha256"]) == (201, SHA)
    assert [tmp_path / "media" / "demo" / SHA[:2] / SHA] == stored(tmp_path)
    assert stored(tmp_path)[0].read_bytes() == JPEG
    asked = unit.town.calls_to("submission", "inspect_upload")[0]
    assert {"path": f"{SHA[:2]}/{SHA}", "name": "照片.jpg"} == asked["body"]


def test_problems_of_an_upload_have_words(unit: Visitor):
    assert send(unit, JPEG).json()["problems"][0]["zh"] == "图片不足"


def test_upload_twice_is_one_file(unit: Visitor, tmp_path: Path):
    assert send(unit, JPEG).json() == send(unit, JPEG).json()
    assert len(stored(tmp_path)) == 1


def test_upload_beyond_the_campaign_s_largest_file_is_refused_unread(unit: Visitor, tmp_path: Path):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    answer = send(unit, never(), **{"Content-Length": "2001"})

    assert (answer.status_code, answer.json()["facts"]) == (413, {"allowed": 2000})
    assert stored(tmp_path) == []


def test_upload_that_grows_too_large_on_the_way_leaves_nothing(unit: Visitor, tmp_path: Path):
    async def growing() -> AsyncIterator[bytes]:
        for _ in range(21):
            yield b"x" * 100

    answer = send(unit, growing())

    assert (answer.status_code, code(answer)) == (413, "body-too-large")
    assert stored(tmp_path) == []


@pytest.mark.parametrize("full", [{"bytes": 5_000}, {"files": 100}], ids=["bytes", "files"])
def test_upload_of_a_unit_without_room_is_refused_unread(unit: Visitor, tmp_path: Path, full: dict[str, int]):
    unit.town.answers["submission", "upload_room"] = {"ok": {**ROOM, "bytes_max": 5_000, **full}}

    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    answer = send(unit, never())

    assert (answer.status_code, code(answer)) == (413, "upload-quota")
    assert "三十天" in answer.json()["detail_zh"]
    assert stored(tmp_path) == []


def test_upload_larger_than_the_room_that_is_left_leaves_nothing(unit: Visitor, tmp_path: Path):
    unit.town.answers["submission", "upload_room"] = {"ok": {**ROOM, "bytes": 4_900, "bytes_max": 5_000}}

    answers = [send(unit, body) for body in (b"x" * 101, b"x" * 2_001, b"x" * 100)]

    assert [each.status_code for each in answers] == [413, 413, 201]
    assert [code(each) for each in answers[:2]] == ["upload-quota", "upload-quota"]
    assert [each.stat().st_size for each in stored(tmp_path)] == [100]


def test_upload_that_breaks_off_leaves_nothing(unit: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "CHUNK_S", 0.02)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"x" * 100
        await asyncio.sleep(5)
        yield b"x"

    answer = send(unit, stalled())

    assert (answer.status_code, code(answer)) == (408, "body-too-slow")
    assert stored(tmp_path) == []


@pytest.mark.parametrize("name", ["", "%FF", "%00", "a" * 201, "dir%2F", "%0A"])
def test_upload_wants_a_name(unit: Visitor, name: str):
    assert code(send(unit, JPEG, name=name)) == "file-name-missing"


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "C%3A%5Cwindows%5Cpasswd"])
def test_path_in_a_name_names_nothing(unit: Visitor, name: str, tmp_path: Path):
    send(unit, JPEG, name=name)

    assert unit.town.calls_to("submission", "inspect_upload")[0]["body"]["name"] == "passwd"
    assert [each.name for each in stored(tmp_path)] == [SHA]


def test_empty_upload_is_refused(unit: Visitor, tmp_path: Path):
    assert code(send(unit, b"")) == "file-empty"
    assert stored(tmp_path) == []


def test_full_disk_is_said_and_leaves_nothing(unit: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shared.media.storage.os.fsync", full)

    answer = send(unit, JPEG)

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "storage-full", "60")
    assert stored(tmp_path) == []


def test_refusal_of_the_inspection_is_the_answer(unit: Visitor):
    refused = {"code": "media-unreadable", "field": None, "detail": {"detail": "cut short"}}
    unit.town.answers["submission", "inspect_upload"] = {"refused": refused}

    assert ((answer := send(unit, JPEG)).status_code, code(answer)) == (422, "media-unreadable")


def test_ninth_upload_of_a_unit_at_once_is_asked_to_wait(unit: Visitor):
    turns = unit.app_context.uploads
    with ExitStack() as held:
        for _ in range(8):
            held.enter_context(turns.slot("u1"))

        assert code(send(unit, JPEG)) == "busy"

    assert send(unit, JPEG).status_code == 201


def test_what_a_killed_upload_left_is_swept_away_a_day_later(tmp_path: Path):
    store, coming = media_store.Store(Folder(tmp_path)), tmp_path / "coming"
    coming.mkdir()
    for name, age_s in (("old", 90_000), ("young", 60)):
        (coming / name).write_bytes(b"x")
        os.utime(coming / name, (time.time() - age_s,) * 2)

    store.sweep()

    assert [each.name for each in coming.iterdir()] == ["young"]


# the roll


def test_roll_is_read_in_the_encoding_that_it_names(visitor: Visitor):
    text = "代码,名称\nu1,炼钢"
    for codec, charset in (("utf-8-sig", ""), ("gb18030", "; charset=GB18030"), ("gbk", ";charset=gbk")):
        headers = {"Content-Type": f"text/csv{charset}"}
        visitor.request(
            "POST", "/roll?roll=r1", role="organiser", key=codec, content=text.encode(codec), headers=headers
        )

    asked = visitor.town.calls_to("submission", "import_roll")
    assert [{"roll": "r1", "csv": text}] * 3 == [call["body"] for call in asked]


def test_roll_without_a_charset_goes_to_submission_as_it_is_if_it_is_no_utf_8(visitor: Visitor):
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    files = [("text/csv", "炼钢".encode("gb18030")), (xlsx, b"PK\x03\x04\xff")]
    for key, (kind, content) in enumerate(files):
        visitor.request(
            "POST", "/roll", role="organiser", key=str(key), content=content, headers={"Content-Type": kind}
        )

    sent = [call["body"] for call in visitor.town.calls_to("submission", "import_roll")]
    assert sent == [{"file": base64.b64encode(content).decode()} for _, content in files]


def test_roll_is_compared_without_an_idempotency_key_and_imported_with_its_confirmation(visitor: Visitor):
    headers = {"Content-Type": "text/csv"}
    for path in ("/roll/check?gone=keep", f"/roll?gone=keep&confirm={SHA}"):
        visitor.request("POST", path, role="organiser", key="k", content=b"code\nu1", headers=headers)

    compared, imported = (
        visitor.town.calls_to("submission", method)[0]["body"] for method in ("compare_roll", "import_roll")
    )
    assert compared == {"gone": "keep", "csv": "code\nu1"}
    assert imported == {"gone": "keep", "confirm": SHA, "csv": "code\nu1"}


@pytest.mark.parametrize("query", ["gone=maybe", "confirm=yes"])
def test_roll_whose_query_is_wrong_is_not_imported(visitor: Visitor, query: str):
    answer = visitor.request(
        "POST", f"/roll?{query}", role="organiser", key="k", content=b"x", headers={"Content-Type": "text/csv"}
    )

    assert code(answer) == "invalid"
    assert visitor.town.calls_to("submission", "import_roll") == []


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        ("炼钢".encode("gbk"), "text/csv; charset=utf-8", "text-broken"),
        (b"x", "text/csv; charset=klingon", "text-broken"),
        (b"{}", "application/json", "media-type-unknown"),
        (b"a\0b", "text/csv", "invalid"),
        (b"x" * (limits.ROLL_BYTES + 1), "text/csv", "body-too-large"),
    ],
)
def test_roll_that_is_no_text_is_refused(visitor: Visitor, content: bytes, kind: str, expected: str):
    answer = visitor.request(
        "POST", "/roll", role="organiser", key="k1", content=content, headers={"Content-Type": kind}
    )

    assert expected == code(answer)
    assert visitor.town.calls_to("submission", "import_roll") == []


def test_flaws_of_a_roll_are_told_in_words(visitor: Visitor):
    flaws = [{"row": 3, "column": "code", "code": "repeated", "value": "u1"}]
    visitor.town.answers["submission", "import_roll"] = {
        "refused": {"code": "roll-broken", "field": "csv", "detail": {"problems": flaws, "count": 1}}
    }

    answer = visitor.request(
        "POST", "/roll", role="organiser", key="k", content=b"x", headers={"Content-Type": "text/csv"}
    )

    assert {"row": 3, "zh": "重复", "en": "is repeated"}.items() <= answer.json()["facts"]["problems"][0].items()
