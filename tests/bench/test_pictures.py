"""Pictures: our pipeline against bare Pillow that writes the same three WebPs, and the bytes of a page with 24 photos.

Ours runs as in the media worker, in a limited child process: it checks the file, turns it upright, converts its
colours, writes three WebPs and three JPEGs besides, and computes how the picture looks and what it says of machines.
Bare Pillow decodes at a fraction of the size as ours does, turns it upright, and writes the three WebPs.
"""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from services.submission.picture_recipe import LIMITS
from shared.media import limited_process
from shared.media.copies import Created, PublicCopies
from shared.media.limited_process import Finished
from shared.media.picture_sizes import WIDTHS
from tests.bench.paired import paired
from tests.bench.photos import photo
from tests.bench.report import Report

pytestmark = [pytest.mark.bench, pytest.mark.slow]
AT_LEAST, SHARE, CARDS, ROUNDS = 0.8, 1 / 20, 24, 7


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    path.write_bytes(photo())
    return path


def write_bare(path: Path, target: Path) -> None:
    """Write the three WebPs as a short script would that knows Pillow well."""
    with Image.open(path) as image:
        image.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
        picture = ImageOps.exif_transpose(image).convert("RGB")
    for width in reversed(WIDTHS):
        picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        picture.save(f"{target}.{width}.webp", "WEBP", quality=80)


def test_pipeline_against_bare_pillow(path: Path, tmp_path: Path, report: Report) -> None:
    def ours() -> int:
        job = {"picture": str(path), "target": str(tmp_path / "ours"), "outlet": ["widths", *WIDTHS]}
        ended = limited_process.run(job, LIMITS)
        assert isinstance(ended, Finished)
        assert ended.exit_code == 0
        return 60

    def bare() -> int:
        write_bare(path, tmp_path / "bare")
        return 60

    pair = paired(ours, bare, rounds=ROUNDS)

    sizes = {
        name: [Image.open(io.BytesIO((tmp_path / f"{name}.{width}.webp").read_bytes())).size for width in WIDTHS]
        for name in ("ours", "bare")
    }
    assert sizes["ours"] == sizes["bare"]
    report.compare("photos in three widths", pair, reference="bare Pillow", unit="1/min", at_least=AT_LEAST)


def test_bytes_of_a_list_of_24_photos(path: Path, tmp_path: Path, report: Report) -> None:
    """A card of a list shows a photo 104 to 320 pixels wide, so a phone and a desktop take the first width."""
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    (tmp_path / sha256[:2]).mkdir()
    (tmp_path / sha256[:2] / sha256).write_bytes(data)
    created = PublicCopies(tmp_path).create(sha256)
    assert isinstance(created, Created)
    job = {"picture": str(path), "target": str(tmp_path / "p"), "outlet": ["widths", *WIDTHS]}
    assert isinstance(limited_process.run(job, LIMITS), Finished)

    before = CARDS * created.copy.path.stat().st_size
    webp, jpeg = (CARDS * (tmp_path / f"p.{WIDTHS[0]}.{ending}").stat().st_size for ending in ("webp", "jpg"))

    report.state("24 photos as handed in", CARDS * len(data) / 1e6, unit="MB")
    report.state("24 cards with the large copies", before / 1e6, unit="MB")
    report.state("24 cards in JPEG", jpeg / 1e6, unit="MB")
    report.within("24 cards in WebP", webp / 1e6, limit=round(before * SHARE / 1e6, 2), unit="MB")
