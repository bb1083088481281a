"""Uploads that arrive in parts are gone on with by any process, and lose nothing that was confirmed."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shared.media import partial_uploads
from shared.media.partial_uploads import LIFE_S, Expired, Locked, Partial, PartialUploads, TooMany, Unknown

ROOM = {"most_bytes": 1_000, "most_files": 3}


@pytest.fixture
def uploads(tmp_path: Path) -> PartialUploads:
    return PartialUploads(tmp_path)


def begun(uploads: PartialUploads, length: int = 100, *, unit: str = "u1", **room: int) -> Partial:
    return uploads.create(unit, "照片.jpg", length, **{**ROOM, **room})


def touch(uploads: PartialUploads, upload: Partial, at_s: float) -> None:
    """Let bytes of an upload have arrived at this time."""
    os.utime(uploads._place(upload.unit, upload.id) / "data", (at_s, at_s))


def test_upload_is_found_by_its_unit_alone(uploads: PartialUploads):
    upload = begun(uploads)

    assert uploads.find("u1", upload.id) == (upload, 0)
    for unit, id in (("u2", upload.id), ("u1", "0" * 32), ("u1", "../u2"), ("u1", "")):
        with pytest.raises(Unknown):
            uploads.find(unit, id)
        with pytest.raises(Unknown), uploads.claim(unit, id):
            pass


def test_bytes_are_appended_by_one_claim_after_the_other(uploads: PartialUploads, tmp_path: Path):
    upload = begun(uploads)
    for k in range(3):
        with PartialUploads(tmp_path).claim("u1", upload.id) as claim:
            claim.write([b"a" * 10, b"b" * k])
            claim.sync()

    assert uploads.find("u1", upload.id)[1] == 33
    with uploads.claim("u1", upload.id) as claim:
        assert claim.data.read_bytes() == b"".join(b"a" * 10 + b"b" * k for k in range(3))


def test_second_claim_is_refused_while_the_first_is_held_and_asks_it_to_leave(uploads: PartialUploads, tmp_path: Path):
    upload = begun(uploads)
    with uploads.claim("u1", upload.id) as claim:
        before = claim.is_wanted
        with pytest.raises(Locked), PartialUploads(tmp_path).claim("u1", upload.id):
            pass
        uploads.ask_to_leave("u1", upload.id)

        assert (before, claim.is_wanted) == (False, True)
    with uploads.claim("u1", upload.id) as claim:
        assert not claim.is_wanted


HOLD = """
import signal, sys
from pathlib import Path
from dataclasses import replace
from shared.media.partial_uploads import PartialUploads
with PartialUploads(Path(sys.argv[1])).claim("u1", sys.argv[2]) as claim:
    claim.write([b"a" * 60])
    claim.sync()
    if sys.argv[3] == "unconfirmed":
        claim.store(replace(claim.upload, confirmed=60))
        claim.write([b"b" * 20])
    print("held", flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("more", ["confirmed", "unconfirmed"])
def test_killed_process_loses_nothing_that_was_confirmed_and_leaves_its_claim(
    uploads: PartialUploads, tmp_path: Path, more: str
):
    upload = begun(uploads)
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path), upload.id, more], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(Locked), uploads.claim("u1", upload.id):
        pass

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert uploads.find("u1", upload.id)[1] == 60
    with uploads.claim("u1", upload.id) as claim:
        assert (claim.offset, claim.data.read_bytes(), claim.upload) == (60, b"a" * 60, upload)


def test_bytes_that_wait_for_their_checksum_do_not_count(uploads: PartialUploads):
    upload = begun(uploads)
    with uploads.claim("u1", upload.id) as claim:
        claim.write([b"a" * 10])
        claim.store(replace(upload, confirmed=10))
        claim.write([b"b" * 10])

        assert uploads.find("u1", upload.id)[1] == 10


def test_unfinished_uploads_take_room_until_their_file_is_accepted_or_refused(uploads: PartialUploads):
    begun(uploads, 600)
    second = begun(uploads, 400)
    with pytest.raises(TooMany):
        begun(uploads, 1)
    with uploads.claim("u1", second.id) as claim:
        claim.store(replace(second, state="accepted"))

    assert [each.length for each in uploads.unfinished("u1")] == [600]
    begun(uploads, 200)
    begun(uploads, 200)
    with pytest.raises(TooMany):
        begun(uploads, 0)
    begun(uploads, 900, unit="u2")


def test_upload_that_nobody_goes_on_with_expires_and_is_swept(tmp_path: Path):
    now = [0.0]
    uploads = PartialUploads(tmp_path, now_s=lambda: now[0])
    old, used, held = (begun(uploads, most_files=9) for _ in range(3))
    touched = uploads.expires_s("u1", old.id) - LIFE_S
    now[0] = touched + LIFE_S + 1
    for each in (used, held):
        touch(uploads, each, now[0])

    with pytest.raises(Expired):
        uploads.find("u1", old.id)
    assert [each.id for each in uploads.unfinished("u1") if each.id == old.id] == []
    assert uploads.sweep() == 1
    with pytest.raises(Unknown):
        uploads.find("u1", old.id)
    assert uploads.find("u1", used.id)[1] == 0

    now[0] += LIFE_S + 1
    touch(uploads, used, now[0])
    with uploads.claim("u1", used.id):
        now[0] += LIFE_S + 1
        assert uploads.sweep() == 1  # the other one: nobody sweeps what is held
    assert uploads.sweep() == 1


def test_upload_larger_than_the_disk_s_room_does_not_begin(uploads: PartialUploads, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(partial_uploads, "SPARE_BYTES", 1 << 60)

    with pytest.raises(OSError, match="no room"):
        begun(uploads)
    assert uploads.unfinished("u1") == []


def test_removed_upload_is_unknown(uploads: PartialUploads):
    upload = begun(uploads)
    with uploads.claim("u1", upload.id) as claim:
        uploads.remove(claim)

    with pytest.raises(Unknown):
        uploads.find("u1", upload.id)


def test_state_is_replaced_whole(uploads: PartialUploads, monkeypatch: pytest.MonkeyPatch):
    upload = begun(uploads)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with uploads.claim("u1", upload.id) as claim:
        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space"):
            claim.store(replace(upload, state="refused"))
        monkeypatch.undo()

    assert uploads.find("u1", upload.id) == (upload, 0)
