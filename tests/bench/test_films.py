"""Memory of the media worker on a film of 500 MB, and on one whose pictures are as large as phones make them."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench.report import Report
from tests.files import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.slow]
MB = 1_000_000
FILM_BYTES = 500 * MB
MOST_MB = 300
NOISE = "noise=alls=40:allf=t"


def convert(film: Path, folder: Path) -> dict[str, int]:
    """Let a process do the worker's job of a film; return what memory it and its child had at most, in bytes."""
    command = [sys.executable, "-m", "tests.bench.film_worker", str(film), str(folder)]
    told: dict[str, int] = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    return told


def encode(target: Path, *how: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *how, str(target)], check=True)


def test_memory_of_the_media_worker_on_a_film_of_500_mb_is_bounded(tmp_path: Path, report: Report) -> None:
    part, film = tmp_path / "part.mp4", tmp_path / "film.mp4"
    moving = ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30:duration=5", "-f", "lavfi", "-i", "sine=duration=5"]
    encode(part, *moving, "-vf", NOISE, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "33M")
    times = FILM_BYTES // part.stat().st_size
    encode(film, "-stream_loop", str(times), "-i", str(part), "-c", "copy")
    assert film.stat().st_size >= FILM_BYTES
    began_s = time.monotonic()

    seen = convert(film, tmp_path / "store")

    report.state("the media worker's own memory on a film of 500 MB", seen["worker"] / MB, unit="MB")
    both = (seen["worker"] + seen["child"]) / MB
    report.within("memory of the media worker and its child on a film of 500 MB", both, limit=MOST_MB, unit="MB")
    report.state("time to convert a film of 500 MB in 1080p", time.monotonic() - began_s, unit="s")


def test_memory_of_the_media_worker_on_a_film_in_4k_is_stated(tmp_path: Path, report: Report) -> None:
    film = tmp_path / "film.mov"
    hdr = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc", "-tag:v", "hvc1"]
    encode(
        film, "-f", "lavfi", "-i", "testsrc2=size=3840x2160:rate=30:duration=2", "-c:v", "libx265", "-preset",
        "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le", *hdr,
    )  # fmt: skip

    seen = convert(film, tmp_path / "store")

    report.state("memory of the child that converts 4K in HDR", seen["child"] / MB, unit="MB")
