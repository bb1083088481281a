"""The media worker makes the rendition of a film, and tells how it went, to units and to pages."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.submission import film_recipe
from services.submission.events import File
from services.submission.media_worker import LANES, MediaWorker
from services.submission.uploads import Uploads
from shared.media.copies import PublicCopies
from tests.memory_documents import MemoryDatabase

pytestmark = pytest.mark.slow  # runs ffmpeg

FILM = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2", "-c:v", "wmv2"]


def stored(root: Path, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    path = root / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return sha256


def work(root: Path, data: bytes) -> tuple[MediaWorker, PublicCopies, str]:
    """Let a worker do the job of one film. Return it, the copies, and the film's SHA-256."""
    database: Any = MemoryDatabase()
    copies, sha256 = PublicCopies(root), stored(root, data)
    Uploads(database).save("U1", File(sha256, "video", "wmv", "a.wmv", len(data), 320, 180, 2_000), at=1)
    worker = MediaWorker("w1", database, copies, [film_recipe.recipe(2)])
    worker.plan()
    assert worker.do_next(LANES[1])
    return worker, copies, sha256


def test_film_gets_its_rendition_poster_and_strip(tmp_path: Path):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *FILM, tmp_path / "a.wmv"], check=True)

    worker, copies, sha256 = work(tmp_path / "store", (tmp_path / "a.wmv").read_bytes())

    (standing,) = worker.jobs.standings([sha256])[sha256]
    assert (standing.state, standing.progress, standing.facts["name"]) == ("done", 100, "film.mp4")
    stored_names = [
        name for name in ("film.mp4", "poster-480.webp", "poster-1920.jpg", "strip.jpg", "film.json", "other")
        if copies.rendition(sha256, name)
    ]  # fmt: skip
    assert stored_names == ["film.mp4", "poster-480.webp", "poster-1920.jpg", "strip.jpg", "film.json"]
    facts = copies.rendition(sha256, "film.json")
    assert facts is not None
    told = json.loads(facts.read_text())
    assert (told["state"], told["name"], told["width"], told["height"]) == ("done", "film.mp4", 320, 180)
    assert list((tmp_path / "store" / "coming").iterdir()) == []


def test_film_that_cannot_be_converted_is_told_with_its_code(tmp_path: Path):
    worker, copies, sha256 = work(tmp_path, b"no film")

    (standing,) = worker.jobs.standings([sha256])[sha256]
    assert (standing.state, standing.code) == ("failed", "media-unreadable")
    facts = copies.rendition(sha256, "film.json")
    assert facts is not None
    assert json.loads(facts.read_text()) == {"state": "failed", "code": "media-unreadable"}


def test_film_that_was_deleted_takes_its_rendition_with_it(tmp_path: Path):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *FILM, tmp_path / "a.wmv"], check=True)
    _, copies, sha256 = work(tmp_path / "store", (tmp_path / "a.wmv").read_bytes())

    copies.remove(sha256)

    assert [each for each in (tmp_path / "store").rglob(f"{sha256}*") if each.is_file()] == []
