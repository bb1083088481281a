"""Uploads go on where they stopped, whoever serves them, and every refusal has a status at which clients do right."""

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.backends import media_store
from gateway.routes import ROUTES
from gateway.routing.openapi import problems_of
from gateway.units import uploads as routes
from shared.media import partial_uploads
from tests.unit.gateway.town import CLOCK, ROOM, Visitor, code

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100
SHA = hashlib.sha256(JPEG).hexdigest()
LIMITS = {"ok": {"entry": {"picture_max_bytes": 1000, "video_max_bytes": 2000, "text_max_chars": 3000}}}
FACTS = {"sha256": SHA, "kind": "picture", "problems": [{"code": "too-few-pictures", "field": "files", "detail": {}}]}
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}
CLOSED = {"refused": {"code": "window-closed", "detail": {"start": CLOCK - 2, "end": CLOCK - 1}}}


@pytest.fixture
def unit(visitor: Visitor) -> Visitor:
    visitor.town.answers["moderation", "campaign"] = LIMITS
    visitor.town.answers["submission", "inspect_upload"] = {"ok": FACTS}
    return visitor


def metadata(name: str = "照片.jpg") -> str:
    return f"filename {base64.b64encode(name.encode()).decode()},filetype aW1hZ2UvanBlZw=="


def create(visitor: Visitor, length: int | str = len(JPEG), body: Any = None, **headers: str) -> httpx.Response:
    fields = {**(TUS if body is None else BYTES), "Upload-Length": str(length), "Upload-Metadata": metadata()}
    return visitor.request("POST", "/uploads", role="unit", headers=fields | headers, content=body)


def begun(visitor: Visitor, length: int = len(JPEG)) -> str:
    answer = create(visitor, length)
    assert answer.status_code == 201, answer.text
    return place_of(answer)


def place_of(answer: httpx.Response) -> str:
    return answer.headers["location"].removeprefix("/api/v1")


def append(visitor: Visitor, place: str, offset: int, body: Any, **headers: str) -> httpx.Response:
    fields = {**BYTES, "Upload-Offset": str(offset)} | headers
    return visitor.request("PATCH", place, role="unit", headers=fields, content=body)


def head(visitor: Visitor, place: str) -> httpx.Response:
    return visitor.request("HEAD", place, role="unit", headers=TUS)


def offset_of(visitor: Visitor, place: str) -> str:
    return str(head(visitor, place).headers["upload-offset"])


def stored(tmp_path: Path) -> list[Path]:
    """Return the files of the store, without those of uploads that are on their way."""
    root = tmp_path / "media" / "demo"
    return [each for each in root.rglob("*") if each.is_file() and "partial" not in each.relative_to(root).parts]


async def never() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


# the way of a file


def test_upload_in_parts_lies_under_its_digest_and_is_inspected(unit: Visitor, tmp_path: Path):
    place = begun(unit)
    answers = [append(unit, place, offset, JPEG[offset : offset + 300]) for offset in (0, 300, 600)]

    assert [(each.status_code, each.headers["upload-offset"]) for each in answers] == [
        (204, "300"), (204, "600"), (204, str(len(JPEG))),
    ]  # fmt: skip
    assert ["upload-expires" in each.headers for each in answers] == [True, True, False]
    assert [tmp_path / "media" / "demo" / SHA[:2] / SHA] == stored(tmp_path)
    assert stored(tmp_path)[0].read_bytes() == JPEG
    asked = unit.town.calls_to("submission", "inspect_upload")
    assert [{"path": f"{SHA[:2]}/{SHA}", "name": "照片.jpg"}] == [each["body"] for each in asked]


def test_upload_with_its_creation_is_one_request(unit: Visitor, tmp_path: Path):
    answer = create(unit, body=JPEG)

    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(JPEG)))
    assert (answer.json()["state"], answer.json()["file"]["sha256"]) == ("accepted", SHA)
    assert answer.json()["file"]["problems"][0]["zh"] == "图片不足"
    assert [each.name for each in stored(tmp_path)] == [SHA]


