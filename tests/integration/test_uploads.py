"""Uploads on the real engines: probed in children of the real service, counted, used, swept, and gone with it."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.submission.service import ABANDONED_MS
from shared.media.copies import PublicCopies
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import Caller, envelope, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait

pytestmark = pytest.mark.slow

NOTE = "SECRET-NOTE"


def store_photo(place: Place, colour: int) -> str:
    """Store a photo as the gateway does, and return its SHA-256."""
    exif, page = Image.Exif(), io.BytesIO()
    exif[0x010F], exif[0x0112] = NOTE, 6
    Image.new("RGB", (1_600, 1_200), (colour, 0, 0)).save(page, "JPEG", exif=exif)
    sha256 = hashlib.sha256(page.getvalue()).hexdigest()
    path = root_of(place) / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page.getvalue())
    return sha256


def root_of(place: Place) -> Path:
    return place.settings.data / "media" / place.campaign


def ok(answer: dict[str, Any]) -> dict[str, Any]:
    assert "ok" in answer, answer
    result: dict[str, Any] = answer["ok"]
    return result


def inspect_all(caller: Caller, hashes: list[str]) -> list[dict[str, Any]]:
    """Have all files inspected at once, and meanwhile ask for something else; return the answers."""
    inspect, running = caller.method("submission", "inspect_upload"), []
    for sha256 in hashes:
        body = {"path": f"{sha256[:2]}/{sha256}", "name": "x.jpg"}
        call = envelope(sha256, body, roles=("unit",), left_ms=20_000)
        running.append(inspect.call_async(caller.signed(call, "submission", "inspect_upload")))
    assert ok(caller.call("submission", "declaration", roles=()))["words"]
    return [ok(each.result()) for each in running]


def knows_the_rules(caller: Caller) -> bool:
    """Return whether submission has read that the campaign is open; the tester is on no roll."""
    refused = caller.call("submission", "upload_room", roles=("unit",))["refused"]
    return bool(refused["code"] == "unit-unknown")


def job_servers(parent: int) -> list[int]:
    """Return the process ids of the servers of limited processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words, stat = (path / "cmdline").read_bytes(), (path / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"shared.media.job_server" in words and int(stat.rpartition(")")[2].split()[1]) == parent:
            found.append(int(path.name))
    return found


def test_uploads_are_probed_counted_used_and_swept(place: Place) -> None:
    hashes = [store_photo(place, 40 * k) for k in range(6)]
    copies, uploads = PublicCopies(root_of(place)), place.database["uploads"]
    with running_services(place, "moderation", "submission") as (caller, processes):
        ok(caller.call("moderation", "open_campaign", {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True}))
        wait(lambda: knows_the_rules(caller), what="submission knows the rules")

        inspected = inspect_all(caller, hashes)

        assert [(each["sha256"], each["width"], each["height"]) for each in inspected] == [
            (sha256, 1_200, 1_600)
            for sha256 in hashes  # as it stands upright
        ]
        found = [copy for sha256 in hashes if (copy := copies.find(sha256)) is not None]
        sizes = [Image.open(io.BytesIO(each.path.read_bytes())).size for each in found]
        assert sizes == [(1_200, 1_600)] * 6
        counted = [each["facts"]["bytes"] for each in uploads.find({"unit": "tester"})]
        assert sorted(counted) == sorted(each["bytes"] for each in inspected)

        # One is old, one is old and used again by a hand-in that is refused, one is from before uploads had a time.
        for sha256 in hashes[:2]:
            uploads.update_one({"_id": f"tester/{sha256}"}, {"$inc": {"at": -ABANDONED_MS - 1_000}})
            os.utime(root_of(place) / sha256[:2] / sha256, (1_000, 1_000))
        uploads.update_one({"_id": f"tester/{hashes[2]}"}, {"$unset": {"at": ""}})
        draft = {"title": "题", "profile": "简介", "text": "正文", "themes": [], "consent": "x"}
        handed = {**draft, "files": [{"sha256": hashes[1]}]}
        assert "refused" in caller.call("submission", "hand_in", handed, roles=("unit",))

        assert ok(caller.call("submission", "sweep_uploads")) == {"uploads": 1, "files": 1, "partial": 0}
        assert ok(caller.call("submission", "sweep_uploads")) == {"uploads": 0, "files": 0, "partial": 0}
        assert [copies.original(sha256) is None for sha256 in hashes] == [True, *[False] * 5]
        assert uploads.count_documents({"at": {"$exists": True}}) == 5

        running = processes["submission"].running
        assert running is not None
        servers = job_servers(running.pid)
        processes["submission"].kill()

    assert len(servers) == 1
    wait(lambda: not Path(f"/proc/{servers[0]}").exists(), what="the server of limited processes ends with its owner")
