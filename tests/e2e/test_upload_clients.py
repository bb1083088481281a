"""Clients that others wrote upload, resume and give up as the protocol says; a killed process loses nothing."""

import base64
import hashlib
import io
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from resumable_upload import TusClient

from shared.media.partial_uploads import PartialUploads
from tests.e2e.upload_server import START_S, bearer, gateway_process, upload_app
from tests.e2e.web_server import running_server
from tests.files import ROOT
from tests.unit.gateway.town import CLOCK, ROOM, Town

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
FILM = b"".join(hashlib.sha256(str(k).encode()).digest() for k in range(5 * MIB // 32))
SHA = hashlib.sha256(FILM).hexdigest()
TUS_JS = ROOT / "gateway" / "static" / "vendor" / "tus.min.js"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}
NAME = base64.b64encode("车间.mp4".encode()).decode()

#: A page that uploads by tus-js-client, and notes what happens in `window.notes`.
SCRIPT = """
({endpoint, headers, film, chunk, stopAfter}) => {
  const bytes = Uint8Array.from(atob(film), each => each.charCodeAt(0));
  window.notes = [];
  const note = (what, value) => window.notes.push([what, value]);
  const upload = window.tus ? new window.tus.Upload(new Blob([bytes]), {
    endpoint, headers, chunkSize: chunk, retryDelays: [0, 20, 40, 60, 80],
    metadata: {filename: '车间.mp4', filetype: 'video/mp4'},
    fingerprint: async () => 'one-film', removeFingerprintOnSuccess: true,
    onChunkComplete: (size, accepted) => {
      note('chunk', accepted);
      if (stopAfter && accepted >= stopAfter) upload.abort().then(() => note('aborted', accepted));
    },
    onBeforeRequest: request => note('request', request.getMethod()),
    onAfterResponse: (request, response) => note('status', response.getStatus()),
    onSuccess: () => note('success', upload.url),
    onError: error => note('error', error.originalResponse ? JSON.parse(error.originalResponse.getBody()).code : ''),
  }) : null;
  return upload.findPreviousUploads().then(found => {
    if (found.length) upload.resumeFromPreviousUpload(found[0]);
    upload.start();
  });
}
"""


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def gateway(tmp_path: Path, town: Town) -> Iterator[str]:
    with running_server(upload_app(tmp_path, town)) as url:
        yield url


@pytest.fixture
def page(browser: Browser, gateway: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{gateway}/healthz")
    page.add_script_tag(path=TUS_JS)
    yield page
    context.close()


def start(page: Page, gateway: str, tmp_path: Path, *, stop_after: int = 0) -> None:
    """Begin or resume the upload of the film in the page, in parts of a mebibyte."""
    page.evaluate(
        SCRIPT,
        {
            "endpoint": f"{gateway}/api/v1/uploads",
            "headers": {"Authorization": bearer(tmp_path)},
            "film": base64.b64encode(FILM).decode(),
            "chunk": MIB,
            "stopAfter": stop_after,
        },
    )


def noted(page: Page, what: str) -> list[Any]:
    """Wait until something is noted, and return all notes of its kind."""
    page.wait_for_function("what => window.notes.some(each => each[0] === what)", arg=what)
    return [value for name, value in page.evaluate("window.notes") if name == what]


def stored(tmp_path: Path) -> bytes:
    return (tmp_path / "media" / "demo" / SHA[:2] / SHA).read_bytes()


def test_tus_js_client_uploads_in_parts(page: Page, gateway: str, tmp_path: Path) -> None:
    start(page, gateway, tmp_path)

    (place,) = noted(page, "success")

    assert noted(page, "status") == [201, *[204] * 5]
    assert stored(tmp_path) == FILM
    result = httpx.get(f"{place}/file", timeout=60, headers={"Authorization": bearer(tmp_path)})
    assert (result.status_code, result.json()["sha256"], result.json()["name"]) == (200, SHA, "车间.mp4")


def test_tus_js_client_goes_on_where_it_stopped(page: Page, gateway: str, tmp_path: Path) -> None:
    start(page, gateway, tmp_path, stop_after=2 * MIB)
    noted(page, "aborted")

    start(page, gateway, tmp_path)

    noted(page, "success")
    requests = noted(page, "request")
    assert (requests[0], requests.count("POST"), 3 <= requests.count("PATCH") <= 4) == ("HEAD", 0, True)
    assert stored(tmp_path) == FILM


def test_tus_js_client_waits_for_an_upload_that_another_connection_holds(
    page: Page, gateway: str, tmp_path: Path
) -> None:
    start(page, gateway, tmp_path, stop_after=2 * MIB)
    noted(page, "aborted")
    partials = PartialUploads(tmp_path / "media" / "demo")
    (upload,) = partials.unfinished("u1")
    with partials.claim("u1", upload.id):
        start(page, gateway, tmp_path)
        page.wait_for_function("window.notes.some(each => each[0] === 'status' && each[1] === 423)")

    noted(page, "success")
    assert "POST" not in noted(page, "request")
    assert stored(tmp_path) == FILM


def test_tus_js_client_ends_with_the_words_when_the_deadline_has_passed(
    page: Page, gateway: str, tmp_path: Path, town: Town
) -> None:
    start(page, gateway, tmp_path, stop_after=2 * MIB)
    noted(page, "aborted")
    late = {"code": "window-closed", "detail": {"start": CLOCK - 2, "end": CLOCK - 1}}
    town.answers["submission", "upload_room"] = {"refused": late}

    start(page, gateway, tmp_path)

    assert (noted(page, "error"), noted(page, "request")) == (["upload-closed"], ["HEAD", "PATCH"])
    town.answers["submission", "upload_room"] = {"ok": ROOM}
    start(page, gateway, tmp_path)
    noted(page, "success")
    assert stored(tmp_path) == FILM


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_client_of_resumable_upload_uploads_resumes_and_ends(gateway: str, tmp_path: Path, algorithm: str) -> None:
    client = TusClient(
        f"{gateway}/api/v1/uploads", chunk_size=MIB, checksum=algorithm, headers={"Authorization": bearer(tmp_path)}
    )
    place = client.upload_file(file_stream=io.BytesIO(FILM), metadata={"filename": "车间.mp4"}, stop_at=2 * MIB)
    before = client.get_upload_info(place)

    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    client.resume_upload(str(path), place)

    assert before["offset"] == 2 * MIB
    assert stored(tmp_path) == FILM
    ended = client.upload_file(file_stream=io.BytesIO(FILM), metadata={"filename": "b.mp4"}, stop_at=MIB)
    client.delete_upload(ended)
    assert httpx.head(ended, timeout=60, headers={**TUS, "Authorization": bearer(tmp_path)}).status_code == 404
    assert set(client.get_server_info()["extensions"]) >= {"creation", "expiration", "termination", "checksum"}


# processes that end


def begin(url: str, data: Path) -> str:
    headers = {
        **TUS,
        "Authorization": bearer(data),
        "Upload-Length": str(len(FILM)),
        "Upload-Metadata": f"filename {NAME}",
    }
    answer = httpx.post(f"{url}/api/v1/uploads", timeout=60, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def append(url: str, data: Path, place: str, offset: int, part: bytes) -> httpx.Response:
    headers = {**BYTES, "Authorization": bearer(data), "Upload-Offset": str(offset)}
    return httpx.patch(url + place, headers=headers, content=part, timeout=30)


def offset_of(url: str, data: Path, place: str) -> int:
    return int(
        httpx.head(url + place, timeout=60, headers={**TUS, "Authorization": bearer(data)}).headers["upload-offset"]
    )


def test_process_that_is_killed_in_a_part_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    with gateway_process(tmp_path) as (url, process):
        place = begin(url, tmp_path)
        confirmed = append(url, tmp_path, place, 0, FILM[: 2 * MIB])
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as line:
            head = (
                f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer(tmp_path)}\r\nTus-Resumable: 1.0.0\r\n"
                f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: {2 * MIB}\r\n"
                f"Content-Length: {3 * MIB}\r\n\r\n"
            )
            line.sendall(head.encode() + FILM[2 * MIB : 4 * MIB])
            until = time.monotonic() + START_S
            while offset_of(url, tmp_path, place) < 3 * MIB and time.monotonic() < until:
                pass
            process.send_signal(signal.SIGKILL)
            process.wait()

    with gateway_process(tmp_path) as (url, _):
        offset = offset_of(url, tmp_path, place)
        answer = append(url, tmp_path, place, offset, FILM[offset:])

    assert (confirmed.status_code, 3 * MIB <= offset <= 4 * MIB, answer.status_code) == (204, True, 204)
    assert stored(tmp_path) == FILM


def test_two_processes_serve_one_upload_and_never_both_at_once(tmp_path: Path) -> None:
    with gateway_process(tmp_path) as (one, _), gateway_process(tmp_path) as (two, _):
        place = begin(one, tmp_path)
        append(two, tmp_path, place, 0, FILM[:MIB])
        partials = PartialUploads(tmp_path / "media" / "demo")
        with partials.claim("u1", place.rpartition("/")[2]):
            refused = [append(url, tmp_path, place, MIB, FILM[MIB:]) for url in (one, two)]
        answer = append(one, tmp_path, place, MIB, FILM[MIB:])
        result = httpx.get(f"{two}{place}/file", timeout=60, headers={"Authorization": bearer(tmp_path)})

    assert [each.status_code for each in refused] == [423, 423]
    assert (answer.status_code, result.json()["sha256"]) == (204, SHA)


# a disk that is really full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 72 MiB, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=72m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no disk may be mounted here: {done.stderr.decode(errors='replace')}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_full_disk_is_told_and_the_upload_goes_on_when_there_is_room_again(small_disk: Path) -> None:
    with running_server(upload_app(small_disk)) as url:
        place = begin(url, small_disk)
        filler = small_disk / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 70 * MIB - 64 * 1024)
        full = append(url, small_disk, place, 0, FILM)
        begun = httpx.post(
            f"{url}/api/v1/uploads",
            headers={
                **TUS,
                "Authorization": bearer(small_disk),
                "Upload-Length": "9",
                "Upload-Metadata": f"filename {NAME}",
            },
        )
        offset = offset_of(url, small_disk, place)
        filler.unlink()
        answer = append(url, small_disk, place, offset, FILM[offset:])

    assert [(each.status_code, each.json()["code"]) for each in (full, begun)] == [(507, "storage-full")] * 2
    assert (0 < offset < 3 * MIB, answer.status_code) == (True, 204)
    assert stored(small_disk) == FILM