def test_creation_with_the_first_bytes_is_gone_on_with(unit: Visitor):
    answer = create(unit, body=JPEG[:100])

    assert (answer.status_code, answer.headers["upload-offset"], answer.json()["file"]) == (201, "100", None)
    assert append(unit, place_of(answer), 100, JPEG[100:]).status_code == 204


def test_client_that_lost_the_answer_gets_the_result_again(unit: Visitor):
    place = begun(unit)
    append(unit, place, 0, JPEG)

    answers = [unit.request("GET", f"{place}/file", role="unit") for _ in range(2)]

    assert [(each.status_code, each.json()["sha256"]) for each in answers] == [(200, SHA)] * 2
    assert answers[0].json()["problems"][0]["zh"] == "图片不足"
    assert len(unit.town.calls_to("submission", "inspect_upload")) == 1
    assert (offset_of(unit, place), append(unit, place, len(JPEG), b"").status_code) == (str(len(JPEG)), 204)


def test_state_of_an_upload_is_told(unit: Visitor):
    place = begun(unit)
    append(unit, place, 0, JPEG[:300])

    answer = unit.request("GET", place, role="unit")

    content = answer.json()
    assert content.pop("expires") > 0
    assert content == {
        "upload": place.rpartition("/")[2],
        "name": "照片.jpg",
        "offset": 300,
        "length": len(JPEG),
        "state": "receiving",
    }
    assert code(unit.request("GET", f"{place}/file", role="unit")) == "upload-unfinished"


def test_head_tells_offset_and_length_and_is_not_cached(unit: Visitor):
    place = begun(unit)
    append(unit, place, 0, JPEG[:300])

    answer = head(unit, place)

    names = ("upload-offset", "upload-length", "cache-control", "tus-resumable")
    assert [answer.status_code, *(answer.headers[each] for each in names)] == [
        200, "300", str(len(JPEG)), "no-store", "1.0.0",
    ]  # fmt: skip


def test_options_say_what_the_server_can_do(unit: Visitor):
    answer = unit.request("OPTIONS", "/uploads")

    assert (answer.status_code, answer.headers["tus-max-size"], answer.headers["tus-version"]) == (204, "2000", "1.0.0")


def test_network_that_lets_only_post_through_is_served(unit: Visitor):
    place = begun(unit)
    over = {"X-HTTP-Method-Override": "PATCH"}
    answer = unit.request(
        "POST", place, role="unit", headers={**BYTES, **over, "Upload-Offset": "0"}, content=JPEG[:300]
    )

    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "300")
    ended = unit.request("POST", place, role="unit", headers={**TUS, "X-HTTP-Method-Override": "DELETE"})
    assert ended.status_code == 204
    assert code(unit.request("POST", place, role="unit", headers=TUS)) == "method-not-allowed"
    assert code(unit.request("GET", place, role="unit")) == "upload-unknown"


def test_ended_upload_is_gone_and_an_accepted_file_stays(unit: Visitor, tmp_path: Path):
    unfinished, finished = begun(unit), begun(unit)
    append(unit, unfinished, 0, JPEG[:300])
    append(unit, finished, 0, JPEG)

    for place in (unfinished, finished):
        assert unit.request("DELETE", place, role="unit", headers=TUS).status_code == 204

    assert [head(unit, each).status_code for each in (unfinished, finished)] == [404, 404]
    assert [each.name for each in stored(tmp_path)] == [SHA]


def test_same_file_twice_is_one_file(unit: Visitor, tmp_path: Path):
    create(unit, body=JPEG)
    create(unit, body=JPEG)

    assert len(stored(tmp_path)) == 1


def test_file_that_is_there_is_not_replaced_under_whoever_reads_it(unit: Visitor, tmp_path: Path):
    create(unit, body=JPEG)
    (path,) = stored(tmp_path)
    before = path.stat().st_ino

    create(unit, body=JPEG)
    assert path.stat().st_ino == before

    path.write_bytes(JPEG[:-1])  # a file that a disk has cut is replaced
    create(unit, body=JPEG)
    assert path.read_bytes() == JPEG


