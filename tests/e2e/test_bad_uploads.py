"""Every bad upload of the corpus is answered as the table of `docs/reference/uploads.md` says, by the real services."""

import base64
import hashlib
import io
import re
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from PIL import Image

from gateway.http.problem_texts import FIELDS, WORDS
from shared.media import partial_uploads
from shared.media.copies import PublicCopies
from shared.media.partial_uploads import PartialUploads
from shared.media.storage import Folder
from tests.e2e.hosted_gateway import CODES, MORNING, HostedGateway, hosted_gateway
from tests.files import ROOT

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "reference" / "uploads.md"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}
ACCEPTED = 201


class Sender:
    """A unit that uploads to the gateway."""

    def __init__(self, gateway: HostedGateway, films: Path) -> None:
        self.gateway, self.films = gateway, films
        signed_in = httpx.post(f"{gateway.url}/api/v1/sessions", json={"unit": "U1", "access_code": CODES["U1"]})
        headers = {"Authorization": f"Bearer {signed_in.json()['token']}"}
        self.client = httpx.Client(base_url=gateway.url, headers=headers, timeout=60)

    def whole(self, data: bytes, name: str = "x.jpg", **more: str) -> httpx.Response:
        """Upload a file with its creation."""
        headers = {**BYTES, "Upload-Length": str(len(data)), "Upload-Metadata": metadata(name), **more}
        return self.client.post("/api/v1/uploads", headers=headers, content=data)

    def begin(self, length: int) -> str:
        headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata("x.jpg")}
        answer = self.client.post("/api/v1/uploads", headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"])

    def append(self, place: str, offset: int, data: bytes, **more: str) -> httpx.Response:
        return self.client.patch(place, headers={**BYTES, "Upload-Offset": str(offset), **more}, content=data)


def metadata(name: str) -> str:
    return f"filename {base64.b64encode(name.encode()).decode()}"


def photo() -> bytes:
    page = io.BytesIO()
    Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(page, "JPEG")
    return page.getvalue()


def archive() -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as file:
        file.writestr("film.txt", "no film")
    return page.getvalue()


def huge_picture() -> bytes:
    """Return a PNG that says it has 900 million pixels, and holds one row of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(30_001))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def film(sender: Sender, seconds: str) -> bytes:
    path = sender.films / f"{seconds}.mp4"
    if not path.exists():
        source = ["-f", "lavfi", "-i", f"color=size=32x32:rate=25:duration={seconds}"]
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *source, *coded, str(path)], check=True)
    return path.read_bytes()


def polyglot(sender: Sender) -> httpx.Response:
    """A photo with an archive behind it is a photo; what the public gets of it holds no archive."""
    answer = sender.whole(photo() + archive())
    copies = PublicCopies(Folder(sender.gateway.town.data / "media" / "town"))
    copy = copies.find(answer.json()["file"]["sha256"])
    assert copy is not None
    assert b"PK" not in copy.path.read_bytes()
    return answer


def wrong_offset(sender: Sender) -> httpx.Response:
    place = sender.begin(100)
    sender.append(place, 0, b"x" * 40)
    return sender.append(place, 50, b"x" * 50)


def wrong_checksum(sender: Sender) -> httpx.Response:
    digest = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    return sender.append(sender.begin(100), 0, b"x" * 40, **{"Upload-Checksum": f"sha256 {digest}"})


def finished_late(sender: Sender) -> httpx.Response:
    place = sender.begin(100)
    sender.append(place, 0, b"x" * 40)
    sender.gateway.set_clock(MORNING + timedelta(days=9))
    return sender.append(place, 40, b"x" * 60)


def held_by_another(sender: Sender) -> httpx.Response:
    place = sender.begin(100)
    partials = PartialUploads(sender.gateway.town.data / "media" / "town")
    with partials.claim("U1", place.rpartition("/")[2]):
        return sender.append(place, 0, b"x" * 100)


def full_disk(sender: Sender) -> httpx.Response:
    """Leave no room on the disk by the spare that it must keep; `test_upload_clients.py` fills a real one."""
    spare, partial_uploads.SPARE_BYTES = partial_uploads.SPARE_BYTES, 1 << 60
    try:
        return sender.whole(photo())
    finally:
        partial_uploads.SPARE_BYTES = spare


class Bad(NamedTuple):
    """One upload of the corpus, as a row of the table: what is sent, and the status and code that answer it."""

    name: str
    send: Callable[[Sender], httpx.Response]
    status: int
    code: str = ""  # of the problem, or of what the file is told to lack


CORPUS = (
    Bad("a JPEG that was cut short", lambda s: s.whole(photo()[:-900]), 422, "media-unreadable"),
    Bad("a small PNG of 900 million pixels", lambda s: s.whole(huge_picture(), "x.png"), 422, "media-too-large"),
    Bad("an SVG", lambda s: s.whole(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "x.svg"), 422, "media-unsupported"),
    Bad("a photo with an archive behind it", polyglot, ACCEPTED),
    Bad("an archive named x.mp4", lambda s: s.whole(archive(), "x.mp4"), 422, "media-unreadable"),
    Bad("a film of 8:00.04", lambda s: s.whole(film(s, "480.04"), "x.mp4"), ACCEPTED),
    Bad("a film of 8:01", lambda s: s.whole(film(s, "481"), "x.mp4"), ACCEPTED, "video-too-long"),
    Bad("an empty file", lambda s: s.whole(b""), 422, "file-empty"),
    Bad("a name with folders", lambda s: s.whole(photo(), "../../etc/x.jpg"), ACCEPTED),
    Bad("a name that turns the direction of writing", lambda s: s.whole(photo(), "x\u202egpj.exe"), ACCEPTED),
    Bad("a name of invisible signs", lambda s: s.whole(photo(), "\u202e\u200b"), 400, "file-name-missing"),
    Bad("metadata that are no base64", lambda s: s.whole(photo(), **{"Upload-Metadata": "filename *"}), 400,
        "upload-metadata-invalid"),
    Bad("a length that is no number", lambda s: s.whole(photo(), **{"Upload-Length": "many"}), 400,
        "upload-header-invalid"),
    Bad("another version of tus", lambda s: s.whole(photo(), **{"Tus-Resumable": "0.2.2"}), 412, "tus-version"),
    Bad("more bytes than the rules allow for any file",
        lambda s: s.client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "9999999999",
                                                            "Upload-Metadata": metadata("x.mp4")}),
        413, "body-too-large"),
    Bad("more bytes than announced", lambda s: s.append(s.begin(10), 0, b"x" * 11), 413, "body-too-large"),
    Bad("an offset that lies", wrong_offset, 409, "upload-offset-differs"),
    Bad("a checksum that lies", wrong_checksum, 460, "checksum-mismatch"),
    Bad("two parts of one file at once", held_by_another, 423, "upload-locked"),
    Bad("an upload that nobody began", lambda s: s.append("/api/v1/uploads/" + "0" * 32, 0, b"x"), 404,
        "upload-unknown"),
    Bad("a full disk", full_disk, 507, "storage-full"),
    Bad("an upload that is finished after the deadline", finished_late, 403, "upload-closed"),
)  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def sender(tmp_path: Path, films: Path) -> Iterator[Sender]:
    with hosted_gateway(tmp_path) as gateway:
        found = Sender(gateway, films)
        yield found
        found.client.close()


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: bad.name)
def test_bad_upload_is_answered_as_the_table_says(sender: Sender, bad: Bad) -> None:
    answer = bad.send(sender)

    content: dict[str, Any] = answer.json()
    if bad.status != ACCEPTED:
        assert (answer.status_code, content["code"]) == (bad.status, bad.code)
        assert (content["title_zh"], content["title_en"]) == (WORDS[bad.code].zh, WORDS[bad.code].en)
        return
    codes = [each["code"] for each in content["file"]["problems"]]
    assert (answer.status_code, codes) == (ACCEPTED, [bad.code] if bad.code else [])


def test_names_are_shown_without_folders_and_signs_of_direction(sender: Sender) -> None:
    names = [sender.whole(photo(), each).json()["file"]["name"] for each in ("../../etc/x.jpg", "x\u202egpj.exe")]

    assert names == ["x.jpg", "xgpj.exe"]


def test_page_has_the_corpus_with_its_words() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| (\d{3}) \| (`[a-z0-9-]+`|) \| ([^|]*) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )

    expected = [
        (each.name, str(each.status), f"`{each.code}`" if each.code else "", words(each.code)) for each in CORPUS
    ]
    assert [tuple(cell.strip() for cell in row) for row in rows] == expected


def words(code: str) -> str:
    """Return the Chinese and English words of a code, as the table has them."""
    if not code:
        return ""
    zh, en = FIELDS[code] if code in FIELDS else (WORDS[code].zh, WORDS[code].en)
    return f"{zh} / {en}"
