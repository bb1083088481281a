"""The media worker on the real database: pictures get their widths, and a worker that is killed loses no job."""

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.submission.events import File
from services.submission.uploads import Uploads
from shared.media.copies import PICTURES, PublicCopies
from shared.media.jobs import Jobs, Standing
from tests.integration.processes import process
from tests.integration.temporary_campaign import Place
from tests.integration.threads import wait

pytestmark = pytest.mark.slow

NAMES = tuple(f"{width}.{ending}" for width in (480, 960, 1920) for ending in ("webp", "jpg"))


def root_of(place: Place) -> Path:
    return place.settings.data / "media" / place.campaign


def upload(place: Place, data: bytes) -> str:
    """Store a picture as the gateway does, and its facts as submission does, but ask for no job."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = root_of(place) / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    database: Any = place.database
    Uploads(database).save("U1", File(sha256, "picture", "jpeg", "x.jpg", len(data), 1, 1, 0), at=1)
    return sha256


def photo(shade: int, size: tuple[int, int] = (1_000, 750)) -> bytes:
    page = io.BytesIO()
    Image.effect_noise(size, 20 + shade).convert("RGB").save(page, "JPEG", quality=70)
    return page.getvalue()


def standings(jobs: Jobs, hashes: list[str]) -> list[Standing]:
    return [each for found in jobs.standings(hashes).values() for each in found]


def test_pictures_of_before_get_their_widths_and_what_is_broken_is_told(place: Place):
    pictures = [upload(place, photo(k)) for k in range(3)]
    broken, jobs = upload(place, photo(9)[:2_000]), Jobs(place.database)

    with process(place, "media-worker") as worker:
        worker.wait_ready()
        wait(lambda: sum(jobs.counts()[each] for each in ("done", "failed")) == 4, what="all jobs have ended")

    copies = PublicCopies(root_of(place))
    assert {(each.subject in pictures, each.state, each.code) for each in standings(jobs, [*pictures, broken])} == {
        (True, "done", ""),
        (False, "failed", "media-unreadable"),
    }
    for sha256 in pictures:
        assert [name for name in NAMES if copies.rendition(sha256, name) is None] == []
    assert [name for name in NAMES if copies.rendition(broken, name) is not None] == []


def test_job_of_a_worker_that_is_killed_in_the_middle_is_done_by_another(place: Place):
    jobs = Jobs(place.database)
    hashes = [upload(place, photo(k, (4_000, 3_000))) for k in range(4)]

    with process(place, "media-worker", name="first") as first:
        wait(lambda: jobs.counts()["running"] > 0, what="a job is running")
        first.kill()
    left = [each for each in standings(jobs, hashes) if each.state == "running"]
    with process(place, "media-worker", name="second"):
        wait(lambda: jobs.counts()["done"] == len(hashes), what="all are done", within_s=240)

    assert left != []
    assert {(each.recipe, each.state, each.code) for each in standings(jobs, hashes)} == {(PICTURES, "done", "")}
    copies = PublicCopies(root_of(place))
    assert [name for each in hashes for name in NAMES if copies.rendition(each, name) is None] == []