def test_file_that_anothers_refusal_deleted_is_put_there_again(unit: Visitor, tmp_path: Path):
    seen = list[int]()

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        seen.append(len(stored(tmp_path)))
        if len(seen) == 1:
            stored(tmp_path)[0].unlink()
            return {"refused": {"code": "media-missing", "detail": {"detail": "gone"}}}
        return {"ok": FACTS}

    unit.town.answers["submission", "inspect_upload"] = answer

    answered = create(unit, body=JPEG)

    assert (answered.status_code, answered.json()["state"], seen) == (201, "accepted", [1, 1])
    assert [each.read_bytes() for each in stored(tmp_path)] == [JPEG]


def test_bytes_of_an_upload_stay_until_it_is_accepted_or_refused(unit: Visitor, tmp_path: Path):
    unit.town.answers["submission", "inspect_upload"] = {"refused": {"code": "media-missing", "detail": {}}}
    place = begun(unit)
    parts = tmp_path / "media" / "demo" / "partial"
    first = append(unit, place, 0, JPEG)
    stored(tmp_path)[0].unlink()
    kept = [each.read_bytes() for each in parts.rglob("data")]
    unit.town.answers["submission", "inspect_upload"] = {"ok": FACTS}

    second = unit.request("GET", f"{place}/file", role="unit")

    assert (code(first), kept, second.status_code) == ("media-missing", [JPEG], 200)
    assert (list(parts.rglob("data")), [each.read_bytes() for each in stored(tmp_path)]) == ([], [JPEG])


def test_other_process_goes_on_with_an_upload(unit: Visitor, tmp_path: Path):
    place = begun(unit)
    append(unit, place, 0, JPEG[:300])
    other = Visitor(tmp_path, town=unit.town)
    try:
        answer = append(other, place, 300, JPEG[300:])
    finally:
        other.close()

    assert answer.status_code == 204
    assert stored(tmp_path)[0].read_bytes() == JPEG


# whose it is, and when


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE", "GET"])
def test_upload_of_another_unit_is_unknown(unit: Visitor, method: str):
    place = begun(unit)
    other = {"Authorization": f"Bearer {unit.token('unit', sub='u2')}"}

    answer = unit.request(method, place, headers={**BYTES, **other, "Upload-Offset": "0"}, content=b"")

    assert (answer.status_code, offset_of(unit, place)) == (404, "0")


def test_every_part_is_authorised(unit: Visitor):
    place = begun(unit)

    answers = [
        unit.request("PATCH", place, role=role, headers={**BYTES, "Upload-Offset": "0"}, content=never())
        for role in ("", "voter", "organiser")
    ]

    assert [each.status_code for each in answers] == [401, 403, 403]


def test_no_upload_begins_after_the_deadline(unit: Visitor):
    unit.town.answers["submission", "upload_room"] = CLOSED

    answer = create(unit, body=never(), **{"Content-Length": str(len(JPEG))})

    assert (answer.status_code, code(answer)) == (403, "upload-closed")
    assert [each["code"] for each in answer.json()["facts"]["problems"]] == ["window-closed"]
    assert "不在开放时间内" in answer.json()["detail_zh"]
    assert "Not open at this time: Open from" in answer.json()["detail_en"]


def test_upload_that_is_finished_after_the_deadline_is_refused_and_read_again(unit: Visitor, tmp_path: Path):
    place = begun(unit)
    append(unit, place, 0, JPEG[:300])

    async def late() -> AsyncIterator[bytes]:
        yield JPEG[300:]
        unit.town.answers["submission", "upload_room"] = CLOSED

    answers = [append(unit, place, 300, late()), unit.request("GET", f"{place}/file", role="unit")]

    assert [(each.status_code, code(each)) for each in answers] == [(403, "upload-closed")] * 2
    assert (offset_of(unit, place), stored(tmp_path)) == (str(len(JPEG)), [])
    assert unit.town.calls_to("submission", "inspect_upload") == []


