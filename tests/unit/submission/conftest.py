"""Fixtures for tests of submission: an open rehearsal and an upload."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.files import CAMPAIGN_FILE
from tests.unit.submission.hosted import Town

ROLL = (
    "代码,名称,级别,类型,城市,用人单位,访问码\n"
    "U1,石家庄第一机床厂工会,grassroots,国有,石家庄,石家庄第一机床厂,k3mwp82q\n"
    "U2,唐山港工会,grassroots,非公,唐山,唐山港,v7tnx45r\n"
    "U3,正定县总工会,county,机关事业,石家庄,,b9hcd63s\n"
)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return an open rehearsal with staff and a roll, at the first instant of the submission window."""
    town = Town(tmp_path)
    town.open(CAMPAIGN_FILE.read_text())
    town.import_roll(ROLL)
    return town


@pytest.fixture
def upload(town: Town) -> Callable[..., str]:
    """Store a picture as the gateway does, have it inspected, and return its SHA-256."""

    def put(unit: str, colour: int, *, data: bytes | None = None) -> str:
        if data is None:
            picture = io.BytesIO()
            Image.new("RGB", (32, 24), (colour, 0, 0)).save(picture, "PNG")
            data = picture.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        path = town.data / "media" / "town" / sha256[:2] / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        town.ok("inspect_upload", unit, "unit", path=f"{sha256[:2]}/{sha256}", name=f"{colour}.png")
        return sha256

    return put
