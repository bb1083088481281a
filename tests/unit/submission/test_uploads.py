"""Uploads have a quota a unit, and what nobody uses is swept; what an entry holds stays."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.moderation.campaign import EntryLimits
from services.submission import service
from services.submission.entry_checks import upload_allowance
from services.submission.service import ABANDONED_MS
from shared.stamps import wall_ms
from tests.unit.submission.hosted import Town
from tests.unit.submission.test_service import form

pytestmark = pytest.mark.slow  # decodes in child processes

Put = Callable[..., str]
DAY_MS = 86_400_000


def sweep(town: Town) -> tuple[int, int]:
    answer = town.ok("sweep_uploads", "clock", "operator")
    return answer["uploads"], answer["files"]


def documents(town: Town) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = town._services["submission"].log.database["uploads"].kept
    return kept


def path_of(town: Town, sha256: str) -> Path:
    return town.data / "media" / "town" / sha256[:2] / sha256


def copies_of(town: Town, sha256: str) -> list[Path]:
    return list((town.data / "media" / "town" / "public").rglob(f"{sha256}.*"))


def age(town: Town, sha256: str, *, by_ms: int = ABANDONED_MS + DAY_MS) -> None:
    """Make an upload of any unit older than it is, and its file too."""
    for each in documents(town).values():
        if each["facts"]["sha256"] == sha256:
            each["at"] -= by_ms
    at = (wall_ms() - by_ms) / 1_000
    os.utime(path_of(town, sha256), (at, at))


def send(town: Town, unit: str, data: bytes) -> tuple[str, dict[str, Any]]:
    """Store bytes as the gateway does, and have them inspected."""
    sha256 = hashlib.sha256(data).hexdigest()
    path_of(town, sha256).parent.mkdir(parents=True, exist_ok=True)
    path_of(town, sha256).write_bytes(data)
    path = f"{sha256[:2]}/{sha256}"
    return sha256, town.call("inspect_upload", unit, "unit", path=path, name="x")


def test_upload_that_nobody_used_for_thirty_days_is_swept_with_its_copy(town: Town, upload: Put) -> None:
    old, young = upload("U1", 1), upload("U1", 2)
    age(town, old)
    age(town, young, by_ms=ABANDONED_MS - DAY_MS)

    assert sweep(town) == (1, 1)

    assert (path_of(town, old).exists(), copies_of(town, old)) == (False, [])
    assert path_of(town, young).exists()
    assert len(copies_of(town, young)) == 1
    assert town.no("media", "U1", "unit", sha256=old) == "upload-unknown"
    assert town.ok("media", "U1", "unit", sha256=young)["own"]
    assert sweep(town) == (0, 0)


@pytest.mark.parametrize("fate", ["handed in", "withdrawn", "replaced"])
def test_file_of_any_version_of_an_entry_stays(town: Town, upload: Put, fate: str) -> None:
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    if fate == "withdrawn":
        town.ok("withdraw", "U1", "unit", entry="U1-1")
    if fate == "replaced":
        town.ok("hand_in", "U1", "unit", **(draft | {"files": [{"sha256": upload("U1", k)} for k in range(100, 104)]}))
    for each in draft["files"]:
        age(town, each["sha256"])

    assert sweep(town) == (0, 0)

    assert all(path_of(town, each["sha256"]).exists() for each in draft["files"])


def test_upload_of_one_unit_is_swept_and_its_file_stays_for_the_other(town: Town, upload: Put) -> None:
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    same = draft["files"][1]["sha256"]
    upload("U2", 1)
    age(town, same)

    assert sweep(town) == (1, 0)

    assert town.no("media", "U2", "unit", sha256=same) == "upload-unknown"
    assert town.ok("media", "U1", "unit", sha256=same)["own"]
    assert path_of(town, same).exists()


def test_hand_in_that_is_refused_still_says_that_its_uploads_are_used(town: Town, upload: Put) -> None:
    draft = form(upload)
    for each in draft["files"]:
        age(town, each["sha256"])
    town.no("hand_in", "U1", "unit", **(draft | {"title": ""}))

    assert sweep(town) == (0, 0)


def test_upload_from_before_uploads_had_a_time_counts_from_now(town: Town, upload: Put) -> None:
    sha256 = upload("U1", 1)
    age(town, sha256)
    for each in documents(town).values():
        del each["at"]

    assert sweep(town) == (0, 0)
    assert all(each["at"] > 0 for each in documents(town).values())


def test_file_that_belongs_to_nothing_is_swept_when_it_is_old(town: Town, upload: Put) -> None:
    sha256 = upload("U1", 1)
    documents(town).clear()

    young = sweep(town)
    age(town, sha256)

    assert (young, sweep(town)) == ((0, 0), (0, 1))
    assert not path_of(town, sha256).exists()


@pytest.mark.parametrize("role", ["unit", "moderator", ""])
def test_only_operators_sweep(town: Town, role: str) -> None:
    assert town.no("sweep_uploads", "U1", role) == "role-missing"


def test_room_of_a_unit_counts_its_own_uploads_once(town: Town, upload: Put) -> None:
    before = town.ok("upload_room", "U1", "unit")
    sizes = {path_of(town, sha256).stat().st_size for sha256 in (upload("U1", 1), upload("U1", 1))}
    upload("U2", 2)

    room = town.ok("upload_room", "U1", "unit")

    assert (before["bytes"], before["files"], before["bytes_max"] > 0) == (0, 0, True)
    assert (room["bytes"], room["files"], room["mib"]) == (sum(sizes), 1, 1)


def test_upload_beyond_the_quota_is_refused_and_not_kept(
    town: Town, upload: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = upload("U1", 1)
    size = path_of(town, first).stat().st_size
    monkeypatch.setattr(service, "upload_allowance", lambda _: (size, 100))

    sha256, answer = send(town, "U1", path_of(town, first).read_bytes() + b" ")
    upload("U1", 1)  # sent again: it takes no more room

    assert answer["refused"]["code"] == "upload-quota"
    assert answer["refused"]["detail"]["bytes"] == size
    assert not path_of(town, sha256).exists()


def test_file_that_can_never_be_handed_in_is_deleted_at_once(town: Town) -> None:
    sha256, answer = send(town, "U1", b"GIF89a")

    assert answer["refused"]["code"] == "media-unsupported"
    assert not path_of(town, sha256).exists()


def test_file_of_an_entry_stays_though_a_later_version_of_the_rules_refuses_it(
    town: Town, upload: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = form(upload)
    town.ok("hand_in", "U1", "unit", **draft)
    sha256 = draft["files"][0]["sha256"]
    monkeypatch.setattr(service, "upload_allowance", lambda _: (0, 0))

    again = send(town, "U2", path_of(town, sha256).read_bytes())[1]

    assert again["refused"]["code"] == "upload-quota"
    assert path_of(town, sha256).exists()


def test_allowance_is_room_for_three_full_entries() -> None:
    limits = EntryLimits(
        text_max_chars=1, pictures_min=1, pictures_max=30, picture_max_bytes=10, video_max_s=1, video_max_bytes=500,
        video_containers=(), audio_max_bytes=50, audio_containers=(),
    )  # fmt: skip

    assert upload_allowance(limits) == (3 * (300 + 4 * 550), 3 * (30 + 8))


def test_upload_that_a_draft_names_stays_until_the_draft_goes(town: Town, upload: Put) -> None:
    sha256 = upload("U1", 1)
    change = {"entry": "new", "revision": 0, "fields": {"files": [{"sha256": sha256}]}}
    town.ok("change_draft", "U1", "unit", **change)
    age(town, sha256)

    assert sweep(town) == (0, 0)
    town.ok("change_draft", "U1", "unit", entry="new", revision=1, fields={"files": []})
    age(town, sha256)
    assert sweep(town) == (1, 1)