def test_late_pass_lets_a_refused_upload_be_finished(unit: Visitor):
    place = begun(unit)
    append(unit, place, 0, JPEG[:300])
    unit.town.answers["submission", "upload_room"] = CLOSED
    refused = append(unit, place, 300, never())
    unit.town.answers["submission", "upload_room"] = {"ok": ROOM}

    assert code(refused) == "upload-closed"
    assert append(unit, place, 300, JPEG[300:]).status_code == 204


def test_inspection_that_was_cut_short_is_done_again_even_after_the_deadline(unit: Visitor, tmp_path: Path):
    place = begun(unit)
    unit.town.answers["submission", "inspect_upload"] = {"refused": {"code": "media-missing", "detail": {}}}
    first = append(unit, place, 0, JPEG)
    unit.town.answers["submission", "upload_room"] = CLOSED
    unit.town.answers["submission", "inspect_upload"] = {"ok": FACTS}

    answer = unit.request("GET", f"{place}/file", role="unit")

    assert (first.status_code, code(first)) == (503, "media-missing")
    assert (answer.status_code, answer.json()["sha256"]) == (200, SHA)
    assert [each.name for each in stored(tmp_path)] == [SHA]


def test_refused_file_is_refused_again_to_whoever_asks(unit: Visitor):
    place = begun(unit)
    refused = {"code": "media-unreadable", "field": None, "detail": {"detail": "cut short"}}
    unit.town.answers["submission", "inspect_upload"] = {"refused": refused}
    answers = [append(unit, place, 0, JPEG), unit.request("GET", f"{place}/file", role="unit")]

    assert [(each.status_code, code(each)) for each in answers] == [(422, "media-unreadable")] * 2
    assert unit.request("GET", place, role="unit").json()["state"] == "refused"
    assert len(unit.town.calls_to("submission", "inspect_upload")) == 1


# room


@pytest.mark.parametrize("full", [{"bytes": 5_000}, {"files": 100}], ids=["bytes", "files"])
def test_unit_without_room_begins_no_upload(unit: Visitor, tmp_path: Path, full: dict[str, int]):
    unit.town.answers["submission", "upload_room"] = {"ok": {**ROOM, "bytes_max": 5_000, **full}}

    answer = create(unit, body=never(), **{"Content-Length": str(len(JPEG))})

    assert (answer.status_code, code(answer)) == (413, "upload-quota")
    assert "三十天" in answer.json()["detail_zh"]
    assert stored(tmp_path) == []


def test_unfinished_uploads_count_for_the_room(unit: Visitor):
    unit.town.answers["submission", "upload_room"] = {"ok": {**ROOM, "bytes": 0, "bytes_max": 1_500}}
    first = begun(unit, 1_000)

    refused = create(unit, 501)
    unit.request("DELETE", first, role="unit", headers=TUS)

    assert (refused.status_code, code(refused)) == (413, "upload-quota")
    assert create(unit, 501).status_code == 201


def test_upload_beyond_the_campaign_s_largest_file_does_not_begin(unit: Visitor):
    answer = create(unit, 2_001)

    assert (answer.status_code, answer.json()["facts"]) == (413, {"allowed": 2000})


def test_empty_file_is_refused(unit: Visitor):
    assert (create(unit, 0).status_code, code(create(unit, 0))) == (422, "file-empty")


# lies and accidents


