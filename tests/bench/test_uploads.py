"""Uploads by tus against a bare Starlette application that reads the same bodies and stores nothing.

Ours is a gateway process: it authorises each part, claims the upload, hashes and writes the bytes, syncs them to the
disk before it answers, and puts the file under its SHA-256 at the end. Parts have the size that our pages send.
"""

import base64
import os
from pathlib import Path

import httpx
import pytest

from tests.bench.paired import paired
from tests.bench.report import Report
from tests.e2e.upload_server import bearer, gateway_process

pytestmark = [pytest.mark.bench, pytest.mark.slow]
MIB = 1024 * 1024
FILE_BYTES, PART_BYTES = 64 * MIB, 8 * MIB
ROUNDS, AT_LEAST = 7, 0.6
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def test_uploads_against_a_bare_body_sink(tmp_path: Path, report: Report) -> None:
    parts = [os.urandom(PART_BYTES) for _ in range(FILE_BYTES // PART_BYTES)]
    with (
        gateway_process(tmp_path) as (ours, _),
        gateway_process(tmp_path, module="tests.bench.sink_app") as (reference, _),
        httpx.Client(base_url=ours, headers={"Authorization": bearer(tmp_path)}, timeout=60) as unit,
        httpx.Client(base_url=reference, timeout=60) as other,
    ):

        def upload() -> int:
            parts[0] = os.urandom(16) + parts[0][16:]  # a file that is new
            name = {"Upload-Metadata": f"filename {base64.b64encode(b'x.mp4').decode()}"}
            length = {"Upload-Length": str(FILE_BYTES)}
            begun = unit.post("/api/v1/uploads", headers={"Tus-Resumable": "1.0.0", **name, **length})
            for n, part in enumerate(parts):
                headers = {**TUS, "Upload-Offset": str(n * PART_BYTES)}
                answer = unit.patch(begun.headers["location"], headers=headers, content=part)
                assert answer.status_code == 204, answer.text
            return FILE_BYTES // MIB

        def pour() -> int:
            for part in parts:
                assert other.patch("/sink", headers=TUS, content=part).status_code == 204
            return FILE_BYTES // MIB

        pair = paired(upload, pour, rounds=ROUNDS)
    report.compare(
        "upload of 64 MiB in parts of 8 MiB", pair, reference="bare Starlette, body read and dropped", unit="MiB/s",
        at_least=AT_LEAST,
    )  # fmt: skip
