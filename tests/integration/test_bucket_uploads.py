"""Uploads in a bucket of a real S3 server: a gateway receives them, and submission, under eventlet, reads them."""

import base64
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from shared.media.bucket import BucketStorage
from shared.media.copies import PublicCopies, original_name
from shared.media.storage import Bucket
from tests.e2e.upload_server import bearer, upload_app
from tests.e2e.web_server import running_server
from tests.files import CAMPAIGN_FILE
from tests.integration.processes import envelope, running_services
from tests.integration.temporary_campaign import Place
from tests.integration.test_uploads import knows_the_rules, ok
from tests.integration.threads import wait
from tests.s3_server import s3_server

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    with s3_server(tmp_path / "s3") as found:
        yield found


def file_of(bucket: Bucket, folder: Path) -> Path:
    """Write the file that BAIJIA_STORAGE_FILE names."""
    path = folder / "storage.toml"
    values = {"url": bucket.url, "key": bucket.key, "secret": bucket.secret, "endpoint": bucket.endpoint}
    path.write_text(
        "".join(f'{name} = "{value}"\n' for name, value in values.items()) + f'region = "{bucket.region}"\n'
    )
    return path


def photo() -> bytes:
    page = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(page, "JPEG")
    return page.getvalue()


def test_upload_lies_in_the_bucket_alone_and_is_served_from_there(bucket: Bucket, tmp_path: Path) -> None:
    data, sha256 = photo(), hashlib.sha256(photo()).hexdigest()
    app = upload_app(tmp_path / "data", BAIJIA_STORAGE_FILE=str(file_of(bucket, tmp_path)))
    with running_server(app) as url:
        headers = {"Authorization": bearer(tmp_path / "data"), "Tus-Resumable": "1.0.0"}
        name = base64.b64encode("照片.jpg".encode()).decode()
        begun = httpx.post(
            f"{url}/api/v1/uploads",
            headers={**headers, "Upload-Length": str(len(data)), "Upload-Metadata": f"filename {name}"},
        )
        place = url + begun.headers["location"]
        more = {**headers, "Content-Type": "application/offset+octet-stream"}
        for offset in (0, 1_000):
            part = data[offset : offset + 1_000] if not offset else data[offset:]
            answer = httpx.patch(place, headers={**more, "Upload-Offset": str(offset)}, content=part)
            assert answer.status_code == 204, answer.text

    storage = BucketStorage(bucket, "demo", tmp_path / "elsewhere")
    found = storage.stat(original_name(sha256))
    assert found is not None
    assert found.bytes == len(data)
    left = [path for path in (tmp_path / "data" / "media").rglob("*") if path.is_file() and path.name == sha256]
    assert left == []
    copy = PublicCopies(storage).create(sha256)
    assert copy.copy.media_type == "image/jpeg"
    served = PublicCopies(BucketStorage(bucket, "demo", tmp_path / "third")).find(sha256)
    assert served is not None
    assert Image.open(io.BytesIO(served.path.read_bytes())).size == (640, 480)


def test_submission_under_eventlet_inspects_and_sweeps_files_of_a_bucket(
    place: Place, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAIJIA_STORAGE_FILE", str(file_of(bucket, tmp_path)))
    storage = BucketStorage(bucket, place.campaign, tmp_path / "elsewhere")
    data, sha256 = photo(), hashlib.sha256(photo()).hexdigest()
    broken, broken_sha256 = b"no picture", hashlib.sha256(b"no picture").hexdigest()
    for each, name in ((data, sha256), (broken, broken_sha256)):
        with storage.draft() as draft:
            draft.write_bytes(each)
            storage.put(draft, original_name(name))
    with running_services(place, "moderation", "submission") as (caller, _):
        ok(caller.call("moderation", "open_campaign", {"file": CAMPAIGN_FILE.read_text(), "rehearsal": True}))
        wait(lambda: knows_the_rules(caller), what="submission knows the rules")

        def inspect(name: str) -> dict[str, object]:
            method = caller.method("submission", "inspect_upload")
            body = {"path": original_name(name), "name": "x.jpg"}
            call = envelope(name, body, roles=("unit",), left_ms=20_000)
            return dict(method(caller.signed(call, "submission", "inspect_upload")))

        seen, refused = inspect(sha256), inspect(broken_sha256)
        swept = caller.call("submission", "sweep_uploads")

    assert ok(seen)["width"] == 640
    assert ok(swept) == {"uploads": 0, "files": 0, "partial": 0}
    assert refused["refused"]["code"] == "media-unreadable"  # type: ignore[index]
    assert storage.stat(original_name(broken_sha256)) is None
    copy = PublicCopies(storage).find(sha256)
    assert copy is not None
    assert Image.open(io.BytesIO(copy.path.read_bytes())).size == (640, 480)