@pytest.mark.parametrize("offset", [0, 299, 301, 10**9])
def test_wrong_offset_is_refused_unread_with_the_right_one(unit: Visitor, offset: int):
    place = begun(unit)
    append(unit, place, 0, JPEG[:300])

    answer = append(unit, place, offset, never())

    assert (answer.status_code, code(answer), answer.headers["upload-offset"]) == (409, "upload-offset-differs", "300")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_part_whose_checksum_lies_is_not_taken(unit: Visitor, algorithm: str):
    place = begun(unit)
    append(unit, place, 0, JPEG[:100])

    def sum_of(data: bytes) -> dict[str, str]:
        digest = base64.b64encode(hashlib.new(algorithm, data).digest()).decode()
        return {"Upload-Checksum": f"{algorithm} {digest}"}

    answer = append(unit, place, 100, JPEG[100:200], **sum_of(b"other"))
    after = offset_of(unit, place)

    assert (answer.status_code, code(answer), after) == (460, "checksum-mismatch", "100")
    assert append(unit, place, 100, JPEG[100:], **sum_of(JPEG[100:])).status_code == 204
    assert unit.request("GET", f"{place}/file", role="unit").json()["sha256"] == SHA


def test_more_bytes_than_announced_are_refused_and_none_is_kept(unit: Visitor):
    place = begun(unit, 300)

    async def growing() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 100

    answers = [append(unit, place, 0, growing()), append(unit, place, 0, never(), **{"Content-Length": "301"})]

    assert [(each.status_code, code(each)) for each in answers] == [(413, "body-too-large")] * 2
    assert offset_of(unit, place) == "0"


def test_two_parts_at_once_are_one_that_waits_and_one_that_goes_on(unit: Visitor):
    place = begun(unit)
    fields = {**BYTES, "Upload-Offset": "0", "Authorization": f"Bearer {unit.token('unit')}"}

    async def both() -> tuple[httpx.Response, httpx.Response]:
        begun_, answered = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield JPEG[:300]
            begun_.set()
            await answered.wait()
            yield JPEG[300:]

        first = asyncio.create_task(unit.client.patch(f"/api/v1{place}", headers=fields, content=slow()))
        await begun_.wait()
        second = await unit.client.patch(f"/api/v1{place}", headers=fields, content=JPEG)
        answered.set()
        return await first, second

    first, second = unit.run(both())

    assert (second.status_code, code(second), second.headers["retry-after"]) == (423, "upload-locked", "3")
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(len(JPEG)))


def test_connection_that_stalls_leaves_for_one_that_waits_and_keeps_what_has_arrived(
    unit: Visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(media_store, "WATCH_S", 0.01)
    monkeypatch.setattr(media_store, "WANTED_S", 0.01)
    place = begun(unit)
    fields = {**BYTES, "Upload-Offset": "0", "Authorization": f"Bearer {unit.token('unit')}"}

    async def both() -> tuple[httpx.Response, httpx.Response]:
        begun_ = asyncio.Event()

        async def dead() -> AsyncIterator[bytes]:
            yield JPEG[:300]
            begun_.set()
            await asyncio.Event().wait()

        first = asyncio.create_task(unit.client.patch(f"/api/v1{place}", headers=fields, content=dead()))
        await begun_.wait()
        second = await unit.client.patch(f"/api/v1{place}", headers=fields, content=JPEG)
        return await first, second

    first, second = unit.run(both())

    assert (code(first), first.status_code, second.status_code) == ("upload-stalled", 503, 423)
    assert append(unit, place, 300, JPEG[300:]).status_code == 204


@pytest.mark.parametrize("with_checksum", [False, True])
def test_connection_that_breaks_keeps_what_has_arrived_unless_a_checksum_was_to_confirm_it(
    unit: Visitor, with_checksum: bool
):
    place = begun(unit)
    digest = base64.b64encode(hashlib.sha1(JPEG).digest()).decode()
    more = {"Upload-Checksum": f"sha1 {digest}"} if with_checksum else {}

    assert broken_off(unit, place, JPEG[:300], more) == []
    assert offset_of(unit, place) == ("0" if with_checksum else "300")


def broken_off(visitor: Visitor, place: str, part: bytes, more: dict[str, str]) -> list[Any]:
    """Send a part, and close the connection before its end; return what was answered."""
    fields = {**BYTES, "Upload-Offset": "0", "Authorization": f"Bearer {visitor.token('unit')}", **more}
    headers = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    scope = {
        "type": "http", "http_version": "1.1", "method": "PATCH", "path": f"/api/v1{place}", "query_string": b"",
        "root_path": "", "raw_path": f"/api/v1{place}".encode(), "scheme": "http", "headers": headers,
        "server": ("baijia.test", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    messages = [{"type": "http.request", "body": part, "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    visitor.run(visitor.app(scope, receive, send))
    return sent


def test_full_disk_is_told_and_keeps_what_was_written(unit: Visitor, monkeypatch: pytest.MonkeyPatch):
    place = begun(unit)
    write, written = os.pwrite, [300, 0]

    def full(handle: int, data: memoryview, offset: int) -> int:
        if not written[0]:
            raise OSError(28, "No space left on device")
        size = write(handle, data[: written[0]], offset)
        written[0] -= size
        return size

    monkeypatch.setattr(partial_uploads.os, "pwrite", full)
    answer = append(unit, place, 0, JPEG)
    monkeypatch.undo()

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (507, "storage-full", "60")
    assert "已传的部分不会丢失" in answer.json()["title_zh"]
    assert append(unit, place, 300, JPEG[300:]).status_code == 204
    assert unit.request("GET", f"{place}/file", role="unit").json()["sha256"] == SHA


def test_disk_without_room_for_the_length_is_told_before_a_byte_is_sent(unit: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(partial_uploads, "SPARE_BYTES", 1 << 60)

    assert (create(unit).status_code, code(create(unit))) == (507, "storage-full")


def test_upload_that_nobody_goes_on_with_is_expired(unit: Visitor, monkeypatch: pytest.MonkeyPatch):
    place = begun(unit)
    monkeypatch.setattr(partial_uploads, "LIFE_S", -1.0)

    assert [head(unit, place).status_code, code(append(unit, place, 0, JPEG))] == [410, "upload-expired"]


def test_ninth_upload_of_a_unit_at_once_is_told_to_wait_in_a_way_that_clients_follow(unit: Visitor):
    place = begun(unit)
    with ExitStack() as held:
        for _ in range(8):
            held.enter_context(unit.app_context.uploads.slot("u1"))

        answer = append(unit, place, 0, never())

    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "uploads-busy", "3")
    assert append(unit, place, 0, JPEG).status_code == 204


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Tus-Resumable": "0.2.2"}, (412, "tus-version")),
        ({"Upload-Length": "-1"}, (400, "upload-header-invalid")),
        ({"Upload-Length": ""}, (400, "upload-header-invalid")),
        ({"Upload-Metadata": "filename *"}, (400, "upload-metadata-invalid")),
        ({"Upload-Metadata": ""}, (400, "file-name-missing")),
    ],
)
def test_broken_creation_is_refused(unit: Visitor, headers: dict[str, str], expected: tuple[int, str]):
    answer = create(unit, **headers)

    assert (answer.status_code, code(answer), answer.headers["tus-resumable"]) == (*expected, "1.0.0")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Tus-Resumable": ""}, (412, "tus-version")),
        ({"Content-Type": "application/octet-stream"}, (415, "media-type-unknown")),
        ({"Upload-Offset": "a"}, (400, "upload-header-invalid")),
        ({"Upload-Checksum": "crc32 YQ=="}, (400, "checksum-unsupported")),
    ],
)
def test_broken_part_is_refused_unread(unit: Visitor, headers: dict[str, str], expected: tuple[int, str]):
    answer = append(unit, begun(unit), 0, never(), **headers)

    assert (answer.status_code, code(answer)) == expected


def test_no_part_is_ever_answered_by_a_status_that_ends_an_upload_for_good_and_may_be_tried_again():
    """tus-js-client 4.3.1 takes 429 as final. Only what has waited for positions, by `at_least`, may get it."""
    parts = [each for each in ROUTES if each.path.startswith("/uploads/") and each.method in ("PATCH", "HEAD")]

    assert [set(problems_of(each)) & {"too-fast", "limit"} for each in parts] == [set()]
    assert routes.FINAL & {"storage-full", "uploads-busy", "upload-locked", "media-missing", "media-timeout"} == set()
